"""What a file says of an item is in the item or is noted with it: no reader drops anything unseen."""

import io
from collections.abc import Iterator
from typing import Any
from zipfile import ZipFile

import pytest
from lxml import etree

from app.items.rules import enclosures, files
from app.items.rules.content import Defaults, ItemContent, Parsed
from app.items.rules.markup import MATHML
from app.items.states import WRITTEN_KINDS, Credit, FileKind, ItemType
from tests.unit.items.samples import FIGURE, PICTURE, detailed, sample
from tests.unit.items.test_tables import workbook

pytestmark = pytest.mark.one_database

DEFAULTS = Defaults("general", "recall", "0.5")
LOADED = {FIGURE.sha256: PICTURE}.__getitem__


def only(found: Parsed) -> ItemContent:
    assert [str(one.reason) for one in found.failures] == []
    (item,) = found.items
    return item


def noted(found: Parsed) -> list[str]:
    """Return what is said of a file to whoever imports it, in words."""
    of_items = [reason for item in found.items for reason in item.without]
    return [str(one) for one in (*of_items, *(one.reason for one in (*found.unread, *found.failures)))]


def said(found: Parsed) -> str:
    """Return everything that came of a file: its items and what was noted."""
    return "\n".join([*(str(item.to_json()) for item in found.items), *noted(found)])


def moodle(inner: str, kind: str = "multichoice", before: str = "") -> Parsed:
    stem = "" if "<questiontext" in inner else "<questiontext><text>题干</text></questiontext>"
    text = f'<quiz>{before}<question type="{kind}">{stem}{inner}</question></quiz>'
    return files.read(text.encode(), FileKind.MOODLE_XML, DEFAULTS)


def answer(text: str, fraction: object = 100, more: str = "") -> str:
    return f'<answer fraction="{fraction}"><text>{text}</text>{more}</answer>'


def feedback(text: str) -> str:
    return f'<feedback format="html"><text>{text}</text></feedback>'


ONE = answer("甲") + answer("乙", 0)
TWO = "<single>false</single>" + answer("甲", 50) + answer("乙", 50)


@pytest.mark.parametrize(
    ("inner", "kind", "told"),
    [
        (ONE + "<hint format='html'><text>一</text></hint><hint><text>线索二</text></hint>", "multichoice", "线索二"),
        (ONE + "<defaultgrade>2.0000000</defaultgrade>", "multichoice", "2.0000000"),
        (ONE + "<penalty>0.3333333</penalty>", "multichoice", "0.3333333"),
        (ONE + "<hidden>1</hidden>", "multichoice", "hidden: 1"),
        (ONE + "<idnumber>编号 7</idnumber>", "multichoice", "编号 7"),
        (ONE + "<name><text>政策部分的第七题</text></name>", "multichoice", "政策部分的第七题"),
        (ONE + "<shuffleanswers>0</shuffleanswers>", "multichoice", "shuffleanswers: 0"),
        (ONE + "<answernumbering>iii</answernumbering>", "multichoice", "iii"),
        (ONE + "<correctfeedback format='html'><text>答对了</text></correctfeedback>", "multichoice", "答对了"),
        (ONE + "<shownumcorrect/>", "multichoice", "shownumcorrect"),
        (ONE + "<tags><tag><text>read=yes</text></tag><tag><text>read=no</text></tag></tags>", "", "read=no"),
        (ONE + "<tags><tag><text>topic=甲</text></tag><tag><text>估值</text></tag></tags>", "multichoice", "估值"),
        (ONE + "<tags><tag><text>type=essay</text></tag></tags>", "multichoice", "type=essay"),
        (ONE + "<tags><tag><text>credit=half</text></tag></tags>", "multichoice", "half"),
        (ONE + "<generalfeedback><text>总的说明</text></generalfeedback>", "multichoice", "总的说明"),
        (ONE.replace('"0"', '"-25"'), "multichoice", "-25%"),
        (TWO + answer("丙", -30), "multichoice", "-30%"),
        (answer("true", 100) + answer("false", -100), "truefalse", "-100%"),
        (answer("甲") + answer("乙", 0), "shortanswer", "乙"),
        (answer("甲") + answer("乙", 0, feedback("差一点")), "shortanswer", "乙: 差一点"),
        (answer("5", 100, feedback("正是")) + answer("6", 0, feedback("多了一")), "numerical", "5: 正是\\n6: 多了一"),
        (answer("5") + answer("8", 0), "numerical", "8 (0%)"),
        (answer("5") + "<units><unit><unit_name>m</unit_name></unit></units><unitgradingtype>1</unitgradingtype>"
         "<unitpenalty>0.1</unitpenalty>", "numerical", "0.1"),
        ("<questiontext><text>{1:SA:=甲#很好~%0%乙#不对}</text></questiontext>", "cloze", "乙: 不对"),
        ("<questiontext><text>{1:SA:=甲}与{3:SA:=乙}</text></questiontext>", "cloze", "1, 3"),
        (answer("先") + answer("后") + "<gradingtype>RELATIVE_ALL</gradingtype>", "ordering", "RELATIVE_ALL"),
        (answer("先", 1, feedback("先做")) + answer("后"), "ordering", "先做"),
        ("<responsetemplate><text>请按三点回答</text></responsetemplate>", "essay", "请按三点回答"),
        ("<minwordlimit>200</minwordlimit>", "essay", "200"),
        ('<questiontext><text>&lt;p style="color:red"&gt;题&lt;/p&gt;</text></questiontext>' + ONE, "", "p style"),
        ("<questiontext><text>&lt;h3&gt;题&lt;/h3&gt;</text></questiontext>" + ONE, "multichoice", "h3"),
        ("<questiontext><text>题<extra>内里</extra></text></questiontext>" + ONE, "multichoice", "内里"),
        (
            "<questiontext><text>&lt;table&gt;&lt;caption&gt;表一&lt;/caption&gt;&lt;tr&gt;&lt;td&gt;1&lt;/td&gt;"
            "&lt;/tr&gt;&lt;/table&gt;</text></questiontext>" + ONE,
            "multichoice",
            "表一",
        ),
    ],
)  # fmt: skip
def test_a_question_of_moodle_loses_nothing_unseen(inner: str, kind: str, told: str) -> None:
    found = moodle(inner, kind or "multichoice")

    only(found)
    assert told in said(found)


def test_the_weights_of_wrong_options_are_the_rule_of_credit_where_we_have_it() -> None:
    net, annulled, free = (only(moodle(TWO + answer("丙", share))) for share in (-50, -100, 0))

    assert [item.body.credit for item in (net, annulled, free)] == [Credit.NET, Credit.SHARE, None]
    assert [[str(one) for one in item.without] for item in (net, annulled)] == [[], []]
    assert [one.params["said"] for one in free.without] == ["50%, 50%, 0%"]


@pytest.mark.parametrize(
    ("share", "credit"),
    [(-49, Credit.NET), (-51, Credit.NET), ("-48.9", None), ("-51.1", None), (-99, Credit.SHARE), ("-98.9", None)],
)
def test_a_weight_may_be_one_percent_from_the_rule_that_it_stands_for(share: object, credit: Credit | None) -> None:
    item = only(moodle(TWO + answer("丙", share)))

    assert item.body.credit is credit
    assert bool(item.without) is (credit is None)


def test_an_order_that_earns_all_or_nothing_keeps_that_rule() -> None:
    found = moodle(answer("先") + answer("后") + "<gradingtype>ALL_OR_NOTHING</gradingtype>", "ordering")

    assert (only(found).body.credit, noted(found)) == (Credit.ALL, [])


def category(path: str) -> str:
    return (
        f'<question type="category"><category><text>{path}</text></category><info><text>说明</text></info></question>'
    )


def test_a_category_is_the_module_where_it_names_one() -> None:
    named = moodle(ONE, before=category("$course$/top/政策法规"))
    other = moodle(ONE, before=category("$course$/top/2023级/政策法规"))
    empty = moodle(ONE, before=category("实务技能") + category("policy"))

    assert [only(found).module for found in (named, other, empty)] == ["policy"] * 3
    assert only(named).without == ()
    assert [one.params["said"] for one in only(other).without] == ["$course$/top/2023级/政策法规"]
    assert next(one.reason.params for one in empty.unread) == {"what": "info", "said": "说明"}
    assert {"what": "what:category", "said": "实务技能"} in [one.reason.params for one in empty.unread]


def test_a_category_does_not_overrule_what_an_item_says_itself() -> None:
    tagged = moodle(ONE + "<tags><tag><text>module=practice</text></tag></tags>", before=category("政策法规"))

    assert only(tagged).module == "practice"
    assert "政策法规" in said(tagged)


def gift(text: str) -> Parsed:
    return files.read(text.encode(), FileKind.GIFT, DEFAULTS)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("题{=甲 ~%-25%乙}", "-25%"),
        ("题{~%50%甲 ~%50%乙 ~%-20%丙}", "-20%"),
        ("题{#=3.14:0.01#正是 =%50%3#近了 =%0%9#远了}", "9: 远了"),
        ("题{#=3 =%0%9}", "9 (0%)"),
        ("题{=甲 ~乙####总的说明}", "总的说明"),
        ("$CATEGORY: $course$/2023级\n\n题{=甲 ~乙}", "2023级"),
        ("$CATEGORY: 空的\n\n$CATEGORY: policy\n\n题{=甲 ~乙}", "空的"),
        ("题{=甲 ~乙}\n\n$CATEGORY: 最后", "最后"),
        ("// 出题人张三\n题{=甲 ~乙}", "出题人张三"),
        ("题{\n=甲\n// 这里有争议\n~乙\n}", "这里有争议"),
        ("题{=甲 ~乙}\n// 卷尾", "卷尾"),
        ("// [id:A] [tag:topic=甲]\n// [id:B] 王五\n题{=甲 ~乙}", "王五"),
        ("// [id:A] [tag:topic=落单]\n\n// [id:B]\n题{=甲 ~乙}", "落单"),
        ("// [tag:估值] [tag:定价]\n题{=甲 ~乙}", "估值, 定价"),
        ("// [tag:owner=李四]\n题{=甲 ~乙}", "李四"),
        ("// [tag:topic=甲] [tag:topic=乙乙]\n题{=甲 ~乙}", "乙乙"),
        ("::一个不是编号的题名::题{=甲 ~乙}", "一个不是编号的题名"),
        (r'题{=[html]<span style\="color\:red">甲</span>#好 ~乙}', "span style"),
        ("题{=[html]<b>甲</b>#说得好 ~乙}", "A: 说得好"),
        ("题{>REL 3 HORIZONTAL\n先\n后}", "HORIZONTAL"),
        ("题{T#[html]<b>错</b>了}", "**错**了"),
    ],
)
def test_an_item_of_gift_loses_nothing_unseen(text: str, told: str) -> None:
    found = gift(text)

    only(found)
    assert told in said(found)


def test_weights_and_categories_of_gift_are_kept_where_an_item_holds_them() -> None:
    net, annulled = only(gift("题{~%50%甲 ~%50%乙 ~%-50%丙}")), only(gift("题{~%50%甲 ~%50%乙 ~%-100%丙}"))
    order = only(gift("$CATEGORY: $course$/实务技能\n题{>ALL VERTICAL ALL_OR_NOTHING\n先\n后}"))

    assert [item.body.credit for item in (net, annulled, order)] == [Credit.NET, Credit.SHARE, Credit.ALL]
    assert (order.module, [*net.without, *annulled.without, *order.without]) == ("practice", [])


QTI = (
    '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="q" {attributes}>'
    '<responseDeclaration identifier="R" cardinality="{cardinality}" baseType="{base}"><correctResponse>{right}'
    "</correctResponse>{mapping}</responseDeclaration>{more}<itemBody><p>题干</p>{body}</itemBody>{after}"
    "</assessmentItem>"
)
OPTIONS = "".join(f'<simpleChoice identifier="{key}">项{key}</simpleChoice>' for key in "ABC")


def qti(**given: str) -> Parsed:
    return files.read(QTI.format(**{**PARTS, **given}).encode(), FileKind.QTI, DEFAULTS)


def interaction(name: str = "choiceInteraction", inner: str = OPTIONS, attributes: str = "") -> str:
    return f'<{name} responseIdentifier="R" {attributes}>{inner}</{name}>'


def values(*keys: str) -> str:
    return "".join(f"<value>{key}</value>" for key in keys)


def mapping(attributes: str = "", **entries: object) -> str:
    listed = "".join(f'<mapEntry mapKey="{key}" mappedValue="{value}"/>' for key, value in entries.items())
    return f"<mapping {attributes}>{listed}</mapping>"


PARTS = {
    **dict.fromkeys(("attributes", "mapping", "more", "after"), ""),
    "cardinality": "single",
    "base": "identifier",
    "right": values("A"),
    "body": interaction(),
}
MULTIPLE = {"cardinality": "multiple", "right": values("A", "B"), "body": interaction(attributes='maxChoices="0"')}
ESSAY = {"base": "string", "right": "", "body": interaction("extendedTextInteraction", "")}
ENTRY = {"base": "string", "right": values("甲"), "body": f"<p>{interaction('textEntryInteraction', '')}</p>"}
PROCESSING = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"body": '<rubricBlock view="candidate"><p>先读材料</p></rubricBlock>' + interaction()}, "先读材料"),
        ({"body": '<rubricBlock view="scorer"><p>给分要点</p></rubricBlock>' + interaction()}, "给分要点"),
        ({**ESSAY, "body": '<rubricBlock view="tutor">讲评用</rubricBlock>' + ESSAY["body"]}, "讲评用"),
        ({**ESSAY, "body": '<rubricBlock view="scorer">参考答案</rubricBlock>' + ESSAY["body"]}, "参考答案"),
        ({"mapping": mapping(A=1, B="0.4")}, "40%"),
        ({**MULTIPLE, "mapping": mapping(A=1, B=3, C=-1)}, "B: 3"),
        ({**MULTIPLE, "mapping": mapping('lowerBound="-2"', A=1, B=1, C=-1)}, "mapping lowerbound: -2"),
        ({**MULTIPLE, "mapping": mapping('lowerBound="0" upperBound="1"', A=1, B=1, C=-1)}, "mapping upperbound: 1"),
        ({**MULTIPLE, "mapping": mapping('defaultValue="-0.25"', A=1, B=1)}, "-12.5%"),
        ({**MULTIPLE, "mapping": mapping(A=1, B=1, C=0)}, "50%, 50%, 0%"),
        ({**ENTRY, "mapping": mapping(甲=2, 乙=0)}, "乙"),
        ({**ENTRY, "mapping": mapping(乙=1)}, "甲"),
        ({**ENTRY, "base": "float", "right": "", "mapping": mapping("", **{"5": 2, "6": 1})}, "'share': '0.5'"),
        ({"after": '<modalFeedback outcomeIdentifier="F" identifier="wrong">再想想</modalFeedback>'}, "再想想"),
        ({"after": '<modalFeedback outcomeIdentifier="F" identifier="wrong">再想</modalFeedback>'}, "F wrong"),
        ({"body": interaction() + '<feedbackBlock identifier="x"><p>课后说明</p></feedbackBlock>'}, "课后说明"),
        ({"more": '<templateDeclaration identifier="T" cardinality="single"/>'}, "templatedeclaration"),
        ({"more": '<stylesheet href="a.css" type="text/css"/>'}, "a.css"),
        ({"more": '<responseDeclaration identifier="X" cardinality="single" baseType="string"/>'}, "identifier=X"),
        ({"more": '<outcomeDeclaration identifier="SCORE" normalMaximum="4"/>'}, "normalmaximum: 4"),
        ({"more": '<outcomeDeclaration identifier="EXTRA" cardinality="single"/>'}, "EXTRA"),
        ({"attributes": 'toolName="某系统"'}, "某系统"),
        ({"attributes": 'title="第三套第七题"'}, "第三套第七题"),
        ({"attributes": 'adaptive="true"'}, "adaptive: true"),
        ({"body": interaction(attributes='shuffle="false"')}, "shuffle: false"),
        ({"body": interaction(attributes='minChoices="1"')}, "minchoices: 1"),
        ({"body": interaction(inner=OPTIONS.replace('"C"', '"C" fixed="true"'))}, "simplechoice fixed"),
        ({**ENTRY, "body": ENTRY["body"].replace('"R"', '"R" patternMask="[0-9]+"')}, "[0-9]+"),
        ({"after": '<responseProcessing template="http://x/own_template"/>'}, "own_template"),
        ({"after": "<responseProcessing><responseCondition><responseIf><isNull/></responseIf></responseCondition>"
                   "</responseProcessing>"}, "isnull"),
        ({"body": '<p class="intro">前言</p>' + interaction()}, "p class"),
    ],
)  # fmt: skip
def test_an_item_of_qti_loses_nothing_unseen(given: dict[str, str], told: str) -> None:
    found = qti(**given)

    only(found)
    assert told in said(found)


def test_mappings_and_templates_of_qti_are_kept_where_an_item_holds_them() -> None:
    net = qti(**MULTIPLE, mapping=mapping('lowerBound="0"', A=1, B=1, C=-1))
    share = qti(**MULTIPLE, mapping=mapping('lowerBound="0" defaultValue="-2"', A=1, B=1))
    whole = qti(**MULTIPLE, after=f'<responseProcessing template="{PROCESSING}match_correct"/>')

    assert [only(found).body.credit for found in (net, share, whole)] == [Credit.NET, Credit.SHARE, Credit.ALL]
    assert [noted(found) for found in (net, share, whole)] == [[], [], []]


def test_what_a_package_holds_beside_its_items_is_named() -> None:
    manifest = (
        '<manifest xmlns="http://www.imsglobal.org/xsd/imscp_v1p1"><metadata><schema>QTI</schema><lom>题库简介</lom>'
        '</metadata><organizations/><resources><resource identifier="R" type="imsqti_item_xmlv2p1" href="q.xml">'
        "<metadata><lom><keyword>知识产权</keyword></lom></metadata>"
        '<file href="q.xml"/><file href="sound.mp3"/></resource>'
        '<resource identifier="T" type="imsqti_test_xmlv2p1" href="test.xml"/></resources></manifest>'
    )
    data = {
        "imsmanifest.xml": manifest,
        "q.xml": QTI.format(**PARTS),
        "sound.mp3": "x",
        "test.xml": "<assessmentTest/>",
    }
    found = files.read(enclosures.pack({name: text.encode() for name, text in data.items()}), FileKind.QTI, DEFAULTS)

    assert [one.params["said"] for one in only(found).without] == ["知识产权", "sound.mp3"]
    assert {one.reason.params["said"] for one in found.unread} == {"题库简介", "test.xml"}


def elements(document: bytes) -> Iterator[tuple[int, str]]:
    """Yield the elements of a document by their places; of a formula only the whole, for it is read by its TeX."""
    for place, one in enumerate(etree.fromstring(document).iter("{*}*")):
        if etree.QName(one).namespace != MATHML:
            yield place, str(one.tag)


def changed(document: bytes, place: int, change: str) -> bytes:
    """Return a document in which one element has an attribute or a child that no format knows."""
    root = etree.fromstring(document)
    element = list(root.iter("{*}*"))[place]
    if change == "attribute":
        element.set("unknown", "7")
    else:
        etree.SubElement(element, etree.QName(etree.QName(element).namespace, "unknown").text).text = "不识"
    return etree.tostring(root)


def repacked(data: bytes, name: str, document: bytes) -> bytes:
    with ZipFile(io.BytesIO(data)) as archive:
        return enclosures.pack({one: document if one == name else archive.read(one) for one in archive.namelist()})


SAMPLES = [*map(sample, ItemType), *(detailed()[name] for name in ("a unit", "a rubric", "a picture"))]


@pytest.mark.parametrize("item", SAMPLES, ids=lambda item: item.code + item.body.unit)
def test_every_element_and_attribute_of_moodle_is_read_or_noted(item: ItemContent) -> None:
    document = files.write([item], FileKind.MOODLE_XML, LOADED) if item.type is not ItemType.CASE else b"<quiz/>"
    for change in ("attribute", "child"):
        for place, tag in [*elements(document)][1:]:
            found = files.read(changed(document, place, change), FileKind.MOODLE_XML)
            assert noted(found), (change, tag)


@pytest.mark.parametrize("item", SAMPLES, ids=lambda item: item.code + item.body.unit)
@pytest.mark.parametrize(("kind", "change"), [(FileKind.QTI2, "child"), (FileKind.QTI3, "attribute")])
def test_every_element_and_attribute_of_qti_is_read_or_noted(item: ItemContent, kind: FileKind, change: str) -> None:
    data = files.write([item], kind, LOADED)
    for name in (f"items/{item.code}.xml", "imsmanifest.xml"):
        with ZipFile(io.BytesIO(data)) as archive:
            document = archive.read(name)
        for place, tag in elements(document):
            found = files.read(repacked(data, name, changed(document, place, change)), kind)
            assert noted(found), (name, tag)


@pytest.mark.parametrize("kind", WRITTEN_KINDS)
def test_nothing_is_noted_of_what_we_write_ourselves(kind: FileKind) -> None:
    items = [*map(sample, ItemType), *(one for name, one in detailed().items() if name != "a picture")]
    found = files.read(files.export(items, kind).data, kind, DEFAULTS)

    assert found.items
    assert noted(found) == []


def csv(*lines: str) -> Parsed:
    return files.read("\n".join(lines).encode(), FileKind.CSV, DEFAULTS)


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["题干,选项A,选项B,答案,出题人", "问,甲,乙,A,张三"], "出题人: 张三"),
        (["题干,选项A,选项B,答案", "问,甲,乙,A,多出的"], "多出的"),
        (["题库一览", "题干,选项A,选项B,答案", "问,甲,乙,A"], "题库一览"),
        (["题干,选项A,选项B,答案,误差", "问,甲,乙,A,0.5"], "误差: 0.5"),
        (["题干,选项A,选项B,答案,评分规则", "问,甲,乙,A,全对得分"], "评分规则: 全对得分"),
        (["题干,选项A,选项B,答案,难度系数,难度", "问,甲,乙,A,0.5,很难"], "难度: 很难"),
        (["题型,题干,选项A,答案", "填空题,填_____,甲项,乙"], "甲项"),
        (["题型,题干,选项A,选项B,答案", "判断题,问,同意,反对,正确"], "反对"),
        (["题型,题干,答案,评分标准", "论述题,论,参考,论点|3|明确|可加分"], "可加分"),
        (["题型,题干,答案,须写单位", "数值题,多少,5,是"], "Kept without"),
    ],
)
def test_a_row_of_a_table_loses_nothing_unseen(lines: list[str], told: str) -> None:
    found = csv(*lines)

    only(found)
    assert told in said(found)


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        (["题型,题干,选项A,选项B,答案,匹配项", "匹配题,配,甲,乙,1-A 2-B 余,一###二"], "key_unread"),
        (["题型,题干,选项A,选项B,答案,匹配项", "匹配题,配,甲,乙,1-A 1-B 2-B,一###二"], "key_unread"),
        (["题型,题干,答案,严格匹配", "填空题,填_____,甲,是###否"], "exact_marks"),
    ],
)
def test_a_cell_that_says_too_much_is_refused(lines: list[str], reason: str) -> None:
    assert [one.reason.code for one in csv(*lines).failures] == [reason]


@pytest.mark.parametrize("kind", [FileKind.XLSX, FileKind.CSV])
def test_every_column_is_read_or_noted_with_each_item(kind: FileKind) -> None:
    heads = ["编号", "题型", "题干", "选项A", "选项B", "答案"]
    for extra in ["误差", "单位", "其他单位", "匹配项", "评分标准", "小题分值", "严格匹配", "评分规则", "不识", ""]:
        rows = [[*heads, extra], ["Q-1", "单选题", "问", "甲", "乙", "A", "余7"]]
        found = files.read(table(kind, rows), kind, DEFAULTS)
        assert "余7" in "".join(noted(found)), extra


def table(kind: FileKind, rows: list[list[str]]) -> bytes:
    if kind is FileKind.CSV:
        return "\n".join(map(",".join, rows)).encode()
    return workbook(*rows)


def test_every_line_of_aiken_is_in_an_item_or_named() -> None:
    lines = ["题干一", "续行", "A. 甲", "B. 乙", "ANSWER: B"]
    for place in range(len(lines) + 1):
        text = "\n".join([*lines[:place], "多余的一行", *lines[place:]])
        found = files.read(text.encode(), FileKind.AIKEN, DEFAULTS)
        in_items: Any = [item.stem + "".join(option.text for option in item.options) for item in found.items]
        assert any("多余的一行" in text for text in in_items) or found.failures, place
