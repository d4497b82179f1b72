"""A renewal has its time and its period: from the terms of the template, to the day."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.credentials.rules.renewal import Period, RenewalError, falls_with, renewed_period
from app.credentials.rules.templates import Terms
from app.credentials.states import TAKES_ALONG, CertificateKind, ReissueReason, RevocationReason, Succession


def terms(*, months: int | None = 36, opens: int | None = 180) -> Terms:
    return Terms(
        kind=CertificateKind.CAPABILITY,
        level="junior",
        valid_months=months,
        may_renew=opens is not None,
        renew_from_days=opens,
        takes=None,
        template="t",
    )


END = date(2026, 12, 31)
YEAR = timedelta(days=365)


@pytest.mark.parametrize(
    ("today", "first", "last"),
    [
        (END - timedelta(days=180), date(2027, 1, 1), date(2029, 12, 31)),
        (END, date(2027, 1, 1), date(2029, 12, 31)),
        (END + timedelta(days=1), date(2027, 1, 1), date(2029, 12, 31)),
        (date(2027, 12, 31), date(2027, 12, 31), date(2030, 12, 30)),
    ],
    ids=["first day", "last day", "day after", "last chance"],
)
def test_no_day_is_without_a_certificate_and_none_has_two(today: date, first: date, last: date) -> None:
    assert renewed_period(terms(), END, today, closes_after=YEAR) == Period(first, last)


@pytest.mark.parametrize(
    ("today", "code", "on"),
    [
        (END - timedelta(days=181), "too-early", END - timedelta(days=180)),
        (END + YEAR + timedelta(days=1), "too-late", END + YEAR),
    ],
)
def test_outside_of_its_time_it_says_from_or_until_when(today: date, code: str, on: date) -> None:
    with pytest.raises(RenewalError) as refused:
        renewed_period(terms(), END, today, closes_after=YEAR)
    assert (refused.value.code, refused.value.on) == (code, on)


def test_what_has_no_end_or_may_not_be_renewed_is_not() -> None:
    for given_terms, last, code in (
        (terms(), None, "no-end"),
        (terms(opens=None), END, "not-renewed"),
        (terms(months=None), END, "no-end"),
    ):
        with pytest.raises(RenewalError) as refused:
            renewed_period(given_terms, last, END)
        assert refused.value.code == code


def test_from_the_29th_of_february() -> None:
    """A leap day has no anniversary in a common year: the period ends with its February."""
    assert renewed_period(terms(), date(2028, 2, 28), date(2028, 2, 1)) == Period(date(2028, 2, 29), date(2031, 2, 28))


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.integers(-180, 365))
def test_a_period_always_begins_after_the_former(last: date, offset: int) -> None:
    period = renewed_period(terms(), last, last + timedelta(days=offset), closes_after=YEAR)
    assert last < period.first < period.last
    assert timedelta(days=1090) < period.last - period.first < timedelta(days=1100)


@pytest.mark.parametrize("reason", RevocationReason)
def test_what_follows_a_revoked_certificate_falls_by_its_reason(reason: RevocationReason) -> None:
    assert falls_with(Succession.RENEWAL, None, reason) is TAKES_ALONG[reason]
    for because in ReissueReason:
        forgiven = because is ReissueReason.SET_ASIDE or (because, reason) in {
            (ReissueReason.KEY_REPLACED, RevocationReason.KEY_COMPROMISED),
            (ReissueReason.BODY_ENDED, RevocationReason.ISSUER_DISTRUSTED),
        }
        assert falls_with(Succession.REISSUE, because, reason) is not forgiven
