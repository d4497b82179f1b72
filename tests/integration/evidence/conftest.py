"""What tests of the evidence room share."""

import pytest
from flask import Flask

from app.rulebook.models import RulePack
from tests.factories.accounts import Member
from tests.factories.evidence import make_checker, make_owner, publish_checks
from tests.integration.accounts.conftest import count_statements
from tests.worlds import built_once

__all__ = ["count_statements"]


@pytest.fixture(name="rules")
@built_once
def _rules(app: Flask) -> RulePack:
    """Give the checks in force: neither files nor counterparties are asked for."""
    del app
    return publish_checks()


@pytest.fixture(name="owner")
def _owner(rules: RulePack) -> Member:
    """Give a technology manager in Jinan."""
    del rules
    return make_owner()


@pytest.fixture(name="checker")
def _checker(rules: RulePack) -> Member:
    """Give a credit officer of Shandong."""
    del rules
    return make_checker()
