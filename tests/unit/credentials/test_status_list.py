"""A status list holds one bit a certificate, hides who is who, and cannot blow up its reader."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.multibase import encode_base64url
from app.core.signing import FileSigner
from app.credentials.rules import status_list
from app.credentials.rules.document import JsonObject
from app.credentials.rules.status_list import (
    LENGTH,
    StatusListError,
    decode_list,
    encode_list,
    read_bit,
    set_bits,
)
from tests.unit.credentials import samples


@settings(max_examples=30, deadline=None)
@given(st.sets(st.integers(0, LENGTH - 1), max_size=50), st.integers(0, LENGTH - 1))
def test_bits_survive(indexes: set[int], other: int) -> None:
    """Exactly the bits that were set are read back from the published text."""
    bits = decode_list(encode_list(set_bits(indexes)))
    assert len(bits) * 8 == LENGTH == 131_072
    assert all(read_bit(bits, index) for index in indexes)
    assert read_bit(bits, other) == (other in indexes)


def test_the_first_bit_is_leftmost() -> None:
    """The order of bits is the standard's: index 0 is the highest bit of the first byte."""
    assert set_bits([0])[0] == 0x80
    assert set_bits([7])[0] == 0x01
    assert set_bits([8])[1] == 0x80


def test_the_same_bits_give_the_same_text() -> None:
    """No time of day in the gzip header, so an unchanged list keeps its ETag."""
    assert encode_list(set_bits([5])) == encode_list(set_bits([5]))


@pytest.mark.parametrize("index", [-1, LENGTH])
def test_an_index_outside_is_refused(index: int) -> None:
    """Reading beside the list must not answer "not revoked"."""
    with pytest.raises(StatusListError, match="status-index-outside"):
        read_bit(set_bits([]), index)
    with pytest.raises(StatusListError, match="status-index-outside"):
        set_bits([index])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "status-list-broken"),
        ("H4sIAAAAAAAAA", "status-list-broken"),
        (encode_base64url(b"no gzip"), "status-list-broken"),
        (encode_base64url(gzip.compress(b"\0" * 16_383, mtime=0)), "status-list-too-short"),
        (encode_base64url(gzip.compress(b"\0" * 16_384, mtime=0)[:-4]), "status-list-too-short"),
        (encode_base64url(gzip.compress(b"\0" * 50_000_000, mtime=0)), "status-list-too-long"),
    ],
    ids=["empty", "base", "gzip", "short", "truncated", "bomb"],
)
def test_a_broken_list_is_refused(text: str, code: str) -> None:
    """Wrong base, no gzip, short, truncated, and a bomb that unpacks to 50 MB."""
    with pytest.raises(StatusListError, match=code):
        decode_list(text)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"id": "http://localhost:8000/status/other"}, "status-list-of-another"),
        ({"statusPurpose": "suspension"}, "status-list-of-another"),
        ({"type": ["VerifiableCredential"]}, "status-list-broken"),
        ({"type": "BitstringStatusListCredential"}, "status-list-broken"),
        ({"subject": "text"}, "status-list-broken"),
        ({"subject-type": "List"}, "status-list-broken"),
        ({"encodedList": 5}, "status-list-broken"),
    ],
)
def test_only_the_named_list_is_read(signer: FileSigner, change: JsonObject, code: str) -> None:
    """Another list, purpose or kind of credential says nothing about our certificate."""
    document = samples.signed_list(signer)
    subject = document["credentialSubject"]
    for name, value in change.items():
        if name == "subject":
            document["credentialSubject"] = value
        elif name == "subject-type":
            subject["type"] = value
        elif name in subject and name not in {"id", "type"}:
            subject[name] = value
        else:
            document[name] = value
    with pytest.raises(StatusListError, match=code):
        status_list.read_list(document, samples.LIST_URL)


def test_a_list_may_say_how_long_it_holds() -> None:
    """A list with an end lets a verifier refuse a stale copy."""
    document = status_list.list_credential(
        url=samples.LIST_URL,
        issuer=samples.DID,
        bits=set_bits([]),
        valid_from=samples.ISSUED,
        valid_until=samples.ENDS,
    )
    assert document["validUntil"] == "2029-06-01T00:00:00Z"
