"""The random draw: seed by commit and reveal, order by HMAC-SHA-256, panel by quotas; exactly repeatable.

The algorithm, its fairness and its limits are described in docs/decisions/0021-random-draw.md.
"""

import hmac
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeVar

from app.panels.rules.quotas import Candidate, Quotas, completes

FORMAT = "jijing-draw/1"
WORD = 8
SPAN = 1 << (8 * WORD)
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Revealed:
    """A share of the seed: the hash that was committed to, and the secret behind it."""

    commitment: str
    secret: str


def commitment(panel: str, person: str, secret: str) -> str:
    """Return the hash that commits a person to a secret for one panel: SHA-256 of the three, by line, in UTF-8."""
    return sha256(f"{FORMAT}\n{panel}\n{person}\n{secret}".encode()).hexdigest()


def population_digest(population: Iterable[Candidate]) -> str:
    """Return the digest of the eligible experts: SHA-256 of their JSON lines, sorted by code."""
    lines = [json.dumps([one.code, one.unit, one.region], ensure_ascii=False) for one in in_order(population)]
    return sha256("\n".join(lines).encode()).hexdigest()


def in_order(population: Iterable[Candidate]) -> list[Candidate]:
    """Return the population sorted by code, the order in which the draw starts."""
    return sorted(population, key=lambda one: one.code)


def seed_of(panel: str, digest: str, shares: Iterable[Revealed]) -> bytes:
    """Return the 32 bytes of the seed: SHA-256 of panel, population and every reveal, sorted by commitment."""
    reveals = [f"{one.commitment} {one.secret}" for one in sorted(shares, key=lambda one: one.commitment)]
    return sha256("\n".join([FORMAT, panel, digest, *reveals]).encode()).digest()


def words(seed: bytes) -> Iterator[int]:
    """Yield 64-bit numbers: the big-endian words of HMAC-SHA-256(seed, counter), counter from 0 as 8 bytes."""
    counter = 0
    while True:
        block = hmac.digest(seed, counter.to_bytes(WORD), "sha256")
        yield from (int.from_bytes(block[at : at + WORD]) for at in range(0, len(block), WORD))
        counter += 1


def below(limit: int, stream: Iterator[int]) -> int:
    """Return a number from 0 to limit - 1 without bias: words at or over the last whole multiple are passed over."""
    last = SPAN - SPAN % limit
    return next(word for word in stream if word < last) % limit


def shuffled(items: Sequence[Item], seed: bytes) -> list[Item]:
    """Return a permutation by Fisher and Yates from the last place down; each one is equally likely."""
    order = list(items)
    stream = words(seed)
    for place in range(len(order) - 1, 0, -1):
        other = below(place + 1, stream)
        order[place], order[other] = order[other], order[place]
    return order


def drawn(population: Iterable[Candidate], quotas: Quotas, seed: bytes) -> tuple[list[Candidate], list[Candidate]]:
    """Return the order of the whole population and the panel seated from it.

    The order is gone through once; an expert is seated where the panel can still be completed within the
    quotas. Who was passed over once could never be seated later, so a panel is found whenever one exists.
    """
    order = shuffled(in_order(population), seed)
    seated: list[Candidate] = []
    for place, one in enumerate(order):
        if len(seated) == quotas.seats:
            break
        if completes([*seated, one], order[place + 1 :], quotas):
            seated.append(one)
    return order, seated


def next_substitute(
    order: Sequence[Candidate], seated: Sequence[Candidate], out: Iterable[str], quotas: Quotas
) -> Candidate | None:
    """Return the first of the order who is neither seated nor recused and keeps the quotas, None where nobody does.

    `seated` is the panel without the one who leaves.
    """
    barred = {*out, *(one.code for one in seated)}
    free = [one for one in order if one.code not in barred]
    return next((one for one in free if completes([*seated, one], free, quotas)), None)


def takers(
    order: Sequence[Candidate], seated: Sequence[Candidate], out: Iterable[str], quotas: Quotas
) -> list[Candidate]:
    """Return who takes seats that stand empty, one after the other, once somebody is no longer `out`."""
    away, taken = [*out], list[Candidate]()
    while len(seated) + len(taken) < quotas.seats:
        following = next_substitute(order, [*seated, *taken], away, quotas)
        if following is None:
            break
        taken.append(following)
    return taken
