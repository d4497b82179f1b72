"""Lists of holidays: the spellings that notices use, and what is wrong with a row."""

from datetime import date, timedelta

import pytest

from app.core.errors import InvalidError
from app.rulebook.rules.holidays import day_of, problems, read, spans, works


@pytest.mark.parametrize("said", ["2091-01-02", "2091/1/2", "2091.1.2", "2091年1月2日", "20910102"])
def test_a_day_is_read_as_offices_write_it(said: str) -> None:
    assert day_of(said) == date(2091, 1, 2)


@pytest.mark.parametrize("said", ["", "1月2日", "2091-02-30", "2091-1-2-3", "元旦"])
def test_what_is_no_day_is_none(said: str) -> None:
    assert day_of(said) is None


def test_the_words_of_both_languages_are_read() -> None:
    free, working = ("放假", "休息", "休", "Free", "HOLIDAY"), ("上班", "调休上班", "班", "WORKING", "work")

    assert {said: works(said) for said in (*free, *working)} == dict.fromkeys(free, False) | dict.fromkeys(
        working, True
    )
    assert works("也许") is None


@pytest.mark.parametrize("head", ["日期,安排", "日子,放假或上班", "day,类型", "date,work", "day,kind"])
def test_a_column_is_known_by_each_of_its_headings(head: str) -> None:
    assert [(line.day, line.work) for line in read(f"{head}\n2091-01-01,放假\n".encode())] == [("2091-01-01", "放假")]


def test_what_a_cell_says_is_told_in_its_first_twenty_characters() -> None:
    ((_line, found),) = problems(read(f"day,work\n{'日' * 30},{'班' * 30}\n".encode()), 2091)

    assert [one.params["said"] for one in found] == ["日" * 20, "班" * 20]


def test_days_in_a_row_of_one_kind_are_one_span() -> None:
    first = date(2091, 1, 31)
    free, worked = [first, first + timedelta(days=1), first + timedelta(days=3)], [first + timedelta(days=2)]

    found = spans(dict.fromkeys(reversed(free), False) | dict.fromkeys(worked, True))

    assert [(one.first, one.last, one.working, one.days) for one in found] == [
        (free[0], free[1], False, 2),
        (worked[0], worked[0], True, 1),
        (free[2], free[2], False, 1),
    ]
    assert [one.days for one in spans({first: False, first + timedelta(days=2): False})] == [1, 1]
    assert spans({}) == []


def test_every_wrong_row_is_named_with_all_its_reasons() -> None:
    lines = read("日期,安排\n2091-01-01,放假\n2091-1-1,上班\n2092-01-01,也许\n元旦,放假\n2091-01-07,放假\n".encode())

    found = {line.line: [one.reason for one in reasons] for line, reasons in problems(lines, 2091)}

    assert found == {3: ["day_twice"], 4: ["day_year", "work_form"], 5: ["day_form"]}


def test_a_list_may_name_every_day_of_a_leap_year() -> None:
    assert len(read(b"day,work\n" + b"2092-01-01,free\n" * 366)) == 366


def test_a_list_without_rows_or_with_more_than_a_year_holds_is_refused() -> None:
    with pytest.raises(InvalidError, match="no rows"):
        read(b"day,work\n")
    with pytest.raises(InvalidError, match="more rows"):
        read(b"day,work\n" + b"2091-01-01,free\n" * 367)
