"""GIFT files: read with the line of every item that cannot be kept, written so that reading gives the same.

Metadata stands in a comment above the item: `// [id:JJ-001] [tag:module=policy] [tag:level=apply]
[tag:difficulty=0.60] [tag:topic=..] [tag:law=..] [tag:article=..] [tag:version=..] [tag:read=no]`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from app.items.rules.building import build
from app.items.rules.content import (
    LETTERS,
    BadItemError,
    Defaults,
    ItemContent,
    Parsed,
    Refusals,
    stand_in,
)
from app.items.rules.gift_answers import (
    FORMAT,
    Reading,
    escape,
    guard,
    plainly,
    read_answer,
    split,
    unescape,
    unescaped,
    write_answer,
)
from app.items.rules.notes import Notes, from_tags, given_of, notes_of, take_category
from app.items.rules.reasons import because
from app.items.rules.words import ModuleWords
from app.items.states import WRITTEN, ItemType

NO_DEFAULTS = Defaults()
NOTE = re.compile(r"\[(id|tag):((?:\\.|[^\]\\])*)\]")
NOTE_ID = re.compile(r"\[id:([^\]]*)\]")
NOTE_SIGN = re.compile(r"\\([\\\[\]n-])")
NOTE_START = re.compile(r"\[(?:id|tag):")
TITLE = re.compile(r"::((?:\\.|[^:\\]|:(?!:))*)::")
CATEGORY = "$CATEGORY:"
BLANK = "_____"
ABSENT = "-"
ITEM_LIMIT = 2000


@dataclass
class Block:
    """The lines of one item: its category, its notes with their lines, its text, and the line where the text starts."""

    category: str = ""
    notes: list[tuple[int, str]] = field(default_factory=list)
    asides: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    start: int = 0
    depth: int = 0
    braced: bool = False

    def note(self, number: int, line: str, found: Parsed) -> None:
        """Take a comment; a second id belongs to another item, so what was noted before belongs to none."""
        if NOTE_ID.search(line) and any(NOTE_ID.search(known) for _number, known in self.notes):
            self.let_go(found)
        self.notes.append((number, line))

    def let_go(self, found: Parsed) -> None:
        """Note the comments that no item follows."""
        for number, line in self.notes:
            found.skip(str(number), "what:comment", line.strip("/ "))
        self.notes.clear()

    def add(self, number: int, line: str) -> None:
        """Take a line of text and count its braces."""
        self.start = self.start or number
        self.lines.append(line)
        self.numbers.append(number)
        for mark in unescaped(line, "{}"):
            self.depth += 1 if line[mark] == "{" else -1
            self.braced = True

    def line_at(self, place: int) -> int | None:
        """Return the line of a place in the text, None on the first line, which is that of the item."""
        number = self.numbers["\n".join(self.lines).count("\n", 0, place)]
        return number if number != self.start else None


def parse(text: str, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read a GIFT file; every item comes out as an item or as a failure with its line."""
    found = Parsed()
    for count, block in enumerate(_blocks(text, found), 1):
        if count > ITEM_LIMIT:
            return found.fail(str(block.start), because("many_rows", limit=ITEM_LIMIT))
        code = next(iter(NOTE_ID.findall("".join(line for _number, line in block.notes))), "")
        try:
            found.entries.append(_item(block, defaults))
        except BadItemError as error:
            found.fail(str(block.start), error.reason, code)
    return found if found.entries else found.fail("1", because("no_items"))


def _blocks(text: str, found: Parsed) -> Iterator[Block]:
    block, category = Block(), (0, "")
    for number, raw in enumerate(_lines(text), 1):
        line = raw.strip()
        if block.lines and _ends(block, line):
            yield block
            block, category = Block(block.category), (0, "")
        if line.startswith("//"):
            if block.depth <= 0:
                block.note(number, line, found)
            else:
                block.asides.append(line)
        elif line.startswith(CATEGORY):
            _skip_category(category, found)
            block.category = line.removeprefix(CATEGORY).strip()
            category = (number, block.category)
        elif line:
            block.add(number, line)
    if block.lines:
        yield block
    else:
        block.let_go(found)
        _skip_category(category, found)


def _skip_category(category: tuple[int, str], found: Parsed) -> None:
    """Note a category in which no item stands."""
    if category[1]:
        found.skip(str(category[0]), "what:category", category[1])


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _ends(block: Block, line: str) -> bool:
    """Tell whether a line ends the item before it; an open answer block ends only where a new item starts."""
    if line.startswith(("::", "// [id:")):
        return True
    if block.depth > 0:
        return False
    return not line or line.startswith(CATEGORY) or (line.startswith("//") and block.braced)


def _notes(block: Block, refused: Refusals, modules: ModuleWords) -> Notes:
    """Read the notes above an item: its id and its tags; a tag without a name is its topic."""
    tags: list[str] = []
    comments = [line.strip("/ ") for line in block.asides]
    for _number, line in block.notes:
        if len(NOTE_START.findall(line)) != len(NOTE.findall(line)):
            refused.note(because("bad_tag", tag=line))
        tags += (_tag(kind, value) for kind, value in NOTE.findall(line))
        comments.append(NOTE.sub("", line).strip("/ "))
    notes = from_tags(tags)
    for comment in filter(None, comments):
        notes.lose("what:comment", comment)
    take_category(block.category, notes, modules)
    return notes


def _tag(kind: str, value: str) -> str:
    """Return a note as a tag with its name; a lone dash says nothing."""
    name, named, said = value.partition("=") if kind == "tag" else ("id", "=", value)
    written = (said if named else name).strip()
    shown = "" if written == ABSENT else NOTE_SIGN.sub(lambda found: "\n" if found[1] == "n" else found[1], written)
    return f"{name}={shown}" if named else shown


def _item(block: Block, defaults: Defaults) -> ItemContent:
    refused = Refusals()
    notes = _notes(block, refused, defaults.modules)
    given: dict[str, Any] = {}
    text = "\n".join(block.lines)
    parts = refused.take(lambda: _parts(text), None)
    if parts is not None:
        answer, explanation = split(text[parts.start : parts.end], "####")
        reading = Reading(notes, refused, block.line_at)
        stem = refused.take(lambda: parts.stem(notes), stand_in(0))
        said = reading.text(explanation, parts.end - len(explanation))
        given = {
            **given_of(notes, stem, refused, name=parts.title),
            "stem": stem,
            **read_answer(answer, parts.start, said, reading),
        }
    else:
        given = given_of(notes, "", refused)
    given |= {"without": notes.left(), **refused.told}
    return build(given, place=str(block.start), defaults=defaults)


class Parts(NamedTuple):
    """The title of an item, what is written before and after its answer block, and where that starts and ends."""

    title: str
    before: str
    after: str
    start: int
    end: int

    def stem(self, notes: Notes) -> str:
        """Return the stem as plain text, with a gap where text follows the block; raises BadItemError."""
        marked = FORMAT.match(self.before.lstrip())
        tail = unescape(plainly((marked[0] if marked else "") + self.after, notes)).strip()
        stem = unescape(plainly(self.before, notes)).strip()
        return f"{stem}{BLANK}{tail}" if tail else stem


def _parts(body: str) -> Parts:
    """Find the answer block of an item and what stands around it; raises BadItemError."""
    titled = TITLE.match(body)
    title = unescape(titled[1]).strip() if titled else ""
    rest = body[titled.end() :] if titled else body
    braces = list(unescaped(rest, "{}"))
    if not braces:
        raise BadItemError(because("no_answer_block"))
    start = braces[0]
    end = next((at for at in braces if rest[at] == "}"), None)
    if end is None or rest[start] != "{":
        raise BadItemError(because("open_block"))
    if len(braces) > 2:  # noqa: PLR2004 - one pair of braces
        raise BadItemError(because("two_blocks"))
    before = len(body) - len(rest) + 1
    return Parts(title, rest[:start], rest[end + 1 :], before + start, before + end - 1)


def write(items: Iterable[ItemContent]) -> str:
    """Write items as GIFT; reading it gives equal items."""
    return "\n".join(_written(item) for item in items)


def _written(item: ItemContent) -> str:
    head = f"{_written_notes(item)}\n::{escape(item.code)}::{guard(item.stem)}{{"
    plain = "[plain]" if FORMAT.match(item.explanation) else ""
    explanation = f"####{plain}{escape(item.explanation)}" if item.explanation else ""
    if item.type is ItemType.TRUE_FALSE:
        truth = "TRUE" if LETTERS[0] in item.key else "FALSE"
        return f"{head}{truth}{explanation}}}\n"
    if item.type in WRITTEN:
        return f"{head}{explanation}}}\n"
    return f"{head}\n{write_answer(item)}{explanation}{chr(10) if explanation else ''}}}\n"


def _written_notes(item: ItemContent) -> str:
    notes = [f"[id:{item.code}]", *(f"[tag:{name}={_escape_note(value)}]" for name, value in notes_of(item).items())]
    return f"// {' '.join(notes)}"


def _escape_note(value: str) -> str:
    escaped = re.sub(r"([\\\]])", r"\\\1", value).replace("\n", "\\n")
    return f"\\{ABSENT}" if value == ABSENT else escaped or ABSENT
