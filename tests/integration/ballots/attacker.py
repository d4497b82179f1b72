"""An attacker who holds database, write-ahead log, logs and backup, and joins votes to choices by whatever differs.

It sees whole meetings: votes, the closed lists and the opened sums, and a line of the server for each request, though
ours writes none. It reads what it finds without knowing the tables: every column, order, size, time and bit of a
ballot; the numbers that a meeting has once; rows of other
tables, and lines of logs, that are as many as the votes, laid beside them in every order that either has; rows that
name the voter or were written in the same transaction; and words near a vote's hash in the raw files. Voters who
collude tell it the truth about the first meetings; it learns which trait tells a choice, checks that on the next, and
guesses the rest.

It lays rows beside each other in every order, because the order of the pages is that of writing on SQLite alone:
PostgreSQL puts a row where a page has room, which after rows were deleted is anywhere.
"""

import json
import random
import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Row = dict[str, Any]
Told = Iterator[tuple[str, list[str]]]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
WORDS = re.compile("approve|object|abstain")
RAW_WORDS = re.compile(WORDS.pattern.encode())
TRANSACTION = "@transaction"
NEAR = 3000
SHORT = 80
BEST = 5
SHUFFLES = 2000
BAND = 0.99
HASH = 64
HEX = re.compile(r"^[0-9a-f]{64,66}$")
RAW_HEX = re.compile(rb"[0-9a-f]{64,}")


@dataclass
class Loot:
    """What was taken: the rows of every table in the order of the pages, lines of logs, and the files as bytes.

    A row of PostgreSQL tells also which transaction wrote it, under the name TRANSACTION.
    """

    tables: dict[str, list[Row]]
    logs: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass
class Sight:
    """The votes as the attacker sees them: the meeting and the hash of each, and by trait what each one shows."""

    meetings: list[int]
    hashes: list[str]
    traits: dict[str, list[str]] = field(default_factory=dict)

    def note(self, trait: str, places: Sequence[int], values: Sequence[str]) -> None:
        """Keep what some of the votes show."""
        shown = self.traits.setdefault(trait, [])
        if not shown:
            shown.extend([""] * len(self.hashes))
        for place, value in zip(places, values, strict=True):
            shown[place] = value


def observe(loot: Loot) -> Sight:
    """Look at every vote of every meeting."""
    votes = loot.tables["ballot_vote"]
    sight = Sight([vote["ballot_id"] for vote in votes], [str(vote["hash"]) for vote in votes])
    people = {row["id"]: row["person_id"] for row in loot.tables["ballot_voter"]}
    meetings: dict[int, list[int]] = defaultdict(list)
    for place, vote in enumerate(votes):
        meetings[vote["ballot_id"]].append(place)
        for trait, value in _own(vote).items():
            sight.note(trait, [place], [value])
    around = _around(loot)
    for meeting, places in meetings.items():
        mine = [votes[place] for place in places]
        here = around[meeting]
        for told in (_ranks(mine), _beside(mine, here), _linked(mine, here, people), _sums(len(mine), here)):
            for trait, values in told:
                sight.note(trait, places, values)
    for name, content in loot.files.items():
        for trait, values in _near(name, content, sight.hashes):
            sight.note(trait, range(len(votes)), values)
    return sight


def _own(vote: Row) -> dict[str, str]:
    """Traits of one row: remainders of its numbers, its sizes, and every bit of its points and scalars."""
    traits: dict[str, str] = {}
    for name, value in vote.items():
        if isinstance(value, int):
            traits |= {f"{name} mod {by}": str(value % by) for by in (2, 3)}
        traits[f"size of {name}"] = str(len(str(value)))
    numbers = list(_numbers(json.loads(vote["content"])))
    for place, text in enumerate(numbers):
        traits[f"number {place} parity"] = str(int(text, 16) % 2)
        traits[f"number {place} head"] = text[:2] if len(text) > HASH else str(int(text[0], 16) // 4)
        if place:
            traits[f"number {place} above the one before"] = str(text > numbers[place - 1])
    return {**traits, "hash mod 3": str(int(str(vote["hash"]), 16) % 3)}


def _numbers(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for one in value:
            yield from _numbers(one)
    elif isinstance(value, str) and HEX.match(value):
        yield value


def _around(loot: Loot) -> dict[int, dict[str, list[Row]]]:
    """Find what belongs to a meeting in the order of the pages: rows that name it, its votes or voters, and lines.

    A row names a meeting by its id or code, by the id of a vote or voter, or by the transaction that wrote it.
    """
    meetings: dict[tuple[str, Any], int] = {}
    for row in loot.tables["ballot"]:
        meetings |= {("ballot_id", row["id"]): row["id"], ("code", row["code"]): row["id"]}
        meetings[("subject_code", row["code"])] = row["id"]
    meetings |= {("voter_id", row["id"]): row["ballot_id"] for row in loot.tables["ballot_voter"]}
    for row in loot.tables["ballot_vote"]:
        meetings[("vote_id", row["id"])] = row["ballot_id"]
        if TRANSACTION in row:
            meetings[(TRANSACTION, row[TRANSACTION])] = row["ballot_id"]
    names = sorted({name for name, _value in meetings})
    tables = {**loot.tables, "log": _lines(loot)}
    found: dict[int, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for table, rows in tables.items():
        for row in rows if table != "ballot_vote" else ():
            named = (meetings.get((name, row[name])) for name in names if name in row)
            meeting = next((one for one in named if one is not None), None)
            if meeting is not None:
                found[meeting][table].append(row)
    return found


def _lines(loot: Loot) -> list[Row]:
    """Read the lines of the log that name a meeting: their words, their size, and what they have in common."""
    codes = {str(row["code"]) for row in loot.tables["ballot"]}
    found = []
    for line in loot.logs:
        code = next((word for word in re.findall(r"\w+", line) if word in codes), None)
        if code is not None:
            text = line.replace(code, "").strip()
            kind = re.sub(rf"{WORDS.pattern}|\d+", "", text)
            found.append({"code": code, "kind": kind, "line": text, "size": str(len(line))})
    return found


def _ranks(votes: list[Row]) -> Told:
    """Tell where a vote stands in its meeting by every column, and by the size of every column."""
    for name in votes[0]:
        for trait, values in ((name, [_key(vote[name]) for vote in votes]), (f"size of {name}", _sizes(votes, name))):
            ranked = sorted(set(values))
            yield f"rank by {trait}", [str(ranked.index(value)) for value in values]


def _sizes(rows: list[Row], name: str) -> list[Any]:
    return [len(str(row[name])) for row in rows]


def _key(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """Return what a value is sorted by: a number by itself, anything else as it is written."""
    return value if isinstance(value, int | float) else str(value)


def _orders(rows: list[Row]) -> Iterator[tuple[str, list[int]]]:
    """Yield every order of some rows: that of the pages, and of each short column that no two of them share."""
    yield "page", list(range(len(rows)))
    for name in rows[0]:
        keys = [_key(row[name]) for row in rows]
        if len(set(keys)) == len(rows) and max(_sizes(rows, name)) <= SHORT:
            yield name, sorted(range(len(rows)), key=keys.__getitem__)


def _beside(votes: list[Row], around: Mapping[str, list[Row]]) -> Told:
    """Lay rows that are as many as the votes beside them, each in all its orders; tell what then stands beside."""
    orders = list(_orders(votes))
    for table, rows in around.items():
        for group, listed in _groups(table, rows, len(votes)):
            shown = _telling(listed)
            for theirs, ranked in _orders(listed):
                for mine, order in orders:
                    for name, texts in shown.items():
                        values = [""] * len(votes)
                        for vote, row in zip(order, ranked, strict=True):
                            values[vote] = texts[row]
                        yield f"{group}.{name} by {theirs} beside votes by {mine}", values


def _telling(rows: list[Row]) -> dict[str, list[str]]:
    """Return as texts the columns that differ between rows, and the words of choices anywhere in a row."""
    columns = {name: [str(row[name]) for row in rows] for name in rows[0]}
    columns["words"] = [" ".join(WORDS.findall(" ".join(map(str, row.values())))) for row in rows]
    return {name: texts for name, texts in columns.items() if len(set(texts)) > 1}


def _groups(table: str, rows: list[Row], number: int) -> Iterator[tuple[str, list[Row]]]:
    """Yield the rows of a table, or those with one value in some column, that are as many as the votes; each once."""
    if len(rows) == number:
        yield table, rows
        return
    known = set()
    for name in rows[0] if len(rows) > number else ():
        texts = [str(row[name]) for row in rows]
        for value in (one for one, count in Counter(texts).items() if count == number):
            places = tuple(place for place, text in enumerate(texts) if text == value)
            if places not in known:
                known.add(places)
                yield f"{table} with {name} {value}", [rows[place] for place in places]


def _linked(votes: list[Row], around: Mapping[str, list[Row]], people: Mapping[int, int]) -> Told:
    """Tell what rows say that name the vote or its voter, or that the same transaction wrote."""
    mine = {
        "person_id": [people[vote["voter_id"]] for vote in votes],
        "voter_id": [vote["voter_id"] for vote in votes],
        "vote_id": [vote["id"] for vote in votes],
        TRANSACTION: [vote.get(TRANSACTION) for vote in votes],
    }
    for table, rows in around.items():
        shown = _telling(rows)
        for link in mine.keys() & rows[0].keys():
            places = {row[link]: place for place, row in enumerate(rows) if row[link] is not None}
            found = [places.get(one) for one in mine[link]]
            for name, texts in shown.items():
                yield f"{table}.{name} of the same {link}", ["" if at is None else texts[at] for at in found]


def _sums(number: int, around: Mapping[str, list[Row]]) -> Told:
    """Tell the numbers of what a meeting has once, such as the opened sums of its only question."""
    for table, rows in around.items():
        if len(rows) == 1:
            for name, value in rows[0].items():
                if isinstance(value, int):
                    yield f"{table}.{name} of the meeting", [str(value)] * number


def _near(name: str, content: bytes, hashes: list[str]) -> Told:
    """Tell which word of a choice stands before, behind and nearest to the first and the last place of each hash."""
    places = _places(content, set(hashes))
    found = [(one.start(), one.group().decode()) for one in RAW_WORDS.finditer(content)]
    words = [(-NEAR, ""), *found, (len(content) + NEAR, "")]
    starts = [start for start, _word in words]
    for which, end in (("first", 0), ("last", -1)):
        around = [_words_around(words, starts, places[one][end]) if one in places else ("", "", "") for one in hashes]
        for side, values in zip(("before", "behind", "nearest to"), zip(*around, strict=True), strict=True):
            yield f"word {side} the {which} place in the {name}", list(values)


def _places(content: bytes, hashes: set[str]) -> dict[str, list[int]]:
    """Index where hashes stand in a raw file, also where the byte beside one happens to be a digit."""
    places: dict[str, list[int]] = defaultdict(list)
    for run in RAW_HEX.finditer(content):
        text = run.group().decode()
        for shift in range(len(text) - HASH + 1):
            if text[shift : shift + HASH] in hashes:
                places[text[shift : shift + HASH]].append(run.start() + shift)
    return places


def _words_around(words: list[tuple[int, str]], starts: list[int], at: int) -> tuple[str, str, str]:
    """Return the words before, behind and nearest to a place, as far as they are near."""
    behind = bisect_left(starts, at)
    near = [(at - words[behind - 1][0], words[behind - 1][1]), (words[behind][0] - at, words[behind][1])]
    last, following = (word if far < NEAR else "" for far, word in near)
    return last, following, last if near[0] <= near[1] else following


@dataclass(frozen=True)
class Score:
    """How often the guesses were right, and how often chance is with 99 of 100."""

    accuracy: float
    chance: float
    trait: str

    @property
    def beats_chance(self) -> bool:
        """Tell whether the guesses lie above the band of chance."""
        return self.accuracy > self.chance


@dataclass(frozen=True)
class Clue:
    """A trait: the number of its value for every vote, and how often each value came with each choice."""

    trait: str
    values: Ints
    counts: Floats

    @classmethod
    def learn(cls, trait: str, shown: list[str], said: Ints, learning: Ints) -> "Clue":
        """Count the values of a trait beside the choices that were told."""
        known: dict[str, int] = {}
        values = np.array([known.setdefault(value, len(known)) for value in shown])
        counts = np.zeros((len(known), int(said.max()) + 1))
        np.add.at(counts, (values[learning], said[learning]), 1)
        return cls(trait, values, counts)

    def weights(self, votes: Ints, apart: Ints | None = None) -> Floats:
        """Weigh every choice for some votes, as likely as their values were with it; `apart`, each without itself."""
        told, total = self.counts[self.values[votes]], self.counts.sum(axis=0)
        if apart is not None:
            told[np.arange(len(votes)), apart] -= 1
        told = np.where(told.sum(axis=1, keepdims=True) > 0, told, total)
        return np.asarray(np.log((told + 0.2) / (total + 1)))


def _guess(clues: Sequence[Clue], votes: Ints) -> Ints:
    """Weigh the traits as if they were independent."""
    weights = sum(clue.weights(votes) for clue in clues)
    return np.asarray((weights + np.log(clues[0].counts.sum(axis=0) + 0.2)).argmax(axis=1))


def attack(sight: Sight, truth: Mapping[str, str], *, seed: int = 1) -> Score:
    """Learn on two fifths of the meetings, choose on one fifth, guess the rest.

    A trait is chosen by what it guesses on the one fifth, and on the two fifths with each vote's own truth left out.
    """
    choices = sorted(set(truth.values()))
    said = np.array([choices.index(truth[one]) for one in sight.hashes])
    meetings = sorted(set(sight.meetings))
    random.Random(seed).shuffle(meetings)
    fifth = len(meetings) // 5
    parts = (meetings[: 2 * fifth], meetings[2 * fifth : 3 * fifth], meetings[3 * fifth :])
    learning, choosing, guessing = (np.flatnonzero(np.isin(sight.meetings, part)) for part in parts)
    clues = [
        Clue.learn(trait, shown, said, learning) for trait, shown in sorted(sight.traits.items()) if len(set(shown)) > 1
    ]
    right = {clue.trait: _right(clue, said, learning, choosing) for clue in clues}
    ranked = sorted(clues, key=lambda clue: -right[clue.trait])
    chosen = max(ranked[:1], ranked[:BEST], key=lambda some: int((_guess(some, choosing) == said[choosing]).sum()))
    guesses = _guess(chosen, guessing)
    chance = _chance(np.array(sight.meetings)[guessing], said[guessing], guesses, seed)
    return Score(float((guesses == said[guessing]).mean()), chance, ranked[0].trait)


def _right(clue: Clue, said: Ints, learning: Ints, choosing: Ints) -> int:
    prior = np.log(clue.counts.sum(axis=0) + 0.2)
    apart = (clue.weights(learning, said[learning]) + prior).argmax(axis=1) == said[learning]
    return int(apart.sum() + (_guess([clue], choosing) == said[choosing]).sum())


def _chance(meetings: Ints, votes: Ints, guesses: Ints, seed: int) -> float:
    """Return what 99 of 100 shuffles of the votes within their meetings, with the tally as it is, do not exceed."""
    shuffler = np.random.default_rng(seed)
    place = np.argsort(meetings, kind="stable")
    guessed, kept = guesses[place], meetings[place]
    reached = []
    for _ in range(SHUFFLES):
        order = place[np.lexsort((shuffler.random(len(place)), kept))]
        reached.append(float((votes[order] == guessed).mean()))
    return float(np.quantile(reached, BAND))
