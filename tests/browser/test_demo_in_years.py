"""The demo is loaded in other years than the one it tells of: nothing in it is refused for the date."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.settings import ROOT, Settings
from tests.browser.demo_site import settings_in

# The clock is moved before any other module takes it
LATER = """
import sys
from datetime import timedelta
from app.core import clock
now, moved = clock.real_now, timedelta(seconds=float(sys.argv[1]))
clock.real_now = lambda: now() + moved
from app.settings import Settings
from tests.browser.demo_site import load_demo
load_demo(Settings(_env_file=None))
"""
SECONDS = 600


@pytest.mark.timeout(SECONDS + 30)
def test_the_demo_is_loaded_in_a_later_year(settings: Settings, tmp_path: Path) -> None:
    then = datetime.combine(date(datetime.now(UTC).year + 2, 3, 1), time(4), UTC)
    moved = (then - datetime.now(UTC)) / timedelta(seconds=1)
    given = {name.upper(): _plain(value) for name, value in settings_in(tmp_path, settings) if value is not None}

    loaded = subprocess.run(
        [sys.executable, "-c", LATER, str(moved)],
        env={**os.environ, **given},
        text=True,
        capture_output=True,
        cwd=ROOT,
        timeout=SECONDS,
        check=False,
    )

    assert loaded.returncode == 0, loaded.stderr[-2000:]
    assert (tmp_path / "demo.db").is_file()


def _plain(value: object) -> str:
    return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
