"""What of an exhibit can be read on paper: texts, tables and the words of a page, bounded, and nothing that acts."""

import io
import json
from collections.abc import Sequence
from itertools import repeat

import openpyxl
import pytest

from app.cases.rules.legible import (
    A_FILE,
    AN_EXHIBIT,
    MOST_CELL,
    MOST_COLUMNS,
    MOST_JSON,
    MOST_MARKUP,
    MOST_ROWS,
    MOST_SHEETS,
    XLSX,
    Legible,
    Room,
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
    whole, longer = (legible("text/plain", "字".encode() * (AN_EXHIBIT.characters + more)) for more in (0, 1))

    assert whole
    assert longer
    assert (len(whole.text), whole.cut) == (AN_EXHIBIT.characters, False)
    assert (len(longer.text), longer.cut) == (AN_EXHIBIT.characters, True)


@pytest.mark.parametrize("end", ["\n", "\r", "\u2028"])
def test_a_text_of_many_lines_is_cut_and_says_so(end: str) -> None:
    whole, longer = (legible("text/plain", f"字{end}".encode() * (AN_EXHIBIT.cells + more)) for more in (0, 1))

    assert whole
    assert longer
    assert (whole.text, whole.cut) == (f"字{end}" * AN_EXHIBIT.cells, False)
    assert (longer.text, longer.cut) == (whole.text, True)


def test_an_endless_word_is_broken_up_and_nothing_of_it_is_lost() -> None:
    found = legible("text/plain", b"x" * 1200)

    assert found
    assert [len(line) for line in found.text.split("\n")] == [500, 500, 200]
    assert not found.cut


def test_json_is_set_out_and_what_is_none_stands_as_it_is() -> None:
    good = legible("application/json", json.dumps({"数": [1, 2]}).encode())
    bad = legible("application/json", b"{ no json")

    assert good
    assert bad
    assert good.text == '{\n  "数": [\n    1,\n    2\n  ]\n}'
    assert bad.text == "{ no json"


def test_large_json_stands_as_it_was_written() -> None:
    small, large = ({"数": "x" * (MOST_JSON - size)} for size in (100, 0))
    indented = [legible("application/json", json.dumps(one).encode()) for one in (small, large)]

    assert [found and found.text.startswith("{\n") for found in indented] == [True, False]
    assert all(found and found.cut for found in indented)


def test_of_deeply_nested_json_only_the_beginning_is_set_out() -> None:
    nested = "[" * 300 + ",".join(repeat("1", 90_000)) + "]" * 300

    found = legible("application/json", nested.encode())

    assert found
    assert found.cut
    assert found.text.startswith("[\n  [\n    [\n")
    assert len(found.text) <= AN_EXHIBIT.characters


def test_of_a_page_the_words_are_read_and_nothing_that_acts_or_hides() -> None:
    found = legible("text/html", PAGE.encode())

    assert found
    assert found.text.split("\n") == ["Offer", "Price & term", "seven days", "a b"]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("a<!-- b > c -->d<!-- e", "ad"),
        ('<p title="a > b">c</p>', "c"),
        ("a < b, b<c>", "a < b, b"),
        ("<SCRIPT>if (a < b) x()</Script >c<style>d", "c"),
        ("<head><title>a</title></head><body>b<p it's>c", "b\nc"),
        ("a<![CDATA[ b ]]>c<?php d ?>e</>f", "acef"),
        ("<![<", ""),
        ("a<b", "a"),
        ("&lt;p&gt; &amp;&nbsp;&#x5c71;", "<p> & 山"),
        ("<template>a<p>b</template>c", "c"),
    ],
)
def test_whatever_markup_looks_like_only_words_are_left(page: str, words: str) -> None:
    found = legible("text/html", page.encode())

    assert found
    assert found.text == words


@pytest.mark.parametrize(
    "part", ["<!--", "<!-- -", "<![", "<?", "<a ", '<a b="', "<a b='c\" ", "</", "<script", "<a =", "&"]
)
def test_no_part_of_a_page_is_looked_through_again_and_again(part: str) -> None:
    data = (part * (MOST_MARKUP // len(part) + 1)).encode()

    found = legible("text/html", data)

    assert found
    assert found.cut


def test_of_a_long_page_the_beginning_is_read_and_it_says_so() -> None:
    pages = (f"word<!--{' ' * (MOST_MARKUP - len('word<!---->') + more)}-->".encode() for more in (0, 1))

    whole, longer = (legible("text/html", page) for page in pages)

    assert whole == Legible(text="word", cut=False)
    assert longer == Legible(text="word", cut=True)


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


def test_all_sheets_of_a_workbook_share_the_room_of_an_exhibit() -> None:
    rows = [["x" * 10] * MOST_COLUMNS] * MOST_ROWS
    found = legible(XLSX, workbook(("甲", rows), ("乙", rows)))

    assert found
    assert found.cut
    assert [len(sheet.rows) for sheet in found.sheets] == [MOST_ROWS, 0]
    long = legible(XLSX, workbook(*((title, [["x" * MOST_CELL]] * MOST_ROWS) for title in "甲乙丙")))
    assert long
    assert [len(sheet.rows) for sheet in long.sheets] == [AN_EXHIBIT.characters // MOST_CELL, 0, 0]


def test_what_one_exhibit_takes_is_not_left_for_the_next() -> None:
    text = Legible(text="一二\n三", cut=False)
    table = Legible(sheets=(Sheet("", (("四", "五"), ("六", ""))),), cut=False)

    assert Room(10, 10).after(text) == Room(6, 8)
    assert Room(10, 10).after(table) == Room(7, 6)
    assert Room(10, 10).after(None) == Room(10, 10)
    cut = legible("text/plain", b"12345", Room(characters=3, cells=9))
    assert cut == Legible(text="123", cut=True)
    assert legible("text/plain", b"12345", Room(characters=0, cells=9)) is None
    assert legible("text/csv", b"1,2", Room(characters=9, cells=0)) is None
    assert A_FILE.characters > AN_EXHIBIT.characters
