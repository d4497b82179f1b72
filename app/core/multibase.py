"""Multibase and multicodec: how keys and signatures are written in one line of text."""

import base64
import binascii
import string

from gmpy2 import mpz  # type: ignore[import-untyped]

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LETTERS = frozenset(ALPHABET)
BASE = 58
LONGEST = 256
# GMP counts in base 58 with the digits, the capitals and the first small letters.
GMP = (string.digits + string.ascii_letters.swapcase())[:BASE]
LETTERS_OF, DIGITS_OF = str.maketrans(GMP, ALPHABET), str.maketrans(ALPHABET, GMP)


class MultibaseError(ValueError):
    """The text is not in the base its first letter promises."""


def encode_base58(data: bytes) -> str:
    """Write bytes as `z` and base58btc."""
    written: str = mpz(int.from_bytes(data, "big")).digits(BASE).translate(LETTERS_OF) if data.strip(b"\0") else ""
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + ALPHABET[0] * zeros + written


def decode_base58(text: str, *, longest: int = LONGEST) -> bytes:
    """Read bytes from `z` and base58btc, at most `longest` characters; raises MultibaseError."""
    letters = text[1:]
    if not text.startswith("z") or len(text) > longest or not LETTERS.issuperset(letters):
        msg = "not base58btc"
        raise MultibaseError(msg)
    number = int(mpz(letters.translate(DIGITS_OF), BASE)) if letters else 0
    zeros = len(letters) - len(letters.lstrip(ALPHABET[0]))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_base64url(data: bytes) -> str:
    """Write bytes as `u` and base64url without padding."""
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """Read bytes from `u` and base64url without padding; raises MultibaseError."""
    body = text[1:]
    try:
        if not text.startswith("u") or "=" in body:
            msg = "not base64url"
            raise MultibaseError(msg)
        return base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        msg = "not base64url"
        raise MultibaseError(msg) from error
