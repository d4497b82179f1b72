"""Check digits: unified social credit codes (GB 32100-2015) and Chinese patent numbers (ZC 0006-2003)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.rules.numbers import (
    CREDIT_ALPHABET,
    credit_check_character,
    credit_code_holds,
    invoice_spellings,
    patent_check_digit,
    patent_number_holds,
    same_invoice,
    tidy,
    tidy_name,
)

FIRST = st.text(CREDIT_ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91350100m000100y43", " 9135 0100-M000100Y43 "])
def test_the_example_of_the_standard_holds(code: str) -> None:
    assert credit_code_holds(code)


@pytest.mark.parametrize(
    "code", ["", "91350100M000100Y4", "91350100M000100Y44", "I1350100M000100Y43", "91350100M000100Y433"]
)
def test_a_wrong_credit_code_does_not_hold(code: str) -> None:
    assert not credit_code_holds(code)


@given(FIRST, st.integers(0, 16), st.sampled_from(CREDIT_ALPHABET))
def test_one_wrong_character_of_a_credit_code_is_always_noticed(first: str, place: int, other: str) -> None:
    code = first + credit_check_character(first)
    wrong = code[:place] + other + code[place + 1 :]

    assert credit_code_holds(code)
    assert credit_code_holds(wrong) == (wrong == code)


@pytest.mark.parametrize(
    "number", ["ZL200310102344.5", "200310102344.5", "2003101023445", "zl 2003 1010 2344.5", "97101765.4"]
)
def test_a_patent_number_holds_with_and_without_its_marks(number: str) -> None:
    assert patent_check_digit("201710601862") == "3"
    assert patent_number_holds(number)


@pytest.mark.parametrize("number", ["200310102344.4", "20031010234.5", "", "ZL", "200310102344.55", "20031010234A.5"])
def test_a_wrong_patent_number_does_not_hold(number: str) -> None:
    assert not patent_number_holds(number)


def test_old_numbers_have_eight_digits_and_ten_is_written_x() -> None:
    assert patent_check_digit("97101765") == "4"
    ten = next(f"{n:08d}" for n in range(1000) if patent_check_digit(f"{n:08d}") == "X")
    assert patent_number_holds(f"ZL{ten}.x")


@given(st.text("0123456789", min_size=12, max_size=12), st.integers(0, 11), st.sampled_from("0123456789"))
def test_one_wrong_digit_of_a_patent_number_is_always_noticed(digits: str, place: int, other: str) -> None:
    number = f"{digits}.{patent_check_digit(digits)}"
    wrong = number[:place] + other + number[place + 1 :]

    assert patent_number_holds(wrong) == (wrong == number)


def test_numbers_and_names_are_compared_without_spaces_and_kinds_of_brackets() -> None:
    assert tidy(" 鲁（2025）第 1-2 号 ") == "鲁2025第12号"
    assert tidy_name("泉城 （济南）科技") == tidy_name("泉城(济南)科技")
    assert tidy_name("甲公司") != tidy_name("乙公司")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("3700221130", "00812345"), ("3700221130", "00812345"), True),
        (("3700221130", "00812345"), ("3700221131", "00812345"), False),
        (("3700221130", "00812345"), ("", "00812345"), True),
        (("3700221130", "00812345"), ("", "370022113000812345"), True),
        (("", "25372000000012345678"), ("", "25372000000012345678"), True),
        (("", "25372000000012345678"), ("", "25372000000012345679"), False),
        (("037002200111", "12345678"), ("", "03700220011112345678"), True),
    ],
)
def test_an_invoice_is_known_by_code_and_number(one: tuple[str, str], other: tuple[str, str], *, same: bool) -> None:
    assert same_invoice(one, other) is same is same_invoice(other, one)
    if same:
        assert invoice_spellings(*one) & invoice_spellings(*other)
