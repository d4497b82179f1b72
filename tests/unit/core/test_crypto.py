"""Personal fields: sealed under a person's own key, found by a blind index."""

import pytest

from app.core import crypto
from app.core.errors import UnavailableError
from app.settings import Settings


@pytest.mark.usefixtures("app")
def test_a_sealed_field_opens_with_its_own_key_and_purpose_only() -> None:
    key = crypto.unwrap_key(crypto.new_wrapped_key())
    other = crypto.unwrap_key(crypto.new_wrapped_key())
    sealed = crypto.seal(key, "370102199003071234", "identity")

    assert crypto.unseal(key, sealed, "identity") == "370102199003071234"
    assert b"3701" not in sealed
    for wrong_key, purpose in ((other, "identity"), (key, "phone")):
        with pytest.raises(UnavailableError):
            crypto.unseal(wrong_key, sealed, purpose)


@pytest.mark.usefixtures("app")
def test_the_same_text_is_never_sealed_to_the_same_bytes() -> None:
    key = crypto.unwrap_key(crypto.new_wrapped_key())

    assert crypto.seal(key, "a", "p") != crypto.seal(key, "a", "p")


@pytest.mark.usefixtures("app")
def test_a_key_wrapped_by_an_unknown_master_cannot_be_opened(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapped = crypto.new_wrapped_key()
    monkeypatch.setitem(settings.__dict__, "field_key_list", (b"x" * 32,))

    with pytest.raises(UnavailableError):
        crypto.unwrap_key(wrapped)


@pytest.mark.usefixtures("app")
def test_rotation_wraps_the_same_key_under_the_first_master(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapped = crypto.new_wrapped_key()
    key = crypto.unwrap_key(wrapped)
    monkeypatch.setitem(settings.__dict__, "field_key_list", (b"n" * 32, *settings.field_key_list))

    again = crypto.rewrap_key(wrapped)
    monkeypatch.setitem(settings.__dict__, "field_key_list", (b"n" * 32,))

    assert crypto.unwrap_key(again) == key


@pytest.mark.usefixtures("app")
def test_blind_indexes_find_without_showing_and_differ_by_purpose() -> None:
    first = crypto.blind_index("13800000000", "phone")

    assert first == crypto.blind_index("13800000000", "phone")
    assert first != crypto.blind_index("13800000000", "email")
    assert first in crypto.blind_indexes("13800000000", "phone")


def test_tokens_are_long_and_stored_as_digests() -> None:
    token = crypto.new_token()

    assert len(token) == 32
    assert len(crypto.digest_token(token)) == 32
