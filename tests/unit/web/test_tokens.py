"""The colours: the same dark values wherever dark is asked for, and enough contrast to read."""

import re

import pytest

from app.web.catalogues import APP

CSS = (APP / "web/assets/css/tokens.css").read_text("utf-8")
TEXT_AA = 4.5
EDGE_AA = 3.0
PAPERS = ("paper", "paper-2")
INKS = ("ink", "ink-2", "ink-3", "teal", "teal-2", "cinnabar", "amber", "jade")
ON = [
    ("on-teal", "teal"),
    ("on-teal", "teal-2"),
    ("on-cinnabar", "cinnabar"),
    ("ink", "amber-tint"),
    ("ink", "jade-tint"),
    ("ink", "cinnabar-tint"),
    ("ink", "teal-tint"),
    ("amber", "amber-tint"),
    ("jade", "jade-tint"),
    ("cinnabar", "cinnabar-tint"),
    ("teal", "teal-tint"),
    ("ink-2", "paper-3"),
]


def block(selector: str) -> dict[str, str]:
    body = CSS.split(selector, maxsplit=1)[1].split("}", maxsplit=1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", body))


LIGHT = block(":root {")
DARK = block(":root[data-theme='dark'] {")


def contrast(first: str, second: str) -> float:
    """Contrast of WCAG 2: 1 (none) to 21."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    shares = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_switch_and_the_device_ask_for_the_same_dark() -> None:
    assert block(":root:not([data-theme='light']) {") == DARK
    assert DARK.keys() == LIGHT.keys()


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_every_ink_can_be_read_on_every_paper(tokens: dict[str, str]) -> None:
    pairs = [(ink, paper) for ink in INKS for paper in PAPERS] + ON

    assert [pair for pair in pairs if contrast(tokens[pair[0]], tokens[pair[1]]) < TEXT_AA] == []


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_the_edges_of_controls_can_be_seen(tokens: dict[str, str]) -> None:
    assert contrast(tokens["line-2"], tokens["paper"]) >= EDGE_AA
    assert contrast(tokens["focus"], tokens["paper"]) >= EDGE_AA
