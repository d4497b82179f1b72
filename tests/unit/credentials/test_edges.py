"""What is linted, read and remembered of a certificate, at the edge of each rule."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from app.core.signing import FileSigner
from app.credentials.rules import contexts, jwt, lint, openbadge
from app.credentials.rules.contexts import ContextError
from app.credentials.rules.document import DocumentError
from app.credentials.rules.jwt import CLAIMS, JwtError
from app.credentials.rules.lint import Passed
from app.credentials.rules.openbadge import Certificate, ShapeError
from app.credentials.rules.template_files import ShippedTemplate
from app.credentials.states import CertificateKind
from tests.bounds import misjudged
from tests.unit.credentials import samples
from tests.unit.credentials.qr import Keys

pytestmark = pytest.mark.one_database

BODY = replace(samples.ACHIEVEMENT, kind=CertificateKind.ACCREDITATION, level=None)


def found(facts: Certificate) -> set[str]:
    """Return what is found of the name and the fields of a certificate."""
    named = lint._name_findings(facts.holder, None, longest=lint._longest_name(facts))
    return {one.code for one in (*named, *lint._field_findings(facts))}


@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        (samples.certificate(name="张" * 60), set()),
        (samples.certificate(name="张" * 61), {"name-form"}),
        (samples.certificate(name="中" * 200, achievement=BODY), set()),
        (samples.certificate(name="中" * 201, achievement=BODY), {"name-form"}),
        (samples.certificate(hours=Decimal("0.01")), set()),
        (samples.certificate(hours=Decimal(0)), {"hours-not-positive"}),
        (samples.certificate(hours=None), set()),
        (samples.certificate(valid_until=samples.ISSUED), {"validity-order"}),
        (samples.certificate(valid_until=None), set()),
        (samples.certificate(number=None), set()),
        (
            samples.certificate(number=None, achievement=replace(samples.ACHIEVEMENT, level="senior")),
            {"number-missing"},
        ),
        (samples.certificate(achievement=replace(samples.ACHIEVEMENT, level=None)), {"level-missing"}),
    ],
)
def test_a_certificate_is_found_wanting_just_beyond_a_rule(facts: Certificate, codes: set[str]) -> None:
    assert found(facts) == codes


def test_what_passed_is_remembered_of_five_hundred_and_twelve_alike() -> None:
    passed = Passed()
    many = [replace(samples.certificate(), url=f"https://x/{at}/c") for at in range(513)]
    for one in many[:512]:
        passed.add(one)

    assert many[0] in passed
    assert replace(many[0], url="https://x/0/another", number="JJ-9") in passed
    assert replace(many[0], number=None) not in passed
    passed.add(many[512])
    assert (many[0] in passed, many[512] in passed) == (False, True)


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("0.5", Decimal("0.5")), ("-0.1", None), ("NaN", None), ("", None)]
)
def test_hours_are_no_less_than_none(text: str, value: Decimal | None) -> None:
    if value is None:
        with pytest.raises(ShapeError):
            openbadge._read_decimal(text)
    else:
        assert openbadge._read_decimal(text) == value


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_names_a_claim_of_a_token_is_signed_already(claim: str, keys: Keys) -> None:
    assert set(CLAIMS) == {"iss", "sub", "jti", "iat", "nbf", "exp"}
    with pytest.raises(JwtError, match="already-signed"):
        jwt.sign_jwt({claim: 1}, keys.own, created=datetime(2026, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda: jwt.read_jwt("x" * 131_072), "jwt-shape"),
        (lambda: jwt.read_jwt("x" * 131_073), "too-large"),
        (lambda: jwt.read_jwt("e30.e30"), "jwt-shape"),
        (lambda: jwt.read_jwt("e30.e30.e30.e30"), "jwt-shape"),
        (lambda: jwt.read_jwt("e30.e30.e3*0"), "jwt-shape"),
        (lambda: jwt.read_jwt("e30=.e30.e30"), "jwt-shape"),
    ],
)
def test_a_token_is_read_within_its_limits(work: Callable[[], object], code: str) -> None:
    with pytest.raises((JwtError, DocumentError)) as refused:
        work()
    assert refused.value.args[0] == code


def test_only_a_p256_key_signs_a_token(signer: FileSigner) -> None:
    with pytest.raises(JwtError, match="algorithm-of-another-key"):
        jwt.sign_jwt({}, signer, created=datetime(2026, 6, 1, tzinfo=UTC))


def test_a_context_that_was_not_pinned_is_not_read() -> None:
    with pytest.raises(ContextError, match="unknown context"):
        contexts.context_bytes("https://x.example/")


def test_a_shipped_template_names_its_source() -> None:
    for name in ("source_zh", "source_en"):
        assert misjudged(ShippedTemplate, name, ["x", "x" * 200], ["", "x" * 201]) == []
