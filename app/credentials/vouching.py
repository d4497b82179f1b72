"""What authorities say of a certificate: fetched from set addresses, and checked as a reader of PDF files checks it.

An answer counts where it is signed by who certified the certificate, or by whom they let answer, holds now, and says
that the certificate is not revoked (RFC 5280, RFC 6960). A list counts whatever the certificate names: its issuer says
it of all that they issued. An answer by OCSP counts for a certificate that names a responder, because readers of PDF
files look for one only then.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPMessage
from typing import IO, NamedTuple
from urllib.request import HTTPRedirectHandler, Request, build_opener

from asn1crypto import crl, ocsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.ocsp import OCSPRequestBuilder
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathError, RevokedError, StaleRevinfoError, ValidationError
from pyhanko_certvalidator.policy_decl import CertRevTrustPolicy, RevocationCheckingPolicy, RevocationCheckingRule

from app.credentials.states import ProofKind

TIMEOUT = 8
LARGEST = 256 * 1024
"""A list goes into every PDF, so a larger one is not taken: its authority answers by OCSP as well."""
WITHOUT_END = timedelta(minutes=30)
"""How long an answer counts that names no end; as long as pyHanko lets it."""
OCSP_QUERY = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}


RULE = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED
OF_ALL = RevocationCheckingPolicy(RULE, RULE)
OF_THE_FIRST = RevocationCheckingPolicy(RULE, RevocationCheckingRule.NO_CHECK)
"""Those above are asked about by themselves."""
OCSP = "ocsp"


class ProofError(Exception):
    """An answer that proves nothing; `code` says why, `revoked_at` since when the certificate is revoked."""

    def __init__(self, code: str, revoked_at: datetime | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.revoked_at = revoked_at


class Proof(NamedTuple):
    """A checked answer in DER, and between which instants it holds."""

    kind: ProofKind
    content: bytes
    begins: datetime
    ends: datetime


class _NoRedirect(HTTPRedirectHandler):
    """Follows nobody to an address that was not set."""

    def redirect_request(  # noqa: PLR0917 - as urllib calls it
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        del req, fp, code, msg, headers, newurl


_OPENER = build_opener(_NoRedirect)


def list_at(url: str) -> bytes:
    """Fetch a revocation list; raises ProofError."""
    return _asked(Request(url))  # noqa: S310 - its scheme was checked when it was set


def answer_at(url: str, certificate: bytes, issuer: bytes) -> bytes:
    """Ask a responder about a certificate (both in DER); raises ProofError, unasked where it names no responder."""
    if not _names_responder(certificate):
        raise ProofError("not-named")
    asked_about, issued_by = x509.load_der_x509_certificate(certificate), x509.load_der_x509_certificate(issuer)
    # The digest only names the issuer: responders know this one (RFC 5019, section 2.1.1)
    asked = OCSPRequestBuilder().add_certificate(asked_about, issued_by, SHA1()).build()  # noqa: S303 - the same
    return _asked(Request(url, asked.public_bytes(Encoding.DER), OCSP_QUERY))  # noqa: S310 - its scheme was checked


def _asked(request: Request) -> bytes:
    try:
        with _OPENER.open(request, timeout=TIMEOUT) as answer:
            content: bytes = answer.read(LARGEST + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise ProofError("unreachable") from error
    if len(content) > LARGEST:
        raise ProofError("large")
    return content


def proof_of(kind: ProofKind, content: bytes, chain: Sequence[bytes]) -> Proof:
    """Return what an answer proves of the first certificate of a chain, which leads up to its root.

    Raises ProofError where it proves nothing or a revocation.
    """
    try:
        begins, ends = TIMES[kind](content)
    except (ValueError, TypeError, KeyError, IndexError) as error:
        raise ProofError("none") from error
    crls, ocsps = ((content,), ()) if kind is ProofKind.CRL else ((), (content,))
    _check(chain, crls, ocsps, OF_THE_FIRST)
    return Proof(kind, content, begins, ends or begins + WITHOUT_END)


def _names_responder(certificate: bytes) -> bool:
    named = asn1.Certificate.load(certificate).authority_information_access_value
    return named is not None and any(one["access_method"].native == OCSP for one in named)


def check_chain(chain: Sequence[bytes], crls: Sequence[bytes], ocsps: Sequence[bytes]) -> None:
    """Check that answers prove of a whole chain, up to its root, that nothing of it is revoked; raises ProofError."""
    _check(chain, crls, ocsps, OF_ALL)


def _check(
    chain: Sequence[bytes], crls: Sequence[bytes], ocsps: Sequence[bytes], policy: RevocationCheckingPolicy
) -> None:
    certificate, *above = (asn1.Certificate.load(one) for one in chain)
    try:
        context = ValidationContext(
            trust_roots=above[-1:],
            other_certs=above[:-1],
            crls=list(crls),
            ocsps=list(ocsps),
            allow_fetching=False,
            revinfo_policy=CertRevTrustPolicy(policy),
        )
        asyncio.run(CertificateValidator(certificate, validation_context=context).async_validate_path())
    except RevokedError as error:
        raise ProofError("revoked", error.revocation_dt) from error
    except StaleRevinfoError as error:
        raise ProofError("stale") from error
    except (PathError, ValidationError, ValueError, TypeError) as error:
        raise ProofError("none") from error


def _times_of_list(content: bytes) -> tuple[datetime, datetime | None]:
    told = crl.CertificateList.load(content, strict=True)["tbs_cert_list"]
    return told["this_update"].native, told["next_update"].native


def _times_of_answer(content: bytes) -> tuple[datetime, datetime | None]:
    answer = ocsp.OCSPResponse.load(content, strict=True)
    if answer["response_status"].native != "successful":
        raise ProofError("none")
    told = answer.response_data["responses"][0]
    return told["this_update"].native, told["next_update"].native


TIMES: dict[ProofKind, Callable[[bytes], tuple[datetime, datetime | None]]] = {
    ProofKind.CRL: _times_of_list,
    ProofKind.OCSP: _times_of_answer,
}
