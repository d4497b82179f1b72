"""What the tests of the desk share with those of accounts."""

from tests.integration.accounts.conftest import count_statements

__all__ = ["count_statements"]
