"""PAdES signatures over a finished PDF by pyHanko: B-B, B-T with a time-stamp authority, B-LT with proofs too.

The key stays behind our signer interface, so that it may lie in a token; its certificate comes along.
Signature fields are invisible and printable, as PDF/A asks. RSA with SHA-256: a signature on a curve
would raise the file to PDF 2.0, which PDF/A-3 is not (ETSI EN 319 142-1, ISO 19005-3).
"""

import asyncio
import io
import logging
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Protocol

from asn1crypto import tsp, x509
from asn1crypto.algos import SignedDigestAlgorithm
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.attributes import CMSAttributeProvider, SignedAttributeProviderSpec
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError, as_signing_certificate_v2
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.timestamps import TimestampRequestError
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from app.core.errors import UnavailableError
from app.core.text import _l
from app.credentials.paper.timestamps import Sealing, TimeAuthority
from app.credentials.states import SealLevel

FIELD = "Seal"
DIGEST = "sha256"
MECHANISM = "sha256_rsa"
HEX, AROUND_CERTIFICATE = 2, 2048
"""Room for a signature without a time stamp, in hexadecimal: told, it need not be found by signing twice."""
# pyHanko warns at each file that it may fetch nothing: all that it needs is handed to it.
logging.getLogger("pyhanko.sign.signers.pdf_signer").setLevel(logging.ERROR)


class SealKey(Protocol):
    """What signs: an RSA key behind the signer interface."""

    def sign(self, data: bytes) -> bytes:
        """Return the PKCS#1 v1.5 signature with SHA-256."""
        ...


class Proven(Protocol):
    """What tells whether every certificate of a seal is proven not to be revoked."""

    @property
    def proven(self) -> bool:
        """Tell whether they prove every certificate below the root."""
        ...


class Seal(Proven, Protocol):
    """A key that seals PDF files, its X.509 certificate in DER, and those of who certified it."""

    @property
    def signer(self) -> SealKey:
        """Return the signer of the key."""
        ...

    @property
    def certificate(self) -> bytes:
        """Return the certificate."""
        ...

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Return the certificates of who certified it, up to the root; none where it certifies itself."""
        ...

    @property
    def crls(self) -> tuple[bytes, ...]:
        """Return revocation lists that prove certificates of the seal."""
        ...

    @property
    def ocsps(self) -> tuple[bytes, ...]:
        """Return answers of responders that do so."""
        ...


class BodySigner(Signer):
    """Our signer as pyHanko asks for it; the private key is opened once, elsewhere."""

    def __init__(self, key: SealKey, certificate: x509.Certificate, chain: Sequence[x509.Certificate] = ()) -> None:
        kept = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        for one in chain:
            kept.register(one)
        super().__init__(
            signing_cert=certificate,
            cert_registry=kept,
            signature_mechanism=SignedDigestAlgorithm({"algorithm": MECHANISM}),
        )
        self.signed_attr_prov_spec = _Attributes(certificate)
        self._key = key
        self._length = certificate.public_key.byte_size

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:  # noqa: FBT001, FBT002 - as pyHanko calls it
        """Return the raw signature; a dry run only asks how long it is."""
        if digest_algorithm != DIGEST:
            msg = f"a seal signs with {DIGEST}, not {digest_algorithm}"
            raise SigningError(msg)
        return bytes(self._length) if dry_run else self._key.sign(data)


class _Attributes(SignedAttributeProviderSpec):
    """What a seal signs beside the digest of the file: its certificate, as PAdES asks (ETSI EN 319 142-1, 6.3)."""

    def __init__(self, certificate: x509.Certificate) -> None:
        self._certificate = certificate

    def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> Iterator[CMSAttributeProvider]:  # noqa: ARG002 - as pyHanko calls it
        yield _NamesCertificate(self._certificate.dump())


class _NamesCertificate(CMSAttributeProvider):
    """Names the certificate of the seal: read back, since asn1crypto encodes what it built anew at each look."""

    attribute_type = "signing_certificate_v2"

    def __init__(self, certificate: bytes) -> None:
        self._certificate = certificate

    async def build_attr_value(self, dry_run: bool = False) -> tsp.SigningCertificateV2:  # noqa: ARG002, FBT001, FBT002 - as pyHanko calls it
        return _named(self._certificate)


def sealed(pdf: bytes, seal: Seal, *, authority: TimeAuthority | None = None) -> bytes:
    """Return a PDF with a certifying signature over all of it, after which nothing may be changed.

    Of the level that `level_of` tells: with a time-stamp authority its time is vouched for, and what proves the
    certificates of both lies in the file. Raises UnavailableError where the authority does not answer well.
    """
    out = io.BytesIO()
    try:
        signer = _signer_of(seal, authority)
        document = IncrementalPdfFileWriter(io.BytesIO(pdf))
        held = len(seal.certificate) + sum(len(one) for one in seal.chain)
        room = None if authority else HEX * (held + AROUND_CERTIFICATE)
        asyncio.run(signer.async_sign_pdf(document, output=out, bytes_reserved=room))
    except (TimestampRequestError, SigningError, PathError, ValidationError, OSError, ValueError) as error:
        raise UnavailableError(
            _l("The PDF could not be sealed: %(reason)s. It is tried again by itself.", reason=str(error))
        ) from error
    return out.getvalue()


def level_of(seal: Proven, authority: TimeAuthority | None) -> SealLevel:
    """Return the level at which a seal is set: without proofs of every certificate its time alone lasts."""
    if authority is None:
        return SealLevel.BASIC
    return SealLevel.LASTING if seal.proven else SealLevel.TIMED


def _signer_of(seal: Seal, authority: TimeAuthority | None) -> PdfSigner:
    certificate = read_certificate(seal.certificate)
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        name=certificate.subject.native.get("common_name"),
        embed_validation_info=authority is not None,
        validation_context=authority.context(_sealing(seal)) if authority else None,
        signer_key_usage={usage_of(certificate)},
    )
    key = BodySigner(seal.signer, certificate, [read_certificate(one) for one in seal.chain])
    return PdfSigner(metadata, key, timestamper=authority.stamper if authority else None)


def _sealing(seal: Seal) -> Sealing:
    """Return what goes along: what proves the chain, which was checked when it was kept, or nothing."""
    certificate = read_certificate(seal.certificate)
    if not seal.proven:
        return Sealing(certificate)
    return Sealing(certificate, [read_certificate(one) for one in seal.chain], seal.crls, seal.ocsps)


def usage_of(certificate: x509.Certificate) -> str:
    """Return for which use a certificate is checked: authorities allow either for documents."""
    usage = certificate.key_usage_value
    return "digital_signature" if usage and "non_repudiation" not in usage.native else "non_repudiation"


@lru_cache(maxsize=64)
def _named(der: bytes) -> tsp.SigningCertificateV2:
    return tsp.SigningCertificateV2.load(as_signing_certificate_v2(read_certificate(der)).dump())


@lru_cache(maxsize=64)
def read_certificate(der: bytes) -> x509.Certificate:
    """Read an X.509 certificate from DER."""
    return x509.Certificate.load(der)
