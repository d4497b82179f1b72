"""A seal holds over the whole file, says when by an authority where there is one, and betrays a changed byte."""

import asyncio
import io
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import SigningError
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko_certvalidator import ValidationContext
from pypdf import PdfReader, PdfWriter

from app.core.errors import UnavailableError
from app.core.signing import Algorithm, create_key, self_signed
from app.credentials.paper import completing, pades, timestamps
from app.credentials.paper.timestamps import TimeAuthority
from app.credentials.services.bodies import Seal
from tests.authority import make_issuer
from tests.revocation import listed
from tests.timestamping import LocalAuthority, local_authority
from tests.unit.credentials.levels import BASIC, COMPLETED, LASTING, TIMED, Levels, at_every_level

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    signer = create_key(tmp_path_factory.mktemp("keys"), "seal", algorithm=Algorithm.RSA)
    day, names = timedelta(days=1), {"common_name": "示例认证中心", "organisation": "示例认证中心"}
    return Seal(signer, self_signed(signer, **names, begins=NOW - day, ends=NOW + 10 * day))


@pytest.fixture(scope="module")
def page() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.pdf_header = "%PDF-1.7"
    writer.add_blank_page(842, 595)
    writer.add_attachment("credential.json", b"{}" * 100)
    writer.write(out)
    return out.getvalue()


@pytest.fixture(scope="module")
def sealed(page: bytes, seal: Seal) -> bytes:
    return pades.sealed(page, seal)


@pytest.fixture(scope="module")
def authority() -> Iterator[LocalAuthority]:
    with local_authority() as running:
        yield running


def status_of(pdf: bytes, *roots: bytes) -> Any:  # noqa: ANN401 - pyHanko's own record
    signature = PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0]
    trusted = [x509.Certificate.load(one) for one in roots]
    return validate_pdf_signature(signature, signer_validation_context=ValidationContext(trust_roots=trusted))


def test_a_seal_covers_the_whole_file_and_trusts_to_the_bodys_own_certificate(sealed: bytes, seal: Seal) -> None:
    found = status_of(sealed, seal.certificate)

    assert found.bottom_line
    assert (found.intact, found.valid, found.trusted) == (True, True, True)
    assert found.coverage.name == "ENTIRE_FILE"
    assert (found.md_algorithm, found.pkcs7_signature_mechanism) == ("sha256", "sha256_rsa")
    assert found.timestamp_validity is None
    root: Any = PdfReader(io.BytesIO(sealed)).trailer["/Root"]
    signature = root["/AcroForm"]["/Fields"][0]["/V"]
    assert signature["/SubFilter"] == "/ETSI.CAdES.detached"
    assert PdfReader(io.BytesIO(sealed)).attachments["credential.json"] == [b"{}" * 100]


def test_a_seal_is_invisible_printable_and_leaves_the_version_as_pdf_a_3_asks(sealed: bytes) -> None:
    root: Any = PdfReader(io.BytesIO(sealed)).trailer["/Root"]
    field = root["/AcroForm"]["/Fields"][0]

    assert [float(place) for place in field["/Rect"]] == [0, 0, 0, 0]
    assert int(field["/F"]) & 0b110 == 0b100  # printed, not hidden
    assert "/Version" not in root


def test_every_changed_byte_within_the_seal_is_caught(sealed: bytes, seal: Seal) -> None:
    first = sealed.index(b"/MediaBox")
    for place in (20, first + 12, len(sealed) // 2 - 3000):
        changed = bytearray(sealed)
        changed[place] ^= 1
        try:
            found = status_of(bytes(changed), seal.certificate)
        except (PdfError, ValueError):
            continue  # a file that cannot be read any more is caught as well
        assert not found.bottom_line


def test_what_is_added_after_the_seal_is_caught(sealed: bytes, seal: Seal) -> None:
    """The seal certifies the file: not even a form may be filled in afterwards."""
    writer = PdfWriter(io.BytesIO(sealed), incremental=True)
    writer.pages[0].compress_content_streams()
    writer.add_attachment("another.json", b"{}")
    out = io.BytesIO()
    writer.write(out)

    found = status_of(out.getvalue(), seal.certificate)

    assert out.getvalue().startswith(sealed)
    assert not found.bottom_line


def test_poppler_finds_the_signature_valid(sealed: bytes, tmp_path: Path) -> None:
    path = tmp_path / "sealed.pdf"
    path.write_bytes(sealed)
    told = subprocess.run(["pdfsig", path], capture_output=True, text=True, check=False).stdout

    assert "Signature is Valid." in told
    assert "Total document signed" in told
    assert "ETSI.CAdES.detached" in told


def test_the_private_key_is_asked_once_for_a_seal(page: bytes, seal: Seal) -> None:
    asked: list[int] = []

    class Counting:
        def sign(self, data: bytes) -> bytes:
            asked.append(len(data))
            return seal.signer.sign(data)

    pades.sealed(page, Seal(Counting(), seal.certificate))  # type: ignore[arg-type]

    assert len(asked) == 1


def test_another_digest_is_refused(seal: Seal) -> None:
    signer = pades.BodySigner(seal.signer, x509.Certificate.load(seal.certificate))
    with pytest.raises(SigningError):
        asyncio.run(signer.async_sign_raw(b"", "sha512"))


def test_with_an_authority_the_time_and_what_proves_it_lie_in_the_file(
    page: bytes, seal: Seal, authority: LocalAuthority
) -> None:
    stamped = TimeAuthority(authority.url)

    made = [pades.sealed(page, seal, authority=stamped) for _time in range(2)]

    found = status_of(made[0], seal.certificate, authority.root)
    assert found.bottom_line
    assert found.coverage.name == "ENTIRE_FILE" or found.modification_level.name == "LTA_UPDATES"
    assert found.timestamp_validity.intact
    assert found.timestamp_validity.trusted
    assert abs(found.timestamp_validity.timestamp - datetime.now(UTC)) < timedelta(minutes=5)
    kept = DocumentSecurityStore.read_dss(PdfFileReader(io.BytesIO(made[0])))
    assert len(kept.crls) == 1
    assert len(kept.certs) >= 2
    assert authority.asked.count("/root.crl") == 1
    assert authority.asked.count("/tsa") <= 2 * len(made)


def test_years_later_the_file_alone_proves_the_seal(page: bytes, seal: Seal, authority: LocalAuthority) -> None:
    made = pades.sealed(page, seal, authority=TimeAuthority(authority.url))
    roots = [x509.Certificate.load(one) for one in (seal.certificate, authority.root)]
    reader = PdfFileReader(io.BytesIO(made))
    alone: dict[str, Any] = {"trust_roots": roots, "allow_fetching": False, "revocation_mode": "hard-fail"}
    kept = DocumentSecurityStore.read_dss(reader).as_validation_context(alone)

    found: Any = validate_pdf_signature(reader.embedded_signatures[0], kept, kept)

    assert found.bottom_line
    assert found.timestamp_validity.trusted
    without = ValidationContext(**alone, crls=[])
    unproven: Any = validate_pdf_signature(reader.embedded_signatures[0], without, without)
    assert not unproven.timestamp_validity.trusted


def test_an_authority_that_names_only_a_responder_is_asked_there(page: bytes, seal: Seal) -> None:
    """Its certificate names no list: what its responder says goes into the file, asked for once."""
    with local_authority(responds=True) as running:
        asked = timestamps.TimeAuthority(running.url)
        made = [pades.sealed(page, seal, authority=asked) for _time in range(2)]

    assert running.asked.count("/ocsp") == 1
    assert "/root.crl" not in running.asked
    for one in made:
        kept = DocumentSecurityStore.read_dss(PdfFileReader(io.BytesIO(one)))
        assert (len(kept.ocsps), len(kept.crls)) == (1, 0)


@pytest.mark.parametrize("instead", [{"/tsa": b""}, {"/tsa": b"no token"}, {"/root.crl": b"no list"}])
def test_an_authority_that_answers_wrongly_lets_nothing_through(
    page: bytes, seal: Seal, authority: LocalAuthority, instead: dict[str, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authority, "instead", instead)
    with pytest.raises(UnavailableError, match="could not be sealed"):
        pades.sealed(page, seal, authority=TimeAuthority(authority.url))


def test_an_authority_out_of_reach_is_said(
    page: bytes, seal: Seal, authority: LocalAuthority, monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in ("http://127.0.0.1:9/tsa", "file:///etc/hosts", "ftp://tsa.example/"):
        with pytest.raises(UnavailableError, match="could not be sealed"):
            pades.sealed(page, seal, authority=TimeAuthority(url))
    monkeypatch.setattr(timestamps, "LARGEST_ANSWER", 100)
    with pytest.raises(UnavailableError, match="too much"):
        pades.sealed(page, seal, authority=TimeAuthority(authority.url))


@pytest.fixture(scope="module")
def levels(authority: LocalAuthority, tmp_path_factory: pytest.TempPathFactory) -> Levels:
    return at_every_level(tmp_path_factory.mktemp("levels"), authority.url)


def test_only_a_file_with_its_proofs_proves_itself_alone(levels: Levels, authority: LocalAuthority) -> None:
    """Years later nothing is at hand but the file and the roots, and every certificate below them must be proven."""
    found = {}
    for name, pdf in levels.files.items():
        reader = PdfFileReader(io.BytesIO(pdf))
        given = {"trust_roots": [x509.Certificate.load(one) for one in (levels.root, authority.root)]}
        alone: dict[str, Any] = {**given, "allow_fetching": False, "revocation_mode": "require"}
        if name == BASIC:
            kept = ValidationContext(**alone, crls=[])
        else:
            kept = DocumentSecurityStore.read_dss(reader).as_validation_context(alone)
        status: Any = validate_pdf_signature(reader.embedded_signatures[0], kept, kept)
        assert (status.intact, status.valid, status.docmdp_ok) == (True, True, True), name
        timed = bool(status.timestamp_validity and status.timestamp_validity.trusted)
        found[name] = (bool(status.trusted), timed)

    assert found == {BASIC: (False, False), TIMED: (False, True), LASTING: (True, True), COMPLETED: (True, True)}


def test_a_completed_file_begins_with_the_one_before_and_completes_once_more_into_the_same_store(
    levels: Levels,
) -> None:
    before, after = levels.files[TIMED], levels.files[COMPLETED]
    assert after.startswith(before)
    assert completing.sealed_under(before) == completing.sealed_under(after) == levels.seal.certificate
    again = completing.completed(after, levels.seal)
    stores = [DocumentSecurityStore.read_dss(PdfFileReader(io.BytesIO(one))) for one in (after, again)]
    assert len({(len(one.crls), len(one.ocsps), len(one.certs), len(one.vri_entries)) for one in stores}) == 1
    assert len(stores[0].crls) == 3, "those of the seal's chain and that of the time stamp"


def test_a_file_is_not_completed_with_what_does_not_prove_it(levels: Levels, sealed: bytes, page: bytes) -> None:
    timed, proven = levels.files[TIMED], levels.seal
    damaged = bytearray(timed)
    damaged[damaged.index(b"/MediaBox") + 12] ^= 1
    stranger = listed(make_issuer("国家根认证机构"), set())
    for pdf, proving in (
        (timed, proven._replace(crls=proven.crls[:1])),
        (timed, proven._replace(crls=())),
        (timed, proven._replace(crls=(proven.crls[0], stranger))),
        (timed, proven._replace(crls=(b"no list",))),
        (bytes(damaged), proven),
        (sealed, proven),
        (page, proven),
        (b"no file", proven),
    ):
        with pytest.raises(UnavailableError, match="could not be completed"):
            completing.completed(pdf, proving)
    for pdf in (page, b"no file"):
        with pytest.raises(UnavailableError, match="could not be completed"):
            completing.sealed_under(pdf)


def test_an_authority_at_an_address_is_made_once(authority: LocalAuthority) -> None:
    assert timestamps.authority_at(authority.url) is timestamps.authority_at(authority.url)
