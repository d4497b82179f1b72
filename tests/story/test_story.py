"""The main journey holds from the rule pack to the revoked certificate, on a server of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.timeout(600)
def test_every_step_of_the_story_holds() -> None:
    walk = subprocess.run(
        [sys.executable, "-m", "scripts.story"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert walk.returncode == 0, walk.stdout + walk.stderr
