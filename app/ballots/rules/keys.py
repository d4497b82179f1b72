"""The key of a ballot, made by three trustees of whom two can open the tally, none alone.

Each trustee draws a line f(x) = a0 + a1 x, publishes a0 G and a1 G (Feldman 1987), proves that a0 is theirs so that no
key can be chosen against the others (rogue keys), and sends f(j) sealed to trustee j (Pedersen 1991). The key of the
ballot is the sum of the a0 G; trustee j holds the sum of what came in. All secrets grow from one seed that stays with
the trustee.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from app.ballots.rules.group import GENERATOR, ORDER, Point, RefusedError, framed, point, scalar_text, total, weigh
from app.ballots.rules.proofs import check_key, prove_key
from app.ballots.rules.votes import CHOICES, VERSION, Election, canonical, digest

TRUSTEES = 3
THRESHOLD = 2
SEED = 32
NONCE = 12
SEALED = NONCE + 32 + 16
"""Bytes of a sealed share: nonce, scalar, tag of AES-256-GCM."""
SHARE_KEY = b"JijingBallotV1 share"
Dealt = Mapping[str, Any]
"""What a trustee published when dealing: `commitments`, `proof` and the sealed `shares` by receiver."""


@dataclass(frozen=True, slots=True)
class Ceremony:
    """One making of a key: which ballot, and the how manieth time."""

    ballot: str
    number: int

    def words(self, *more: object) -> list[str]:
        """Return what every proof of the ceremony binds."""
        return [self.ballot, str(self.number), *(str(one) for one in more)]


@dataclass(frozen=True, slots=True)
class Secrets:
    """What a trustee's seed holds: the exchange secret and the two coefficients."""

    exchange: int
    line: tuple[int, int]

    @classmethod
    def of(cls, seed: bytes, ceremony: Ceremony, index: int) -> "Secrets":
        """Grow the secrets of one ceremony from a seed of 32 bytes (HKDF-SHA-256, RFC 5869)."""

        def grown(name: str) -> int:
            info = framed(*(word.encode() for word in ceremony.words(index, name)))
            drawn = HKDF(SHA256(), 48, b"JijingBallotV1 seed", info).derive(seed)
            return int.from_bytes(drawn, "big") % (ORDER - 1) + 1

        return cls(grown("exchange"), (grown("a0"), grown("a1")))

    def at(self, index: int) -> int:
        """Return the point of the line for a trustee, counted from one."""
        return (self.line[0] + self.line[1] * index) % ORDER


def join(ceremony: Ceremony, index: int, secrets: Secrets) -> dict[str, object]:
    """Publish the key under which the others seal their shares."""
    public = GENERATOR * secrets.exchange
    return {
        "exchange": public.text,
        "proof": prove_key("exchange", ceremony.words(index), secrets.exchange, public),
    }


def check_join(ceremony: Ceremony, index: int, exchange: object, proof: object) -> Point:
    """Check an exchange key; raises RefusedError."""
    public = point(exchange)
    check_key("exchange", ceremony.words(index), public, proof)
    return public


def deal(ceremony: Ceremony, index: int, secrets: Secrets, exchanges: Sequence[Point]) -> dict[str, Any]:
    """Commit to the line and seal the others' shares."""
    commitments = [GENERATOR * one for one in secrets.line]
    texts = [one.text for one in commitments]
    shares = {
        str(other): seal(Passage(ceremony, index, other), secrets.exchange, key, secrets.at(other)).hex()
        for other, key in enumerate(exchanges, start=1)
        if other != index
    }
    proof = prove_key("deal", ceremony.words(index, *texts), secrets.line[0], commitments[0])
    return {"commitments": texts, "proof": proof, "shares": shares}


def check_deal(ceremony: Ceremony, index: int, sent: Mapping[str, object]) -> list[Point]:
    """Check `commitments`, their `proof` and the form of the sealed `shares`; raises RefusedError."""
    commitments, shares = sent.get("commitments"), sent.get("shares")
    if not isinstance(commitments, list) or len(commitments) != THRESHOLD or not isinstance(shares, dict):
        raise RefusedError("shape")
    points = [point(text) for text in commitments]
    check_key("deal", ceremony.words(index, *commitments), points[0], sent.get("proof"))
    wanted = {str(other) for other in range(1, TRUSTEES + 1) if other != index}
    if set(shares) != wanted or not all(_is_sealed(one) for one in shares.values()):
        raise RefusedError("shape")
    return points


def _is_sealed(text: object) -> bool:
    if not isinstance(text, str):
        return False
    try:
        return bytes.fromhex(text).hex() == text and len(text) == SEALED * 2
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Passage:
    """The way of a share from one trustee to another in a ceremony."""

    ceremony: Ceremony
    sender: int
    receiver: int

    def cipher(self, secret: int, other: Point) -> tuple[AESGCM, bytes]:
        """Return the cipher of this way for either end, and what it authenticates (ECDH, then HKDF-SHA-256)."""
        about = framed(*(word.encode() for word in self.ceremony.words(self.sender, self.receiver)))
        shared = bytes.fromhex((other * secret).text)
        return AESGCM(HKDF(SHA256(), 32, SHARE_KEY, about).derive(shared)), about


def seal(passage: Passage, secret: int, other: Point, share: int) -> bytes:
    """Seal a share for another trustee with AES-256-GCM.

    Each pair and direction has a key of its own that seals one message, so the nonce may be fixed.
    """
    cipher, about = passage.cipher(secret, other)
    nonce = bytes(NONCE)
    return nonce + cipher.encrypt(nonce, bytes.fromhex(scalar_text(share)), about)


def unseal(passage: Passage, secret: int, other: Point, sealed: bytes) -> int:
    """Open a share; raises RefusedError where it was not sealed for this trustee by that one."""
    cipher, about = passage.cipher(secret, other)
    try:
        return int.from_bytes(cipher.decrypt(sealed[:NONCE], sealed[NONCE:], about), "big")
    except InvalidTag as error:
        raise RefusedError("share") from error


def gather(
    ceremony: Ceremony, index: int, secrets: Secrets, *, exchanges: Sequence[Point], dealt: Sequence[Dealt]
) -> int:
    """Open what the other two sent, check it against their commitments, and return a trustee's whole share.

    Raises RefusedError where a share does not fit. Used by the demo and the tests; people do this in their browsers.
    """
    share = secrets.at(index)
    for sender, (key, sent) in enumerate(zip(exchanges, dealt, strict=True), start=1):
        if sender == index:
            continue
        passage = Passage(ceremony, sender, index)
        got = unseal(passage, secrets.exchange, key, bytes.fromhex(sent["shares"][str(index)]))
        if not share_fits(got, index, [point(text) for text in sent["commitments"]]):
            raise RefusedError("share")
        share = (share + got) % ORDER
    return share


def share_fits(share: int, index: int, commitments: Sequence[Point]) -> bool:
    """Tell whether a share lies on the line its dealer committed to (Feldman)."""
    return share < ORDER and GENERATOR * share == line_at(index, commitments)


def line_at(index: int, commitments: Sequence[Point]) -> Point:
    """Return the committed line at a trustee's place, times the generator."""
    return weigh(1, commitments[0], index, commitments[1])


def public_share(index: int, lines: Sequence[Sequence[Point]]) -> Point:
    """Return the public side of what a trustee holds in the end; raises RefusedError where it is the identity."""
    reached = total([line_at(index, one) for one in lines])
    if reached.identity:
        raise RefusedError("identity")
    return reached


def public_key(lines: Sequence[Sequence[Point]]) -> Point:
    """Return the key of the ballot; raises RefusedError where it is the identity."""
    reached = total([one[0] for one in lines])
    if reached.identity:
        raise RefusedError("identity")
    return reached


def manifest(
    ceremony: Ceremony, questions: Sequence[str], exchanges: Sequence[str], lines: Sequence[Sequence[str]]
) -> dict[str, object]:
    """Write down everything that the votes and the tally are bound to."""
    return {
        "ballot": ceremony.ballot,
        "ceremony": ceremony.number,
        "choices": [choice.value for choice in CHOICES],
        "commitments": [list(one) for one in lines],
        "exchanges": list(exchanges),
        "group": "P-256",
        "key": public_key([[point(text) for text in one] for one in lines]).text,
        "questions": list(questions),
        "threshold": THRESHOLD,
        "version": VERSION,
    }


def election_of(written: Mapping[str, object]) -> Election:
    """Read what votes are bound to from a manifest."""
    return Election(str(written["ballot"]), digest(canonical(dict(written))), point(written["key"]))


def confirm_words(fingerprint: str, index: int) -> list[str]:
    """Return what the proof of a complete share binds."""
    return [fingerprint, str(index)]
