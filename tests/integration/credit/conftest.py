"""What most tests of credit start from: the shipped packs, two officers, a technology manager."""

from dataclasses import dataclass

import pytest
from flask import Flask

from tests.factories.accounts import Member
from tests.factories.credit import make_officers, make_packs, make_subject
from tests.worlds import built_once


@dataclass(frozen=True)
class Field:
    """Two credit officers of a province, and a technology manager."""

    officers: tuple[Member, Member]
    subject: Member


@pytest.fixture
@built_once
def field(app: Flask) -> Field:
    """Publish the packs and make the people."""
    del app
    made = Field(make_officers(), make_subject())
    make_packs()
    return made
