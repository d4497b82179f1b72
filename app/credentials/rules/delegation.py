"""Delegation: the authority lets a body issue, by an EndorsementCredential that says what, for whom and until when.

Open Badges has one member for what an endorsement says, a text, and a context of our own would be known to nobody;
so the scope stands in that text as two lines that are built and read back like the rest, word for word.
"""

# zh: what is signed stands in both languages, whoever reads it

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.credentials.rules.contexts import CREDENTIAL_CONTEXTS
from app.credentials.rules.document import JsonObject
from app.credentials.rules.instants import read_instant, write_instant
from app.credentials.rules.openbadge import Certificate, ShapeError
from app.credentials.states import CertificateKind

NAME = "发证授权 / Delegation to issue certificates"
SENTENCES = (
    "授权方允许受权机构在下列证书种类、等级和有效期内签发证书；授权终止前签发的证书继续有效。",
    (
        "The authority lets the endorsed body issue certificates of the kinds and levels below while this "
        "endorsement is valid; what was issued before it ends stays valid."
    ),
)
KINDS_LINE, LEVELS_LINE = "kinds: ", "levels: "
COMMA = ", "


@dataclass(frozen=True, slots=True)
class Scope:
    """What a body may certify: kinds of certificate, and the levels of those that have one."""

    kinds: tuple[CertificateKind, ...]
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Endorsement:
    """One delegation as it is signed: its address, who gives it, who gets it, its scope and validity."""

    url: str
    authority: str
    body: str
    scope: Scope
    valid_from: datetime
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether an endorsement covers a certificate; `code` says why not, `on` since or until when."""

    covered: bool
    code: str
    on: datetime | None = None


def build_endorsement(endorsement: Endorsement) -> JsonObject:
    """Build the unsigned EndorsementCredential (Open Badges 3.0, section B.2)."""
    document: JsonObject = {
        "@context": list(CREDENTIAL_CONTEXTS),
        "id": endorsement.url,
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": NAME,
        "issuer": {"id": endorsement.authority, "type": ["Profile"]},
        "validFrom": write_instant(endorsement.valid_from),
    }
    if endorsement.valid_until is not None:
        document["validUntil"] = write_instant(endorsement.valid_until)
    document["credentialSubject"] = {
        "id": endorsement.body,
        "type": ["EndorsementSubject"],
        "endorsementComment": _comment(endorsement.scope),
    }
    return document


def _comment(scope: Scope) -> str:
    kinds = KINDS_LINE + COMMA.join(kind.value for kind in scope.kinds)
    return "\n\n".join((*SENTENCES, f"{kinds}\n{LEVELS_LINE}{COMMA.join(scope.levels)}"))


def read_endorsement(document: JsonObject) -> Endorsement:
    """Return what an endorsement says, signed or not; raises ShapeError for any other shape or wording."""
    unsecured = {name: value for name, value in document.items() if name != "proof"}
    try:
        found = _read(unsecured)
        again = build_endorsement(found)
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        raise ShapeError from error
    if again != unsecured:
        raise ShapeError
    return found


def _read(document: JsonObject) -> Endorsement:
    subject, until = document["credentialSubject"], document.get("validUntil")
    kinds, levels = subject["endorsementComment"].splitlines()[-2:]
    return Endorsement(
        url=str(document["id"]),
        authority=str(document["issuer"]["id"]),
        body=str(subject["id"]),
        scope=Scope(
            tuple(CertificateKind(one) for one in _listed(kinds, KINDS_LINE)), tuple(_listed(levels, LEVELS_LINE))
        ),
        valid_from=read_instant(document["validFrom"]),
        valid_until=None if until is None else read_instant(until),
    )


def _listed(line: str, start: str) -> list[str]:
    return [one for one in line.removeprefix(start).split(COMMA) if one]


def covers(endorsement: Endorsement, kind: CertificateKind, level: str | None, at: datetime) -> Coverage:
    """Tell whether a body may certify a kind and level at an instant under an endorsement."""
    if kind not in endorsement.scope.kinds:
        return Coverage(covered=False, code="scope-kind")
    if level is not None and level not in endorsement.scope.levels:
        return Coverage(covered=False, code="scope-level")
    if at < endorsement.valid_from:
        return Coverage(covered=False, code="scope-not-begun", on=endorsement.valid_from)
    if endorsement.valid_until is not None and at >= endorsement.valid_until:
        return Coverage(covered=False, code="scope-ended", on=endorsement.valid_until)
    return Coverage(covered=True, code="scope-covered", on=endorsement.valid_from)


def scope_covers(endorsement: Endorsement, certificate: Certificate) -> Coverage:
    """Tell whether a certificate lies within the scope of an endorsement of its issuer.

    What counts is the instant from which the certificate is valid: one that began before the authority of
    its issuer ended stays valid.
    """
    if endorsement.body != certificate.issuer.did:
        return Coverage(covered=False, code="scope-of-another")
    return covers(endorsement, certificate.achievement.kind, certificate.achievement.level, certificate.valid_from)


def best_coverage(endorsements: Iterable[Endorsement], certificate: Certificate) -> Coverage:
    """Return the coverage by any of a body's endorsements, or why the last of them does not cover."""
    found = Coverage(covered=False, code="scope-none")
    for endorsement in endorsements:
        found = scope_covers(endorsement, certificate)
        if found.covered:
            return found
    return found
