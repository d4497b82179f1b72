"""One-time codes belong to a step; waiting grows with wrong tries and always ends."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st

from app import trust_proxies
from app.accounts.rules import slowing, totp

SEED = "JBSWY3DPEHPK3PXP"
NOW = datetime(2026, 3, 2, 8, 0, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
)
def test_the_vectors_of_rfc_6238(seconds: int, code: str) -> None:
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert totp.code_of(secret, seconds // totp.STEP_SECONDS) == code


@pytest.mark.parametrize("seconds", [0, -30, 30])
def test_the_codes_around_now_are_taken(seconds: int) -> None:
    code = totp.code_of(SEED, totp.current_step(NOW) + seconds // 30)
    assert totp.matching_step(SEED, f"{code[:3]} {code[3:]}", NOW) == totp.current_step(NOW) + seconds // 30


@pytest.mark.parametrize("seconds", [-60, 60, 3600])
def test_older_and_later_codes_are_not(seconds: int) -> None:
    assert totp.matching_step(SEED, totp.code_of(SEED, totp.current_step(NOW) + seconds // 30), NOW) is None


@pytest.mark.parametrize("code", ["", "abc", "１２３４５６", "12345678901234567890"])
def test_what_is_no_code_is_no_error(code: str) -> None:
    assert totp.matching_step(SEED, code, NOW) is None


def test_a_new_secret_is_for_an_app() -> None:
    secret = totp.new_secret()
    assert len(secret) == 32
    assert totp.address(secret, "someone").startswith("otpauth://totp/Jijing:someone?")


def test_the_first_five_tries_are_free() -> None:
    assert all(slowing.opens_at(failures, NOW) == NOW for failures in range(slowing.FREE_TRIES))
    assert slowing.opens_at(slowing.FREE_TRIES, NOW) > NOW


@given(st.integers(0, 10_000))
def test_waiting_grows_but_never_beyond_a_quarter_of_an_hour(failures: int) -> None:
    assert NOW <= slowing.opens_at(failures, NOW) <= slowing.opens_at(failures + 1, NOW) <= NOW + slowing.LONGEST


def test_after_an_hour_nothing_counts() -> None:
    assert slowing.is_forgotten(NOW, NOW + timedelta(hours=1))
    assert not slowing.is_forgotten(NOW, NOW + timedelta(minutes=59))


@pytest.mark.parametrize(("proxies", "seen"), [(0, "127.0.0.1"), (1, "203.0.113.2"), (2, "203.0.113.1")])
def test_the_address_of_a_visitor_is_heard_from_proxies_of_ones_own_alone(proxies: int, seen: str) -> None:
    app = Flask("behind")
    app.add_url_rule("/", view_func=lambda: request.remote_addr or "")
    trust_proxies(app, proxies)
    assert app.test_client().get("/", headers={"X-Forwarded-For": "203.0.113.1, 203.0.113.2"}).text == seen
