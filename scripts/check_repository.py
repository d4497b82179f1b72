"""Locks that agree with what we ask for, migrations in one line, no registry named, no program or archive kept."""

import ast
import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.places import REQUIREMENTS, ROOT
from scripts.sources import Finding, project_files, report, text_of, tree_of

PYPROJECT = ROOT / "pyproject.toml"
NPM_LOCK = ROOT / "package-lock.json"
MIGRATIONS = ROOT / "migrations" / "versions"
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", re.MULTILINE)
NUMBERED = re.compile(r"(\d{4})_[a-z0-9_]+\.py")
# Written in pieces, so that this file does not name them
REGISTRIES = re.compile("|".join((r"pypi\." + "org", r"python" + r"hosted\.org", r"npm" + r"js\.(?:org|com)")))
# What is no text and yet belongs here: item banks and rosters as spreadsheets, and the pictures of the README
NO_TEXT = (("content/items", ".xlsx"), ("content/rosters", ".xlsx"), ("docs/pictures", ".png"))
LARGEST = 400_000
"""Bytes: the longest lock has 300,000 and the largest picture 70,000."""
LISTS = {"runtime.txt": None, "dev.txt": "dev", "node.txt": "node"}


def main() -> None:
    """Report locks out of date, branching migrations, named registries and files that do not belong here."""
    report([*stale_locks(), *branching_migrations(), *named_registries(), *strange_files(project_files(""))])


def stale_locks() -> Iterator[Finding]:
    """Packages that pyproject.toml asks for and a lock misses, and npm locks of another package.json."""
    asked = tomllib.loads(text_of(PYPROJECT))
    for name, group in LISTS.items():
        lock = REQUIREMENTS / name
        wanted = asked["project"]["dependencies"] if group is None else asked["dependency-groups"][group]
        locked = {_normal(found) for found in LOCKED.findall(text_of(lock))}
        for requirement in wanted:
            if _normal(re.split(r"[\[<>=~!; ]", requirement)[0]) not in locked:
                yield Finding(lock, 0, f"does not lock {requirement}: run `make lock`")
    package, npm = json.loads(text_of(ROOT / "package.json")), json.loads(text_of(NPM_LOCK))
    for kind in ("dependencies", "devDependencies"):
        if package.get(kind) != npm["packages"][""].get(kind):
            yield Finding(NPM_LOCK, 0, f"other {kind} than package.json: run `npm install`")


def branching_migrations() -> Iterator[Finding]:
    """Migrations whose number does not follow the one they revise: two people took the same place."""
    before: Path | None = None
    for path in sorted(MIGRATIONS.glob("*.py")):
        named = NUMBERED.fullmatch(path.name)
        number = f"{int(before.name[:4]) + 1:04}" if before else "0001"
        values = _constants(tree_of(path))
        if named is None or named.group(1) != number or values.get("revision") != number:
            yield Finding(path, 0, f"file name and revision must be {number}")
        if values.get("down_revision") != (before.name[:4] if before else None):
            yield Finding(path, 0, f"must revise {before.name if before else 'nothing'}")
        before = path


def named_registries() -> Iterator[Finding]:
    """Any text of the project that names a package registry: mirrors are the machine's own setting."""
    for path in project_files(""):
        try:
            text = text_of(path)
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if REGISTRIES.search(line):
                yield Finding(path, number, "names a package registry")


def strange_files(paths: Iterable[Path], root: Path = ROOT) -> Iterator[Finding]:
    """Files that are no text, except spreadsheets of content and pictures, and files of more than `LARGEST` bytes."""
    for path in paths:
        content = path.read_bytes()
        place = (path.parent.relative_to(root).as_posix(), path.suffix)
        if len(content) > LARGEST:
            yield Finding(path, 0, f"has {len(content)} bytes, at most {LARGEST}")
        if place not in NO_TEXT and not _is_text(content):
            yield Finding(path, 0, "is no text: programs, packages and archives are fetched or built, never kept")


def _is_text(content: bytes) -> bool:
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _constants(tree: ast.Module) -> dict[str, object]:
    """The module's own constants, whether annotated or not."""
    found: dict[str, object] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node.value.value for target in targets if isinstance(target, ast.Name)}
    return found


if __name__ == "__main__":
    main()
