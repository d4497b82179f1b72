"""What Moodle and HTML say of an item, sign by sign, and how its texts are shown and written."""

import base64
import itertools
from decimal import Decimal
from typing import Any

import pytest
from lxml import etree

from app.items.rules import enclosures, markup, moodle, notes, texts
from app.items.rules.bodies import Blank, Unit
from app.items.rules.content import BadItemError, Defaults, ItemContent
from tests.factories.pictures import png

pytestmark = pytest.mark.one_database

DEFAULTS = Defaults("general", "recall", "0.5")
DIGEST = "0123456789abcdef" * 4


def stored(address: str) -> str | None:
    return DIGEST if address == "a.png" else None


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("甲", "甲"),
        (" ", ""),
        ("a&lt;b", "a<b"),
        ("a<br>b", "a\nb"),
        ("甲<!-- 说明 -->乙", "甲乙"),
        ("<p> 甲</p><p> 乙</p>", "甲\n\n乙"),
        ("甲 <span> 乙</span>", "甲 乙"),
        ("甲<div>乙</div>丙", "甲\n乙\n丙"),
        ("甲<br><div>乙</div>", "甲\n乙"),
        ("甲<br><br><div>乙</div>", "甲\n\n乙"),
        ("<b>a*b</b>", "a*b"),
        ("<b>a<br>b</b>", "a b"),
        *((f"<{tag}>a</{tag}>", "**a**") for tag in ("strong", "b", "em", "i", "u", "mark")),
        *(
            (f"a<{tag}>b</{tag}>", "ab")
            for tag in ("span", "font", "small", "big", "code", "tt", "abbr", "cite", "q", "label")
        ),
        *((f"a<{tag}>b</{tag}>c", "a\nb\nc") for tag in ("h1", "h6", "blockquote", "pre", "div")),
        ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
        ("<a>看</a>", "看"),
        ('<a href="http://x">http://x</a>', "http://x"),
        ('<a href="http://x">看</a>', "看 (http://x)"),
        ('<a href="a.png">看</a>', f"[看](stored:{DIGEST})"),
        ('<img src="a.png">', f"![](stored:{DIGEST})"),
        ('<img src="a.png" alt="[图]  一">', f"![(图) 一](stored:{DIGEST})"),
        ('<object data="a.png"></object>', f"![](stored:{DIGEST})"),
        ("<table></table>", ""),
        (
            "<p>甲</p><table><tr><td>1|</td><td>2</td></tr><tr><td>3</td></tr></table><p>乙</p>",
            "甲\n\n| 1\\| | 2 |\n| --- | --- |\n| 3 |  |\n\n乙",
        ),
    ],
)
def test_html_becomes_the_text_that_people_read(html: str, text: str) -> None:
    assert markup.text_of_html(html, stored) == text


@pytest.mark.parametrize("tag", ["thead", "tbody", "section", "dl", "caption", "tr", "dt", "dd", "center"])
def test_what_only_groups_or_breaks_text_is_read_through(tag: str) -> None:
    assert markup.text_of(etree.fromstring(f"<div><{tag}>a</{tag}></div>")) == "a"


@pytest.mark.parametrize(
    ("html", "reason"),
    [
        ('<table><tr><td colspan="2">1</td></tr></table>', "element"),
        ('<table><tr><td rowspan="2">1</td></tr></table>', "element"),
        ("<video>x</video>", "element"),
        ('<img src="b.png">', "file_missing"),
        ("<math><mrow></mrow></math>", "mathml"),
        ("<math><ms>x</ms></math>", "mathml_element"),
    ],
)
def test_html_that_no_text_can_say_is_refused(html: str, reason: str) -> None:
    with pytest.raises(BadItemError, match=reason):
        markup.text_of_html(html, stored)


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("甲\n乙", ["p", "br"]),
        ("甲\n\n乙", ["p", "p"]),
        ("**要点**与 $x$", ["p", "strong", "math"]),
        ("\\(x\\)、\\[y\\]、$$z$$ 与 $w$", ["p", "math", "math", "math", "math"]),
        (f"[看](stored:{DIGEST})与![图](stored:{DIGEST})", ["p", "a", "img"]),
        ("[看](http://x)", ["p"]),
        ("![图](http://x/a.png)", ["p"]),
        ("a\\*b", ["p"]),
        ("| 甲 |\n| --- |\n| 1 |", ["table", "thead", "tr", "th", "tbody", "tr", "td"]),
    ],
)
def test_what_is_written_as_markup_is_read_back(text: str, tags: list[str]) -> None:
    blocks = markup.Writer("urn:x", lambda digest: digest).blocks(text)
    root = etree.Element("{urn:x}div")
    root.extend(blocks)
    shown = [markup.local(one) for one in root.iter("{*}*")][1:]

    assert [tag for tag in shown if tag in {*tags, "br", "a", "img", "math"}] == tags
    assert markup.text_of(root, lambda address: address) == text


def test_a_document_is_read_without_what_it_says_to_programs() -> None:
    deep = b"<a>" * 300 + b"</a>" * 300

    assert "".join(markup.document(b"<a>x<!-- c -->y<?p i?>z</a>").itertext()) == "xyz"
    with pytest.raises(BadItemError, match="not_xml"):
        markup.document(deep)


@pytest.mark.parametrize(
    ("text", "base", "html"),
    [
        (f"![图](stored:{DIGEST})", "/f/", f'<img class="figure" src="/f/{DIGEST}" alt="图" loading="lazy">'),
        (f"![图](stored:{DIGEST})", None, "图"),
        ("![图](http://x)", "/f/", "图"),
        (f"[看](stored:{DIGEST})", "/f/", f'<a href="/f/{DIGEST}" download>看</a>'),
        (f"[看](stored:{DIGEST})", None, "<span>看</span>"),
        ("[看](http://x)", "/f/", "<span>看</span>"),
        ("a_____b_____", None, 'a<span class="code">__1__</span>b<span class="code">__2__</span>'),
        ("**甲**", None, "<strong>甲</strong>"),
        ("<b>", None, "&lt;b&gt;"),
        ("甲\n乙", None, "甲<br>\n乙"),
        ("$x^$", None, '<code class="code">x^</code>'),
    ],
)
def test_how_a_text_is_shown(text: str, base: str | None, html: str) -> None:
    assert texts.render_inline(text, base) == html
    assert html in texts.render(text, base)


@pytest.mark.parametrize(
    ("text", "plain"), [("甲\n乙", True), ("甲", True), ("**甲**", False), ("$x$", False), ("| a |\n| --- |", False)]
)
def test_a_text_without_signs_is_plain(text: str, plain: bool) -> None:
    assert texts.is_plain(text) is plain


def test_formulas_and_gaps_stand_in_the_line_and_emphasis_around_it() -> None:
    (_open, line, _close) = texts.parsed("$x$ \\[y\\] $$z$$ _____ **b**")

    assert [(one.type, one.nesting) for one in line.children if one.type != "text"] == [
        *[("formula", 0)] * 3,
        ("gap", 0),
        ("strong_open", 1),
        ("strong_close", -1),
    ]
    assert [one.info for one in line.children if one.type == "formula"] == ["inline", "block", "block"]


@pytest.mark.parametrize(
    ("tag", "attribute"),
    [
        *itertools.product(["math"], ["display"]),
        *itertools.product(["mo"], ["stretchy", "movablelimits"]),
        *itertools.product(["mspace"], ["width", "linebreak"]),
        *itertools.product(["mstyle"], ["displaystyle", "scriptlevel"]),
        *itertools.product(["mtable"], ["columnalign", "rowlines"]),
        *itertools.product(["mpadded"], ["width", "voffset"]),
        *itertools.product(["mmultiscripts", "menclose"], [""]),
    ],
)
def test_a_formula_keeps_its_layout_and_loses_what_could_run(
    tag: str, attribute: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = f"<{tag}" + (f' {attribute}="1"' if attribute else "")
    around, end = ("", "") if tag == "math" else ("<math>", "</math>")
    written = f'{around}{said} onclick="x()"></{tag}>{end}<script>x()</script>'
    monkeypatch.setattr(texts, "convert", lambda tex, display: f"{display}{tex}"[:0] + written)

    assert texts.mathml.__wrapped__("x") == f"{around}{said}></{tag}>{end}"


def question(inner: str, kind: str = "multichoice") -> Any:  # noqa: ANN401 - what was parsed
    stem = "" if "<questiontext" in inner else "<questiontext><text>题</text></questiontext>"
    return moodle.parse(f'<quiz><question type="{kind}">{stem}{inner}</question></quiz>'.encode(), DEFAULTS)


def only(found: Any) -> ItemContent:  # noqa: ANN401 - what was parsed
    assert [one.reason.code for one in found.failures] == []
    (item,) = found.items
    return item


def answer(text: str, fraction: float = 100, more: str = "") -> str:
    return f'<answer fraction="{fraction}"><text>{text}</text>{more}</answer>'


@pytest.mark.parametrize(
    ("kind", "exact"),
    [("SHORTANSWER", False), ("SA", False), ("MW", False), ("SHORTANSWER_C", True), ("SAC", True), ("MWC", True)],
)
def test_a_gap_of_moodle_minds_capitals_if_its_kind_does(kind: str, exact: bool) -> None:
    text = f"<questiontext><text>填{{1:{kind}:=甲~%0%丙~丁~%100%乙\\}}}}</text></questiontext>"

    assert only(question(text, "cloze")).body.blanks == (Blank(("甲", "乙}"), exact),)


@pytest.mark.parametrize(
    ("inner", "kind", "reason"),
    [
        ("<questiontext><text>{1:SA:=甲~%50%乙}</text></questiontext>", "cloze", "mixed_marks"),
        (answer("true") + answer("false"), "truefalse", "no_key"),
        (answer("甲") + answer("乙", 50), "shortanswer", "mixed_marks"),
        ("".join(answer(str(at), 100 * (at == 8)) for at in range(9)), "multichoice", "many_options"),
        (
            answer("5") + "<units><unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit></units>",
            "numerical",
            "units",
        ),
    ],
)
def test_what_moodle_says_by_halves_is_refused(inner: str, kind: str, reason: str) -> None:
    assert [one.reason.code for one in question(inner, kind).failures] == [reason]


@pytest.mark.parametrize(
    ("markup_of", "said", "stem"),
    [
        ("html", "a&lt;br&gt;b", "a\nb"),
        ("moodle_auto_format", "a&lt;br&gt;b", "a\nb"),
        ("moodle_auto_format", "a &lt; b", "a < b"),
        ("markdown", "a&lt;br&gt;b", "a<br>b"),
        ("html", "题<!-- 说明 -->干<?p i?>。", "题干。"),
    ],
)
def test_a_text_of_moodle_is_html_where_it_says_so(markup_of: str, said: str, stem: str) -> None:
    text = f'<questiontext format="{markup_of}"><text>{said}</text></questiontext>'

    assert only(question(text + answer("true"), "truefalse")).stem == stem


def test_a_file_of_moodle_is_kept_under_the_name_it_was_given() -> None:
    data = png(30)
    own = enclosures.digest_of(data)[:8]
    for name, kept in ((f"{own}-a.png", "a.png"), ("12345678-a.png", "12345678-a.png"), ("a%20b.png", "a%20b.png")):
        text = (
            f'<questiontext format="markdown"><text>![图](@@PLUGINFILE@@/{name})</text>'
            f'<file name="{name}">{base64.b64encode(data).decode()}</file></questiontext>'
        )
        assert [one.name for one in only(question(text + answer("true"), "truefalse")).body.files] == [kept]


def test_a_file_of_moodle_that_is_not_whole_is_refused() -> None:
    encoded = base64.b64encode(png(30)).decode()
    text = f'<questiontext><text>图</text><file name="a.png">{encoded[:8]}!{encoded[8:]}</file></questiontext>'

    assert [one.reason.code for one in question(text + answer("true"), "truefalse").failures] == ["file_kind"]


def test_a_question_of_moodle_is_named_by_its_number_before_its_name() -> None:
    named = f"<idnumber>{'K' * 70}</idnumber><name><text>名</text></name>"

    assert [one.code for one in question(named, "essay ").failures] == ["K" * 64]
    assert [one.code for one in question("<name><text>名</text></name>", "essay ").failures] == ["名"]


def test_answers_of_moodle_count_by_what_they_earn() -> None:
    blank = only(question(answer("甲") + answer("丙", 0) + "<usecase>1</usecase>", "shortanswer"))
    numeric = only(question(answer("5") + answer("6", 1) + answer("7", 0), "numerical"))

    assert blank.body.blanks == (Blank(("甲",), exact=True),)
    assert [(one.value, one.share) for one in numeric.body.numbers] == [
        (Decimal(5), Decimal(1)),
        (Decimal(6), Decimal("0.01")),
    ]
    assert numeric.body.unit_asked is False


@pytest.mark.parametrize(("shown", "asked"), [("0", True), ("3", False)])
def test_a_unit_of_moodle_is_asked_for_unless_none_is_shown(shown: str, asked: bool) -> None:
    units = (
        "<units><unit><unit_name>m</unit_name></unit><unit><multiplier>100</multiplier><unit_name>cm</unit_name></unit>"
    )
    item = only(question(f"{answer('5')}{units}</units><showunits>{shown}</showunits><tags><tag/></tags>", "numerical"))

    assert (item.body.unit, item.body.units) == ("m", (Unit("cm", Decimal("0.01")),))
    assert item.body.unit_asked is asked


def test_tags_say_what_we_know_and_the_rest_is_the_topic() -> None:
    assert notes.from_tags(["id=K-1", " level = apply ", "foo=bar", "估值", " "]).said == {
        "id": "K-1",
        "level": "apply",
        "topic": "foo=bar, 估值",
    }
