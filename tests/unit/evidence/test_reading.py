"""Fields are read exactly: days, yuan, per cent and hours as people write them, and never a guess."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.rules.fields import FIELDS, Column, FieldType, field_for, names
from app.evidence.rules.reading import kept, read
from app.evidence.states import Kind
from tests.factories.evidence import FIELDS as GOOD

TODAY = date(2026, 3, 2)


def problems(kind: Kind, **changed: str) -> list[tuple[str, str]]:
    found = read(kind, {**GOOD[kind], **changed}, today=TODAY)
    return [(one.field, one.reason) for one in found.problems]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_complete_record_of_each_kind_is_read_without_problems(kind: Kind) -> None:
    found = read(kind, GOOD[kind], today=TODAY)

    assert found.problems == ()
    assert set(found.details) <= set(names(kind))
    assert found.columns["title"]
    assert found.columns["happened_on"]


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_misses_what_it_needs(kind: Kind) -> None:
    missing = {name for name, _reason in [(one.field, one.reason) for one in read(kind, {}, today=TODAY).problems]}

    assert missing == {one.name for one in FIELDS[kind] if one.needed}


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_has_one_day_and_headings_that_differ(kind: Kind) -> None:
    assert field_for(kind, Column.DAY)
    headings = [one.headings[0] for one in FIELDS[kind]]
    assert len(set(headings)) == len(headings)
    assert all(one.choices for one in FIELDS[kind] if one.type is FieldType.CHOICE)


@pytest.mark.parametrize(
    "written", ["2025-06-10", "2025/6/10", "2025.06.10", "2025年6月10日", "20250610", "2025-06-10 00:00:00"]
)
def test_days_are_read_as_offices_write_them(written: str) -> None:
    found = read(Kind.CONTRACT, {**GOOD[Kind.CONTRACT], "signed_on": written}, today=TODAY)

    assert found.columns["happened_on"] == date(2025, 6, 10)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"signed_on": "2025-02-30"}, [("signed_on", "not_a_day")]),
        ({"signed_on": "2026-03-03"}, [("signed_on", "in_future")]),
        ({"signed_on": "2026-03-02"}, []),
        ({"ends_on": "2025-06-09"}, [("ends_on", "before_start")]),
        ({"ends_on": "2025-06-10"}, []),
        ({"amount": "1.005"}, [("amount", "not_money")]),
        ({"amount": "-1"}, [("amount", "not_money")]),
        ({"amount": "NaN"}, [("amount", "not_money")]),
        ({"amount": "1e400"}, [("amount", "not_money")]),
        ({"amount": "1000000000000.01"}, [("amount", "not_money")]),
        ({"amount": "4199999.99"}, [("technology_amount", "above_whole")]),
        ({"amount": "4200000"}, []),
        ({"amount": "５000000"}, []),
        ({"share": "0"}, [("share", "not_percent")]),
        ({"share": "100.01"}, [("share", "not_percent")]),
        ({"share": "100"}, []),
        ({"role": "boss"}, [("role", "not_a_choice")]),
        ({"role": "LEAD"}, []),
        ({"title": "长" * 201}, [("title", "too_long")]),
        ({"title": "长" * 200}, []),
        ({"number": "1" * 65}, [("number", "too_long")]),
        ({"number": "（-）"}, [("number", "missing")]),
        ({"agent_name": ""}, []),
    ],
)
def test_a_field_that_does_not_fit_is_named_with_its_reason(
    changed: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    assert problems(Kind.CONTRACT, **changed) == expected


@pytest.mark.parametrize(
    ("written", "reason"), [("0", "not_hours"), ("2000.01", "not_hours"), ("2000", None), ("0.5", None)]
)
def test_hours_lie_between_nothing_and_a_year_of_work(written: str, reason: str | None) -> None:
    assert problems(Kind.TRAINING, hours=written) == ([("hours", reason)] if reason else [])


def test_services_end_after_they_began() -> None:
    assert problems(Kind.SERVICE, started_on="2025-09-02") == [("ended_on", "before_start")]


@given(st.dictionaries(st.sampled_from(names(Kind.CONTRACT)), st.text(max_size=250)))
def test_anything_typed_is_read_or_named_and_never_breaks(typed: dict[str, str]) -> None:
    found = read(Kind.CONTRACT, typed, today=TODAY)

    wrong = {one.field for one in found.problems}
    assert all(name in found.details or name in wrong for name in ("title", "amount", "share"))
    assert all(len(text) <= 200 for text in kept(Kind.CONTRACT, typed).values())
