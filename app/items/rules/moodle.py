"""Moodle XML: read with the line of every question that cannot be kept.

Texts come as HTML, Markdown or plain, with their files enclosed; tags such as `module=policy` carry the metadata.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import unquote

from app.items.rules import rubrics
from app.items.rules.bodies import Blank, Body, FileRef, Number, Unit
from app.items.rules.building import build
from app.items.rules.content import LETTERS, BadItemError, Defaults, Enclosed, ItemContent, Parsed
from app.items.rules.enclosures import digest_of, enclosed
from app.items.rules.gift import ITEM_LIMIT, NO_DEFAULTS
from app.items.rules.gift_answers import FULL, equal_shares, matched
from app.items.rules.markup import Element, document, text_of_html
from app.items.rules.notes import credit_of, from_tags, given_of, written_type
from app.items.rules.reasons import because
from app.items.rules.texts import STORED
from app.items.states import ItemType

PLUGIN = re.compile(r"@@PLUGINFILE@@/([^\s)\"'<>]+)")
PREFIXED = re.compile(r"([0-9a-f]{8})-(.+)")
TAGGED = re.compile(r"<[a-zA-Z/!]|&[a-z#0-9]+;")
CLOZE = re.compile(r"\{(\d*):([A-Z_]+):((?:\\.|[^\\}])*)\}")
CLOZE_KINDS = {"SHORTANSWER": False, "SA": False, "MW": False, "SHORTANSWER_C": True, "SAC": True, "MWC": True}
CLOZE_ANSWER = re.compile(r"(=|%(\d+(?:\.\d+)?)%)?((?:\\.|[^\\#])*)(?:#.*)?", re.DOTALL)
WILDCARD = re.compile(r"(?<!\\)\*")


@dataclass
class Question:
    """A question element while it is read, with the files that came in it."""

    element: Element
    files: dict[str, Enclosed] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def child(self, name: str) -> str:
        """Return the plain text of a child, or of its `text`; empty where there is none."""
        found = self.element.find(name)
        if found is None:
            return ""
        inner = found.find("text")
        return ((found if inner is None else inner).text or "").strip()

    def text(self, element: Element | None) -> str:
        """Return a text of the question in the form that items keep; raises BadItemError."""
        if element is None:
            return ""
        names = self._enclose(element)
        said = element.findtext("text") or ""
        markup = element.get("format", "html")
        html = markup == "html" or (markup == "moodle_auto_format" and TAGGED.search(said) is not None)
        told = text_of_html(said, lambda address: self._address(address, names)) if html else said
        return PLUGIN.sub(lambda found: STORED + self._named(found[1], names), told)

    def _enclose(self, element: Element) -> dict[str, str]:
        names: dict[str, str] = {}
        for one in element.iterfind("file"):
            try:
                data = base64.b64decode("".join((one.text or "").split()), validate=True)
            except (binascii.Error, ValueError) as error:
                raise BadItemError(because("file_kind", file=one.get("name", ""))) from error
            digest = digest_of(data)
            given = one.get("name", "file")
            prefixed = PREFIXED.fullmatch(given)
            name = prefixed[2] if prefixed and digest.startswith(prefixed[1]) else given
            self.files.setdefault(digest, enclosed(name, data))
            names[given] = digest
        return names

    def _address(self, address: str, names: dict[str, str]) -> str | None:
        found = PLUGIN.fullmatch(address)
        return self._named(found[1], names) if found else None

    def _named(self, name: str, names: dict[str, str]) -> str:
        digest = names.get(unquote(name)) or names.get(name)
        if digest is None:
            raise BadItemError(because("file_missing", file=name))
        self.used.add(digest)
        return digest

    def left_over(self) -> str:
        """Return links to the files that no text shows, so that none is lost."""
        return "".join(
            f"\n[{one.name}]({STORED}{digest})" for digest, one in self.files.items() if digest not in self.used
        )

    @property
    def refs(self) -> tuple[FileRef, ...]:
        """Return the files as an item names them."""
        return tuple(FileRef(digest, one.name, one.media_type) for digest, one in self.files.items())


def parse(data: bytes, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read a Moodle XML file; every question comes out as an item or as a failure with its line."""
    found = Parsed()
    try:
        root = document(data)
    except BadItemError as error:
        return found.fail(error.reason.params.get("line", "1"), error.reason)
    if root.tag != "quiz":
        return found.fail("1", because("not_quiz"))
    for element in root.iterfind("question"):
        if element.get("type") != "category":
            if len(found.entries) >= ITEM_LIMIT:
                return found.fail(str(element.sourceline), because("many_rows", limit=ITEM_LIMIT))
            _take(Question(element), defaults, found)
    return found if found.entries else found.fail("1", because("no_items"))


def _take(question: Question, defaults: Defaults, found: Parsed) -> None:
    place = str(question.element.sourceline)
    try:
        item = _item(question, place, defaults)
    except BadItemError as error:
        found.fail(place, error.reason, (question.child("idnumber") or question.child("name"))[:64])
        return
    found.entries.append(item)
    found.files.update(question.files)


def _item(question: Question, place: str, defaults: Defaults) -> ItemContent:
    kind = question.element.get("type", "")
    if kind not in READERS:
        raise BadItemError(because("unknown_type", type=kind))
    notes = from_tags((tag.findtext("text") or "") for tag in question.element.iterfind("tags/tag"))
    stem = question.text(question.element.find("questiontext"))
    asked = READERS[kind](question, notes, stem)
    explanation = question.text(question.element.find("generalfeedback")).strip()
    told = [explanation, *asked.pop("feedback", [])]
    body = asked.pop("body", Body())
    given = {
        **given_of(notes, question.child("idnumber"), question.child("name")),
        "stem": stem.strip() + question.left_over(),
        "explanation": "\n".join(part for part in told if part),
        "options": [],
        "key": [],
        **asked,
        "body": _with_files(body, question.refs),
    }
    return build(given, place=place, defaults=defaults)


def _with_files(body: Body, files: tuple[FileRef, ...]) -> Body:
    return Body.from_json({**body.to_json(), "files": [one._asdict() for one in files]})


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a question: its share in percent, its text and its feedback."""

    share: Decimal
    text: str
    feedback: str


def _answers(question: Question) -> Iterator[Answer]:
    for element in question.element.iterfind("answer"):
        feedback = question.text(element.find("feedback")).strip()
        yield Answer(_decimal(element.get("fraction", "0")), question.text(element).strip(), feedback)


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise BadItemError(because("number", number=text)) from error
    if not value.is_finite():
        raise BadItemError(because("number", number=text))
    return value


def _choice(question: Question, notes: dict[str, str], stem: str) -> dict[str, Any]:
    del stem
    answers = list(_answers(question))
    single = question.child("single") != "false"
    right = [place for place, answer in enumerate(answers) if answer.share > 0]
    if single and any(answers[place].share != FULL for place in right):
        raise BadItemError(because("mixed_marks"))
    if single and len(right) > 1:
        raise BadItemError(because("either_right", count=len(right)))
    if not single:
        equal_shares([answers[place].share for place in right])
    return {
        "type": ItemType.SINGLE if single else ItemType.MULTIPLE,
        "options": [answer.text for answer in answers],
        "key": [LETTERS[place] for place in right if place < len(LETTERS)],
        "feedback": _feedback(answers),
        "body": Body(credit_of(notes)),
    }


def _feedback(answers: Sequence[Answer]) -> list[str]:
    return [f"{letter}: {answer.feedback}" for letter, answer in zip(LETTERS, answers, strict=False) if answer.feedback]


def _truth(question: Question, notes: dict[str, str], stem: str) -> dict[str, Any]:
    del notes, stem
    answers = list(_answers(question))
    right = [answer.text.lower() for answer in answers if answer.share == FULL]
    if len(right) != 1 or right[0] not in {"true", "false"}:
        raise BadItemError(because("no_key"))
    feedback = [answer.feedback for answer in answers if answer.feedback]
    return {"type": ItemType.TRUE_FALSE, "key": ["A" if right[0] == "true" else "B"], "feedback": feedback}


def _short(question: Question, notes: dict[str, str], stem: str) -> dict[str, Any]:
    del stem
    answers = list(_answers(question))
    if any(answer.share not in {FULL, Decimal(0)} for answer in answers):
        raise BadItemError(because("mixed_marks"))
    accepted = tuple(literal(answer.text) for answer in answers if answer.share == FULL)
    blank = Blank(accepted, question.child("usecase") == "1")
    feedback = [f"{answer.text}: {answer.feedback}" for answer in answers if answer.feedback]
    return {"type": ItemType.BLANK, "feedback": feedback, "body": Body(credit_of(notes), blanks=(blank,))}


def literal(text: str) -> str:
    """Return what a short answer says; raises BadItemError for one with a wildcard."""
    if WILDCARD.search(text):
        raise BadItemError(because("wildcard", text=text))
    return text.replace("\\*", "*")


def _cloze(question: Question, notes: dict[str, str], stem: str) -> dict[str, Any]:
    blanks = tuple(_cloze_blank(found) for found in CLOZE.finditer(stem))
    del question
    return {
        "type": ItemType.BLANK,
        "stem": CLOZE.sub("_____", stem).strip(),
        "body": Body(credit_of(notes), blanks=blanks),
    }


def _cloze_blank(found: re.Match[str]) -> Blank:
    if found[2] not in CLOZE_KINDS:
        raise BadItemError(because("cloze", kind=found[2]))
    accepted = []
    for written in re.split(r"(?<!\\)~", found[3]):
        answer = CLOZE_ANSWER.fullmatch(written)
        share = "0" if answer is None or not answer[1] else answer[2] or "100"
        if Decimal(share) not in {FULL, Decimal(0)}:
            raise BadItemError(because("mixed_marks"))
        if answer is not None and Decimal(share) == FULL:
            accepted.append(literal(re.sub(r"\\([}~#/\"\\=%])", r"\1", answer[3])))
    return Blank(tuple(accepted), CLOZE_KINDS[found[2]])


def _numerical(question: Question, notes: dict[str, str], stem: str) -> dict[str, Any]:
    del notes, stem
    numbers = []
    for element, answer in zip(question.element.iterfind("answer"), _answers(question), strict=True):
        if answer.share > 0:
            tolerance = _decimal(element.findtext("tolerance") or "0")
            numbers.append(Number(_decimal(answer.text), tolerance, share=answer.share / FULL))
    units = [
        (unit.findtext("unit_name") or "", _decimal(unit.findtext("multiplier") or "1"))
        for unit in question.element.iterfind("units/unit")
    ]
    main = next((name for name, multiplier in units if multiplier == 1), "")
    if units and not main:
        raise BadItemError(because("units"))
    others = tuple(Unit(name, inverse(multiplier)) for name, multiplier in units if name != main)
    asked = bool(units) and question.child("showunits") != "3"
    return {
        "type": ItemType.NUMERIC,
        "body": Body(numbers=tuple(numbers), unit=main, units=others, unit_asked=asked),
    }


def inverse(value: Decimal) -> Decimal:
    """Return 1 / value where it is a decimal of at most 20 places; raises BadItemError elsewhere."""
    if value > 0:
        result = Decimal(1) / value
        if result * value == 1 and -result.as_tuple().exponent <= 20:  # type: ignore[operator]  # noqa: PLR2004 - the places that the docstring allows
            return result
    raise BadItemError(because("units"))


def _matching(question: Question, notes: dict[str, str], stem: str) -> dict[str, Any]:
    del stem
    pairs = [
        (question.text(element).strip(), (element.findtext("answer/text") or "").strip())
        for element in question.element.iterfind("subquestion")
    ]
    return matched(pairs, credit_of(notes))


def _ordering(question: Question, notes: dict[str, str], stem: str) -> dict[str, Any]:
    del stem
    texts = [answer.text for answer in _answers(question)]
    body = Body(credit_of(notes), order=tuple(LETTERS[: len(texts)]))
    return {"type": ItemType.ORDERING, "options": texts, "body": body}


def _written(question: Question, notes: dict[str, str], stem: str) -> dict[str, Any]:
    del stem
    reference, rubric = rubrics.read(question.text(question.element.find("graderinfo")))
    return {"type": written_type(notes), "body": Body(reference=reference, rubric=rubric)}


READERS: dict[str, Callable[[Question, dict[str, str], str], dict[str, Any]]] = {
    "multichoice": _choice,
    "truefalse": _truth,
    "shortanswer": _short,
    "cloze": _cloze,
    "multianswer": _cloze,
    "numerical": _numerical,
    "matching": _matching,
    "ordering": _ordering,
    "essay": _written,
}
