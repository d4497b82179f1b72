"""The corpus of attacks: each must be refused by the check that it is made against, with bounded work."""

import copy
from unittest.mock import patch

import pytest

from app.core.signing import FileSigner
from app.credentials.rules import cose, did, proof, status_list, verdict
from app.credentials.rules.document import JsonObject
from app.credentials.rules.qr_check import KnownBody, KnownKey, KnownList, QrTrust, verify_qr
from app.credentials.rules.verdict import CheckName, Result, Verdict, verify_document
from tests.unit.credentials import attacks, samples
from tests.unit.credentials.attacks import CODES, DID, DOCUMENTS, LIST_URL, TEXTS, THEIRS, TOKENS, Scene, raw_of
from tests.unit.credentials.samples import DURING, as_bytes

ALL = {**DOCUMENTS, **TEXTS, **TOKENS}


def first_failure(found: Verdict) -> CheckName | None:
    return next((one.name for one in found.checks if one.result is Result.FAIL), None)


def test_the_good_ones_are_valid(scene: Scene) -> None:
    """What the attacks start from holds, so that each is refused for what it does."""
    trust = scene.trust()
    for raw in (raw_of(scene.good), raw_of(scene.other), scene.token.encode()):
        assert verify_document(raw, trust, DURING).valid


@pytest.mark.parametrize("name", ALL)
def test_an_attack_fails_the_check_that_is_there_for_it(scene: Scene, name: str) -> None:
    found = verify_document(raw_of(ALL[name].make(scene)), scene.trust(), DURING)

    assert not found.valid
    assert first_failure(found) is ALL[name].check, [(one.name, one.code) for one in found.checks]


@pytest.mark.parametrize("name", CODES)
def test_a_forged_proof_in_a_code_fails_its_check(scene: Scene, name: str) -> None:
    check, make = CODES[name]
    keys = [KnownKey(DID, scene.p256.public_key), KnownKey(THEIRS, scene.stranger_p256.public_key)]
    bodies = [KnownBody(DID, vouched=True)]
    lists = {attacks.LIST_CODE: KnownList(DID, status_list.set_bits([]), as_of=DURING)}
    trust = QrTrust(DURING, bodies, keys, lists)
    address = cose.qr_address(attacks.BASE, make(scene))

    assert first_failure(verify_qr(address, trust, DURING).verdict) is check


def test_truncation_anywhere_is_refused(scene: Scene) -> None:
    trust = scene.trust()
    for raw in (raw_of(scene.good), scene.token.encode()):
        for cut in range(0, len(raw), len(raw) // 50):
            assert verify_document(raw[:cut], trust, DURING).failed


def test_a_swapped_did_document_proves_nothing(scene: Scene) -> None:
    """That of a stranger under our name, under theirs, and ours with their key under their control."""
    for document in (
        did.did_document(DID, [did.IssuerKey(scene.stranger.public_key)]),
        did.did_document(THEIRS, [did.IssuerKey(scene.signer.public_key)]),
        {**scene.did_document, "assertionMethod": []},
        {
            **scene.did_document,
            "verificationMethod": [{**one, "controller": THEIRS} for one in scene.did_document["verificationMethod"]],
        },
    ):
        trust = scene.trust()
        trust.did_documents[DID] = document
        assert first_failure(verify_document(raw_of(scene.good), trust, DURING)) is CheckName.SIGNATURE


def test_a_swapped_or_stale_status_list_never_clears_a_revoked_certificate(scene: Scene) -> None:
    """Another body's, a stranger's, one of another address, one of suspensions: each decides nothing."""
    empty = scene.list_by(scene.signer, [])
    emptied = copy.deepcopy(scene.listed)
    emptied["credentialSubject"]["encodedList"] = empty["credentialSubject"]["encodedList"]
    for listed in (
        scene.list_by(scene.stranger, [], issuer=THEIRS),
        scene.list_by(scene.stranger, []),
        scene.list_by(scene.signer, [], url=f"{LIST_URL}-old"),
        samples.suspension_list(scene.signer, url=LIST_URL),
        emptied,
        None,
    ):
        trust = scene.trust()
        trust.status_list = listed
        found = verify_document(raw_of(scene.revoked), trust, DURING)
        assert not found.valid
        assert found.check(CheckName.REVOCATION).result in {Result.UNKNOWN, Result.UNCHECKED}


def test_an_older_list_is_told_with_its_date(scene: Scene) -> None:
    """A replayed list of before the revocation holds, so its date is said: whoever asks sees how old it is."""
    trust = scene.trust()
    trust.status_list = scene.list_by(scene.signer, [])

    check = verify_document(raw_of(scene.revoked), trust, DURING).check(CheckName.REVOCATION)

    assert check.params["on"] == "2020-06-01T00:00:00Z"


def test_an_attackers_did_document_cannot_borrow_our_key(credential: JsonObject, signer: FileSigner) -> None:
    """A DID document that lists our key under its own control does not make our signature theirs."""
    document = samples.did_document_of(signer, THEIRS)
    changed = copy.deepcopy(credential)
    changed["issuer"]["id"] = THEIRS
    changed["proof"]["verificationMethod"] = did.method_id(THEIRS, signer.public_key)
    with pytest.raises(proof.ProofError, match="signature-wrong"):
        proof.verify_proof(changed, document)


def test_bombs_never_reach_the_costly_work(scene: Scene) -> None:
    """Documents that would tie blank nodes or nest without end are refused before anything is canonicalized."""
    bomb = copy.deepcopy(scene.good)
    bomb["credentialSubject"]["result"] = [{"type": ["Result"]} for _ in range(40)]
    nested: JsonObject = {}
    for _ in range(11):
        nested = {"evidence": [nested, nested]}
    with patch("pyld.jsonld.expand", side_effect=AssertionError("expanded")):
        for document in (bomb, {**scene.good, **nested}):
            assert verify_document(as_bytes(document), scene.trust(), DURING).failed
    assert verdict.verify_document(b"[" * 60_000, scene.trust(), DURING).failed
