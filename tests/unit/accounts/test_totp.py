"""One-time codes: the vectors of RFC 6238, and how far a clock may be off."""

from datetime import UTC, datetime, timedelta

import pytest

from app.accounts.rules.totp import address, code_of, current_step, matching_step, new_secret

# RFC 6238, appendix B: SHA-1, the secret in base32, the last six of eight digits
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
VECTORS = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
]
NOW = datetime(2026, 3, 2, 1, 0, 29, tzinfo=UTC)
STEP = timedelta(seconds=30)


@pytest.mark.parametrize(("second", "code"), VECTORS)
def test_a_code_is_that_of_rfc_6238(second: int, code: str) -> None:
    assert code_of(SECRET, current_step(datetime.fromtimestamp(second, tz=UTC))) == code


def test_a_code_is_right_half_a_minute_before_and_after_its_own_and_no_longer() -> None:
    step = current_step(NOW)
    code = code_of(SECRET, step)

    assert [matching_step(SECRET, code, NOW + count * STEP) for count in (-2, -1, 0, 1, 2)] == [
        *(None, step, step, step, None)
    ]
    assert matching_step(SECRET, f"{code[:3]} {code[3:]}", NOW) == step
    assert matching_step(SECRET, "", NOW) is None


@pytest.mark.parametrize("secret", ["JBSWY3DPEHPK3PXP", "jbswy3dpehpk3pxp", "JBSWY3DPEHPK3PXP6A", "JBSWY3A"])
def test_a_secret_may_be_short_in_small_letters_and_without_its_signs_of_equality(secret: str) -> None:
    assert len(code_of(secret, 1)) == 6


def test_a_new_secret_has_160_bits_and_an_app_reads_it_from_its_address() -> None:
    secret = new_secret()

    assert len(secret) == 32
    assert secret != new_secret()
    assert f"secret={secret}" in address(secret, "trainee@demo.example")
    assert address(secret, "x").startswith("otpauth://totp/Jijing:x")
