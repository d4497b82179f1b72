"""Where the limits of sheets, logs, terms, lists and guesses lie, to the last row, day and sign."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from pydantic import ValidationError

from app.core.errors import InvalidError
from app.core.spreadsheets import to_xlsx
from app.credentials.rules import (
    change_file,
    document,
    drawing,
    guessing,
    jwt,
    lists,
    near,
    sheets,
    status_list,
    tlog,
)
from app.credentials.rules.document import Limits
from app.credentials.rules.template_files import ShippedTerms
from app.credentials.rules.templates import CertificateFields
from tests.unit.credentials.refused import code_of

pytestmark = pytest.mark.one_database

CREATED = datetime(2026, 6, 1, tzinfo=UTC)


def zipped(files: dict[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return made.getvalue()


def sheet(size: int) -> str:
    head = ".".join(sheets._part(value) for value in ({"alg": "ES256", "typ": sheets.TYPE, "kid": "k"}, {"rows": 1}))
    return f"{head}.".ljust(size, "a")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (sheet(16_384), ""),
        (sheet(16_385), "sheet-unreadable"),
        (sheet(200) + ".a", "sheet-unreadable"),
        (sheet(200).replace(".", "*.", 1), "sheet-unreadable"),
        (sheet(200).replace(".", "=.", 1), "sheet-unreadable"),
        (f"{sheets._part({'typ': sheets.TYPE, 'jwk': 1})}.{sheets._part({})}.a", "sheet-not-ours"),
        (f"{sheets._part({'typ': 'JWT'})}.{sheets._part({})}.a", "sheet-not-ours"),
    ],
)
def test_a_sheet_of_checks_is_read_within_its_limits(text: str, code: str) -> None:
    assert code_of(lambda: sheets.read_sheet(text)) == code


@pytest.mark.parametrize(
    ("iat", "code"),
    [(0, ""), (253_402_300_799, ""), (253_402_300_800, "jwt-shape"), (-1, "jwt-shape"), (True, "jwt-shape")],
)
def test_a_token_was_signed_before_the_year_ten_thousand(iat: object, code: str) -> None:
    assert code_of(lambda: jwt._check_signing_time(iat)) == code


@pytest.mark.parametrize(
    ("work", "code"),
    [
        (lambda: tlog.read_proof("x" * 16_384), "proof-form"),
        (lambda: tlog.read_proof("x" * 16_385), "proof-too-long"),
        (lambda: tlog.read_proof(tlog.write_proof(1, [bytes(32)] * 63, "c", b"")), ""),
        (lambda: tlog.read_proof(tlog.write_proof(1, [bytes(32)] * 64, "c", b"")), "proof-form"),
        (lambda: tlog.read_proof(tlog.write_proof(1, [bytes(31)], "c", b"")), "proof-form"),
        (lambda: tlog.read_level("63"), ""),
        (lambda: tlog.read_level("64"), "tile-address"),
        (lambda: tlog.read_tile_path("000.p/255"), ""),
        (lambda: tlog.read_tile_path("000.p/256"), "tile-address"),
        (lambda: tlog.read_tile_path("000.p/257"), "tile-address"),
        (lambda: tlog.read_tile_path("x001/000"), ""),
        (lambda: tlog.read_tile_path("001/000"), "tile-address"),
    ],
)
def test_the_log_is_read_within_its_limits(work: Callable[[], object], code: str) -> None:
    assert code_of(work) == code


def fits(model: Callable[..., object], **given: Any) -> bool:  # noqa: ANN401 - any fields
    try:
        model(**given)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ({"valid_months": 1}, True),
        ({"valid_months": 600}, True),
        ({"valid_months": 601}, False),
        ({"valid_months": 0}, False),
        ({"valid_months": 1, "renew_from_days": 1}, True),
        ({"valid_months": 1, "renew_from_days": 1100}, True),
        ({"valid_months": 1, "renew_from_days": 1101}, False),
        ({"valid_months": 1, "renew_from_days": 0}, False),
        ({"renew_from_days": 1}, False),
        ({"other": 1}, False),
    ],
)
def test_terms_are_of_fifty_years_at_most(given: dict[str, int], held: bool) -> None:
    assert fits(ShippedTerms, **given) is held


WORDS = {"zh": "字", "en": "x"}


@pytest.mark.parametrize(
    ("given", "held"),
    [
        ({"number": "A-12"}, True),
        ({"number": "A12"}, False),
        ({"number": "A" * 40}, True),
        ({"number": "A" * 41}, False),
        ({"hours": "0.01"}, True),
        ({"hours": "0"}, False),
        ({"hours": "0.001"}, False),
        ({"hours": "99999.99"}, True),
        ({"hours": "100000.01"}, False),
        ({"words": {"title": {"zh": "字" * 200, "en": "x"}}}, True),
        ({"words": {"title": {"zh": "字" * 201, "en": "x"}}}, False),
        ({"words": {"title": {"zh": "", "en": "x"}}}, False),
        ({"words": {"title": {**WORDS, "fr": "x"}}}, False),
        ({"entries": [{"key": f"k{at}", "label": WORDS, "value": "1"} for at in range(20)]}, True),
        ({"entries": [{"key": f"k{at}", "label": WORDS, "value": "1"} for at in range(21)]}, False),
        ({"level": "master"}, True),
        ({"level": "Master"}, False),
        ({"level": "m"}, False),
        ({"level": "m" * 40}, True),
        ({"level": "m" * 41}, False),
        ({"level": "senior"}, True),
        ({"other": 1}, False),
    ],
)
def test_what_a_certificate_is_made_of_fits_on_it(given: dict[str, Any], held: bool) -> None:
    assert fits(CertificateFields, valid_from=date(2026, 6, 1), **given) is held


def test_a_place_is_drawn_sixty_four_times_before_a_list_counts_as_full() -> None:
    drawn: list[int] = []

    def draw(length: int) -> int:
        drawn.append(length)
        return 0

    with pytest.raises(status_list.StatusListError, match="status-list-full"):
        drawing.draw_indexes(2, lambda _wanted: [], draw=draw)
    assert (len(drawn), drawn[0]) == (65, 131_072)


@pytest.mark.parametrize(
    ("spent", "passed", "left"), [(10, 180, 7), (2, 600, 0), (10, 59, 10), (10, 60, 9), (10, -600, 10), (0, 0, 0)]
)
def test_what_was_guessed_is_forgotten_by_the_minute(spent: int, passed: int, left: int) -> None:
    assert guessing.level(spent, CREATED, CREATED + timedelta(seconds=passed)) == left


def test_each_hit_pays_for_a_quarter_of_a_guess_and_a_spent_budget_is_closed() -> None:
    assert [guessing.cost(*one) for one in ((10, 8), (4, 3), (4, 4), (1, 100))] == [8, 4, 3, 0]
    assert [guessing.is_closed(spent, guessing.FREE_GUESSES) for spent in (59, 60)] == [False, True]
    assert [guessing.is_closed(spent, guessing.FREE_SIGNED_IN) for spent in (599, 600)] == [False, True]
    assert [guessing.opens_in(spent, 60) // timedelta(minutes=1) for spent in (58, 59, 60, 65)] == [0, 0, 1, 6]


@pytest.mark.parametrize(
    ("number", "found"), [("A" * 5, False), ("A" * 6, True), ("A" * 40, True), ("A" * 41, False), ("技" * 6, False)]
)
def test_numbers_of_a_length_to_be_mistyped_have_neighbours(number: str, found: bool) -> None:
    assert bool(near.near_numbers(number)) is found


def test_a_neighbour_differs_by_one_slip_of_the_hand() -> None:
    found = near.near_numbers("ABVD12")

    assert {"BVD12", "ABVD1", "BAVD12", "ABVD21", "ABUD12", "A8VD12", "ABVO12", "ABVD92", "0ABVD12", "ABVD123"} <= found
    assert not {"ABVD12", "XBVD12", "VBAD12", "AABVD12"} & found
    assert near.looks_like("OQD0IL1Z2S5B8G6VU") == "OOOOIIIZZSSBBGGVV"


def workbook(*rows: list[object]) -> bytes:
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def swollen(size: int) -> bytes:
    """Return a workbook that says it unpacks to so many bytes."""
    packed = bytearray(zipped({"a.xml": b"<a/>"}))
    place = packed.index(b"PK\x01\x02") + 24
    packed[place : place + 4] = size.to_bytes(4, "little")
    return bytes(packed)


def told(work: Callable[[], object]) -> str:
    with pytest.raises(InvalidError) as refused:
        work()
    return str(refused.value)


@pytest.mark.parametrize(
    ("read", "most"),
    [(lambda data: list(change_file.read(data)), 100 * 2**20), (lambda data: lists.read_list(data, 5), 48 * 2**20)],
    ids=["changes", "checks"],
)
def test_a_workbook_unpacks_to_so_much_and_no_more(read: Callable[[bytes], object], most: int) -> None:
    assert "unpacks" not in told(lambda: read(swollen(most)))
    assert "unpacks" in told(lambda: read(swollen(most + 1)))


def test_a_file_of_changes_is_read_within_its_rows_and_headings(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows(data: bytes) -> list[change_file.Given]:
        return list(change_file.read(data))

    above = "说明,\n"
    assert rows(workbook(["原因", "统一编号"], ["其他", "A-1"])) == [(2, "A-1", "其他")]
    assert "headings" in told(lambda: rows(workbook(["原因"], ["A-1"])))
    assert rows(f"{above * 9}编号,事由\n{'A' * 201},{'因' * 201}\n".encode()) == [(11, "A" * 200, "因" * 200)]
    assert "headings" in told(lambda: rows(f"{above * 10}编号,事由\nA-1,因\n".encode()))
    assert "统一编号" in told(lambda: rows(b"number,code\nA,B\n"))
    assert "no rows" in told(lambda: rows(b"number,reason\n,\n"))
    monkeypatch.setattr(change_file, "MOST_ROWS", 2)
    assert len(rows(b"link\nA\nB\n")) == 2
    assert "at most 2" in told(lambda: rows(b"link\nA\nB\nC\n"))


def test_a_list_to_check_is_read_within_its_rows_and_headings() -> None:
    above = "说明;\n"

    assert lists.read_list(workbook([None, "编号"], [None, "A-1"]), 5)[0].given == "A-1"
    assert lists.read_list(workbook(["A-1", None]), 5)[-1].given == "A-1"
    assert [row.given for row in lists.read_list(f"{above * 9}姓名;编号\n张三;A-1\n".encode(), 5)] == ["A-1"]
    assert len(lists.read_list(f"{above * 10}姓名;编号\n张三;A-1\n".encode(), 20)) == 12
    assert [row.fault for row in lists.read_list(f"{'A' * 200}\n{'A' * 201}\n".encode(), 5)] == ["", "long"]
    assert [row.fault for row in lists.read_list(f"A,{'张' * 200}\nA,{'张' * 201}\n".encode(), 5)] == ["", "long"]
    assert [row.fault for row in lists.read_list(workbook([10**14], [10**15]), 5)] == ["", "rounded"]
    assert lists.TEMPLATE == ("证书编号", "姓名")
    assert len(lists.read_list(b"A\nB\n", 2)) == 2
    assert "at most 2" in told(lambda: lists.read_list(b"A\nB\nC\n", 2))


def test_the_title_of_a_sheet_is_as_long_as_workbooks_allow() -> None:
    out = to_xlsx([["=1"]], "表" * 40)

    with zipfile.ZipFile(io.BytesIO(out)) as archive:
        assert f'"{"表" * 31}"' in archive.read("xl/workbook.xml").decode()
    assert Limits() == document.CREDENTIAL_LIMITS
