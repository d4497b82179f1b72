"""Production refuses to start on demo or missing keys."""

import base64
from typing import Any

import pytest
from pydantic import SecretStr

from app.settings import Settings, UnsafeSettingsError

KEY = base64.urlsafe_b64encode(b"k" * 32).decode()


def made(**given: Any) -> Settings:  # noqa: ANN401 - any setting
    defaults: dict[str, Any] = {
        "secret_key": SecretStr("a-long-random-string-of-production"),
        "field_keys": SecretStr(KEY),
    }
    return Settings(_env_file=None, **{**defaults, **given})


def test_production_with_its_own_keys_may_start() -> None:
    made().refuse_unsafe()


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"secret_key": SecretStr("")}, "SECRET_KEY"),
        ({"secret_key": SecretStr("demo-key")}, "SECRET_KEY"),
        ({"field_keys": SecretStr("")}, "FIELD_KEYS"),
    ],
)
def test_production_refuses_and_names_the_setting(given: dict[str, object], named: str) -> None:
    with pytest.raises(UnsafeSettingsError, match=named):
        made(**given).refuse_unsafe()


def test_a_demo_may_use_a_demo_key_and_move_the_clock() -> None:
    demo = made(secret_key=SecretStr("demo-key"), demo=True)

    demo.refuse_unsafe()

    assert demo.settable_clock
    assert not made().settable_clock


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(UnsafeSettingsError, match="32 bytes"):
        _ = made(field_keys=SecretStr("c2hvcnQ=")).field_key_list


def test_blind_index_keys_are_given_or_derived() -> None:
    derived = made().index_key_list

    assert len(derived[0]) == 32
    assert derived[0] != b"k" * 32
    assert made(index_keys=SecretStr(KEY)).index_key_list == (b"k" * 32,)


def test_the_public_url_has_no_slash_at_its_end() -> None:
    assert made(public_url="https://jijing.example/").public_url == "https://jijing.example"


@pytest.mark.parametrize(
    ("given", "named"),
    [({"mail_url": "pigeon://user:secret@loft"}, "MAIL_URL"), ({"sms_url": "http://far.example"}, "SMS_URL")],
)
def test_a_way_to_send_that_nobody_knows_is_refused_without_showing_its_password(
    given: dict[str, object], named: str
) -> None:
    with pytest.raises(UnsafeSettingsError, match=named) as refused:
        made(**given).refuse_unsafe()

    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("way", ["smtp://mail.example", "smtps://user:pw@mail.example:465", "file:out", "memory:", ""])
def test_the_ways_to_send_mail(way: str) -> None:
    settings = made(mail_url=way, sms_url="http://localhost:9/send")

    settings.refuse_unsafe()

    assert (settings.mail_url is None) == (way == "")
    assert "pw" not in repr(settings)
