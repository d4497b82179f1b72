"""What the table of types and files in docs/items.md promises is done; foreign files come in with all they hold."""

import base64
import io
from decimal import Decimal
from zipfile import ZipFile

import pytest

from app.items.rules import files
from app.items.rules.bodies import Blank, Unit
from app.items.rules.content import Defaults, ItemContent, Parsed
from app.items.states import WRITTEN_KINDS, FileKind, ItemType
from tests.factories.pictures import png
from tests.unit.items.samples import FIGURE, PICTURE, detailed, sample
from tests.unit.items.tables import cell

DEFAULTS = Defaults("general", "recall", "0.5")
WITH_FILES = (FileKind.MOODLE_XML, FileKind.QTI2, FileKind.QTI3)


@pytest.mark.parametrize("kind", WRITTEN_KINDS)
@pytest.mark.parametrize("item", [*map(sample, ItemType), *detailed().values()], ids=lambda item: item.code)
def test_what_the_table_promises_is_read_back(item: ItemContent, kind: FileKind) -> None:
    written = files.export([item], kind, {FIGURE.sha256: PICTURE}.__getitem__)
    held = cell(item, kind)

    assert ([item.code] if held in {"yes", "in part"} else []) == written.codes
    if held == "yes":
        found = files.read(written.data, kind)
        assert [str(one.reason) for one in found.failures] == []
        assert found.items == [item]
        assert {digest: one.data for digest, one in found.files.items()} == (
            {FIGURE.sha256: PICTURE} if item.body.files else {}
        )


def only(found: Parsed) -> ItemContent:
    assert [str(failure.reason) for failure in found.failures] == []
    (item,) = found.items
    return item


def moodle(question: str, kind: str = "multichoice") -> ItemContent:
    text = f'<?xml version="1.0" encoding="UTF-8"?><quiz><question type="{kind}">{question}</question></quiz>'
    return only(files.read(text.encode(), FileKind.MOODLE_XML, DEFAULTS))


STEM = '<name><text>Q-1</text></name><questiontext format="html"><text><![CDATA[{}]]></text>{}</questiontext>'
TWO = (
    '<single>true</single><answer fraction="100" format="html"><text>&lt;p&gt;甲&lt;/p&gt;</text></answer>'
    '<answer fraction="0"><text>乙</text><feedback><text>不对</text></feedback></answer>'
)


def test_html_of_moodle_becomes_text_with_its_tables_formulas_and_emphasis() -> None:
    table = "<table><tr><th>甲</th></tr><tr><td>1</td></tr></table>"
    html = f"<p>H<sub>2</sub>O 的<u>错误</u>说法 \\(x^2\\)&nbsp;是</p>{table}"
    item = moodle(STEM.format(html, "") + TWO)

    assert item.stem == "H$_{2}$O 的**错误**说法 \\(x^2\\)\u00a0是\n\n| 甲 |\n| --- |\n| 1 |"
    assert (item.code, item.options[0].text, item.explanation) == ("Q-1", "甲", "B: 不对")


def test_pictures_of_moodle_come_along_and_those_no_text_shows_are_linked() -> None:
    one, other = png(10), png(20)
    enclosed = "".join(
        f'<file name="{name}" path="/" encoding="base64">{base64.b64encode(data).decode()}</file>'
        for name, data in (("图 1.png", one), ("more.png", other))
    )
    html = '<p>如图<img src="@@PLUGINFILE@@/%E5%9B%BE%201.png" alt="流程"></p>'
    item = moodle(STEM.format(html, enclosed) + TWO)

    assert "![流程](stored:" in item.stem
    assert "[more.png](stored:" in item.stem
    assert [file.name for file in item.body.files].count("more.png") == 1
    assert len(item.body.files) == 2


def test_gaps_numbers_units_and_tags_of_moodle_are_kept() -> None:
    cloze = moodle(STEM.format("向{1:SHORTANSWER:=登记机构~%100%机构}申请{1:SAC:=A}", ""), "cloze")
    number = moodle(
        STEM.format("多少", "")
        + '<answer fraction="100"><text>2</text><tolerance>0.1</tolerance></answer>'
        + "<units><unit><multiplier>1</multiplier><unit_name>m</unit_name></unit>"
        + "<unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit></units><showunits>3</showunits>"
        + "<tags><tag><text>估值</text></tag><tag><text>module=policy</text></tag></tags>",
        "numerical",
    )

    assert cloze.stem == "向_____申请_____"
    assert cloze.body.blanks == (Blank(("登记机构", "机构")), Blank(("A",), exact=True))
    assert [(str(one.value), str(one.tolerance)) for one in number.body.numbers] == [("2", "0.1")]
    assert number.body.units == (Unit("cm", Decimal("0.01")),)
    assert (number.module, number.topic) == ("policy", "估值")


QTI = (
    '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="choice" title="Unattended Luggage">'
    '<responseDeclaration identifier="RESPONSE" cardinality="{}" baseType="identifier"><correctResponse>{}'
    "</correctResponse></responseDeclaration><itemBody><p>Look at the text.</p>{}</itemBody></assessmentItem>"
)
CHOICE = (
    '<choiceInteraction responseIdentifier="RESPONSE" maxChoices="1"><prompt>What does it say?</prompt>'
    '<simpleChoice identifier="ChoiceA">You must <strong>stay</strong>.<feedbackInline outcomeIdentifier="F" '
    'identifier="ChoiceA">No.</feedbackInline></simpleChoice><simpleChoice identifier="ChoiceB">Do not.</simpleChoice>'
    "</choiceInteraction>"
)


def test_a_choice_of_qti_2_comes_in_with_prompt_and_feedback() -> None:
    item = only(files.read(QTI.format("single", "<value>ChoiceA</value>", CHOICE).encode(), FileKind.QTI, DEFAULTS))

    assert item.stem == "Look at the text.\n\nWhat does it say?"
    assert [option.text for option in item.options] == ["You must **stay**.", "Do not."]
    assert (item.keys, item.explanation, item.type) == (["A"], "A: No.", ItemType.SINGLE)


def test_qti_3_says_the_same_under_other_names() -> None:
    text = (
        '<qti-assessment-item xmlns="http://www.imsglobal.org/xsd/imsqtiasi_v3p0" identifier="q3" title="Q">'
        '<qti-response-declaration identifier="RESPONSE" cardinality="single" base-type="float"><qti-correct-response>'
        "<qti-value>3.5</qti-value></qti-correct-response></qti-response-declaration><qti-item-body><p>多少"
        '<qti-text-entry-interaction response-identifier="RESPONSE"/>万元</p></qti-item-body></qti-assessment-item>'
    )
    item = only(files.read(text.encode(), FileKind.QTI, DEFAULTS))

    assert (item.type, item.stem) == (ItemType.NUMERIC, "多少_____万元")
    assert str(item.body.numbers[0].value) == "3.5"


def test_a_package_without_a_manifest_and_a_document_alone_are_read() -> None:
    out = io.BytesIO()
    with ZipFile(out, "w") as archive:
        archive.writestr("a/one.xml", QTI.format("single", "<value>ChoiceB</value>", CHOICE))
        archive.writestr("a/readme.txt", "items")

    item = only(files.read(out.getvalue(), FileKind.QTI, DEFAULTS))

    assert (item.keys, item.place) == (["B"], "a/one.xml:1")


def test_aiken_is_read_with_either_mark_and_the_chinese_word() -> None:
    found = files.read(
        "题干一\nA. 甲\nB) 乙\nANSWER: b\n\n题干二\n续行\nA、丙\nB、丁\n答案：A\n".encode("gbk"),
        FileKind.AIKEN,
        DEFAULTS,
    )

    assert [(item.stem, item.keys, item.place) for item in found.items] == [
        ("题干一", ["B"], "1"),
        ("题干二\n续行", ["A"], "6"),
    ]


def test_tables_say_the_new_types_in_the_words_of_chinese_banks() -> None:
    text = (
        "编号,题型,题干,选项A,选项B,选项C,答案,误差,单位,匹配项,评分标准,所属案例,小题分值\n"
        "N-1,填空题,依据_____和_____,,,,技术合同|合同###DNA,,,,,,\n"
        "N-2,计算题,多少,,,,１２．５,5%,万元,,,,\n"
        "N-3,连线题,配对,甲,乙,,1-B 2-A,,,一###二,,,\n"
        "N-4,排序题,排序,先,后,再,A→C→B,,,,,,\n"
        'N-5,论述题,论述,,,,参考答案,,,,"论点|6|明确\n论据|4",,\n'
        "N-6,案例分析题,材料,,,,,,,,,,\n"
        ",单选题,谁登记,甲,乙,,B,,,,,N-6,2\n"
        ",简答题,为什么,,,,因为,,,,,N-6,3\n"
    )
    found = files.read(text.encode("gb18030"), FileKind.CSV, DEFAULTS)
    blank, numeric, matching, ordering, essay, case = found.items

    assert found.failures == []
    assert blank.body.blanks == (Blank(("技术合同", "合同")), Blank(("DNA",)))
    assert (str(numeric.body.numbers[0].tolerance), numeric.body.numbers[0].relative) == ("0.05", True)
    right = {option.key: option.text for option in matching.options}
    assert [right[letter] for letter in matching.body.pairs] == ["乙", "甲"]
    said = {option.key: option.text for option in ordering.options}
    assert [said[letter] for letter in ordering.body.order] == ["先", "再", "后"]
    assert [(one.name, str(one.points), one.guidance) for one in essay.body.rubric] == [
        ("论点", "6", "明确"),
        ("论据", "4", ""),
    ]
    assert [(part.type, str(part.weight)) for part in case.body.parts] == [
        (ItemType.SINGLE, "2"),
        (ItemType.SHORT_ANSWER, "3"),
    ]


def test_the_kind_of_an_xml_file_follows_from_what_it_holds() -> None:
    assert files.kind_of("a.xml", b"<quiz>") is FileKind.MOODLE_XML
    assert files.kind_of("a.xml", QTI.encode()) is FileKind.QTI
    assert files.kind_of("a.zip") is FileKind.QTI
    assert files.kind_of("a.aiken") is FileKind.AIKEN
    assert files.kind_of("a.aiken.txt") is FileKind.AIKEN
    assert files.kind_of("a.txt") is FileKind.GIFT
