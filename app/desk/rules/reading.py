"""How a typed query is read: as alternatives of tokens that must all be in a document."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from string import ascii_lowercase

from app.core import pinyin
from app.desk.rules.tokens import (
    BEGIN,
    INITIALS,
    LONGEST_BEGIN,
    NEXT,
    ONE,
    SHORTEST_BEGIN,
    SYLLABLE,
    WORD,
    bigrams,
    identifier,
    normal,
    pieces,
    token,
)

LONGEST_QUERY = 64
LONGEST_SYLLABLE = 6  # mutant: no syllable of Mandarin is longer, so looking for longer ones finds none
MOST_TERMS = 6
MOST_PLANS = 12
MOST_READINGS = 4
MOST_NEAR = 40
SHORTEST_CORRECTED, LONGEST_CORRECTED = 4, 20
LONGEST_INITIALS = 8
SHORTEST_IDENTIFIER = 3
NO_SYLLABLES = {"m", "n", "ng", "hm", "hng"}
Plan = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One run of a query: Chinese characters, or Latin letters and digits."""

    chinese: bool
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """A query as it is compared: its terms, and the identifier that it may be the beginning of."""

    text: str
    terms: tuple[Term, ...]
    identifier: str | None


def read(typed: str) -> Query:
    """Read what was typed; what goes beyond 64 characters or six terms is left out."""
    text = normal(typed)[:LONGEST_QUERY]
    terms = tuple(Term(chinese, run) for chinese, run in islice(pieces(text), MOST_TERMS))
    return Query(text, terms, _identifier(text))


def _identifier(text: str) -> str | None:
    """Return the query as an identifier where it could be one: no Chinese, some digit, three characters or more."""
    found = identifier(text)
    wanted = text.isascii() and any(letter.isdigit() for letter in found)
    return found if wanted and len(found) >= SHORTEST_IDENTIFIER else None


def plans(query: Query) -> list[Plan]:
    """Return the sets of tokens, one of which a document must hold entirely."""
    return _combined([_readings(term) for term in query.terms])


def _combined(alternatives: list[list[Plan]], most: int = MOST_PLANS) -> list[Plan]:
    if not alternatives:
        return []
    chosen = islice(product(*alternatives), most)
    return list(dict.fromkeys(tuple(sorted(set().union(*parts))) for parts in chosen))


def _readings(term: Term) -> list[Plan]:
    if term.chinese:
        return [tuple(bigrams(term.text))]
    word = term.text
    if len(word) < SHORTEST_BEGIN:
        found: list[Plan] = [(token(WORD, word),)]
    else:
        found = [(token(BEGIN, word[:LONGEST_BEGIN]),)]
    if word.isalpha():
        found += [_by_sound(*spelt) for spelt in spellings(word)]
        if 1 < len(word) <= LONGEST_INITIALS:
            found.append(tuple(token(INITIALS, word[at : at + 2]) for at in range(len(word) - 1)))
    return found


def _by_sound(sounds: tuple[str, ...], rest: str) -> Plan:
    """Return the tokens of syllables, the last of which may be followed by the beginning of another."""
    followers = [*(sound[0] for sound in sounds[1:]), *rest[:1]]
    plan = [token(NEXT, sound + follower) for sound, follower in zip(sounds, followers, strict=False)]
    if not rest:
        plan.append(token(SYLLABLE, sounds[-1]))
    return tuple(plan)


@lru_cache(maxsize=1)
def known_syllables() -> frozenset[str]:
    """Return every syllable of Mandarin without its tone; u with diaeresis is typed as v."""
    written = {"".join(one for one in sound if one in ascii_lowercase) for sound in pinyin.every_syllable()}
    return frozenset(written - NO_SYLLABLES - {""})


@lru_cache(maxsize=1 << 12)
def spellings(word: str) -> tuple[tuple[tuple[str, ...], str], ...]:
    """Return how a word divides into syllables, whole ones first; the rest may be the beginning of one more."""
    found = sorted(_divided(word), key=lambda one: (len(one[1]), len(one[0])))
    return tuple(islice(found, MOST_READINGS))


def _divided(word: str, before: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if before and (not word or _begins(word)):
        yield before, word
    for length in range(1, min(LONGEST_SYLLABLE, len(word)) + 1):
        if word[:length] in known_syllables():
            yield from _divided(word[length:], (*before, word[:length]))


@lru_cache(maxsize=1)
def _beginnings() -> frozenset[str]:
    return frozenset(sound[:length] for sound in known_syllables() for length in range(1, len(sound)))


def _begins(rest: str) -> bool:
    return rest in _beginnings()


def near_words(query: Query) -> dict[str, list[Plan]]:
    """Return, for each Latin term, the tokens of every word one slip away: whole words and pinyin."""
    return {
        term.text: [plan for word in _slips(term.text) for plan in _corrected(word)]
        for term in query.terms
        if not term.chinese and SHORTEST_CORRECTED <= len(term.text) <= LONGEST_CORRECTED
    }


def _slips(word: str) -> Iterator[str]:
    """Yield the words one deletion, swap, replacement or insertion away (Damerau-Levenshtein distance 1)."""
    halves = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    made: Iterable[str] = (
        *(left + right[1:] for left, right in halves if right),
        *(left + right[1] + right[0] + right[2:] for left, right in halves if len(right) > 1),
        *(left + letter + right[1:] for left, right in halves if right for letter in ascii_lowercase),
        *(left + letter + right for left, right in halves for letter in ascii_lowercase),
    )
    yield from dict.fromkeys(one for one in made if one != word)


def _corrected(word: str) -> Iterator[Plan]:
    yield (token(WORD, word),)
    for sounds, rest in spellings(word) if word.isalpha() else ():
        if not rest and len(sounds) > 1:
            yield _by_sound(sounds, rest)


def near_plans(query: Query, seen: set[int]) -> list[Plan]:
    """Return the plans of a query in which a character or a letter is wrong, missing or too many.

    `seen` are the tokens of `near_words` that occur within what the person may see.
    """
    slipped = near_words(query)
    alternatives = []
    for term in query.terms:
        loose = _loose(term.text) if term.chinese else _occurring(slipped.get(term.text, []), seen)
        alternatives.append([*_readings(term)[:1], *loose] if len(query.terms) > 1 else loose)
    return [plan for plan in _combined(alternatives, MOST_NEAR) if plan]


def _occurring(wanted: list[Plan], seen: set[int]) -> list[Plan]:
    return [plan for plan in wanted if seen.issuperset(plan)][:MOST_NEAR]


def _loose(run: str) -> list[Plan]:
    """Return the plans of a Chinese run of which one character, at any place, is not looked at."""
    if len(run) <= 2:  # noqa: PLR2004 - of two characters nothing would be left to go by
        return [(token(ONE, run[0]), token(ONE, run[1]))] if len(run) > 1 else []
    return [
        tuple(one for part in (run[:at], run[at + 1 :]) if part for one in bigrams(part)) for at in range(len(run))
    ][:MOST_PLANS]
