"""Passwords that are guessed early: each pattern is found, named, and no sentence or random text is taken for one."""

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules import guessing
from app.accounts.rules.guessing import Pattern, guessed_by, spelt
from app.accounts.rules.passwords import check_new
from app.accounts.rules.profiles import profile
from app.core.errors import InvalidError

pytestmark = pytest.mark.one_database
GUESSED = {
    Pattern.WORD: ("Password123", "P@ssw0rd2026", "sunshine!", "Admin@2026", "woaini1314", "Taobao12345", "m0nkey99!"),
    Pattern.WALK: ("qwertgfdsa", "6yhn&UJM8ik,", "poiuytrewq", "kjhgfdsa", "7ujm8ik,9ol."),
    Pattern.SEQUENCE: ("abcdefgh", "hgfedcba", "lmnopqrst", "23456789"),
    Pattern.REPEAT: ("aaaaaaaa", "k9x2k9x2k9x2", "x8x8x8x8x8", "hahahahaha!!"),
    Pattern.DATE: ("19900101", "20261126!", "900101-900102"),
    Pattern.NUMBER: ("13800138001", "+8613912345670", "053188886660"),
    Pattern.PINYIN: ("chenkeming88", "mengfanhua!", "Xuguoqiang1"),
}
TAKEN = (
    "correct horse battery",
    "demo-Passw0rd-2026",
    "xiaoyu hai de tian xia",
    "tqzmxkwv",
    "Xk7#mQ2p",
    "the kettle sings at noon",
)


@pytest.mark.parametrize(("pattern", "password"), [(one, text) for one, texts in GUESSED.items() for text in texts])
def test_a_pattern_is_found_and_named(pattern: Pattern, password: str) -> None:
    assert guessed_by(password) is pattern


@pytest.mark.parametrize("password", TAKEN)
def test_a_sentence_and_random_text_stand(password: str) -> None:
    assert guessed_by(password) is None


def test_patterns_side_by_side_stand_from_what_they_cost_a_guesser_together_on() -> None:
    assert guessed_by("dragonmonkeyv") is Pattern.WORD
    assert guessed_by("dragon2019abcdv") is None


def test_a_password_has_five_different_characters_at_least() -> None:
    assert guessed_by("tkqqtvktqvvqkt") is Pattern.REPEAT
    assert guessed_by("txtvqkqqkqkqxq") is None


@pytest.mark.parametrize("code", ["asvs", "mlps"])
@pytest.mark.parametrize("password", ["1qaz@WSX3edc$", "Zhangwei@19900101", "Woaini5201314!"])
def test_both_profiles_refuse_what_is_guessed_however_many_kinds_of_characters_it_has(code: str, password: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_new(password, profile=profile(code), alone=True)
    assert refused.value.field == "password"
    assert any(str(reason) in str(refused.value) for reason in guessing.REASONS.values()), "the reason is said"


def test_random_letters_are_not_taken_for_a_pattern() -> None:
    letters = random.Random(20261126)
    made = ["".join(letters.choices(string.ascii_lowercase + string.digits, k=12)) for _ in range(300)]
    assert [one for one in made if guessed_by(one)] == []


@given(st.sampled_from(sorted(guessing._leaked_words())), st.sampled_from(["", "1", "!", "2026"]))
def test_a_leaked_word_is_no_password_whatever_little_is_added(word: str, added: str) -> None:
    assert guessed_by(word.upper() + added) is not None


@given(st.text(max_size=40))
def test_any_text_gets_an_answer(text: str) -> None:
    assert guessed_by(text) in {None, *Pattern}


def test_the_leaked_words_are_thousands_in_letters() -> None:
    words = guessing._leaked_words()
    assert len(words) > 5000
    assert not any(word.isdigit() for word in words)


@pytest.mark.parametrize(
    ("name", "ways"),
    [("沈知行", ("shenzhixing", "zhixingshen")), ("李一", ()), ("Li Wei", ()), ("", ())],
)
def test_a_name_is_spelt_both_ways_round(name: str, ways: tuple[str, ...]) -> None:
    assert spelt(name) == ways


@pytest.mark.parametrize("password", ["Shenzhixing-77-lu", "zhixingshen-77-lu", "5h3nzhixing-77-lu"])
def test_the_own_name_in_pinyin_is_refused_even_with_like_letters(password: str) -> None:
    with pytest.raises(InvalidError):
        check_new(password, spelt("沈知行"), profile=profile("asvs"), alone=True)
