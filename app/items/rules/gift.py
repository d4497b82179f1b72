"""GIFT files: read with the line of every item that cannot be kept, written so that reading gives the same.

Metadata stands in a comment above the item: `// [id:JJ-001] [tag:module=policy] [tag:level=apply]
[tag:difficulty=0.60] [tag:topic=..] [tag:law=..] [tag:article=..] [tag:version=..] [tag:read=no]`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from app.items.rules.building import build
from app.items.rules.content import (
    CODE,
    LETTERS,
    BadItemError,
    Defaults,
    ItemContent,
    Parsed,
)
from app.items.rules.reasons import because
from app.items.states import ItemType

NO_DEFAULTS = Defaults()
SPECIAL = "\\~=#{}:"
ESCAPED = re.compile(r"\\([\\~=#{}:n])")
NOTE = re.compile(r"\[(id|tag):((?:\\.|[^\]\\])*)\]")
NOTE_ID = re.compile(r"\[id:([^\]]*)\]")
NOTE_START = re.compile(r"\[(?:id|tag):")
TITLE = re.compile(r"::((?:\\.|[^:\\]|:(?!:))*)::")
FORMAT = re.compile(r"\[(html|moodle|plain|markdown)\]")
WEIGHT = re.compile(r"%(-?\d{1,3}(?:\.\d{1,10})?)%")
TRUTH = re.compile(r"(TRUE|FALSE|T|F)\s*(#.*)?", re.IGNORECASE | re.DOTALL)
PLAIN = {"moodle", "plain"}
BLANK = "_____"
ABSENT = "-"
FULL = Decimal(100)
SPREAD = Decimal(1)
ITEM_LIMIT = 2000


@dataclass
class Block:
    """The lines of one item: its notes, its text, and the line where the text starts."""

    notes: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    start: int = 0
    depth: int = 0
    closed: bool = False

    def note(self, line: str) -> None:
        """Take a comment; a second id belongs to another item, so what was noted before is let go."""
        if NOTE_ID.search(line) and any(NOTE_ID.search(known) for known in self.notes):
            self.notes.clear()
        self.notes.append(line)

    def add(self, number: int, line: str) -> None:
        """Take a line of text and count its braces."""
        self.start = self.start or number
        self.lines.append(line)
        for mark in _unescaped(line, "{}"):
            self.depth += 1 if line[mark] == "{" else -1
            self.closed = self.closed or self.depth <= 0


class Mark(NamedTuple):
    """One option of an answer block: its sign, its weight in percent, its text and feedback as written."""

    sign: str
    weight: Decimal | None
    text: str
    feedback: str


def parse(text: str, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read a GIFT file; every item comes out as an item or as a failure with its line."""
    found = Parsed()
    for count, block in enumerate(_blocks(text), 1):
        if count > ITEM_LIMIT:
            return found.fail(str(block.start), because("many_rows", limit=ITEM_LIMIT))
        code = next(iter(NOTE_ID.findall("".join(block.notes))), "")
        try:
            found.entries.append(_item(block, _notes(block), defaults))
        except BadItemError as error:
            found.fail(str(block.start), error.reason, code)
    return found if found.entries else found.fail("1", because("no_items"))


def _blocks(text: str) -> Iterator[Block]:
    block = Block()
    for number, raw in enumerate(_lines(text), 1):
        line = raw.strip()
        if block.lines and _ends(block, line):
            yield block
            block = Block()
        if line.startswith("//") and block.depth <= 0:
            block.note(line)
        elif line and not line.startswith(("//", "$CATEGORY:")):
            block.add(number, line)
    if block.lines:
        yield block


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _ends(block: Block, line: str) -> bool:
    """Tell whether a line ends the item before it; an open answer block ends only where a new item starts."""
    if line.startswith(("::", "// [id:")):
        return True
    if block.depth > 0:
        return False
    return not line or line.startswith("$CATEGORY:") or (line.startswith("//") and block.closed)


def _notes(block: Block) -> dict[str, str]:
    """Read the notes above an item: its id and its tags; a tag without a name is its topic."""
    notes: dict[str, str] = {}
    for line in block.notes:
        if len(NOTE_START.findall(line)) != len(NOTE.findall(line)):
            raise BadItemError(because("bad_tag", tag=line[:80]))
        for kind, value in NOTE.findall(line):
            name, _, said = value.partition("=") if kind == "tag" and "=" in value else (kind, "", value)
            plain = re.sub(r"\\([\\\[\]])", r"\1", said).strip()
            notes.setdefault("topic" if name == "tag" else name.strip(), "" if plain == ABSENT else plain)
    return notes


def _item(block: Block, notes: dict[str, str], defaults: Defaults) -> ItemContent:
    title, stem, answer = _parts("\n".join(block.lines))
    answer, explanation = _split(answer, "####")
    given = {
        "code": notes.get("id") or (title if CODE.fullmatch(title) else ""),
        "stem": stem,
        **{name: notes.get(name, "") for name in ("module", "level", "difficulty", "topic", "law", "article")},
        "edition": notes.get("version", ""),
        "read": _read(notes.get("read", "")),
        **_answer(answer.strip(), _unescape(explanation).strip()),
    }
    return build(given, place=str(block.start), defaults=defaults)


def _read(text: str) -> bool:
    if text.lower() not in {"", "yes", "no"}:
        raise BadItemError(because("read_mark", value=text[:64]))
    return text.lower() == "yes"


def _parts(body: str) -> tuple[str, str, str]:
    """Return title and stem as plain text, and the answer block as written."""
    titled = TITLE.match(body)
    title = _unescape(titled[1]).strip() if titled else ""
    rest = _plain(body[titled.end() :] if titled else body)
    braces = list(_unescaped(rest, "{}"))
    if not braces:
        raise BadItemError(because("no_answer_block"))
    start = braces[0]
    end = next((at for at in braces if rest[at] == "}"), None)
    if end is None or rest[start] != "{":
        raise BadItemError(because("open_block"))
    if len(braces) > 2:  # noqa: PLR2004 - one pair of braces
        raise BadItemError(because("two_blocks"))
    tail = _unescape(rest[end + 1 :]).strip()
    stem = _unescape(rest[:start]).strip()
    return title, f"{stem}{BLANK}{tail}" if tail else stem, rest[start + 1 : end]


def _answer(answer: str, explanation: str) -> dict[str, object]:
    """Return type, options, key and explanation of an answer block; raises where it is none of ours."""
    truth = TRUTH.fullmatch(answer)
    if truth:
        told = [_unescape(part).strip() for part in _pieces(truth[2] or "", "#")]
        right = LETTERS[0] if truth[1].upper().startswith("T") else LETTERS[1]
        said = "\n".join(part for part in (explanation, *told) if part)
        return {"type": ItemType.TRUE_FALSE, "options": [], "key": [right], "explanation": said}
    if not answer:
        raise BadItemError(because("essay"))
    if answer.startswith("#"):
        raise BadItemError(because("numerical"))
    marks = _marks(answer)
    item_type, places = _right(marks)
    feedback = [f"{letter}: {mark.feedback}" for letter, mark in zip(LETTERS, marks, strict=False) if mark.feedback]
    return {
        "type": item_type,
        "options": [mark.text for mark in marks],
        "key": [LETTERS[place] for place in places if place < len(LETTERS)],
        "explanation": "\n".join(part for part in (explanation, *feedback) if part),
    }


def _marks(answer: str) -> list[Mark]:
    places = list(_unescaped(answer, "=~"))
    before = answer[: places[0]] if places else answer
    if before.strip():
        raise BadItemError(because("before_options", text=_unescape(before).strip()[:40]))
    return [_mark(answer[start:end]) for start, end in zip(places, [*places[1:], len(answer)], strict=True)]


def _mark(written: str) -> Mark:
    sign, rest = written[0], written[1:].strip()
    weighed = WEIGHT.match(rest)
    text, feedback = _split(_plain(rest[weighed.end() :] if weighed else rest), "#")
    weight = Decimal(weighed[1]) if weighed else None
    return Mark(sign, weight, _unescape(text).strip(), _unescape(feedback).strip())


def _right(marks: list[Mark]) -> tuple[ItemType, list[int]]:
    """Return the type and the places of the right options; raises where the marks say something we do not keep."""
    _refuse_open_answers(marks)
    full = [place for place, mark in enumerate(marks) if mark.sign == "=" and mark.weight in {None, FULL}]
    shares = [place for place, mark in enumerate(marks) if mark.sign == "~" and (mark.weight or 0) > 0]
    if (full and shares) or any(mark.sign == "=" and mark.weight not in {None, FULL} for mark in marks):
        raise BadItemError(because("mixed_marks"))
    if len(full) > 1:
        raise BadItemError(because("either_right", count=len(full)))
    if full:
        return ItemType.SINGLE, full
    _check_shares([mark.weight or Decimal(0) for mark in marks if (mark.weight or 0) > 0])
    return ItemType.MULTIPLE, shares


def _refuse_open_answers(marks: list[Mark]) -> None:
    if any(mark.sign == "~" for mark in marks):
        return
    raise BadItemError(because("matching" if any("->" in mark.text for mark in marks) else "short_answer"))


def _check_shares(shares: list[Decimal]) -> None:
    if not shares:
        raise BadItemError(because("no_key"))
    if abs(sum(shares) - FULL) > SPREAD or max(shares) - min(shares) > SPREAD:
        raise BadItemError(because("weights", weights=", ".join(f"{share}%" for share in shares)))


def _plain(written: str) -> str:
    """Drop a mark of plain text; refuse text in a markup language."""
    marked = FORMAT.match(written.lstrip())
    if marked is None:
        return written
    if marked[1] not in PLAIN:
        raise BadItemError(because("formatted", format=marked[1]))
    return written.lstrip()[marked.end() :]


def _unescaped(text: str, wanted: str) -> Iterator[int]:
    """Yield the places of characters that no backslash stands before."""
    at = 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] in wanted:
            yield at
        at += 1


def _split(text: str, mark: str) -> tuple[str, str]:
    """Split at the first mark that is not escaped."""
    for at in _unescaped(text, mark[0]):
        if text.startswith(mark, at):
            return text[:at], text[at + len(mark) :]
    return text, ""


def _pieces(text: str, mark: str) -> list[str]:
    places = [-1, *_unescaped(text, mark), len(text)]
    return [text[start + 1 : end] for start, end in pairwise(places)]


def _unescape(text: str) -> str:
    return ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text)


def write(items: Iterable[ItemContent]) -> str:
    """Write items as GIFT; reading it gives equal items."""
    return "\n".join(_written(item) for item in items)


def _written(item: ItemContent) -> str:
    head = f"{_written_notes(item)}\n::{_escape(item.code)}::{_guard(item.stem)}{{"
    explanation = f"####{_escape(item.explanation)}" if item.explanation else ""
    if item.type is ItemType.TRUE_FALSE:
        truth = "TRUE" if LETTERS[0] in item.key else "FALSE"
        return f"{head}{truth}{explanation}}}\n"
    options = "".join(
        f"{_written_mark(item, option.key, option.text)}{_guard(option.text)}\n" for option in item.options
    )
    return f"{head}\n{options}{explanation}{chr(10) if explanation else ''}}}\n"


def _written_notes(item: ItemContent) -> str:
    tags = {
        "module": item.module,
        "level": item.level.value,
        "difficulty": coefficient(item.difficulty),
        "topic": item.topic,
        "law": item.law,
        "article": item.article,
        "version": item.edition,
        "read": "yes" if item.source_read else "no",
    }
    notes = [f"[id:{item.code}]", *(f"[tag:{name}={_escape_note(value)}]" for name, value in tags.items())]
    return f"// {' '.join(notes)}"


def coefficient(value: Decimal) -> str:
    """Write a difficulty coefficient with two places, or more where it has more."""
    return f"{value:.2f}" if value == round(value, 2) else f"{value.normalize():f}"


def _escape_note(value: str) -> str:
    single = " ".join(value.split())
    return re.sub(r"([\\\]])", r"\\\1", single) or ABSENT


def _written_mark(item: ItemContent, key: str, text: str) -> str:
    """Return sign and weight; a weight is written out where the text would be read as one."""
    if item.type is ItemType.MULTIPLE:
        share = f"{FULL / len(item.key):.5f}".rstrip("0").rstrip(".")
        return f"~%{share}%" if key in item.key else "~%-100%"
    spoken = WEIGHT.match(text) is not None
    if key in item.key:
        return "=%100%" if spoken else "="
    return "~%0%" if spoken else "~"


def _guard(text: str) -> str:
    """Escape a text; where it starts like a mark of format, say that it is plain."""
    return ("[plain]" if FORMAT.match(text) else "") + _escape(text)


def _escape(text: str) -> str:
    escaped = "".join(f"\\{letter}" if letter in SPECIAL else letter for letter in text)
    return escaped.replace("\n", "\\n")
