"""Lists of holidays: the spellings that notices use, and what is wrong with a row."""

from datetime import date

import pytest

from app.core.errors import InvalidError
from app.rulebook.rules.holidays import day_of, problems, read, works


@pytest.mark.parametrize("said", ["2091-01-02", "2091/1/2", "2091.1.2", "2091年1月2日", "20910102"])
def test_a_day_is_read_as_offices_write_it(said: str) -> None:
    assert day_of(said) == date(2091, 1, 2)


@pytest.mark.parametrize("said", ["", "1月2日", "2091-02-30", "2091-1-2-3", "元旦"])
def test_what_is_no_day_is_none(said: str) -> None:
    assert day_of(said) is None


@pytest.mark.parametrize(("said", "working"), [("放假", False), ("上班", True), ("Free", False), ("WORKING", True)])
def test_the_words_of_both_languages_are_read(said: str, working: bool) -> None:
    assert works(said) is working


def test_every_wrong_row_is_named_with_all_its_reasons() -> None:
    lines = read("日期,安排\n2091-01-01,放假\n2091-1-1,上班\n2092-01-01,也许\n元旦,放假\n2091-01-07,放假\n".encode())

    found = {line.line: [one.reason for one in reasons] for line, reasons in problems(lines, 2091)}

    assert found == {3: ["day_twice"], 4: ["day_year", "work_form"], 5: ["day_form"]}


def test_a_list_without_rows_or_with_more_than_a_year_holds_is_refused() -> None:
    with pytest.raises(InvalidError, match="no rows"):
        read(b"day,work\n")
    with pytest.raises(InvalidError, match="more rows"):
        read(b"day,work\n" + b"2091-01-01,free\n" * 367)
