"""What README says of settings is all there is, and what it names exists."""

import re

from app.settings import Settings
from scripts.places import ROOT

README = (ROOT / "README.md").read_text("utf-8")
FOR_TESTS = {"testing", "failpoint"}


def test_every_setting_is_named() -> None:
    named = set(re.findall(r"`([A-Z_]+)`", README.partition("## Settings")[2]))

    assert {one.upper() for one in Settings.model_fields if one not in FOR_TESTS} == named


def test_every_folder_of_the_map_exists() -> None:
    rows = re.findall(r"^\| (`[^|]+`) \|", README.partition("## Map of the folders")[2], re.MULTILINE)
    folders = [folder for row in rows for folder in re.findall(r"`([^`]+)`", row)]

    assert folders
    assert [one for one in folders if not (ROOT / one).is_dir()] == []


def test_every_picture_is_shown_and_every_shown_picture_exists() -> None:
    shown = {name for text in (README, *_documents()) for name in re.findall(r"pictures/([\w-]+\.png)", text)}

    assert shown == {one.name for one in (ROOT / "docs" / "pictures").iterdir()}


def _documents() -> list[str]:
    return [one.read_text("utf-8") for one in (ROOT / "docs").rglob("*.md")]
