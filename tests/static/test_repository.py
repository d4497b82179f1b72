"""The check of the repository refuses what nobody can read in a review."""

from pathlib import Path

import pytest

from scripts.check_repository import LARGEST, strange_files

ARCHIVE = b"PK\x03\x04\x14\x00\x00\x00"


def rules(root: Path, name: str, content: bytes) -> list[str]:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return [finding.rule for finding in strange_files([path], root)]


@pytest.mark.parametrize(
    "name",
    ["profiler-1.0-py3-none-any.whl", "app/tool", "content/items/bank.zip", "docs/bank.xlsx", "docs/pictures/tool.exe"],
)
@pytest.mark.parametrize("content", [ARCHIVE, b"\x7fELF\x02\x00", b"GIF89a\xff"])
def test_a_program_package_or_archive_is_refused(tmp_path: Path, name: str, content: bytes) -> None:
    assert rules(tmp_path, name, content) == [
        "is no text: programs, packages and archives are fetched or built, never kept"
    ]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("content/items/general.xlsx", ARCHIVE),
        ("docs/pictures/verify.png", b"\x89PNG\r\n\x00"),
        ("app/text.py", "题库".encode()),
        ("tests/__init__.py", b""),
    ],
)
def test_item_banks_pictures_and_texts_are_kept(tmp_path: Path, name: str, content: bytes) -> None:
    assert rules(tmp_path, name, content) == []


@pytest.mark.parametrize(("beyond", "refused"), [(0, False), (1, True)])
def test_a_file_over_the_largest_size_is_refused_even_as_text(tmp_path: Path, beyond: int, *, refused: bool) -> None:
    assert bool(rules(tmp_path, "docs/long.md", b"a" * (LARGEST + beyond))) is refused
