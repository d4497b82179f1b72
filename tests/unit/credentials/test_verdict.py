"""A verdict lists every check in order and is valid only when what must pass has passed."""

import copy
from datetime import timedelta

import pytest

from app.core.signing import FileSigner
from app.credentials.rules import proof, status_list
from app.credentials.rules.document import JsonObject
from app.credentials.rules.verdict import (
    Check,
    CheckName,
    Result,
    Verdict,
    revocation_from_list,
    suspension_from_list,
    unreadable,
    verify_document,
)
from tests.unit.credentials import samples
from tests.unit.credentials.samples import DURING, SampleTrust, as_bytes


def _results(verdict: Verdict) -> dict[str, str]:
    return {check.name.value: check.result.value for check in verdict.checks}


def test_a_good_certificate_passes_every_check(credential: JsonObject, trust: SampleTrust) -> None:
    """All checks in order, and the certified facts to show."""
    verdict = verify_document(as_bytes(credential), trust, DURING)
    assert verdict.valid
    assert list(_results(verdict)) == [
        "format",
        "shape",
        "signature",
        "authority",
        "validity",
        "revocation",
        "suspension",
        "log",
    ]
    assert {result for name, result in _results(verdict).items() if name not in {"suspension", "log"}} == {"pass"}
    assert verdict.certificate == samples.certificate()


def test_a_broken_upload_stops_at_once(trust: SampleTrust) -> None:
    """The later checks are unchecked, not failed."""
    verdict = verify_document(b"{", trust, DURING)
    assert not verdict.valid
    assert verdict.failed
    assert verdict.certificate is None
    assert _results(verdict)["format"] == "fail"
    assert {result for name, result in _results(verdict).items() if name != "format"} == {"unchecked"}
    assert _results(unreadable("no-attachment", DURING)) == _results(verdict)


def test_another_shape_is_named(credential: JsonObject, trust: SampleTrust) -> None:
    """A document that is JSON but no certificate of ours."""
    verdict = verify_document(as_bytes({**credential, "extra": "x"}), trust, DURING)
    assert verdict.check(CheckName.FORMAT).result is Result.PASS
    assert verdict.check(CheckName.SHAPE).result is Result.FAIL


def test_a_changed_value_fails_the_signature(credential: JsonObject, trust: SampleTrust) -> None:
    """What depends on unproven facts is left unchecked; who may issue is still told."""
    changed = copy.deepcopy(credential)
    changed["credentialSubject"]["identifier"][0]["identityHash"] = "张三"
    verdict = verify_document(as_bytes(changed), trust, DURING)
    assert _results(verdict)["signature"] == "fail"
    assert _results(verdict)["authority"] == "pass"
    assert _results(verdict)["validity"] == _results(verdict)["revocation"] == "unchecked"


@pytest.mark.parametrize(
    ("at", "result", "code"),
    [
        (samples.ISSUED - timedelta(seconds=1), Result.FAIL, "not-yet-valid"),
        (samples.ISSUED, Result.PASS, "within-validity"),
        (samples.ENDS - timedelta(seconds=1), Result.PASS, "within-validity"),
        (samples.ENDS, Result.FAIL, "expired"),
    ],
)
def test_validity_by_date(credential: JsonObject, trust: SampleTrust, at: object, result: Result, code: str) -> None:
    """A certificate holds from its first instant until just before its end."""
    verdict = verify_document(as_bytes(credential), trust, at)  # type: ignore[arg-type]
    check = verdict.check(CheckName.VALIDITY)
    assert (check.result, check.code) == (result, code)
    assert verdict.valid == (result is Result.PASS)


def test_without_an_end_it_holds_for_good(signer: FileSigner, trust: SampleTrust) -> None:
    """A certificate without validUntil."""
    document = samples.signed(samples.certificate(valid_until=None), signer)
    verdict = verify_document(as_bytes(document), trust, DURING)
    assert verdict.valid
    assert verdict.check(CheckName.VALIDITY).code == "valid-without-end"


def test_a_revoked_certificate_fails(signer: FileSigner, trust: SampleTrust) -> None:
    """Its signature still holds; its status does not."""
    document = samples.signed(samples.certificate(index=samples.REVOKED_INDEX), signer)
    verdict = verify_document(as_bytes(document), trust, DURING)
    assert not verdict.valid
    assert _results(verdict)["signature"] == "pass"
    assert verdict.check(CheckName.REVOCATION).code == "revoked-by-list"


def test_without_a_status_list_it_is_undecided(credential: JsonObject, trust: SampleTrust) -> None:
    """Nothing failed, and yet it is not valid (decision 16)."""
    trust.status_list = None
    verdict = verify_document(as_bytes(credential), trust, DURING)
    assert not verdict.valid
    assert not verdict.failed
    assert verdict.check(CheckName.REVOCATION).result is Result.UNCHECKED


def test_an_unknown_issuer_is_unknown_and_unauthorised(stranger: FileSigner, trust: SampleTrust) -> None:
    """A stranger's own certificate under the stranger's own name."""
    facts = samples.certificate(issuer="did:web:stranger.example")
    verdict = verify_document(as_bytes(samples.signed(facts, stranger)), trust, DURING)
    assert _results(verdict)["signature"] == "unknown"
    assert _results(verdict)["authority"] == "fail"
    assert not verdict.valid


def test_status_lists_must_hold_themselves(
    credential: JsonObject, signer: FileSigner, stranger: FileSigner, trust: SampleTrust
) -> None:
    """A forged, foreign or broken list decides nothing: the status stays unknown."""
    facts = samples.certificate()
    own = trust.did_documents[samples.DID]
    good = samples.signed_list(signer)
    forged = copy.deepcopy(good)
    forged["credentialSubject"]["encodedList"] = status_list.encode_list(status_list.set_bits([]))
    foreign = samples.signed_list(stranger, issuer="did:web:stranger.example")
    other = samples.signed_list(signer, url="http://localhost:8000/status/other")
    undated = {**proof_less(good), "validFrom": "soon"}
    undated = proof.sign_document(undated, signer, created=DURING)
    for document, code in [
        (forged, "signature-wrong"),
        (foreign, "status-list-of-another"),
        (other, "status-list-of-another"),
        (undated, "status-list-broken"),
    ]:
        check = revocation_from_list(facts, document, own)
        assert (check.result, check.code) == (Result.UNKNOWN, code)
    assert revocation_from_list(facts, good, own).result is Result.PASS
    assert revocation_from_list(facts, good, None).result is Result.UNCHECKED
    assert credential["issuer"]["id"] == samples.DID


def proof_less(document: JsonObject) -> JsonObject:
    """Return a document without its proof."""
    return {name: value for name, value in document.items() if name != "proof"}


def test_unknown_status_keeps_a_certificate_from_being_valid() -> None:
    """Whatever else passed."""
    checks = [Check(name, Result.PASS, "x") for name in CheckName if name is not CheckName.REVOCATION]
    for result, expected in [(Result.PASS, True), (Result.UNKNOWN, False), (Result.UNCHECKED, False)]:
        verdict = Verdict((*checks, Check(CheckName.REVOCATION, result, "x")), None, DURING)
        assert verdict.valid is expected
    unsure = [Check(CheckName.AUTHORITY, Result.UNCHECKED, "x")]
    decisive = [
        Check(name, Result.PASS, "x") for name in (CheckName.SIGNATURE, CheckName.VALIDITY, CheckName.REVOCATION)
    ]
    assert Verdict((*unsure, *decisive), None, DURING).valid


def test_a_suspended_certificate_is_not_valid_though_nothing_revoked_it(signer: FileSigner, trust: SampleTrust) -> None:
    """The suspension stands in a list of its own, at the same index."""
    trust.status_list = samples.signed_list(signer, revoked=())
    trust.suspensions = samples.suspension_list(signer)
    document = samples.signed(samples.certificate(index=samples.REVOKED_INDEX), signer)
    verdict = verify_document(as_bytes(document), trust, DURING)
    assert _results(verdict)["revocation"] == "pass"
    assert verdict.check(CheckName.SUSPENSION).code == "suspended-by-list"
    assert not verdict.valid


def test_the_two_lists_never_stand_in_for_each_other(signer: FileSigner, credential: JsonObject) -> None:
    """A list of the other purpose, or at the other address, decides nothing."""
    own, facts = samples.did_document_of(signer), samples.certificate()
    assert suspension_from_list(facts, samples.suspension_list(signer), own).result is Result.PASS
    for document in (
        samples.suspension_list(signer, purpose="revocation"),
        samples.suspension_list(signer, url=samples.LIST_URL),
        samples.signed_list(signer),
    ):
        check = suspension_from_list(facts, document, own)
        assert (check.result, check.code) == (Result.UNKNOWN, "status-list-of-another")
    assert revocation_from_list(facts, samples.suspension_list(signer), own).result is Result.UNKNOWN
    assert suspension_from_list(facts, None, own).code == "no-suspension-list"
    assert credential["id"] == facts.url


def test_valid_is_said_though_suspension_and_log_are_not_known() -> None:
    """Without network both are left unchecked, and the verdict still says valid."""
    decisive = [
        Check(name, Result.PASS, "x") for name in (CheckName.SIGNATURE, CheckName.VALIDITY, CheckName.REVOCATION)
    ]
    for result, valid in [(Result.UNCHECKED, True), (Result.UNKNOWN, True), (Result.FAIL, False)]:
        for name in (CheckName.SUSPENSION, CheckName.LOG):
            found = Verdict(tuple(decisive), None, DURING).with_checks(Check(name, result, "x"))
            assert (found.valid, found.check(name).result) == (valid, result)


@pytest.mark.parametrize(
    ("text", "seal", "valid", "failed"),
    [
        (Result.PASS, Result.PASS, True, False),
        (Result.PASS, Result.UNCHECKED, True, False),
        (Result.UNKNOWN, Result.PASS, True, False),
        (Result.UNKNOWN, Result.UNCHECKED, False, False),
        (Result.UNKNOWN, Result.UNKNOWN, False, False),
        (Result.UNCHECKED, Result.UNCHECKED, False, False),
        (Result.PASS, Result.FAIL, False, True),
        (Result.FAIL, Result.PASS, False, True),
    ],
)
def test_a_sheet_is_valid_where_its_text_or_its_seal_proves_it(
    text: Result,
    seal: Result,
    valid: bool,
    failed: bool,
) -> None:
    """Where neither does, the credential inside holds all the same, and nothing failed."""
    checks = [Check(name, Result.PASS, "x") for name in (CheckName.SIGNATURE, CheckName.VALIDITY, CheckName.REVOCATION)]
    found = Verdict((*checks, Check(CheckName.TEXT, text, "x"), Check(CheckName.SEAL, seal, "x")), None, DURING)

    assert (found.valid, found.failed, found.holds) == (valid, failed, not failed)
