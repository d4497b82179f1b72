"""What an item says, whatever file it came from: checked once, compared by its normalised wording."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from app.items.rules.reasons import Reason, because
from app.items.states import CognitiveLevel, ItemType
from app.rulebook.terms import MODULES

LETTERS = "ABCDEFGH"
# zh: the wording of the two options that every true/false item carries
TRUE_FALSE_TEXTS = ("正确", "错误")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII)
CODE_DIGITS = 12
TELLING = re.compile(r"(?<=\d)\.(?=\d)|-(?=\d)|(?<=\d)[%‰]")
NAME_LIMIT = 200
TEXT_LIMIT = 4000
PLACES = 6
FEW = 2
NON_CHARACTERS = {"\ufffe", "\uffff"}
KEPT_CONTROLS = {"\n", "\t"}


class Option(NamedTuple):
    """One option: its letter in the file and what it says."""

    key: str
    text: str


class BadItemError(Exception):
    """An item breaks a rule; `reason` says which."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.code)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ItemContent:
    """An item as its author wrote it; `place` is the line or row of its file.

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
    place: str = field(default="", compare=False)

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
        }

    @property
    def keys(self) -> list[str]:
        """Return the right options in the order of their letters."""
        return sorted(self.key)

    @property
    def digest(self) -> str:
        """Return the hash by which two items say the same."""
        return content_hash(self.stem, (option.text for option in self.options))


@dataclass(frozen=True, slots=True)
class Defaults:
    """What stands in for metadata that a file does not give; None asks the file for it."""

    module: str | None = None
    level: str | None = None
    difficulty: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """An item of a file that cannot be taken: where it stands and why; `place` is `12` or `sheet!12`."""

    place: str
    reason: Reason
    code: str = ""
    unit: str = "line"

    @property
    def where(self) -> str:
        """Return the place in words for programs, such as `line 12`."""
        return f"{self.unit} {self.place}"


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a file holds: in its order, items and what of it cannot be taken.

    `unit` is what places count, line or row; `ignored` names columns that hold nothing an item keeps.
    """

    entries: list["ItemContent | Failure"] = field(default_factory=list)
    unit: str = "line"
    ignored: list[str] = field(default_factory=list)

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


def normal(text: str) -> str:
    """Reduce a text to what it says: compatible forms, case, spacing and punctuation do not count.

    The point, sign and percent mark of a number do: 1.5 is not 15, and -5 is not 5.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    telling = {found.start() for found in TELLING.finditer(folded)}
    return "".join(letter for place, letter in enumerate(folded) if not _is_silent(letter) or place in telling)


@cache
def _is_silent(letter: str) -> bool:
    """Tell whether a character says nothing by itself: space, control or punctuation."""
    return unicodedata.category(letter)[0] in "ZCP"


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


def build(given: Mapping[str, Any], *, place: str, defaults: Defaults) -> ItemContent:
    """Check what a reader found and make an item of it; raises BadItemError with the first rule broken.

    `given` has code, type, stem, options (texts), key (letters), explanation and metadata as text; what is
    missing is the empty string.
    """
    item_type = ItemType(given["type"])
    stem = clean(given["stem"], "stem", TEXT_LIMIT)
    if not stem:
        raise BadItemError(because("stem"))
    options = _options(item_type, given["options"])
    key = _key(item_type, options, given["key"])
    texts = [option.text for option in options]
    return ItemContent(
        code=_code(given["code"], stem, texts),
        type=item_type,
        stem=stem,
        options=options,
        key=key,
        explanation=clean(given["explanation"], "explanation", TEXT_LIMIT),
        module=_module(given["module"] or defaults.module or ""),
        level=_level(given["level"] or defaults.level or ""),
        difficulty=difficulty(given["difficulty"] or defaults.difficulty or ""),
        topic=clean(given["topic"], "topic", NAME_LIMIT),
        law=clean(given["law"], "law", NAME_LIMIT),
        article=clean(given["article"], "article", NAME_LIMIT),
        edition=clean(given["edition"], "edition", NAME_LIMIT),
        source_read=given["read"],
        place=place,
    )


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


def difficulty(text: str) -> Decimal:
    """Read a difficulty coefficient between 0 and 1 of at most six places."""
    try:
        value = Decimal(text.strip())
    except InvalidOperation as error:
        raise BadItemError(because("difficulty", difficulty=text)) from error
    if not value.is_finite() or not 0 <= value <= 1 or value != round(value, PLACES):
        raise BadItemError(because("difficulty", difficulty=text))
    return value


def _options(item_type: ItemType, texts: Iterable[str]) -> tuple[Option, ...]:
    if item_type is ItemType.TRUE_FALSE:
        return tuple(map(Option, LETTERS, TRUE_FALSE_TEXTS))
    listed = [clean(text, "option", TEXT_LIMIT) for text in texts]
    if len(listed) < FEW:
        raise BadItemError(because("no_options", count=len(listed)))
    if len(listed) > len(LETTERS):
        raise BadItemError(because("many_options", limit=len(LETTERS), count=len(listed)))
    options = tuple(map(Option, LETTERS, listed))
    _refuse_alike(options)
    return options


def _refuse_alike(options: tuple[Option, ...]) -> None:
    seen: dict[str, str] = {}
    for option in options:
        if not option.text:
            raise BadItemError(because("empty_option", key=option.key))
        told = " ".join(unicodedata.normalize("NFKC", option.text).split())
        if told in seen:
            raise BadItemError(because("same_options", first=seen[told], second=option.key))
        seen[told] = option.key


def _key(item_type: ItemType, options: tuple[Option, ...], letters: Iterable[str]) -> frozenset[str]:
    key = frozenset(letters)
    outside = key - {option.key for option in options}
    if outside:
        raise BadItemError(because("key_outside", keys=", ".join(sorted(outside))))
    if not key:
        raise BadItemError(because("no_key"))
    if len(key) > 1 and item_type is not ItemType.MULTIPLE:
        raise BadItemError(because("many_keys", count=len(key)))
    return key


def _code(given: str, stem: str, texts: list[str]) -> str:
    """Return the code of the file, or one made of the content, so that a second import finds the same item."""
    code = given.strip()
    if not code:
        return f"X-{content_hash(stem, texts)[:CODE_DIGITS].upper()}"
    if not CODE.fullmatch(code):
        raise BadItemError(because("code", code=code[:64]))
    return code


def _module(text: str) -> str:
    if text not in MODULES:
        raise BadItemError(because("module", module=text[:64]))
    return text


def _level(text: str) -> CognitiveLevel:
    if text not in set(CognitiveLevel):
        raise BadItemError(because("level", level=text[:64]))
    return CognitiveLevel(text)
