"""Bitstring Status List: one bit a certificate, in lists so long that an index tells nobody apart."""

import gzip
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from app.core.multibase import MultibaseError, decode_base64url, encode_base64url
from app.credentials.rules.contexts import STATUS_LIST_CONTEXTS
from app.credentials.rules.document import JsonObject
from app.credentials.rules.instants import write_instant

LENGTH = 131_072
LONGEST_BYTES = 1024 * 1024
PURPOSE = "revocation"
SUSPENSION = "suspension"
"""The purpose of the list beside: the same index says for a time what the first says for good."""
TTL = timedelta(minutes=1)
"""How long a verifier may go on with a copy before it looks again; the header of the answer says the same."""
LIFETIME = timedelta(days=7)
"""How long an edition holds: after that a verifier knows that nobody keeps the list any more."""
ENTRY = "BitstringStatusListEntry"
BITS = 8
GZIP_WINDOW = 31


class StatusListError(ValueError):
    """A status list that cannot be read, or an index outside of it."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def set_bits(indexes: Iterable[int], length: int = LENGTH) -> bytes:
    """Return a list of `length` entries with the bits at the indexes set, the first bit leftmost."""
    bits = bytearray(length // BITS)
    for index in indexes:
        _check_index(index, length)
        bits[index // BITS] |= 0x80 >> index % BITS
    return bytes(bits)


def with_bits(bits: bytes, indexes: Iterable[int], *, value: bool = True) -> bytes:
    """Return the list with the bits at the indexes set or cleared; raises StatusListError outside of the list."""
    changed = bytearray(bits)
    for index in indexes:
        _check_index(index, len(bits) * BITS)
        mask = 0x80 >> index % BITS
        changed[index // BITS] = changed[index // BITS] | mask if value else changed[index // BITS] & ~mask
    return bytes(changed)


def read_bit(bits: bytes, index: int) -> bool:
    """Tell whether the bit at an index is set; raises StatusListError outside of the list."""
    _check_index(index, len(bits) * BITS)
    return bool(bits[index // BITS] & 0x80 >> index % BITS)


def encode_list(bits: bytes) -> str:
    """Write a list as multibase base64url of its gzip; the same bits give the same text."""
    return encode_base64url(gzip.compress(bits, mtime=0))


def decode_list(text: str) -> bytes:
    """Read a list; raises StatusListError for a short one, a broken one or a decompression bomb."""
    unpack = zlib.decompressobj(wbits=GZIP_WINDOW)
    try:
        bits = unpack.decompress(decode_base64url(text), LONGEST_BYTES + 1)
    except (MultibaseError, zlib.error) as error:
        raise StatusListError("status-list-broken") from error
    if len(bits) > LONGEST_BYTES:
        raise StatusListError("status-list-too-long")
    if not unpack.eof or len(bits) * BITS < LENGTH:
        raise StatusListError("status-list-too-short")
    return bits


def list_credential(
    *,
    url: str,
    issuer: str,
    bits: bytes,
    valid_from: datetime,
    valid_until: datetime | None = None,
    purpose: str = PURPOSE,
) -> JsonObject:
    """Build the unsigned BitstringStatusListCredential that is published at a URL.

    `ttl` is in milliseconds (Bitstring Status List v1.0, 2.2).
    """
    document: JsonObject = {
        "@context": list(STATUS_LIST_CONTEXTS),
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": write_instant(valid_from),
    }
    if valid_until is not None:
        document["validUntil"] = write_instant(valid_until)
    document["credentialSubject"] = {
        "id": f"{url}#list",
        "type": "BitstringStatusList",
        "statusPurpose": purpose,
        "ttl": TTL // timedelta(milliseconds=1),
        "encodedList": encode_list(bits),
    }
    return document


def read_list(document: JsonObject, url: str, purpose: str = PURPOSE) -> bytes:
    """Return the bits of a status list credential whose proof was checked already.

    Raises StatusListError where it is another list, of another purpose, or not a status list.
    """
    subject = document.get("credentialSubject")
    types = document.get("type")
    if not isinstance(subject, dict) or not isinstance(types, list):
        raise StatusListError("status-list-broken")
    if "BitstringStatusListCredential" not in types or subject.get("type") != "BitstringStatusList":
        raise StatusListError("status-list-broken")
    if document.get("id") != url or subject.get("statusPurpose") != purpose:
        raise StatusListError("status-list-of-another")
    encoded = subject.get("encodedList")
    if not isinstance(encoded, str):
        raise StatusListError("status-list-broken")
    return decode_list(encoded)


def _check_index(index: int, length: int) -> None:
    if not 0 <= index < length:
        raise StatusListError("status-index-outside")
