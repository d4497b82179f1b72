"""A seal without proofs is completed: they are added behind the signed bytes, which stay as they are.

The update holds nothing but what a seal lets in that forbids every change: the document security store (ETSI EN 319
142-1, section 5.4.2). Nobody is asked, and the key is not needed. A seal without a time gets a document time-stamp in
the same way, which vouches for the file from then on.
"""

import asyncio
import io
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import ValidationInfoReadingError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError

from app.core.errors import UnavailableError
from app.core.text import _l
from app.credentials.paper.pades import DIGEST, read_certificate, usage_of
from app.credentials.paper.timestamps import Sealing, TimeAuthority, ends_of

UNANSWERED = (TimestampRequestError, SigningError, PathError, ValidationError, OSError)
"""What is raised where the time-stamp authority does not answer, or not well."""
BROKEN = (PdfError, ValueError, LookupError, TypeError)
"""What pyHanko raises at a file that is damaged or holds no seal."""


class DamagedError(ValueError):
    """A PDF that cannot be read, or whose seal does not hold."""


class Timed(NamedTuple):
    """A PDF with a document time-stamp, and the certificate in DER under which it had been sealed."""

    pdf: bytes
    under: bytes


class Proving(Protocol):
    """What proves that no certificate of a seal is revoked; all of it in DER."""

    @property
    def certificate(self) -> bytes:
        """Return the certificate of the seal."""
        ...

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Return the certificates of who certified it, up to the root; none where it certifies itself."""
        ...

    @property
    def crls(self) -> tuple[bytes, ...]:
        """Return revocation lists."""
        ...

    @property
    def ocsps(self) -> tuple[bytes, ...]:
        """Return answers of responders."""
        ...


class _Kept(NamedTuple):
    """What a file holds to prove its signatures."""

    certificates: Sequence[x509.Certificate] = ()
    crls: Sequence[crl.CertificateList] = ()
    ocsps: Sequence[ocsp.OCSPResponse] = ()


def sealed_under(pdf: bytes) -> bytes:
    """Return the certificate in DER under which a PDF was sealed; raises UnavailableError where it cannot be read."""
    try:
        return bytes(_signature_of(PdfFileReader(io.BytesIO(pdf))).signer_cert.dump())
    except BROKEN as error:
        raise _unavailable(error) from error


def completed(pdf: bytes, seal: Proving) -> bytes:
    """Return a sealed PDF with what proves the certificates of its seal; it begins with the bytes that were given.

    Raises UnavailableError where the file cannot be read, or would not prove its seal to who trusts the chain's end.
    """
    out = io.BytesIO()
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        contents = _signature_of(writer.prev).pkcs7_content.hex().encode()
        kept = _kept(writer)
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            contents,
            certs=[*kept.certificates, *map(read_certificate, (seal.certificate, *seal.chain))],
            crls=[*kept.crls, *map(crl.CertificateList.load, seal.crls)],
            ocsps=[*kept.ocsps, *map(ocsp.OCSPResponse.load, seal.ocsps)],
        )
        writer.write(out)  # type: ignore[no-untyped-call]
        made = out.getvalue()
        holds = made.startswith(pdf) and _holds(made, seal)
    except BROKEN as error:
        raise _unavailable(error) from error
    if not holds:
        raise _unavailable(ValueError("its proofs do not hold"))
    return made


def timed(pdf: bytes, authority: TimeAuthority) -> Timed:
    """Return a sealed PDF with a time-stamp over all of it, seal included; it begins with the bytes that were given.

    Raises UnavailableError where the authority does not answer well, DamagedError where the file is at fault.
    """
    out = io.BytesIO()
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
        sealing = _signature_of(writer.prev).signer_cert
        given = authority.context(Sealing(sealing))
        asyncio.run(PdfTimeStamper(authority.stamper).async_timestamp_pdf(writer, DIGEST, given, output=out))
        made = out.getvalue()
        holds = made.startswith(pdf) and _is_timed(made, sealing, authority)
    except UNANSWERED as error:
        raise UnavailableError(
            _l(
                "The time of the PDF could not be vouched for: %(reason)s. It is tried again by itself.",
                reason=str(error),
            )
        ) from error
    except BROKEN as error:
        raise DamagedError(str(error)) from error
    if not holds:
        msg = "the seal or its time does not hold"
        raise DamagedError(msg)
    return Timed(made, bytes(sealing.dump()))


def _is_timed(pdf: bytes, sealing: x509.Certificate, authority: TimeAuthority) -> bool:
    """Tell whether the seal of a file stands as it was, and a time-stamp covers it."""
    reader = PdfFileReader(io.BytesIO(pdf))
    usage = KeyUsageConstraints(key_usage={usage_of(sealing)})
    anchored = ValidationContext(trust_roots=[sealing], allow_fetching=False)
    seal = validate_pdf_signature(_signature_of(reader), anchored, key_usage_settings=usage)
    stamp = validate_pdf_timestamp(reader.embedded_timestamp_signatures[-1], authority.context(Sealing(sealing)))
    return bool(seal.intact and seal.valid and seal.docmdp_ok and stamp.intact and stamp.valid and stamp.trusted)


def _signature_of(reader: PdfFileReader) -> EmbeddedPdfSignature:
    found: EmbeddedPdfSignature = reader.embedded_signatures[0]
    return found


def _kept(writer: IncrementalPdfFileWriter) -> _Kept:
    try:
        store = DocumentSecurityStore.read_dss(writer)
    except ValidationInfoReadingError:
        return _Kept()
    context = store.as_validation_context({"trust_roots": []})
    return _Kept(list(store.load_certs()), context.crls, context.ocsps)


def _holds(pdf: bytes, seal: Proving) -> bool:
    """Tell whether a file alone proves its seal today to whoever trusts the end of the chain."""
    reader = PdfFileReader(io.BytesIO(pdf))
    end = read_certificate((seal.certificate, *seal.chain)[-1])
    given = {"trust_roots": [end], "allow_fetching": False, "revocation_mode": "require"}
    store = DocumentSecurityStore.read_dss(reader)
    proving = store.as_validation_context(given)
    timing = store.as_validation_context({"trust_roots": ends_of(store.load_certs()), "allow_fetching": False})
    usage = KeyUsageConstraints(key_usage={usage_of(read_certificate(seal.certificate))})
    found = validate_pdf_signature(_signature_of(reader), proving, timing, key_usage_settings=usage)
    return bool(found.intact and found.valid and found.trusted and found.docmdp_ok)


def _unavailable(error: Exception) -> UnavailableError:
    return UnavailableError(
        _l("The seal of the PDF could not be completed: %(reason)s. It is tried again by itself.", reason=str(error))
    )
