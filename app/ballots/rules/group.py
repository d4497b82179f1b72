"""The group P-256 (NIST SP 800-186, section 3.2.1.3), its encodings, and hashing into its scalars (RFC 9380).

Points travel as 33 bytes of compressed SEC 1 in lower-case hexadecimal, scalars as 32 bytes big endian likewise;
every other spelling is refused, so that each ballot has one encoding and one hash.
"""

import hashlib
import re
from dataclasses import dataclass
from itertools import count
from typing import Any

from ecdsa import NIST256p
from ecdsa.ellipticcurve import INFINITY, PointJacobi
from ecdsa.errors import MalformedPointError

from app.core.errors import InvalidError
from app.core.text import _l

ORDER = int(NIST256p.order)
PRIME = int(NIST256p.curve.p())
POINT_TEXT = re.compile(r"0[23][0-9a-f]{64}")
SCALAR_TEXT = re.compile(r"[0-9a-f]{64}")
BLOCK = 64
DIGEST = 32
SCALAR_DRAW = 48
"""Bytes drawn for one scalar: 128 bits more than the order has (RFC 9380, section 5.1)."""


class RefusedError(InvalidError):
    """A ballot, share or proof does not hold; `code` names which check failed."""

    def __init__(self, code: str) -> None:
        message = _l("The proof that came with this does not hold (%(check)s). Nothing was recorded.", check=code)
        super().__init__(message, code=code)


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    """An element of P-256."""

    raw: Any

    def __add__(self, other: "Point") -> "Point":
        return Point(self.raw + other.raw)

    def __sub__(self, other: "Point") -> "Point":
        return Point(self.raw + -other.raw)

    def __mul__(self, factor: int) -> "Point":
        return Point(self.raw * (factor % ORDER))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Point) and bool(self.raw == other.raw)

    def __hash__(self) -> int:
        return hash(self.text)

    @property
    def identity(self) -> bool:
        """Tell whether this is the neutral element, which no key, share or ciphertext may be."""
        return bool(self.raw == INFINITY)

    @property
    def text(self) -> str:
        """Return the one encoding; raises RefusedError for the identity, which has none."""
        if self.identity:
            raise RefusedError("identity")
        return bytes(self.raw.to_bytes("compressed")).hex()


GENERATOR = Point(NIST256p.generator)


def point(text: object) -> Point:
    """Read a point; raises RefusedError for another spelling, a point off the curve, or the identity."""
    if not isinstance(text, str) or not POINT_TEXT.fullmatch(text):
        raise RefusedError("encoding")
    raw = bytes.fromhex(text)
    if int.from_bytes(raw[1:], "big") >= PRIME:
        raise RefusedError("encoding")
    try:
        return Point(PointJacobi.from_bytes(NIST256p.curve, raw, order=ORDER))
    except MalformedPointError as error:
        raise RefusedError("off_curve") from error


def scalar(text: object) -> int:
    """Read a scalar below the order; raises RefusedError otherwise."""
    if not isinstance(text, str) or not SCALAR_TEXT.fullmatch(text):
        raise RefusedError("encoding")
    value = int(text, 16)
    if value >= ORDER:
        raise RefusedError("range")
    return value


def scalar_text(value: int) -> str:
    """Write a scalar."""
    return f"{value % ORDER:064x}"


def weigh(first: int, one: Point, second: int, other: Point) -> Point:
    """Return `first * one + second * other`; raises RefusedError where a point is the identity."""
    if one.identity or other.identity:
        raise RefusedError("identity")
    return Point(one.raw.mul_add(first % ORDER, other.raw, second % ORDER))


def total(points: list[Point]) -> Point:
    """Return the sum of at least one point."""
    reached = points[0]
    for one in points[1:]:
        reached += one
    return reached


def expand(message: bytes, tag: bytes, length: int) -> bytes:
    """Return `expand_message_xmd` with SHA-256 (RFC 9380, section 5.3.1)."""
    suffix = tag + bytes([len(tag)])
    first = hashlib.sha256(bytes(BLOCK) + message + length.to_bytes(2, "big") + b"\0" + suffix).digest()
    block = hashlib.sha256(first + b"\1" + suffix).digest()
    drawn = block
    for number in count(2):
        if len(drawn) >= length:
            break
        mixed = bytes(left ^ right for left, right in zip(first, block, strict=True))
        block = hashlib.sha256(mixed + bytes([number]) + suffix).digest()
        drawn += block
    return drawn[:length]


def hash_to_scalar(message: bytes, tag: bytes) -> int:
    """Hash into the scalars as the P-256 suites of RFC 9497 and RFC 9591 do."""
    return int.from_bytes(expand(message, tag, SCALAR_DRAW), "big") % ORDER


def framed(*parts: bytes) -> bytes:
    """Join parts, each behind its length in two bytes, so that no two lists give the same bytes."""
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)
