"""Column types: exact decimals, UTC instants, random codes."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite

from app.core.columns import ALPHABET, CODE_LENGTH, ScaledDecimal, UtcDateTime, new_code

SQLITE: Dialect = sqlite.dialect()
POSTGRESQL: Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]


@given(st.decimals(-(10**9), 10**9, places=2))
def test_a_scaled_decimal_comes_back_as_it_went_in(value: Decimal) -> None:
    kind = ScaledDecimal(2)

    assert kind.process_result_value(kind.process_bind_param(value, SQLITE), SQLITE) == value


def test_a_value_finer_than_the_scale_is_refused_not_rounded() -> None:
    with pytest.raises(ValueError, match="more than 2 decimal places"):
        ScaledDecimal(2).process_bind_param(Decimal("1.005"), SQLITE)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="needs its zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), SQLITE)  # noqa: DTZ001 - the missing zone is what is refused


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL])
def test_a_shanghai_time_comes_back_as_the_same_instant(dialect: Dialect) -> None:
    moment = datetime(2026, 11, 23, 8, tzinfo=timezone(timedelta(hours=8)))
    kind = UtcDateTime()

    back = kind.process_result_value(kind.process_bind_param(moment, dialect), dialect)

    assert back == moment
    assert back is not None
    assert back.tzinfo is UTC


def test_nothing_stays_nothing() -> None:
    for kind in (UtcDateTime(), ScaledDecimal(2)):
        assert kind.process_bind_param(None, SQLITE) is None
        assert kind.process_result_value(None, SQLITE) is None


def test_codes_are_random_and_easy_to_read_aloud() -> None:
    codes = {new_code() for _ in range(100)}

    assert len(codes) == 100
    assert all(len(code) == CODE_LENGTH and set(code) <= set(ALPHABET) for code in codes)
