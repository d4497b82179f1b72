"""How hits are ranked, and which letters of a title made them: looked at again, word for word.

Each term of a query earns the points of the best way in which a document holds it; a document must hold every term.
The sum is weighed by how much of the title the query says, so that the shorter of two titles stands first.
"""

from dataclasses import dataclass

from app.desk.rules.reading import Query, Term, spellings
from app.desk.rules.tokens import identifier, normal, pieces, syllables

IDENTIFIER, IDENTIFIER_BEGIN = 120.0, 80.0
TITLE, TITLE_BEGIN, IN_TITLE = 60.0, 40.0, 30.0
WORD_BEGIN, SPELT, BY_INITIALS = 26.0, 24.0, 16.0
IN_WORDS, PARTS, NEAR = 12.0, 9.0, 6.0
SHORTEST_PART = 2
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Text:
    """What of a document is compared: both titles and its words as `normal` gives them, its identifiers."""

    titles: tuple[str, ...]
    words: str
    identifiers: tuple[str, ...] = ()


def text_of(title_zh: str, title_en: str, words: str, identifiers: tuple[str, ...]) -> Text:
    """Prepare a document for comparison."""
    return Text((normal(title_zh), normal(title_en)), normal(words), tuple(identifier(one) for one in identifiers))


def score(query: Query, text: Text) -> float:
    """Return the points of a document, 0 where it does not hold every term even loosely."""
    best = _by_identifier(query.identifier, text)
    if not query.terms:
        return best
    found = [_term_score(term, text) for term in query.terms]
    if not all(found):
        return best
    said = sum(len(term.text) for term in query.terms)
    coverage = min(1.0, said / (1 + min((len(title) for title in text.titles if title), default=said)))
    return max(best, sum(found) / len(found) + 10 * coverage)


def _by_identifier(wanted: str | None, text: Text) -> float:
    if wanted is None:
        return 0.0
    if wanted in text.identifiers:
        return IDENTIFIER
    return IDENTIFIER_BEGIN if any(one.startswith(wanted) for one in text.identifiers) else 0.0


def _term_score(term: Term, text: Text) -> float:
    return max(_in_title(term, title) for title in text.titles) or _in_words(term, text.words)


def _in_title(term: Term, title: str) -> float:
    if term.text == title:
        return TITLE
    if title.startswith(term.text):
        return TITLE_BEGIN
    if term.chinese:
        return IN_TITLE if term.text in title else _loosely(term.text, title)
    return _latin(term.text, title)


def _latin(word: str, title: str) -> float:
    runs = [run for chinese, run in pieces(title) if not chinese]
    if any(run.startswith(word) for run in runs):
        return WORD_BEGIN
    spelt = max((_spelt(word, run) for chinese, run in pieces(title) if chinese), default=0.0)
    return spelt or (NEAR if any(near(word, run) for run in runs) else 0.0)


def _spelt(word: str, run: str) -> float:
    sounds = syllables(run)
    if _sound_span(word, sounds) is not None:
        return SPELT
    initials = "".join(sound[0] for sound in sounds)
    if len(word) > 1 and word in initials:
        return BY_INITIALS
    return NEAR if _nearly_spelt(word, sounds) else 0.0


def _sound_span(word: str, sounds: tuple[str, ...]) -> Span | None:
    """Return which characters a pinyin spelling covers, whole syllables first and perhaps part of the last."""
    for divided, rest in spellings(word):
        size = len(divided)
        for at in range(len(sounds)):
            following = sounds[at + size] if at + size < len(sounds) else ""
            if sounds[at : at + size] == divided and following.startswith(rest):
                return at, at + size + (1 if rest else 0)
    return None


def _nearly_spelt(word: str, sounds: tuple[str, ...]) -> bool:
    """Tell whether some neighbouring syllables together are one slip away from a word."""
    for at in range(len(sounds)):
        joined = ""
        for sound in sounds[at:]:
            joined += sound
            if len(joined) > len(word) + 1:
                break
            if joined != sound and near(word, joined):
                return True
    return False


def _in_words(term: Term, words: str) -> float:
    if term.chinese:
        return IN_WORDS if term.text in words else _loosely(term.text, words) / 2
    runs = [run for chinese, run in pieces(words) if not chinese]
    if any(run.startswith(term.text) for run in runs):
        return IN_WORDS
    return NEAR / 2 if any(near(term.text, run) for run in runs) else 0.0


def _loosely(run: str, text: str) -> float:
    """Return the points of a Chinese run that stands in two parts, or with one character amiss."""
    for at in range(SHORTEST_PART, len(run) - SHORTEST_PART + 1):
        head, tail = run[:at], run[at:]
        if head in text and tail in text[text.index(head) :]:
            return PARTS
    return NEAR if _nearly_in(run, text) else 0.0


def _nearly_in(run: str, text: str) -> bool:
    """Tell whether one character of a run is another one in a text, or is not there; one too many makes two parts."""
    if len(run) < SHORTEST_PART + 1:
        return False
    sizes = (len(run) - 1, len(run))
    return any(near(run, text[at : at + size]) for size in sizes for at in range(len(text)))


def near(one: str, other: str) -> bool:
    """Tell whether two words differ by at most one letter: replaced, missing, too many, or two swapped."""
    if abs(len(one) - len(other)) > 1 or min(len(one), len(other)) < SHORTEST_PART:
        return False
    at = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        return True
    rests = one[at:], other[at:]
    swapped = rests[0][:2] == rests[1][1::-1] and rests[0][2:] == rests[1][2:]
    return swapped or rests[0][1:] == rests[1][1:] or rests[0][1:] == rests[1] or rests[0] == rests[1][1:]


def marked(query: Query, title: str) -> list[tuple[str, bool]]:
    """Cut a title into parts, each with whether the query says it; nothing is marked where folding moved letters."""
    compared = normal(title)
    if len(compared) != len(title):
        return [(title, False)]
    hit = [False] * len(title)
    for term in query.terms:
        for start, end in _spans(term, compared):
            hit[start:end] = [True] * (end - start)
    parts: list[tuple[str, bool]] = []
    for letter, is_hit in zip(title, hit, strict=True):
        if parts and parts[-1][1] == is_hit:
            parts[-1] = (parts[-1][0] + letter, is_hit)
        else:
            parts.append((letter, is_hit))
    return parts


def _spans(term: Term, title: str) -> list[Span]:
    at = title.find(term.text)
    if at >= 0:
        return [(at, at + len(term.text))]
    if term.chinese:
        return []
    return [span for start, run in _chinese_runs(title) if (span := _run_span(term.text, run, start)) is not None]


def _chinese_runs(title: str) -> list[tuple[int, str]]:
    found, start = [], 0
    for chinese, run in pieces(title):
        start = title.index(run, start)
        if chinese:
            found.append((start, run))
        start += len(run)
    return found


def _run_span(word: str, run: str, start: int) -> Span | None:
    sounds = syllables(run)
    span = _sound_span(word, sounds)
    if span is None and len(word) > 1:
        at = "".join(sound[0] for sound in sounds).find(word)
        span = (at, at + len(word)) if at >= 0 else None
    return (start + span[0], start + span[1]) if span else None
