"""One line is one source of tries: of an IPv6 address its /64, of an IPv4 address the whole."""

from collections.abc import Iterator
from ipaddress import IPv6Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import app
from app.accounts.rules.networks import source_of

pytestmark = pytest.mark.one_database

READ_BY = {
    "accounts/views/doors.py": "every door asks it where a request comes from",
    "cases/views/visitors.py": "what the service counts is the source",
    "cases/views/mine.py": "what the service counts is the source",
    "accounts/views/sign_in.py": "the session keeps it whole, sealed, for its owner",
    "assessment/exams/views/signals.py": "the sitting keeps it whole, sealed, as evidence",
}
"""Where the address of a request is read, and why it is no key of a throttle as it stands."""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::7", "2001:DB8:0001:2:0::7", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("", None, True),
        ("", "unknown", False),
    ],
)
def test_one_line_is_one_source(one: str, other: str | None, same: bool) -> None:
    assert (source_of(one) == source_of(other)) is same


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**64 - 1))
def test_nobody_leaves_their_source_by_taking_another_address_of_their_line(number: int, lower: int) -> None:
    address, other = IPv6Address(number), IPv6Address(number >> 64 << 64 | lower)
    if address.ipv4_mapped is None and other.ipv4_mapped is None:
        assert source_of(str(address)) == source_of(str(other))


def test_no_throttle_is_keyed_by_an_address_as_it_stands() -> None:
    assert set(_readers()) == set(READ_BY)


def _readers() -> Iterator[str]:
    root = Path(app.__file__).parent
    for file in root.rglob("*.py"):
        if "remote_addr" in file.read_text(encoding="utf-8"):
            yield file.relative_to(root).as_posix()
