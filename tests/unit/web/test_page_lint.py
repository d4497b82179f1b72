"""Each rule of the page lint finds the page that breaks it, and only that."""

import pytest

from tests.page_lint import lint_page

PAGE = (
    '<!doctype html><html lang="{lang}"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body><h1>{heading}</h1>{body}</body></html>"
)


def lint(body: str = "", lang: str = "zh", title: str = "班次", heading: str = "班次") -> list[str]:
    declared = "zh-CN" if lang == "zh" else lang
    return lint_page(PAGE.format(lang=declared, title=title, heading=heading, body=body), lang)


@pytest.mark.parametrize(
    "body",
    [
        '<label for="a">姓名</label><input id="a">',
        "<label>姓名 <input></label>",
        '<input type="hidden" name="csrf">',
        '<select aria-label="级别"><option>Junior level of the base</option></select>',
        '<a href="/"><img src="/a.svg" alt="首页"></a>',
        '<script type="application/json">{"a": 1}</script>',
        '<script src="/static/app.js" defer></script>',
        "<p>符合 Open Badges Specification 的证书</p><p>Open Badges Specification</p>",
        "<code>flask items import FILE now</code>",
        '<span class="user-data">the typed name of a base</span>',
        '<a href="/lang/en" lang="en">read this page in English</a>',
    ],
)
def test_a_sound_page_passes(body: str) -> None:
    assert lint(body) == []


@pytest.mark.parametrize(
    ("body", "finding"),
    [
        ("<h1>又一个</h1>", "2 h1 instead of one"),
        ('<p id="a">一</p><p id="a">二</p>', "id used 2 times: a"),
        ('<input name="person">', "input without label: person"),
        ('<textarea name="note"></textarea>', "textarea without label: note"),
        ('<label for="x"></label><select id="x"></select>', "select without label: x"),
        ('<a href="/cohorts"></a>', "a without words: /cohorts"),
        ('<button type="submit"><svg></svg></button>', "button without words: button"),
        ('<img src="/a.png">', "img without alt: /a.png"),
        ("<script>go()</script>", "inline script"),
        ('<p style="color:red">红</p>', "inline style on p"),
        ('<button onclick="go()">发布</button>', "inline onclick on button"),
        ('<a href="javascript:go()">发布</a>', "inline href on a"),
        ("<p>Results were released today</p>", "not translated: Results were released today"),
        ('<button aria-label="Close this message">关闭</button>', "not translated: Close this message"),
    ],
)
def test_a_broken_page_is_found(body: str, finding: str) -> None:
    assert lint(body) == [finding]


def test_a_style_element_is_found() -> None:
    page = PAGE.format(lang="zh-CN", title="班次</title><style>p{}</style><title>", heading="班次", body="")

    assert "inline style element" in lint_page(page, "zh")


@pytest.mark.parametrize("title", ["", " – "])
def test_a_page_needs_a_title(title: str) -> None:
    assert lint(title=title) == ["empty title"]


def test_invalid_html_is_found() -> None:
    findings = lint("<div><span>未闭合</div>")

    assert len(findings) == 1
    assert findings[0].startswith("invalid HTML")


def test_a_page_needs_a_doctype() -> None:
    findings = lint_page("<html lang=zh><head><title>一</title></head><body><h1>一</h1></body></html>", "zh")

    assert any("doctype" in finding for finding in findings)


def test_the_declared_language_is_the_one_spoken() -> None:
    findings = lint_page(PAGE.format(lang="en", title="一", heading="一", body=""), "zh")

    assert findings == ["lang is 'en' on a page in zh"]


@pytest.mark.parametrize(
    "body",
    [
        "<p>The roster of 关中基地 is complete</p>",
        '<p lang="zh">培训大纲</p>',
        '<table><tbody><tr><td class="user-data">欧阳明</td></tr></tbody></table>',
    ],
)
def test_an_english_page_may_hold_chinese_data(body: str) -> None:
    assert lint(body, lang="en", title="Cohort", heading="Cohort") == []


def test_an_english_page_has_no_chinese_of_ours() -> None:
    assert lint("<p>已发布</p>", lang="en", title="Cohort", heading="Cohort") == ["not translated: 已发布"]
