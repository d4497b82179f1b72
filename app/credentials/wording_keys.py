"""Keys, orders on them and delegations in words, put when they are shown."""

from collections.abc import Mapping
from datetime import datetime

from app.core.errors import Text
from app.core.signing import Algorithm
from app.core.text import _, _l
from app.credentials.models import Certificate, Delegation, IssuingBody, SealProof, SigningKey
from app.credentials.states import BodyAct, DelegationState, KeyAct, KeyOrderState, ProofKind, SealLevel
from app.credentials.wording import KINDS
from app.web.formats import when

ALGORITHMS: dict[str, Text] = {
    Algorithm.ED25519: _l("Ed25519: credentials as JSON, status lists, endorsements"),
    Algorithm.P256: _l("ES256: credentials as JWT, QR codes, the trust bundle"),
    Algorithm.RSA: _l("RS256: the seal of PDF files"),
}
ACTS: dict[str, Text] = {
    KeyAct.ROTATE: _l("Rotate: retire it and make the next"),
    KeyAct.COMPROMISE: _l("Compromise: revoke it and sign anew what it signed"),
    KeyAct.CERTIFY: _l("Certificate of an authority: seal PDF files under its chain"),
}
BODY_ACTS: dict[str, Text] = {
    BodyAct.CLOSE: _l(
        "End its authority: it issues no more, what is valid by then stays valid, and the body after it issues anew "
        "what is valid only later"
    ),
    BodyAct.DISTRUST: _l("Withdraw trust: what it issued from a day on is revoked, and it issues no more"),
}
BODY_ACT_NAMES: dict[str, Text] = {
    BodyAct.CLOSE: _l("End its authority"),
    BodyAct.DISTRUST: _l("Withdraw trust"),
}
ORDER_STATES: dict[str, tuple[Text, str]] = {
    KeyOrderState.ASKED: (_l("Waits for a second person"), "waiting"),
    KeyOrderState.CARRIED_OUT: (_l("Carried out"), "good"),
    KeyOrderState.REFUSED: (_l("Turned down"), "bad"),
}


SEAL_LEVELS: dict[str, Text] = {
    SealLevel.BASIC: _l("B-B: signed, without a time stamp"),
    SealLevel.TIMED: _l("B-T: signed with a time stamp, without proof that no certificate was revoked"),
    SealLevel.LASTING: _l("B-LT: signed with a time stamp and proof that no certificate was revoked"),
}
FILES_AT: dict[str, Text] = {
    SealLevel.BASIC: _l("PDF files sealed at B-B"),
    SealLevel.TIMED: _l("PDF files sealed at B-T"),
    SealLevel.LASTING: _l("PDF files sealed at B-LT"),
}
SOURCES: dict[str, Text] = {
    ProofKind.CRL: _l("Address of a revocation list"),
    ProofKind.OCSP: _l("Address that answers by OCSP"),
}
PROOFS: dict[str, Text] = {
    ProofKind.CRL: _l("Revocation list, holds until %(until)s"),
    ProofKind.OCSP: _l("OCSP answer, holds until %(until)s"),
}
PROOF_FAULTS: dict[str, Text] = {
    "not-asked": _l("Not asked yet. It is asked within the hour."),
    "no-source": _l("No address is set. Hand in the chain again with the addresses of its authority."),
    "not-allowed": _l("The address is no longer among those that this site may ask."),
    "unreachable": _l("The address does not answer. It is asked again each hour."),
    "not-named": _l("The certificate names no OCSP responder. Set the address of the revocation list of its issuer."),
    "none": _l("The answers do not vouch for this certificate. Check that the addresses are those of its issuer."),
    "stale": _l("The answer has run out. It is asked again each hour."),
    "large": _l("The revocation list is larger than 256 KB. Set an OCSP address instead."),
    "revoked": _l("Revoked by who certified it."),
    "root": _l("Who certified it is missing from the chain. Hand in the chain up to its root."),
    "chain": _l("The proofs do not fit together. Hand in the chain again or ask the authority."),
    "ended": _l("The last answer has run out."),
}


def proof_words(proof: SealProof | None, at: datetime) -> tuple[str, str]:
    """Return what is known of the revocation of a certificate at an instant, and its tone."""
    if proof is None:
        return str(PROOF_FAULTS["not-asked"]), "waiting"
    if proof.revoked_at is not None:
        return str(PROOF_FAULTS["revoked"]), "bad"
    if proof.kind is not None and proof.ends_at is not None and at < proof.ends_at:
        return str(PROOFS[proof.kind]) % {"until": when(proof.ends_at)}, "good"
    return str(PROOF_FAULTS[proof.fault or "ended"]), "waiting"


def seal_words(certificate: Certificate) -> Text | None:
    """Return how the PDF of a certificate is sealed, None without a PDF or where that was not kept."""
    if certificate.pdf_file_id is None or certificate.seal_level is None:
        return None
    return SEAL_LEVELS[certificate.seal_level]


def key_state(key: SigningKey) -> tuple[str, str]:
    """Return the word and the tone for a key."""
    if key.revoked_at is not None:
        return _("Revoked"), "bad"
    return (_("Retired"), "neutral") if key.retired_at is not None else (_("Current"), "good")


def body_state(body: IssuingBody) -> tuple[str, str]:
    """Return the word and the tone for an issuing body."""
    return (_("Issues"), "good") if body.closed_at is None else (_("Its authority has ended"), "neutral")


def scope_words(delegation: Delegation, named: Mapping[str, str]) -> tuple[str, str]:
    """Return the kinds and the levels of a delegation as two lines; `named` says what each level is called."""
    kinds = [str(KINDS[one]) for one in delegation.kinds]
    levels = [named.get(one, one) for one in delegation.levels]
    return " · ".join(kinds), " · ".join(levels) or "–"


def delegation_state(delegation: Delegation, at: datetime) -> tuple[str, str]:
    """Return the word and the tone for a delegation at an instant."""
    if delegation.state is DelegationState.ASKED:
        return _("Waits for a second person"), "waiting"
    if delegation.state is DelegationState.REFUSED:
        return _("Turned down"), "bad"
    over = delegation.valid_until is not None and at >= delegation.valid_until
    if delegation.state is DelegationState.ENDED or over:
        return _("Ended"), "neutral"
    return (_("Begins later"), "waiting") if at < delegation.valid_from else (_("In force"), "good")
