"""A pytest plugin for the run on a second database, which repeats only what a database could answer differently.

Tests that never touch a database, unit tests and tests marked `one_database` have been run on the first one.
"""

import pytest

DATABASE = "database_url"
UNITS = "tests/unit/"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests whose fixtures lead to a database and that are not marked for one."""
    touching = [
        item
        for item in items
        if DATABASE in getattr(item, "fixturenames", ())
        and item.get_closest_marker("one_database") is None
        and not item.nodeid.startswith(UNITS)
    ]
    config.hook.pytest_deselected(items=[item for item in items if item not in touching])
    items[:] = touching
