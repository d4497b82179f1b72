"""The page of all components is sound, complete, and shown in demo and tests only."""

import re
from collections.abc import Callable

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Optional

from app.web.catalogues import APP
from tests.page_lint import lint_page
from tests.unit.web.conftest import build

TEMPLATES = APP / "web/templates/web"
LAYOUTS = ["/design", "/design/public", "/design/exam", "/design/document"]


@pytest.mark.parametrize("lang", ["zh_CN", "en"])
@pytest.mark.parametrize("path", LAYOUTS)
def test_every_layout_is_sound_in_both_languages(known: Callable[[], FlaskClient], path: str, lang: str) -> None:
    browser = known()
    browser.set_cookie("lang", lang)

    assert lint_page(browser.get(path).text, lang[:2]) == []


def test_every_component_is_shown() -> None:
    macros = set(re.findall(r"{%- macro ([a-z]\w*)\(", (TEMPLATES / "ui.html").read_text("utf-8")))
    shown = "".join(path.read_text("utf-8") for path in TEMPLATES.glob("*.html"))

    assert {name for name in macros if not re.search(rf"\b{name}\(", shown.replace(f"macro {name}(", ""))} == set()


def test_icons_are_named_where_the_build_of_the_sprite_looks_for_them() -> None:
    assert re.findall(r"\w+icon\(\s*['\"]\S+", (TEMPLATES / "ui.html").read_text("utf-8")) == []


def test_the_gallery_is_not_part_of_production() -> None:
    browser = build(demo=False).test_client()

    assert browser.get("/design").status_code == 404
    assert browser.get("/design/public").status_code == 404


def test_an_unknown_layout_is_not_found(client: FlaskClient) -> None:
    assert client.get("/design/poster").status_code == 404
    assert client.get("/design/999").status_code == 404


def test_a_page_says_when_its_data_are_invented(client: FlaskClient) -> None:
    assert "演示环境" in client.get("/design/public").text
    assert "演示环境" not in build(demo=False).test_client().get("/nowhere").text


def test_form_errors_are_summed_up_with_links_to_their_fields(client: FlaskClient) -> None:
    page = client.get("/design").text

    assert '<a href="#bad-hours">学时：学时不能为负数。</a>' in page
    assert '<a href="#bad-level-0">' in page
    assert 'aria-describedby="bad-hours-error"' in page
    assert 'aria-invalid="true"' in page


CHOICES = [("a", "A"), ("b", "B")]
EMPTY = [("", "Any"), *CHOICES]


@pytest.mark.parametrize(
    ("field", "optional"),
    [
        (StringField("x"), True),
        (StringField("x", [InputRequired()]), False),
        # one of its choices is always sent
        (SelectField("x", choices=CHOICES), False),
        (SelectField("x", choices=[(1, "one")], coerce=int), False),
        (SelectField("x", choices=CHOICES, validate_choice=False), False),
        (SelectField("x", choices=EMPTY), True),
        (SelectField("x", [InputRequired()], choices=EMPTY), False),
        # nothing chosen is refused as no choice
        (RadioField("x", choices=CHOICES), False),
        (RadioField("x", choices=EMPTY), True),
        (RadioField("x", [Optional()], choices=CHOICES), True),
        (SelectMultipleField("x", choices=CHOICES), True),
    ],
)
def test_only_what_can_be_left_out_is_called_optional(app: Flask, field: Field, optional: bool) -> None:
    form = type("OneField", (FlaskForm,), {"one": field})
    with app.test_request_context(headers={"Accept-Language": "zh-CN"}):
        shown = render_template_string("{% import 'web/ui.html' as ui %}{{ ui.field(form.one) }}", form=form())

    assert ("选填" in shown) is optional


def test_a_chart_carries_its_figures_as_a_table(client: FlaskClient) -> None:
    chart = client.get("/design").text.split('id="by-year"')[1].split("</figure>")[0]

    assert re.search(r'<th scope="row">2026</th>\s*<td class="number">15,980</td>', chart)


def test_what_people_typed_is_escaped(client: FlaskClient) -> None:
    assert "<b>x</b>" not in client.get("/design?q=<b>x</b>").text
