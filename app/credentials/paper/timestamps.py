"""A time-stamp authority by URL (RFC 3161), and what a long-lived signature keeps of it.

The certificates of the authority come with its tokens; revocation lists are fetched from where those
certificates say, or a responder is asked where they name no list, and kept until they run out, so that a batch asks
for them once.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from http.client import HTTPException
from threading import Lock
from typing import NamedTuple
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from asn1crypto import cms, crl, ocsp, tsp, x509
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko_certvalidator import ValidationContext

from app.core.clock import real_now
from app.credentials.vouching import ProofError, answer_at

TIMEOUT = 10
LARGEST_ANSWER = 4 * 1024 * 1024
QUERY = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
KEPT_WITHOUT_END = timedelta(hours=1)


def fetch(url: str, data: bytes | None = None) -> bytes:
    """Read an answer of bounded size over HTTP; raises TimestampRequestError."""
    _require_web(url)
    asked = Request(url, data, headers=QUERY if data is not None else {})  # noqa: S310 - its scheme is checked above
    try:
        with urlopen(asked, timeout=TIMEOUT) as answer:  # noqa: S310 - the same
            content: bytes = answer.read(LARGEST_ANSWER + 1)
    except (OSError, HTTPException) as error:
        msg = f"the time-stamp authority cannot be reached ({error})"
        raise TimestampRequestError(msg) from error
    if len(content) > LARGEST_ANSWER:
        msg = "the time-stamp authority answered too much"
        raise TimestampRequestError(msg)
    return content


def _require_web(url: str) -> None:
    if urlsplit(url).scheme not in {"http", "https"}:
        msg = f"{url} is no address of a time-stamp authority"
        raise TimestampRequestError(msg)


class Sealing(NamedTuple):
    """What a seal brings along: its certificate, taken as given here, those above it, and what proves them all."""

    anchor: x509.Certificate
    certificates: Sequence[x509.Certificate] = ()
    crls: Sequence[bytes] = ()
    ocsps: Sequence[bytes] = ()


class Stamper(TimeStamper):
    """A time-stamp authority that is asked over HTTP."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Ask the authority for a token over a digest; raises TimestampRequestError where it answers something else."""
        content = fetch(self.url, req.dump())
        try:
            found = tsp.TimeStampResp.load(content)
            found["status"]["status"].native  # noqa: B018 - reads it, and refuses what is none
        except (ValueError, TypeError) as error:
            msg = f"{self.url} does not answer as a time-stamp authority"
            raise TimestampRequestError(msg) from error
        return found


class TimeAuthority:
    """One time-stamp authority: asks for tokens, and keeps its certificates and revocation lists at hand."""

    def __init__(self, url: str) -> None:
        self.stamper = Stamper(url)
        self._lock = Lock()
        self._certificates: list[x509.Certificate] = []
        self._lists: list[crl.CertificateList] = []
        self._answers: list[ocsp.OCSPResponse] = []
        self._until: datetime | None = None

    def context(self, seal: Sealing) -> ValidationContext:
        """Return what a signature needs to keep so that it can be checked without asking anybody.

        The certificate of the seal and the end of the authority's chain are taken as given here: who trusts them is up
        to whoever checks. Raises TimestampRequestError.
        """
        with self._lock:
            self._refresh()
            return ValidationContext(
                trust_roots=[seal.anchor, *ends_of(self._certificates)],
                other_certs=[*self._certificates, *seal.certificates],
                crls=[*self._lists, *seal.crls],
                ocsps=[*self._answers, *seal.ocsps],
                allow_fetching=False,
                revocation_mode="hard-fail",
            )

    def _refresh(self) -> None:
        now = real_now()
        if self._until is not None and now < self._until:
            return
        token = asyncio.run(self.stamper.async_dummy_response("sha256"))
        self._certificates = list(_certificates_of(token))
        ends = {one.dump() for one in ends_of(self._certificates)}
        below = [one for one in self._certificates if one.dump() not in ends]
        self._lists = [_first_list(found) for one in below if (found := _addresses(one))]
        self._answers = [_answer(one, self._certificates) for one in below if one.ocsp_urls and not _addresses(one)]
        updates = [one["tbs_cert_list"]["next_update"].native for one in self._lists]
        updates += [one.response_data["responses"][0]["next_update"].native for one in self._answers]
        self._until = min([*(one for one in updates if one is not None), now + KEPT_WITHOUT_END])


@lru_cache(maxsize=4)
def authority_at(url: str) -> TimeAuthority:
    """Return the time-stamp authority at an address, the same each time."""
    return TimeAuthority(url)


def _certificates_of(token: cms.ContentInfo) -> Iterator[x509.Certificate]:
    for one in token["content"]["certificates"]:
        if one.name == "certificate":
            yield one.chosen


def ends_of(certificates: Iterable[x509.Certificate]) -> list[x509.Certificate]:
    """Return the certificates where a chain ends: those whose issuer did not come along, or is themselves."""
    held = list(certificates)
    subjects = {one.subject.hashable for one in held}
    return [one for one in held if one.self_issued or one.issuer.hashable not in subjects]


def _addresses(certificate: x509.Certificate) -> list[str]:
    return [str(point.url) for point in certificate.crl_distribution_points if point.url]


def _answer(certificate: x509.Certificate, held: Iterable[x509.Certificate]) -> ocsp.OCSPResponse:
    """Ask the responder that a certificate names about it; raises TimestampRequestError for no good answer."""
    url = str(certificate.ocsp_urls[0])
    _require_web(url)
    issuer = next(one for one in held if one.subject.hashable == certificate.issuer.hashable)
    try:
        content = answer_at(url, certificate.dump(), issuer.dump())
        found = ocsp.OCSPResponse.load(content)
        found.response_data["responses"][0]["next_update"].native  # noqa: B018 - reads it whole, and refuses what is none
    except (ProofError, ValueError, TypeError, KeyError, IndexError) as error:
        msg = f"{url} does not say whether the time-stamp authority is revoked"
        raise TimestampRequestError(msg) from error
    return found


def _first_list(addresses: list[str]) -> crl.CertificateList:
    """Return the revocation list at the first address; raises TimestampRequestError where none can be read."""
    content = fetch(addresses[0])
    try:
        found = crl.CertificateList.load(content)
        found["tbs_cert_list"]["next_update"].native  # noqa: B018 - reads it whole, and refuses what is none
    except ValueError as error:
        msg = f"{addresses[0]} holds no revocation list"
        raise TimestampRequestError(msg) from error
    return found
