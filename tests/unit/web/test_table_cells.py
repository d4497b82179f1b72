"""Cells of a table that a template writes by hand: each has its column's label, and a date keeps to one line."""

import pytest
from lxml import html
from markupsafe import Markup

from app.web.page_context import is_day, labelled

DAYS = [("2026年1月6日", True), ("2026年度考核", False), (None, False), (2026, False)]
COLUMNS = [{"label": "姓名"}, {"label": "提出日期"}, {"label": "A & B"}]


def cells(written: str) -> list[tuple[str | None, str | None]]:
    row = html.fromstring(f"<table><tr>{labelled(Markup(written), COLUMNS)}</tr></table>").xpath("//tr")[0]  # noqa: S704
    return [(cell.get("data-label"), cell.get("class")) for cell in row]


def test_each_cell_has_the_label_of_its_column() -> None:
    assert cells("<th>沈知行</th><td>待受理</td><td>2</td>") == [("姓名", None), ("提出日期", None), ("A & B", None)]


def test_a_cell_beyond_the_columns_is_left_alone() -> None:
    assert cells("<th>1</th><td>2</td><td>3</td><td>4</td>")[3] == (None, None)


def test_a_chinese_date_is_marked_and_a_title_that_has_one_is_not() -> None:
    row = "<th>沈知行</th><td>\n  2026年11月5日 09:00</td><td>关于2026年11月5日公示的异议</td>"

    assert cells(row) == [("姓名", None), ("提出日期", "day"), ("A & B", None)]


def test_a_cell_keeps_the_class_it_has() -> None:
    assert cells('<th>沈知行</th><td class="time">2026年11月5日</td><td>1</td>')[1] == ("提出日期", "time")


@pytest.mark.parametrize(
    ("value", "day"), [("2026年1月6日", True), ("2026年度考核", False), (None, False), (2026, False)]
)
def test_what_is_a_date(value: object, day: bool) -> None:
    assert is_day(value) is day
