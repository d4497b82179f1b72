"""Rules of lists, shared fields, guesses and result sheets, without a database."""

import base64
import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from app.core.errors import InvalidError
from app.core.signing import Algorithm, FileSigner, Signer, create_key
from app.credentials.rules import guessing, lists, sheets
from app.credentials.rules.inputs import as_reference, spellings
from app.credentials.rules.lists import ListRow, read_list
from app.credentials.rules.lookups import name_fits, outcome_of
from app.credentials.rules.sharing import (
    DAYS,
    LinkState,
    chosen_fields,
    expiry,
    link_state,
    opens_everything,
    shown_values,
    withheld,
)
from app.credentials.states import RowOutcome, SharedField
from tests.unit.credentials.samples import certificate

AT = datetime(2026, 11, 23, tzinfo=UTC)
SECOND = timedelta(seconds=1)
CLAIMS = {"rows": 2, "purpose": "recruitment"}


def workbook(*rows: tuple[object, ...]) -> bytes:
    book, packed = Workbook(), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(list(row))
    book.save(packed)
    return packed.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_list_is_read_as_offices_save_it(encoding: str, separator: str) -> None:
    text = f"名单\n序号{separator}持证人（姓名）{separator}统一编号*\n1{separator}欧阳望岳{separator}ＪＪＣ１\n"

    assert read_list(text.encode(encoding), 10) == [ListRow(3, "JJC1", "欧阳望岳")]


def test_a_list_without_headings_holds_numbers_first_and_empty_rows_count_as_none() -> None:
    assert read_list(b"A-1, Li\n\n,,\nA-2\n", 10) == [ListRow(1, "A-1", "Li"), ListRow(4, "A-2")]


def test_a_quoted_row_over_two_lines_is_one_row() -> None:
    assert [row.given for row in read_list(b'number,name\n"A-1","Li\nMing"\nA-2,\n', 10)] == ["A-1", "A-2"]


@pytest.mark.parametrize(
    ("cells", "fault"),
    [
        (("", "李四"), "empty"),
        ((12345678901234567890, "李四"), "rounded"),
        (("9" * 201, ""), "long"),
        (("A-1", "名" * 201), "long"),
        (("A\u200b1", ""), "characters"),
        ((20260001, "李四"), ""),
        ((20260001.0, "李四"), ""),
        (("'A-1", ""), ""),
    ],
)
def test_a_row_that_cannot_be_read_says_why(cells: tuple[object, ...], fault: str) -> None:
    [row] = read_list(workbook(("证书编号", "姓名"), cells), 10)

    assert (row.line, row.fault) == (2, fault)
    assert len(row.given) <= lists.LONGEST
    assert "'" not in row.given


def packed(size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * size)
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        b"PK\x03\x04broken",
        packed(1000),
        packed(lists.MEGABYTES * 2**20 + 1),
        b"\x00\x01\x02",
        b"number,name\n",
        b"\n\n",
        "证书编号,统一编号\nA,B\n".encode(),
        b"number\n" + b"A\n" * 11,
        workbook(*[(f"A-{number}",) for number in range(11)]),
        b'number\n"' + b"x" * 200_000,
    ],
)
def test_a_file_that_is_no_list_is_refused_beside_its_field(data: bytes) -> None:
    with pytest.raises(InvalidError) as refused:
        read_list(data, 10)
    assert refused.value.field == "file"


@settings(max_examples=60)
@given(st.binary(max_size=300))
def test_whatever_is_uploaded_is_read_or_refused(data: bytes) -> None:
    try:
        rows = read_list(data, 10)
    except InvalidError:
        return
    assert 0 < len(rows) <= 10


@pytest.mark.parametrize(
    ("written", "fits"),
    [
        ("欧阳望岳", True),
        ("欧阳·望岳", True),
        (" 欧 阳\u3000望岳 ", True),
        ("OUYANG Wang Yue", True),
        ("ｏｕｙａｎｇ wangyue", True),
        ("欧阳望", False),
        ("", None),
        ("  ", None),
    ],
)
def test_names_are_compared_as_people_write_them(written: str, fits: bool | None) -> None:
    assert name_fits(written, "欧阳 望岳", "Ouyang Wangyue") is fits


def test_a_name_never_fits_a_certificate_without_that_name() -> None:
    assert name_fits("张三", "李四", None) is False
    assert name_fits("·", "李四", None) is False


@pytest.mark.parametrize(
    ("standing", "fits", "outcome"),
    [
        ("valid", None, RowOutcome.VALID),
        ("valid", True, RowOutcome.VALID),
        ("valid", False, RowOutcome.NAME_DIFFERS),
        ("revoked", False, RowOutcome.REVOKED),
        ("suspended", False, RowOutcome.SUSPENDED),
        ("expired", None, RowOutcome.EXPIRED),
        ("not_yet", True, RowOutcome.NOT_YET),
    ],
)
def test_what_does_not_stand_goes_before_a_name_that_differs(
    standing: str, fits: bool | None, outcome: RowOutcome
) -> None:
    assert outcome_of(standing, fits) is outcome


def test_numbers_are_looked_up_in_one_spelling() -> None:
    for typed in (" ｊｊｃ 37 2026\u3000000001 e ", "jjc37–2026—000001e", "JJC\N{MINUS SIGN}372026000001－E"):
        assert "JJC372026000001E" in spellings(as_reference(typed).upper())
    assert spellings("JJ-1") == ("JJ-1", "JJ1")
    assert spellings("JJ1") == ("JJ1",)
    assert spellings("--") == ("--",)


@pytest.mark.parametrize("days", DAYS)
def test_a_link_is_open_until_the_instant_it_ends(days: int) -> None:
    ends = expiry(days, AT)

    assert link_state(expires_at=ends, revoked_at=None, at=ends - SECOND) is LinkState.OPEN
    assert link_state(expires_at=ends, revoked_at=None, at=ends) is LinkState.EXPIRED
    assert link_state(expires_at=ends, revoked_at=AT, at=AT) is LinkState.REVOKED
    assert timedelta(days=1) <= ends - AT <= timedelta(days=365)


@pytest.mark.parametrize("days", [0, -1, 366, 1000])
def test_no_other_term_is_offered(days: int) -> None:
    with pytest.raises(ValueError, match=str(days)):
        expiry(days, AT)


@given(st.sets(st.sampled_from(list(SharedField))))
def test_what_is_shown_and_what_is_withheld_are_the_whole_and_share_nothing(fields: set[SharedField]) -> None:
    facts = certificate()
    chosen = chosen_fields([*(field.value for field in fields), "identity_number"])
    shown, hidden = shown_values(facts, chosen), withheld(facts, chosen)

    assert set(shown) & set(hidden) == set()
    assert set(shown) | set(hidden) == set(shown_values(facts, list(SharedField)))
    assert set(shown) <= fields
    assert opens_everything(chosen) is (SharedField.NUMBER in fields)


def test_honest_lists_are_free_and_guesses_are_not() -> None:
    assert guessing.cost(0, 0) == guessing.cost(0, 500) == 0
    assert guessing.cost(100, 400) == 0
    assert guessing.cost(101, 400) == 1
    assert guessing.cost(60, 0) == 60


def test_a_budget_refills_by_the_minute_and_is_closed_when_spent() -> None:
    free = guessing.FREE_GUESSES
    assert guessing.level(10, AT, AT + timedelta(minutes=3, seconds=59)) == 7
    assert guessing.level(10, AT, AT + timedelta(hours=9)) == 0
    assert guessing.level(10, AT, AT - timedelta(hours=9)) == 10, "a clock that runs back refills nothing"
    assert not guessing.is_closed(free - 1, free)
    assert guessing.is_closed(free, free)
    assert guessing.opens_in(free, free) == timedelta(minutes=1)
    assert guessing.opens_in(free - 1, free) == timedelta(0)


@pytest.fixture
def signer(tmp_path: Path) -> FileSigner:
    return create_key(tmp_path / "keys", "sheet", algorithm=Algorithm.P256)


def test_a_sheet_holds_with_its_key_and_with_no_other(signer: Signer, tmp_path: Path) -> None:
    text = sheets.sign_sheet(CLAIMS, signer, issuer="did:web:x")

    assert sheets.verify_sheet(text, signer.public_key) == {"iss": "did:web:x", **CLAIMS}
    other = create_key(tmp_path / "keys", "other", algorithm=Algorithm.P256)
    with pytest.raises(sheets.SheetError, match="sheet-signature-wrong"):
        sheets.verify_sheet(text, other.public_key)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_no_header_talks_the_check_into_another_algorithm(signer: Signer) -> None:
    head, claims, signature = sheets.sign_sheet(CLAIMS, signer, issuer="did:web:x").split(".")
    good = json.loads(base64.urlsafe_b64decode(head + "=="))
    for header, code in (
        ({**good, "alg": "none"}, "sheet-signature-wrong"),
        ({**good, "alg": "HS256"}, "sheet-signature-wrong"),
        ({**good, "jwk": {}}, "sheet-not-ours"),
        ({**good, "typ": "vc+jwt"}, "sheet-not-ours"),
        ([], "sheet-unreadable"),
    ):
        with pytest.raises(sheets.SheetError, match=code):
            sheets.verify_sheet(f"{part(header)}.{claims}.{signature}", signer.public_key)


@pytest.mark.parametrize("text", ["", "a.b", "a.b.c.d", "!.e30.e30", "e30.W10.e30", "x" * 20_000, "e31.e30.AA"])
def test_what_is_no_sheet_is_unreadable(text: str, signer: Signer) -> None:
    with pytest.raises(sheets.SheetError, match="sheet-"):
        sheets.verify_sheet(text, signer.public_key)


def test_a_spelling_of_the_signature_that_is_not_its_own_is_refused(signer: Signer) -> None:
    text = sheets.sign_sheet(CLAIMS, signer, issuer="did:web:x")
    last = text[-1]
    for other in "ABCDEFGHabcdefgh0123-_=":
        if other != last:
            with pytest.raises(sheets.SheetError):
                sheets.verify_sheet(text[:-1] + other, signer.public_key)


def test_the_digest_tells_every_change_of_a_row_and_of_their_order() -> None:
    rows = [["2", "A", "", "valid"], ["3", "B", "C", "not_found"]]
    lines = [sheets.row_line(row) for row in rows]

    digests = {
        sheets.rows_digest(lines),
        sheets.rows_digest(reversed(lines)),
        sheets.rows_digest(lines[:1]),
        sheets.rows_digest([sheets.row_line(["2", "A", "valid", ""]), lines[1]]),
        sheets.rows_digest([]),
    }
    assert len(digests) == 5


def test_a_row_and_its_digest_are_what_anybody_computes_from_the_text_in_utf_8() -> None:
    line = sheets.row_line(["2", "王敏", "", "valid"])

    assert line == '["2","王敏","","valid"]'
    assert sheets.rows_digest([line, line]) == sha256(f"{line}\n{line}\n".encode()).hexdigest()
