"""Aiken text: a stem in one line, options under letters, the answer; it says nothing else of an item."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from app.items.rules.building import build
from app.items.rules.content import BadItemError, Defaults, ItemContent, Parsed, Refusals
from app.items.rules.gift import ITEM_LIMIT, NO_DEFAULTS
from app.items.rules.reasons import because
from app.items.states import ItemType

OPTION = re.compile(r"([A-Za-z])[.)、．]\s*(.*)")
# zh: the word for answer
ANSWER = re.compile(r"(?:ANSWER|答案)\s*[:：]\s*(.*)", re.IGNORECASE)


@dataclass
class Block:
    """The lines of one item while they are read, and the line where it starts."""

    start: int = 0
    stem: list[str] = field(default_factory=list)
    options: list[tuple[str, str]] = field(default_factory=list)
    answer: str | None = None

    def add(self, number: int, line: str) -> None:
        """Take a line: an option, the answer, or another line of the stem."""
        self.start = self.start or number
        option, answer = OPTION.fullmatch(line), ANSWER.fullmatch(line)
        if answer is not None:
            self.answer = answer[1].strip()
        elif option is not None and self.stem and option[1].upper() == self._next():
            self.options.append((option[1].upper(), option[2].strip()))
        elif self.options:
            raise BadItemError(because("aiken_line", line=number))
        else:
            self.stem.append(line)

    def _next(self) -> str:
        return chr(ord("A") + len(self.options))


def parse(text: str, defaults: Defaults = NO_DEFAULTS) -> Parsed:
    """Read Aiken text; every item comes out as an item or as a failure with its line."""
    found = Parsed()
    for start, lines in _blocks(text):
        if len(found.entries) >= ITEM_LIMIT:
            return found.fail(str(start), because("many_rows", limit=ITEM_LIMIT))
        try:
            found.entries.append(_item(lines, defaults))
        except BadItemError as error:
            found.fail(str(start), error.reason)
    return found if found.entries else found.fail("1", because("no_items"))


def _blocks(text: str) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """Yield the lines of each item: up to its answer, or to a blank line after options without one."""
    lines: list[tuple[int, str]] = []
    for number, raw in enumerate(text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        line = raw.strip()
        if line:
            lines.append((number, line))
        if lines and (ANSWER.fullmatch(line) or not line):
            yield lines[0][0], lines
            lines = []
    if lines:
        yield lines[0][0], lines


def _item(lines: list[tuple[int, str]], defaults: Defaults) -> ItemContent:
    block, refused = Block(), Refusals()
    for number, line in lines:
        refused.take(partial(block.add, number, line), None)
    unread = bool(refused.reasons)
    letter = (block.answer or "").upper()
    if block.answer is None:
        refused.note(because("aiken_answer"))
    elif letter not in {option for option, _text in block.options} and not unread:
        refused.note(because("key_outside" if re.fullmatch("[A-Z]", letter) else "key_unread", **_named(letter)))
    given = {
        **dict.fromkeys(("code", "explanation", "module", "level", "difficulty"), ""),
        **dict.fromkeys(("topic", "law", "article", "edition"), ""),
        "read": False,
        "type": ItemType.SINGLE,
        "stem": "\n".join(block.stem),
        "options": [] if unread else [text for _letter, text in block.options],
        "key": [letter],
        **refused.told,
        "unread": bool(refused.reasons),
    }
    return build(given, place=str(block.start), defaults=defaults)


def _named(letter: str) -> dict[str, str]:
    return {"keys": letter, "answer": letter}


def write(items: Iterable[ItemContent]) -> str:
    """Write single-choice items; reading gives the same stems, options and answers."""
    return "\n".join(_written(item) for item in items)


def _written(item: ItemContent) -> str:
    options = "".join(f"{option.key}. {option.text}\n" for option in item.options)
    return f"{item.stem}\n{options}ANSWER: {item.keys[0]}\n"


def reads_alike(text: str) -> bool:
    """Tell whether the text of a stem or an option is taken for what it is, not for an answer."""
    return not ANSWER.fullmatch(text)
