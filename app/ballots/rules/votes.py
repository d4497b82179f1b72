"""One voter's ballot: a one among approve, object and abstain for each question, encrypted, with its proofs."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.ballots.rules.group import ORDER, Point, RefusedError
from app.ballots.rules.proofs import Cipher, Claim, check_bit, check_one, draw, encrypt, prove_bit, prove_one
from app.ballots.states import Choice

VERSION = 1
CHOICES = tuple(Choice)
VOTE_KEYS = {"answers", "ballot", "version", "voter"}
ANSWER_KEYS = {"choices", "proofs", "question", "sum"}
LONGEST = 400_000
"""Characters of a vote on about two hundred questions; nothing longer is looked at."""


def canonical(value: Any) -> str:  # noqa: ANN401 - any JSON
    """Write JSON in its one form: keys sorted, no blanks, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def digest(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Election:
    """What every proof is bound to: `fingerprint` is the digest of the whole manifest."""

    ballot: str
    fingerprint: str
    key: Point


@dataclass(frozen=True, slots=True)
class Vote:
    """A vote whose proofs hold: its one text, its hash, and the ciphertexts by question."""

    text: str
    hash: str
    voter: str
    fingerprint: str
    ciphers: Mapping[str, tuple[Cipher, ...]]


def make_vote(election: Election, voter: str, answers: Mapping[str, Choice]) -> str:
    """Encrypt a voter's answers in their order and prove them; return the vote's text."""
    made = [_answer(election, voter, question, choice) for question, choice in answers.items()]
    return canonical({"answers": made, "ballot": election.ballot, "version": VERSION, "voter": voter})


def _answer(election: Election, voter: str, question: str, choice: Choice) -> dict[str, Any]:
    secrets = [draw() for _ in CHOICES]
    values = [int(one is choice) for one in CHOICES]
    ciphers = [encrypt(election.key, value, secret) for value, secret in zip(values, secrets, strict=True)]
    claim = _claim(election, voter, question, ciphers)
    proofs = [
        prove_bit(claim.at(place), value, secret)
        for place, (value, secret) in enumerate(zip(values, secrets, strict=True))
    ]
    summed = prove_one(claim, sum(secrets) % ORDER)
    return {"choices": [one.texts for one in ciphers], "proofs": proofs, "question": question, "sum": summed}


def _claim(election: Election, voter: str, question: str, ciphers: Sequence[Cipher]) -> Claim:
    points = tuple(one for cipher in ciphers for one in (cipher.alpha, cipher.beta))
    return Claim((election.fingerprint, voter, question), election.key, points)


def read_vote(election: Election, voter: str, questions: Sequence[str], text: str) -> Vote:
    """Check a vote of a voter on the questions open to them, in their order.

    Raises RefusedError naming the first check that fails; nothing of a refused vote is kept.
    """
    found = _parsed(text)
    if set(found) != VOTE_KEYS or found["version"] != VERSION or not isinstance(found["answers"], list):
        raise RefusedError("shape")
    if found["ballot"] != election.ballot:
        raise RefusedError("ballot")
    if found["voter"] != voter:
        raise RefusedError("voter")
    asked = [one.get("question") if isinstance(one, dict) else None for one in found["answers"]]
    if asked != list(questions):
        raise RefusedError("questions")
    ciphers = {one["question"]: _checked(election, voter, one) for one in found["answers"]}
    return Vote(text, digest(text), voter, election.fingerprint, ciphers)


def _parsed(text: str) -> dict[str, Any]:
    """Read the JSON of a vote; only its one canonical spelling is accepted."""
    if len(text) > LONGEST:
        raise RefusedError("shape")
    try:
        found = json.loads(text)
        spelt = canonical(found)
    except (ValueError, RecursionError) as error:
        raise RefusedError("shape") from error
    if not isinstance(found, dict):
        raise RefusedError("shape")
    if spelt != text:
        raise RefusedError("spelling")
    return found


def _checked(election: Election, voter: str, answer: dict[str, Any]) -> tuple[Cipher, ...]:
    if set(answer) != ANSWER_KEYS or not all(isinstance(answer[key], list) for key in ("choices", "proofs")):
        raise RefusedError("shape")
    if len(answer["choices"]) != len(CHOICES) or len(answer["proofs"]) != len(CHOICES):
        raise RefusedError("shape")
    ciphers = tuple(Cipher.read(texts) for texts in answer["choices"])
    claim = _claim(election, voter, answer["question"], ciphers)
    for place, (cipher, proof) in enumerate(zip(ciphers, answer["proofs"], strict=True)):
        check_bit(claim.at(place), cipher, proof)
    check_one(claim, ciphers[0] + ciphers[1] + ciphers[2], answer["sum"])
    return ciphers


def parse_ciphers(text: str) -> dict[str, tuple[Cipher, ...]]:
    """Read the ciphertexts of a vote whose proofs were checked when it came."""
    answers = json.loads(text)["answers"]
    return {one["question"]: tuple(Cipher.read(texts) for texts in one["choices"]) for one in answers}
