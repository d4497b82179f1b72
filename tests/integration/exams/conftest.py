"""What the tests of exams share: statements counted as production sends them."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.integration.accounts.conftest import count_statements

__all__ = ["count_statements"]

Cost = Callable[[FlaskClient, str], int]


@pytest.fixture
def cost(count_statements: Callable[[], list[str]]) -> Cost:
    """Give what tells how many statements a page sends in all, beside the one that sets a test's clock."""
    sent = count_statements()

    def statements(browser: FlaskClient, address: str) -> int:
        browser.get(address)
        sent.clear()
        assert browser.get(address).status_code == 200, address
        return sum("clock_setting" not in one for one in sent)

    return statements
