"""What the tests of panels share: an office with its pool, at a day on which everyone serves."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask

from tests.factories.panels import AT, Office, make_office


@pytest.fixture
def office(app: Flask, at_time: Callable[[datetime], None]) -> Office:
    del app
    at_time(AT)
    return make_office()
