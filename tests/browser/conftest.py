"""One demo for all page tests of a worker, loaded once for all workers of a run."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from fcntl import LOCK_EX, flock
from pathlib import Path

import pytest
from flask import Flask

from app import create_app
from app.core.db import db
from app.settings import Settings
from tests.browser.demo_site import DemoSite, Facts, demo_site, load_demo, settings_in
from tests.conftest import PageClient

WAITS = "test_whole_sitting.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the exam that waits two minutes, so that another worker takes the tests behind it meanwhile."""
    items.sort(key=lambda one: one.path.name != WAITS)


@pytest.fixture(scope="session", name="demo")
def _demo(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    folder = tmp_path_factory.mktemp("demo") / "own"
    facts = _copy_demo(settings, _shared_by_workers(tmp_path_factory), folder)
    with demo_site(settings_in(folder, settings), facts) as site:
        yield site


@pytest.fixture(scope="module")
def demo_apart(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Give a demo to one module alone, which may write what it likes; forms need no token."""
    folder = tmp_path_factory.mktemp("demo") / "apart"
    _copy_demo(settings, _shared_by_workers(tmp_path_factory), folder)
    app = create_app(settings_in(folder, settings))
    app.test_client_class = PageClient
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    with app.app_context():
        db.engine.dispose()


def _shared_by_workers(factory: pytest.TempPathFactory) -> Path:
    base = factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def _copy_demo(settings: Settings, shared: Path, folder: Path) -> Facts:
    """Copy the demo that the first worker to come loads while the others wait."""
    made, told = shared / "demo-loaded", shared / "demo-facts.json"
    with (shared / "demo-lock").open("w") as lock:
        flock(lock, LOCK_EX)
        if not told.exists():
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            told.write_text(json.dumps(asdict(load_demo(settings_in(made, settings))), default=str))
    shutil.copytree(made, folder)
    facts = json.loads(told.read_text())
    return Facts(facts["codes"], facts["graduate"], datetime.fromisoformat(facts["opens_at"]))
