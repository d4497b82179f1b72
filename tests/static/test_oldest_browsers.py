"""The scripts that check a QR code are read by the oldest browsers that they are built for (decision 0069)."""

import json
import re
import subprocess

import pytest

from app.web.bundles import DIST, MANIFEST
from scripts.front_end import find_node
from scripts.places import ROOT

SCRIPTS = ("v.js", "v-codes.js", "v-worker.js", "v-curve.js")
LATER = re.compile(
    r"\bglobalThis\b|\.(?:replaceChildren|toggleAttribute|replaceAll|matchAll|hasOwn|at|flat|flatMap|fromEntries"
    r"|allSettled|structuredClone|findLast)\("
)
"""What browsers learnt after the oldest one: no script may call it, unless it brings it along."""


def test_no_script_is_written_in_words_that_the_oldest_browsers_cannot_read() -> None:
    told = subprocess.run(
        [find_node().program, "tests/node/levels.mjs"], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    found = json.loads(told.stdout)

    assert {name for name in found if found[name]} == set(SCRIPTS)
    assert len(found) > len(SCRIPTS), "the controls of today are not read"


@pytest.mark.parametrize("name", SCRIPTS)
def test_no_script_calls_what_the_oldest_browsers_lack(name: str) -> None:
    built = json.loads((DIST / MANIFEST).read_text("utf-8"))[name]
    text = (DIST / built).read_text("utf-8")

    assert {one for one in LATER.findall(text) if f"{one.rstrip('(')}=" not in text} == set()
