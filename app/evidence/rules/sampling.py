"""The random sample of an audit, which anyone can draw again from its seed; pure functions."""

from collections.abc import Iterable, Sequence
from hashlib import sha256

ALGORITHM = "sha256-rank-1"
"""Each code of the population is ranked by SHA-256 of `seed:code` in hexadecimal; the lowest ranks are drawn."""


def population_digest(codes: Iterable[str]) -> str:
    """Return the SHA-256, in hexadecimal, of the sorted codes with a line feed between them."""
    return sha256("\n".join(sorted(codes)).encode()).hexdigest()


def draw(codes: Iterable[str], *, seed: str, size: int) -> list[str]:
    """Return `size` codes of a population in the order of their ranks, the same for every order of input.

    `size` is between 1 and the number of different codes; the caller has checked it.
    """
    return sorted(set(codes), key=lambda code: rank(seed, code))[:size]


def rank(seed: str, code: str) -> str:
    """Return the rank of a code under a seed."""
    return sha256(f"{seed}:{code}".encode()).hexdigest()


def draws_again(codes: Sequence[str], *, seed: str, digest: str, drawn: Sequence[str]) -> bool:
    """Tell whether a population with its digest and seed gives the drawn codes."""
    return population_digest(codes) == digest and draw(codes, seed=seed, size=len(drawn)) == list(drawn)
