"""Pinyin without tones, read from the tables of pypinyin as the library reads them, in a fraction of its memory.

The library keeps each phrase as a list of lists and each beginning of a phrase as a text of its own: 55 MB, of which
every process needed its share. Here the phrases that begin with one character are one text, and a character has a
number in an array. What is read is the same, as the tests compare: the longest phrase first, then single characters,
of several readings the first.
"""

import re
import unicodedata
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path

HAN = re.compile(
    "[\u3007\u3400-\u4dbf\u4e00-\u9fff\ue815-\ue864\uf900-\ufaff"
    "\U00020000-\U0002a6df\U0002a703-\U0002b81d\U0002b825-\U0002bf6e\U0002c029-\U0002ce93\U0002d016"
    "\U0002d11b-\U0002ebd9\U0002f80a-\U0002fa1f\U00030000-\U0003134a\U00031350-\U00032389]"
)
"""The characters that the library reads: the blocks of Unicode as far as they are assigned, and what GB 18030 added."""
BEGIN, END = "\n", "\t"
TONES = {"\u0300", "\u0301", "\u0304", "\u030c"}
DIAERESIS = "\u0308"
HIGHEST = 0x323AF
"""The last character of the highest block that the tables know (CJK Unified Ideographs Extension H)."""
CHARACTER = re.compile(r'"(?P<place>\d+)":\s*"(?P<readings>[^"]*)"')
PHRASE = re.compile(r'"(?P<phrase>[^"]+)":\s*\[(?P<readings>(?:\s*\[[^\]]*\],?)+)\s*\]')
FIRST_READING = re.compile(r'\[\s*"([^"]*)"')
Unread = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Tables:
    """Readings without tones: of single characters by number, of phrases by their first character.

    A line of `phrases` is a phrase, a mark, and its syllables with blanks between them where they are not those of its
    characters one by one.
    """

    syllables: tuple[str, ...]
    numbers: "array[int]"  # which Python 3.11 cannot say at run time
    phrases: dict[str, str]

    def of_character(self, letter: str) -> str:
        """Return the first reading of a character, an empty text where there is none."""
        place = ord(letter)
        return self.syllables[self.numbers[place]] if place < len(self.numbers) else ""


def syllables(text: str, unread: Unread = list) -> list[str]:
    """Return the pinyin of a text, one syllable a Chinese character; u with diaeresis is written v.

    What has no reading, be it a run of other letters or one rare character, is given to `unread`: by default it stands
    letter by letter.
    """
    found: list[str] = []
    for chinese, run in groupby(text, _is_han):
        letters = "".join(run)
        found += _read(letters, unread) if chinese else unread(letters)
    return found


def every_syllable() -> frozenset[str]:
    """Return the syllables of all readings of all characters."""
    return frozenset(plain(one) for _letter, readings in _characters() for one in readings.split(","))


@cache
def tables() -> Tables:
    """Return the tables, read once in a process; where that must not cost a request it is called at the start."""
    numbered, numbers = {"": 0}, array("H", [0]) * (HIGHEST + 1)
    for letter, readings in _characters():
        numbers[ord(letter)] = numbered.setdefault(plain(readings.partition(",")[0]), len(numbered))
    found = Tables(tuple(numbered), numbers, {})
    for phrase, read in _phrases():
        usual = [found.of_character(letter) for letter in phrase]
        line = f"{phrase}{END}{'' if read == usual else ' '.join(read)}{BEGIN}"
        found.phrases[phrase[0]] = found.phrases.get(phrase[0], BEGIN) + line
    return found


@lru_cache(maxsize=1 << 11)
def plain(reading: str) -> str:
    """Return a syllable without its tone."""
    spread = unicodedata.normalize("NFD", reading).replace(f"u{DIAERESIS}", "v")
    return unicodedata.normalize("NFC", "".join(letter for letter in spread if letter not in TONES))


def _is_han(letter: str) -> bool:
    return HAN.match(letter) is not None


def _read(run: str, unread: Unread) -> Iterator[str]:
    """Read a run of Chinese characters, at each place the longest phrase."""
    known = tables()
    start = 0
    while start < len(run):
        lines = known.phrases.get(run[start], "")
        longest, tried = 0, 1
        while start + tried <= len(run) and f"{BEGIN}{run[start : start + tried]}" in lines:
            if f"{BEGIN}{run[start : start + tried]}{END}" in lines:
                longest = tried
            tried += 1
        # As the library does: an end that is the beginning of a phrase is read character by character.
        length = longest or (len(run) - start if start + tried > len(run) else 1)
        yield from _of_phrase(run[start : start + length], lines if longest else "", unread)
        start += length


def _of_phrase(word: str, lines: str, unread: Unread) -> Iterator[str]:
    _before, found, rest = lines.partition(f"{BEGIN}{word}{END}")
    read = rest[: rest.index(BEGIN)] if found else ""
    if read:
        yield from read.split(" ")
        return
    known = tables()
    for letter in word:
        reading = known.of_character(letter)
        if reading:
            yield reading
        else:
            yield from unread(letter)


def _characters() -> Iterator[tuple[str, str]]:
    """Yield each character with its readings, separated by commas."""
    for found in CHARACTER.finditer(_table("pinyin_dict.json")):
        yield chr(int(found["place"])), found["readings"]


def _phrases() -> Iterator[tuple[str, list[str]]]:
    """Yield each phrase with its syllables, read one by one: the whole table at once costs 35 MB."""
    for found in PHRASE.finditer(_table("phrases_dict.json")):
        yield found["phrase"], [plain(one) for one in FIRST_READING.findall(found["readings"])]


def _table(name: str) -> str:
    """Return a table of the library, which is found without loading the library."""
    spec = find_spec("pypinyin")
    if spec is None or spec.origin is None:
        msg = "pypinyin is not installed; run make setup"
        raise ModuleNotFoundError(msg)
    return Path(spec.origin).with_name(name).read_text("utf-8")
