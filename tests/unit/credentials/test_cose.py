"""The proof in a QR code: read back as written, in one spelling, with one algorithm, from a code of a size to print."""

import io
import json
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import cbor2
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.core.columns import ALPHABET
from app.core.signing import Algorithm, FileSigner, create_key, read_jwk
from app.credentials.rules import cose, digits
from app.credentials.rules.cose import CoseError, QrFacts
from app.credentials.rules.openbadge import Bilingual, Entry, build_credential, read_certificate
from app.credentials.states import CertificateKind
from tests.unit.credentials import samples
from tests.unit.credentials.qr import BASE, FACTS, Keys, address, corpus

VECTORS = json.loads((Path(__file__).parent / "vectors" / "cose-wg-sign1.json").read_text("utf-8"))["vectors"]
NAMED = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Zs", "Cn", "Co", "Mn", "Mc")),
    min_size=1,
    max_size=40,
).map(lambda text: __import__("unicodedata").normalize("NFC", text))
CODES = st.integers(0, 2**128 - 1).map(
    lambda number: "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))
)
DAYS = st.dates(date(1992, 1, 1), date(2999, 12, 30))


@st.composite
def any_facts(draw: st.DrawFn) -> QrFacts:
    """Draw the entries of any certificate."""
    start = draw(DAYS)
    return QrFacts(
        code=draw(CODES),
        issuer=draw(st.binary(min_size=8, max_size=8)).hex(),
        holder=draw(NAMED),
        kind=draw(st.sampled_from(CertificateKind)),
        level=draw(st.none() | st.sampled_from(sorted(cose.LEVEL_NUMBERS)) | NAMED),
        number=draw(st.none() | NAMED),
        valid_from=start,
        valid_until=draw(st.none() | st.dates(start, date(2999, 12, 31))),
        list_code=draw(CODES),
        index=draw(st.integers(0, 2**31 - 1)),
        hours=draw(st.none() | st.decimals(0, 99_999, places=2)),
    )


@given(st.binary(max_size=300))
def test_digits_read_back_as_the_bytes_they_write(data: bytes) -> None:
    if data:
        assert digits.read_digits(digits.write_digits(data)) == data
    assert digits.write_digits(data).isdigit() or not data


@given(any_facts())
def test_claims_read_back_as_they_were_written(facts: QrFacts) -> None:
    assert cose.read_claims(cose.qr_claims(facts)) == facts


@given(facts=any_facts())
def test_a_signed_proof_holds_for_its_key_alone(keys: Keys, facts: QrFacts) -> None:
    sealed = cose.read_cose(cose.read_address(address(facts, keys.own)))

    assert cose.read_claims(sealed.claims) == facts
    assert cose.verify_cose(sealed, keys.own.public_key)
    assert not cose.verify_cose(sealed, keys.other.public_key)


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    for read in (cose.read_cose, cose.read_claims):
        with pytest.raises(CoseError):
            read(data)


@given(
    facts=any_facts(), flips=st.lists(st.tuples(st.integers(0, 10_000), st.integers(1, 255)), min_size=1, max_size=3)
)
def test_no_change_of_a_proof_passes(keys: Keys, facts: QrFacts, flips: list[tuple[int, int]]) -> None:
    good = cose.read_address(address(facts, keys.own))
    data = bytearray(good)
    for place, flip in flips:
        data[place % len(data)] ^= flip
    if bytes(data) == good:
        return
    try:
        sealed = cose.read_cose(bytes(data))
    except CoseError:
        return
    assert not cose.verify_cose(sealed, keys.own.public_key)


def test_a_proof_names_the_facts_of_its_certificate() -> None:
    """The last valid day in Shanghai, not the instant at which it ends."""
    code, listed = FACTS.code, FACTS.list_code
    facts = replace(
        samples.certificate(), status=replace(samples.certificate().status, list_url=f"{BASE}/status/{listed}")
    )
    facts = replace(
        facts,
        url=f"{BASE}/credentials/{code}",
        valid_from=datetime(2026, 5, 31, 16, tzinfo=UTC),
        valid_until=datetime(2029, 5, 31, 16, tzinfo=UTC),
    )

    found = cose.qr_facts(read_certificate(build_credential(facts)))

    assert found == replace(FACTS, number="JJ-2026-000001", issuer=cose.short_id(samples.DID).hex())
    assert cose.read_claims(cose.qr_claims(found)) == found
    assert cose.qr_facts(replace(facts, valid_until=None)).valid_until is None


def test_a_kind_without_levels_says_what_it_certifies() -> None:
    """A title changed on paper must show: the code names the title and the certified values."""
    achievement = replace(
        samples.ACHIEVEMENT,
        kind=CertificateKind.TITLE,
        level=None,
        description=Bilingual("持证人经评审取得工程系列高级工程师职称。", "Senior engineer."),
    )
    facts = samples.certificate(achievement=achievement, number=None, hours=None)
    graded = replace(facts, entries=(Entry("grade", Bilingual("信用等级", "Grade"), "A"),))
    long = replace(facts, entries=(Entry("grade", Bilingual("说明", "Note"), "长" * 60),))

    assert cose.qr_facts(facts).level == "持证人经评审取得工程系列高级工程师职称。"
    assert cose.qr_facts(graded).level == "持证人经评审取得工程系列高级工程师职称。 信用等级: A"
    assert cose.qr_facts(long).level == cose.qr_facts(facts).level


def test_every_kind_and_level_has_a_number_of_its_own() -> None:
    assert {kind.value for kind in CertificateKind} <= set(cose.KIND_NUMBERS)
    for table in (cose.KIND_NUMBERS, cose.LEVEL_NUMBERS):
        assert list(table.values()) == list(range(1, len(table) + 1))
    assert list(cose.KIND_NUMBERS)[:4] == ["course_completion", "exam_pass", "capability", "title"]


def test_the_form_on_paper_never_changes(keys: Keys) -> None:
    """A certificate printed today is read in thirty years: these bytes may never be written in another way."""
    assert cose.qr_claims(FACTS).hex() == (
        "8c0150f41f533b8984da161a95a67820788a5648f54e7dc062cfd75a66e5bca0"
        "e4b6ae03016c544d3337303030303030303119507d1954c4502110c8531d0952"
        "d8d73e1194e95b5f191a00017167191f40"
    )
    sealed = cose.read_cose(cose.read_address(address(FACTS, keys.own)))
    kid = cose.short_id(keys.own.public_key.multikey)
    assert sealed.signed.startswith(b"\x84jSignature1\x4d\xa2\x01\x26\x04\x48" + kid + b"\x40\x58")


def test_a_common_certificate_fits_version_ten_at_a_module_of_half_a_millimetre(keys: Keys) -> None:
    code = cose.draw(address(FACTS, keys.own))
    long_address = address(replace(FACTS, holder="中国技术转移培训基地" * 2), keys.own)

    assert len(cose.read_address(address(FACTS, keys.own))) <= 192
    assert int(code.version) <= 10
    assert 32 / code.symbol_size(border=0)[0] >= 0.56
    assert int(cose.draw(long_address.replace("localhost:8000", "zhengshu.jijing.example.gov.cn")).version) <= 12


@pytest.mark.parametrize("facts", [FACTS, replace(FACTS, holder="㛃𬍛", level=None, number=None)])
def test_other_readers_read_the_code_back(keys: Keys, facts: QrFacts, tmp_path: Path) -> None:
    given_address = address(facts, keys.own)
    picture = io.BytesIO()
    cose.draw(given_address).save(picture, kind="png", scale=4, border=4)
    (tmp_path / "code.png").write_bytes(picture.getvalue())

    seen = zxingcpp.read_barcodes(Image.open(picture), formats=zxingcpp.barcode_formats_from_str("QRCode"))
    said = subprocess.run(
        ["/usr/bin/zbarimg", "--quiet", "--raw", tmp_path / "code.png"], capture_output=True, text=True, check=True
    )

    assert [one.text for one in seen] == [given_address]
    assert said.stdout.strip() == given_address


def test_a_plain_address_is_drawn_as_it_is() -> None:
    picture = io.BytesIO()
    cose.draw(f"{BASE}/credentials/{FACTS.code}").save(picture, kind="png", scale=4, border=4)

    assert (
        zxingcpp.read_barcodes(Image.open(picture), formats=zxingcpp.barcode_formats_from_str("QRCode"))[0].text
        == f"{BASE}/credentials/{FACTS.code}"
    )


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["file"])
def test_the_examples_of_the_working_group_verify_as_they_say(vector: dict[str, Any]) -> None:
    """COSE WG examples: what is signed is built as theirs, and their signatures hold or fail as the file says."""
    found = cbor2.loads(bytes.fromhex(vector["cbor"]))
    head, _open, payload, signature = found.value if isinstance(found, cbor2.CBORTag) else found
    key = read_jwk({"kty": "EC", "crv": "P-256", "x": vector["x"], "y": vector["y"]})
    head = b"" if head == b"\xa0" else head  # RFC 9052 section 3: an empty map is signed as empty bytes

    signed = cose.signed_bytes(head, payload)

    if not vector["fail"]:
        assert signed.hex().upper() == vector["to_be_signed"]
        assert key.verify(signature, signed)
    elif "wrong cbor tag" not in vector["title"].lower():
        assert not key.verify(signature, signed)
    with pytest.raises(CoseError):
        cose.read_cose(bytes.fromhex(vector["cbor"]))


def test_nothing_but_es256_signs(key_folder: Path, keys: Keys) -> None:
    ed25519 = create_key(key_folder, "no-proof", algorithm=Algorithm.ED25519)
    sealed = cose.read_cose(cose.read_address(address(FACTS, keys.own)))

    with pytest.raises(CoseError, match="qr-algorithm"):
        cose.sign_cose(cose.qr_claims(FACTS), ed25519)
    assert not cose.verify_cose(sealed, ed25519.public_key)


@pytest.mark.parametrize(
    "change",
    [
        {"code": "short"},
        {"code": FACTS.code.upper()},
        {"code": "z" * 26},
        {"holder": ""},
        {"holder": "张\u200b三"},
        {"index": -1},
        {"hours": Decimal("0.001")},
        {"valid_from": date(1949, 10, 1)},
        {"valid_until": date(2026, 5, 31)},
    ],
    ids=str,
)
def test_facts_without_a_form_are_not_signed(change: dict[str, Any]) -> None:
    with pytest.raises(CoseError, match="qr-claims"):
        cose.qr_claims(replace(FACTS, **change))


def test_every_forged_or_damaged_code_is_refused_or_unsigned(keys: Keys) -> None:
    """No code of the corpus but the good ones carries another fact under the body's own key."""
    refused: list[str] = []
    for name, text in corpus(keys):
        try:
            sealed = cose.read_cose(cose.read_address(text))
            facts = cose.read_claims(sealed.claims)
        except CoseError:
            refused.append(name)
            continue
        if "changed" in name or "raised" in name or "stretched" in name:
            assert not cose.verify_cose(sealed, keys.own.public_key), name
        assert facts.code == FACTS.code
    assert len(refused) > 60
    assert not any(name.startswith("good") for name in refused)


def test_signatures_of_the_same_claims_are_the_same(keys: Keys) -> None:
    """A repeated step of issuing prints the same code."""
    assert isinstance(keys.own, FileSigner)
    assert address(FACTS, keys.own) == address(FACTS, keys.own)
