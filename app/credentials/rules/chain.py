"""The chain of X.509 certificates that a certification authority hands over for a key that seals PDF files (RFC 5280).

In whatever order it comes, it is put in order from the certificate of the key up to its root, and each link is checked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.hashes import MD5, SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LARGEST = 64 * 1024
LONGEST = 8
WEAK = (MD5, SHA1)
FOR_DOCUMENTS = frozenset(
    {
        "1.3.6.1.5.5.7.3.36",
        "1.3.6.1.4.1.311.10.3.12",
        "1.2.840.113583.1.1.5",
        ExtendedKeyUsageOID.EMAIL_PROTECTION.dotted_string,
        ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE.dotted_string,
    }
)
"""Purposes under which readers take a signature of a PDF: documents (RFC 9336, Microsoft, Adobe), mail, any."""


class ChainError(ValueError):
    """A chain that does not fit; `code` says why, `name` whose certificate it is about."""

    def __init__(self, code: str, name: str = "") -> None:
        super().__init__(code, name)
        self.code = code
        self.name = name


@dataclass(frozen=True, slots=True)
class Link:
    """One certificate of a chain as people read it; `fingerprint` is its SHA-256."""

    subject: str
    issuer: str
    begins: datetime
    ends: datetime
    fingerprint: str


def read_chain(pem: str, spki: bytes, at: datetime) -> list[bytes]:
    """Return the certificates in DER, that of the key first, each certified by the next.

    `spki` is the public key in DER. Raises ChainError where a file is none, the key or an issuer is missing, a
    certificate stands outside of the chain, does not hold at the instant, or may not be used so.
    """
    held = _read(pem)
    leaf = next((one for one in held if _key_of(one) == spki), None)
    if leaf is None:
        raise ChainError("key")
    if leaf.issuer == leaf.subject:
        raise ChainError("self", name_of(leaf.subject))
    chain = _ordered(leaf, [one for one in held if one is not leaf])
    for one in chain:
        if not one.not_valid_before_utc <= at <= one.not_valid_after_utc:
            raise ChainError("validity", name_of(one.subject))
        if isinstance(one.signature_hash_algorithm, WEAK) and one.issuer != one.subject:
            raise ChainError("weak", name_of(one.subject))
    _check_use(leaf)
    for below, issuer in enumerate(chain[1:]):
        _check_issuer(issuer, below)
    return [one.public_bytes(Encoding.DER) for one in chain]


def _read(pem: str) -> list[x509.Certificate]:
    if len(pem) > LARGEST:
        raise ChainError("file")
    try:
        held = x509.load_pem_x509_certificates(pem.encode())
    except ValueError as error:
        raise ChainError("file") from error
    if len(held) > LONGEST:
        raise ChainError("file")
    return held


def _key_of(certificate: x509.Certificate) -> bytes:
    try:
        return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, UnsupportedAlgorithm):
        return b""


def _ordered(leaf: x509.Certificate, others: list[x509.Certificate]) -> list[x509.Certificate]:
    """Put the issuers behind the certificate of the key; at least one must have come, and none that is no issuer."""
    chain, left = [leaf], list(others)
    while chain[-1].issuer != chain[-1].subject:
        issuer = next((one for one in left if _issued(chain[-1], one)), None)
        if issuer is None:
            break
        chain.append(issuer)
        left.remove(issuer)
    if len(chain) == 1:
        raise ChainError("issuer", name_of(leaf.issuer))
    if left:
        raise ChainError("outside", name_of(left[0].subject))
    return chain


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _check_use(leaf: x509.Certificate) -> None:
    """Refuse a certificate that may not sign documents, or that may issue others."""
    extensions = _extensions(leaf)
    basic, usage, purposes = (
        extensions.get(one) for one in (x509.BasicConstraints, x509.KeyUsage, x509.ExtendedKeyUsage)
    )
    if isinstance(basic, x509.BasicConstraints) and basic.ca:
        raise ChainError("use", name_of(leaf.subject))
    if isinstance(usage, x509.KeyUsage) and not (usage.digital_signature or usage.content_commitment):
        raise ChainError("use", name_of(leaf.subject))
    if isinstance(purposes, x509.ExtendedKeyUsage) and not FOR_DOCUMENTS & {one.dotted_string for one in purposes}:
        raise ChainError("use", name_of(leaf.subject))


def _check_issuer(issuer: x509.Certificate, below: int) -> None:
    """Refuse an issuer that may certify nobody, or not with so many authorities below it."""
    extensions = _extensions(issuer)
    basic, usage = extensions.get(x509.BasicConstraints), extensions.get(x509.KeyUsage)
    may = isinstance(basic, x509.BasicConstraints) and basic.ca
    if may and isinstance(basic, x509.BasicConstraints) and basic.path_length is not None:
        may = basic.path_length >= below
    if isinstance(usage, x509.KeyUsage):
        may = may and usage.key_cert_sign
    if not may:
        raise ChainError("authority", name_of(issuer.subject))


def _extensions(certificate: x509.Certificate) -> dict[type, x509.ExtensionType]:
    try:
        return {type(one.value): one.value for one in certificate.extensions}
    except (ValueError, x509.DuplicateExtension, x509.UnsupportedGeneralNameType) as error:
        raise ChainError("file", name_of(certificate.subject)) from error


def name_of(name: x509.Name) -> str:
    """Return what a certificate calls somebody: the common name, else the whole name."""
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def is_root(certificate: bytes) -> bool:
    """Tell whether a certificate in DER names nobody above itself."""
    one = x509.load_der_x509_certificate(certificate)
    return one.issuer == one.subject


def serial_of(certificate: bytes) -> int:
    """Return the number of a certificate in DER."""
    return x509.load_der_x509_certificate(certificate).serial_number


class ListTimes(NamedTuple):
    """Between which instants a revocation list holds, and whether it lists anything."""

    begins: datetime
    ends: datetime
    lists: bool


def times_of_list(content: bytes) -> ListTimes:
    """Read a revocation list of ours in DER."""
    one = x509.load_der_x509_crl(content)
    return ListTimes(one.last_update_utc, one.next_update_utc or one.last_update_utc, len(one) > 0)


def to_pem(chain: Sequence[bytes]) -> str:
    """Return certificates in DER as PEM, one after the other."""
    return "".join(x509.load_der_x509_certificate(one).public_bytes(Encoding.PEM).decode() for one in chain)


def from_pem(pem: str | None) -> tuple[bytes, ...]:
    """Return the certificates of a kept chain in DER, none for None."""
    if not pem:
        return ()
    return tuple(one.public_bytes(Encoding.DER) for one in x509.load_pem_x509_certificates(pem.encode()))


def links_of(chain: Sequence[bytes]) -> list[Link]:
    """Return the certificates of a chain as people read them."""
    return [_link(x509.load_der_x509_certificate(one)) for one in chain]


def _link(one: x509.Certificate) -> Link:
    digest = one.fingerprint(SHA256())
    return Link(
        name_of(one.subject), name_of(one.issuer), one.not_valid_before_utc, one.not_valid_after_utc, digest.hex()
    )
