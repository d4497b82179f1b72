"""A pytest plugin that counts which lines and branches of the application run, in every process of a run.

It changes the code as it is imported and takes its marks out as they are passed, where a tracer would make Python twice
as slow. Load it with `-p tests.counting`, before anything imports the application.
"""

import json
import os
from pathlib import Path

import pytest
import slipcover

ROOT = Path(__file__).resolve().parent.parent
APP = ROOT / "app"
FOLDER = ROOT / "build" / "coverage"

_counted = slipcover.Slipcover(immediate=True, branch=True, source=[str(APP)], exclude_also=["@overload", r"\.\.\.$"])
_counting = slipcover.ImportManager(_counted, slipcover.FileMatcher(sources=[APP]))
_counting.__enter__()


def pytest_sessionfinish() -> None:
    """Leave what this process has seen in a file of its own; the process that hands out the tests has seen nothing."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        FOLDER.mkdir(parents=True, exist_ok=True)
        (FOLDER / f"{worker}.json").write_text(json.dumps(_counted.get_coverage()))


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave importing as it was."""
    del config
    _counting.__exit__()
