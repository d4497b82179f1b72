"""The tally: only the product of all votes is decrypted, by two of three trustees with proofs of what they did."""

from collections.abc import Iterable, Mapping, Sequence

from app.ballots.rules.group import GENERATOR, ORDER, Point, RefusedError, point, total
from app.ballots.rules.keys import THRESHOLD
from app.ballots.rules.proofs import SUITE, Cipher, check_equal, prove_equal
from app.ballots.rules.votes import CHOICES, Vote, digest
from app.ballots.states import Choice

Counts = dict[Choice, int]
Product = Mapping[str, tuple[Cipher, ...]]


def product(votes: Iterable[Vote], questions: Sequence[str]) -> dict[str, tuple[Cipher, ...]]:
    """Add the ciphertexts of each question that anyone voted on, choice by choice."""
    found: dict[str, tuple[Cipher, ...]] = {}
    for vote in votes:
        for question, ciphers in vote.ciphers.items():
            known = found.get(question)
            added = tuple(one + other for one, other in zip(known, ciphers, strict=True)) if known else ciphers
            found[question] = added
    return {question: found[question] for question in questions if question in found}


def list_digest(hashes: Iterable[str]) -> str:
    """Return the digest that fixes the list of votes when the vote closes."""
    return digest("\n".join(sorted(hashes)))


def opening_context(fingerprint: str, index: int, listed: str) -> bytes:
    """Return the context of a decryption proof: the election, the trustee and the closed list."""
    return SUITE + f"-open-{fingerprint}-{index}-{listed}".encode()


def _alphas(summed: Product) -> list[Point]:
    return [cipher.alpha for ciphers in summed.values() for cipher in ciphers]


def open_product(context: bytes, share: int, public: Point, summed: Product) -> dict[str, object]:
    """Decrypt a product in part and prove it; returns `shares`, one a choice in the manifest's order, and `proof`."""
    firsts = _alphas(summed)
    seconds = [one * share for one in firsts]
    proof = prove_equal(context, share, public, list(zip(firsts, seconds, strict=True)))
    return {"shares": [one.text for one in seconds], "proof": proof}


def check_opening(context: bytes, public: Point, summed: Product, sent: Mapping[str, object]) -> list[Point]:
    """Check a partial decryption, its `shares` and `proof`; raises RefusedError."""
    firsts, shares = _alphas(summed), sent.get("shares")
    if not isinstance(shares, list) or len(shares) != len(firsts):
        raise RefusedError("shape")
    seconds = [point(text) for text in shares]
    check_equal(context, public, list(zip(firsts, seconds, strict=True)), sent.get("proof"))
    return seconds


def weight_at_zero(index: int, present: Sequence[int]) -> int:
    """Return the Lagrange coefficient of a trustee for the value at zero (RFC 9591, section 4.2)."""
    above, below = 1, 1
    for other in present:
        if other != index:
            above = above * other % ORDER
            below = below * (other - index) % ORDER
    return above * pow(below, -1, ORDER) % ORDER


def counts(summed: Product, openings: Mapping[int, Sequence[Point]], most: int) -> dict[str, Counts]:
    """Combine checked openings into the counts of each question; `most` bounds the search.

    Raises RefusedError where fewer than two openings came or a count is not found.
    """
    if len(openings) < THRESHOLD:
        raise RefusedError("threshold")
    present = sorted(openings)[:THRESHOLD]
    weights = {index: weight_at_zero(index, present) for index in present}
    table = _small_multiples(most)
    found: dict[str, Counts] = {}
    place = 0
    for question, ciphers in summed.items():
        found[question] = {}
        for choice, cipher in zip(CHOICES, ciphers, strict=True):
            mask = total([openings[index][place] * weights[index] for index in present])
            found[question][choice] = _logarithm(cipher.beta - mask, table)
            place += 1
    return found


def _small_multiples(most: int) -> dict[str, int]:
    table, reached = {}, GENERATOR
    for number in range(1, most + 1):
        table[reached.text] = number
        reached += GENERATOR
    return table


def _logarithm(value: Point, table: Mapping[str, int]) -> int:
    if value.identity:
        return 0
    if value.text not in table:
        raise RefusedError("count")
    return table[value.text]
