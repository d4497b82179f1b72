"""How much an item may hold, to the last character and entry, and how much of a strange file is ever opened."""

import stat
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import pytest

from app.items.rules import aiken, cells, enclosures, gift, moodle, qti, tables, xlsx
from app.items.rules.bodies import Blank, Body, Criterion, Number, Part, Unit
from app.items.rules.building import build, difficulty, lettered
from app.items.rules.content import BadItemError, Defaults, ItemContent, clean
from app.items.rules.enclosures import enclosed, pack, unpack
from app.items.rules.reasons import because
from app.items.states import ItemType
from tests.unit.items.samples import OPTIONS, sample

pytestmark = pytest.mark.one_database

PAIRS = Body(prompts=("一", "二"), pairs=("A", "B"))
PLAIN = Defaults("general", "recall", "0.5")


def code_of(work: Callable[[], object]) -> str:
    """Return the code of the reason, or nothing where nothing stands against it."""
    try:
        work()
    except BadItemError as error:
        return error.reason.code
    return ""


def numeric(*numbers: Number, **body: Any) -> Callable[[], ItemContent]:  # noqa: ANN401 - fields of a body
    return lambda: sample(ItemType.NUMERIC, body=Body(numbers=numbers, **body))


def blanks(*given: Blank) -> Callable[[], ItemContent]:
    return lambda: sample(ItemType.BLANK, stem="填写", body=Body(blanks=given))


def rubric(*given: Criterion) -> Callable[[], ItemContent]:
    return lambda: sample(ItemType.ESSAY, body=Body(rubric=given))


def case(*parts: Part) -> Callable[[], ItemContent]:
    return lambda: sample(ItemType.CASE, body=Body(parts=parts))


def prompts(count: int) -> Callable[[], ItemContent]:
    body = Body(prompts=tuple(map(str, range(count))), pairs=("A",) * count)
    return lambda: sample(ItemType.MATCHING, body=body)


FIVE = Number(Decimal(5))
ESSAY = Part(ItemType.ESSAY, "说明理由。")
MANY: Mapping[str, tuple[Callable[[int], Callable[[], ItemContent]], int]] = {
    "blanks": (lambda count: blanks(*[Blank(("甲",))] * count), 20),
    "answers of a blank": (lambda count: blanks(Blank(tuple(f"答{at}" for at in range(count)))), 40),
    "numbers": (lambda count: numeric(*[FIVE] * count), 10),
    "prompts": (prompts, 20),
    "criteria": (lambda count: rubric(*[Criterion("要点", Decimal(1))] * count), 20),
    "sub-items": (lambda count: case(*[ESSAY] * count), 20),
}


@pytest.mark.parametrize("name", MANY)
def test_an_item_holds_so_many_entries_and_not_one_more(name: str) -> None:
    made, most = MANY[name]

    assert code_of(made(most)) == ""
    assert code_of(made(most + 1)) == "many_entries"


LONG: Mapping[str, tuple[Callable[[int], Callable[[], ItemContent]], int]] = {
    "stem": (lambda size: lambda: sample(ItemType.SINGLE, stem="字" * size), 4000),
    "topic": (lambda size: lambda: sample(ItemType.SINGLE, topic="字" * size), 200),
    "answer of a blank": (lambda size: blanks(Blank(("字" * size,))), 500),
    "unit": (lambda size: numeric(FIVE, unit="米" * size), 40),
}


@pytest.mark.parametrize("name", LONG)
def test_a_text_has_so_many_characters_and_not_one_more(name: str) -> None:
    made, most = LONG[name]

    assert code_of(made(most)) == ""
    assert code_of(made(most + 1)) == "too_long"


def test_eight_options_have_letters_and_a_ninth_has_none() -> None:
    assert [option.key for option in lettered(map(str, range(8)))] == list("ABCDEFGH")
    assert code_of(lambda: lettered(map(str, range(9)))) == "many_options"
    assert code_of(lambda: sample(ItemType.SINGLE, options=[*"甲乙丙丁戊己庚辛"])) == ""


@pytest.mark.parametrize(
    ("made", "code"),
    [
        (blanks(), "no_key"),
        (blanks(Blank(())), "empty_blank"),
        (blanks(Blank(("甲", "。"))), "empty_blank"),
        (blanks(Blank(("。",), exact=True)), ""),
        (numeric(), "no_key"),
        (numeric(FIVE._replace(tolerance=Decimal("-0.1"))), "number"),
        (numeric(FIVE, FIVE._replace(share=Decimal(0))), "number"),
        (numeric(FIVE, FIVE._replace(share=Decimal("1.5"))), "number"),
        (numeric(FIVE, FIVE._replace(share=Decimal("0.5"))), ""),
        (numeric(FIVE._replace(share=Decimal("0.5"))), "no_full_number"),
        (numeric(Number(Decimal("1E+30"))), ""),
        (numeric(Number(Decimal("1E+31"))), "number"),
        (numeric(Number(Decimal("1E-30"))), ""),
        (numeric(Number(Decimal("1E-31"))), "number"),
        (numeric(Number(Decimal("0." + "1" * 30))), ""),
        (numeric(Number(Decimal("0." + "1" * 31))), "number"),
        (numeric(Number(Decimal("Infinity"))), "number"),
        (numeric(FIVE, unit="m2"), ""),
        (numeric(FIVE, unit="2m"), "units"),
        (numeric(FIVE, unit="。"), "units"),
        (numeric(FIVE, unit="m", units=(Unit("M", Decimal(2)),)), "units"),
        (numeric(FIVE, units=(Unit("m", Decimal(2)),)), "units"),
        (numeric(FIVE, unit="m", units=(Unit("cm", Decimal(0)),)), "units"),
        (numeric(FIVE, unit="m", units=(Unit("cm", Decimal("0.01")), Unit("km", Decimal(1000)))), ""),
        (lambda: sample(ItemType.MATCHING, body=PAIRS, options=["甲", "乙"]), ""),
        (lambda: sample(ItemType.MATCHING, body=Body(prompts=("一", ""), pairs=("A", "B"))), "no_pairs"),
        (lambda: sample(ItemType.MATCHING, body=Body(prompts=("一", "二"), pairs=("A",))), "no_pairs"),
        (lambda: sample(ItemType.MATCHING, body=Body(prompts=("一", "二"), pairs=("A", "D"))), "key_outside"),
        (lambda: sample(ItemType.ORDERING, body=Body(order=("A", "B"))), "no_order"),
        (rubric(Criterion("", Decimal(1))), "criterion"),
        (rubric(Criterion("要点", Decimal(0))), "criterion"),
        (rubric(Criterion("要点", Decimal("0.01"))), ""),
        (rubric(Criterion("要点", Decimal("0.001"))), "criterion"),
        (case(), "no_parts"),
        (case(Part(ItemType.ESSAY, " ")), "in_part"),
        (case(Part(ItemType.CASE, "材料")), "in_part"),
        (case(Part(ItemType.ESSAY, "题", weight=Decimal(0))), "in_part"),
        (case(Part(ItemType.ESSAY, "题", weight=Decimal("0.1"))), ""),
        (lambda: sample(ItemType.SINGLE, key=frozenset()), "no_key"),
        (lambda: sample(ItemType.SINGLE, stem=f"如图 stored:{'a' * 64}"), "file_missing"),
    ],
)
def test_what_an_item_must_hold_to_be_marked(made: Callable[[], object], code: str) -> None:
    assert code_of(made) == code


@pytest.mark.parametrize(
    ("part", "inner"),
    [
        (Part(ItemType.ESSAY, " "), "stem"),
        (Part(ItemType.CASE, "材料"), "case_in_case"),
        (Part(ItemType.ESSAY, "题", weight=Decimal(-1)), "number"),
        (Part(ItemType.SINGLE, "题", lettered(OPTIONS)), "no_key"),
    ],
)
def test_what_stands_against_a_sub_item_is_said_with_its_number_from_one(part: Part, inner: str) -> None:
    with pytest.raises(BadItemError) as refused:
        case(ESSAY, part)()

    assert (refused.value.reason.params["part"], refused.value.reason.params["inner"]) == ("2", inner)
    assert str(because(inner, **refused.value.reason.params)) in str(refused.value.reason)


@pytest.mark.parametrize("text", ["0", "1", "0.123456", " 0.5 "])
def test_a_difficulty_is_a_share_of_at_most_six_places(text: str) -> None:
    assert difficulty(text) == Decimal(text.strip())


@pytest.mark.parametrize("text", ["-0.1", "1.000001", "0.1234567", "Infinity", "", "难"])
def test_what_is_no_share_is_no_difficulty(text: str) -> None:
    assert code_of(lambda: difficulty(text)) == "difficulty"


@pytest.mark.parametrize("texts", [["先", "后"], ["后", "先"], ["一", "二", "三"], ["丙", "乙", "甲", "丁"]])
def test_the_right_order_is_never_that_of_the_letters(texts: list[str]) -> None:
    item = sample(ItemType.ORDERING, options=texts, body=Body(order=tuple("ABCDEFGH"[: len(texts)])))
    said = {option.key: option.text for option in item.options}

    assert list(item.body.order) != sorted(item.body.order)
    assert [said[letter] for letter in item.body.order] == texts


def test_a_code_made_of_the_wording_has_twelve_signs() -> None:
    code = sample(ItemType.SINGLE, code=" ").code

    assert (len(code), code[:2], set(code[2:]) <= set("0123456789ABCDEF")) == (14, "X-", True)


@pytest.mark.parametrize("text", ["甲\uffff", "甲\ufffe", "甲\ud800", "甲\x07", "甲\x0b乙"])
def test_a_text_holds_no_characters_that_cannot_be_stored(text: str) -> None:
    assert code_of(lambda: clean(text, "stem", 100)) == "control"


def test_a_text_holds_tabs_and_line_ends_of_every_kind() -> None:
    assert clean(" 甲\t乙\r\n丙\r丁\n", "stem", 100) == "甲\t乙\n丙\n丁"


def test_a_reason_quotes_the_beginning_of_a_long_text() -> None:
    assert because("wildcard", text="字" * 121).params["text"] == "字" * 120


@pytest.mark.parametrize(
    ("data", "name", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n", "a", "image/png"),
        (b"\xff\xd8\xff", "a", "image/jpeg"),
        (b"GIF87a", "a", "image/gif"),
        (b"GIF89a", "a", "image/gif"),
        (b"%PDF-1.7", "a", "application/pdf"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a", "image/webp"),
        ("说明".encode(), "a.TXT", "text/plain"),
        (b"a,b", "a.csv", "text/csv"),
    ],
)
def test_a_file_is_what_its_bytes_say(data: bytes, name: str, kind: str) -> None:
    assert enclosed(name, data).media_type == kind


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"RIFF\0\0\0\0WAVEfmt ", "a.webp"),
        (b"RIFX\0\0\0\0WEBP", "a.webp"),
        (b"a\x00b", "a.txt"),
        (b"\xff\xfe", "a.txt"),
        (b"text", "a.md"),
    ],
)
def test_a_file_of_another_kind_is_refused_whatever_its_name(data: bytes, name: str) -> None:
    assert code_of(lambda: enclosed(name, data)) == "file_kind"


def test_a_file_has_five_megabytes_and_not_one_byte_more() -> None:
    most = b"%PDF-".ljust(5 * 2**20, b"0")

    assert enclosed("a.pdf", most).data is most
    with pytest.raises(BadItemError) as refused:
        enclosed("a.pdf", most + b"0")
    assert refused.value.reason == because("large_file", file="a.pdf", limit=5)


def test_a_file_keeps_its_own_name_and_its_ending_however_long_it_is() -> None:
    assert enclosed("files/a.pdf", b"%PDF-").name == "a.pdf"
    assert enclosed("", b"%PDF-").name == "file"
    assert enclosed(f"{'长' * 200}.pdf", b"%PDF-").name == f"{'长' * 116}.pdf"


def entry(name: str = "a.xml", size: int = 0, packed: int = 0, flags: int = 0, mode: int = 0) -> ZipInfo:
    made = ZipInfo(name)
    made.file_size, made.compress_size, made.flag_bits, made.external_attr = size, packed, flags, mode << 16
    return made


MEGABYTE = 2**20


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([entry(str(at)) for at in range(5000)], ""),
        ([entry(str(at)) for at in range(5001)], "zip_bomb"),
        ([entry("a", 60 * MEGABYTE, 60 * MEGABYTE), entry("b", 4 * MEGABYTE, 4 * MEGABYTE)], ""),
        ([entry("a", 60 * MEGABYTE, 60 * MEGABYTE), entry("b", 4 * MEGABYTE + 1, 4 * MEGABYTE)], "zip_bomb"),
        ([entry(size=MEGABYTE, packed=1)], ""),
        ([entry(size=MEGABYTE + 1, packed=1)], "zip_bomb"),
        ([entry(size=MEGABYTE + 1, packed=0)], "zip_bomb"),
        ([entry(size=2_000_000, packed=10_000)], ""),
        ([entry(size=2_000_001, packed=10_000)], "zip_bomb"),
        ([entry(), entry()], "zip_path"),
        ([entry(flags=1)], "zip_locked"),
        ([entry(flags=2)], ""),
        ([entry(mode=stat.S_IFLNK | 0o777)], "zip_path"),
        ([entry(mode=stat.S_IFREG | 0o644)], ""),
        ([entry("a\\b.xml")], "zip_path"),
        ([entry("c:b.xml")], "zip_path"),
        ([entry("a/../b.xml")], "zip_path"),
    ],
)
def test_a_package_is_judged_by_what_it_says_before_it_is_unpacked(entries: list[ZipInfo], code: str) -> None:
    assert code_of(lambda: enclosures._refuse(entries)) == code


def test_folders_of_a_package_are_no_files(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with ZipFile(path, "w") as archive:
        archive.writestr("items/", b"")
        archive.writestr("items/a.xml", b"<a/>")

    assert unpack(path.read_bytes()) == {"items/a.xml": b"<a/>"}


def test_the_same_files_make_the_same_package(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(pack({"a.xml": b"<a/>" * 99}))
    with ZipFile(path) as archive:
        (info,) = archive.infolist()

    assert info.date_time == (2026, 1, 1, 0, 0, 0)
    assert info.external_attr >> 16 == 0o644
    assert info.compress_size < info.file_size


ONE: dict[Any, Any] = {
    aiken: "题一\nA. 甲\nB. 乙\nANSWER: A\n\n题二\nA. 丙\nB. 丁\nANSWER: A\n",
    moodle: "<quiz>"
    + "".join(
        f'<question type="truefalse"><questiontext><text>题{at}</text></questiontext>'
        '<answer fraction="100"><text>true</text></answer></question>'
        for at in (1, 2)
    )
    + "</quiz>",
    qti: b"",
}
QTI_ITEM = (
    '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="q{0}"><responseDeclaration '
    'identifier="R"/><itemBody><p>题{0}</p><extendedTextInteraction responseIdentifier="R"/></itemBody>'
    "</assessmentItem>"
)


@pytest.mark.parametrize("room", ONE, ids=lambda room: str(room.__name__).rpartition(".")[2])
def test_items_beyond_the_limit_are_named_and_those_before_it_kept(room: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ANN401 - a module
    monkeypatch.setattr(room, "ITEM_LIMIT", 1)
    text: Any = ONE[room] or pack({f"{at}.xml": QTI_ITEM.format(at).encode() for at in (1, 2)})
    found = room.parse(text.encode() if room is moodle else text, PLAIN)

    assert len(found.items) == 1
    assert [failure.reason.code for failure in found.failures] == ["many_rows"]


def test_a_file_holds_two_thousand_items_and_a_workbook_all_rows_they_need() -> None:
    assert gift.ITEM_LIMIT == 2000
    assert xlsx.ROW_LIMIT > gift.ITEM_LIMIT + tables.HEADING_ROWS


def test_what_is_given_as_json_is_built_as_it_stands() -> None:
    item = sample(ItemType.MATCHING, body=PAIRS)

    assert build(item.to_json(), place="", defaults=Defaults()) == item


@pytest.mark.parametrize(
    ("text", "reason"), [("5", ""), ("０.5", ""), ("5±1", "number"), ("5@2", "number"), ("", "number")]
)
def test_the_share_of_a_sub_item_is_a_plain_number(text: str, reason: str) -> None:
    assert code_of(lambda: cells.weight(text)) == reason
