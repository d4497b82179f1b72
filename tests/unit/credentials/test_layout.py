"""A layout is filled in a sandbox: fields, conditions and loops, plain elements, nothing that reaches anywhere."""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.credentials.rules import layout as rules
from app.credentials.rules.layout import FIELDS, About, Layout, LayoutError, cleaned, faults_of, fill
from app.credentials.rules.template_files import FOLDER, flattened, shipped_layout, shipped_template
from app.credentials.rules.template_wording import faults_of_words
from app.credentials.states import CertificateKind
from tests.unit.credentials import samples

GOOD = Layout("<p>{{ facts.holder.name }}</p>", "p { color: #111; }")


def _values(**given_: object) -> dict[str, object]:
    return dict.fromkeys(FIELDS, "") | {"facts": samples.certificate()} | given_


def _filled(html: str, **given_: object) -> str:
    return fill(Layout(html, ""), _values(**given_), About("T", "A"))


def _codes(html: str = "", css: str = "") -> set[str]:
    return {fault.code for fault in faults_of(Layout(html, css))}


@pytest.mark.parametrize(
    ("html", "code"),
    [
        ("{{ ''.__class__.__mro__ }}", "unknown-field"),
        ("{{ facts.__class__ }}", "unknown-field"),
        ("{{ facts['__class__'].x }}", "blank-refused"),
        ("{{ config }}", "unknown-field"),
        ("{{ self }}", "unknown-field"),
        ("{{ cycler }}", "unknown-field"),
        ("{{ facts.holder.name.upper() }}", "blank-refused"),
        ("{{ lipsum() }}", "blank-refused"),
        ("{{ facts|attr('x') }}", "blank-refused"),
        ("{{ facts.number|safe }}", "blank-refused"),
        ("{{ 'x' * 999999999 }}", "blank-refused"),
        ("{{ 2 ** 99999 }}", "blank-refused"),
        ("{{ lines[facts] }}", "blank-refused"),
        ("{% include 'x' %}", "blank-refused"),
        ("{% import 'x' as y %}", "blank-refused"),
        ("{% extends 'x' %}", "blank-refused"),
        ("{% set x = facts %}", "blank-refused"),
        ("{% macro x() %}{% endmacro %}", "blank-refused"),
        ("{% filter upper %}x{% endfilter %}", "blank-refused"),
        ("{% for x in range(999999) %}{% endfor %}", "loop"),
        ("{% for x in lines recursive %}{% endfor %}", "loop"),
        ("{% for x in lines if x %}{% endfor %}", "loop"),
        ("{% for x in cells|batch(999999999) %}{% endfor %}", "loop"),
        ("{% for x in cells|batch(2, 'x') %}{% endfor %}", "loop"),
        ("{% for x in cells|sort %}{% endfor %}", "loop"),
        ("{% for a in lines %}" * 3 + "{% endfor %}" * 3, "loop"),
        ("{{ facts", "blank-syntax"),
        ("{% for x in lines %}", "blank-syntax"),
        ("{{" + "(" * 4000 + "1" + ")" * 4000 + "}}", "too-deep"),
        ("{% if facts %}" * 60 + "{% endif %}" * 60, "too-deep"),
        ("<script>x</script>", "element"),
        ("<style>@import 'x'</style>", "element"),
        ("<iframe src='http://x'></iframe>", "element"),
        ("<img src='file:///etc/passwd'>", "element"),
        ("<object data='x'></object>", "element"),
        ("<link rel='attachment' href='file:///etc/passwd'>", "element"),
        ("<a href='http://x'>x</a>", "element"),
        ("<svg><image href='file:///etc/passwd'/></svg>", "element"),
        ("<svg><foreignObject></foreignObject></svg>", "element"),
        ("<?php x ?>", "element"),
        ("<p onclick='x'>", "attribute"),
        ("<p style='background: url(http://x)'>", "attribute"),
        ("<svg><use href='http://x#a'/></svg>", "address"),
        ("<svg><use href='file:///etc/passwd'/></svg>", "address"),
        ("<svg><rect fill='url(http://x#a)'/></svg>", "address"),
        ("<div>" * 60, "too-deep"),
        ("<br>" * 2_001, "too-many-elements"),
        ("x" * 70_000, "too-long"),
    ],
)
def test_a_page_that_reaches_further_is_refused(html: str, code: str) -> None:
    assert code in _codes(html)
    with pytest.raises(LayoutError):
        _filled(html)


@pytest.mark.parametrize(
    ("css", "code"),
    [
        ("@import 'http://x';", "at-rule"),
        ("@import url(file:///etc/passwd);", "at-rule"),
        ("@font-face { font-family: x; src: url(http://x) }", "at-rule"),
        ("@namespace url(http://x);", "at-rule"),
        ("@media print { @import 'x'; }", "at-rule"),
        ("p { background: url(http://x) }", "address"),
        ("p { background: url('file:///etc/passwd') }", "function"),
        ("p { background: URL( 'x' ) }", "function"),
        ("@page { @top-left { content: url(x) } }", "address"),
        ("p { content: attr(class) }", "function"),
        ("p { background: image-set('x' 1x) }", "function"),
        ("p { background: src('x') }", "function"),
        ("p { color: var(--x) }", "function"),
        ("p { color: " + "(" * 20_000 + "}", "too-deep"),
        ("p { color: rgb(" + "calc(" * 60 + "}", "too-deep"),
        ("p } {", "css-syntax"),
        ("x" * 70_000, "too-long"),
    ],
)
def test_a_style_sheet_that_reads_something_is_refused(css: str, code: str) -> None:
    assert code in _codes(css=css)


def test_a_fault_names_its_line() -> None:
    html = "<p>\n{{ facts.number }}\n{% if facts %}\n{{ nobody }}\n{% endif %}</p>"
    assert [(one.part, one.line, one.params["name"]) for one in faults_of(Layout(html, ""))] == [("html", 4, "nobody")]
    elements = faults_of(Layout("{# two\nlines #}\n<p>x</p>\n<video></video>", ""))
    assert [(one.line, one.code) for one in elements] == [(4, "element")]
    sheet = faults_of(Layout("", "p {\n  color: red;\n  background: url(x);\n}"))
    assert [(one.part, one.line) for one in sheet] == [("css", 3)]


def test_a_good_layout_is_filled_and_escaped() -> None:
    facts = samples.certificate(name="<script>alert(1)</script>")
    html = fill(GOOD, _values(facts=facts), About('"><b>', "A & B"))

    assert "&lt;script&gt;" in html
    assert "<script" not in html
    assert html.startswith('<!doctype html><html lang="zh-CN">')
    assert "<title>&#34;&gt;&lt;b&gt;</title>" in html
    assert 'content="A &amp; B"' in html


def test_fields_conditions_loops_and_rows_are_allowed() -> None:
    cells = [(("甲", "A"), "1"), (("乙", "B"), "2"), (("丙", "C"), "3")]
    row = "<b>{% for names, value in row %}{{ names[0] }}{{ value }}{% endfor %}</b>"
    html = "{% for row in cells|batch(2) %}" + row + "{% endfor %}"
    page = "{% if facts.number and not facts.hours == 1 %}" + html + "{% else %}x{% endif %}"

    assert "<b>甲1乙2</b><b>丙3</b>" in _filled(page, cells=cells)


def test_only_cells_span_columns() -> None:
    assert _codes('<table><tr><td colspan="2">x</td></tr></table>') == set()
    assert _codes('<p colspan="2">x</p>') == {"attribute"}


def test_the_class_of_the_body_is_kept_and_nothing_else_of_the_document() -> None:
    page = (
        '<!doctype html><html><head><title>x</title><meta charset="utf-8"></head><body class="upright">y</body></html>'
    )
    assert '<body class="upright">y</body>' in _filled(page)
    assert '<body class="">' in _filled('<body onload="x">y</body>')


def test_a_field_that_is_not_there_says_so_on_its_line() -> None:
    with pytest.raises(LayoutError) as raised:
        _filled("<p>\n{{ facts.nothing.at.all }}</p>")
    assert [(one.code, one.line) for one in raised.value.faults] == [("blank-failed", 2)]


def test_a_filled_page_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "LONGEST_FILLED", 50)
    with pytest.raises(LayoutError) as raised:
        _filled("{% for one in lines %}{{ one }}{% endfor %}", lines=["x" * 20] * 9)
    assert raised.value.faults[0].code == "filled-too-long"


def test_what_is_drawn_is_cleaned_again() -> None:
    """Should the first look miss something, the second wall takes it out."""
    dirty = (
        "<p onclick=x style=y>a</p><script>b</script><svg viewBox='0 0 1 1'><use href='file:///x'/><use href='#c'/>"
        "<rect fill='url(http://x)' stroke='url(#g)'/><image href='x'/></svg><a href='x'>d</a><img src=x>"
    )
    clean = cleaned(dirty)
    assert "<p>a</p>" in clean
    for gone in ("onclick", "style", "script", "file:", "http", "<image", "<a ", "<img"):
        assert gone not in clean
    for kept in ('viewBox="0 0 1 1"', 'href="#c"', 'stroke="url(#g)"'):
        assert kept in clean


@settings(max_examples=60, deadline=None)
@given(html=st.text(st.sampled_from("{}%#<>/'\"=-_()[]|.xp1 \nfacts"), max_size=60), css=st.text(max_size=60))
def test_no_text_breaks_the_look(html: str, css: str) -> None:
    """Whatever is typed gives faults or a page, never an error."""
    found = faults_of(Layout(html, css))
    page = ""
    if not found:
        with suppress(LayoutError):
            page = _filled(html)
    assert all(fault.code and fault.line >= 1 for fault in found)
    assert "<script" not in page


@pytest.mark.parametrize("kind", CertificateKind)
def test_every_shipped_template_is_whole(kind: CertificateKind) -> None:
    shipped = shipped_template(kind)
    assert faults_of(Layout(shipped.html, shipped.css)) == ()
    words = shipped.wording.model_dump()
    assert faults_of_words(words, kind, may_renew=shipped.terms.renew_from_days is not None) == []
    assert shipped.tag in {"official", "sample"}
    assert shipped.source_zh


def test_a_page_that_extends_the_frame_stands_alone_when_it_is_loaded() -> None:
    frame = '<body class="{% block shape %}across{% endblock %}">\n{% block body %}{% endblock %}</body>'
    page = "{% extends 'frame.html' %}\n{% block body %}\n<p>x</p>\n{% endblock %}"
    assert flattened(frame, page) == '<body class="across">\n<p>x</p></body>'
    layout = shipped_layout(CertificateKind.CAPABILITY, FOLDER)
    assert "extends" not in layout.html
    assert replace(layout, css="").css == ""
