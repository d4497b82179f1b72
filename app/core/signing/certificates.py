"""X.509 certificates for keys that seal PDF files, made with nothing of the key but its signer."""

import secrets
from datetime import datetime
from typing import TYPE_CHECKING

from app.core.lazily import lazily
from app.core.signing.keys import Algorithm
from app.core.signing.stores import KeyStoreError, Signer

if TYPE_CHECKING:
    from asn1crypto import csr, keys, pem, x509
else:
    csr, keys = lazily("asn1crypto.csr"), lazily("asn1crypto.keys")
    pem, x509 = lazily("asn1crypto.pem"), lazily("asn1crypto.x509")

SERIAL_BITS = 127
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"
"""The purpose of signing documents for people to read (RFC 9336)."""


def self_signed(signer: Signer, *, common_name: str, organisation: str, begins: datetime, ends: datetime) -> bytes:
    """Return a certificate in DER in which an RSA key names itself, valid from `begins` until `ends`.

    It carries the key to readers of PDF files; who trusts it is up to them, or to the authority whose
    certificate takes its place. Raises KeyStoreError for another algorithm and where the key cannot sign.
    """
    if signer.public_key.algorithm is not Algorithm.RSA:
        raise KeyStoreError("only an RSA key seals PDF files")
    name = x509.Name.build({"country_name": "CN", "organization_name": organisation, "common_name": common_name})
    public = keys.PublicKeyInfo.load(signer.public_key.spki)
    algorithm = {"algorithm": "sha256_rsa"}
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": secrets.randbits(SERIAL_BITS) + 1,
            "signature": algorithm,
            "issuer": name,
            "validity": {"not_before": _time(begins), "not_after": _time(ends)},
            "subject": name,
            "subject_public_key_info": public,
            "extensions": _extensions(public.sha1),
        }
    )
    signature = signer.sign(body.dump())
    made = x509.Certificate({"tbs_certificate": body, "signature_algorithm": algorithm, "signature_value": signature})
    return bytes(made.dump())


def signing_request(signer: Signer, *, common_name: str, organisation: str) -> bytes:
    """Return a request (PKCS#10, in PEM) that a certification authority certify an RSA key for sealing documents.

    Raises KeyStoreError for another algorithm and where the key cannot sign.
    """
    if signer.public_key.algorithm is not Algorithm.RSA:
        raise KeyStoreError("only an RSA key seals PDF files")
    public = keys.PublicKeyInfo.load(signer.public_key.spki)
    wanted = [one for one in _extensions(public.sha1) if one["extn_id"] in {"key_usage", "extended_key_usage"}]
    body = csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": x509.Name.build(
                {"country_name": "CN", "organization_name": organisation, "common_name": common_name}
            ),
            "subject_pk_info": public,
            "attributes": [{"type": "extension_request", "values": [wanted]}],
        }
    )
    made = csr.CertificationRequest(
        {
            "certification_request_info": body,
            "signature_algorithm": {"algorithm": "sha256_rsa"},
            "signature": signer.sign(body.dump()),
        }
    )
    return bytes(pem.armor("CERTIFICATE REQUEST", made.dump()))


def _time(instant: datetime) -> "x509.Time":
    """Write an instant as RFC 5280 says: two digits for the year until 2049."""
    whole = instant.replace(microsecond=0)
    last_short = 2049
    return x509.Time({"utc_time": whole}) if whole.year <= last_short else x509.Time({"general_time": whole})


def _extensions(key_digest: bytes) -> list[dict[str, object]]:
    return [
        {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": False}},
        {"extn_id": "key_usage", "critical": True, "extn_value": {"digital_signature", "non_repudiation"}},
        {"extn_id": "extended_key_usage", "critical": False, "extn_value": [DOCUMENT_SIGNING]},
        {"extn_id": "key_identifier", "critical": False, "extn_value": key_digest},
    ]
