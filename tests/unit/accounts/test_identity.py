"""Identity numbers: GB 11643 for residents, the written forms of the other documents, masks."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules.identity import (
    CHECK_DIGITS,
    PROVINCES,
    check_born,
    check_digit,
    clean_number,
    is_male,
    last_four,
    mask_identity,
    mask_name,
    two_people,
)
from app.accounts.states import IdentityKind
from app.core.errors import InvalidError

RESIDENT = IdentityKind.RESIDENT_ID
DAYS = st.dates(date(1900, 1, 1), date(2026, 1, 1))


@st.composite
def resident_numbers(draw: st.DrawFn) -> str:
    region = draw(st.sampled_from(sorted(PROVINCES))) + f"{draw(st.integers(0, 9999)):04d}"
    first = f"{region}{draw(DAYS):%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return first + check_digit(first)


def test_the_example_of_the_standard_is_valid() -> None:
    assert clean_number(RESIDENT, "11010519491231002X") == "11010519491231002X"


@given(resident_numbers(), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number: str, place: int, change: int) -> None:
    changed = str(change) if number[place] == "X" else str((int(number[place]) + change) % 10)
    with pytest.raises(InvalidError) as refused:
        clean_number(RESIDENT, number[:place] + changed + number[place + 1 :])
    assert refused.value.field == "identity_number"


@given(resident_numbers(), st.integers(0, 16))
def test_two_neighbours_in_the_wrong_order_are_noticed(number: str, place: int) -> None:
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    if swapped != number:
        with pytest.raises(InvalidError):
            clean_number(RESIDENT, swapped)


@given(st.text(alphabet="0123456789", min_size=17, max_size=17))
def test_a_check_digit_is_one_of_eleven(first: str) -> None:
    assert check_digit(first) in CHECK_DIGITS


@pytest.mark.parametrize(
    "first", ["11010519491231002", "44052418800101001", *("0" * n + "1" + "0" * (16 - n) for n in range(17))]
)
def test_a_check_digit_leaves_one_of_eleven_when_each_sign_counts_twice_the_next(first: str) -> None:
    """ISO 7064, MOD 11-2, which GB 11643 writes as a table of weights; the first two are its examples."""
    signs = first + check_digit(first)

    assert sum((10 if sign == "X" else int(sign)) * 2**place for place, sign in enumerate(reversed(signs))) % 11 == 1


@pytest.mark.parametrize(
    ("first", "said"),
    [
        ("11010519000101002", ""),
        ("11010518991231002", "date of birth"),
        ("11010519490230002", "date of birth"),
        ("11010519491301002", "date of birth"),
        ("11010519490132002", "date of birth"),
        ("99010519491231002", "no region"),
        ("00010519491231002", "no region"),
        ("83010519491231002", ""),
    ],
)
def test_region_and_birthday_are_looked_at_although_the_check_digit_fits(first: str, said: str) -> None:
    found = ""
    try:
        clean_number(RESIDENT, first + check_digit(first))
    except InvalidError as error:
        found = str(error)

    assert said in found
    assert bool(said) is bool(found)


def test_a_number_of_another_length_is_told_so() -> None:
    with pytest.raises(InvalidError, match="18 characters"):
        clean_number(RESIDENT, "1101051949123100")


@pytest.mark.parametrize(("digit", "male"), [("1", True), ("2", False), ("9", True), ("0", False)])
def test_the_seventeenth_digit_is_odd_for_men(digit: str, male: bool) -> None:
    first = f"1101051949123100{digit}"

    assert is_male(first + check_digit(first)) is male


@pytest.mark.parametrize(
    "number",
    [
        "",
        "123",
        "99010519491231002X",
        "110105194902300021",
        "110105189912310021",
        "１１０１０５１９４９１２３１００２X",
    ],
    ids=["empty", "short", "no region", "no such day", "before 1900", "full-width digits"],
)
def test_what_is_no_resident_number_is_refused(number: str) -> None:
    with pytest.raises(InvalidError):
        clean_number(RESIDENT, number)


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        (IdentityKind.PASSPORT, "e1234 5678", "E12345678"),
        (IdentityKind.PASSPORT, "533380006", "533380006"),
        (IdentityKind.HK_MACAO_PERMIT, "h12345678", "H12345678"),
        (IdentityKind.HK_MACAO_PERMIT, "M1234567801", "M12345678"),
        (IdentityKind.TAIWAN_PERMIT, "01234567", "01234567"),
        (IdentityKind.TAIWAN_PERMIT, "0123456789", "0123456789"),
    ],
)
def test_other_documents_are_kept_in_one_form(kind: IdentityKind, written: str, kept: str) -> None:
    assert clean_number(kind, written) == kept


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        (IdentityKind.PASSPORT, "ABCDEF"),
        (IdentityKind.PASSPORT, "E12"),
        (IdentityKind.HK_MACAO_PERMIT, "K12345678"),
        (IdentityKind.HK_MACAO_PERMIT, "H1234567"),
        (IdentityKind.TAIWAN_PERMIT, "1234567"),
        (IdentityKind.TAIWAN_PERMIT, "123456789"),
    ],
)
def test_other_documents_have_their_written_form(kind: IdentityKind, written: str) -> None:
    with pytest.raises(InvalidError):
        clean_number(kind, written)


@given(resident_numbers())
def test_a_mask_shows_no_birthday_and_keeps_the_length(number: str) -> None:
    masked = mask_identity(number)
    assert len(masked) == len(number)
    assert masked[4:14] == "*" * 10
    assert masked.endswith(last_four(number))


def test_short_numbers_are_masked_more() -> None:
    assert mask_identity("H12345678") == "H*****678"
    assert mask_identity("83000001234567") == "8**********567"


def test_an_old_number_of_fifteen_digits_is_masked_as_a_long_one() -> None:
    assert mask_identity("110105491231002") == "1101*******1002"


def test_a_masked_name_shows_its_first_letter() -> None:
    assert mask_name("欧阳慎之") == "欧***"
    assert mask_name("沈") == "沈*"


@given(resident_numbers())
def test_nobody_is_born_later_than_today(number: str) -> None:
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    check_born(RESIDENT, number, born)
    with pytest.raises(InvalidError):
        check_born(RESIDENT, number, born - timedelta(days=1))


def test_only_an_identity_card_tells_the_day_of_birth() -> None:
    check_born(IdentityKind.PASSPORT, "E99999999999999", date(1900, 1, 1))


@pytest.mark.parametrize(
    ("one", "other", "two"),
    [
        ([], [(RESIDENT, "1")], False),
        ([(RESIDENT, "1")], [(RESIDENT, "1")], False),
        ([(RESIDENT, "1")], [(RESIDENT, "2")], True),
        ([(RESIDENT, "1")], [(IdentityKind.PASSPORT, "2")], False),
        ([(IdentityKind.PASSPORT, "1")], [(IdentityKind.PASSPORT, "2")], False),
        ([(IdentityKind.PASSPORT, "1"), (RESIDENT, "1")], [(IdentityKind.PASSPORT, "2"), (RESIDENT, "2")], True),
        ([(IdentityKind.HK_MACAO_PERMIT, "H1")], [(IdentityKind.HK_MACAO_PERMIT, "H2")], True),
    ],
)
def test_two_numbers_kept_for_life_are_two_people(
    one: list[tuple[IdentityKind, str]], other: list[tuple[IdentityKind, str]], two: bool
) -> None:
    assert two_people(one, other) is two
    assert two_people(other, one) is two
