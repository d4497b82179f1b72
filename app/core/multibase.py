"""Multibase and multicodec: how keys and signatures are written in one line of text."""

import base64
import binascii

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
BASE = 58
LONGEST = 256


class MultibaseError(ValueError):
    """The text is not in the base its first letter promises."""


def encode_base58(data: bytes) -> str:
    """Write bytes as `z` and base58btc."""
    number = int.from_bytes(data, "big")
    letters = ""
    while number:
        number, rest = divmod(number, BASE)
        letters = ALPHABET[rest] + letters
    return "z" + "1" * (len(data) - len(data.lstrip(b"\0"))) + letters


def decode_base58(text: str) -> bytes:
    """Read bytes from `z` and base58btc; raises MultibaseError."""
    letters = text[1:]
    if not text.startswith("z") or len(text) > LONGEST or any(one not in VALUES for one in letters):
        msg = "not base58btc"
        raise MultibaseError(msg)
    number = 0
    for letter in letters:
        number = number * BASE + VALUES[letter]
    zeros = len(letters) - len(letters.lstrip("1"))
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
