"""Marking, wording, near duplicates and the plan of an import."""

import unicodedata
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.items.rules import similar
from app.items.rules.bodies import Option, Part
from app.items.rules.building import shaped
from app.items.rules.content import TELLING, BadItemError, Failure, ItemContent, Parsed, content_hash, normal
from app.items.rules.planning import Known, Report, plan
from app.items.rules.reasons import SENTENCES, Reason, because
from app.items.rules.texts import in_words
from app.items.states import Fate, ItemState, ItemType
from tests.factories.items import content


def test_width_case_spaces_and_punctuation_do_not_make_another_wording() -> None:
    assert content_hash("技术合同（登记），ＡＢ", ["甲", "乙"]) == content_hash("技术合同(登记) ab。", ["乙 ", "甲"])


@pytest.mark.parametrize(("first", "second"), [("1.5倍", "15倍"), ("-5万元", "5万元"), ("10%", "10"), ("3+2", "32")])
def test_numbers_that_differ_are_another_wording(first: str, second: str) -> None:
    assert normal(first) != normal(second)
    assert content_hash("问", [first]) != content_hash("问", [second])


def test_an_item_of_blanks_needs_a_blank() -> None:
    with pytest.raises(BadItemError) as refused:
        shaped(Part(ItemType.BLANK, "技术合同由谁登记？"))
    assert refused.value.reason == because("no_key")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])) | st.text(alphabet="a甲1.-%‰ ，½①"))
def test_a_wording_is_what_its_letters_and_numbers_say(text: str) -> None:
    folded = unicodedata.normalize("NFKC", text).casefold()
    telling = {found.start() for found in TELLING.finditer(folded)}
    said = [letter for at, letter in enumerate(folded) if unicodedata.category(letter)[0] not in "ZCP" or at in telling]

    assert normal(text) == "".join(said)


def test_options_of_signs_alone_still_tell() -> None:
    assert content_hash("问", ["……", "！"]) != content_hash("问", ["，", "！"])


def test_near_duplicates_are_found_and_others_are_not() -> None:
    texts = {
        "A": "技术合同经认定登记后当事人可以享受有关税收优惠政策",
        "B": "技术合同经认定登记后当事人可以享受相关税收优惠政策",
        "C": "专利权自国务院专利行政部门公告之日起生效",
    }
    (found,) = similar.near_duplicates(texts, 0.7)

    assert (found.first, found.second) == ("A", "B")
    assert 0.7 <= found.share < 1


@settings(deadline=None)
@given(st.lists(st.text("甲乙丙丁", min_size=1, max_size=12), min_size=2, max_size=8), st.sampled_from([0.5, 0.8, 1.0]))
def test_looking_up_rare_pairs_finds_what_comparing_all_finds(texts: list[str], threshold: float) -> None:
    named = {str(place): text for place, text in enumerate(texts)}
    pairs = {code: similar.pairs_of(text) for code, text in named.items()}
    every = {
        (first, second)
        for first in named
        for second in named
        if int(first) < int(second) and similar.similarity(pairs[first], pairs[second]) >= threshold
    }

    assert {(one.first, one.second) for one in similar.near_duplicates(named, threshold)} == every


def fates(given: Sequence[ItemContent], *known: Known) -> list[tuple[Fate, str]]:
    return [(one.fate, one.reason.code if one.reason else "") for one in plan(Parsed(list(given)), known)]


def test_a_new_item_comes_in() -> None:
    assert fates([content("A-1")]) == [(Fate.NEW, "")]


@pytest.mark.parametrize("state", list(ItemState))
def test_what_the_bank_has_is_skipped_whatever_its_state(state: ItemState) -> None:
    assert fates([content("A-1")], Known(1, state, content("A-1"))) == [(Fate.SAME, "same_item")]


def test_the_same_wording_under_another_code_is_skipped_and_named() -> None:
    twin = content("B-1", stem=content("A-1").stem, options=content("A-1").options)
    (planned,) = plan(Parsed([twin]), [Known(1, ItemState.APPROVED, content("A-1"))])

    assert planned.fate is Fate.SAME
    assert planned.reason == because("same_content", code="A-1")


def test_the_wording_of_a_retired_item_may_come_back_under_another_code() -> None:
    twin = content("B-1", stem=content("A-1").stem, options=content("A-1").options)

    assert fates([twin], Known(1, ItemState.RETIRED, content("A-1"))) == [(Fate.NEW, "")]


@pytest.mark.parametrize(
    ("state", "fate"),
    [
        (ItemState.DRAFT, (Fate.REVISED, "")),
        (ItemState.APPROVED, (Fate.FAILED, "other_wording")),
        (ItemState.RETIRED, (Fate.FAILED, "retired_code")),
    ],
)
def test_other_wording_under_a_known_code_is_a_version_of_a_draft_only(
    state: ItemState, fate: tuple[Fate, str]
) -> None:
    assert fates([content("A-1", stem="换了说法")], Known(1, state, content("A-1"))) == [fate]


def test_a_corrected_key_is_another_version_though_the_wording_is_the_same() -> None:
    corrected = content("A-1", key=frozenset({"C"}))

    assert fates([corrected], Known(1, ItemState.DRAFT, content("A-1"))) == [(Fate.REVISED, "")]


def test_a_code_that_stands_twice_in_a_file_is_refused_unless_it_says_the_same() -> None:
    given_twice = [content("A-1", place="1"), content("A-1", place="5"), content("A-1", stem="别的", place="9")]

    assert fates(given_twice) == [(Fate.NEW, ""), (Fate.SAME, "repeated_content"), (Fate.FAILED, "repeated_code")]


def test_a_wording_that_stands_twice_in_a_file_comes_in_once() -> None:
    first = content("A-1", place="1")
    twin = content("B-1", stem=first.stem, options=first.options, place="7")

    assert fates([first, twin]) == [(Fate.NEW, ""), (Fate.SAME, "repeated_content")]


def test_what_cannot_be_read_keeps_its_place_among_the_others() -> None:
    given_mixed: list[ItemContent | Failure] = [
        content("A-1", place="1"),
        Failure("4", because("open_block")),
        content("A-2", place="8"),
    ]
    planned = plan(Parsed(given_mixed), [])
    report = Report.of(planned)

    assert [one.where for one in planned] == ["line 1", "line 4", "line 8"]
    assert (len(report.imported), len(report.skipped), len(report.failed)) == (2, 0, 1)


def test_a_reason_survives_being_stored() -> None:
    reason = because("same_options", first="A", second="B")

    assert Reason.from_json(reason.to_json()) == reason


def test_options_keep_their_letters() -> None:
    assert content("A-1").options[1] == Option("B", "A-1的说法B")
    assert content("A-1", key=frozenset({"C", "A"})).keys == ["A", "C"]


def test_reasons_have_sentences() -> None:
    assert all(str(sentence) for sentence in SENTENCES.values())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("第一行\n第二行\n\n第二段", "第一行 第二行 第二段"),
        ("设 $x^2=4$，**不**正确的是____。", "设 x^2=4，不正确的是____。"),
        (f"见图\n\n![流程图](stored:{'0' * 64})\n\n[附件](stored:{'1' * 64})", "见图 流程图 附件"),
        ("| 年份 | 收入 |\n|---|---|\n| 2025 | 120 |", "年份 收入 2025 120"),
        ("a < b & c", "a < b & c"),
        ("", ""),
    ],
)
def test_lists_show_a_text_in_words_without_its_markup(text: str, words: str) -> None:
    assert in_words(text) == words
