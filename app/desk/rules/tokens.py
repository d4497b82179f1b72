"""What is kept of a text so that it can be found: bigrams, pinyin, initials, Latin words.

A token is a 48-bit number, the digest of a mark and a piece of text; the mark keeps the families apart. What a hit
really says is looked at again when it is ranked, so two pieces that share a digest cost a look and nothing more.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

from app.core import pinyin

HAN_RUN = "[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff]+"
PIECES = re.compile(f"({HAN_RUN})|([a-z0-9]+)")
ONE, TWO, SYLLABLE, NEXT, INITIALS, WORD, BEGIN = "1", "2", "s", "n", "i", "w", "p"
SHORTEST_BEGIN, LONGEST_BEGIN = 3, 5


@lru_cache(maxsize=1 << 14)
def token(mark: str, text: str) -> int:
    """Return the number of a piece of text under a mark: 48 bits of BLAKE2b."""
    return int.from_bytes(blake2b(f"{mark}{text}".encode(), digest_size=6).digest())


def normal(text: str) -> str:
    """Return a text as it is compared: full-width and accents folded, lower case, single blanks."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    return " ".join(unicodedata.normalize("NFC", plain).split())


def pieces(text: str) -> Iterator[tuple[bool, str]]:
    """Yield the runs of a normal text: whether Chinese, and the run."""
    for found in PIECES.finditer(text):
        yield found[1] is not None, found[0]


@lru_cache(maxsize=1 << 13)
def syllables(run: str) -> tuple[str, ...]:
    """Return the pinyin of a Chinese run, one syllable a character; a character without a reading is itself."""
    return tuple(pinyin.syllables(run))


def identifier(text: str) -> str:
    """Return an identifier as it is compared: letters and digits only, lower case."""
    return "".join(letter for letter in normal(text) if letter.isascii() and letter.isalnum())


def of_document(title_zh: str, title_en: str, words: str) -> set[int]:
    """Return every token of a document; pinyin and single characters are kept of the titles only."""
    found: set[int] = set()
    for text in (title_zh, title_en):
        for chinese, run in pieces(normal(text)):
            found.update(_of_title_run(run) if chinese else of_word(run))
    for chinese, run in pieces(normal(words)):
        found.update(bigrams(run) if chinese else of_word(run))
    return found


def bigrams(run: str) -> list[int]:
    """Return the tokens of each two neighbouring characters of a Chinese run; of one alone, itself."""
    if len(run) == 1:
        return [token(ONE, run)]
    return [token(TWO, run[at : at + 2]) for at in range(len(run) - 1)]


def _of_title_run(run: str) -> Iterator[int]:
    sounds = syllables(run)
    for at, (letter, sound) in enumerate(zip(run, sounds, strict=True)):
        yield token(ONE, letter)
        yield token(SYLLABLE, sound)
        if at + 1 < len(run):
            following = sounds[at + 1]
            yield token(TWO, run[at : at + 2])
            yield token(NEXT, sound + following[0])
            yield token(INITIALS, sound[0] + following[0])


def of_word(word: str) -> Iterator[int]:
    """Yield the tokens of a Latin word: itself, and its beginnings of three to five letters."""
    yield token(WORD, word)
    for length in range(SHORTEST_BEGIN, min(len(word), LONGEST_BEGIN) + 1):
        yield token(BEGIN, word[:length])
