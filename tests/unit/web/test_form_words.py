"""A field without a sentence of its own speaks the words of the product, in the language of the request."""

import pytest
from flask import Flask
from flask_wtf import FlaskForm
from wtforms import DecimalField, IntegerField, SelectField
from wtforms.validators import NumberRange

pytestmark = pytest.mark.one_database


class Answer(FlaskForm):
    level = SelectField(choices=[("1", "one")], coerce=int)
    places = IntegerField(validators=[NumberRange(1, 9)])
    hours = IntegerField(validators=[NumberRange(min=1)])
    share = DecimalField()


GIVEN = {"level": "x", "places": "12", "hours": "0", "share": "much"}


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh_CN", ["请从所列选项中选择。", "请填写1至9之间的数。", "请填写不小于1的数。", "请填写数字。"]),
        (
            "en",
            [
                "Choose one of the options offered.",
                "Enter a number from 1 to 9.",
                "Enter 1 or more.",
                "Enter a number.",
            ],
        ),
    ],
)
def test_what_a_field_refuses_is_said_plainly(app: Flask, language: str, said: list[str]) -> None:
    with app.test_request_context(method="POST", data=GIVEN, headers={"Cookie": f"lang={language}"}):
        form = Answer(meta={"csrf": False})

        assert not form.validate()
        assert [field.errors[0] for field in form] == said
