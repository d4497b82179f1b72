"""Where an item of a text file ends, what each kind of file holds, and who may do what with it."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from app.accounts.states import Role
from app.items.access import GRANTS, Permission
from app.items.models import ItemVersion
from app.items.rules import aiken, files, gift, moodle, similar
from app.items.rules.bodies import Blank, Body, Number, asked, plain
from app.items.rules.content import BadItemError, Defaults, ItemContent, Parsed
from app.items.rules.files import no_file
from app.items.rules.holds import obstacle
from app.items.rules.marking import amount, mark
from app.items.rules.planning import Known, plan
from app.items.rules.responses import BadResponseError, Choice, NumberGiven, Order, Pairs, read_response
from app.items.states import (
    IMPORT,
    ITEM,
    LETTERED,
    READ_KINDS,
    WRITTEN_KINDS,
    Credit,
    Fate,
    FileKind,
    ItemState,
    ItemType,
)
from tests.factories.items import content
from tests.unit.items.samples import BODIES, OPTIONS, detailed, sample

pytestmark = pytest.mark.one_database

DEFAULTS = Defaults("general", "recall", "0.5")


MATCHED = BODIES[ItemType.MATCHING]
TWO = Body(blanks=(Blank(("甲",)), Blank(("乙",))))


def one(text: str) -> ItemContent:
    found = gift.parse(text, DEFAULTS)
    assert found.failures == []
    (item,) = found.items
    return item


def refused(text: str) -> list[str]:
    return [failure.reason.code for failure in gift.parse(text, DEFAULTS).failures]


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("题干\n续行{=一 ~二}", ["题干\n续行"]),
        ("题干\n// 说明\n{=一 ~二}", ["题干"]),
        ("一{T}\n// 说明\n二{F}", ["一", "二"]),
        ("一{T}\n$CATEGORY: 甲\n二{F}", ["一", "二"]),
        ("一{\n=甲\n// [tag:law=乙]\n~丙\n}", ["一"]),
        ("[html]登记由{=登记机构 ~法院}<b>办理</b>。", ["登记由_____**办理**。"]),
    ],
)
def test_where_an_item_of_gift_ends(text: str, stems: list[str]) -> None:
    found = gift.parse(text, DEFAULTS)

    assert (found.failures, [item.stem for item in found.items]) == ([], stems)
    assert {item.law for item in found.items} == {""}


@pytest.mark.parametrize(
    ("text", "reasons"),
    [
        ("题干\n\n{T}", ["no_answer_block", "stem"]),
        ("题{=一 ~二}}", ["two_blocks"]),
        ("题{=一 ~二}又{=三\n\n~四}", ["two_blocks"]),
        ("一{=没有结束\n// [id:B]\n二{T}", ["open_block"]),
        ("题{~%50%一 ~%48%二}", ["weights"]),
        ("题{~%51%一 ~%49%二}", ["weights"]),
        ("题{~%0.5%一 ~%99.5%二}", ["weights"]),
        ("题{#=%150%3}", ["number"]),
        ("题{" + " ".join(f"=问{at} -> 答{at}" for at in range(9)) + "}", ["many_options"]),
    ],
)
def test_what_gift_says_by_halves_is_refused_once(text: str, reasons: list[str]) -> None:
    assert refused(text) == reasons


def test_notes_above_an_item_may_take_several_lines() -> None:
    item = one("// [id:A]\n// [tag:topic=甲]\n题{=一 ~二}")

    assert (item.code, item.topic) == ("A", "甲")


@pytest.mark.parametrize(
    ("answer", "numbers"),
    [
        ("#12.5", [Number(Decimal("12.5"))]),
        ("#12.5:0.1", [Number(Decimal("12.5"), Decimal("0.1"))]),
        ("#1..4", [Number(Decimal("2.5"), Decimal("1.5"))]),
        ("#=%0%9 =%100%3 =%50%4:1", [Number(Decimal(3)), Number(Decimal(4), Decimal(1), share=Decimal("0.5"))]),
    ],
)
def test_numbers_of_gift(answer: str, numbers: list[Number]) -> None:
    assert list(one(f"题{{{answer}}}").body.numbers) == numbers


def test_full_marks_and_none_are_told_by_weights_too() -> None:
    single, blank = one("题{=%100%一 ~%0%二}"), one("题{=%100%一 =二}")
    shared = one("题{~%50%一 ~%49%二}")

    assert (single.type, single.keys) == (ItemType.SINGLE, ["A"])
    assert blank.body.blanks == (Blank(("一", "二")),)
    assert shared.keys == ["A", "B"]
    assert len(one("题{" + " ".join(f"=问{at} -> 答{at}" for at in range(8)) + "}").options) == 8


def test_an_item_of_aiken_without_an_answer_is_named_where_it_begins() -> None:
    (failure,) = aiken.parse("\n题干\nA. 甲\nB. 乙", DEFAULTS).failures
    (item,) = aiken.parse("题干\nA. 甲\nB. 乙\nANSWER: A", DEFAULTS).items

    assert (failure.place, failure.reason.code) == ("2", "aiken_answer")
    assert item.source_read is False


@pytest.mark.parametrize(
    ("item", "kind", "reason"),
    [
        (
            sample(ItemType.BLANK, stem="填", body=Body(blanks=(Blank(("甲",)), Blank(("乙",))))),
            FileKind.GIFT,
            "holds_blanks",
        ),
        (sample(ItemType.BLANK, body=Body(blanks=(Blank(("甲",), exact=True),))), FileKind.GIFT, "holds_blanks"),
        (sample(ItemType.BLANK, body=Body(blanks=(Blank(("甲\\*",)),))), FileKind.GIFT, "holds_sign"),
        (sample(ItemType.MATCHING, body=replace(MATCHED, prompts=("一->", "二"))), FileKind.GIFT, "holds_sign"),
        (sample(ItemType.MATCHING, options=["甲->", "乙"]), FileKind.GIFT, "holds_sign"),
        (
            sample(ItemType.MATCHING, body=Body(prompts=("一\n行", "二"), pairs=("A", "B"))),
            FileKind.GIFT,
            "holds_lines",
        ),
        (sample(ItemType.SINGLE, stem="ANSWER: A"), FileKind.AIKEN, "holds_sign"),
        (sample(ItemType.SINGLE, options=["甲", "答案：乙"]), FileKind.AIKEN, "holds_sign"),
        (sample(ItemType.SINGLE, options=["甲\n行", "乙"]), FileKind.AIKEN, "holds_lines"),
        (sample(ItemType.SINGLE, options=["甲->", "乙"]), FileKind.GIFT, None),
        (sample(ItemType.ORDERING, options=["先\n行", "后", "再"]), FileKind.GIFT, None),
    ],
)
def test_what_a_kind_of_file_cannot_hold(item: ItemContent, kind: FileKind, reason: str | None) -> None:
    found = obstacle(item, kind)

    assert (found.code if found else None) == reason


@pytest.mark.parametrize(("factor", "held"), [("0.0001", True), ("1000", True), ("3", False), ("1", False)])
def test_moodle_holds_units_whose_factor_has_an_exact_inverse(factor: str, held: bool) -> None:
    unit = detailed()["other units"].body.units[0]._replace(factor=Decimal(factor))
    body = Body(numbers=BODIES[ItemType.NUMERIC].numbers, unit="万元", units=(unit,))

    assert (obstacle(sample(ItemType.NUMERIC, body=body), FileKind.MOODLE_XML) is None) is held


@pytest.mark.parametrize(
    ("value", "exact"), [(Decimal(2) ** 20, True), (Decimal(2) ** 21, False), (Decimal(-2), False)]
)
def test_an_inverse_has_at_most_twenty_places(value: Decimal, exact: bool) -> None:
    if exact:
        assert moodle.inverse(value) * value == 1
    else:
        with pytest.raises(BadItemError, match="units"):
            moodle.inverse(value)


def test_a_factor_of_nothing_has_no_inverse() -> None:
    with pytest.raises(BadItemError, match="units"):
        moodle.inverse(Decimal(0))


@pytest.mark.parametrize("credit", list(Credit))
def test_whoever_has_everything_right_earns_everything_by_every_rule(credit: Credit) -> None:
    item = sample(ItemType.MATCHING, body=Body(prompts=("一", "二", "三"), pairs=("A", "B", "A")))
    right = dict(enumerate(item.body.pairs, 1))
    other = {**right, 1: next(letter for letter in "ABC" if letter != right[1])}
    partly = {Credit.ALL: "0", Credit.SHARE: "0.666667", Credit.HALF: "0.5", Credit.NET: "0.333333"}

    assert mark(item, Pairs(tuple(right.items())), credit=credit).share == 1
    assert mark(item, Pairs(tuple(other.items())), credit=credit).share == Decimal(partly[credit])


def test_a_unit_may_be_typed_twice_if_it_is_the_same() -> None:
    assert amount(NumberGiven("5 kg", "KG")) == (Fraction(5), "kg")
    assert amount(NumberGiven("5 kg", "g")) is None


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (ItemType.BLANK, {"blanks": ["字" * 500] * 40}),
        (ItemType.NUMERIC, {"number": "1" * 64, "unit": "米" * 40}),
        (ItemType.MATCHING, {"pairs": {str(place): "A" for place in range(1, 41)}}),
    ],
)
def test_an_answer_at_the_limit_is_read_whole(kind: ItemType, raw: dict[str, object]) -> None:
    assert read_response(kind, raw).to_json() == raw


def test_a_longer_unit_is_no_answer() -> None:
    with pytest.raises(BadResponseError):
        read_response(ItemType.NUMERIC, {"number": "1", "unit": "米" * 41})


def test_pairs_of_letters_measure_how_alike_two_wordings_are() -> None:
    assert [similar.pairs_of(text) for text in ("甲乙丙", "甲", "")] == [{"甲乙", "乙丙"}, {"甲"}, {""}]
    assert similar.similarity(frozenset("ab"), frozenset("bc")) == 1 / 3
    assert similar.similarity(frozenset(), frozenset()) == 1


def test_a_draft_in_revision_takes_another_wording() -> None:
    (planned,) = plan(Parsed([content("A-1", stem="换了")]), [Known(1, ItemState.REVISION, content("A-1"))])

    assert planned.fate is Fate.REVISED


def test_a_version_asks_what_it_stores() -> None:
    said: dict[str, Any] = {
        "type": ItemType.SINGLE,
        "stem": "问",
        "options": [{"key": "A", "text": "甲"}],
        "key": ["A"],
    }
    bare = asked(ItemVersion(**said, body=None))
    full = asked(ItemVersion(**said, body={"reference": "参考"}, explanation="因为"))

    assert (bare.body, bare.explanation, bare.key) == (Body(), "", frozenset("A"))
    assert (full.body.reference, full.explanation) == ("参考", "因为")


@pytest.mark.parametrize(("value", "shown"), [("10", "10"), ("1.50", "1.5"), ("1E+2", "100"), ("2.0", "2")])
def test_a_number_is_written_without_what_says_nothing(value: str, shown: str) -> None:
    assert plain(Decimal(value)) == shown


def test_a_file_that_nobody_keeps_is_not_made_up() -> None:
    with pytest.raises(KeyError):
        no_file("a" * 64)


def test_a_package_of_qti_is_written_in_its_newest_version() -> None:
    item = sample(ItemType.SINGLE)

    assert files.write([item], FileKind.QTI) == files.write([item], FileKind.QTI3)
    assert files.write([item], FileKind.QTI) != files.write([item], FileKind.QTI2)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<quiz><item/></quiz>", FileKind.MOODLE_XML),
        (b"<other/>", FileKind.MOODLE_XML),
        (b"<assessmentitem/>", FileKind.QTI),
    ],
)
def test_a_quiz_is_moodles_whatever_else_it_names(data: bytes, kind: FileKind) -> None:
    assert files.kind_of("a.xml", data) is kind


def test_every_kind_that_is_read_and_written_is_offered() -> None:
    assert set(READ_KINDS) == set(FileKind) - {FileKind.QTI2, FileKind.QTI3}
    assert set(WRITTEN_KINDS) == set(FileKind) - {FileKind.QTI}
    assert {
        ItemType.SINGLE,
        ItemType.MULTIPLE,
        ItemType.TRUE_FALSE,
        ItemType.MATCHING,
        ItemType.ORDERING,
    } == LETTERED


def test_who_may_do_what_with_items() -> None:
    assert {role: set(given) for role, given in GRANTS.items()} == {
        Role.AUTHOR: {Permission.VIEW, Permission.IMPORT},
        Role.REVIEWER: {Permission.VIEW, Permission.REVIEW},
        Role.EXAMINER: {Permission.VIEW, Permission.CREATE_BANK, Permission.EXPORT},
    }


def test_how_an_item_and_an_import_move() -> None:
    draft, revision, approved = ItemState.DRAFT, ItemState.REVISION, ItemState.APPROVED

    assert {name: set(move.sources) for name, move in ITEM.moves.items()} == {
        "approve": {draft},
        "revise": {draft, approved},
        "resubmit": {revision},
        "retire": {draft, revision, approved},
    }
    assert set(IMPORT.moves) == {"commit", "drop"}


def test_the_shape_of_an_empty_choice_is_kept() -> None:
    assert read_response(ItemType.SINGLE, {"choice": ["J", "A"]}) == Choice(frozenset("AJ"))
    assert read_response(ItemType.ORDERING, {"order": list("ABCDEFGHIJ")}) == Order(tuple("ABCDEFGHIJ"))
    assert OPTIONS[0] == sample(ItemType.SINGLE).options[0].text
