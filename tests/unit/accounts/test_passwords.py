"""Passwords: argon2id as operations ask, and a new one is neither short, common nor about oneself."""

import pytest

from app.accounts.rules.passwords import LONGEST, check_new, hash_password, matches
from app.core.errors import InvalidError


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
    ],
    ids=["short", "long", "common", "keyboard", "one digit", "two letters", "name", "telephone"],
)
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(InvalidError) as refused:
        check_new(password, ("沈知行", "13800138000"))
    assert refused.value.field == "password"


@pytest.mark.parametrize("password", ["correct horse battery", "demo-Passw0rd-2026", "山高月小水落石出鸟鸣涧"])
def test_a_sentence_is_taken(password: str) -> None:
    check_new(password, ("沈知行", ""))
