"""The answer blocks of GIFT: what stands between the braces, read into items and written from them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any, NamedTuple

from app.items.rules.bodies import Blank, Body, Number, plain
from app.items.rules.content import LETTERS, BadItemError, ItemContent
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
    """One option of an answer block: its sign, its weight in percent, its text and feedback as written."""

    sign: str
    weight: Decimal | None
    text: str
    feedback: str


def read_answer(answer: str, explanation: str, notes: Notes) -> dict[str, Any]:
    """Return type, options, key, body and explanation of an answer block; raises BadItemError where it is none."""
    truth = TRUTH.fullmatch(answer)
    if truth:
        told = [unescape(plainly(part, notes)).strip() for part in _pieces(truth[2] or "", "#")]
        right = LETTERS[0] if truth[1].upper().startswith("T") else LETTERS[1]
        said = "\n".join(part for part in (explanation, *told) if part)
        return {"type": ItemType.TRUE_FALSE, "options": [], "key": [right], "explanation": said}
    open_block = {"options": [], "key": [], "explanation": explanation}
    if not answer:
        return {**open_block, "type": written_type(notes)}
    if answer.startswith("#"):
        return {**open_block, **_numeric(answer[1:].strip(), explanation, notes)}
    if answer.startswith(">"):
        return {**open_block, **_ordering(answer[1:], notes)}
    return _marked(_marks(answer, notes), explanation, notes)


def _marked(marks: list[Mark], explanation: str, notes: Notes) -> dict[str, Any]:
    if not any(mark.sign == "~" for mark in marks):
        return {"options": [], "key": [], **_open_answers(marks, notes), "explanation": _told(explanation, marks)}
    item_type, places, credit = _right(marks, notes)
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


def _numeric(written: str, explanation: str, notes: Notes) -> dict[str, Any]:
    """Read numbers with their shares; what is said of one stands in the explanation behind it."""
    places = list(unescaped(written, "="))
    if places and written[: places[0]].strip():
        raise BadItemError(because("before_options", text=unescape(written[: places[0]]).strip()))
    parts = [written[start + 1 : end] for start, end in pairwise([*places, len(written)])] if places else [written]
    numbers, told = [], [explanation]
    for part in parts:
        weighed = WEIGHT.match(part)
        text, feedback = (unescape(one).strip() for one in split(part[weighed.end() :] if weighed else part, "#"))
        share = Decimal(weighed[1]) / FULL if weighed else Decimal(1)
        if share > 0:
            numbers.append(_number(text, share))
        elif share < 0 or not feedback:
            notes.lose("what:answer", f"{text} ({plain(share * FULL)}%)")
        told += [f"{text}: {unescape(plainly(feedback, notes))}"] if feedback else []
    body = Body(numbers=tuple(numbers))
    return {"type": ItemType.NUMERIC, "body": body, "explanation": "\n".join(filter(None, told))}


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


def _ordering(written: str, notes: Notes) -> dict[str, Any]:
    head, _line, rest = written.strip().partition("\n")
    headed = ORDER_HEAD.fullmatch(head.strip()) is not None
    words = head.split() if headed else []
    lines = rest if headed else written
    texts = [unescape(plainly(line.strip(), notes)).strip() for line in lines.split("\n") if line.strip()]
    for word in words:
        if word.upper() not in {*ORDER_WORDS, ALL_OR_NOTHING}:
            notes.lose("what:layout", word)
    credit = credit_of(notes) or (Credit.ALL if ALL_OR_NOTHING in words else None)
    return {
        "type": ItemType.ORDERING,
        "options": texts,
        "body": Body(credit, order=tuple(LETTERS[: len(texts)])),
    }


def _marks(answer: str, notes: Notes) -> list[Mark]:
    places = list(unescaped(answer, "=~"))
    before = answer[: places[0]] if places else answer
    if before.strip():
        raise BadItemError(because("before_options", text=unescape(before).strip()))
    return [_mark(answer[start:end], notes) for start, end in zip(places, [*places[1:], len(answer)], strict=True)]


def _mark(written: str, notes: Notes) -> Mark:
    sign, rest = written[0], written[1:].strip()
    weighed = WEIGHT.match(rest)
    text, feedback = split(rest[weighed.end() :] if weighed else rest, "#")
    weight = Decimal(weighed[1]) if weighed else None
    return Mark(sign, weight, *(unescape(plainly(one, notes)).strip() for one in (text, feedback)))


def _right(marks: list[Mark], notes: Notes) -> tuple[ItemType, list[int], Credit | None]:
    """Return the type, the places of the right options and the rule of credit; raises where it is none we keep."""
    full = [place for place, mark in enumerate(marks) if mark.sign == "=" and mark.weight in {None, FULL}]
    weights = {place: mark.weight or Decimal(0) for place, mark in enumerate(marks) if mark.sign == "~"}
    shares = {place: share for place, share in weights.items() if share > 0}
    wrong = [share for share in weights.values() if share <= 0]
    if (full and shares) or any(mark.sign == "=" and mark.weight not in {None, FULL} for mark in marks):
        raise BadItemError(because("mixed_marks"))
    if len(full) > 1:
        raise BadItemError(because("either_right", count=len(full)))
    if full:
        lose_penalties(wrong, notes)
        return ItemType.SINGLE, full, credit_of(notes)
    equal_shares(list(shares.values()))
    return ItemType.MULTIPLE, list(shares), rule_of(list(shares.values()), wrong, notes)


def _open_answers(marks: list[Mark], notes: Notes) -> dict[str, Any]:
    """Read answers that are all right: pairs, or texts of which one is enough."""
    if all(ARROW in mark.text for mark in marks):
        pairs = [(left.strip(), right.strip()) for left, _arrow, right in (one.text.partition(ARROW) for one in marks)]
        return matched(pairs, credit_of(notes))
    if any(mark.weight not in {None, FULL} for mark in marks):
        raise BadItemError(because("mixed_marks"))
    wild = next((mark.text for mark in marks if WILDCARD.search(mark.text)), None)
    if wild is not None:
        raise BadItemError(because("wildcard", text=wild))
    accepted = tuple(mark.text.replace("\\*", "*") for mark in marks)
    return {"type": ItemType.BLANK, "body": Body(credit_of(notes), blanks=(Blank(accepted),))}


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
