"""Where each limit of a credential lies: what stands just inside it is taken, what stands just outside is refused."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import cbor2
import pytest

from app.credentials.rules import (
    baked,
    bundle,
    canonical,
    cose,
    inputs,
    status_list,
)
from app.credentials.rules.document import STATUS_LIST_LIMITS, Limits, read_document, write_document
from app.credentials.rules.openbadge import Bilingual, Entry
from tests.unit.credentials import samples
from tests.unit.credentials.qr import FACTS, Keys
from tests.unit.credentials.refused import code_of

pytestmark = pytest.mark.one_database

CREATED = datetime(2026, 6, 1, tzinfo=UTC)


def nested(depth: int) -> bytes:
    return b'{"a":' * depth + b'"x"' + b"}" * depth


def text_of(size: int) -> bytes:
    return json.dumps({"a": "x" * size}).encode()


@pytest.mark.parametrize(
    ("raw", "limits", "code"),
    [
        (b"{}".ljust(65_536), Limits(), ""),
        (b"{}".ljust(65_537), Limits(), "too-large"),
        (nested(11), Limits(), ""),
        (nested(12), Limits(), "too-deep"),
        (json.dumps({"a": [[[]] * 2] * 3}).encode(), Limits(depth=4), ""),
        (json.dumps({"a": [[[]] * 2] * 3}).encode(), Limits(depth=3), "too-deep"),
        (json.dumps({"a": [{}] * 63}).encode(), Limits(), ""),
        (json.dumps({"a": [{}] * 64}).encode(), Limits(), "too-many-objects"),
        (text_of(8192), Limits(), ""),
        (text_of(8193), Limits(), "string-too-long"),
        (text_of(196_608), STATUS_LIST_LIMITS, ""),
        (text_of(196_609), STATUS_LIST_LIMITS, "string-too-long"),
        (b"{}".ljust(262_144), STATUS_LIST_LIMITS, ""),
        (b"{}".ljust(262_145), STATUS_LIST_LIMITS, "too-large"),
        (b'{"a": ' + b"9" * 20 + b"}", Limits(), ""),
        (b'{"a": ' + b"9" * 21 + b"}", Limits(), "number"),
        (b'{"a": "x\\ny\\u00a0z"}', Limits(), ""),
        (b'{"a": "x\\ty"}', Limits(), "control-character"),
        (b'{"a": "\\ud800"}', Limits(), "control-character"),
        (b'{"\\u0007": ""}', Limits(), "control-character"),
    ],
)
def test_a_document_is_read_within_its_limits(raw: bytes, limits: Limits, code: str) -> None:
    assert code_of(lambda: read_document(raw, limits)) == code


def test_a_document_is_written_as_it_is_read() -> None:
    assert write_document({"a": "张", "b": [1]}) == '{"a":"张","b":[1]}'


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def picture(chunks: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR") + chunk(b"tEXt") * chunks + chunk(b"IEND")


def drawing_of(inside: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'.encode()


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda: baked.read_png(picture(9_998)), "png-without-credential"),
        (lambda: baked.read_png(picture(9_999)), "png-broken"),
        (lambda: baked.read_svg(drawing_of("<g/>" * 19_999)), "svg-without-credential"),
        (lambda: baked.read_svg(drawing_of("<g/>" * 20_000)), "svg-broken"),
        (lambda: baked.read_svg(drawing_of("<g>" * 63 + "</g>" * 63)), "svg-without-credential"),
        (lambda: baked.read_svg(drawing_of("<g>" * 64 + "</g>" * 64)), "svg-broken"),
    ],
)
def test_a_picture_is_read_within_its_limits(work: Callable[[], object], code: str) -> None:
    assert code_of(work) == code


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (bytes(32 * 2**20), "bundle-broken"),
        (bytes(32 * 2**20 + 1), "bundle-too-large"),
        (zipped({"a": bytes(4 * 2**20)}), "bundle-another"),
        (zipped({"a": bytes(4 * 2**20 + 1)}), "bundle-too-large"),
        (zipped({str(at): b"" for at in range(4000)}), "bundle-another"),
        (zipped({str(at): b"" for at in range(4001)}), "bundle-too-large"),
    ],
    ids=["file", "file over", "entry", "entry over", "entries", "entries over"],
)
def test_a_bundle_is_opened_within_its_limits(raw: bytes, code: str) -> None:
    assert code_of(lambda: bundle.open_bundle(raw, {})) == code


def test_a_bundle_clears_certificates_for_thirty_days_where_it_says_nothing(keys: Keys) -> None:
    packed = bundle.pack({"a": b"b"}, authority=samples.DID, site="", signer=keys.own, made_at=CREATED)
    said = json.loads(packed.manifest)
    with zipfile.ZipFile(io.BytesIO(packed.content)) as archive:
        modes = {entry.external_attr >> 16 for entry in archive.infolist()}

    assert said["validUntil"] == "2026-07-01T00:00:00Z"
    assert bundle._times({"made": said["made"]}) == (CREATED, CREATED + timedelta(days=30))
    assert modes == {0o644}


def blank(name: str) -> dict[str, str]:
    return {"type": "blank node", "value": f"_:{name}"}


def quad(subject: str, target: str) -> dict[str, dict[str, Any]]:
    return {
        "subject": blank(subject),
        "predicate": {"type": "IRI", "value": "https://x.example/p"},
        "object": blank(target),
    }


@pytest.mark.parametrize(
    ("quads", "code"),
    [
        ([quad(f"n{at}", f"n{at + 1}") for at in range(23)], "tied-blank-nodes"),
        ([quad(f"n{at}", f"n{at + 1}") for at in range(24)], "too-many-blank-nodes"),
        ([quad(f"a{at}", f"b{at}") for at in range(3)], ""),
        ([quad(f"a{at}", f"b{at}") for at in range(4)], "tied-blank-nodes"),
    ],
)
def test_nameless_things_are_named_within_limits(quads: list[Any], code: str) -> None:
    assert code_of(lambda: canonical.canonical_quads(quads)) == code


@pytest.mark.parametrize(
    ("ttl", "code"),
    [(0, ""), (60_000, ""), (2**31 - 1, ""), (2**31, "number"), (-1, "number"), (True, "number"), ("60000", "number")],
)
def test_the_life_of_a_list_is_one_small_whole_number(ttl: object, code: str) -> None:
    bits = status_list.set_bits([])
    listed = status_list.list_credential(url=samples.LIST_URL, issuer=samples.DID, bits=bits, valid_from=CREATED)
    assert listed["credentialSubject"]["ttl"] == 60_000

    listed["credentialSubject"]["ttl"] = ttl

    assert code_of(lambda: canonical.canonicalize(listed)) == code


def claims_with(place: int, value: object) -> Callable[[], object]:
    """Return the reading of claims of which one was changed, as another signer might write them."""
    claims = cbor2.loads(cose.qr_claims(FACTS))
    claims[place] = value
    return lambda: cose.read_claims(cbor2.dumps(claims, canonical=True))


def test_a_code_on_paper_is_numbered_as_it_was_published(keys: Keys) -> None:
    claims = cbor2.loads(cose.qr_claims(FACTS))
    signed = cbor2.loads(cose.sign_cose(cose.qr_claims(FACTS), keys.own))
    first = date(1970, 1, 1)

    assert (claims[0], len(claims), claims[4], claims[5], claims[11]) == (1, 12, 3, 1, 8000)
    assert claims[7:9] == [(date(2026, 6, 1) - first).days, (date(2029, 5, 31) - first).days]
    assert (signed.tag, cbor2.loads(signed.value[0])[1], len(signed.value[3])) == (18, -7, 64)
    assert set(cbor2.loads(signed.value[0])) == {1, 4}
    assert cose.KIND_NUMBERS == {
        "course_completion": 1,
        "exam_pass": 2,
        "capability": 3,
        "title": 4,
        "credit_report": 5,
        "accreditation": 6,
        "continuing_education": 7,
    }
    assert cose.LEVEL_NUMBERS == {"junior": 1, "intermediate": 2, "senior": 3}


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda: cose.read_cose(bytes(700)), "qr-not-cose"),
        (lambda: cose.read_cose(bytes(701)), "qr-too-long"),
        (lambda: cose.read_address("x" * 2000), "qr-not-ours"),
        (lambda: cose.read_address("x" * 2001), "qr-too-long"),
        (lambda: cose.qr_claims(replace(FACTS, holder="张" * 200)), ""),
        (lambda: cose.qr_claims(replace(FACTS, holder="张" * 201)), "qr-claims"),
        (lambda: cose.qr_claims(replace(FACTS, holder="")), "qr-claims"),
        (lambda: cose.qr_claims(replace(FACTS, holder=" 张")), "qr-claims"),
        (lambda: cose.qr_claims(replace(FACTS, index=2**31 - 1)), ""),
        (lambda: cose.qr_claims(replace(FACTS, index=2**31)), "qr-claims"),
        (lambda: cose.qr_claims(replace(FACTS, index=0)), ""),
        (lambda: cose.qr_claims(replace(FACTS, index=-1)), "qr-claims"),
        (lambda: cose.qr_claims(replace(FACTS, hours=Decimal(100_000))), ""),
        (lambda: cose.qr_claims(replace(FACTS, hours=Decimal("100000.01"))), "qr-claims"),
        (lambda: cose.qr_claims(replace(FACTS, hours=Decimal(0))), ""),
        (lambda: cose.qr_claims(replace(FACTS, valid_from=date(1992, 1, 1))), ""),
        (lambda: cose.qr_claims(replace(FACTS, valid_from=date(1991, 12, 31))), "qr-claims"),
        (lambda: cose.qr_claims(replace(FACTS, valid_until=date(2999, 12, 31))), ""),
        (lambda: cose.qr_claims(replace(FACTS, valid_until=date(3000, 1, 1))), "qr-claims"),
        (lambda: cose.qr_claims(replace(FACTS, valid_until=FACTS.valid_from)), ""),
        (lambda: cose.qr_claims(replace(FACTS, valid_until=date(2026, 5, 31))), "qr-claims"),
        (lambda: cose.qr_claims(replace(FACTS, code=FACTS.code[1:])), "qr-claims"),
        (lambda: cose.qr_claims(replace(FACTS, code="0" + FACTS.code)), "qr-claims"),
        (claims_with(0, 2), "qr-claims"),
        (claims_with(0, 3), "qr-version"),
        (claims_with(4, 0), "qr-claims"),
        (claims_with(4, 7), ""),
        (claims_with(4, 8), "qr-claims"),
        (claims_with(5, 0), "qr-claims"),
        (claims_with(5, 3), ""),
        (claims_with(5, 4), "qr-claims"),
        (claims_with(5, "junior"), "qr-claims"),
        (claims_with(5, "副高级"), ""),
        (claims_with(10, value=True), "qr-claims"),
        (claims_with(2, b"1234567"), "qr-claims"),
    ],
)
def test_a_code_on_paper_is_read_within_its_limits(work: Callable[[], object], code: str) -> None:
    assert code_of(work) == code


def test_a_kind_without_levels_says_what_it_certifies_if_that_is_short() -> None:
    def said(size: int) -> str | None:
        text = Bilingual("字" * (size - 5), None)
        entry = Entry("k", Bilingual("年", None), "1")
        achievement = replace(samples.ACHIEVEMENT, level=None, description=text)
        return cose.qr_facts(replace(samples.certificate(achievement=achievement), entries=(entry,))).level

    assert said(80) == "字" * 75 + " 年: 1"
    assert said(81) == "字" * 76


@pytest.mark.parametrize(("second", "last"), [(0, date(2029, 5, 31)), (1, date(2029, 6, 1))])
def test_the_last_day_on_paper_is_the_one_whose_last_second_counts(second: int, last: date) -> None:
    until = datetime(2029, 5, 31, 16, 0, second, tzinfo=UTC)

    assert cose.qr_facts(samples.certificate(valid_until=until)).valid_until == last


def test_a_drawn_code_bears_the_published_mask() -> None:
    for address in ("http://localhost:8000/v#1234567", "http://localhost:8000/v#abc", "plain"):
        drawn = cose.draw(address)
        assert (drawn.mask, drawn.is_micro) == (3, False)


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"a" * 300, inputs.Kind.REFERENCE),
        (b"a" * 301, inputs.Kind.UNKNOWN),
        (b"a\x07b", inputs.Kind.UNKNOWN),
        (b"https://x/".ljust(4096, b"a"), inputs.Kind.ADDRESS),
        (b"https://x/".ljust(4097, b"a"), inputs.Kind.UNKNOWN),
        (b"<!--".ljust(4089, b"x") + b"--><svg/>", inputs.Kind.SVG),
        (b"<!--".ljust(4090, b"x") + b"--><svg/>", inputs.Kind.UNKNOWN),
        (b" " * 1019 + b"%PDF-", inputs.Kind.PDF),
        (b" " * 1020 + b"%PDF-", inputs.Kind.REFERENCE),
        (b"\x89PNG\r\n\x1a\n", inputs.Kind.PNG),
        (b"\xff\xd8\xff", inputs.Kind.PICTURE),
        (b"GIF89a", inputs.Kind.PICTURE),
        (b"BM", inputs.Kind.PICTURE),
        (b"II*\0", inputs.Kind.PICTURE),
        (b"MM\0*", inputs.Kind.PICTURE),
        (b"RIFF1234WEBP", inputs.Kind.PICTURE),
        (b"1234ftypheic", inputs.Kind.PHOTO_UNREADABLE),
        (b"1234ftypheix", inputs.Kind.PHOTO_UNREADABLE),
        (b"1234ftypmif1", inputs.Kind.PHOTO_UNREADABLE),
        (b"1234ftypavif", inputs.Kind.PHOTO_UNREADABLE),
        (b"PK\x03\x04", inputs.Kind.TABLE),
        (b"a;b", inputs.Kind.TABLE),
        (b"a\tb", inputs.Kind.TABLE),
        (b"a,b", inputs.Kind.TABLE),
        (b"a\nb", inputs.Kind.TABLE),
        (b"a" * 300 + b"\nb", inputs.Kind.TABLE),
        (b"a" * 301 + b"\nb", inputs.Kind.UNKNOWN),
        (b"a.b.".ljust(300, b"c"), inputs.Kind.REFERENCE),
        (b"a.b.".ljust(301, b"c"), inputs.Kind.JWT),
        (b"1" * 300, inputs.Kind.REFERENCE),
        (b"1" * 301, inputs.Kind.QR),
        (b"https://x/v#12", inputs.Kind.QR),
        (b"{\xff", inputs.Kind.ENCODING),
        (b" <\xff", inputs.Kind.ENCODING),
        (b"a\xff", inputs.Kind.UNKNOWN),
        (b"{\xff\0", inputs.Kind.UNKNOWN),
        (b" \n", inputs.Kind.EMPTY),
    ],
)
def test_what_was_handed_in_is_told_by_its_first_bytes_and_its_length(raw: bytes, kind: inputs.Kind) -> None:
    assert inputs.sniff(raw) is kind


def test_a_list_of_statuses_has_the_least_length_of_the_standard_and_unpacks_to_a_megabyte() -> None:
    bits = status_list.set_bits([0, 9, 131_071])

    assert (len(bits), bits[0], bits[1], bits[-1]) == (16_384, 0x80, 0x40, 1)
    assert status_list.with_bits(bits, [0], value=False)[0] == 0
    assert status_list.with_bits(bits, [7])[0] == 0x81
    assert code_of(lambda: status_list.decode_list(status_list.encode_list(bytes(2**20)))) == ""
    assert code_of(lambda: status_list.decode_list(status_list.encode_list(bytes(2**20 + 1)))) == "status-list-too-long"
    assert code_of(lambda: status_list.decode_list(status_list.encode_list(bytes(16_383)))) == "status-list-too-short"
    assert (timedelta(minutes=1), timedelta(days=7)) == (status_list.TTL, status_list.LIFETIME)


@pytest.mark.parametrize(
    ("index", "code"), [(0, ""), (131_071, ""), (131_072, "status-index-outside"), (-1, "status-index-outside")]
)
def test_an_index_stands_within_its_list(index: int, code: str) -> None:
    assert code_of(lambda: status_list.set_bits([index])) == code
    assert code_of(lambda: status_list.read_bit(bytes(16_384), index)) == code
