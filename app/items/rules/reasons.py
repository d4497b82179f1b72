"""Why an item cannot be taken: a code with parameters, put into words when it is shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.core.text import _l

SENTENCES = {
    "stem": _l("The stem is missing."),
    "too_long": _l("The field “%(field)s” is longer than %(limit)s characters."),
    "control": _l("The field “%(field)s” holds a control character. Remove it."),
    "code": _l("“%(code)s” cannot be an item code: use letters, digits, dot, hyphen and underscore, at most 40."),
    "no_options": _l("A choice item needs at least two options; %(count)s found."),
    "many_options": _l("At most %(limit)s options can be kept; %(count)s found."),
    "empty_option": _l("Option %(key)s is empty."),
    "same_options": _l("Options %(first)s and %(second)s say the same."),
    "no_key": _l("No right answer is marked."),
    "many_keys": _l("A single-choice item has one right answer; %(count)s are marked."),
    "key_outside": _l("The answer names %(keys)s, which is not among the options."),
    "key_unread": _l("The answer “%(answer)s” cannot be read."),
    "unknown_type": _l("There is no item type “%(type)s”. Use single choice, multiple choice or true/false."),
    "gaps": _l("The stem has %(gaps)s gaps and the key %(blanks)s blanks."),
    "empty_blank": _l("A blank has no answer, or one that says nothing."),
    "number": _l("The number “%(number)s” cannot be read, or is no possible one here."),
    "no_full_number": _l("No number of the key earns the full points."),
    "units": _l("The units cannot be read: each has a name of its own and a factor above zero to the item's unit."),
    "no_pairs": _l("A matching item needs at least two prompts, each with its right option; %(count)s found."),
    "no_order": _l("The right order must name each option once."),
    "criterion": _l("A criterion of the rubric needs a name and points above zero: “%(name)s”."),
    "no_parts": _l("A case needs at least one sub-item."),
    "case_in_case": _l("A case cannot hold another case."),
    "in_part": _l("Sub-item %(part)s: %(reason)s"),
    "many_entries": _l("At most %(limit)s entries can be kept in “%(field)s”; %(count)s found."),
    "formula": _l("The formula “%(formula)s” is no TeX that can be shown. Write \\$ for a plain dollar sign."),
    "file_missing": _l("The text refers to the file %(file)s, which did not come with it."),
    "module": _l("The module is missing or unknown: “%(module)s”."),
    "level": _l("The cognitive level is missing or unknown: “%(level)s”."),
    "difficulty": _l("The difficulty is missing or cannot be read: “%(difficulty)s”."),
    "read_mark": _l("Whether the source was read is said by yes or no, not by “%(value)s”."),
    "no_answer_block": _l("There is no answer block in braces."),
    "open_block": _l("The answer block is not closed."),
    "two_blocks": _l("The item has more than one answer block."),
    "essay": _l("An essay item has no key and cannot be marked."),
    "short_answer": _l("Short-answer items cannot be kept: only choices and true/false are."),
    "matching": _l("Matching items cannot be kept: only choices and true/false are."),
    "numerical": _l("Numerical items cannot be kept: only choices and true/false are."),
    "either_right": _l("%(count)s options are right of which one is enough; such an item cannot be kept."),
    "weights": _l("The weights %(weights)s give unequal credit, which cannot be kept. Give equal shares."),
    "mixed_marks": _l("Right marks and weights are mixed in one item."),
    "before_options": _l("Text stands before the first option: “%(text)s”."),
    "formatted": _l("Text in the format “%(format)s” cannot be kept. Save it as plain text."),
    "bad_tag": _l("The note “%(tag)s” above the item cannot be read."),
    "not_text": _l("The file is neither UTF-8 nor GBK text."),
    "not_workbook": _l("The file is not an xlsx workbook."),
    "bomb": _l("The workbook unpacks to more than it should. Save it again without pictures."),
    "no_header": _l("No row of headings was found: a column for the stem and one for the answer are needed."),
    "two_columns": _l("Two columns are headed “%(name)s”."),
    "many_rows": _l("A file may hold at most %(limit)s items. Split it."),
    "no_items": _l("The file holds no items."),
    "repeated_code": _l("The code stands earlier in the file with other wording, in line %(place)s."),
    "other_wording": _l("The bank has other wording under this code, and that item is no draft any more."),
    "retired_code": _l("The code belongs to a retired item of the bank."),
    "same_item": _l("The bank has this item already."),
    "same_content": _l("The bank has the same wording under the code %(code)s."),
    "repeated_content": _l("The same wording stands earlier in the file, in line %(place)s."),
}

FIELD_LABELS = {
    "field:stem": _l("Stem"),
    "field:option": _l("Option"),
    "field:explanation": _l("Explanation"),
    "field:topic": _l("Topic"),
    "field:law": _l("Law or source"),
    "field:article": _l("Article"),
    "field:edition": _l("Edition"),
    "field:blanks": _l("Blanks"),
    "field:numbers": _l("Accepted numbers"),
    "field:unit": _l("Unit of measure"),
    "field:prompts": _l("What is to be matched"),
    "field:reference": _l("Reference answer"),
    "field:rubric": _l("Marking rubric"),
    "field:parts": _l("Sub-items"),
}
"""What fields are called where a reason names one."""


INNER = "inner"
"""The parameter of a reason that names another one: that of a sub-item."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason by its code in SENTENCES with the parameters of the sentence; `str` puts it into words."""

    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        sentence = str(SENTENCES[self.code])
        params = {name: str(FIELD_LABELS.get(said, said)) for name, said in self.params.items()}
        if INNER in params:
            params["reason"] = str(Reason(params.pop(INNER), self.params))
        return sentence % params if params else sentence

    def to_json(self) -> dict[str, Any]:
        """Return what a staged row stores."""
        return {"code": self.code, "params": dict(self.params)}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Reason":
        """Read a stored reason back."""
        return cls(str(stored["code"]), dict(stored["params"]))


def because(code: str, /, **params: object) -> Reason:
    """Build a reason; parameters are kept as text."""
    return Reason(code, {name: str(value) for name, value in params.items()})
