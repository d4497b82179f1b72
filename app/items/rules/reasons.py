"""Why an item cannot be taken: a code with parameters, put into words when it is shown."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.core.text import _, _l, pick
from app.items.rules.words import NATIONAL

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
    "unknown_type": _l("There is no item type “%(type)s” here."),
    "gaps": _l("The stem has %(gaps)s gaps and the key %(blanks)s blanks."),
    "exact_marks": _l("There are %(marks)s marks for exact answers and %(blanks)s blanks."),
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
    "nameless": _l("A picture stands without words that say what it shows. Write them between the square brackets."),
    "file_missing": _l("The text refers to the file %(file)s, which did not come with it."),
    "credit": _l("There is no rule of credit “%(credit)s”."),
    "wildcard": _l("The answer “%(text)s” stands for any text by its asterisk, which cannot be kept."),
    "cloze": _l("A gap of the kind “%(kind)s” cannot be kept; only gaps for short texts can."),
    "element": _l("The text holds “%(element)s”, which items cannot show."),
    "mathml": _l("A formula comes without its TeX and cannot be kept."),
    "mathml_element": _l("A formula comes without its TeX, and its “%(element)s” cannot be written in TeX here."),
    "large_file": _l("The file %(file)s is larger than %(limit)s MB."),
    "file_kind": _l("The file %(file)s is none that items keep: PNG, JPEG, GIF, WebP, PDF, text or CSV."),
    "not_xml": _l("The file is no XML that can be read, in line %(line)s: %(told)s"),
    "doctype": _l("The XML declares a document type, which could pull in other files. Remove it."),
    "not_quiz": _l("The file is no Moodle XML: its outermost element is not “quiz”."),
    "not_zip": _l("The file is no zip package that can be opened."),
    "zip_bomb": _l("The package unpacks to more than it should."),
    "zip_path": _l("The package holds a path that leads outside of it or stands twice: “%(path)s”."),
    "zip_locked": _l("The package is locked with a password."),
    "no_case": _l("Sub-items name this item as their case, but it is none."),
    "lost_part": _l("The sub-item names the case “%(code)s”, which does not stand above it."),
    "not_item": _l("The document holds “%(element)s”, not an item."),
    "no_interaction": _l("The item has no interaction, so it cannot be answered."),
    "interaction": _l("Interactions of the kind “%(name)s” cannot be kept."),
    "interactions": _l("The item has %(count)s interactions of which only one can be kept."),
    "two_pairs": _l("Two options are right for the same prompt; such an item cannot be kept."),
    "aiken_line": _l("Line %(line)s stands after the options and is neither the next option nor the answer."),
    "aiken_answer": _l("The item has no line with its answer."),
    "holds_files": _l("This kind of file holds no pictures and attachments."),
    "holds_case": _l("This kind of file holds no shared material with sub-items."),
    "holds_rubric": _l("This kind of file holds no rubric and no reference answer."),
    "holds_blanks": _l("This kind of file holds one blank only, whose capitals do not count."),
    "holds_gaps": _l("The stem shows no gaps in which the blanks could stand."),
    "holds_units": _l("This kind of file holds no units, or not those of this item."),
    "holds_factor": _l("The factor of a unit has no exact inverse, which this kind of file needs."),
    "holds_relative": _l("This kind of file holds no tolerance relative to the number."),
    "holds_sign": _l("%(field)s: “%(sign)s” stands in it, which this kind of file reads as a sign of its own."),
    "holds_lines": _l("%(field)s: this kind of file holds no line breaks in it."),
    "holds_type": _l("This kind of file holds single-choice items only."),
    "holds_long": _l("%(field)s: it is longer than a cell of a table may be."),
    "without": _l("Kept without %(what)s: %(said)s"),
    "without_flag": _l("Kept without %(what)s."),
    "unread": _l("Not read: %(what)s: %(said)s"),
    "unread_flag": _l("Not read: %(what)s."),
    "loses_fields": _l("Goes out without: %(fields)s."),
    "loses_dash": _l("%(fields)s: a lone dash, which tables read as none."),
    "module": _l("The module is missing or unknown: “%(module)s”. Use one of: %(modules)s."),
    "level": _l("The cognitive level is missing or unknown: “%(level)s”."),
    "difficulty": _l("The difficulty is missing or cannot be read: “%(difficulty)s”."),
    "read_mark": _l("Whether the source was read is said by yes or no, not by “%(value)s”."),
    "no_answer_block": _l("There is no answer block in braces."),
    "open_block": _l("The answer block is not closed."),
    "two_blocks": _l("The item has more than one answer block."),
    "either_right": _l("%(count)s options are right of which one is enough; such an item cannot be kept."),
    "weights": _l("The weights %(weights)s give unequal credit, which cannot be kept. Give equal shares."),
    "mixed_marks": _l("Right marks and weights are mixed in one item."),
    "before_options": _l("Text stands before the first option: “%(text)s”."),
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
    "field:code": _l("Code"),
    "field:module": _l("Module"),
    "field:level": _l("Cognitive level"),
    "field:difficulty": _l("Difficulty"),
    "field:source_read": _l("Source read"),
    "field:stem": _l("Stem"),
    "field:option": _l("Option"),
    **{f"field:option{letter}": _l("Option %(letter)s", letter=letter) for letter in "ABCDEFGH"},
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
THINGS = {
    "what:answer": _l("an answer that earns nothing"),
    "what:category": _l("the category"),
    "what:cell": _l("the cell under no heading"),
    "what:chart": _l("the sheet that is a chart"),
    "what:column": _l("the column, which says nothing that items keep"),
    "what:comment": _l("the comment"),
    "what:credit": _l("the rule of credit"),
    "what:condition": _l("the condition of a feedback, which is shown to everyone"),
    "what:drawing": _l("the drawing, which is no picture"),
    "what:file": _l("the file"),
    "what:formula": _l("the result of a formula, which the workbook does not hold"),
    "what:grade": _l("the points, which a paper gives"),
    "what:format": _l("the words of the number format"),
    "what:frame": _l("the lines printed above and below the sheet"),
    "what:heading": _l("the lines above the headings"),
    "what:hint": _l("the hint"),
    "what:identifier": _l("the identifier"),
    "what:key": _l("the answer"),
    "what:layout": _l("the layout of a text"),
    "what:link": _l("the address of the link"),
    "what:marker": _l("the note for markers"),
    "what:merged": _l("the value of merged cells, which is read in the first one only"),
    "what:name": _l("the name"),
    "what:options": _l("the options"),
    "what:processing": _l("the rule of scoring"),
    "what:sheet": _l("the sheet without headings"),
    "what:hidden": _l("the hidden sheet"),
    "what:tag": _l("the tag"),
    "what:unit_asked": _l("the demand for a unit, as it has none"),
    "what:weights": _l("the weights"),
}
"""What it is called that items are kept without; what is not listed goes by its name in the file."""
LABELS = {**FIELD_LABELS, **THINGS}


QUOTED = 120
"""So many characters of what was written a reason quotes at most: enough to find the place by."""
TOLD = 400
"""So many characters of what an item is kept without are told."""
FIELDS = "fields"
"""The parameter of a reason that names several fields."""
INNER = "inner"
"""The parameter of a reason that names another one: that of a sub-item."""
ALLOWED = ("modules_zh", "modules_en")
"""The parameters of a reason that list the modules there are, in both languages."""
AT = "at"
"""The parameter of a reason that names the line of the file on which it stands."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason by its code in SENTENCES with the parameters of the sentence; `str` puts it into words.

    `more` are further reasons for the same, each without more of its own.
    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict)
    more: tuple["Reason", ...] = ()

    @property
    def each(self) -> list["Reason"]:
        """Return every reason by itself."""
        return [replace(self, more=()), *self.more]

    def __str__(self) -> str:
        return " ".join(_sentence(one.code, one.params) for one in self.each)

    def to_json(self) -> dict[str, Any]:
        """Return what a staged row stores."""
        more = {"more": [one.to_json() for one in self.more]} if self.more else {}
        return {"code": self.code, "params": dict(self.params), **more}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Reason":
        """Read a stored reason back."""
        return cls(str(stored["code"]), dict(stored["params"]), tuple(map(cls.from_json, stored.get("more", ()))))


def _sentence(code: str, said: Mapping[str, str]) -> str:
    if AT in said:
        rest = {name: text for name, text in said.items() if name != AT}
        return str(_("Line %(line)s: %(reason)s", line=said[AT], reason=_sentence(code, rest)))
    sentence = str(SENTENCES[code])
    params = {name: str(LABELS.get(text, text)) for name, text in said.items()}
    if FIELDS in params:
        params[FIELDS] = str(_(", ")).join(str(LABELS.get(one, one)) for one in said[FIELDS].split())
    if code == "module":
        # one that was kept before they were listed has the national ones
        listed = {**no_module("", NATIONAL.names.values()).params, **said}
        params["modules"] = pick(*(listed[name] for name in ALLOWED))
    if INNER in params:
        inner = {name: text for name, text in said.items() if name != INNER}
        params["reason"] = _sentence(params.pop(INNER), inner)
    return sentence % params if params else sentence


def because(code: str, /, **params: object) -> Reason:
    """Build a reason; parameters are kept as text."""
    return Reason(code, {name: str(value)[:QUOTED] for name, value in params.items()})


def no_module(text: str, names: Iterable[tuple[str, str]]) -> Reason:
    """Say that a text names no module, and which there are, each by its name in Chinese and English."""
    chinese, english = zip(*names, strict=True)
    reason = because("module", module=text)
    # zh: the comma between names in a Chinese sentence
    return replace(reason, params={**reason.params, ALLOWED[0]: "、".join(chinese), ALLOWED[1]: ", ".join(english)})


def together(reasons: Iterable[Reason]) -> Reason | None:
    """Return several reasons as one that says each of them once, in order; None of none."""
    listed: list[Reason] = []
    for one in (single for reason in reasons for single in reason.each):
        if one not in listed:
            listed.append(one)
    return replace(listed[0], more=tuple(listed[1:])) if listed else None


def on_line(line: object, reason: Reason) -> Reason:
    """Return reasons with the line of the file on which they stand; one that has a line keeps it."""
    first, *more = (replace(one, params={AT: str(line), **one.params}) for one in reason.each)
    return replace(first, more=tuple(more))


def in_part(number: int, reason: Reason) -> Reason:
    """Return reasons against a sub-item, by its number from one, as reasons against its case."""
    first, *more = (because("in_part", part=number, **{INNER: one.code}, **one.params) for one in reason.each)
    return replace(first, more=tuple(more))


def about_fields(code: str, names: Iterable[str]) -> Reason:
    """Build a reason about several fields of an item."""
    return Reason(code, {FIELDS: " ".join(f"field:{name}" for name in names)})


def thing(what: str) -> str:
    """Return what a thing is called that items are kept without."""
    return str(LABELS.get(what, what))


def without(what: str, said: object = "") -> Reason:
    """Say what an item of a file is kept without: a thing of THINGS, or its name in the file, and what it said."""
    return _named("without", what, said)


def unread(what: str, said: object = "") -> Reason:
    """Say what of a file is not read and belongs to none of its items."""
    return _named("unread", what, said)


def _named(code: str, what: str, said: object) -> Reason:
    told = " ".join(str(said).split())
    return Reason(code, {"what": what, "said": told[:TOLD]}) if told else Reason(f"{code}_flag", {"what": what})
