"""How texts become tokens, queries become plans, and hits are ranked."""

import unicodedata
from string import ascii_lowercase

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin.constants import PINYIN_DICT

from app.core.access import Actor
from app.desk.kinds import (
    PUBLIC,
    DocumentKind,
    Form,
    ScopeKind,
    for_person,
    in_region,
    of_organisation,
    with_permission,
)
from app.desk.rules.ranking import IN_WORDS, NEAR, marked, near, score, text_of
from app.desk.rules.reading import known_syllables, near_plans, near_words, plans, read, spellings
from app.desk.rules.realms import ranges_of, realm
from app.desk.rules.tokens import identifier, normal, of_document, pieces, syllables

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=2, max_size=12)


def holds(query: str, title: str, words: str = "") -> bool:
    tokens = of_document(title, "", words)
    return any(tokens.issuperset(plan) for plan in plans(read(query)))


def points(query: str, title: str, words: str = "", identifiers: tuple[str, ...] = ()) -> float:
    return score(read(query), text_of(title, "", words, identifiers))


@pytest.mark.parametrize(
    ("typed", "compared"),
    [("ＪＪ２０２６", "jj2026"), ("  a   B ", "a b"), ("Zürich", "zurich"), ("㎏", "kg"), ("", "")],
)
def test_texts_are_compared_without_width_case_accents_and_spare_blanks(typed: str, compared: str) -> None:
    assert normal(typed) == compared


def test_a_text_falls_into_runs_of_chinese_and_latin() -> None:
    assert list(pieces("2026年济南spring班")) == [
        (False, "2026"),
        (True, "年济南"),
        (False, "spring"),
        (True, "班"),
    ]


def test_an_identifier_keeps_its_letters_and_digits_only() -> None:
    assert identifier("jj-2026／37 001号") == "jj202637001"


@pytest.mark.parametrize(
    "query",
    [
        *("王", "王明", "明远", "王明远", "wangmingyuan", "wang", "mingyuan"),
        *("wangm", "wangmi", "wangmingy", "wangmingyu", "wmy", "wm", "my"),
    ],
)
def test_a_name_is_found_by_its_characters_pinyin_and_initials(query: str) -> None:
    assert holds(query, "王明远")
    assert points(query, "王明远") > 0


def test_a_syllable_may_be_a_single_letter() -> None:
    assert holds("eluosi", "俄罗斯")
    assert points("eluosi", "俄罗斯") > 0


def test_initials_are_looked_for_up_to_the_eighth() -> None:
    assert holds("jszysfzx", "技术转移示范中心网")
    assert not holds("jszysfzxw", "技术转移示范中心网")
    assert not holds("j", "技术转移"), "one letter is no initials"
    assert points("j", "转移技术") == 0 < points("js", "转移技术")


@pytest.mark.parametrize("query", ["李", "王远", "wangyuan明", "lm", "wymx"])
def test_what_a_name_does_not_hold_finds_nothing(query: str) -> None:
    assert not holds(query, "王明远")


@pytest.mark.parametrize("query", ["ba", "bas", "base", "training", "traini", "tr", "train base"])
def test_latin_words_are_found_by_their_beginning_from_three_letters_on(query: str) -> None:
    assert holds(query, "Training base") is (query not in {"ba", "tr"})


def test_words_below_the_title_are_found_by_bigrams_only() -> None:
    assert holds("经十路", "基地", "济南市历下区经十路")
    assert not holds("路", "基地", "济南市历下区经十路")
    assert not holds("jingshilu", "基地", "济南市历下区经十路")


@given(HAN)
def test_whatever_stands_in_a_title_is_found_by_any_part_of_it(title: str) -> None:
    for start in range(len(title) - 1):
        assert holds(title[start : start + 2], title)
        assert points(title[start:], title) > 0


@given(HAN)
def test_a_title_is_found_by_the_pinyin_of_its_first_two_characters(title: str) -> None:
    sounds = syllables(title)
    if all(sound in known_syllables() for sound in sounds[:2]):
        assert holds("".join(sounds[:2]), title)


@given(st.text(max_size=80))
def test_any_text_can_be_asked_for_and_indexed(typed: str) -> None:
    query = read(typed)
    assert len(query.text) <= 64
    assert len(query.terms) <= 6
    assert len(plans(query)) <= 12
    of_document(typed, typed, typed)
    assert "".join(part for part, _hit in marked(query, typed)) == typed


def test_what_goes_beyond_64_characters_or_six_terms_is_left_out() -> None:
    assert len(read("字" * 80).text) == 64
    assert [term.text for term in read("a b c d e f g h").terms] == list("abcdef")


def test_so_many_ways_to_read_a_query_are_tried_and_no_more() -> None:
    assert len(spellings("xianxianxian")) == 4, "of eight"
    assert len(plans(read("xian xian fangan"))) == 12
    assert len(near_plans(read("一二三四五六七八九十百千万"), set())) == 12
    assert len(near_plans(read("bcdf"), {one for plan in near_words(read("bcdf"))["bcdf"] for one in plan})) == 40


def test_a_spelling_may_divide_in_more_than_one_way() -> None:
    assert [sounds for sounds, rest in spellings("xian") if not rest] == [("xian",), ("xi", "an")]


def test_syllables_without_a_vowel_do_not_divide_words() -> None:
    assert not {"m", "n", "ng", ""} & known_syllables()
    assert {"lv", "nve", "zhuang", "e"} <= known_syllables()


def test_the_syllables_are_those_of_all_readings_of_all_characters() -> None:
    spread = {unicodedata.normalize("NFD", one) for readings in PINYIN_DICT.values() for one in readings.split(",")}
    written = {"".join(one for one in sound.replace("u\u0308", "v") if one in ascii_lowercase) for sound in spread}

    assert known_syllables() == written - {"m", "n", "ng", "hm", "hng", ""}


def near_holds(query: str, title: str) -> bool:
    read_query = read(query)
    tokens = of_document(title, "", "")
    slips = {one for found in near_words(read_query).values() for plan in found for one in plan}
    return any(tokens.issuperset(plan) for plan in near_plans(read_query, slips & tokens))


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("技术转易", "技术转移"),
        ("技术专移", "技术转移中心"),
        ("技术与转移", "技术转移中心"),
        ("技转移", "技术转移"),
        ("王名远", "王明远"),
        ("jishujinli", "技术经理"),
        ("wangmignyuan", "王明远"),
        ("trainnig", "Training base"),
        ("trainign", "Training base"),
        ("rtaining", "Training base"),
        ("trining", "Training base"),
        ("trainingg", "Training base"),
        ("tbaining", "Training base"),
    ],
)
def test_one_wrong_missing_spare_or_swapped_letter_is_forgiven(query: str, title: str) -> None:
    assert near_holds(query, title)
    assert points(query, title) > 0


@pytest.mark.parametrize(
    ("query", "corrected"),
    [("bcd", False), ("bcdf", True), ("b" * 20, True), ("b" * 21, False), ("技术转移", False), ("技术", False)],
)
def test_a_latin_word_of_four_to_twenty_letters_is_corrected(query: str, corrected: bool) -> None:
    assert (query in near_words(read(query))) is corrected


def test_every_word_one_slip_away_is_tried_once() -> None:
    missing, swapped, replaced, spare = 4, 3, 4 * 25, 5 * 26 - 4

    assert len(near_words(read("bcdf"))["bcdf"]) == missing + swapped + replaced + spare


def test_two_syllables_are_corrected_and_a_single_one_is_not() -> None:
    assert near_holds("mignyuan", "明远")
    assert not near_holds("wamg", "王明远")


def test_two_characters_may_stand_apart_and_one_has_nothing_to_go_by() -> None:
    assert near_holds("王远", "王明远")
    assert not near_holds("王远", "王明")
    assert near_plans(read("王"), set()) == []


def test_of_several_terms_all_but_one_may_be_right() -> None:
    one, two = read("技术转移"), read("技术转移 王明远")

    assert plans(one)[0] not in near_plans(one, set())
    assert plans(two)[0] in near_plans(two, set())


@pytest.mark.parametrize(
    ("query", "title"),
    [("qingchudan", "技术经理"), ("技术转让书", "专业培训"), ("trxxning", "Training base"), ("王明", "李远")],
)
def test_two_wrong_letters_are_not(query: str, title: str) -> None:
    assert points(query, title) == 0


@pytest.mark.parametrize(
    ("one", "other", "is_near"),
    [
        ("abcd", "abcd", True),
        ("abcd", "abce", True),
        ("abcd", "bacd", True),
        ("abcd", "abc", True),
        ("abcd", "abcde", True),
        ("abcd", "badc", False),
        ("abcd", "ab", False),
        ("ab", "a", False),
        ("abc", "ab", True),
        ("ab", "ac", True),
        ("abcd", "abdce", False),
    ],
)
def test_one_slip_is_near(one: str, other: str, is_near: bool) -> None:
    assert near(one, other) is is_near
    assert near(other, one) is is_near


def test_the_same_title_stands_before_a_longer_one_and_before_words_below() -> None:
    ordered = [
        points("技术转移", "技术转移"),
        points("技术转移", "技术转移中心"),
        points("技术转移", "山东技术转移中心"),
        points("jishuzhuanyi", "山东技术转移中心"),
        points("jszy", "山东技术转移中心"),
        points("技术转移", "山东中心", "技术转移"),
        points("技术专移", "山东技术转移中心"),
    ]
    assert ordered == sorted(ordered, reverse=True)
    assert len(set(ordered)) == len(ordered)


def test_of_titles_that_begin_alike_the_shorter_stands_first() -> None:
    titles = ["技术转移", "技术转移中心", "技术转移示范中心"]
    found = [points("技术", title) for title in titles]

    assert found == sorted(set(found), reverse=True)


def test_no_number_of_terms_outweighs_an_identifier() -> None:
    many = points("技术 转移 中心", "山东技术转移中心")

    assert points("技术", "山东技术转移中心") < many < points("JJ2026001", "王", identifiers=("JJ2026001",))
    assert many < points("山东技术转移中心", "山东技术转移中心")


def test_a_run_is_parted_into_two_characters_or_more_in_their_order() -> None:
    in_parts, with_a_slip = points("技术中心", "技术转移中心"), points("技术转心", "技术转移中心")

    assert in_parts > with_a_slip > 0
    assert points("技术移心", "技术转移中心") == points("技转中心", "技术转移中心") == 0
    assert points("中心技术", "技术转移中心") == 0


def test_a_slip_counts_the_same_in_both_scripts_and_half_of_it_below_the_title() -> None:
    below = [points("abce", "王明远", "abcd"), points("技术专移", "王明远", "技术转移")]
    none = points("abcd", "王明远", "abcd") - IN_WORDS

    assert [one - none for one in below] == [NEAR / 2, NEAR / 2]


def test_every_term_must_be_held() -> None:
    assert points("王明远 初级", "王明远", "初级技术经纪人") > 0
    assert points("王明远 高级", "王明远", "初级技术经纪人") == 0


def test_an_identifier_stands_first_and_its_beginning_second() -> None:
    exact = points("JJ2026001", "王明远", identifiers=("JJ2026001",))
    begun = points("jj-2026", "王明远", identifiers=("JJ2026001",))
    assert exact > begun > points("王明远", "王明远")
    assert points("jj-2027", "王明远", identifiers=("JJ2026001",)) == 0
    assert read("12").identifier is None
    assert read("1-2 3").identifier == "123"
    assert read("王123").identifier is None


@pytest.mark.parametrize(
    ("query", "title", "said"),
    [
        ("明远", "王明远", "明远"),
        ("mingyuan", "王明远", "明远"),
        ("wangm", "王明远", "王明"),
        ("my", "2026王明远", "明远"),
        ("wm", "王明远", "王明"),
        ("w", "王明远", ""),
        ("技术", "技术㎏", ""),
        ("train", "Training", "Train"),
        ("没有", "王明远", ""),
    ],
)
def test_what_the_query_says_is_marked(query: str, title: str, said: str) -> None:
    parts = marked(read(query), title)
    assert "".join(text for text, hit in parts if hit) == said
    assert "".join(text for text, _hit in parts) == title


def actor(**given: object) -> Actor:
    facts = {"person_id": 7, "person_code": "p", "name": "n", "role": "r", "role_label": "", "permissions": frozenset()}
    return Actor(**{**facts, **given})  # type: ignore[arg-type]


def kind(*forms: Form) -> dict[str, DocumentKind]:
    return {"k": DocumentKind("K", forms, of=lambda _codes: (), every=lambda _after, _limit: ())}


def keys(who: Actor | None, *forms: Form) -> list[tuple[int, int]]:
    return [(one.low, one.high) for one in ranges_of(who, kind(*forms))]


def test_the_public_sees_what_is_public_only() -> None:
    forms = (PUBLIC.form, (ScopeKind.PERSON, None), (ScopeKind.REGION, "p"), (ScopeKind.PERMISSION, "p"))
    assert keys(None, *forms) == [(0, 0)]


def test_a_person_sees_their_own_and_their_organisation_its_own() -> None:
    forms = (for_person(1).form, of_organisation(1).form)
    assert keys(actor(), *forms) == [(7, 7)]
    assert keys(actor(organisation_id=9), *forms) == [(7, 7), (9, 9)]


def test_a_region_shows_what_lies_in_it_to_those_who_carry_the_permission() -> None:
    form = in_region("370102", "p").form
    allowed = frozenset({"p"})
    assert keys(actor(region_code="370000"), form) == []
    assert keys(actor(permissions=allowed), form) == []
    assert keys(actor(permissions=allowed, region_code="370000"), form) == [(370000, 379999)]
    assert keys(actor(permissions=allowed, region_code="370100"), form) == [(370100, 370199)]
    assert keys(actor(permissions=allowed, region_code="370102"), form) == [(370102, 370102)]
    assert keys(actor(permissions=allowed, region_code="100000"), form)[0][1] == 999999


def test_a_permission_opens_its_own_realm_and_no_other() -> None:
    form = with_permission("p").form
    assert keys(actor(permissions=frozenset({"q"})), form) == []
    assert keys(actor(permissions=frozenset({"p"})), form) == [(0, 0)]
    assert len({realm("k", form), realm("k", PUBLIC.form), realm("l", form)}) == 3
