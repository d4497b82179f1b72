"""What stands beside the texts of a workbook: pictures come in with the item of their row, the rest is noted there."""

import io
from collections.abc import Callable
from datetime import datetime
from zipfile import ZipFile

import pytest
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.chart import BarChart
from openpyxl.comments import Comment
from openpyxl.drawing.image import Image
from openpyxl.worksheet.hyperlink import Hyperlink

from app.items.rules import xlsx
from app.items.rules.content import Defaults, Parsed
from app.items.rules.enclosures import digest_of, pack
from tests.factories.pictures import png

pytestmark = pytest.mark.one_database

DEFAULTS = Defaults("general", "recall", "0.5")
HEAD = ["编号", "题干", "选项A", "选项B", "答案", "解析"]
ROWS = [["Q-1", "问一", "甲", "乙", "A", "因为"], ["Q-2", "问二", "甲", "乙", "B", ""]]
ONE, OTHER = png(30), png(60)


def saved(change: Callable[[Workbook], None]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (HEAD, *ROWS):
        sheet.append(row)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(change: Callable[[Workbook], None]) -> Parsed:
    return xlsx.parse(saved(change), DEFAULTS)


def notes(found: Parsed) -> list[list[tuple[str, str]]]:
    """Return what each item is kept without, then what belongs to none."""
    listed = [*(item.without for item in found.items), [one.reason for one in found.unread]]
    return [[(one.params["what"].removeprefix("what:"), one.params.get("said", "")) for one in told] for told in listed]


def test_pictures_come_in_with_the_text_on_which_they_stand() -> None:
    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        for data, cell in ((ONE, "B2"), (OTHER, "C2"), (OTHER, "H3"), (ONE, "A9")):
            sheet.add_image(Image(io.BytesIO(data)), cell)

    found = read(change)
    first, second = found.items
    shown = [f"![Picture](stored:{digest_of(data)})" for data in (ONE, OTHER)]

    assert (first.stem, first.options[0].text) == (f"问一\n{shown[0]}", f"甲\n{shown[1]}")
    assert second.stem == f"问二\n{shown[1]}"
    assert {digest: one.data for digest, one in found.files.items()} == {digest_of(one): one for one in (ONE, OTHER)}
    assert [what for what, _said in notes(found)[-1]] == ["file"]


def test_a_picture_of_a_kind_that_items_do_not_keep_is_noted_at_its_row() -> None:
    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.add_image(Image(io.BytesIO(ONE)), "B3")

    with ZipFile(io.BytesIO(saved(change))) as archive:
        data = pack({name: archive.read(name).replace(ONE, b"EMF") for name in archive.namelist()})

    assert [len(told) for told in notes(xlsx.parse(data, DEFAULTS))] == [0, 1, 0]


def test_what_is_no_text_of_a_cell_is_noted_at_its_row() -> None:
    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet["B2"].comment = Comment("此题存疑", "甲")
        sheet["C2"].hyperlink = "https://example.org/a"
        sheet["D3"].hyperlink = Hyperlink("D3", location="Sheet!A1")
        sheet["F3"] = "=1+1"
        sheet.merge_cells("F2:F3")
        assert sheet.oddHeader is not None
        sheet.oddHeader.center.text = "内部资料"
        sheet.add_chart(BarChart(), "H2")
        book.create_sheet("旧题").sheet_state = "hidden"
        book.create_sheet("说明").append(["请按格式填写"])

    first, second, none = notes(read(change))

    assert [what for what, _said in first] == ["link", "drawing", "comment"]
    assert ("comment", "B2 此题存疑") in first
    assert ("merged", "F2:F3") in second
    assert {("link", "C2 https://example.org/a"), ("link", "D3 Sheet!A1")} <= {*first, *second}
    assert {what for what, _said in none} == {"frame", "hidden", "sheet"}


def test_a_formula_without_a_result_and_a_look_that_tells_something_are_noted() -> None:
    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet["F3"] = "=1+1"
        sheet["B2"] = CellRichText("下列", TextBlock(InlineFont(u="single"), "错误"), "的是")

    assert [[what for what, _said in told] for told in notes(read(change))] == [["layout"], ["formula"], []]


def test_the_words_of_a_number_format_and_the_time_of_a_day_are_not_lost() -> None:
    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet["C2"], sheet["D2"] = 12, datetime(2026, 3, 1, 9, 30)  # noqa: DTZ001 - the format knows no zone
        sheet["C2"].number_format = '0"万元"'

    found = read(change)

    assert [option.text for option in found.items[0].options] == ["12", "2026-03-01 09:30:00"]
    assert notes(found)[0] == [("format", '0"万元"')]


def test_hidden_rows_and_columns_are_read() -> None:
    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.row_dimensions[2].hidden = True
        sheet.column_dimensions["F"].hidden = True

    found = read(change)

    assert [(item.code, item.explanation) for item in found.items] == [("Q-1", "因为"), ("Q-2", "")]
    assert notes(found) == [[], [], []]


def test_a_cell_beyond_the_columns_that_are_read_is_noted() -> None:
    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.cell(2, 201).value = "远处"

    assert notes(read(change))[0] == [("cell", "GS2")]


def test_a_picture_that_a_formula_calls_for_is_shown_in_its_cell() -> None:
    def change(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet["C2"] = '=DISPIMG("ID_1",1)'

    cell_images = (
        '<e:cellImages xmlns:e="urn:e" xmlns:x="urn:x" xmlns:a="urn:a" xmlns:r="urn:r"><e:cellImage><x:pic>'
        '<x:nvPicPr><x:cNvPr name="ID_1" descr="流程[一]"/></x:nvPicPr><x:blipFill><a:blip r:embed="r1"/></x:blipFill>'
        "</x:pic></e:cellImage></e:cellImages>"
    )
    relations = '<Relationships xmlns="urn:p"><Relationship Id="r1" Type="image" Target="media/i.png"/></Relationships>'
    with ZipFile(io.BytesIO(saved(change))) as archive:
        data = {name: archive.read(name) for name in archive.namelist()}
    data |= {
        "xl/cellimages.xml": cell_images.encode(),
        "xl/_rels/cellimages.xml.rels": relations.encode(),
        "xl/media/i.png": ONE,
    }
    found = xlsx.parse(pack(data), DEFAULTS)

    assert found.items[0].options[0].text == f"![流程(一)](stored:{digest_of(ONE)})"
    assert notes(found) == [[], [], []]
