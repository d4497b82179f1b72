"""The words, signs and short forms by which tables and text files say what an item is."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from app.items.rules import cells, delimited, editing, headings, rubrics, tables
from app.items.rules.bodies import Criterion, Number
from app.items.rules.content import BadItemError, Defaults
from app.items.rules.holds import fields_of, loss
from app.items.rules.reasons import Reason
from app.items.rules.words import NATIONAL, plain_word
from app.items.states import WRITTEN_KINDS, Credit, FileKind, ItemType
from tests.unit.items.samples import sample

pytestmark = pytest.mark.one_database

DEFAULTS = Defaults("general", "recall", "0.5")


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("code", "编号 试题编码 id code"),
        ("type", "题型 试题类型 type"),
        ("stem", "题干 问题 stem question"),
        ("optionA", "选项A A选项 备选项A A optionA"),
        ("optionH", "选项H H optionH"),
        ("key", "答案 参考答案 answer key"),
        ("explanation", "解析 题目解析 explanation"),
        ("module", "模块 所属模块 module"),
        ("level", "认知层次 cognitivelevel level"),
        ("coefficient", "难度系数"),
        ("difficulty", "难度 难易程度 difficulty"),
        ("topic", "知识点 考点 tag tags"),
        ("law", "法规 出处 law source"),
        ("article", "条款 条文 article"),
        ("edition", "版本 法规版本 edition version"),
        ("read", "已读原文 read"),
        ("credit", "评分规则 credit"),
        ("exact", "严格匹配 exact"),
        ("tolerance", "误差 tolerance"),
        ("unit", "单位 unit"),
        ("units", "其他单位 units"),
        ("unitasked", "须写单位 unitasked"),
        ("prompts", "匹配项 prompts"),
        ("rubric", "评分标准 rubric"),
        ("case", "所属案例 case"),
        ("points", "小题分值 weight"),
    ],
)
def test_a_column_is_known_by_each_of_its_names(field: str, words: str) -> None:
    assert {headings.FIELDS[plain_word(word)] for word in words.split()} == {field}


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            headings.TYPES_BY_WORD,
            {
                ItemType.SINGLE: "单选题 单项选择 singlechoice",
                ItemType.MULTIPLE: "多选题 多项选择 不定项 multiple multiplechoice",
                ItemType.TRUE_FALSE: "判断题 是非题 tf",
                ItemType.BLANK: "填空题 fillblank",
                ItemType.NUMERIC: "数值题 计算题 numerical",
                ItemType.MATCHING: "匹配题 连线题 matching",
                ItemType.ORDERING: "排序题 ordering",
                ItemType.SHORT_ANSWER: "简答题 名词解释 shortanswer",
                ItemType.CASE: "案例题 综合题 case",
                ItemType.ESSAY: "论述题 写作题 essay",
            },
        ),
        (
            headings.CREDITS_BY_WORD,
            {Credit.ALL: "全对 all", Credit.SHARE: "按比例 share", Credit.HALF: "一半 half", Credit.NET: "对减错 net"},
        ),
        (
            NATIONAL.codes,
            {
                "general": "公共知识 general",
                "policy": "政策法规 policy",
                "practice": "实务技能 practice",
                "capability": "能力提升模块 capability",
            },
        ),
        (
            headings.LEVELS_BY_WORD,
            {
                "recall": "识记 了解 recall",
                "understand": "掌握 understand",
                "apply": "运用 apply",
                "analyse": "综合 analyse analyze",
            },
        ),
    ],
)
def test_types_rules_modules_and_levels_are_known_by_each_of_their_words(
    table: Mapping[str, str], said: Mapping[str, str]
) -> None:
    assert {name: {table[plain_word(word)] for word in words.split()} for name, words in said.items()} == {
        name: {name} for name in said
    }


@pytest.mark.parametrize(
    ("words", "share"),
    [
        ("很易 很容易 非常容易", "0.90"),
        ("易 容易 简单 easy", "0.80"),
        ("较易 较容易 偏易", "0.70"),
        ("中 中等 一般 适中 medium", "0.60"),
        ("较难 偏难", "0.50"),
        ("难 困难 hard", "0.40"),
        ("很难 非常难", "0.30"),
    ],
)
def test_difficulty_in_words_is_a_share(words: str, share: str) -> None:
    assert {headings.difficulty(word, graded=False) for word in words.split()} == {share}


@pytest.mark.parametrize(
    ("words", "said"),
    [("正确 对 √ ✓ ✔ T true 是 yes y", True), ("错误 错 × ✗ ✘ X f false 否 no N", False), ("也许", None)],
)
def test_words_of_truth(words: str, said: object) -> None:
    assert {headings.truth(word) for word in words.split()} == {said}


def test_letters_of_all_eight_options_and_their_order_are_read() -> None:
    assert headings.letters("HGFEDCBA") == list("ABCDEFGH")
    assert cells.order("H>G>F>E>D>C>B>A") == tuple("HGFEDCBA")


@pytest.mark.parametrize(
    ("values", "graded"), [(["1", "2"], True), (["1", "1"], True), (["0.5", "1"], False), ([], False)]
)
def test_difficulties_above_one_are_steps(values: list[str], graded: bool) -> None:
    assert headings.is_graded(values) is graded
    assert [headings.difficulty(text, graded=True) for text in ("1", "5", "6", "0.5")] == ["0.90", "0.30", "6", "0.5"]


def csv(text: str) -> Any:  # noqa: ANN401 - what was parsed
    return delimited.parse(text, DEFAULTS)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",问,,,A", "no_options"),
        (",问,甲,乙,T", "key_unread"),
        ("判断题,问,,,AB", "key_unread"),
        ("数值题,问,,,1.2.3", "number"),
    ],
)
def test_an_answer_that_says_two_things_or_none_is_refused(row: str, reason: str) -> None:
    assert [one.reason.code for one in csv(f"题型,题干,选项A,选项B,答案\n{row}\n").failures] == [reason]


def test_headings_stand_within_the_first_ten_rows() -> None:
    above = "题库说明,\n"

    assert len(csv(above * 9 + "题干,答案\n问,对\n").items) == 1
    assert [one.reason.code for one in csv(above * 10 + "题干,答案\n问,对\n").failures] == ["no_header"]


def test_a_column_that_stands_twice_is_named_with_the_row_of_the_headings() -> None:
    (failure,) = csv("题干,题目内容,答案\n一,二,对\n").failures

    assert (failure.where, failure.reason.params) == ("line 1", {"name": "题干"})


def test_a_dash_says_none_where_sources_stand_and_itself_elsewhere() -> None:
    (item,) = csv("题干,选项A,选项B,答案,知识点\n问,-,甲,A,-\n , , , , \n").items

    assert (item.options[0].text, item.topic) == ("-", "")


@pytest.mark.parametrize("kind", WRITTEN_KINDS)
def test_what_tables_read_as_none_is_told_of_tables_alone(kind: FileKind) -> None:
    lost = loss(replace(sample(ItemType.SINGLE), law="-", article="-"), kind)

    said = fields_of(lost) if lost and lost.code == "loses_dash" else set()
    assert said == ({"law", "article"} if kind in {FileKind.XLSX, FileKind.CSV} else set())


def test_a_form_counts_no_steps_of_difficulty() -> None:
    given = {"stem": "问", "key": "对", "module": "general", "level": "recall", "difficulty": "3"}

    with pytest.raises(BadItemError, match="difficulty"):
        tables.read_cells(given)
    assert tables.read_cells({**given, "difficulty": "0.3"}).source_read is False


def test_a_table_has_the_columns_that_its_items_use() -> None:
    assert tables.heading_row([sample(ItemType.SINGLE)]) == [
        *("编号", "题型", "题干", "选项A", "选项B", "选项C", "答案", "解析", "模块", "认知层次", "难度系数"),
        *("知识点", "法规", "条款", "版本", "已读原文"),
    ]
    (row,) = tables.rows([sample(ItemType.TRUE_FALSE, stem="问")])
    assert row[:4] == ["S-true_false", "判断题", "问", "错误"]


@pytest.mark.parametrize(
    ("text", "sign", "parts"),
    [
        ("", "|", [""]),
        ("|a", "|", ["", "a"]),
        ("a|b|", "|", ["a", "b", ""]),
        ("\\|a|b", "|", ["\\|a", "b"]),
        ("\\\\|b", "|", ["\\\\", "b"]),
        ("a\\x|b", "|", ["a\\x", "b"]),
        ("a###b", "###", ["a", "b"]),
    ],
)
def test_a_cell_is_split_at_signs_that_no_backslash_stands_before(text: str, sign: str, parts: list[str]) -> None:
    assert cells.split(text, sign) == parts


@pytest.mark.parametrize(
    ("text", "column", "number"),
    [
        ("12.5", "", Number(Decimal("12.5"))),
        ("12.5", "0.1", Number(Decimal("12.5"), Decimal("0.1"))),
        ("12.5", "±5%", Number(Decimal("12.5"), Decimal("0.05"), relative=True)),
        ("12.5±0.2", "0.1", Number(Decimal("12.5"), Decimal("0.2"))),
        ("1,000+/-2@0.5", "", Number(Decimal(1000), Decimal(2), share=Decimal("0.5"))),
        ("－1e3", "", Number(Decimal(-1000))),
    ],
)
def test_a_number_bears_its_own_tolerance_or_that_of_its_column(text: str, column: str, number: Number) -> None:
    assert cells.numbers(text, column) == (number,)
    assert cells.numbers(cells.write_numbers([number]), "") == (number,)


def test_pairs_are_told_by_numbers_or_by_their_order() -> None:
    assert cells.pairs("2-A 1-B", 2) == cells.pairs("B,A", 2) == cells.pairs("ba", 2) == ("B", "A")


@pytest.mark.parametrize(
    ("read", "reason"),
    [
        (lambda: cells.pairs("1-A", 2), "key_unread"),
        (lambda: cells.pairs("A,B,C", 2), "key_unread"),
        (lambda: cells.order("AZ"), "key_unread"),
        (lambda: cells.numbers("1.2.3", ""), "number"),
        (lambda: cells.units("万元=很多"), "units"),
        (lambda: cells.rubric("要点"), "criterion"),
        (lambda: cells.rubric("要点|多"), "criterion"),
        (lambda: headings.letters("AZ"), "key_unread"),
    ],
)
def test_a_cell_that_cannot_be_read_says_why(read: Any, reason: str) -> None:  # noqa: ANN401 - what reads
    with pytest.raises(BadItemError, match=reason):
        read()


def test_criteria_are_counted_from_one_and_unknown_escapes_stay() -> None:
    written = rubrics.written("", [Criterion("论点", Decimal(4), "明确")])

    assert written.splitlines()[-1] == "| 1 | 论点 | 4 | 明确 |"
    assert rubrics.read(written.replace("明确", "\\x"))[1] == (Criterion("论点", Decimal(4), "\\x"),)
    assert rubrics.read(written.replace("| 4 |", "| 4.4.4 |")) == (written.replace("| 4 |", "| 4.4.4 |"), ())


CLASSES = ("module", "level", "coefficient", "topic", "law", "article", "edition", "read")
LISTED = tuple(f"option{letter}" for letter in "ABCDEFGH")


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        (ItemType.SINGLE, (*LISTED, "key")),
        (ItemType.MULTIPLE, (*LISTED, "key", "credit")),
        (ItemType.TRUE_FALSE, ("key",)),
        (ItemType.BLANK, ("key", "exact", "credit")),
        (ItemType.NUMERIC, ("key", "tolerance", "unit", "units", "unitasked")),
        (ItemType.MATCHING, ("prompts", *LISTED, "key", "credit")),
        (ItemType.ORDERING, (*LISTED, "key", "credit")),
        (ItemType.SHORT_ANSWER, ("key", "rubric")),
        (ItemType.ESSAY, ("key", "rubric")),
        (ItemType.CASE, ()),
    ],
)
def test_the_form_of_a_type_asks_for_what_the_type_holds(kind: ItemType, own: tuple[str, ...]) -> None:
    assert editing.fields_of(kind) == ("stem", *own, "explanation", *CLASSES)
    assert editing.part_fields_of(kind) == ("stem", *own, "explanation", "points")


@pytest.mark.parametrize(
    ("code", "params", "field"),
    [
        ("empty_option", {"key": "C"}, "optionC"),
        ("same_options", {"first": "A", "second": "B"}, "optionB"),
        ("same_options", {}, "optionA"),
        ("too_long", {"field": "field:topic"}, "topic"),
        ("too_long", {"field": "field:reference"}, "key"),
        ("too_long", {"field": "field:unit"}, "stem"),
        ("control", {"field": "field:optionC"}, "optionC"),
        ("formula", {"formula": "x^"}, "optionB"),
        ("formula", {"formula": "of no cell"}, "stem"),
        ("read_mark", {"value": "maybe"}, "read"),
        ("credit", {}, "stem"),
        ("no_key", {}, "key"),
        ("other_wording", {}, "code"),
    ],
)
def test_a_reason_stands_beside_the_field_that_it_is_about(code: str, params: dict[str, str], field: str) -> None:
    cells = {"stem": "问", "optionB": "$x^$", "explanation": "$x^$", "read": "maybe"}
    assert editing.field_of(Reason(code, params), ItemType.SINGLE, cells) == field
