"""The import laws reach every room: one that no law names could import anything."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["id"]: contract
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
}
ROOMS_OF_THE_ARCHITECTURE = {
    "accounts", "api", "assessment.certification", "assessment.credit", "assessment.exams", "assessment.titles",
    "ballots", "bases", "cases", "cli", "core", "courses", "credentials", "desk", "evidence", "insights", "items",
    "panels", "performance", "rulebook", "web",
}  # fmt: skip


def named_rooms() -> set[str]:
    layers = [name.strip(" ()") for layer in CONTRACTS["rooms"]["layers"] for name in layer.split("|")]
    return {name.removeprefix("app.") for name in layers} - {"rooms"}


def test_the_law_names_every_room_of_the_architecture() -> None:
    assert named_rooms() == ROOMS_OF_THE_ARCHITECTURE


def test_every_package_is_a_room_that_the_law_names() -> None:
    app = ROOT / "app"
    packages = {path.parent.relative_to(app).as_posix().replace("/", ".") for path in app.glob("*/__init__.py")}
    packages |= {f"assessment.{path.parent.name}" for path in app.glob("assessment/*/__init__.py")}

    assert packages - {"assessment"} <= named_rooms()


def test_rooms_call_down_in_the_order_of_the_architecture() -> None:
    order = ["cli", "performance", "assessment.titles", "courses", "bases", "cases", "items", "desk", "web", "core"]
    layers = [layer.strip("()").removeprefix("app.") for layer in CONTRACTS["rooms"]["layers"]]

    assert [layer for layer in layers if layer in order] == order
