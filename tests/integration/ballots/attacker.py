"""An attacker who holds database, write-ahead log, logs and backup, and joins votes to choices by whatever differs.

It reads what it finds without knowing the tables: every column, order, size, time and bit of a ballot, rows of other
tables in the same order, words near a vote's hash in the raw files. Voters who collude tell it the truth about the
first meetings; it learns which trait tells a choice, checks that on the next, and guesses the rest.
"""

import json
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

Row = dict[str, Any]
WORDS = (b"approve", b"object", b"abstain")
NEAR = 3000
FEW = 6
BEST = 5
SHUFFLES = 2000
BAND = 0.99
HEX = re.compile(r"^[0-9a-f]{64,66}$")


@dataclass
class Loot:
    """What was taken: the rows of every table in the order of the pages, lines of logs, and the files as bytes."""

    tables: dict[str, list[Row]]
    logs: list[str] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """One vote as the attacker sees it: its meeting, its hash, and its traits."""

    meeting: int
    hash: str
    traits: Mapping[str, str]


def observe(loot: Loot) -> list[Seen]:
    """Look at every vote of every meeting."""
    meetings: dict[int, list[Row]] = defaultdict(list)
    for row in loot.tables["ballot_vote"]:
        meetings[row["ballot_id"]].append(row)
    codes = {row["id"]: str(row["code"]) for row in loot.tables["ballot"]}
    people = {row["id"]: row["person_id"] for row in loot.tables["ballot_voter"]}
    others = _related(loot, codes)
    lines = _lines(loot, codes)
    raw = {name: _places(content) for name, content in loot.files.items()}
    found = []
    for meeting, votes in meetings.items():
        shared = _shared(votes, others[meeting], lines[meeting], people)
        for place, vote in enumerate(votes):
            traits = {**_own(vote), **shared[place], **_near(loot.files, raw, str(vote["hash"]))}
            found.append(Seen(meeting, str(vote["hash"]), traits))
    return found


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
        traits[f"number {place} head"] = text[:2] if len(text) > 64 else str(int(text[0], 16) // 4)
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


def _related(loot: Loot, codes: Mapping[int, str]) -> dict[int, dict[str, list[Row]]]:
    """Find the rows of every other table that name a meeting by id or code."""
    ids = {code: number for number, code in codes.items()}
    found: dict[int, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for name, rows in loot.tables.items():
        for row in rows if name != "ballot_vote" else ():
            meeting = row.get("ballot_id", ids.get(str(row.get("subject_code", row.get("code")))))
            if meeting is not None:
                found[meeting][name].append(row)
    return found


def _lines(loot: Loot, codes: Mapping[int, str]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    for line in loot.logs:
        for number, code in codes.items():
            if code in line:
                found[number].append(line.replace(code, ""))
                break
    return found


def _shared(
    votes: list[Row], others: Mapping[str, list[Row]], lines: list[str], people: Mapping[int, int]
) -> list[dict[str, str]]:
    """Traits that a vote has within its meeting: ranks by every column, and rows elsewhere in the same order."""
    traits: list[dict[str, str]] = [{} for _ in votes]
    for name in votes[0]:
        ranked = sorted({str(vote[name]) for vote in votes})
        sizes = sorted({len(str(vote[name])) for vote in votes})
        for trait, vote in zip(traits, votes, strict=True):
            trait[f"rank by {name}"] = str(ranked.index(str(vote[name])))
            trait[f"rank by size of {name}"] = str(sizes.index(len(str(vote[name]))))
    for table, rows in others.items():
        named = {row["person_id"]: row for row in rows if row.get("person_id") is not None}
        for place, vote in enumerate(votes):
            for group, listed in _groups(table, rows, len(votes)):
                traits[place] |= {f"{group}.{name} in order": str(value) for name, value in listed[place].items()}
            mine = named.get(people[vote["voter_id"]], {})
            traits[place] |= {f"{table}.{name} of the voter": str(value) for name, value in mine.items()}
    for place in range(len(votes)) if len(lines) == len(votes) else ():
        traits[place] |= {"log line": lines[place].strip(), "log size": str(len(lines[place]))}
    return traits


def _groups(table: str, rows: list[Row], number: int) -> Iterator[tuple[str, list[Row]]]:
    """Yield the rows of a table, or those with one value in some column, that are as many as the votes."""
    if len(rows) == number:
        yield table, rows
        return
    for name in rows[0]:
        for value, count in Counter(str(row[name]) for row in rows).items():
            if count == number:
                yield f"{table} with {name} {value}", [row for row in rows if str(row[name]) == value]


def _places(content: bytes) -> dict[str, int]:
    """Index where hashes stand in a raw file, in one pass."""
    return {found.group().decode(): found.start() for found in re.finditer(rb"[0-9a-f]{64}", content)}


def _near(files: Mapping[str, bytes], places: Mapping[str, Mapping[str, int]], hashed: str) -> dict[str, str]:
    """Find which word of a choice stands nearest to a vote in the raw files."""
    traits = {}
    for name, content in files.items():
        at = places[name].get(hashed, -1)
        around = content[max(at - NEAR, 0) : at + NEAR] if at >= 0 else b""
        distances = {word: _distance(around, word, min(at, NEAR)) for word in WORDS}
        nearest = min(distances, key=lambda word, found=distances: found[word])  # type: ignore[misc]
        traits[f"word in {name}"] = nearest.decode() if distances[nearest] < NEAR else ""
    return traits


def _distance(around: bytes, word: bytes, middle: int) -> int:
    return min((abs(found.start() - middle) for found in re.finditer(word, around)), default=NEAR)


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


def attack(seen: Iterable[Seen], truth: Mapping[str, str], *, seed: int = 1) -> Score:
    """Learn on two fifths of the meetings, choose on one fifth, guess the rest."""
    by_meeting: dict[int, list[Seen]] = defaultdict(list)
    for one in seen:
        by_meeting[one.meeting].append(one)
    meetings = sorted(by_meeting)
    random.Random(seed).shuffle(meetings)
    fifth = len(meetings) // 5
    parts = (meetings[: 2 * fifth], meetings[2 * fifth : 3 * fifth], meetings[3 * fifth :])
    learning, choosing, guessing = ([one for meeting in part for one in by_meeting[meeting]] for part in parts)
    tables = {trait: _learn(trait, learning, truth) for trait in {name for one in learning for name in one.traits}}
    ranked = sorted(tables, key=lambda trait: (-_right(choosing, truth, {trait: tables[trait]}), trait))
    few, many = {ranked[0]: tables[ranked[0]]}, {trait: tables[trait] for trait in ranked[:BEST]}
    chosen = max((few, many), key=lambda one: _right(choosing, truth, one))
    guesses = [_guess(one, chosen) for one in guessing]
    right = np.array([guess == truth[one.hash] for guess, one in zip(guesses, guessing, strict=True)])
    return Score(float(right.mean()), _chance(guessing, guesses, truth, seed), ranked[0])


Table = dict[str, Counter[str]]


def _learn(trait: str, learning: list[Seen], truth: Mapping[str, str]) -> Table:
    table: Table = defaultdict(Counter)
    for one in learning:
        table[one.traits.get(trait, "")][truth[one.hash]] += 1
        table["*"][truth[one.hash]] += 1
    return table


def _guess(one: Seen, tables: Mapping[str, Table]) -> str:
    """Weigh the traits as if they were independent."""
    weights: dict[str, float] = defaultdict(float)
    for trait, table in tables.items():
        told = table.get(one.traits.get(trait, ""), table["*"])
        for choice, number in table["*"].items():
            weights[choice] += float(np.log((told[choice] + 0.2) / (number + 1)))
    prior = next(iter(tables.values()))["*"]
    return max(sorted(weights), key=lambda choice: weights[choice] + float(np.log(prior[choice])))


def _right(seen: list[Seen], truth: Mapping[str, str], tables: Mapping[str, Table]) -> float:
    return sum(_guess(one, tables) == truth[one.hash] for one in seen) / max(len(seen), 1)


def _chance(guessing: list[Seen], guesses: list[str], truth: Mapping[str, str], seed: int) -> float:
    """Return what 99 of 100 shuffles of the votes within their meetings, with the tally as it is, do not exceed."""
    shuffler = np.random.default_rng(seed)
    meetings = np.array([one.meeting for one in guessing])
    votes, guessed = np.array([truth[one.hash] for one in guessing]), np.array(guesses)
    reached = []
    for _ in range(SHUFFLES):
        order = np.lexsort((shuffler.random(len(meetings)), meetings))
        place = np.argsort(meetings, kind="stable")
        shuffled = np.empty_like(votes)
        shuffled[place] = votes[order]
        reached.append(float((shuffled == guessed).mean()))
    return float(np.quantile(reached, BAND))
