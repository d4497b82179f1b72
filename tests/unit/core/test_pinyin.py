"""What is read of Chinese texts equals what pypinyin reads, whatever the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT, RE_HANS

from app.core import pinyin

pytestmark = pytest.mark.one_database

PHRASES = sorted(PHRASES_DICT)
BEYOND_HAN = 0x33000
letters = st.sampled_from([chr(place) for place in sorted(PINYIN_DICT)])
phrases = st.sampled_from(PHRASES)
beginnings = phrases.flatmap(lambda phrase: st.integers(1, len(phrase)).map(lambda length: phrase[:length]))
overlaps = st.tuples(beginnings, phrases).map("".join)
rare = st.characters(min_codepoint=0x2E80, max_codepoint=BEYOND_HAN)
others = st.text(max_size=4)
texts = st.lists(st.one_of(letters, phrases, beginnings, overlaps, rare, others), max_size=6).map("".join)


@given(texts)
def test_every_mixture_is_read_as_the_library_reads_it(text: str) -> None:
    assert pinyin.syllables(text) == lazy_pinyin(text, errors=list)  # type: ignore[arg-type]  # as documented
    assert pinyin.syllables(text, lambda unread: [unread]) == lazy_pinyin(text)
    assert pinyin.syllables(text, lambda _unread: []) == lazy_pinyin(text, errors="ignore")


def test_every_phrase_is_read_as_the_library_reads_it() -> None:
    different = [phrase for phrase in PHRASES if pinyin.syllables(phrase) != lazy_pinyin(phrase)]

    assert len(PHRASES) > 40_000
    assert not different


def test_every_character_is_read_as_the_library_reads_it() -> None:
    known = pinyin.tables()
    places = range(BEYOND_HAN)

    assert [place for place in places if bool(RE_HANS.match(chr(place))) != bool(pinyin.HAN.match(chr(place)))] == []
    assert {place for place in places if known.of_character(chr(place))} == set(PINYIN_DICT)
    assert [
        place for place in PINYIN_DICT if [known.of_character(chr(place))] != lazy_pinyin(chr(place), errors="ignore")
    ] == []


def test_the_longest_phrase_is_read_first_and_what_is_left_character_by_character() -> None:
    assert pinyin.syllables("重庆银行行长") == ["chong", "qing", "yin", "hang", "hang", "zhang"]
    assert pinyin.syllables("长大") == ["zhang", "da"]
    assert pinyin.syllables("长") == ["zhang"]


def test_u_with_diaeresis_is_written_v_and_what_has_no_reading_is_kept() -> None:
    assert pinyin.syllables("吕A1㐀") == ["lv", "A", "1", "qiu"]
    assert pinyin.syllables("") == []
