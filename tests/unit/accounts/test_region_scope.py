"""A region covers what lies in it by GB/T 2260, and nothing beside it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.access import covers, region_span

COUNTIES = st.integers(110101, 659999).map(str).filter(lambda code: "00" not in (code[2:4], code[4:]))


@given(COUNTIES)
def test_nation_province_city_and_county_cover_a_county(county: str) -> None:
    assert all(covers(scope, county) for scope in ("100000", county[:2] + "0000", county[:4] + "00", county))


@given(COUNTIES, COUNTIES)
def test_a_county_covers_itself_only(one: str, other: str) -> None:
    assert covers(one, other) is (one == other)


@given(COUNTIES, COUNTIES)
def test_a_city_covers_by_its_first_four_digits_and_a_province_by_two(one: str, other: str) -> None:
    assert covers(one[:4] + "00", other) is (one[:4] == other[:4])
    assert covers(one[:2] + "0000", other) is (one[:2] == other[:2])


@pytest.mark.parametrize(
    ("scope", "region"), [("370100", "370000"), ("370000", "100000"), (None, "370000"), ("370000", None)]
)
def test_nobody_covers_what_lies_above_or_nowhere(scope: str | None, region: str | None) -> None:
    assert not covers(scope, region)


def test_the_nation_spans_every_code() -> None:
    assert region_span("100000") == ("000000", "999999")
