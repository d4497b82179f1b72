"""What the tests of items share with those of accounts."""

from tests.integration.accounts.conftest import count_statements

__all__ = ["count_statements"]
