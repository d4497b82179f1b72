"""Tables as other systems write them: headings, answers, difficulties and encodings of Chinese item banks."""

import io
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook, load_workbook

from app.items.rules import delimited, files, headings, xlsx
from app.items.rules.content import BadItemError, Defaults, ItemContent, Parsed
from app.items.states import CognitiveLevel, FileKind, ItemType
from tests.factories.items import content

DEFAULTS = Defaults(module="general", level="recall", difficulty="0.7")
Cells = Sequence[object]


def workbook(*rows: Cells, sheets: dict[str, list[Cells]] | None = None) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, lines in (sheets or {"题库": list(rows)}).items():
        sheet = book.create_sheet(name)
        for line in lines:
            sheet.append(line)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def read(*rows: Cells) -> Parsed:
    return xlsx.parse(workbook(*rows), DEFAULTS)


def only(found: Parsed) -> ItemContent:
    assert found.failures == []
    (item,) = found.items
    return item


@pytest.mark.parametrize("stem", ["题干", "题目内容", "问题描述", "题干（必填）", "*题 干"])
@pytest.mark.parametrize("key", ["答案", "正确答案", "标准答案："])
def test_headings_are_known_by_many_names(stem: str, key: str) -> None:
    item = only(read([stem, "选项A", "选项 B", key, "解析"], ["问", "甲", "乙", "B", "因为"]))

    assert (item.stem, item.keys, item.explanation) == ("问", ["B"], "因为")


def test_a_title_may_stand_above_the_headings() -> None:
    item = only(read(["技术经理人题库"], [], ["题干", "A", "B", "答案"], ["问", "甲", "乙", "A"]))

    assert item.place == "4"


@pytest.mark.parametrize("answer", ["ABC", "A,B,C", "A|B|C", "A###B###C", "甲乙丙", "a、b、c", "Ａ，Ｂ，Ｃ", "C;B;A"])
def test_several_answers_are_read_however_they_are_joined(answer: str) -> None:
    item = only(read(["题干", "选项A", "选项B", "选项C", "选项D", "答案"], ["问", "1", "2", "3", "4", answer]))

    assert item.type is ItemType.MULTIPLE
    assert item.key == {"A", "B", "C"}


@pytest.mark.parametrize(
    ("answer", "key"),
    [
        *((word, "A") for word in ("正确", "对", "√", "T", "true", "A", True)),
        *((word, "B") for word in ("错误", "错", "×", "F", "False", "B", False)),
    ],
)
def test_true_and_false_are_read_in_every_spelling(answer: object, key: str) -> None:
    item = only(read(["题型", "题干", "答案"], ["判断题", "问", answer]))

    assert (item.type, item.keys) == (ItemType.TRUE_FALSE, [key])


def test_a_letter_means_what_its_option_says() -> None:
    item = only(read(["题型", "题干", "选项A", "选项B", "答案"], ["判断", "问", "错误", "正确", "A"]))

    assert item.key == {"B"}


def test_a_word_of_truth_without_options_is_a_true_false_item() -> None:
    assert only(read(["题干", "答案"], ["问", "√"])).type is ItemType.TRUE_FALSE


@pytest.mark.parametrize(
    ("values", "shares"),
    [
        (["易", "中等", "较难"], ["0.80", "0.60", "0.50"]),
        ([1, 3, 5], ["0.90", "0.60", "0.30"]),
        ([0.8, 1, 0.45], ["0.8", "1", "0.45"]),
        (["1", "1", "1"], ["0.90", "0.90", "0.90"]),
        ([4, "难", 2], ["0.45", "0.40", "0.75"]),
    ],
)
def test_difficulty_comes_as_words_as_steps_and_as_shares(values: list[object], shares: list[str]) -> None:
    rows: list[Cells] = [[f"问{place}", "A", value] for place, value in enumerate(values)]
    found = read(["题干", "答案", "难度"], *[[*row[:1], "对", row[2]] for row in rows])

    assert [item.difficulty for item in found.items] == [Decimal(share) for share in shares]


def test_a_coefficient_is_taken_as_it_stands() -> None:
    assert only(read(["题干", "答案", "难度系数"], ["问", "对", 1])).difficulty == 1


def test_modules_levels_and_sources_are_read_by_their_chinese_names() -> None:
    found = read(
        ["题干", "答案", "模块", "认知层次", "知识点", "法规", "条款", "版本", "已读原文"],
        ["问", "对", "政策法规", "分析", "登记", "专利法", "-", "2020年修正", "是"],
    )
    item = only(found)

    assert (item.module, item.level) == ("policy", CognitiveLevel.ANALYSE)
    assert (item.topic, item.law, item.article, item.edition) == ("登记", "专利法", "", "2020年修正")
    assert item.source_read


def test_columns_that_nothing_keeps_are_named_with_their_heading_and_with_each_item() -> None:
    found = read(["题号", "题干", "答案", "分值"], [1, "问", "对", 2], [None, "又问", "错", None])

    assert [(one.where, one.reason.params["said"]) for one in found.unread] == [("row 1", "题号"), ("row 1", "分值")]
    assert [[reason.params for reason in item.without] for item in found.items] == [
        [{"what": "题号", "said": "1"}, {"what": "分值", "said": "2"}],
        [],
    ]


def test_numbers_read_as_people_see_them() -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["题干", "选项A", "选项B", "选项C", "答案"])
    sheet.append(["问", 0.125, 2000000, 3.0, "A"])
    sheet["B2"].number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)

    assert [option.text for option in only(xlsx.parse(out.getvalue(), DEFAULTS)).options] == ["12.5%", "2000000", "3"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["单选题", "", "甲", "乙", "", "A"], "stem"),
        (["单选题", "问", "甲", "乙", "", ""], "no_key"),
        (["单选题", "问", "甲", "乙", "", "AB"], "many_keys"),
        (["单选题", "问", "甲", "乙", "", "C"], "key_outside"),
        (["单选题", "问", "甲", "", "", "A"], "no_options"),
        (["单选题", "问", "甲", "", "丙", "A"], "empty_option"),
        (["单选题", "问", "甲", "乙", "", "第一项"], "key_unread"),
        (["判断题", "问", "", "", "", "大概"], "key_unread"),
        (["判断题", "问", "", "", "", "C"], "key_unread"),
        (["判断题", "问", "", "", "", ""], "no_key"),
        (["听力题", "问", "", "", "", "登记"], "unknown_type"),
        (["", "问", "", "", "", "登记"], "key_unread"),
    ],
)
def test_a_bad_row_is_named_with_its_reason_and_takes_no_other_along(row: Cells, reason: str) -> None:
    found = read(["题型", "题干", "选项A", "选项B", "选项C", "答案"], row, ["单选", "好题", "甲", "乙", "", "B"])

    assert [(failure.where, failure.reason.code) for failure in found.failures] == [("row 2", reason)]
    assert [item.stem for item in found.items] == ["好题"]


def test_a_wrong_read_mark_is_refused() -> None:
    (failure,) = read(["编号", "题干", "答案", "已读原文"], ["A-1", "问", "对", "也许"]).failures

    assert (failure.reason.code, failure.code) == ("read_mark", "A-1")


def test_every_sheet_with_headings_is_read_and_named() -> None:
    head: Cells = ["题干", "答案"]
    data = workbook(
        sheets={"说明": [["请按格式填写"]], "判断": [head, ["一", "对"]], "又": [head, ["二", "错"], ["", "错"]]}
    )
    found = xlsx.parse(data, DEFAULTS)

    assert [item.place for item in found.items] == ["判断!2", "又!2"]
    assert [failure.where for failure in found.failures] == ["row 又!3"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([["甲", "乙"]], "no_header"),
        ([], "no_header"),
        ([["题干", "答案"]], "no_items"),
        ([["题干", "题目内容", "答案"], ["一", "二", "对"]], "two_columns"),
    ],
)
def test_a_sheet_that_holds_no_items_says_why(rows: list[Cells], reason: str) -> None:
    (failure,) = read(*rows).failures

    assert failure.reason.code == reason


def test_a_file_that_is_no_workbook_is_refused() -> None:
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "a")

    for data in (b"not a zip", out.getvalue()):
        assert [failure.reason.code for failure in xlsx.parse(data).failures] == ["not_workbook"]


def test_a_workbook_that_unpacks_to_too_much_is_never_opened() -> None:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (xlsx.UNPACKED_LIMIT + 1))

    assert [failure.reason.code for failure in xlsx.parse(out.getvalue()).failures] == ["bomb"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_csv_is_read_in_the_encodings_of_excel(encoding: str, separator: str) -> None:
    text = "\r\n".join(
        separator.join(row) for row in (["题干", "选项A", "选项B", "答案"], ["“问”，几何？", "甲", "乙", "B"])
    )
    item = only(files.read(text.encode(encoding), FileKind.CSV, DEFAULTS))

    assert (item.stem, item.place) == ("“问”，几何？", "2")


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_gift_is_read_in_the_encodings_of_windows(encoding: str) -> None:
    assert only(files.read("题干{=甲 ~乙}".encode(encoding), FileKind.GIFT, DEFAULTS)).stem == "题干"


@pytest.mark.parametrize("data", [b"\xff\xff\xff", b"\xff\xfe\x00\xd8"])
@pytest.mark.parametrize("kind", [FileKind.GIFT, FileKind.CSV])
def test_bytes_that_are_no_text_are_refused(data: bytes, kind: FileKind) -> None:
    assert [failure.reason.code for failure in files.read(data, kind).failures] == ["not_text"]


def test_a_row_may_go_on_over_lines() -> None:
    found = delimited.parse('题干,答案\n\n"第一行\n第二行",对\n第二题,大概\n', DEFAULTS)

    assert [item.stem for item in found.items] == ["第一行\n第二行"]
    assert [failure.where for failure in found.failures] == ["line 5"]


def test_a_csv_of_endless_fields_is_refused() -> None:
    assert [failure.reason.code for failure in delimited.parse("甲" * 200_000).failures] == ["not_text"]


@pytest.mark.parametrize("text", ['=HYPERLINK("http://x")', "+1", "-1+2", "@SUM(A1)", "＝1", "'已有撇号"])
def test_no_exported_cell_runs_as_a_formula(text: str) -> None:
    item = content("A-1", explanation=text)
    csv_cells = files.write([item], FileKind.CSV).decode("utf-8-sig").splitlines()[1].split(",")
    sheet = load_workbook(io.BytesIO(files.write([item], FileKind.XLSX))).worksheets[0]

    assert not any(cell.strip('"').startswith(("=", "+", "-", "@", "＝")) for cell in csv_cells)
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    assert all(cell.value is None for row in sheet.iter_rows() for cell in row if cell.data_type == "n")


def test_rows_over_the_limit_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.items.rules.tables.ITEM_LIMIT", 2)
    found = delimited.parse("题干,答案\n一,对\n二,对\n三,对\n四,对\n", DEFAULTS)

    assert len(found.items) == 2
    assert [(failure.where, failure.reason.code) for failure in found.failures] == [("line 4", "many_rows")]


def test_rows_after_the_last_that_is_read_are_not_lost_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.items.rules.tables.ITEM_LIMIT", 2)
    monkeypatch.setattr("app.items.rules.xlsx.ROW_LIMIT", 4)
    rows: list[Cells] = [[f"问{number}", "对"] for number in range(9)]
    found = read(["题干", "答案"], *rows)

    assert [failure.reason.code for failure in found.failures] == ["many_rows"]


def test_the_kind_of_a_file_follows_from_its_name() -> None:
    assert files.kind_of("a.GIFT") is FileKind.GIFT
    assert files.kind_of("a.txt") is FileKind.GIFT
    assert files.kind_of("a.xlsx") is FileKind.XLSX
    assert files.kind_of("a.csv") is FileKind.CSV
    assert files.kind_of("a.doc") is None


def test_letters_refuse_what_is_no_option() -> None:
    with pytest.raises(BadItemError):
        headings.letters("AZ")


def test_a_column_without_numbers_counts_no_steps() -> None:
    assert not headings.is_graded(["易", ""])
    assert headings.difficulty("6", graded=True) == "6"
    assert headings.difficulty("0.5", graded=False) == "0.5"


def test_the_committed_workbook_opens_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(files.write([content("A-1")], FileKind.XLSX))
    sheet = load_workbook(path).worksheets[0]

    assert [cell.value for cell in sheet[1]][:3] == ["编号", "题型", "题干"]
    assert sheet.freeze_panes == "A2"
