"""What the tests of items share: statements counted, and staff who read English, so that no test hangs on a wording."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.integration.accounts.conftest import count_statements

__all__ = ["count_statements"]


@pytest.fixture
def reading_english(sign_in: Callable[..., FlaskClient]) -> Callable[..., FlaskClient]:
    """Give the browser of a new person with a role, set to English."""

    def as_role(*scope: Any) -> FlaskClient:  # noqa: ANN401 - as make_member
        client = sign_in(*scope)
        client.set_cookie("lang", "en")
        return client

    return as_role
