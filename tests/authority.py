"""A certification authority for tests: a root and one below it, who certify keys and requests for sealing documents."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, NameOID, ObjectIdentifier

NOW = datetime.now(UTC)
YEAR = timedelta(days=365)
DOCUMENTS = ObjectIdentifier("1.3.6.1.5.5.7.3.36")


class Issuer(NamedTuple):
    """Who certifies others: a certificate and its key."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def pem(*certificates: x509.Certificate) -> str:
    """Return certificates as a file in PEM."""
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in certificates)


def name(common: str) -> x509.Name:
    """Return a name of nothing but a common name."""
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def usage(*allowed: str) -> x509.KeyUsage:
    """Return what a key may be used for."""
    every = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{one: one in allowed for one in every})


def make_issuer(
    common: str,
    above: Issuer | None = None,
    *,
    ca: bool = True,
    path: int | None = None,
    named: str | None = None,
    ways: tuple[str, ...] = ("ocsp", "crl"),
) -> Issuer:
    """Make an authority, a root where none is above it."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = certify(
        key.public_key(),
        Issuer(above.certificate, above.key) if above else None,
        common=common,
        own=key,
        extensions=(
            x509.BasicConstraints(ca=ca, path_length=path if ca else None),
            usage(*(("key_cert_sign", "crl_sign") if ca else ("digital_signature",))),
            *answers_at(named, ways=ways),
        ),
    )
    return Issuer(made, key)


def answers_at(named: str | None, *, ways: tuple[str, ...] = ("ocsp", "crl")) -> tuple[x509.ExtensionType, ...]:
    """Let a certificate name where it is asked whether it is revoked: by OCSP, and as a list."""
    if named is None:
        return ()
    address = x509.UniformResourceIdentifier(named)
    answered = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, address)
    point = x509.DistributionPoint([address], None, None, None)
    made = {"ocsp": x509.AuthorityInformationAccess([answered]), "crl": x509.CRLDistributionPoints([point])}
    return tuple(made[one] for one in ways)


def certify(
    public: CertificatePublicKeyTypes,
    issuer: Issuer | None,
    *,
    common: str = "示例认证中心",
    own: ec.EllipticCurvePrivateKey | None = None,
    extensions: tuple[x509.ExtensionType, ...] = (),
    named: str | None = None,
    ways: tuple[str, ...] = ("ocsp", "crl"),
    begins: datetime = NOW - timedelta(days=1),
    ends: datetime = NOW + YEAR,
) -> x509.Certificate:
    """Certify a key for sealing documents, or as the extensions say."""
    documents = (usage("digital_signature", "content_commitment"), x509.ExtendedKeyUsage([DOCUMENTS]))
    given = extensions or (*documents, *answers_at(named, ways=ways))
    by = issuer.certificate.subject if issuer else name(common)
    made = x509.CertificateBuilder().subject_name(name(common)).issuer_name(by).public_key(public)
    made = made.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)
    for one in given:
        made = made.add_extension(one, critical=isinstance(one, (x509.BasicConstraints, x509.KeyUsage)))
    key = issuer.key if issuer else own
    assert key is not None
    return made.sign(key, SHA256())
