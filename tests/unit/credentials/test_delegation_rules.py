"""An endorsement says its scope word for word, and covers exactly that."""

import copy
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.signing import FileSigner
from app.credentials.rules import proof
from app.credentials.rules.canonical import canonicalize
from app.credentials.rules.delegation import (
    Endorsement,
    Scope,
    best_coverage,
    build_endorsement,
    read_endorsement,
    scope_covers,
)
from app.credentials.rules.document import JsonObject
from app.credentials.rules.openbadge import ShapeError
from app.credentials.states import CertificateKind
from tests.unit.credentials import samples
from tests.unit.credentials.samples import ENDS, ISSUED

AUTHORITY = "did:web:authority.example"
GOOD = Endorsement(
    url="https://authority.example/issuers/below/endorsements/1",
    authority=AUTHORITY,
    body=samples.DID,
    scope=Scope((CertificateKind.EXAM_PASS, CertificateKind.CAPABILITY), ("junior",)),
    valid_from=ISSUED,
    valid_until=ENDS,
)
SCOPES = st.builds(
    Scope,
    st.lists(st.sampled_from(list(CertificateKind)), min_size=1, unique=True).map(tuple),
    st.lists(st.sampled_from(["junior", "intermediate", "senior"]), unique=True).map(tuple),
)


@settings(max_examples=30, deadline=None)
@given(scope=SCOPES, end=st.none() | st.just(ENDS))
def test_it_reads_back(scope: Scope, end: Any) -> None:  # noqa: ANN401 - a strategy gives it
    endorsement = replace(GOOD, scope=scope, valid_until=end)
    assert read_endorsement(build_endorsement(endorsement)) == endorsement


def test_it_is_signed_like_a_certificate(signer: FileSigner) -> None:
    """Standard verifiers read it too: an OB3 EndorsementCredential under bundled contexts only."""
    document = build_endorsement(replace(GOOD, authority=samples.DID))
    signed = proof.sign_document(document, signer, created=ISSUED)
    assert proof.verify_proof(signed, samples.did_document_of(signer)).did == samples.DID
    assert read_endorsement(signed).scope == GOOD.scope
    assert "EndorsementCredential" in canonicalize(document)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["credentialSubject"].update(endorsementComment="kinds: title\nlevels: senior"),
        lambda d: d["credentialSubject"].update(endorsementComment=d["credentialSubject"]["endorsementComment"] + "\n"),
        lambda d: d["credentialSubject"].update(
            endorsementComment=d["credentialSubject"]["endorsementComment"].replace("exam_pass", "medal")
        ),
        lambda d: d["credentialSubject"].update(endorsementComment=""),
        lambda d: d["credentialSubject"].update(role="chair"),
        lambda d: d.update(validUntil=None),
        lambda d: d.update(validFrom="2026-01-01"),
        lambda d: d.pop("issuer"),
        lambda d: d.update(issuer=AUTHORITY),
        lambda d: d.update(type=["VerifiableCredential"]),
        lambda d: d.update(credentialSubject=[d["credentialSubject"]]),
    ],
)
def test_any_other_wording_is_refused(change: Callable[[JsonObject], Any]) -> None:
    document = copy.deepcopy(build_endorsement(GOOD))
    change(document)
    with pytest.raises(ShapeError):
        read_endorsement(document)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("endorsement", "code"),
    [
        (GOOD, "scope-covered"),
        (replace(GOOD, valid_until=None), "scope-covered"),
        (replace(GOOD, scope=Scope((CertificateKind.EXAM_PASS,), ("junior",))), "scope-kind"),
        (replace(GOOD, scope=Scope(GOOD.scope.kinds, ("senior",))), "scope-level"),
        (replace(GOOD, scope=Scope(GOOD.scope.kinds, ())), "scope-level"),
        (replace(GOOD, valid_from=ISSUED + SECOND), "scope-not-begun"),
        (replace(GOOD, valid_from=ISSUED - SECOND, valid_until=ISSUED), "scope-ended"),
        (replace(GOOD, valid_from=ISSUED - SECOND, valid_until=ISSUED + SECOND), "scope-covered"),
        (replace(GOOD, body="did:web:another.example"), "scope-of-another"),
    ],
)
def test_it_covers_exactly_its_scope(endorsement: Endorsement, code: str) -> None:
    found = scope_covers(endorsement, samples.certificate())
    assert (found.code, found.covered) == (code, code == "scope-covered")


def test_a_certificate_without_a_level_needs_its_kind_only() -> None:
    facts = samples.certificate(achievement=replace(samples.ACHIEVEMENT, level=None))
    assert scope_covers(replace(GOOD, scope=Scope(GOOD.scope.kinds, ())), facts).covered


def test_one_of_several_is_enough_and_the_last_says_why_not() -> None:
    ended = replace(GOOD, valid_until=ISSUED + SECOND, valid_from=ISSUED + SECOND - SECOND)
    other = replace(GOOD, scope=Scope((CertificateKind.TITLE,), ()))
    facts = samples.certificate()
    assert best_coverage([other, ended], facts).covered
    assert best_coverage([other], facts).code == "scope-kind"
    assert best_coverage([], facts).code == "scope-none"
