"""X.509 certificates for keys that seal PDF files, made with nothing of the key but its signer."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from app.core.lazily import lazily
from app.core.signing.keys import Algorithm
from app.core.signing.stores import KeyStoreError, Signer

if TYPE_CHECKING:
    from asn1crypto import crl, csr, keys, pem, x509
else:
    crl, csr, keys = lazily("asn1crypto.crl"), lazily("asn1crypto.csr"), lazily("asn1crypto.keys")
    pem, x509 = lazily("asn1crypto.pem"), lazily("asn1crypto.x509")

SERIAL_BITS = 127
SERIAL_BYTES = 15
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"
"""The purpose of signing documents for people to read (RFC 9336)."""


def self_signed(
    signer: Signer,
    *,
    common_name: str,
    organisation: str,
    begins: datetime,
    ends: datetime,
    list_url: str | None = None,
) -> bytes:
    """Return a certificate in DER in which an RSA key names itself, valid from `begins` until `ends`.

    It carries the key to readers of PDF files; who trusts it is up to them, or to the authority whose
    certificate takes its place. With `list_url` it names the address of the key's own revocation list and its number
    is that of `own_serial`. Raises KeyStoreError for another algorithm and where the key cannot sign.
    """
    if signer.public_key.algorithm is not Algorithm.RSA:
        raise KeyStoreError("only an RSA key seals PDF files")
    name = _name(common_name, organisation)
    public = keys.PublicKeyInfo.load(signer.public_key.spki)
    algorithm = {"algorithm": "sha256_rsa"}
    body = x509.TbsCertificate(
        {
            "version": "v3",
            "serial_number": own_serial(signer) if list_url else secrets.randbits(SERIAL_BITS) + 1,
            "signature": algorithm,
            "issuer": name,
            "validity": {"not_before": _time(begins), "not_after": _time(ends)},
            "subject": name,
            "subject_public_key_info": public,
            "extensions": _extensions(public.sha1, list_url),
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
            "subject": _name(common_name, organisation),
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


def own_serial(signer: Signer) -> int:
    """Return the number of the certificate that a key makes of itself: known from the key, so it can be taken back."""
    return int.from_bytes(hashlib.sha256(signer.public_key.spki).digest()[:SERIAL_BYTES]) + 1


def names_list(certificate: bytes) -> bool:
    """Tell whether a certificate in DER names a revocation list."""
    return bool(x509.Certificate.load(certificate).crl_distribution_points)


def revocation_list(
    signer: Signer,
    *,
    common_name: str,
    organisation: str,
    begins: datetime,
    ends: datetime,
    revoked: datetime | None = None,
    serials: Iterable[int] = (),
) -> bytes:
    """Return what a key says in DER (CRL, RFC 5280) of the certificates that it made of itself, until `ends`.

    It lists none of them, or every one as compromised since `revoked`: that of `own_serial`, and those of `serials`.
    Raises KeyStoreError where the key cannot sign.
    """
    public = keys.PublicKeyInfo.load(signer.public_key.spki)
    algorithm = {"algorithm": "sha256_rsa"}
    body: dict[str, object] = {
        "version": "v2",
        "signature": algorithm,
        "issuer": _name(common_name, organisation),
        "this_update": _time(begins),
        "next_update": _time(ends),
        "crl_extensions": [
            {"extn_id": "authority_key_identifier", "critical": False, "extn_value": {"key_identifier": public.sha1}},
            {"extn_id": "crl_number", "critical": False, "extn_value": int(begins.timestamp())},
        ],
    }
    if revoked is not None:
        listed = sorted({own_serial(signer), *serials})
        body["revoked_certificates"] = [_compromised(serial, revoked) for serial in listed]
    told = crl.TbsCertList(body)
    signature = signer.sign(told.dump())
    made = crl.CertificateList({"tbs_cert_list": told, "signature_algorithm": algorithm, "signature": signature})
    return bytes(made.dump())


def _compromised(serial: int, since: datetime) -> dict[str, object]:
    reason = {"extn_id": "crl_reason", "critical": False, "extn_value": "key_compromise"}
    return {"user_certificate": serial, "revocation_date": _time(since), "crl_entry_extensions": [reason]}


def _name(common_name: str, organisation: str) -> "x509.Name":
    return x509.Name.build({"country_name": "CN", "organization_name": organisation, "common_name": common_name})


def _time(instant: datetime) -> "x509.Time":
    """Write an instant as RFC 5280 says: two digits for the year until 2049."""
    whole = instant.replace(microsecond=0)
    last_short = 2049
    return x509.Time({"utc_time": whole}) if whole.year <= last_short else x509.Time({"general_time": whole})


def _extensions(key_digest: bytes, list_url: str | None = None) -> list[dict[str, object]]:
    usage = {"digital_signature", "non_repudiation", *(["crl_sign"] if list_url else [])}
    extensions: list[dict[str, object]] = [
        {"extn_id": "basic_constraints", "critical": True, "extn_value": {"ca": False}},
        {"extn_id": "key_usage", "critical": True, "extn_value": usage},
        {"extn_id": "extended_key_usage", "critical": False, "extn_value": [DOCUMENT_SIGNING]},
        {"extn_id": "key_identifier", "critical": False, "extn_value": key_digest},
    ]
    return [*extensions, _list_at(list_url)] if list_url else extensions


def _list_at(url: str) -> dict[str, object]:
    name = x509.GeneralName("uniform_resource_identifier", url)
    point = {"distribution_point": x509.DistributionPointName("full_name", [name])}
    return {"extn_id": "crl_distribution_points", "critical": False, "extn_value": [point]}
