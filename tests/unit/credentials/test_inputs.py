"""What was handed in is told by its content alone, and a typing error from a number that was never issued."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.credentials.rules.inputs import Kind, as_reference, is_proof, sniff
from app.credentials.rules.near import looks_like, near_numbers, same_name

TOKEN = ".".join(["eyJhbGciOiJFUzI1NiJ9" * 10, "e30" * 50, "c2ln" * 20])
PROOF = "http://localhost:8000/v#" + "12345" * 90


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", Kind.EMPTY),
        (b" \n\t", Kind.EMPTY),
        (b"%PDF-1.7", Kind.PDF),
        (b"junk before the head\n%PDF-1.4", Kind.PDF),
        (b"\x89PNG\r\n\x1a\n rest", Kind.PNG),
        (b"\xff\xd8\xff\xe0 JFIF", Kind.PICTURE),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", Kind.PICTURE),
        (b"\x00\x00\x00\x18ftypheic", Kind.PHOTO_UNREADABLE),
        (b"PK\x03\x04 a workbook", Kind.TABLE),
        (b'\xef\xbb\xbf{"id": 1}', Kind.JSON),
        (b"  [1]", Kind.JSON),
        ("{}".encode("utf-16"), Kind.ENCODING),
        ('{"name": "张三"}'.encode("gbk"), Kind.ENCODING),
        (b"\xff\xfe\x00\x01", Kind.ENCODING),
        (b"\x80\x00\x81", Kind.UNKNOWN),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', Kind.SVG),
        (b"<html><body>", Kind.UNKNOWN),
        (TOKEN.encode(), Kind.JWT),
        (f"\n {TOKEN}\n".encode(), Kind.JWT),
        (b"a.b.c", Kind.REFERENCE),
        (b"JJC372026000001E", Kind.REFERENCE),
        ("ＪＪＣ３７２０２６０００００１Ｅ".encode(), Kind.REFERENCE),
        (b"http://localhost:8000/credentials/x", Kind.ADDRESS),
        (b"HTTPS://elsewhere.example/", Kind.ADDRESS),
        (b"http://localhost/" + b"x" * 5000, Kind.UNKNOWN),
        (PROOF.encode(), Kind.QR),
        (b"1234567890" * 40, Kind.QR),
        (b"http://localhost:8000/v#nothing", Kind.ADDRESS),
        (b"number\nJJC1\nJJC2", Kind.TABLE),
        (b"JJC1,JJC2", Kind.TABLE),
        (b"x" * 400, Kind.UNKNOWN),
        (b"x\n" + b"y" * 400, Kind.UNKNOWN),
        (b"a\x00b", Kind.UNKNOWN),
    ],
)
def test_content_tells_what_it_is(raw: bytes, kind: Kind) -> None:
    assert sniff(raw) is kind


@given(st.binary(max_size=400))
def test_anything_is_told_apart_without_a_fault(raw: bytes) -> None:
    assert sniff(raw) in Kind


@given(st.dictionaries(st.text(), st.text()))
def test_every_json_object_is_json(document: dict[str, str]) -> None:
    assert sniff(json.dumps(document).encode()) is Kind.JSON


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (" jjc37 2026 000001e ", "jjc372026000001e"),
        ("ＪＪＣ３７", "JJC37"),
        ("JJ–2026—000001", "JJ-2026-000001"),
        ("JJ－1", "JJ-1"),
    ],
)
def test_a_number_is_read_however_it_was_typed(typed: str, meant: str) -> None:
    assert as_reference(typed) == meant


def test_a_proof_is_an_address_of_digits_or_these_alone() -> None:
    assert is_proof(PROOF)
    assert is_proof("1" * 301)
    assert not is_proof("1" * 300)
    assert not is_proof("http://localhost:8000/v#abc")


NUMBER = "JJC372026000001E"


@pytest.mark.parametrize(
    "slip",
    [
        "JJC372026000007E",
        "JJC3720260O0001E",
        "JJC37202600000IE",
        "JJC37202600001E",
        "JJC3720260000001E",
        "JJC327026000001E",
        "JJC3720260000O1E",
    ],
)
def test_one_slip_leads_back_to_the_number(slip: str) -> None:
    assert NUMBER in near_numbers(slip)


@pytest.mark.parametrize("far", ["JJC372026000077E", "JJC372025000002E", "QQQQQQQQ", "J1", "9" * 60, "张" * 10])
def test_two_slips_do_not(far: str) -> None:
    assert NUMBER not in near_numbers(far)
    assert len(near_numbers(far)) < 1500


@given(st.text(st.sampled_from("ABCIOSZ0123458"), min_size=6, max_size=18))
def test_a_number_is_never_near_itself(number: str) -> None:
    assert number not in near_numbers(number)
    assert number in near_numbers(number[:-1] + ("0" if number[-1] != "0" else "1")) or not number[-1].isdigit()


def test_look_alikes_are_one_to_the_eye() -> None:
    assert looks_like("JJC3720Z6OOOOOIE") == looks_like("JJC372026000001E")
    assert looks_like("JJC372026000001E") != looks_like("JJC372026000007E")


@pytest.mark.parametrize(
    ("given_name", "fits"),
    [
        ("张䶮", True),
        (" 张 䶮 ", True),
        ("zhang yan", True),
        ("ＺＨＡＮＧ ＹＡＮ", True),
        ("张龑", False),
        ("张", False),
        ("李四", False),
    ],
)
def test_a_name_is_the_same_in_any_width_and_space(given_name: str, fits: bool) -> None:
    assert same_name(given_name, "张䶮", "Zhang Yan") is fits


def test_the_dot_of_a_name_may_be_any_dot() -> None:
    assert same_name("阿卜杜拉•买买提", "阿卜杜拉·买买提", None)
