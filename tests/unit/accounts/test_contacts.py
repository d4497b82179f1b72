"""Telephone numbers and mail addresses are kept in one form, so that a person is found by them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules.agents import device_name
from app.accounts.rules.contacts import (
    clean_email,
    clean_office_phone,
    clean_phone,
    clean_postcode,
    mask_email,
    mask_phone,
)
from app.core.errors import InvalidError


@pytest.mark.parametrize(
    "written", ["13800138000", "138-0013-8000", "+86 138 0013 8000", "8613800138000", "（+86）13800138000"]
)
def test_one_mainland_number_however_written(written: str) -> None:
    assert clean_phone(written) == "+8613800138000"


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_cleaning_twice_changes_nothing(number: str) -> None:
    number = "".join(str(int(digit)) for digit in number)
    assert clean_phone(clean_phone(number)) == clean_phone(number)


@pytest.mark.parametrize("written", ["+852 9123 4567", "0085291234567"])
def test_a_number_abroad_keeps_its_country(written: str) -> None:
    assert clean_phone(written) == "+85291234567"


@pytest.mark.parametrize("written", ["", "12345", "12800138000", "1380013800", "not a number", "+0123456789"])
def test_no_number_is_refused_beside_its_field(written: str) -> None:
    with pytest.raises(InvalidError) as refused:
        clean_phone(written)
    assert refused.value.field == "phone"


def test_mail_is_kept_in_lower_case() -> None:
    assert clean_email(" Trainee@Demo.Example ") == "trainee@demo.example"


@pytest.mark.parametrize("written", ["", "trainee", "a@", "@b.cn", "a b@c.cn"])
def test_no_address_is_refused_beside_its_field(written: str) -> None:
    with pytest.raises(InvalidError) as refused:
        clean_email(written)
    assert refused.value.field == "email"


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+8613800138000", "+86138****8000"),
        ("+4915112345678901", "+49151*******8901"),
        ("+85291234567", "+852****4567"),
        ("+6531234567", "+65****4567"),
        ("+1234567", "****4567"),
    ],
)
def test_a_mask_hides_four_signs_of_a_telephone_number_however_short_it_is(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


def test_a_mask_leaves_the_first_letter_and_the_domain_of_a_mail_address() -> None:
    assert mask_email("trainee@demo.example") == "t***@demo.example"


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome · Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0", "WeChat · iPhone"),
        ("curl/8.5", "curl"),
        (None, ""),
    ],
)
def test_a_browser_is_named_in_two_words(agent: str | None, name: str) -> None:
    assert device_name(agent) == name


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0531-86000000", "0531-86000000"),
        ("０５３１－８６００００００", "0531-86000000"),
        ("(010) 6600 1234", "010-66001234"),
        ("02166001234-801", "021-66001234-801"),
        ("0531-12345", "0531-12345"),
        ("400 600 1234", "400-600-1234"),
        ("12345", "12345"),
        ("13900000001", "+8613900000001"),
    ],
)
def test_an_office_is_called_by_area_code_service_or_short_number(typed: str, kept: str) -> None:
    assert clean_office_phone(typed) == kept


@pytest.mark.parametrize("typed", ["86000000", "0531-1600000", "110", "1234", "abc", "0531"])
def test_a_number_without_its_area_code_is_refused(typed: str) -> None:
    with pytest.raises(InvalidError) as refused:
        clean_office_phone(typed)
    assert refused.value.field == "phone"


def test_a_postcode_has_six_digits() -> None:
    assert clean_postcode(" 250000 ") == "250000"
    for typed in ("25000", "2500000", "25000a"):
        with pytest.raises(InvalidError):
            clean_postcode(typed)
