"""The answer blocks of GIFT: what stands between the braces, read into items and written from them."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

from app.items.rules.bodies import Blank, Body, Number, plain
from app.items.rules.content import LETTERS, BadItemError, ItemContent, Refusals, stand_in
from app.items.rules.markup import text_of_html
from app.items.rules.notes import Notes, credit_of, lose_penalties, rule_of, written_type
from app.items.rules.reasons import because
from app.items.rules.texts import is_plain
from app.items.states import Credit, ItemType

SPECIAL = "\\~=#{}:"
ESCAPED = re.compile(r"\\([\\~=#{}:n])")
FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]")
WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d{1,10})?)%")
TRUTH = re.compile(r"(TRUE|FALSE|T|F)\s*(#.*)?", re.IGNORECASE | re.DOTALL)
ORDER_HEAD = re.compile(r"(?:(?:ALL|EXACT|REL(?:ATIVE)?|\d+|HORIZONTAL|VERTICAL|[A-Z_]+_[A-Z_]+)\s*)*", re.ASCII)
ORDER_WORDS = {"ALL", "VERTICAL", "ABSOLUTE_POSITION"}
ALL_OR_NOTHING = "ALL_OR_NOTHING"
WILDCARD = re.compile(r"(?<!\\)\*")
ARROW = "->"
FULL = Decimal(100)
SPREAD = Decimal(1)


class Mark(NamedTuple):
    """One option of an answer block: its sign, its weight in percent, its text and feedback, and its place."""

    sign: str
    weight: Decimal | None
    text: str
    feedback: str
    at: int


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer block while it is read: its notes, all that speaks against it, and the lines of its places."""

    notes: Notes
    refused: Refusals
    line_at: Callable[[int], int | None]

    def text(self, written: str, at: int, otherwise: str = "") -> str:
        """Return what a part says that is written at a place, or something else where that cannot be kept."""
        make = partial(plainly, written, self.notes)
        return unescape(self.refused.take(make, otherwise, self.line_at(at))).strip()

    def refuse(self, code: str, at: int, **params: object) -> None:
        """Note what is wrong at a place."""
        self.refused.note(because(code, **params), self.line_at(at))

    def credit(self) -> Credit | None:
        """Return the rule of credit that the notes name."""
        return self.refused.take(partial(credit_of, self.notes), None)


def read_answer(written: str, start: int, explanation: str, reading: Reading) -> dict[str, Any]:
    """Return type, options, key, body and explanation of an answer block that is written at a place.

    What is wrong in it is noted, and that not all of it is read.
    """
    answer, at = written.strip(), start + len(written) - len(written.lstrip())
    before = len(reading.refused.reasons)
    given = {"options": [], "key": [], "explanation": explanation, **_read(answer, at, explanation, reading)}
    return {**given, "unread": len(reading.refused.reasons) > before}


def _read(answer: str, at: int, explanation: str, reading: Reading) -> dict[str, Any]:
    truth = TRUTH.fullmatch(answer)
    if truth:
        told = [reading.text(part, at + truth.end(1)) for part in _pieces(truth[2] or "", "#")]
        right = LETTERS[0] if truth[1].upper().startswith("T") else LETTERS[1]
        said = "\n".join(part for part in (explanation, *told) if part)
        return {"type": ItemType.TRUE_FALSE, "key": [right], "explanation": said}
    if not answer:
        return {"type": written_type(reading.notes)}
    if answer.startswith("#"):
        return _numeric(answer[1:], at + 1, explanation, reading)
    if answer.startswith(">"):
        return _ordering(answer[1:], at + 1, reading)
    return _marked(_marks(answer, at, reading), explanation, reading)


def _marked(marks: list[Mark], explanation: str, reading: Reading) -> dict[str, Any]:
    if not any(mark.sign == "~" for mark in marks):
        return {**_open_answers(marks, reading), "explanation": _told(explanation, marks)}
    item_type, places, credit = _right(marks, reading)
    return {
        "type": item_type,
        "options": [mark.text for mark in marks],
        "key": [LETTERS[place] for place in places if place < len(LETTERS)],
        "explanation": _told(explanation, marks),
        "body": Body(credit),
    }


def _told(explanation: str, marks: Sequence[Mark]) -> str:
    feedback = [f"{letter}: {mark.feedback}" for letter, mark in zip(LETTERS, marks, strict=False) if mark.feedback]
    return "\n".join(part for part in (explanation, *feedback) if part)


def _numeric(written: str, at: int, explanation: str, reading: Reading) -> dict[str, Any]:
    """Read numbers with their shares; what is said of one stands in the explanation behind it."""
    places = list(unescaped(written, "="))
    if places and written[: places[0]].strip():
        reading.refuse("before_options", at, text=unescape(written[: places[0]]).strip())
    starts = places or [-1]
    numbers, told = list[Number](), [explanation]
    for start, end in pairwise([*starts, len(written)]):
        found, said = _weighed_number(written[start + 1 : end], at + max(start, 0), reading)
        numbers += [found] if found else []
        told.append(said)
    body = Body(numbers=tuple(numbers))
    return {"type": ItemType.NUMERIC, "body": body, "explanation": "\n".join(filter(None, told))}


def _weighed_number(part: str, at: int, reading: Reading) -> tuple[Number | None, str]:
    """Return a number, None where it earns nothing or cannot be read, and what is said of it."""
    part = part.lstrip()
    weighed = WEIGHT.match(part)
    text, feedback = (unescape(one).strip() for one in split(part[weighed.end() :] if weighed else part, "#"))
    share = Decimal(weighed[1]) / FULL if weighed else Decimal(1)
    found = reading.refused.take(partial(_number, text, share), None, reading.line_at(at)) if share > 0 else None
    if share < 0 or (not share and not feedback):
        reading.notes.lose("what:answer", f"{text} ({plain(share * FULL)}%)")
    return found, f"{text}: {reading.text(feedback, at)}" if feedback else ""


def _number(text: str, share: Decimal) -> Number:
    low, span, high = text.partition("..")
    value, _colon, tolerance = text.partition(":")
    try:
        if span:
            first, last = Decimal(low.strip()), Decimal(high.strip())
            return Number((first + last) / 2, (last - first) / 2, share=share)
        return Number(Decimal(value.strip()), Decimal(tolerance.strip() or 0), share=share)
    except InvalidOperation as error:
        raise BadItemError(because("number", number=text)) from error


def _ordering(written: str, at: int, reading: Reading) -> dict[str, Any]:
    lines, start = list[tuple[int, str]](), at
    for line in written.split("\n"):
        lines += [(start, line.strip())] if line.strip() else []
        start += len(line) + 1
    headed = bool(lines) and ORDER_HEAD.fullmatch(lines[0][1]) is not None
    words = lines.pop(0)[1].split() if headed else []
    for word in words:
        if word.upper() not in {*ORDER_WORDS, ALL_OR_NOTHING}:
            reading.notes.lose("what:layout", word)
    texts = [reading.text(line, place, stand_in(place)) for place, line in lines]
    credit = reading.credit() or (Credit.ALL if ALL_OR_NOTHING in words else None)
    return {
        "type": ItemType.ORDERING,
        "options": texts,
        "body": Body(credit, order=tuple(LETTERS[: len(texts)])),
    }


def _marks(answer: str, at: int, reading: Reading) -> list[Mark]:
    places = list(unescaped(answer, "=~"))
    before = answer[: places[0]] if places else answer
    if before.strip():
        reading.refuse("before_options", at, text=unescape(before).strip())
    return [_mark(answer[start:end], at + start, reading) for start, end in pairwise([*places, len(answer)])]


def _mark(written: str, at: int, reading: Reading) -> Mark:
    sign, rest = written[0], written[1:].strip()
    weighed = WEIGHT.match(rest)
    text, feedback = split(rest[weighed.end() :] if weighed else rest, "#")
    weight = Decimal(weighed[1]) if weighed else None
    otherwise = f"{stand_in(at)} {ARROW} {stand_in(at)}" if ARROW in text else stand_in(at)
    return Mark(sign, weight, reading.text(text, at, otherwise), reading.text(feedback, at), at)


def _right(marks: list[Mark], reading: Reading) -> tuple[ItemType, list[int], Credit | None]:
    """Return the type, the places of the right options and the rule of credit; what we do not keep is noted."""
    full = [place for place, mark in enumerate(marks) if mark.sign == "=" and mark.weight in {None, FULL}]
    weights = {place: mark.weight or Decimal(0) for place, mark in enumerate(marks) if mark.sign == "~"}
    shares = {place: share for place, share in weights.items() if share > 0}
    wrong = [share for share in weights.values() if share <= 0]
    mixed = next((mark for mark in marks if mark.sign == "=" and mark.weight not in {None, FULL}), None)
    if full and shares:
        mixed = mixed or marks[min(shares)]
    if mixed:
        reading.refuse("mixed_marks", mixed.at)
    if len(full) > 1:
        reading.refuse("either_right", marks[full[1]].at, count=len(full))
    if full:
        lose_penalties(wrong, reading.notes)
        return ItemType.SINGLE, full, reading.credit()
    right = list(shares.values())
    if not mixed:
        reading.refused.take(partial(equal_shares, right), None)
    ruled = partial(rule_of, right, wrong, reading.notes)
    return ItemType.MULTIPLE, list(shares), reading.refused.take(ruled, None) if right else reading.credit()


def _open_answers(marks: list[Mark], reading: Reading) -> dict[str, Any]:
    """Read answers that are all right: pairs, or texts of which one is enough."""
    credit = reading.credit()
    if all(ARROW in mark.text for mark in marks):
        pairs = [(left.strip(), right.strip()) for left, _arrow, right in (one.text.partition(ARROW) for one in marks)]
        return reading.refused.take(partial(matched, pairs, credit), {"type": ItemType.MATCHING})
    for mark in marks:
        if mark.weight not in {None, FULL}:
            reading.refuse("mixed_marks", mark.at)
        if WILDCARD.search(mark.text):
            reading.refuse("wildcard", mark.at, text=mark.text)
    accepted = tuple(mark.text.replace("\\*", "*") for mark in marks)
    return {"type": ItemType.BLANK, "body": Body(credit, blanks=(Blank(accepted),))}


def matched(pairs: Sequence[tuple[str, str]], credit: Credit | None) -> dict[str, Any]:
    """Return a matching item of its pairs as building takes it; an option without a prompt leads astray."""
    texts = list(dict.fromkeys(text for _prompt, text in pairs if text))
    if len(texts) > len(LETTERS):
        raise BadItemError(because("many_options", limit=len(LETTERS), count=len(texts)))
    letters = dict(zip(texts, LETTERS, strict=False))
    asked = [(prompt, letters[text]) for prompt, text in pairs if prompt and text]
    body = Body(credit, prompts=tuple(one for one, _ in asked), pairs=tuple(letter for _, letter in asked))
    return {"type": ItemType.MATCHING, "options": texts, "body": body}


def equal_shares(shares: Sequence[Decimal]) -> None:
    """Raise BadItemError where right options of a multiple choice do not share the points equally."""
    if not shares:
        raise BadItemError(because("no_key"))
    if abs(sum(shares) - FULL) > SPREAD or max(shares) - min(shares) > SPREAD:
        raise BadItemError(because("weights", weights=", ".join(f"{share}%" for share in shares)))


def even_share(count: int) -> str:
    """Return what each of so many right options earns, in percent of at most five places."""
    return f"{FULL / count:.5f}".rstrip("0").rstrip(".")


def plainly(written: str, notes: Notes) -> str:
    """Drop a mark of format; text in HTML becomes plain, with its escapes as they were."""
    marked = FORMAT.match(written.lstrip())
    if marked is None:
        return written
    rest = written.lstrip()[marked.end() :]
    if marked[1] != "html":
        return rest
    lost: set[str] = set()
    told = escape(text_of_html(unescape(rest), lost=lost))
    if lost:
        notes.lose("what:layout", ", ".join(sorted(lost)))
    return told


def unescaped(text: str, wanted: str) -> Iterator[int]:
    """Yield the places of characters that no backslash stands before."""
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] in wanted:
            yield at
        at += 1


def split(text: str, mark: str) -> tuple[str, str]:
    """Split at the first mark that is not escaped."""
    for at in unescaped(text, mark[0]):
        if text.startswith(mark, at):
            return text[:at], text[at + len(mark) :]
    return text, ""


def _pieces(text: str, mark: str) -> list[str]:
    places = [*unescaped(text, mark), len(text)]
    return [text[start + 1 : end] for start, end in pairwise(places)]


def unescape(text: str) -> str:
    """Return what an escaped text says."""
    return ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text)


def escape(text: str) -> str:
    """Write a text so that nothing of it is a sign of the format."""
    escaped = "".join(f"\\{letter}" if letter in SPECIAL else letter for letter in text)
    return escaped.replace("\n", "\\n")


def guard(text: str) -> str:
    """Escape a text and say its format where it has formulas or tables, or starts like a mark of format."""
    if not is_plain(text):
        return f"[markdown]{escape(text)}"
    return ("[plain]" if FORMAT.match(text) else "") + escape(text)


def write_answer(item: ItemContent) -> str:
    """Return the lines between the braces of an item, without its explanation; each ends its line."""
    writer = WRITERS.get(item.type)
    lines = writer(item) if writer else (f"{_weighed(item, option.key, option.text)}" for option in item.options)
    return "".join(f"{line}\n" for line in lines)


def _weighed(item: ItemContent, key: str, text: str) -> str:
    """Return an option with sign and weight; a weight is written out where the text would be read as one."""
    if item.type is ItemType.MULTIPLE:
        share = even_share(len(item.key))
        wrong = f"-{share}" if item.body.credit is Credit.NET else "-100"
        return f"~%{share if key in item.key else wrong}%{guard(text)}"
    spoken = WEIGHT.match(text) is not None
    right, wrong = ("=%100%", "~%0%") if spoken else ("=", "~")
    return f"{right if key in item.key else wrong}{guard(text)}"


def _written_blanks(item: ItemContent) -> Iterable[str]:
    for text in item.body.blanks[0].accepted:
        shown = text.replace("*", "\\*")
        yield f"=%100%{guard(shown)}" if WEIGHT.match(shown) else f"={guard(shown)}"


def _written_numbers(item: ItemContent) -> Iterable[str]:
    yield "#"
    for one in item.body.numbers:
        yield f"=%{plain(one.share * FULL)}%{plain(one.value)}:{plain(one.tolerance)}"


def _written_pairs(item: ItemContent) -> Iterable[str]:
    said = {option.key: option.text for option in item.options}
    for prompt, letter in zip(item.body.prompts, item.body.pairs, strict=True):
        yield f"={guard(prompt)} {ARROW} {escape(said[letter])}"
    for option in item.options:
        if option.key not in item.body.pairs:
            yield f"= {ARROW} {escape(option.text)}"


def _written_order(item: ItemContent) -> Iterable[str]:
    said = {option.key: option.text for option in item.options}
    yield ">ALL VERTICAL ABSOLUTE_POSITION"
    yield from (guard(said[letter]) for letter in item.body.order)


def _nothing(item: ItemContent) -> Iterable[str]:
    del item
    return ()


WRITERS = {
    ItemType.BLANK: _written_blanks,
    ItemType.NUMERIC: _written_numbers,
    ItemType.MATCHING: _written_pairs,
    ItemType.ORDERING: _written_order,
    ItemType.SHORT_ANSWER: _nothing,
    ItemType.ESSAY: _nothing,
}
