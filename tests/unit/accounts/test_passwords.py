"""Passwords: argon2id as operations ask, and a new one is neither short, common nor about oneself."""

from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.rules import guessing, passwords
from app.accounts.rules.passwords import LONGEST, check_history, check_new, classes_of, hash_password, matches
from app.accounts.rules.profiles import profile
from app.core.errors import InvalidError, UnavailableError

ASVS, MLPS = profile("asvs"), profile("mlps")
SET = datetime(2026, 3, 2, 8, tzinfo=UTC)


def test_the_hash_is_argon2id_with_nineteen_mebibytes_two_passes_one_lane() -> None:
    assert hash_password("a-fine-password").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_only_the_right_password_fits() -> None:
    kept = hash_password("a-fine-password")
    assert matches(kept, "a-fine-password")
    assert not matches(kept, "a-fine-passwore")


def test_nobody_and_a_broken_hash_never_fit() -> None:
    assert not matches(None, "a-fine-password")
    assert not matches("not a hash", "a-fine-password")


@pytest.mark.parametrize(
    "password",
    [
        "short-one",
        "x" * (LONGEST + 1),
        "Password123",
        "qwertyuiop",
        "1111111111",
        "abababababab",
        "沈知行-2026-ok",
        "tel13800138000",
        "Iloveyou!2026",
        "P@ssw0rd2026",
        "jingliren-2026",
        "poiuytrewq",
        "bcdefghijklm",
    ],
    ids=[
        "short",
        "long",
        "common",
        "keyboard",
        "one digit",
        "two letters",
        "name",
        "telephone",
        "love",
        "like letters",
        "product",
        "backwards",
        "alphabet",
    ],
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_new(password, ("沈知行", "13800138000"), profile=ASVS, alone=True)
    assert refused.value.field == "password"


@pytest.mark.parametrize("password", ["correct horse battery", "demo-Passw0rd-2026", "山高月小水落石出鸟鸣涧"])
def test_a_sentence_is_taken(password: str) -> None:
    check_new(password, ("沈知行", ""), profile=ASVS, alone=False)


@pytest.mark.parametrize(("length", "alone"), [(8, False), (12, True)])
def test_beside_a_second_factor_eight_characters_do_and_alone_twelve(length: int, alone: bool) -> None:
    letters = "tqzmxkwvprgh"
    check_new(letters[:length], profile=ASVS, alone=alone)
    with pytest.raises(InvalidError, match=str(length)):
        check_new(letters[: length - 1], profile=ASVS, alone=alone)


@pytest.mark.parametrize(
    ("password", "classes"),
    [("", 0), ("abc", 1), ("abC", 2), ("ab1", 2), ("aB1", 3), ("aB1-", 4), ("山水", 1), ("山水a1", 3)],
)
def test_kinds_of_characters_are_counted(password: str, classes: int) -> None:
    assert classes_of(password) == classes


def test_the_classified_protection_profile_asks_for_three_kinds() -> None:
    with pytest.raises(InvalidError, match="3"):
        check_new("tqzmxkwvprgh7", profile=MLPS, alone=True)
    check_new("tqzmxkwvprgh7-", profile=MLPS, alone=True)
    check_new("tqzmxkwvprgh7", profile=ASVS, alone=True)


@pytest.mark.parametrize(("days", "due"), [(89, False), (90, True)])
def test_only_the_classified_protection_profile_lets_a_password_grow_old(days: int, due: bool) -> None:
    later = SET + timedelta(days=days)
    assert MLPS.is_due(SET, later) is due
    assert not ASVS.is_due(SET, later + timedelta(days=3650))


def test_each_profile_names_its_source_and_whether_its_figures_are_law() -> None:
    assert (ASVS.tag, MLPS.tag) == ("official", "sample")
    assert "ASVS 5.0" in ASVS.source_en
    assert "GB/T 22239-2019" in MLPS.source_zh


def test_a_password_in_use_before_is_refused() -> None:
    kept = hash_password("a-fine-password")
    check_history("another-fine-one", [kept])
    with pytest.raises(InvalidError) as refused:
        check_history("a-fine-password", [hash_password("another-fine-one"), kept])
    assert refused.value.field == "password"


@given(st.sampled_from(sorted(guessing.COMMON)), st.sampled_from(["", "1", "2026", "!", "123!"]))
def test_what_people_add_to_a_common_password_makes_it_no_better(common: str, added: str) -> None:
    with pytest.raises(InvalidError):
        check_new(common.capitalize() + added, profile=ASVS, alone=False)


def test_no_more_are_hashed_at_once_than_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    full = BoundedSemaphore(1)
    full.acquire()
    monkeypatch.setattr(passwords, "_cores", full)
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0)
    with pytest.raises(UnavailableError):
        matches(None, "a-fine-password")
