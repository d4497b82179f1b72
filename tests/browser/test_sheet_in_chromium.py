"""The sheet of a certificate looks in Chromium's own viewer as poppler draws it."""

import io
import subprocess
import time
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Error, Page, sync_playwright

from app.credentials import paper
from app.credentials.rules.openbadge import Holder
from app.credentials.states import CertificateKind
from tests.browser.chromium import CHROMIUM, FLAGS
from tests.unit.credentials.test_sheet import RARE, facts_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists() or not paper.available(), reason="needs Chromium, Pango and CJK fonts"),
]
LONGEST = 60
GRID = (12, 16)
PAPER = 200
Grey = NDArray[np.float64]


def grey(picture: Image.Image) -> Grey:
    return np.asarray(picture.convert("L"), dtype=float)


def page_of(shown: Grey) -> Grey:
    """Cut the sheet out of the dark room of the viewer: where most of a row and of a column is light."""
    light = shown > PAPER
    rows, columns = np.nonzero(light.mean(axis=1) > 0.3)[0], np.nonzero(light.mean(axis=0) > 0.3)[0]
    if not rows.size or not columns.size:
        return np.full((1, 1), 255.0)
    return shown[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]


def cells(sheet: Grey) -> Grey:
    """Return how much ink each cell of a sheet has, from 0 to 1."""
    parts = [
        [float(255 - part.mean()) / 255 for part in np.array_split(row, GRID[1], axis=1)]
        for row in np.array_split(sheet, GRID[0], axis=0)
    ]
    return np.array(parts)


def seen_in(page: Page) -> Grey:
    """Look until the viewer has drawn something."""
    for _second in range(LONGEST):
        try:
            taken = page.screenshot()
        except Error:  # the viewer is being put in place
            time.sleep(1)
            continue
        shown = page_of(grey(Image.open(io.BytesIO(taken))))
        if min(shown.shape) > 300 and (shown < 100).mean() > 0.005:
            return shown
        time.sleep(1)
    pytest.fail("Chromium showed no sheet")


def test_the_sheet_looks_in_chromium_as_in_poppler(tmp_path: Path) -> None:
    facts, layout = facts_of(CertificateKind.CAPABILITY, holder=Holder(RARE, None))
    path = tmp_path / "sheet.pdf"
    path.write_bytes(paper.draw_sheet(facts, layout, credential="{}"))
    subprocess.run(["pdftoppm", "-r", "110", "-png", "-singlefile", path, tmp_path / "poppler"], check=True)
    expected = cells(grey(Image.open(tmp_path / "poppler.png")))

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(f"file://{path}#toolbar=0&navpanes=0&view=Fit", wait_until="commit")
        found = cells(seen_in(page))
        browser.close()

    assert np.abs(found - expected).max() < 0.15, np.round(found - expected, 2)
    assert np.abs(found - expected).mean() < 0.03
    assert np.corrcoef(found.ravel(), expected.ravel())[0, 1] > 0.9
