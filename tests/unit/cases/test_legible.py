"""What of an exhibit can be read on paper: texts, tables and the words of a page, bounded, and nothing that acts."""

import io
import json
from collections.abc import Sequence

import openpyxl
import pytest

from app.cases.rules.legible import (
    MOST_CELL,
    MOST_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROWS,
    MOST_SHEETS,
    XLSX,
    Sheet,
    legible,
)

PAGE = """<!doctype html><html><head><title>t</title><style>p{}</style></head>
<body onload="alert(1)"><h1>Offer</h1><script>steal()</script>
<p>Price&nbsp;&amp; term<br>seven days</p><table><tr><td>a</td><td>b</td></tr></table><img src="http://x.example"></body>"""


def workbook(*sheets: tuple[str, Sequence[Sequence[object]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_text_is_read_in_whatever_encoding_it_has(encoding: str) -> None:
    found = legible("text/plain", "第一行\n第二行".encode(encoding))

    assert found
    assert (found.text, found.cut) == ("第一行\n第二行", False)


def test_a_long_text_is_cut_and_says_so() -> None:
    whole, longer = (legible("text/plain", b"x" * size) for size in (MOST_CHARACTERS, MOST_CHARACTERS + 1))

    assert whole
    assert longer
    assert (len(whole.text), whole.cut) == (MOST_CHARACTERS, False)
    assert (len(longer.text), longer.cut) == (MOST_CHARACTERS, True)


def test_json_is_set_out_and_what_is_none_stands_as_it_is() -> None:
    good = legible("application/json", json.dumps({"数": [1, 2]}).encode())
    bad = legible("application/json", b"{ no json")

    assert good
    assert bad
    assert good.text == '{\n  "数": [\n    1,\n    2\n  ]\n}'
    assert bad.text == "{ no json"


def test_of_a_page_the_words_are_read_and_nothing_that_acts_or_hides() -> None:
    found = legible("text/html", PAGE.encode())

    assert found
    assert found.text.split("\n") == ["Offer", "Price & term", "seven days", "a b"]


def test_a_table_is_read_row_by_row() -> None:
    found = legible("text/csv", "名称,金额\n阀门,7\n,\n".encode())

    assert found
    assert (found.sheets, found.cut) == ((Sheet("", (("名称", "金额"), ("阀门", "7"))),), False)


@pytest.mark.parametrize(
    ("rows", "cut"),
    [
        ([["x"]] * MOST_ROWS, False),
        ([["x"]] * (MOST_ROWS + 1), True),
        ([["x"] * MOST_COLUMNS], False),
        ([["x"] * (MOST_COLUMNS + 1)], True),
        ([["x" * MOST_CELL]], False),
        ([["x" * (MOST_CELL + 1)]], True),
    ],
)
def test_a_table_is_bounded_and_says_so(rows: list[list[str]], *, cut: bool) -> None:
    csv = "\n".join(",".join(row) for row in rows).encode()

    for kind, data in (("text/csv", csv), (XLSX, workbook(("甲", rows)))):
        found = legible(kind, data)
        assert found
        assert found.cut is cut
        (sheet,) = found.sheets
        assert len(sheet.rows) <= MOST_ROWS
        assert all(len(row) <= MOST_COLUMNS and len(cell) <= MOST_CELL for row in sheet.rows for cell in row)


def test_every_sheet_of_a_workbook_is_read_up_to_a_number() -> None:
    two = legible(XLSX, workbook(("收入", [["一月", 7]]), ("支出", [["二月", 8]])))
    many = legible(XLSX, workbook(*((f"s{place}", [["x"]]) for place in range(MOST_SHEETS + 1))))

    assert two
    assert many
    assert two.sheets == (Sheet("收入", (("一月", "7"),)), Sheet("支出", (("二月", "8"),)))
    assert (len(many.sheets), many.cut) == (MOST_SHEETS, True)


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("application/msword", b"anything"),
        ("text/plain", b"\xff\xff\xff"),
        ("text/plain", b"a\0b"),
        ("text/html", b"\xff\xff\xff"),
        ("application/json", b"\xff\xff\xff"),
        ("text/csv", b"\xff\xff\xff"),
        (XLSX, b"PK no workbook"),
        (XLSX, b"text"),
    ],
)
def test_what_cannot_be_read_is_not_drawn(kind: str, data: bytes) -> None:
    assert legible(kind, data) is None
