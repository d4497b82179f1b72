"""Moodle XML: read with the line of every question that cannot be kept.

Texts come as HTML, Markdown or plain, with their files enclosed; tags such as `module=policy` carry the metadata. What
of a question no reader took, and what no item holds, is noted with the item.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from app.items.rules import rubrics
from app.items.rules.bodies import Blank, Body, Number, Unit, plain
from app.items.rules.building import build
from app.items.rules.content import LETTERS, BadItemError, Defaults, ItemContent, Parsed, Refusals
from app.items.rules.gift import ITEM_LIMIT, NO_DEFAULTS
from app.items.rules.gift_answers import FULL, equal_shares, matched
from app.items.rules.markup import Element, document
from app.items.rules.moodle_question import Question, plainly
from app.items.rules.notes import Notes, credit_of, given_of, lose_penalties, rule_of, take_category, written_type
from app.items.rules.reasons import because
from app.items.states import Credit, ItemType

CLOZE = re.compile(r"\{(\d*):([A-Z_]+):((?:\\.|[^\\}])*)\}")
CLOZE_KINDS = {"SHORTANSWER": False, "SA": False, "MW": False, "SHORTANSWER_C": True, "SAC": True, "MWC": True}
CLOZE_ANSWER = re.compile(r"(=|%(\d+(?:\.\d+)?)%)?((?:\\.|[^\\#])*)(?:#(.*))?", re.DOTALL)
WILDCARD = re.compile(r"(?<!\\)\*")
BY_PLACE, ALL_OR_NOTHING = {"0", "ABSOLUTE_POSITION"}, {"-1", "ALL_OR_NOTHING"}


def parse(data: bytes, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read a Moodle XML file; every question comes out as an item or as a failure with its line."""
    found = Parsed()
    try:
        root = document(data)
    except BadItemError as error:
        return found.fail(error.reason.params.get("line", "1"), error.reason)
    if root.tag != "quiz":
        return found.fail("1", because("not_quiz"))
    category = Category()
    for element in root.iterchildren("{*}*"):
        if len(found.entries) >= ITEM_LIMIT:
            return found.fail(str(element.sourceline), because("many_rows", limit=ITEM_LIMIT))
        if element.tag != "question":
            found.skip(str(element.sourceline), str(element.tag), " ".join(map(str, element.itertext())))
        elif element.get("type") == "category":
            category.told(found)
            category = _category(element, found)
        else:
            category.used = True
            _take(Question(element), category.path, defaults, found)
    category.told(found)
    return found if found.entries else found.fail("1", because("no_items"))


@dataclass
class Category:
    """The category that questions stand in, and whether one does."""

    path: str = ""
    place: str = ""
    used: bool = False

    def told(self, found: Parsed) -> None:
        """Note a category in which no question stands."""
        if self.path and not self.used:
            found.skip(self.place, "what:category", self.path)


def _category(element: Element, found: Parsed) -> Category:
    """Read the category of the questions that follow; what else is said of it belongs to none of them."""
    question, place = Question(element), str(element.sourceline)
    category = Category(question.child("category"), place)
    number = question.child("idnumber")
    for name, said in (*([("idnumber", number)] if number else []), *question.left.rest()):
        found.skip(place, name, said)
    return category


def _take(question: Question, category: str, defaults: Defaults, found: Parsed) -> None:
    place = str(question.element.sourceline)
    try:
        item = _item(question, place, category, defaults)
    except BadItemError as error:
        found.fail(place, error.reason, (question.child("idnumber") or question.child("name"))[:64])
        return
    found.entries.append(item)
    found.files.update(question.files)


def _item(question: Question, place: str, category: str, defaults: Defaults) -> ItemContent:
    if question.kind not in READERS:
        raise BadItemError(because("unknown_type", type=question.kind))
    notes, refused = question.notes, Refusals()
    take_category(category, notes, defaults.modules)
    read = refused.take(lambda: question.text(question.element.find("questiontext")), None)
    asked = refused.take(lambda: READERS[question.kind](question, notes, read or ""), dict[str, Any]())
    explanation = refused.take(lambda: question.text(question.element.find("generalfeedback")).strip(), "")
    told = [explanation, *asked.pop("feedback", [])]
    body = asked.pop("body", Body())
    stem = asked.pop("stem", read or "").strip() + refused.take(question.left_over, "")
    given = {
        **given_of(notes, stem, refused, identifier=question.child("idnumber"), name=question.child("name")),
        **({} if read is None else {"stem": stem}),
        "explanation": "\n".join(part for part in told if part),
        "options": [],
        "key": [],
        **asked,
        "body": replace(body, files=question.refs),
        "without": question.without(),
        **refused.told,
        "unread": read is None,
    }
    return build(given, place=place, defaults=defaults)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a question: its share in percent, its text and its feedback."""

    share: Decimal
    text: str
    feedback: str


def _answers(question: Question) -> list[Answer]:
    refused = Refusals()
    answers = [
        refused.take(partial(_answer, question, element), None) for element in question.element.iterfind("answer")
    ]
    refused.demand_none()
    return [one for one in answers if one is not None]


def _answer(question: Question, element: Element) -> Answer:
    feedback = question.text(element.find("feedback")).strip()
    return Answer(_decimal(question.left.get(element, "fraction", "0")), question.text(element).strip(), feedback)


def _decimal(text: str) -> Decimal:
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise BadItemError(because("number", number=text)) from error
    if not value.is_finite():
        raise BadItemError(because("number", number=text))
    return value


def _choice(question: Question, notes: Notes, stem: str) -> dict[str, Any]:
    del stem
    answers = _answers(question)
    single = question.child("single") != "false"
    right = [place for place, answer in enumerate(answers) if answer.share > 0]
    full = [place for place in right if answers[place].share == FULL]
    refused = Refusals()
    if single and len(full) < len(right):
        refused.note(because("mixed_marks"))
    if single and len(full) > 1:
        refused.note(because("either_right", count=len(full)))
    if not single:
        refused.take(lambda: equal_shares([answers[place].share for place in right]), None)
    refused.demand_none()
    return {
        "type": ItemType.SINGLE if single else ItemType.MULTIPLE,
        "options": [answer.text for answer in answers],
        "key": [LETTERS[place] for place in right if place < len(LETTERS)],
        "feedback": _feedback(answers),
        "body": Body(_credit(answers, notes, single=single)),
    }


def _credit(answers: Sequence[Answer], notes: Notes, *, single: bool) -> Credit | None:
    wrong = [answer.share for answer in answers if answer.share <= 0]
    if not single:
        return rule_of([answer.share for answer in answers if answer.share > 0], wrong, notes)
    lose_penalties(wrong, notes)
    return credit_of(notes)


def _lose_answers(answers: Iterable[Answer], notes: Notes) -> None:
    """Note the answers that earn nothing, as every other one does; those with a feedback stand in the explanation."""
    for answer in answers:
        if answer.share < 0 or not answer.feedback:
            notes.lose("what:answer", f"{answer.text} ({plain(answer.share)}%)")


def _feedback(answers: Sequence[Answer]) -> list[str]:
    return [f"{letter}: {answer.feedback}" for letter, answer in zip(LETTERS, answers, strict=False) if answer.feedback]


def _truth(question: Question, notes: Notes, stem: str) -> dict[str, Any]:
    del stem
    answers = _answers(question)
    lose_penalties([answer.share for answer in answers if answer.share < FULL], notes)
    right = [answer.text.lower() for answer in answers if answer.share == FULL]
    if len(right) != 1 or right[0] not in {"true", "false"}:
        raise BadItemError(because("no_key"))
    feedback = [answer.feedback for answer in answers if answer.feedback]
    return {"type": ItemType.TRUE_FALSE, "key": ["A" if right[0] == "true" else "B"], "feedback": feedback}


def _short(question: Question, notes: Notes, stem: str) -> dict[str, Any]:
    del stem
    answers = _answers(question)
    refused = Refusals()
    if any(answer.share not in {FULL, Decimal(0)} for answer in answers):
        refused.note(because("mixed_marks"))
    accepted = tuple(refused.take(partial(literal, one.text), "") for one in answers if one.share == FULL)
    credit = refused.take(partial(credit_of, notes), None)
    refused.demand_none()
    blank = Blank(accepted, question.child("usecase") == "1")
    _lose_answers((answer for answer in answers if answer.share != FULL), notes)
    body = Body(credit, blanks=(blank,))
    return {"type": ItemType.BLANK, "feedback": _named_feedback(answers), "body": body}


def _named_feedback(answers: Sequence[Answer]) -> list[str]:
    return [f"{answer.text}: {answer.feedback}" for answer in answers if answer.feedback]


def literal(text: str) -> str:
    """Return what a short answer says; raises BadItemError for one with a wildcard."""
    if WILDCARD.search(text):
        raise BadItemError(because("wildcard", text=text))
    return text.replace("\\*", "*")


def _cloze(question: Question, notes: Notes, stem: str) -> dict[str, Any]:
    gaps = list(CLOZE.finditer(stem))
    answers = [list(_cloze_answers(found)) for found in gaps]
    weights = [found[1] or "1" for found in gaps]
    if len(set(weights)) > 1:
        notes.lose("what:weights", ", ".join(weights))
    del question
    for listed in answers:
        _lose_answers((answer for answer in listed if answer.share != FULL), notes)
    blanks = tuple(
        Blank(tuple(literal(answer.text) for answer in listed if answer.share == FULL), CLOZE_KINDS[found[2]])
        for found, listed in zip(gaps, answers, strict=True)
    )
    return {
        "type": ItemType.BLANK,
        "stem": CLOZE.sub("_____", stem).strip(),
        "feedback": [said for listed in answers for said in _named_feedback(listed)],
        "body": Body(credit_of(notes), blanks=blanks),
    }


def _cloze_answers(found: re.Match[str]) -> Iterator[Answer]:
    if found[2] not in CLOZE_KINDS:
        raise BadItemError(because("cloze", kind=found[2]))
    for written in re.split(r"(?<!\\)~", found[3]):
        answer = CLOZE_ANSWER.fullmatch(written)
        if answer is None:
            raise BadItemError(because("cloze", kind=written))
        share = Decimal("0" if not answer[1] else answer[2] or "100")
        if share not in {FULL, Decimal(0)}:
            raise BadItemError(because("mixed_marks"))
        yield Answer(share, _cloze_text(answer[3]), _cloze_text(answer[4] or "").strip())


def _cloze_text(written: str) -> str:
    return re.sub(r"\\([}~#/\"\\=%])", r"\1", written)


def _numerical(question: Question, notes: Notes, stem: str) -> dict[str, Any]:
    del stem
    answers, refused = _answers(question), Refusals()
    numbers = list(_numbers(question, answers, refused))
    _lose_answers((answer for answer in answers if answer.share <= 0), notes)
    units = [
        (question.child("unit_name", unit), _read(question.child("multiplier", unit) or "1", refused))
        for unit in question.element.iterfind("units/unit")
    ]
    main = next((name for name, multiplier in units if multiplier == 1), "")
    if units and not main:
        refused.note(because("units"))
    refused.demand_none()
    others = tuple(Unit(name, inverse(multiplier)) for name, multiplier in units if name != main)
    asked = bool(units) and question.child("showunits") != "3"
    penalty = question.child("unitpenalty")
    if asked and question.child("unitgradingtype") != "0" and plainly(penalty) not in {"", "1"}:
        notes.lose("unitpenalty", penalty)
    return {
        "type": ItemType.NUMERIC,
        "feedback": _named_feedback(answers),
        "body": Body(numbers=tuple(numbers), unit=main, units=others, unit_asked=asked),
    }


def _numbers(question: Question, answers: Iterable[Answer], refused: Refusals) -> Iterator[Number]:
    """Yield the numbers that earn something, with their tolerances; each that cannot be read is noted."""
    for element, answer in zip(question.element.iterfind("answer"), answers, strict=True):
        tolerance = question.child("tolerance", element)
        if answer.share > 0:
            value, span = _read(answer.text, refused), _read(tolerance or "0", refused)
            yield Number(value, span, share=answer.share / FULL)


def _read(text: str, refused: Refusals) -> Decimal:
    return refused.take(partial(_decimal, text), Decimal(1))


def inverse(value: Decimal) -> Decimal:
    """Return 1 / value where it is a decimal of at most 20 places; raises BadItemError elsewhere."""
    if value > 0:
        result = Decimal(1) / value
        if result * value == 1 and -result.as_tuple().exponent <= 20:  # type: ignore[operator]  # noqa: PLR2004 - the places that the docstring allows
            return result
    raise BadItemError(because("units"))


def _matching(question: Question, notes: Notes, stem: str) -> dict[str, Any]:
    del stem
    pairs = [
        (question.text(element).strip(), question.child("answer", element))
        for element in question.element.iterfind("subquestion")
    ]
    return matched(pairs, credit_of(notes))


def _ordering(question: Question, notes: Notes, stem: str) -> dict[str, Any]:
    del stem
    answers = _answers(question)
    texts = [answer.text for answer in answers]
    grading = question.child("gradingtype") or "0"
    credit = credit_of(notes) or (Credit.ALL if grading in ALL_OR_NOTHING else None)
    if grading not in {*ALL_OR_NOTHING, *BY_PLACE}:
        notes.lose("gradingtype", grading)
    body = Body(credit, order=tuple(LETTERS[: len(texts)]))
    return {"type": ItemType.ORDERING, "options": texts, "feedback": _feedback(answers), "body": body}


def _written(question: Question, notes: Notes, stem: str) -> dict[str, Any]:
    del stem
    reference, rubric = rubrics.read(question.text(question.element.find("graderinfo")))
    return {"type": written_type(notes), "body": Body(reference=reference, rubric=rubric)}


READERS: dict[str, Callable[[Question, Notes, str], dict[str, Any]]] = {
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
