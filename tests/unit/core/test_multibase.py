"""Multibase text reads back to the bytes it was made from, and nothing else is accepted."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.multibase import (
    MultibaseError,
    decode_base58,
    decode_base64url,
    encode_base58,
    encode_base64url,
)
from app.credentials.rules.instants import InstantError, read_instant, write_instant


@given(st.binary(max_size=80))
def test_round_trip(data: bytes) -> None:
    """Any bytes survive both bases, leading zeros included."""
    assert decode_base58(encode_base58(data)) == data
    assert decode_base64url(encode_base64url(data)) == data


def test_known_values() -> None:
    """The example of the multibase specification."""
    assert encode_base58(b"yes mani !") == "z7paNL19xttacUY"
    assert encode_base64url(b"yes mani !") == "ueWVzIG1hbmkgIQ"
    assert base64.urlsafe_b64decode("eWVzIG1hbmkgIQ==") == b"yes mani !"


@pytest.mark.parametrize("text", ["", "7paNL", "z0OIl", "z" + "2" * 300, "zé"])
def test_refuses_bad_base58(text: str) -> None:
    """Wrong prefix, letters outside the alphabet, and text of unbounded work."""
    with pytest.raises(MultibaseError):
        decode_base58(text)


@pytest.mark.parametrize("text", ["", "eWVz", "ueWVzIA==", "ue!Vz", "ueWVzI"])
def test_refuses_bad_base64url(text: str) -> None:
    """Wrong prefix, padding, foreign letters and a broken length."""
    with pytest.raises(MultibaseError):
        decode_base64url(text)


@pytest.mark.parametrize(
    "text",
    [None, "", "2026-06-01", "2026-06-01T00:00:00+00:00", "2026-13-01T00:00:00Z", "２０２６-06-01T00:00:00Z"],
)
def test_refuses_other_forms_of_instants(text: object) -> None:
    """One instant has one spelling, so that a certificate can be rebuilt from its facts."""
    with pytest.raises(InstantError):
        read_instant(text)


@given(st.datetimes(timezones=st.timezones()))
def test_instants_round_trip(instant: datetime) -> None:
    """An instant of any zone is written in UTC and read back to the second."""
    try:
        expected = instant.astimezone(UTC).replace(microsecond=0)
    except OverflowError:
        return
    assert read_instant(write_instant(instant)) == expected


def test_naive_instant_is_refused() -> None:
    """An instant without a zone means nothing."""
    with pytest.raises(InstantError):
        write_instant(datetime(2026, 6, 1))  # noqa: DTZ001 - the missing zone is what is refused
