"""Tables as offices save them: encodings, separators, headings, what a cell says, and how much is read."""

import io
from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from app.core import tables
from app.core.errors import InvalidError
from app.core.spreadsheets import inert, to_csv, to_xlsx, unguarded
from app.core.tables import Limits

HEADINGS = {"name": ("姓名", "name"), "number": ("证件号码（身份证）", "number")}
FEW = Limits(3, columns=3, megabytes=1)


def workbook(*rows: Sequence[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(list(row))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def read(data: bytes, limits: Limits = FEW) -> list[tuple[int, list[str]]]:
    return [(number, [tables.written(cell) for cell in cells]) for number, cells in tables.rows_of(data, limits)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_table_of_text_is_read_in_the_encodings_and_separators_of_offices(encoding: str, separator: str) -> None:
    text = f"名单\r\n姓名{separator}单位\r\n王敏{separator}技术转移中心\r\n"

    assert read(text.encode(encoding)) == [(1, ["名单"]), (2, ["姓名", "单位"]), (3, ["王敏", "技术转移中心"])]


def test_a_workbook_is_read_in_its_columns_and_one_row_more_than_its_limit() -> None:
    data = workbook(["a", "b", "c", "d"], *[["x"] for _row in range(40)])

    rows = read(data)

    assert rows[0] == (1, ["a", "b", "c"])
    assert len(rows) == FEW.rows + tables.HEADER_WITHIN + 1
    assert read(b"a,b,c,d\n")[0] == (1, ["a", "b", "c"])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\x03\x04 broken", "workbook cannot be read"),
        (b"\xff\xff\xff\x00\x81", "neither a workbook nor text"),
        (b"a\0b", "neither a workbook nor text"),
        (b'"' + b"x" * 200_000, "not a table"),
        (workbook(*[["x" * 32_000 + str(row)] for row in range(60)]), "more than 1 MB"),
        (to_xlsx([["a"]], "t").replace(b"xl/workbook.xml", b"xl/wwrkbook.xml"), "cannot be read"),
    ],
)
def test_what_is_no_table_is_refused_with_what_to_do(data: bytes, says: str) -> None:
    with pytest.raises(InvalidError, match=says) as refused:
        read(data)
    assert refused.value.field == "file"


def test_the_row_of_headings_may_stand_under_a_title_and_spell_its_names_in_many_ways() -> None:
    above = [(line, ["说明"]) for line in range(1, tables.HEADER_WITHIN)]
    heads = (tables.HEADER_WITHIN, ["备注", " Name*", "证件号码（必填）"])
    rows = iter([*above, heads, (11, ["", "王", "1"])])

    columns = tables.columns_of(rows, HEADINGS, ["name", "number"], "missing")

    assert columns == {"name": 1, "number": 2}
    assert tables.picked(["", "王"], columns) == {"name": "王", "number": None}
    assert next(rows) == (11, ["", "王", "1"])
    with pytest.raises(InvalidError, match="missing"):
        tables.columns_of(iter([*above, (10, ["说明"]), heads]), HEADINGS, ["name", "number"], "missing")
    with pytest.raises(InvalidError, match="姓名"):
        tables.columns_of(iter([(1, ["姓名", "name", "number"])]), HEADINGS, ["name"], "missing")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (None, ""),
        (13800001111.0, "13800001111"),
        (2.5, "2.5"),
        (date(2026, 2, 17), "2026-02-17"),
        (datetime(2026, 2, 17, 8, 30, tzinfo=UTC), "2026-02-17"),
        ("\ufeff　王敏 ", "王敏"),
        ("'0012", "0012"),
        ("’‘`0012", "0012"),
    ],
)
def test_a_cell_is_read_without_what_offices_put_around_it(cell: object, said: str) -> None:
    assert tables.written(cell) == said


def test_a_long_number_kept_as_a_figure_has_lost_digits() -> None:
    cells = (10**14, 10**15, 1e15, 999_999_999_999_999.5, "1" * 18, None)

    assert [tables.is_rounded(cell) for cell in cells] == [False, True, True, False, False, False]
    assert [tables.is_empty(cells) for cells in ([], ["", None, " "], ["", 0])] == [True, True, False]


@given(st.text(alphabet="=+-@'＝＋－＠\t\r\na中1", max_size=6))
def test_no_cell_runs_as_a_formula_and_none_is_changed_for_good(text: str) -> None:
    assert unguarded(inert(text)) == text
    assert not inert(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


def test_what_is_written_reads_back() -> None:
    rows = [["姓名", "证件号码"], ["王敏", "11010519491231002X"]]

    assert [cells for _line, cells in read(to_csv(rows))] == rows
    assert [cells for _line, cells in read(to_xlsx(rows, "名单"), Limits(3, columns=2))] == rows
