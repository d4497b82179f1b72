"""Zero-knowledge proofs over P-256, made non-interactive by hashing everything they speak of.

* knowledge of a key (Schnorr; the equation of RFC 8235),
* equal discrete logarithms, several at once (Chaum and Pedersen 1992; exactly the proof of RFC 9497, section 2.2),
* a ciphertext holds zero or one (Cramer, Damgard and Schoenmakers 1994),
* the ciphertexts of a question hold one in sum.

Every challenge binds the election, the voter, the key, all ciphertexts and all commitments: with less, a proof can be
made for a statement chosen afterwards (Bernhard, Pereira and Warinschi 2012).
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from app.ballots.rules.group import (
    GENERATOR,
    ORDER,
    Point,
    RefusedError,
    framed,
    hash_to_scalar,
    point,
    scalar,
    scalar_text,
    total,
    weigh,
)

SUITE = b"JijingBallotV1-P256-SHA256"
CHALLENGE_TAG = b"HashToScalar-" + SUITE
PAIR = 2
BRANCHES = 2


@dataclass(frozen=True, slots=True)
class Cipher:
    """An exponential ElGamal ciphertext: `(r G, r Y + m G)` under the key Y."""

    alpha: Point
    beta: Point

    def __add__(self, other: "Cipher") -> "Cipher":
        return Cipher(self.alpha + other.alpha, self.beta + other.beta)

    @property
    def texts(self) -> list[str]:
        """Return both points as they travel."""
        return [self.alpha.text, self.beta.text]

    @classmethod
    def read(cls, texts: object) -> "Cipher":
        """Read a ciphertext; raises RefusedError."""
        if not isinstance(texts, list) or len(texts) != PAIR:
            raise RefusedError("shape")
        return cls(point(texts[0]), point(texts[1]))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a proof about ciphertexts is bound to: the words of its place, the key, and every ciphertext there."""

    context: tuple[str, ...]
    key: Point
    everything: tuple[Point, ...]

    def at(self, place: int) -> "Claim":
        """Return the claim about one ciphertext among them."""
        return Claim((*self.context, str(place)), self.key, self.everything)

    def challenge(self, label: str, commitments: Sequence[Point]) -> int:
        """Hash the claim and the commitments of its proof."""
        return challenge(label, self.context, [self.key, *self.everything, *commitments])


def draw() -> int:
    """Draw a secret scalar that is not zero."""
    return secrets.randbelow(ORDER - 1) + 1  # mutant: no draw out of 2**256 numbers ever comes upon the ends


def challenge(label: str, context: Sequence[str], points: Sequence[Point]) -> int:
    """Hash a statement and its commitments into a challenge."""
    words = [label.encode(), *(word.encode() for word in context), *(bytes.fromhex(one.text) for one in points)]
    return hash_to_scalar(framed(*words), CHALLENGE_TAG)


def scalars(texts: object, number: int) -> list[int]:
    """Read so many scalars; raises RefusedError."""
    if not isinstance(texts, list) or len(texts) != number:
        raise RefusedError("shape")
    return [scalar(text) for text in texts]


def prove_key(label: str, context: Sequence[str], secret: int, public: Point) -> list[str]:
    """Prove that one holds the secret of a public key."""
    nonce = draw()
    asked = challenge(label, context, [public, GENERATOR * nonce])
    return [scalar_text(asked), scalar_text(nonce - asked * secret)]


def check_key(label: str, context: Sequence[str], public: Point, proof: object) -> None:
    """Check that the sender holds the secret of a key; raises RefusedError."""
    asked, response = scalars(proof, PAIR)
    if asked != challenge(label, context, [public, schnorr_commitment(asked, response, public)]):
        raise RefusedError("key_proof")


def schnorr_commitment(asked: int, response: int, public: Point) -> Point:
    """Return the commitment that a Schnorr proof must have started from."""
    return weigh(response, GENERATOR, asked, public)


def prove_equal(
    context: bytes, secret: int, public: Point, pairs: Sequence[tuple[Point, Point]], *, nonce: int | None = None
) -> list[str]:
    """Prove `public = secret G` and `second = secret * first` for every pair (RFC 9497, GenerateProof)."""
    used = draw() if nonce is None else nonce
    first, second = _composites(context, public, pairs)
    asked = _equality_challenge(context, public, (first, second, GENERATOR * used, first * used))
    return [scalar_text(asked), scalar_text(used - asked * secret)]


def check_equal(context: bytes, public: Point, pairs: Sequence[tuple[Point, Point]], proof: object) -> None:
    """Check equal discrete logarithms (RFC 9497, VerifyProof); raises RefusedError."""
    asked, response = scalars(proof, PAIR)
    first, second = _composites(context, public, pairs)
    commitments = (weigh(response, GENERATOR, asked, public), weigh(response, first, asked, second))
    if asked != _equality_challenge(context, public, (first, second, *commitments)):
        raise RefusedError("equality_proof")


def _composites(context: bytes, public: Point, pairs: Sequence[tuple[Point, Point]]) -> tuple[Point, Point]:
    seed = hashlib.sha256(framed(bytes.fromhex(public.text), b"Seed-" + context)).digest()
    firsts, seconds = [], []
    for place, (first, second) in enumerate(pairs):
        words = [framed(seed), place.to_bytes(2, "big")]
        words += [framed(bytes.fromhex(first.text), bytes.fromhex(second.text)), b"Composite"]
        weight = hash_to_scalar(b"".join(words), b"HashToScalar-" + context)
        firsts.append(first * weight)
        seconds.append(second * weight)
    return total(firsts), total(seconds)


def _equality_challenge(context: bytes, public: Point, points: Sequence[Point]) -> int:
    words = framed(*(bytes.fromhex(one.text) for one in (public, *points)))
    return hash_to_scalar(words + b"Challenge", b"HashToScalar-" + context)


def encrypt(key: Point, value: int, secret: int) -> Cipher:
    """Encrypt 0 or 1 under a key with the given randomness."""
    beta = key * secret
    return Cipher(GENERATOR * secret, beta + GENERATOR if value else beta)


def prove_bit(claim: Claim, value: int, secret: int) -> list[str]:
    """Prove that the ciphertext of a claim, made with `secret`, holds 0 or 1, without saying which."""
    nonce, simulated, response = draw(), draw(), draw()
    # Of the branch that is not true only its difference from a true one is needed: alpha = secret G
    other = response + simulated * secret
    shift = GENERATOR * (simulated if value else -simulated)
    pretended = (GENERATOR * other, claim.key * other + shift)
    honest = (GENERATOR * nonce, claim.key * nonce)
    asked = claim.challenge("bit", (*pretended, *honest) if value else (*honest, *pretended))
    real = (asked - simulated) % ORDER
    mine, theirs = [real, nonce - real * secret], [simulated, response]
    return [scalar_text(one) for one in (theirs + mine if value else mine + theirs)]


def check_bit(claim: Claim, cipher: Cipher, proof: object) -> None:
    """Check that a ciphertext holds 0 or 1; raises RefusedError."""
    parts = scalars(proof, PAIR * BRANCHES)
    commitments = []
    for value in range(BRANCHES):
        asked, response = parts[PAIR * value : PAIR * value + PAIR]
        rest = cipher.beta - GENERATOR if value else cipher.beta
        commitments += [weigh(response, GENERATOR, asked, cipher.alpha), weigh(response, claim.key, asked, rest)]
    if (parts[0] + parts[PAIR]) % ORDER != claim.challenge("bit", commitments):
        raise RefusedError("bit_proof")


def prove_one(claim: Claim, secret: int) -> list[str]:
    """Prove that the ciphertexts of a claim hold one in sum; `secret` is the sum of their randomness."""
    nonce = draw()
    asked = claim.challenge("one", [GENERATOR * nonce, claim.key * nonce])
    return [scalar_text(asked), scalar_text(nonce - asked * secret)]


def check_one(claim: Claim, summed: Cipher, proof: object) -> None:
    """Check that ciphertexts hold one in sum; raises RefusedError."""
    asked, response = scalars(proof, PAIR)
    commitments = [
        weigh(response, GENERATOR, asked, summed.alpha),
        weigh(response, claim.key, asked, summed.beta - GENERATOR),
    ]
    if asked != claim.challenge("one", commitments):
        raise RefusedError("sum_proof")
