"""Unified numbers: any single wrong character and any two neighbours swapped are found."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.assessment.certification.rules import (
    ALPHABET,
    AwardLevel,
    check_value,
    is_unified_number,
    number_prefix,
    serial_of,
    unified_number,
)
from app.core.errors import InvalidError

CHARACTERS = st.sampled_from(ALPHABET)
LEVEL = AwardLevel(
    code="junior",
    name_zh="初级",
    name_en="Junior",
    result_counts_months=24,
    valid_years=5,
    filed_centrally=False,
    number_prefix="JJC",
)
SERIALS = st.integers(min_value=1, max_value=999_999)
PROVINCES = st.integers(min_value=11, max_value=65)
numbers = st.builds(
    lambda province, year, serial: unified_number(LEVEL, f"{province}0000", year, serial),
    PROVINCES,
    st.integers(min_value=2020, max_value=2100),
    st.integers(min_value=1, max_value=999_990),
)


@given(numbers)
def test_every_number_we_give_is_well_formed(number: str) -> None:
    assert re.fullmatch(r"JJC\d{2}\d{4}\d{6}[0-9A-Z]", number)
    assert is_unified_number(number)


@given(numbers, st.data())
def test_a_single_wrong_character_is_found(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(CHARACTERS)
    assume(wrong != number[place])

    assert not is_unified_number(number[:place] + wrong + number[place + 1 :])


@given(numbers, st.data())
def test_two_swapped_neighbours_are_found(number: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(number) - 2))
    one, other = number[place], number[place + 1]
    assume(one != other)

    assert not is_unified_number(number[:place] + other + one + number[place + 2 :])


def test_every_swap_of_two_neighbours_is_found_whatever_stands_before_and_after() -> None:
    """The check value is linear, so three places stand for all: before, between and at the end."""
    for one in ALPHABET:
        for other in ALPHABET:
            if one < other:
                assert check_value(one + other) != check_value(other + one)
                assert check_value(f"7{one}{other}Q") != check_value(f"7{other}{one}Q")


@pytest.mark.parametrize(
    ("body", "character"),
    [
        # ISBT 128 uses MOD 37-2 for blood donations; these are published examples of it.
        ("G123498654321", "H"),
        ("A999914123456", "N"),
        ("ABCDE27000069", "C"),
        ("Z", "5"),
    ],
)
def test_the_check_character_is_that_of_mod_37_2(body: str, character: str) -> None:
    assert ALPHABET[check_value(body)] == character
    assert is_unified_number(body + character)


@given(SERIALS, PROVINCES)
def test_a_serial_whose_check_would_be_a_sign_is_passed_over(serial: int, province: int) -> None:
    assume(serial < 999_990)
    number = unified_number(LEVEL, f"{province}0000", 2026, serial)
    given_serial = int(number[9:15])

    assert given_serial >= serial
    prefix = number_prefix(LEVEL, f"{province}0000", 2026)
    assert all(check_value(f"{prefix}{passed:06d}") == 36 for passed in range(serial, given_serial))


def test_a_number_says_level_province_and_year() -> None:
    assert number_prefix(LEVEL, "370102", 2026) == "JJC372026"
    assert unified_number(LEVEL, "370102", 2026, 12).startswith("JJC372026000012")


@pytest.mark.parametrize("text", ["", "1", "jjc372026000001a", "JJC372026000001*", "G123498654321I", "编号"])
def test_what_is_no_number_is_refused(text: str) -> None:
    assert not is_unified_number(text)


@pytest.mark.parametrize(
    ("form", "first", "later"),
    [
        ("{prefix}{province}{year}{serial:6}{check}", "JJC372026000001E", "JJC372026000012"),
        ("{prefix}-{yy}-{serial:4}", "JJC-26-0001", "JJC-26-0012"),
        ("{prefix}{province}-{year}-{serial:5}-{check}", "JJC37-2026-00001-", "JJC37-2026-00012-"),
    ],
)
def test_the_pack_sets_the_form_of_a_number(form: str, first: str, later: str) -> None:
    level = LEVEL.model_copy(update={"number_form": form})
    one, twelve = (unified_number(level, "370102", 2026, serial) for serial in (1, 12))
    assert one.startswith(first)
    assert twelve.startswith(later)
    assert serial_of(level, twelve, number_prefix(level, "370102", 2026)) == 12


@pytest.mark.parametrize(
    ("form", "number"),
    [
        ("{prefix}{province}{year}{serial:5}-{check}", "JJC372026000001E"),
        ("{prefix}{province}{year}{serial:7}", "JJC372026000001E"),
        ("{prefix}{province}{year}{serial:6}{check}", "JJC3720260000012"),
    ],
)
def test_a_number_of_a_form_that_was_set_before_has_no_serial_of_this_one(form: str, number: str) -> None:
    level = LEVEL.model_copy(update={"number_form": form})
    assert serial_of(level, number, number_prefix(level, "370102", 2026)) is None


def test_a_form_that_has_no_serial_left_says_so() -> None:
    level = LEVEL.model_copy(update={"number_form": "{prefix}{yy}{serial:3}"})
    assert unified_number(level, "370102", 2026, 999) == "JJC26999"
    with pytest.raises(InvalidError):
        unified_number(level, "370102", 2026, 1000)


@pytest.mark.parametrize(
    "form",
    ["{serial:6}{prefix}", "{prefix}{year}{serial:2}", "{prefix}{serial:6}", "{prefix}{year}{serial:6}{serial:6}"],
)
def test_a_form_with_other_parts_is_refused(form: str) -> None:
    with pytest.raises(ValidationError):
        AwardLevel.model_validate({**LEVEL.model_dump(), "number_form": form})
