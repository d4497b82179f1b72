"""Multibase and multicodec: how keys and signatures are written in one line of text."""

import base64
import binascii

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
LETTERS = frozenset(ALPHABET)
DIGITS = bytes.maketrans(ALPHABET.encode(), bytes(range(len(ALPHABET))))
BASE = 58
LONGEST = 256
# Arithmetic on long numbers is dear, so ten letters are written at a time, two by two.
CHUNK = 10
CHUNK_VALUE = BASE**CHUNK
PAIR_VALUE = BASE * BASE
PAIRS = [first + second for first in ALPHABET for second in ALPHABET]


class MultibaseError(ValueError):
    """The text is not in the base its first letter promises."""


def encode_base58(data: bytes) -> str:
    """Write bytes as `z` and base58btc."""
    number = int.from_bytes(data, "big")
    pairs: list[str] = []
    while number:
        number, rest = divmod(number, CHUNK_VALUE)
        for _pair in range(CHUNK // 2):
            rest, last = divmod(rest, PAIR_VALUE)
            pairs.append(PAIRS[last])
    pairs.reverse()
    zeros = len(data) - len(data.lstrip(b"\0"))
    return "z" + ALPHABET[0] * zeros + "".join(pairs).lstrip(ALPHABET[0])


def decode_base58(text: str, *, longest: int = LONGEST) -> bytes:
    """Read bytes from `z` and base58btc, at most `longest` characters; raises MultibaseError."""
    letters = text[1:]
    if not text.startswith("z") or len(text) > longest or not LETTERS.issuperset(letters):
        msg = "not base58btc"
        raise MultibaseError(msg)
    number = 0
    digits = letters.encode().translate(DIGITS)
    for start in range(0, len(digits), CHUNK):
        part = digits[start : start + CHUNK]
        value = 0
        for digit in part:
            value = value * BASE + digit
        number = number * BASE ** len(part) + value
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
