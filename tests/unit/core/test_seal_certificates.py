"""The X.509 certificate of an RSA key names itself, for documents only, and no other key has one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from app.core.signing import Algorithm, KeyStoreError, create_key, revocation_list, self_signed, signing_request

BEGINS = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("ends", [datetime(2036, 1, 1, tzinfo=UTC), datetime(2056, 1, 1, tzinfo=UTC)])
def test_a_key_certifies_itself(tmp_path: Path, ends: datetime) -> None:
    signer = create_key(tmp_path, "seal", algorithm=Algorithm.RSA)

    made = self_signed(signer, common_name="示例认证中心", organisation="示例机构", begins=BEGINS, ends=ends)

    found = x509.load_der_x509_certificate(made)
    found.verify_directly_issued_by(found)
    usage = found.extensions.get_extension_for_class(x509.KeyUsage)
    assert (found.not_valid_before_utc, found.not_valid_after_utc) == (BEGINS, ends)
    assert found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "示例认证中心"
    assert found.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value == "示例机构"
    assert usage.critical
    assert usage.value.digital_signature
    assert usage.value.content_commitment
    assert not usage.value.key_cert_sign
    assert found.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    purposes = found.extensions.get_extension_for_oid(ExtensionOID.EXTENDED_KEY_USAGE).value
    assert [one.dotted_string for one in purposes] == ["1.3.6.1.5.5.7.3.36"]  # type: ignore[attr-defined]


def test_only_rsa_seals_paper(tmp_path: Path) -> None:
    """PDF/A-3 with another algorithm would become PDF 2.0."""
    signer = create_key(tmp_path, "seal", algorithm=Algorithm.P256)
    with pytest.raises(KeyStoreError, match="only an RSA key"):
        self_signed(signer, common_name="x", organisation="x", begins=BEGINS, ends=BEGINS)
    with pytest.raises(KeyStoreError, match="only an RSA key"):
        signing_request(signer, common_name="x", organisation="x")


def test_a_request_for_a_certificate_is_signed_by_the_key_it_names(tmp_path: Path) -> None:
    signer = create_key(tmp_path, "seal", algorithm=Algorithm.RSA)

    made = x509.load_pem_x509_csr(signing_request(signer, common_name="示例", organisation="示例机构"))

    assert made.is_signature_valid
    assert made.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value == "示例"


def test_a_key_that_was_lost_revokes_its_own_certificate_and_what_else_it_made(tmp_path: Path) -> None:
    signer = create_key(tmp_path, "seal", algorithm=Algorithm.RSA)
    ends = datetime(2026, 2, 1, tzinfo=UTC)

    def listed(revoked: datetime | None) -> list[int]:
        told = revocation_list(
            signer, common_name="x", organisation="x", begins=BEGINS, ends=ends, revoked=revoked, serials=[7]
        )
        return sorted(one.serial_number for one in x509.load_der_x509_crl(told))

    assert listed(None) == []
    assert len(listed(BEGINS)) == 2
    assert listed(BEGINS)[0] == 7
