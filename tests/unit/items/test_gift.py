"""GIFT: every item comes in or is named with its line and reason; none is dropped."""

import pytest

from app.items.rules import gift
from app.items.rules.content import Defaults, ItemContent
from app.items.states import CognitiveLevel, ItemType

NOTE = (
    "// [id:JJ-1] [tag:module=policy] [tag:level=apply] [tag:difficulty=0.60] [tag:topic=登记]"
    " [tag:law=民法典] [tag:article=第一条] [tag:version=2021年] [tag:read=yes]\n"
)
DEFAULTS = Defaults(module="general", level="recall", difficulty="0.7")


def one(text: str) -> ItemContent:
    found = gift.parse(text, DEFAULTS)
    assert found.failures == []
    (item,) = found.items
    return item


def refused(text: str) -> tuple[str, str]:
    (failure,) = gift.parse(text, DEFAULTS).failures
    return failure.where, failure.reason.code


def test_metadata_stands_in_the_comment_above() -> None:
    item = one(f"{NOTE}::JJ-1::题干{{=对\n~错\n####因为}}")

    assert (item.code, item.module, item.level) == ("JJ-1", "policy", CognitiveLevel.APPLY)
    assert (str(item.difficulty), item.topic, item.law, item.article) == ("0.60", "登记", "民法典", "第一条")
    assert (item.edition, item.source_read, item.explanation) == ("2021年", True, "因为")
    assert item.place == "2"


def test_a_lone_dash_means_none() -> None:
    assert one("// [id:A] [tag:article=-]\n题{=一 ~二}").article == ""


def test_a_tag_without_a_name_is_the_topic() -> None:
    assert one("// [id:A] [tag:估值]\n题{=一 ~二}").topic == "估值"


def test_brackets_in_a_note_are_escaped() -> None:
    assert one(r"// [tag:law=法释\[2020\]19号]" + "\n题{=一 ~二}").law == "法释[2020]19号"


def test_defaults_stand_in_for_what_a_file_does_not_say() -> None:
    item = one("::第一题::题干{=一 ~二}")

    assert (item.module, item.level, str(item.difficulty)) == ("general", CognitiveLevel.RECALL, "0.7")


def test_an_item_without_a_code_gets_one_made_of_its_wording() -> None:
    first, again, other = one("题干{=一 ~二}"), one("::不是编号::题干 {=一\n~二}"), one("题干二{=一 ~二}")

    assert first.code == again.code != other.code
    assert first.code.startswith("X-")


def test_the_title_is_the_code_where_it_can_be_one() -> None:
    assert one("::Q-7::题干{=一 ~二}").code == "Q-7"


@pytest.mark.parametrize(("truth", "key"), [("T", "A"), ("TRUE", "A"), ("F", "B"), ("false", "B")])
def test_true_and_false_are_two_options(truth: str, key: str) -> None:
    item = one(f"题干{{{truth}}}")

    assert item.type is ItemType.TRUE_FALSE
    assert item.key == {key}
    assert [option.text for option in item.options] == ["正确", "错误"]


def test_equal_weights_make_a_multiple_choice() -> None:
    item = one("题{~%33.33333%一 ~%33.33333%二 ~%-100%三 ~%33.33333%四}")

    assert item.type is ItemType.MULTIPLE
    assert item.key == {"A", "B", "D"}


def test_escapes_and_line_ends_in_text() -> None:
    item = one(r"题 \{a\=b\} \: \~\# 100\\%\n第二行{=一\=1 ~二\nb}")

    assert item.stem == "题 {a=b} : ~# 100\\%\n第二行"
    assert [option.text for option in item.options] == ["一=1", "二\nb"]


def test_text_after_the_answer_leaves_a_gap_in_the_stem() -> None:
    assert one("登记由{=登记机构 ~法院}办理。").stem == "登记由_____办理。"


def test_feedback_of_options_joins_the_explanation() -> None:
    assert one("题{=一#好 ~二#不好####总之}").explanation == "总之\nA: 好\nB: 不好"
    assert one("题{T#错了#对了####总之}").explanation == "总之\n错了\n对了"


def test_plain_text_may_say_that_it_is_plain() -> None:
    assert one("[plain]题{=[moodle]一 ~二}").stem == "题"


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("只有题干，没有答案", "no_answer_block"),
        ("题{=一 ~二", "open_block"),
        ("题}=一{", "open_block"),
        ("题{=一 ~二}又{=三 ~四}", "two_blocks"),
        ("题{#三点一四}", "number"),
        ("题{#=%50%3.14:0.01}", "no_full_number"),
        ("题{=一* =二}", "wildcard"),
        ("题{=一 =%50%二}", "mixed_marks"),
        ("题_____与_____{=一 =二}", "gaps"),
        ("题{=一 -> 甲}", "no_pairs"),
        ("题{>ALL\n一}", "no_options"),
        ("[html]题<video>x</video>{=一 ~二}", "element"),
        ("题{=一 =二 ~三}", "either_right"),
        ("题{~%50%一 ~%30%二 ~%20%三}", "weights"),
        ("题{~%40%一 ~%40%二 ~三}", "weights"),
        ("题{=一 ~%50%二 ~三}", "mixed_marks"),
        ("题{=%50%一 ~二}", "mixed_marks"),
        ("题{~一 ~二}", "no_key"),
        ("题{多选 =一 ~二}", "before_options"),
        ("{=一 ~二}", "stem"),
        ("题{=一 ~ }", "empty_option"),
        ("题{=一 ~一}", "same_options"),
        ("题{=1 ~2 ~3 ~4 ~5 ~6 ~7 ~8 ~9}", "many_options"),
        ("题{~1 ~2 ~3 ~4 ~5 ~6 ~7 ~8 =9}", "many_options"),
        ("题\x07{=一 ~二}", "control"),
    ],
)
def test_what_cannot_be_kept_is_named_with_its_reason(body: str, reason: str) -> None:
    assert refused(f"\n\n{body}") == ("line 3", reason)


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("// [id:有 空格]", "code"),
        ("// [id:A] [tag:module=理论]", "module"),
        ("// [id:A] [tag:level=remember]", "level"),
        ("// [id:A] [tag:difficulty=1.2]", "difficulty"),
        ("// [id:A] [tag:difficulty=难]", "difficulty"),
        ("// [id:A] [tag:difficulty=0.1234567]", "difficulty"),
        ("// [id:A] [tag:difficulty=NaN]", "difficulty"),
        ("// [id:A] [tag:read=perhaps]", "read_mark"),
        ("// [id:A] [tag:law=未闭合", "bad_tag"),
        (f"// [id:A] [tag:law={'法' * 201}]", "too_long"),
    ],
)
def test_metadata_that_says_nothing_we_know_is_refused(note: str, reason: str) -> None:
    assert refused(f"{note}\n题{{=一 ~二}}") == ("line 2", reason)


def test_missing_metadata_is_refused_where_nothing_stands_in() -> None:
    (failure,) = gift.parse("题{=一 ~二}").failures

    assert failure.reason.code == "module"


def test_one_bad_item_takes_no_other_with_it() -> None:
    found = gift.parse("一{=a ~b}\n\n二{=没有结束\n::C::三{=c ~d}\n\n四{T}\n::E::五{F}", DEFAULTS)

    assert [item.stem for item in found.items] == ["一", "三", "四", "五"]
    assert [(failure.where, failure.reason.code) for failure in found.failures] == [("line 3", "open_block")]


def test_blank_lines_inside_an_answer_do_not_end_it() -> None:
    assert len(one("题{\n=一\n\n~二\n}").options) == 2


def test_comments_and_categories_are_no_items() -> None:
    found = gift.parse("// 说明\n$CATEGORY: 政策\n\n// 又一行\n题{=一 ~二}\n// 尾注\n", DEFAULTS)

    assert [item.stem for item in found.items] == ["题"]
    assert found.failures == []


def test_a_note_that_no_item_follows_belongs_to_none() -> None:
    found = gift.parse("// [id:A] [tag:topic=甲]\n\n// [id:B]\n题{=一 ~二}", DEFAULTS)

    assert [(item.code, item.topic) for item in found.items] == [("B", "")]


def test_a_file_without_items_says_so() -> None:
    assert refused("// 空的\n") == ("line 1", "no_items")


def test_more_items_than_the_limit_are_refused() -> None:
    found = gift.parse("题{T}\n\n" * (gift.ITEM_LIMIT + 2), DEFAULTS)

    assert len(found.items) == gift.ITEM_LIMIT
    assert [failure.reason.code for failure in found.failures] == ["many_rows"]
