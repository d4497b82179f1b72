"""A pytest plugin for the run on a second database: tests that never touch a database need no second run."""

import pytest

DATABASE = "database_url"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests whose fixtures lead to a database."""
    touching = [item for item in items if DATABASE in getattr(item, "fixturenames", ())]
    config.hook.pytest_deselected(items=[item for item in items if item not in touching])
    items[:] = touching
