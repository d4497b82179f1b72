"""An open round and an applicant."""

import pytest
from flask import Flask

from tests.factories.accounts import Member
from tests.factories.titles import Scene, make_applicant, make_open


@pytest.fixture
def scene(app: Flask) -> Scene:
    del app
    return make_open()


@pytest.fixture
def who(scene: Scene) -> Member:
    del scene
    return make_applicant()
