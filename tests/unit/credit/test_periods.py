"""How long a record is published: every day of every year, month ends, the leap day, the change of order."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.assessment.credit.rules.periods import (
    ClassPeriod,
    Condition,
    RepairParams,
    Span,
    judge,
    sentences,
    span_of,
    typed,
)
from app.assessment.credit.states import Gravity
from app.core.errors import InvalidError
from app.rulebook.facts import Fact
from app.rulebook.kinds import Binding
from app.rulebook.rules import read
from app.rulebook.rules.evaluating import months_later
from app.rulebook.verdicts import Outcome

RULES = Path(__file__).resolve().parents[3] / "content" / "rules"
BINDING = Binding("pack", "sample", "来源", "source")
CHANGE = date(2026, 4, 1)
days = st.dates(date(2023, 5, 1), date(2029, 12, 31))
gravities = st.sampled_from(list(Gravity))


def shipped(year: int) -> RepairParams:
    return RepairParams.model_validate(read((RULES / f"credit-repair-{year}-sample.toml").read_text("utf-8")).params)


OLD, NEW = shipped(2023), shipped(2026)


def in_force(first: date, last: date) -> list[RepairParams]:
    """Return the orders in force on any day from the first through the last."""
    return ([OLD] if first < CHANGE else []) + ([NEW] if last >= CHANGE else [])


@given(determined=days, gravity=gravities, after=st.integers(0, 1500))
def test_every_day_a_record_is_used_lies_within_the_maximum_of_every_order_so_far(
    determined: date, gravity: Gravity, after: int
) -> None:
    on = determined + timedelta(days=after)
    packs = in_force(determined, on)

    span = span_of(determined, gravity, packs)

    for pack in packs:
        assert span.last_day < months_later(determined, pack.of(gravity).maximum_months)
    assert span.covers(on) == (on <= span.last_day)
    assert span.open_from <= span.last_day + timedelta(days=1)


@given(determined=days, gravity=gravities, after=st.integers(0, 1500), more=st.integers(0, 400))
def test_what_has_stopped_never_starts_again_and_a_new_order_never_makes_it_longer(
    determined: date, gravity: Gravity, after: int, more: int
) -> None:
    on, later = determined + timedelta(days=after), determined + timedelta(days=after + more)
    before = span_of(determined, gravity, in_force(determined, on))
    then = span_of(determined, gravity, in_force(determined, later))

    assert then.last_day <= before.last_day
    assert then.open_from <= before.open_from
    assert not (then.covers(later) and not before.covers(on))


@pytest.mark.parametrize(
    ("determined", "last_day"),
    [
        (date(2026, 4, 1), date(2027, 3, 31)),
        (date(2026, 8, 31), date(2027, 8, 30)),
        (date(2028, 2, 29), date(2029, 2, 27)),
        (date(2027, 2, 28), date(2028, 2, 27)),
    ],
)
def test_an_ordinary_record_stops_after_a_year_at_month_ends_and_on_the_leap_day(
    determined: date, last_day: date
) -> None:
    assert span_of(determined, Gravity.ORDINARY, [NEW]).last_day == last_day


def test_the_minimum_of_three_months_ends_on_the_last_day_of_a_short_month() -> None:
    assert span_of(date(2026, 11, 30), Gravity.ORDINARY, [NEW]).open_from == date(2027, 2, 28)


def test_an_ordinary_record_of_the_old_order_stops_when_the_new_order_says_a_year() -> None:
    determined = date(2025, 3, 10)

    day_before = span_of(determined, Gravity.ORDINARY, in_force(determined, date(2026, 3, 31)))
    day_of_change = span_of(determined, Gravity.ORDINARY, in_force(determined, CHANGE))

    assert day_before.covers(date(2026, 3, 31))
    assert not day_of_change.covers(CHANGE)


def test_a_minor_record_is_normally_not_published_and_open_to_repair_at_once() -> None:
    assert span_of(date(2026, 5, 1), Gravity.MINOR, [NEW]) == Span(
        date(2026, 5, 1), date(2026, 5, 1), date(2026, 7, 31), published=False
    )


def test_a_serious_record_is_published_between_one_and_three_years() -> None:
    assert span_of(date(2026, 5, 1), Gravity.SERIOUS, [NEW]) == Span(
        date(2026, 5, 1), date(2027, 5, 1), date(2029, 4, 30), published=True
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"classes": [{"gravity": "minor", "published": False, "minimum_months": 0, "maximum_months": 3}]},
        {"conditions": []},
        {"conditions": ["money"]},
    ],
)
def test_a_pack_that_leaves_a_class_or_every_condition_open_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        RepairParams.model_validate({**NEW.model_dump(), **changed})


def test_a_minimum_longer_than_the_maximum_is_refused() -> None:
    with pytest.raises(ValidationError):
        ClassPeriod(gravity=Gravity.MINOR, published=False, minimum_months=4, maximum_months=3)
    same = ClassPeriod(gravity=Gravity.MINOR, published=False, minimum_months=3, maximum_months=3)
    assert same.minimum_months == same.maximum_months


@pytest.mark.parametrize(("least", "most", "held"), [(0, 1, True), (120, 120, True), (0, 0, False), (0, 121, False)])
def test_a_record_stays_from_a_month_to_ten_years(least: int, most: int, held: bool) -> None:
    if held:
        ClassPeriod(gravity=Gravity.MINOR, published=False, minimum_months=least, maximum_months=most)
    else:
        with pytest.raises(ValidationError):
            ClassPeriod(gravity=Gravity.MINOR, published=False, minimum_months=least, maximum_months=most)


def test_a_record_is_used_on_its_first_and_on_its_last_day() -> None:
    span = Span(CHANGE, CHANGE, CHANGE + timedelta(days=9), published=True)

    used = [span.covers(CHANGE + timedelta(days=days)) for days in (-1, 0, 9, 10)]
    assert used == [False, True, True, False]


def facts(*, corrected: bool = True, committed: bool = True) -> dict[str, Fact]:
    span = span_of(date(2026, 5, 1), Gravity.ORDINARY, [NEW])
    return typed(span=span, gravity=Gravity.ORDINARY, corrected=corrected, committed=committed)


@pytest.mark.parametrize(("on", "met"), [(date(2026, 7, 31), False), (date(2026, 8, 1), True)])
def test_repair_needs_the_minimum_period_to_the_day(on: date, met: bool) -> None:
    assert judge(NEW, facts(), on, BINDING).met is met


@pytest.mark.parametrize("missing", ["corrected", "committed"])
def test_repair_needs_correction_and_commitment(missing: str) -> None:
    verdict = judge(NEW, facts(**{missing: False}), date(2027, 1, 1), BINDING)

    assert [line.reason for line in verdict.lines if line.outcome is Outcome.NOT_MET] == [f"repair.{missing}"]


def test_an_unknown_condition_is_not_met_and_a_missing_class_judges_nothing() -> None:
    known = facts()
    del known["repair.corrected"]

    assert judge(NEW, known, date(2027, 1, 1), BINDING).outcome is Outcome.UNKNOWN
    with pytest.raises(InvalidError):
        judge(NEW, {}, date(2027, 1, 1), BINDING)


def test_an_earlier_order_that_allowed_repair_sooner_is_kept_to() -> None:
    known = {**facts(), "repair.earlier_from": Fact(date(2026, 6, 1))}

    assert judge(NEW, known, date(2026, 6, 1), BINDING).met


def test_only_the_conditions_of_the_pack_are_judged() -> None:
    lenient = NEW.model_copy(update={"conditions": (Condition.MINIMUM,)})

    verdict = judge(lenient, facts(corrected=False, committed=False), date(2027, 1, 1), BINDING)

    assert [line.reason for line in verdict.lines] == ["repair.minimum"]
    assert verdict.met


def test_a_pack_says_itself_in_a_sentence_a_class_and_condition() -> None:
    assert len(sentences(NEW)) == 6
