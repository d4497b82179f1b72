"""One demo for all page tests of a run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import Settings
from tests.browser.demo_site import DemoSite, demo_site


@pytest.fixture(scope="session", name="demo")
def _demo(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoSite]:
    folder: Path = tmp_path_factory.mktemp("demo")
    own = {"database_url": f"sqlite:///{folder}/demo.db", "store_url": f"file:{folder}/files"}
    with demo_site(settings.model_copy(update=own)) as site:
        yield site
