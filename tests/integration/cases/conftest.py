"""What tests of complaints without an account share."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from app.accounts.models import Organisation
from tests.factories.cases import NOW, make_body, make_clocks
from tests.factories.visitors import Complain, complainer


@pytest.fixture(name="body")
def _body(app: Flask, at_time: Callable[[datetime], None]) -> Organisation:
    """Give a training base to complain of, on a day of the shipped clocks."""
    del app
    at_time(NOW)
    make_clocks()
    return make_body(slug="qilu", name_zh="齐鲁培训基地")


@pytest.fixture(name="complain")
def _complain(app: Flask, body: Organisation) -> Complain:
    """Give a way to complain of it without an account."""
    return complainer(app, body)
