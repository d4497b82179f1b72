"""What QTI and workbooks say of an item, sign by sign, and what ours say to Moodle and to them."""

import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zipfile import ZipFile

import pytest
from lxml import etree
from openpyxl import Workbook, load_workbook

from app.items.rules import enclosures, files, qti, qti_writing, xlsx
from app.items.rules.bodies import Blank, Body, Number
from app.items.rules.content import Defaults, ItemContent
from app.items.states import Credit, FileKind, ItemType
from tests.factories.pictures import reference
from tests.unit.items.samples import BODIES, FIGURE, PICTURE, sample

pytestmark = pytest.mark.one_database

DEFAULTS = Defaults("general", "recall", "0.5")


def only(found: Any) -> ItemContent:  # noqa: ANN401 - what was parsed
    assert [one.reason.code for one in found.failures] == []
    (item,) = found.items
    return item


def written(item: ItemContent, kind: FileKind = FileKind.MOODLE_XML) -> Any:  # noqa: ANN401 - an element
    data = files.write([item], kind, {FIGURE.sha256: PICTURE}.__getitem__)
    if kind is FileKind.MOODLE_XML:
        assert data.startswith(b"<?xml")
        return etree.fromstring(data).find("question")
    with ZipFile(io.BytesIO(data)) as archive:
        (name,) = [one for one in archive.namelist() if one.startswith("items/")]
        document = archive.read(name)
    assert document.startswith(b"<?xml")
    return etree.fromstring(document)


def test_moodle_is_told_type_code_and_fractions() -> None:
    single = written(sample(ItemType.BLANK))
    net, plain = (written(sample(ItemType.MULTIPLE, body=Body(credit=credit))) for credit in (Credit.NET, Credit.SHARE))
    order = written(sample(ItemType.ORDERING))

    assert (single.get("type"), single.findtext("idnumber")) == ("shortanswer", "S-blank")
    assert [one.get("fraction") for one in net.iterfind("answer")] == ["50", "-50", "50"]
    assert [one.get("fraction") for one in plain.iterfind("answer")] == ["50", "-100", "50"]
    assert [one.get("fraction") for one in order.iterfind("answer")] == ["1.0000000", "2.0000000", "3.0000000"]


def values(root: Any, path: str, attribute: str = "") -> list[str]:  # noqa: ANN401 - an element
    found = root.iterfind(f".//{{*}}{path}")
    return [one.get(attribute) if attribute else one.text for one in found]


def test_qti_is_told_how_each_answer_is_scored() -> None:
    two = Body(blanks=(Blank(("甲", "乙")), Blank(("丙",)), Blank(("丁",))))
    blank = written(sample(ItemType.BLANK, stem="___与___与___", body=two), FileKind.QTI2)
    pair = written(sample(ItemType.MATCHING, body=BODIES[ItemType.MATCHING]), FileKind.QTI2)
    single = written(sample(ItemType.SINGLE), FileKind.QTI2)

    assert values(blank, "responseDeclaration", "identifier") == ["R0_1", "R0_2", "R0_3"]
    assert values(blank, "correctResponse/{*}value") == ["甲", "丙", "丁"]
    assert values(blank, "product/{*}baseValue") == ["0.333333"] * 3
    assert values(blank, "textEntryInteraction", "responseIdentifier") == ["R0_1", "R0_2", "R0_3"]
    assert [text.split()[0] for text in values(pair, "value")] == ["P1", "P2"]
    assert values(pair, "mapEntry", "mappedValue") == ["0.5", "0.5"]
    assert (single.get("adaptive"), single.get("timeDependent"), single.get("title")) == ("false", "false", "S-single")
    assert values(single, "product/{*}baseValue") == ["1", "1"]


@pytest.mark.parametrize(
    ("credit", "key", "mapped"),
    [
        (Credit.NET, "AB", ["0.5", "0.5", "-0.5"]),
        (Credit.SHARE, "AB", ["0.5", "0.5", "-1"]),
        (Credit.SHARE, "ABC", ["0.333333"] * 3),
        (Credit.ALL, "AB", []),
        (None, "AB", []),
    ],
)
def test_qti_is_told_the_rule_of_partial_credit(credit: Credit | None, key: str, mapped: list[str]) -> None:
    item = sample(ItemType.MULTIPLE, key=frozenset(key), body=Body(credit=credit))

    assert values(written(item, FileKind.QTI2), "mapEntry", "mappedValue") == mapped


@pytest.mark.parametrize(("kind", "code"), [(FileKind.QTI2, "1a"), (FileKind.QTI3, "a1")])
def test_identifiers_of_qti_begin_with_a_letter(kind: FileKind, code: str) -> None:
    assert written(sample(ItemType.SINGLE, code=code), kind).get("identifier") == ("_1a" if code == "1a" else code)


def test_a_link_stays_a_link_in_qti_3_and_its_file_keeps_its_ending() -> None:
    data = "年,万元".encode()
    file = reference(data, "数据.CSV", "text/csv")
    item = sample(ItemType.SINGLE, stem=f"见[数据](stored:{file.sha256})", body=Body(files=(file,)))
    package = files.write([item], FileKind.QTI3, {file.sha256: data}.__getitem__)
    with ZipFile(io.BytesIO(package)) as archive:
        names, document = archive.namelist(), archive.read("items/S-single.xml").decode()

    assert f"files/{file.sha256}.csv" in names
    assert f'<a href="../files/{file.sha256}.csv">' in document
    assert qti_writing.identifier("A") == "A"


ITEM = (
    '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="q">{}<itemBody><p>题</p>{}'
    "</itemBody>{}"
    "</assessmentItem>"
)
CHOICES = "".join(f'<simpleChoice identifier="{key}">{{}}</simpleChoice>' for key in "AB")


def read(declared: str, body: str, after: str = "") -> Any:  # noqa: ANN401 - what was parsed
    return qti.parse(ITEM.format(declared, body, after).encode(), DEFAULTS)


def declared(inner: str, base: str = "identifier", cardinality: str = "single", name: str = "R") -> str:
    return (
        f'<responseDeclaration identifier="{name}" baseType="{base}" cardinality="{cardinality}">{inner}'
        "</responseDeclaration>"
    )


def mapping(**entries: str) -> str:
    listed = "".join(f'<mapEntry mapKey="{key}" mappedValue="{value}"/>' for key, value in entries.items())
    return f"<mapping>{listed}</mapping>"


def choice(first: str = "甲", second: str = "乙") -> str:
    return f'<choiceInteraction responseIdentifier="R">{CHOICES.format(first, second)}</choiceInteraction>'


ENTRY = '<textEntryInteraction responseIdentifier="R"/>'


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("正确", "错误", ItemType.TRUE_FALSE),
        ("True", "False", ItemType.TRUE_FALSE),
        ("对", "错", ItemType.TRUE_FALSE),
        ("错", "对", ItemType.SINGLE),
        ("甲", "乙", ItemType.SINGLE),
    ],
)
def test_two_words_of_truth_make_a_judgement(first: str, second: str, kind: ItemType) -> None:
    assert only(read(declared(mapping(A="0.5", B="0")), choice(first, second))).type is kind


def test_feedback_stands_apart_from_the_option_and_the_stem() -> None:
    inline = "<feedbackInline>好</feedbackInline>"
    item = only(
        read(
            declared("<correctResponse><value>A</value></correctResponse>"),
            "<feedbackBlock><p>略</p></feedbackBlock>"
            f"<p>干{inline}尾</p>{choice(f'甲{inline}尾', f'<b>乙</b>{inline}尾')}",
        )
    )

    assert [option.text for option in item.options] == ["甲尾", "**乙**尾"]
    assert (item.stem, item.explanation) == ("题\n\n干尾", "略\n好\nA: 好\nB: 好")


@pytest.mark.parametrize(
    ("inner", "blank"),
    [
        ("<correctResponse><value>甲</value></correctResponse>", Blank(("甲",))),
        (mapping(甲="1", 乙="0"), Blank(("甲",), exact=True)),
        (mapping(甲="0.5", 乙="0.5"), Blank(("甲", "乙"), exact=True)),
    ],
)
def test_a_blank_of_qti_accepts_what_earns_points(inner: str, blank: Blank) -> None:
    assert only(read(declared(inner, "string"), f"<p>{ENTRY}</p>")).body.blanks == (blank,)


NUMBER = declared("<correctResponse><value>5</value></correctResponse>", "integer")
EQUAL = (
    '<responseProcessing><responseCondition><responseIf><equal {}><variable identifier="R"/>{}</equal>{}'
    "</responseIf></responseCondition></responseProcessing>"
)
SCORE = '<setOutcomeValue identifier="SCORE"><baseValue>9</baseValue><baseValue>{}</baseValue></setOutcomeValue>'


@pytest.mark.parametrize(
    ("after", "number"),
    [
        ("", Number(Decimal(5))),
        (EQUAL.format("", "<correct/>", ""), Number(Decimal(5))),
        (
            EQUAL.format('tolerance="0.1"', "<baseValue>6</baseValue>", SCORE.format(1)),
            Number(Decimal(6), Decimal("0.1")),
        ),
        (
            EQUAL.format('toleranceMode="relative" tolerance="5 5"', "<baseValue>6</baseValue>", ""),
            Number(Decimal(6), Decimal("0.05"), relative=True),
        ),
    ],
)
def test_a_number_of_qti_is_read_with_its_tolerance(after: str, number: Number) -> None:
    assert only(read(NUMBER, f"<p>{ENTRY}</p>", after)).body.numbers == (number,)


MATCH = (
    '<matchInteraction responseIdentifier="R"><simpleMatchSet><simpleAssociableChoice identifier="P1">一'
    '</simpleAssociableChoice><simpleAssociableChoice identifier="P2">二</simpleAssociableChoice></simpleMatchSet>{}'
    "</matchInteraction>"
)
SECOND = (
    '<simpleMatchSet><simpleAssociableChoice identifier="A">甲</simpleAssociableChoice>'
    '<simpleAssociableChoice identifier="B">乙</simpleAssociableChoice></simpleMatchSet>'
)


def right(*pairs: str) -> str:
    return declared("<correctResponse>" + "".join(f"<value>{pair}</value>" for pair in pairs) + "</correctResponse>")


@pytest.mark.parametrize(
    ("found", "reason", "count"),
    [
        ((right("P1 A", "P1 B"), MATCH.format(SECOND)), "two_pairs", ""),
        ((right("P1 A"), MATCH.format(SECOND)), "no_pairs", "1"),
        ((right("P1 A", "P2 B"), MATCH.format("")), "no_pairs", "0"),
        ((declared(mapping(甲="1", 乙="0.5"), "string"), f"<p>{ENTRY}</p>"), "mixed_marks", ""),
        ((NUMBER, f"<p>{ENTRY}{ENTRY}</p>"), "interactions", "2"),
        ((NUMBER, f"<p>{ENTRY}</p>", EQUAL.format('tolerance="1 2"', "", "")), "number", ""),
    ],
)
def test_what_qti_says_by_halves_is_refused(found: tuple[str, ...], reason: str, count: str) -> None:
    (failure,) = read(*found).failures

    assert (failure.reason.code, failure.reason.params.get("count", "")) == (reason, count)


@pytest.mark.parametrize(("most", "kept"), [("", True), ("0", True), ("2", True), ("1", False), ("3", False)])
def test_as_many_pairs_as_prompts_is_what_a_matching_means_anyway(most: str, kept: bool) -> None:
    asked = f'<matchInteraction maxAssociations="{most}"' if most else "<matchInteraction"
    item = only(read(right("P1 A", "P2 B"), MATCH.format(SECOND).replace("<matchInteraction", asked)))

    assert item.body.pairs == ("A", "B")
    assert (item.without == ()) is kept


def test_a_rubric_for_candidates_stands_in_the_stem_and_is_no_reference() -> None:
    blocks = '<rubricBlock view="candidate">提示</rubricBlock><rubricBlock>参考</rubricBlock>'
    item = only(read(declared("", "string"), f'{blocks}<extendedTextInteraction responseIdentifier="R"/>'))

    assert (item.body.reference, item.stem) == ("参考", "题\n\n提示")


def test_a_ninth_option_is_too_many_though_it_is_explained() -> None:
    def listed(count: int) -> Any:  # noqa: ANN401 - what was parsed
        told = "".join(
            f'<simpleChoice identifier="C{at}">答{at}<feedbackInline>评{at}</feedbackInline></simpleChoice>'
            for at in range(count)
        )
        return read(declared(mapping(C0="1")), f'<choiceInteraction responseIdentifier="R">{told}</choiceInteraction>')

    assert only(listed(8)).explanation.splitlines()[-1] == "H: 评7"
    assert [one.reason.code for one in listed(9).failures] == ["many_options"]


def test_a_document_of_a_package_is_named_by_the_end_of_its_path() -> None:
    path = f"{'a' * 60}/q.xml"
    found = qti.parse(enclosures.pack({path: b"<assessmentItem/>"}), DEFAULTS)

    assert [one.place for one in found.failures] == [f"{path[-48:]}:1"]


def test_a_resource_of_another_kind_is_no_item() -> None:
    manifest = (
        '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources><resource/>'
        '<resource type="webcontent" href="a.html"/></resources></manifest>'
    )
    found = qti.parse(enclosures.pack({"imsmanifest.xml": manifest.encode()}), DEFAULTS)

    assert [one.reason.code for one in found.failures] == ["no_items"]


def workbook(rows: Sequence[list[Any]], hidden: bool = False) -> bytes:  # noqa: FBT002 - a test's own
    book = Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    extra = book.create_sheet("旧题")
    for row in rows if hidden else ():
        extra.append(row)
    extra.sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


HEAD: list[object] = ["题干", "答案"]


def test_hidden_sheets_are_not_read() -> None:
    assert [one.place for one in xlsx.parse(workbook([HEAD, ["问", "对"]], hidden=True), DEFAULTS).items] == ["2"]


@pytest.mark.parametrize(("empty", "reasons"), [(198, []), (199, ["no_header"])])
def test_two_hundred_columns_are_read(empty: int, reasons: list[str]) -> None:
    gap: list[object] = [None] * empty
    found = xlsx.parse(workbook([["题干", *gap, "答案"], ["问", *gap, "对"]]), DEFAULTS)

    assert [one.reason.code for one in found.failures] == reasons


def test_rows_are_read_up_to_their_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "ROW_LIMIT", 4)
    found = xlsx.parse(workbook([HEAD, *([f"问{at}", "对"] for at in range(9))]), DEFAULTS)

    assert len(found.items) == 4


@pytest.mark.parametrize(("size", "reason"), [(64 * 2**20, "not_workbook"), (64 * 2**20 + 1, "bomb")])
def test_a_workbook_unpacks_to_sixty_four_megabytes_at_most(size: int, reason: str) -> None:
    packed = bytearray(enclosures.pack({"a.xml": b"<a/>"}))
    place = packed.index(b"PK\x01\x02") + 24
    packed[place : place + 4] = size.to_bytes(4, "little")

    assert [one.reason.code for one in xlsx.parse(bytes(packed)).failures] == [reason]


def test_a_workbook_that_goes_out_can_be_read_by_people() -> None:
    book = load_workbook(io.BytesIO(files.write([sample(ItemType.SINGLE)], FileKind.XLSX)))
    sheet = book.worksheets[0]
    head, first = sheet["A1"], sheet["A2"]

    assert (head.font.bold, first.font.bold) == (True, False)
    assert (first.quotePrefix, first.alignment.wrap_text) == (True, True)
    assert [sheet.column_dimensions[letter].width for letter in "ABCDE"] == [14, 10, 60, 24, 24]
    assert book.properties.created == datetime(2026, 1, 1)  # noqa: DTZ001 - the format knows no zone
