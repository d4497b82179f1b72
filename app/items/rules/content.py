"""What an item says, whatever file it came from: checked once, compared by its normalised wording."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any, TypeVar

from app.items.rules.bodies import NO_BODY, Body, Option
from app.items.rules.reasons import Reason, because, in_part, on_line, together, unread
from app.items.rules.words import NATIONAL, ModuleWords
from app.items.states import CognitiveLevel, ItemType

LETTERS = "ABCDEFGH"
# zh: the wording of the two options that every true/false item carries
TRUE_FALSE_TEXTS = ("正确", "错误")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)
TELLING = re.compile(r"(?<=\d)\.(?=\d)|-(?=\d)|(?<=\d)[%‰]")
NAME_LIMIT = 200
TEXT_LIMIT = 4000
NON_CHARACTERS = {"\ufffe", "\uffff"}
KEPT_CONTROLS = {"\n", "\t"}
Made = TypeVar("Made")
Other = TypeVar("Other")


class BadItemError(Exception):
    """An item breaks rules; `reason` says which."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


class Refusals:
    """Every reason against an item while it is read, so that its author hears of all of them at once.

    What could not be read is not judged any further: nothing is refused for what follows from another reason.
    """

    def __init__(self, reasons: Iterable[Reason] = ()) -> None:
        self.reasons = list(reasons)

    def take(self, make: Callable[[], Made], otherwise: Other, line: object = None) -> Made | Other:
        """Return what is made, or something else where a rule is broken, which is noted with its line, if named."""
        try:
            return make()
        except BadItemError as error:
            self.note(error.reason, line)
            return otherwise

    def note(self, reason: Reason, line: object = None) -> None:
        """Note reasons, with their line where one is named."""
        self.reasons += (on_line(line, reason) if line else reason).each

    @property
    def told(self) -> dict[str, Any]:
        """Return what a reader gives to building where it refused something."""
        return {"refused": self.reasons} if self.reasons else {}

    def demand_none(self) -> None:
        """Raise BadItemError with all reasons, where there is one."""
        reason = together(self.reasons)
        if reason is not None:
            raise BadItemError(reason)


def stand_in(number: object) -> str:
    """Return a text in the place of one that cannot be read, so that nothing is refused for its lack."""
    return f"\u2026{number}"


def of_part(number: int, make: Callable[[], Made]) -> Made:
    """Return what is made of a sub-item, by its number from one; what is wrong with it is told of its case."""
    try:
        return make()
    except BadItemError as error:
        raise BadItemError(in_part(number, error.reason)) from error


@dataclass(frozen=True, slots=True)
class ItemContent:
    """An item as its author wrote it; `place` is the line or row of its file.

    `without` names what the file said of it that no item holds; like the place, it says nothing of the item itself.

    `difficulty` is the difficulty coefficient (难度系数): the share expected to answer rightly, 0 to 1.
    True/false items carry two options, A for true and B for false.
    """

    code: str
    type: ItemType
    stem: str
    options: tuple[Option, ...]
    key: frozenset[str]
    explanation: str
    module: str
    level: CognitiveLevel
    difficulty: Decimal
    topic: str = ""
    law: str = ""
    article: str = ""
    edition: str = ""
    source_read: bool = False
    body: Body = NO_BODY
    place: str = field(default="", compare=False)
    without: tuple[Reason, ...] = field(default=(), compare=False)

    def to_json(self) -> dict[str, Any]:
        """Return what a staged row stores."""
        return {
            "code": self.code,
            "type": self.type.value,
            "stem": self.stem,
            "options": [option.text for option in self.options],
            "key": self.keys,
            "explanation": self.explanation,
            "module": self.module,
            "level": self.level.value,
            "difficulty": str(self.difficulty),
            "topic": self.topic,
            "law": self.law,
            "article": self.article,
            "edition": self.edition,
            "read": self.source_read,
            "body": self.body.to_json(),
            **({"without": [one.to_json() for one in self.without]} if self.without else {}),
        }

    @property
    def keys(self) -> list[str]:
        """Return the right options in the order of their letters."""
        return sorted(self.key)

    @property
    def digest(self) -> str:
        """Return the hash by which two items say the same."""
        return content_hash(self.stem, told_texts(self.options, self.body))


@dataclass(frozen=True, slots=True)
class Defaults:
    """What stands in for metadata that a file does not give, None asks the file for it; and which modules there are."""

    module: str | None = None
    level: str | None = None
    difficulty: str | None = None
    modules: ModuleWords = NATIONAL


@dataclass(frozen=True, slots=True)
class Failure:
    """What of a file cannot be taken: where it stands and why; `place` is `12` or `sheet!12`."""

    place: str
    reason: Reason
    code: str = ""
    unit: str = "line"

    @property
    def where(self) -> str:
        """Return the place in words for programs, such as `line 12`."""
        return f"{self.unit} {self.place}"

    def to_json(self) -> dict[str, Any]:
        """Return what a staged file stores."""
        return {"place": self.place, "unit": self.unit, "reason": self.reason.to_json()}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Failure":
        """Read it back."""
        return cls(stored["place"], Reason.from_json(stored["reason"]), unit=stored["unit"])


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A picture or attachment that came with a file of items."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file holds: in its order, items and what of it cannot be taken.

    `unit` is what places count, line or row; `unread` names what belongs to none of its items and is not read; `files`
    are pictures and attachments that came along, by their SHA-256 in hexadecimal.
    """

    entries: list["ItemContent | Failure"] = field(default_factory=list)
    unit: str = "line"
    unread: list[Failure] = field(default_factory=list)
    files: dict[str, "Enclosed"] = field(default_factory=dict)

    @property
    def items(self) -> list[ItemContent]:
        """Return the items."""
        return [entry for entry in self.entries if isinstance(entry, ItemContent)]

    @property
    def failures(self) -> list[Failure]:
        """Return what cannot be taken."""
        return [entry for entry in self.entries if isinstance(entry, Failure)]

    def fail(self, place: str, reason: Reason, code: str = "") -> "Parsed":
        """Note what cannot be taken, and why."""
        self.entries.append(Failure(place, reason, code, self.unit))
        return self

    def skip(self, place: str, what: str, said: object = "") -> None:
        """Note what is not read and belongs to no item."""
        self.unread.append(Failure(place, unread(what, said), unit=self.unit))


def normal(text: str) -> str:
    """Reduce a text to what it says: compatible forms, case, spacing and punctuation do not count.

    The point, sign and percent mark of a number do: 1.5 is not 15, and -5 is not 5.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    said: list[str] = []
    end = 0
    for found in TELLING.finditer(folded):
        said += [folded[end : found.start()].translate(SPOKEN), found[0]]
        end = found.end()
    return "".join([*said, folded[end:].translate(SPOKEN)])


class _Spoken(dict[int, int | None]):
    """What `str.translate` makes of a character: itself, or nothing of space, control and punctuation."""

    def __missing__(self, letter: int) -> int | None:
        """Look a character up once."""
        silent = unicodedata.category(chr(letter))[0] in "ZCP"
        return self.setdefault(letter, None if silent else letter)


SPOKEN = _Spoken()


def told_texts(options: Iterable[Option], body: Body) -> Iterator[str]:
    """Yield what an item says beside its stem: options, what is to be matched, and all of its sub-items."""
    yield from (option.text for option in options)
    yield from body.prompts
    for part in body.parts:
        yield part.stem
        yield from told_texts(part.options, part.body)


def content_hash(stem: str, options: Iterable[str]) -> str:
    """Return 64 hexadecimal digits for the normalised stem and options; the order of options does not count."""
    return _hash(stem, tuple(options))


@lru_cache(maxsize=8192)
def _hash(stem: str, options: tuple[str, ...]) -> str:
    """Work the hash out once: an import asks for it at every step."""
    parts = [_telling(stem), *sorted(_telling(text) for text in options)]
    return sha256("\x1f".join(parts).encode()).hexdigest()


def _telling(text: str) -> str:
    """Return the normalised text; one that is all punctuation, such as a formula's sign, stays as it is."""
    return normal(text) or unicodedata.normalize("NFKC", text).strip()


def clean(text: str, name: str, limit: int) -> str:
    """Return a text without outer space and with plain line ends; refuses control characters and excess."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    if any(_is_control(letter) for letter in plain):
        raise BadItemError(because("control", field=f"field:{name}"))
    if len(plain) > limit:
        raise BadItemError(because("too_long", field=f"field:{name}", limit=limit))
    return plain


def _is_control(letter: str) -> bool:
    """Tell whether files could not carry a character: control characters, surrogates, non-characters."""
    return letter in NON_CHARACTERS or (unicodedata.category(letter) in {"Cc", "Cs"} and letter not in KEPT_CONTROLS)
