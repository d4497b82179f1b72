"""Chromium and axe as the tests find them, and what a page is asked there."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from app.web import bundles

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules/axe-core/axe.min.js"
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE, DESK = (390, 844), (1440, 900)
NEEDS = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists() or not AXE.exists(), reason="needs Chromium and axe-core"),
    pytest.mark.skipif(not (bundles.DIST / bundles.MANIFEST).exists(), reason="the front end is not built"),
]
FINDINGS = "axe.run({resultTypes: ['violations']}).then(r => r.violations.map(v => `${v.id}: ${v.nodes[0].html}`))"
OVERFLOW = "document.documentElement.scrollWidth - innerWidth"
DISTORTED = """[...document.images]
  .filter(one => one.clientHeight > 20 && one.hasAttribute('width') && one.hasAttribute('height'))
  .filter(one => {
    const style = getComputedStyle(one)
    const across = one.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight)
    const down = one.clientHeight - parseFloat(style.paddingTop) - parseFloat(style.paddingBottom)
    const own = one.complete && one.naturalWidth
    const due = own ? one.naturalWidth / one.naturalHeight : one.getAttribute('width') / one.getAttribute('height')
    return Math.abs(across / down / due - 1) > 0.05
  })
  .map(one => `${one.getAttribute('src')}: ${one.clientWidth} by ${one.clientHeight}`)"""


def faults(page: Page) -> list[str]:
    """Return what axe finds on the page as it stands, pictures out of shape, and whether it is too wide."""
    if not page.evaluate("'axe' in window"):
        page.add_script_tag(path=AXE)
    return [*(str(one) for one in page.evaluate(FINDINGS)), *misfits(page)]


def misfits(page: Page) -> list[str]:
    """Return the pictures that are out of shape at the window's size, and whether the page is wider than it."""
    width = int(page.evaluate(OVERFLOW))
    found = [f"out of shape: {one}" for one in page.evaluate(DISTORTED)]
    return [*found, *([f"{width} px wider than the window"] if width > 0 else [])]
