"""Broken and hostile files: each is answered with place and reason, and nothing of them comes in."""

import base64
import io
import stat
from collections.abc import Iterable
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from app.items.rules import aiken, enclosures, files
from app.items.rules.content import Defaults
from app.items.states import FileKind

DEFAULTS = Defaults("general", "recall", "0.5")
STEM = "<name><text>Q</text></name><questiontext><text>题</text></questiontext>"
RIGHT = '<answer fraction="100"><text>甲</text></answer>'
ITEM = (
    '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="q">'
    '<responseDeclaration identifier="R" cardinality="{}" baseType="{}">{}</responseDeclaration>'
    "<itemBody><p>题</p>{}</itemBody></assessmentItem>"
)
CORRECT = "<correctResponse><value>A</value></correctResponse>"
CHOICES = '<simpleChoice identifier="A">甲</simpleChoice><simpleChoice identifier="B">乙</simpleChoice>'
CHOICE = f'<choiceInteraction responseIdentifier="R">{CHOICES}</choiceInteraction>'
BOMB = '<!DOCTYPE q [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE quiz [<!ENTITY f SYSTEM "file:///etc/passwd">]>'


def moodle(question: str, kind: str = "multichoice") -> bytes:
    return f'<quiz>\n<question type="{kind}">{question}</question></quiz>'.encode()


def qti(body: str = CHOICE, right: str = CORRECT, cardinality: str = "single", base: str = "identifier") -> bytes:
    return ITEM.format(cardinality, base, right, body).encode()


def package(entries: Iterable[tuple[str | ZipInfo, bytes]]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return out.getvalue()


def manifest(href: str) -> bytes:
    return (
        '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><resources>\n'
        f'<resource type="imsqti_item_xmlv2p1" href="{href}"/></resources></manifest>'
    ).encode()


def linked() -> ZipInfo:
    entry = ZipInfo("link.xml")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


def locked() -> bytes:
    """Return a package whose entries say that they are encrypted."""
    data = bytearray(package([("q.xml", qti())]))
    data[data.index(b"PK\x01\x02") + 8] |= enclosures.ENCRYPTED
    data[6] |= enclosures.ENCRYPTED
    return bytes(data)


SVG = base64.b64encode(b"<svg onload='alert(1)'/>").decode()
PAIR = "<subquestion><text>一</text><answer><text>甲</text></answer></subquestion>"
FORMULA = "$x^$ 是多少"
PICTURED = '<questiontext format="html"><text>&lt;img src="{}"&gt;</text>{}</questiontext>'
MOODLE = [
    (b"", "not_xml", "1"),
    (b"<quiz><question", "not_xml", "1"),
    (b"<quiz>\n\n</quizz>", "not_xml", "3"),
    ("<quiz><question>题".encode("gbk"), "not_xml", "1"),
    (b"<lessons/>", "not_quiz", "1"),
    (b"<quiz/>", "no_items", "1"),
    (f"{OUTSIDE}<quiz>&f;</quiz>".encode(), "doctype", "1"),
    (f"{BOMB}<quiz>&b;</quiz>".encode(), "doctype", "1"),
    (moodle(STEM, "calculated"), "unknown_type", "2"),
    (moodle(STEM, "description"), "unknown_type", "2"),
    (moodle(STEM + RIGHT), "no_options", "2"),
    (moodle(STEM + RIGHT + RIGHT), "either_right", "2"),
    (moodle(STEM + RIGHT + '<answer fraction="50"><text>乙</text></answer>'), "mixed_marks", "2"),
    (moodle(STEM + RIGHT + '<answer fraction="half"><text>乙</text></answer>'), "number", "2"),
    (
        moodle(STEM + "<single>false</single>" + RIGHT + '<answer fraction="20"><text>乙</text></answer>'),
        "weights",
        "2",
    ),
    (moodle(STEM + '<answer fraction="100"><text>maybe</text></answer>', "truefalse"), "no_key", "2"),
    (moodle(STEM + '<answer fraction="100"><text>甲*</text></answer>', "shortanswer"), "wildcard", "2"),
    (moodle(STEM + '<answer fraction="100"><text>NaN</text></answer>', "numerical"), "number", "2"),
    (moodle(STEM, "numerical"), "no_key", "2"),
    (moodle(STEM.replace("题", "{1:MULTICHOICE:=甲~乙}"), "cloze"), "cloze", "2"),
    (
        moodle(STEM + "<subquestion><text>一</text><answer><text>甲</text></answer></subquestion>", "matching"),
        "no_pairs",
        "2",
    ),
    (moodle(PICTURED.format("@@PLUGINFILE@@/a.png", "") + RIGHT), "file_missing", "2"),
    (moodle(PICTURED.format("http://elsewhere/a.png", "") + RIGHT), "file_missing", "2"),
    (moodle(PICTURED.format("@@PLUGINFILE@@/a.svg", f'<file name="a.svg">{SVG}</file>') + RIGHT), "file_kind", "2"),
    (moodle(PICTURED.format("@@PLUGINFILE@@/a.png", '<file name="a.png">!!</file>') + RIGHT), "file_kind", "2"),
    (moodle(STEM.replace("题", "&lt;script&gt;alert(1)&lt;/script&gt;") + RIGHT), "element", "2"),
    (
        moodle(STEM.replace("题", FORMULA) + RIGHT + '<answer fraction="0"><text>乙</text></answer>'),
        "formula",
        "2",
    ),
]
PACKAGES = [
    (b"PK\x03\x04 no archive", "not_zip", "1"),
    (package([("../../etc/x.xml", qti())]), "zip_path", "1"),
    (package([("/etc/x.xml", qti())]), "zip_path", "1"),
    (package([("C:/x.xml", qti())]), "zip_path", "1"),
    (package([(linked(), b"/etc/passwd")]), "zip_path", "1"),
    (package([("big.xml", b"0" * (enclosures.RATIO_FROM + 1))]), "zip_bomb", "1"),
    (package([("many.xml", b"")] + [(f"{at}.xml", b"") for at in range(enclosures.ENTRY_LIMIT)]), "zip_bomb", "1"),
    (locked(), "zip_locked", "1"),
    (package([]), "no_items", "1"),
    (package([("readme.txt", b"x")]), "no_items", "1"),
    (package([("imsmanifest.xml", b"<manifest")]), "not_xml", "1"),
    (package([("imsmanifest.xml", manifest("items/q.xml"))]), "file_missing", "imsmanifest.xml:2"),
    (package([("imsmanifest.xml", manifest("q.xml")), ("q.xml", b"<assessmentItem>")]), "not_xml", "q.xml:1"),
    (package([("q.xml", f"{OUTSIDE}<assessmentItem/>".encode())]), "doctype", "q.xml:1"),
    (b"<assessmentTest/>", "not_item", "1"),
    (b"<assessmentItem/>", "no_interaction", "1"),
    (qti("<p/>"), "no_interaction", "1"),
    (qti('<hotspotInteraction responseIdentifier="R"/>'), "interaction", "1"),
    (qti(CHOICE + CHOICE), "interactions", "1"),
    (qti(right=""), "no_key", "1"),
    (qti(right=CORRECT.replace("A", "Z")), "key_outside", "1"),
    (qti(CHOICE.replace('"R"', '"S"')), "no_key", "1"),
    (qti(CHOICE + '<p><img src="../a.png" alt=""/></p>'), "file_missing", "1"),
    (qti('<p><math xmlns="http://www.w3.org/1998/Math/MathML"><ms>x</ms></math></p>' + CHOICE), "mathml_element", "1"),
    (qti('<textEntryInteraction responseIdentifier="R"/>', base="float"), "number", "1"),
    (qti(CHOICE.replace("choiceI", "orderI")), "no_order", "1"),
    (qti(CHOICE.replace("乙", "<video/>"), right=CORRECT.replace("A", "Z")), "element", "1"),
    (qti('<hotspotInteraction responseIdentifier="R"/>' + CHOICE.replace("乙", "")), "interaction", "1"),
]
AIKEN = [
    ("题干\nA. 甲\nB. 乙\n", "aiken_answer", "1"),
    ("\n\n题干\nA. 甲\nB. 乙\nANSWER: C\n", "key_outside", "3"),
    ("题干\nA. 甲\nC. 乙\nANSWER: A\n", "aiken_line", "1"),
    ("题干\nA. 甲\nANSWER: A\n", "no_options", "1"),
    ("题干\nA. 甲\nB. 乙\nANSWER: A和B\n", "key_unread", "1"),
]
GIFT = [
    ("\n题{=甲 =乙 ~%50%丙}", "mixed_marks", "2"),
    ("题{多选\n~%50%甲\n~%20%甲}", "before_options", "1"),
    ("题{#\n=十二\n=%50%百}", "number", "1"),
    ("题{\n=甲*\n=%50%乙}", "wildcard", "1"),
    ("题{>ALL\n[html]<video>甲\n[html]<form>乙}", "element", "1"),
    ("// [id:A] [tag:credit=none]\n题{~%50%甲 ~%20% }", "weights", "2"),
]
TABLES = [
    ("题型,题干,答案\n填空题,_____与_____,甲\n", "gaps", "2"),
    ("题型,题干,答案\n填空题,填写,甲||乙\n", "empty_blank", "2"),
    ("题型,题干,答案,误差\n数值题,多少,十二,\n", "number", "2"),
    ("题型,题干,答案,误差\n数值题,多少,12,不大\n", "number", "2"),
    ("题型,题干,答案,单位,其他单位\n数值题,多少,12,元,万元=0\n", "units", "2"),
    ("题型,题干,选项A,选项B,答案,匹配项\n匹配题,配对,甲,乙,1-A,一###二\n", "key_unread", "2"),
    ("题型,题干,选项A,选项B,答案\n排序题,排序,甲,乙,AA\n", "no_order", "2"),
    ("题型,题干,答案,评分标准\n论述题,论述,,要点|很多\n", "criterion", "2"),
    ("题型,题干,答案,所属案例\n单选题,小题,A,无此案例\n", "lost_part", "2"),
    ("编号,题型,题干,答案,所属案例\nX,单选题,题,A,\n,简答题,小题,,X\n", "no_case", "2"),
    ("编号,题型,题干,答案,所属案例\nX,案例题,材料,,\n,单选题,小题,A,X\n", "in_part", "2"),
    ("题型,题干,答案\n案例题,材料,\n", "no_parts", "2"),
    ("题型,题干,选项A,选项B,答案,评分规则\n多选题,题,甲,乙,AB,随意\n", "credit", "2"),
]
CORPUS = [
    *((FileKind.MOODLE_XML, *one) for one in MOODLE),
    *((FileKind.QTI, *one) for one in PACKAGES),
    *((FileKind.GIFT, text.encode(), reason, place) for text, reason, place in GIFT),
    *((FileKind.AIKEN, text.encode(), reason, place) for text, reason, place in AIKEN),
    *((FileKind.CSV, text.encode("gb18030"), reason, place) for text, reason, place in TABLES),
]


@pytest.mark.parametrize(
    ("kind", "data", "reason", "place"), CORPUS, ids=[f"{at}-{one[0]}-{one[2]}" for at, one in enumerate(CORPUS)]
)
def test_a_broken_file_is_answered_with_place_and_reason(kind: FileKind, data: bytes, reason: str, place: str) -> None:
    found = files.read(data, kind, DEFAULTS)

    assert [(one.place, one.reason.code) for one in found.failures] == [(place, reason)]
    assert str(found.failures[0].reason)
    assert found.items == []


def test_the_corpus_is_large() -> None:
    assert len({(kind, data) for kind, data, *_rest in CORPUS}) >= 60


def test_a_good_item_beside_a_broken_one_is_kept_apart() -> None:
    good = f'<question type="multichoice">{STEM}{RIGHT}<answer fraction="0"><text>乙</text></answer></question>'
    found = files.read(f"<quiz>\n{good}\n<question type='calculated'/></quiz>".encode(), FileKind.MOODLE_XML, DEFAULTS)

    assert [item.place for item in found.items] == ["2"]
    assert [failure.where for failure in found.failures] == ["line 3"]


def test_an_item_of_aiken_is_named_by_its_first_line() -> None:
    first, second = "第一题？\nA. 甲\nB. 乙\nANSWER: C\n", "第二题？\nA. 甲\nB. 乙\nANSWER: D"

    assert [one.place for one in aiken.parse(f"{first}\n{second}").entries] == ["1", "6"]
    assert [one.place for one in aiken.parse(f"{second}\nANSWER: A").entries] == ["1", "5"]
