"""How soon a password is guessed: covered by what guessers try first, at the least cost, and why it is refused.

After D. L. Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016: a password is as strong as
the cheapest way to put it together from patterns. The patterns of Chinese passwords (pinyin names and phrases, dates,
mobile numbers) follow Z. Li, W. Han, W. Xu, "A Large-Scale Empirical Analysis of Chinese Web Passwords", USENIX
Security 2014. Costs are halves of a bit; they and the limit are our own choice, no standard gives them.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from app.core import pinyin
from app.core.errors import Text
from app.core.lazily import lazily
from app.core.text import _l

if TYPE_CHECKING:
    from zxcvbn import frequency_lists
else:
    frequency_lists = lazily("zxcvbn.frequency_lists")

FOLDER = Path(__file__).parent
COMMON = frozenset((FOLDER / "common_passwords.txt").read_text("utf-8").split())
MOST_LEAKED = 12_000

ENOUGH = 66
LETTER, OTHER = 11, 9
WORD, LEAKED, WALK, SEQUENCE, AGAIN, SYLLABLE = 18, 27, 18, 14, 4, 15
YEAR, SHORT_DATE, LONG_DATE, NUMBER = 14, 28, 30, 48
FEWEST_DIFFERENT = 5
SHORTEST_WORD, LONGEST_WORD = 5, 24
SHORTEST_WALK, LONGEST_BLOCK = 3, 4
TAIL = "0123456789!@#$%^&*()_+-=.,? "

AS_LETTERS = str.maketrans("0134578@$!i|", "oleastbaslll")
AS_KEYS = str.maketrans('!@#$%^&*()_+{}:"<>?', "1234567890-=[];',./")
KEYS = ("1234567890-=", "qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./")
INITIALS = "zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]"
FINALS = "iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|ui|uo|ue|ve|er|a|o|e|i|u|v"
YEARS = re.compile(r"19[4-9]\d|20[0-4]\d")
NUMBERS = re.compile(r"(?:\+?86)?1[3-9]\d{9}|0\d{9,11}")
DAYS = {8: LONG_DATE, 6: SHORT_DATE}


class Pattern(StrEnum):
    """What guessers try first."""

    WORD = "word"
    WALK = "walk"
    SEQUENCE = "sequence"
    REPEAT = "repeat"
    DATE = "date"
    NUMBER = "number"
    PINYIN = "pinyin"


REASONS: dict[Pattern, Text] = {
    Pattern.WORD: _l("it is a password or word that many people use, with little beside it"),
    Pattern.WALK: _l("it follows the keys of the keyboard, as qwer and 1qaz do"),
    Pattern.SEQUENCE: _l("it counts up or down, as 1234 and abcd do"),
    Pattern.REPEAT: _l("it repeats the same few characters"),
    Pattern.DATE: _l("it is a year or a date with little beside it"),
    Pattern.NUMBER: _l("it is a telephone number with little beside it"),
    Pattern.PINYIN: _l("it reads as a name or a short phrase in pinyin, with little beside it"),
}


class Part(NamedTuple):
    """A pattern from a place on: how many characters it covers, and what they cost a guesser."""

    pattern: Pattern
    length: int
    cost: int


def guessed_by(password: str) -> Pattern | None:
    """Return the pattern by which a password is guessed early, None where it stands well enough."""
    lowered = password.lower()
    cost, covered = _cheapest(lowered)
    if covered and cost < ENOUGH:
        return covered.most_common(1)[0][0]
    return Pattern.REPEAT if len(set(lowered)) < FEWEST_DIFFERENT else None


def reason_of(pattern: Pattern) -> Text:
    """Return the refusal of a password with the reason, as the person reads it beside the field."""
    return _l("This password is guessed early: %(reason)s. Choose another one.", reason=REASONS[pattern])


def _cheapest(text: str) -> tuple[int, Counter[Pattern]]:
    """Return the least cost of putting a text together, and how many characters each pattern covers."""
    best: list[tuple[int, Counter[Pattern]]] = [(0, Counter())]
    best += [(LETTER * (end + len(text)), Counter()) for end in range(len(text))]
    for start, letter in enumerate(text):
        cost, covered = best[start]
        single = OTHER if not letter.isalpha() else LETTER
        if cost + single < best[start + 1][0]:
            best[start + 1] = (cost + single, covered)
        for part in _parts(text, start):
            end = start + part.length
            if cost + part.cost < best[end][0]:
                best[end] = (cost + part.cost, covered + Counter({part.pattern: part.length}))
    return best[-1]


def _parts(text: str, start: int) -> Iterator[Part]:
    """Yield the patterns that begin at a place."""
    for find in FINDERS:
        yield from find(text, start)


def _words(text: str, start: int) -> Iterator[Part]:
    for end in range(start + SHORTEST_WORD - 1, min(len(text), start + LONGEST_WORD) + 1):
        written, plain = text[start:end], folded(text[start:end])
        if written in COMMON or plain in _hearts():
            yield Part(Pattern.WORD, end - start, WORD)
        elif plain in _leaked_words():
            yield Part(Pattern.WORD, end - start, LEAKED)


def _walks(text: str, start: int) -> Iterator[Part]:
    """Yield the longest walk over neighbouring keys."""
    keys = text.translate(AS_KEYS)
    length = _while(keys, start, lambda one, two: two in _neighbours().get(one, ""))
    if length >= SHORTEST_WALK:
        yield Part(Pattern.WALK, length, WALK)


def _sequences(text: str, start: int) -> Iterator[Part]:
    for step in (1, -1):
        length = _while(text, start, lambda one, two, step=step: ord(two) - ord(one) == step)  # type: ignore[misc]
        if length >= SHORTEST_WALK:
            yield Part(Pattern.SEQUENCE, length, SEQUENCE)


def _while(text: str, start: int, goes_on: Callable[[str, str], bool]) -> int:
    end = start + 1
    while end < len(text) and goes_on(text[end - 1], text[end]):
        end += 1
    return end - start


def _repeats(text: str, start: int) -> Iterator[Part]:
    """Yield blocks of up to four characters that come again at once; one character at least three times."""
    for size in range(1, LONGEST_BLOCK + 1):
        block = text[start : start + size]
        times = 1
        while text.startswith(block, start + times * size):
            times += 1
        if times > 1 and times * size >= SHORTEST_WALK:
            cost = sum(OTHER if not letter.isalpha() else LETTER for letter in block)
            yield Part(Pattern.REPEAT, times * size, cost + AGAIN)


def _dates(text: str, start: int) -> Iterator[Part]:
    if YEARS.match(text, start):
        yield Part(Pattern.DATE, 4, YEAR)
    for length, cost in DAYS.items():
        if _is_day(text[start : start + length], length):
            yield Part(Pattern.DATE, length, cost)


def _is_day(figures: str, length: int) -> bool:
    if len(figures) != length or not (figures.isascii() and figures.isdigit()):
        return False
    whole = figures if length == max(DAYS) else f"19{figures}"
    try:
        found = date.fromisoformat(whole)
    except ValueError:
        return False
    return YEARS.match(f"{found.year}") is not None


def _numbers(text: str, start: int) -> Iterator[Part]:
    found = NUMBERS.match(text, start)
    if found:
        yield Part(Pattern.NUMBER, len(found[0]), NUMBER)


def _syllables(text: str, start: int) -> Iterator[Part]:
    for found in _spelt(text, start):
        yield Part(Pattern.PINYIN, found, SYLLABLE)


def _spelt(text: str, start: int) -> set[int]:
    """Return how long a syllable of pinyin at a place may be, from two letters on."""
    return {
        end - start
        for end in range(start + 2, min(len(text), start + 6) + 1)
        if SYLLABLES.fullmatch(text, start, end) is not None
    }


SYLLABLES = re.compile(f"(?:{INITIALS})(?:{FINALS})|ai|an|ang|ao|ei|en|er|ou")
FINDERS = (_walks, _words, _sequences, _repeats, _dates, _numbers, _syllables)


def folded(text: str) -> str:
    """Return a text with look-alike figures and signs as letters, so that p@ssw0rd reads password."""
    return text.lower().translate(AS_LETTERS)


def spelt(name: str) -> tuple[str, ...]:
    """Return a Chinese name as it is spelt in pinyin, family name first and last; nothing for one of few letters."""
    syllables = pinyin.syllables(name.strip(), _left_out)
    ways = ("".join(syllables), "".join([*syllables[1:], *syllables[:1]]))
    return tuple(way for way in ways if len(way) >= SHORTEST_WORD)


def _left_out(unread: str) -> list[str]:
    del unread
    return []


@cache
def _hearts() -> frozenset[str]:
    """Return the common passwords and the words at their heart, folded."""
    hearts = {word.strip(TAIL) for word in COMMON}
    return frozenset(folded(word) for word in {*COMMON, *hearts} if len(word) >= SHORTEST_WORD)


@cache
def _leaked_words() -> frozenset[str]:
    """Return the words at the heart of the passwords that leaked most often, as zxcvbn lists them, folded."""
    hearts = {word.lower().rstrip(TAIL) for word in frequency_lists.FREQUENCY_LISTS["passwords"][:MOST_LEAKED]}
    return frozenset(
        folded(word) for word in hearts if len(word) >= SHORTEST_WORD and any(letter.isalpha() for letter in word)
    )


@cache
def _neighbours() -> dict[str, str]:
    """Return for each key the keys that touch it; each row of a keyboard stands half a key further right."""
    rows = [dict(enumerate(row)) for row in KEYS]
    near: dict[str, str] = {}
    for number, row in enumerate(rows):
        above = rows[number - 1] if number else {}
        below = rows[number + 1] if number + 1 < len(rows) else {}
        for place, key in row.items():
            touching = [row.get(place - 1), row.get(place + 1), above.get(place), above.get(place + 1)]
            touching += [below.get(place), below.get(place - 1)]
            near[key] = "".join(one for one in touching if one)
    return near
