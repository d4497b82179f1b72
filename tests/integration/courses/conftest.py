"""A school for every test of the courses room."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from tests.factories.courses import DURING, School, make_school


@pytest.fixture
def school(app: Flask, tmp_path: Path, at_time: Callable[[datetime], None]) -> School:
    """Give an accredited base with a course, in the middle of its cohorts' time."""
    del app
    at_time(DURING)
    return make_school(tmp_path)
