"""An item that cannot be taken, or that a kind of file cannot hold, names every reason, each once."""

import json
from decimal import Decimal

import pytest

from app.core.text import in_language
from app.items.rules import files
from app.items.rules.bodies import Blank, Body, Number, Part
from app.items.rules.content import Defaults
from app.items.rules.holds import fields_of, obstacle
from app.items.rules.reasons import SENTENCES, Reason, because, together
from app.items.states import FileKind, ItemType
from tests.unit.items.samples import sample

CSV = "题型,题干,选项A,选项B,答案,模块,认知层次,难度,已读原文\n"
QTI = (
    '<assessmentItem xmlns="http://www.imsglobal.org/xsd/imsqti_v2p1" identifier="Q1" title="Q1">'
    '<responseDeclaration identifier="R0" cardinality="single" baseType="identifier">'
    "<correctResponse><value>A</value></correctResponse></responseDeclaration><itemBody>{body}</itemBody>"
    "</assessmentItem>"
)
CHOICE = '<choiceInteraction responseIdentifier="R0">{options}</choiceInteraction>'
GIVEN = Defaults("policy", "apply", "0.5")


def reasons(data: str, kind: FileKind, defaults: Defaults = GIVEN) -> list[str]:
    """Return the codes of all reasons against the one item of a file."""
    (failure,) = files.read(data.encode(), kind, defaults).failures
    return [one.code for one in failure.reason.each]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ("单选题,,甲,甲,乙方,无此模块,应用,0.5,", ["stem", "same_options", "key_unread", "module"]),
        ("单选题,问,甲,,D,政策法规,记不住,9,也许", ["no_options", "key_outside", "level", "difficulty", "read_mark"]),
        ("无此题型,,甲,乙,A,无此模块,应用,0.5,", ["unknown_type", "stem", "module"]),
        ("判断题,问,,,是否,无此模块,应用,0.5,", ["key_unread", "module"]),
        ("单选题,$x^$ 与 $y^$ 是多少,甲,乙,,无此模块,应用,0.5,", ["no_key", "formula", "formula", "module"]),
    ],
)
def test_a_row_of_a_table_names_all_that_is_wrong_with_it(row: str, found: list[str]) -> None:
    assert sorted(reasons(CSV + row + "\n", FileKind.CSV)) == sorted(found)


def test_each_sub_item_of_a_table_is_judged_with_its_case() -> None:
    table = (
        "编号,题型,题干,选项A,选项B,答案,所属案例,模块\n"
        "C-1,案例题,材料,,,,,无此模块\n"
        ",单选题,,甲,乙,A,C-1,\n"
        ",单选题,问,甲,乙,丁方,C-1,\n"
    )

    (failure,) = files.read(table.encode(), FileKind.CSV, Defaults(None, "apply", "0.5")).failures

    told = [(one.code, one.params.get("part"), one.params.get("inner")) for one in failure.reason.each]
    assert ("in_part", "1", "stem") in told
    assert ("in_part", "2", "key_unread") in told
    assert ("module", None, None) in told
    assert failure.code == "C-1"


def test_gift_judges_notes_beside_an_answer_that_cannot_be_read() -> None:
    text = "// [id:A B] [tag:module=none] [tag:level=none] [tag:read=maybe]\n::A:: 问{=甲 =%50%乙 ~丙}\n"
    assert sorted(reasons(text, FileKind.GIFT)) == sorted(["mixed_marks", "code", "module", "level", "read_mark"])
    assert reasons("// [tag:module=none]\n问而无答\n", FileKind.GIFT) == ["no_answer_block", "module"]


def told(data: str, kind: FileKind, defaults: Defaults = GIVEN) -> list[tuple[str, str | None]]:
    """Return all reasons against the one item of a file, each with its line where it is not that of the item."""
    (failure,) = files.read(data.encode(), kind, defaults).failures
    return [(one.code, one.params.get("at")) for one in failure.reason.each]


@pytest.mark.parametrize(
    ("block", "found"),
    [
        ("{#\n=十二\n=%50%1:x\n=3\n}", [("number", "2"), ("number", "3")]),
        ("{#多少\n=十二}", [("before_options", None), ("number", "2")]),
        ("{\n=甲*\n=%50%乙\n=丙*丁\n}", [("wildcard", "2"), ("mixed_marks", "3"), ("wildcard", "4")]),
        ("_____与_____{\n=甲*}", [("wildcard", "2"), ("gaps", None)]),
        (
            "{\n=甲\n=乙\n~%50%丙\n~\n~丙}",
            [("mixed_marks", "4"), ("either_right", "3"), ("empty_option", None), ("same_options", None)],
        ),
        ("{多选\n~%50%甲\n~%20%甲}", [("before_options", None), ("weights", None), ("same_options", None)]),
        (
            "{\n=[html]<video>甲\n~[html]<form>乙#[html]<canvas>丙\n~ }",
            [*[("element", "2"), ("element", "3")], ("element", "3"), ("empty_option", None)],
        ),
        ("{>ALL\n[html]<video>甲\n[html]<form>乙</form>}", [("element", "2"), ("element", "3")]),
        ("{=甲$x^$\n=乙\n~$y^$}", [("either_right", "2"), ("formula", None), ("formula", None)]),
        (
            "[html]<video>问{=甲 =乙 ~丙####[html]<form>因}",
            [("element", None), ("element", None), ("either_right", None)],
        ),
    ],
)
def test_gift_names_all_that_is_wrong_within_one_answer_block(block: str, found: list[tuple[str, str | None]]) -> None:
    stem = "" if block.startswith("[html]") else "问"
    assert sorted(told(f"{stem}{block}\n", FileKind.GIFT), key=str) == sorted(found, key=str)


def test_an_unreadable_option_of_gift_is_not_called_empty_or_alike() -> None:
    assert reasons("问{=[html]<video/> ~[html]<video></video> ~丙}", FileKind.GIFT) == ["element"]


def test_moodle_judges_each_answer_and_the_tags() -> None:
    question = (
        '<quiz><question type="shortanswer"><questiontext format="html"><text>&lt;video&gt;问</text></questiontext>'
        '<answer fraction="half"><text>甲</text></answer><answer fraction="none"><text>乙</text></answer>'
        "<tags><tag><text>module=none</text></tag></tags></question></quiz>"
    )
    (failure,) = files.read(question.encode(), FileKind.MOODLE_XML, GIVEN).failures
    told = [(one.code, one.params.get("number")) for one in failure.reason.each]
    assert told == [("element", None), ("number", "half"), ("number", "none"), ("module", None)]


ANSWER = '<answer fraction="{}"><text>{}</text>{}</answer>'


@pytest.mark.parametrize(
    ("kind", "answers", "found"),
    [
        ("multichoice", [("100", "甲"), ("100", "乙"), ("50", "丙")], ["mixed_marks", "either_right"]),
        ("shortanswer", [("100", "甲*"), ("50", "乙"), ("100", "*丙")], ["mixed_marks", "wildcard", "wildcard"]),
        ("numerical", [("100", "十"), ("50", "百"), ("0", "千")], ["number", "number", "units"]),
    ],
)
def test_moodle_names_all_that_is_wrong_with_the_answers(
    kind: str, answers: list[tuple[str, str]], found: list[str]
) -> None:
    written = "".join(ANSWER.format(*one, "") for one in answers)
    units = "<units><unit><multiplier>2</multiplier><unit_name>m</unit_name></unit></units>"
    question = (
        f'<quiz><question type="{kind}"><questiontext><text>问</text></questiontext>{written}'
        f"{units if kind == 'numerical' else ''}</question></quiz>"
    )

    assert reasons(question, FileKind.MOODLE_XML) == found


def test_qti_judges_the_stem_beside_its_interaction() -> None:
    lacking = QTI.format(body='<div class="stem"><video/></div>' + CHOICE.format(options=""))
    assert {"key_outside", "element"} <= set(reasons(lacking, FileKind.QTI))
    nothing = QTI.format(body="<p>问</p>")
    assert reasons(nothing, FileKind.QTI, Defaults(None, None, "0.5")) == ["no_interaction", "module", "level"]


DECLARED = '<responseDeclaration identifier="{}" cardinality="multiple" baseType="{}">\n{}</responseDeclaration>'
PROMPT = '<simpleAssociableChoice identifier="{}">{}</simpleAssociableChoice>\n'


def qti(body: str, *declared: str) -> str:
    return (
        f'<assessmentItem identifier="Q1">\n{"".join(declared)}<itemBody><p>问</p>\n{body}</itemBody></assessmentItem>'
    )


def choices(*texts: str, name: str = "simpleChoice") -> str:
    return "".join(
        f'<{name} identifier="{key}">{text}</{name}>\n' for key, text in zip("ABCDEFGHI", texts, strict=False)
    )


def declaration(found: str, base: str = "identifier", name: str = "R0") -> str:
    return DECLARED.format(name, base, found)


def right(*values: str) -> str:
    return "<correctResponse>" + "".join(f"<value>{one}</value>" for one in values) + "</correctResponse>"


def earned(**worth: str) -> str:
    entries = (f'<mapEntry mapKey="{key}" mappedValue="{value}"/>\n' for key, value in worth.items())
    return f"<mapping>\n{''.join(entries)}</mapping>"


def interaction(kind: str, inner: str = "", name: str = "R0") -> str:
    return f'<{kind}Interaction responseIdentifier="{name}">\n{inner}</{kind}Interaction>'


def matched(*prompts: str) -> str:
    asked = "".join(PROMPT.format(key, text) for key, text in zip("PQ", prompts, strict=False))
    options = choices("甲", "乙", name="simpleAssociableChoice")
    return interaction("match", f"<simpleMatchSet>{asked}</simpleMatchSet><simpleMatchSet>{options}</simpleMatchSet>")


BROKEN = {
    "a key that is no option, options that cannot be shown, are empty or alike, a weight that is no number": (
        interaction("choice", choices("甲", "<video/>", "", "甲")),
        [declaration(right("Y", "Z") + earned(A="半"))],
        ["element", "empty_option", "key_outside", "key_outside", "number", "same_options"],
    ),
    "an order without a key": (
        interaction("order", choices("甲", "", "<form/>")),
        [],
        ["element", "empty_option", "no_key"],
    ),
    "too many options without a key": (
        interaction("choice", choices(*"甲乙丙丁戊己庚辛壬")),
        [],
        ["many_options", "no_key"],
    ),
    "pairs": (
        matched("<video/>", "二"),
        [declaration(right("P A", "P Z", "Q Y"), "directedPair")],
        ["element", "key_outside", "key_outside", "two_pairs"],
    ),
    "a prompt without its pair": (
        matched("一", "<video/>"),
        [declaration(right("P Z"), "directedPair")],
        ["element", "key_outside", "no_pairs"],
    ),
    "gaps": (
        interaction("textEntry") + interaction("textEntry", name="R1") + interaction("textEntry", name="R2"),
        [
            declaration(earned(甲="1", 乙="x", 丙="y"), "string"),
            declaration(earned(甲="1", 乙="0.5"), "string", "R1"),
        ],
        ["mixed_marks", "no_key", "number", "number"],
    ),
    "numbers": (
        '<p class="stem">多少</p>' + interaction("textEntry") + '<p><span class="unit"><video/></span></p>',
        [declaration(right("十", "12", "百"), "float")],
        ["element", "number", "number"],
    ),
    "kinds that cannot be kept beside one that can": (
        interaction("hotspot") + interaction("slider") + interaction("choice", choices("甲", "")),
        [declaration(right("Z"))],
        ["empty_option", "interaction", "interaction", "key_outside"],
    ),
    "two interactions": (
        interaction("choice", choices("甲", "乙")) + interaction("order", choices("<video/>", "乙"), "R1"),
        [declaration(right("Z"))],
        ["element", "interactions", "key_outside", "no_key"],
    ),
    "a rubric": (
        '<p class="stem"><video/><form/></p>'
        + interaction("extendedText")
        + '<rubricBlock view="scorer" class="rubric"><table><tr><td>一</td><td>多</td><td/></tr>'
        "<tr><td>二</td><td>少</td><td/></tr></table></rubricBlock>",
        [],
        ["element", "element", "no_key", "number", "number"],
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
def test_qti_names_all_that_is_wrong_within_one_interaction(broken: str) -> None:
    body, declared, found = BROKEN[broken]

    assert sorted(reasons(qti(body, *declared), FileKind.QTI)) == found


def test_qti_says_on_which_line_each_reason_stands() -> None:
    data = qti(interaction("choice", choices("甲", "<video/>", "丙")), declaration(right("Y", "Z")))

    assert told(data, FileKind.QTI) == [("element", "6"), ("key_outside", "2"), ("key_outside", "2")]
    (failure,) = files.read(data.encode(), FileKind.QTI, GIVEN).failures
    assert failure.place == "1"
    assert in_language(failure.reason, "en").startswith("Line 6: The text holds “video”")


def test_each_sub_item_of_qti_is_judged_with_its_case() -> None:
    material = '<div class="stem">材料</div>'
    one = '<div class="part"><p>一</p>' + interaction("choice", choices("甲", "")) + "</div>\n"
    two = '<div class="part"><p>二</p>' + interaction("choice", choices("甲", "乙"), "R1") + "</div>\n"
    three = '<div class="part"><p>三</p>' + interaction("choice", choices("丙", "丙"), "R2") + "</div>\n"
    declared = (declaration(right("A")), declaration(right("Z"), name="R1"), declaration(right("A"), name="R2"))

    (failure,) = files.read(qti(material + one + two + three, *declared).encode(), FileKind.QTI, GIVEN).failures

    found = [(each.params["part"], each.params["inner"]) for each in failure.reason.each]
    assert sorted(found) == [("1", "empty_option"), ("2", "key_outside"), ("3", "same_options")]


def test_a_mapping_without_entries_is_no_reason_to_stop() -> None:
    data = qti(interaction("textEntry", ""), declaration(right("甲") + "<mapping></mapping>", "string"))

    assert [one.body.blanks[0].accepted for one in files.read(data.encode(), FileKind.QTI, GIVEN).items] == [("甲",)]


def test_aiken_judges_the_stem_options_and_what_stands_beside() -> None:
    text = "问\nA. 甲\nB. 甲\nANSWER: D\n"
    assert sorted(reasons(text, FileKind.AIKEN, Defaults())) == sorted(
        ["key_outside", "same_options", "module", "level", "difficulty"]
    )


def test_an_export_names_every_reason_of_each_item() -> None:
    blanks = sample(ItemType.BLANK, stem="填两个词", body=Body(blanks=(Blank(("\\*甲",)), Blank(("乙",), exact=True))))
    part = Part(ItemType.NUMERIC, "几", body=Body(numbers=(Number(Decimal(1), Decimal("0.1"), relative=True),)))
    case = sample(ItemType.CASE, body=Body(parts=(part,)))
    number = sample(ItemType.NUMERIC, body=Body(numbers=(Number(Decimal(1), Decimal("0.1"), relative=True),), unit="m"))

    written = files.export([blanks, case, number], FileKind.GIFT)

    told = [[one.code for one in reason.each] for _code, reason in written.left_out]
    assert told == [["holds_blanks", "holds_sign"], ["holds_case"], ["holds_units", "holds_relative"]]
    both = obstacle(number, FileKind.GIFT)
    assert both is not None
    assert fields_of(both) >= {"unit", "numbers"}
    assert in_language(both, "en") == " ".join(in_language(SENTENCES[one.code], "en") for one in both.each)


def test_reasons_are_kept_together_and_each_once() -> None:
    one, other = because("stem"), because("module", module="none")
    both = together([one, other, one])
    assert both is not None
    assert both.each == [one, other]
    assert Reason.from_json(json.loads(json.dumps(both.to_json()))) == both
    assert one.to_json() == {"code": "stem", "params": {}}
    assert together([]) is None
