"""The signature under a result sheet: the platform's own key, and the check that anyone makes of it."""

from dataclasses import dataclass

from app.core.columns import JsonObject
from app.core.config import settings
from app.core.errors import UnavailableError
from app.core.signing import Algorithm, PublicKey
from app.core.text import _l
from app.credentials import queries
from app.credentials.models import CertificateCheck
from app.credentials.queries.trust import authority_body
from app.credentials.rules.did import DidError, find_key, seals_with
from app.credentials.rules.instants import write_instant
from app.credentials.rules.sheets import SheetError, read_sheet, sign_sheet, verify_sheet
from app.credentials.services.bodies import signer_of


@dataclass(frozen=True, slots=True)
class SheetVerdict:
    """Whether a sheet was signed here: what it says, or the code of why not."""

    claims: JsonObject | None
    fault: str = ""


def signed_sheet(check: CertificateCheck) -> str:
    """Sign what a finished check found; raises UnavailableError where the platform has no key yet."""
    body = authority_body()
    if body is None:
        raise UnavailableError(
            _l("The platform signs nothing under its own name yet. An administrator opens its body.")
        )
    return sign_sheet(_claims(check), signer_of(body, Algorithm.P256), issuer=body.did)


def _claims(check: CertificateCheck) -> JsonObject:
    finished = check.finished_at or check.asked_at
    return {
        "iat": int(finished.timestamp()),
        "jti": f"{settings().public_url}/employer/checks/{check.code}",
        "sub": check.organisation.name_zh,
        "checked_at": write_instant(finished),
        "purpose": check.purpose.value,
        "purpose_words": check.words,
        "consent": check.consent,
        "rows": check.total,
        "counts": dict(check.counts),
        "digest": f"sha-256:{check.digest}",
    }


def verified_sheet(text: str) -> SheetVerdict:
    """Check a result sheet against the keys of the platform; nothing that it names is fetched."""
    try:
        header, _unverified = read_sheet(text)
        return SheetVerdict(verify_sheet(text, _key_of(str(header.get("kid")))))
    except SheetError as error:
        return SheetVerdict(None, error.code)


def seals_as_platform(key: bytes) -> bool | None:
    """Tell whether a key is one that the platform seals PDF files with; None before its body was opened."""
    body = authority_body()
    return None if body is None else seals_with(queries.did_document(body), key)


def _key_of(method: str) -> PublicKey:
    """Return the platform's key under a verification method; a retired one goes on proving what it signed."""
    body = authority_body()
    if body is None or method.partition("#")[0] != body.did:
        raise SheetError("sheet-key-unknown")
    try:
        return find_key(queries.did_document(body), body.did, method)
    except DidError as error:
        raise SheetError("key-revoked" if error.code == "key-revoked" else "sheet-key-unknown") from error
