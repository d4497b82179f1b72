"""The files that the static checks read, and findings in them."""

import ast
import functools
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from scripts.places import ROOT


@dataclass(frozen=True, order=True)
class Finding:
    """One broken rule at one place; line 0 stands for the whole file."""

    path: Path
    line: int
    rule: str

    def __str__(self) -> str:
        """Write it as compilers do, so that editors can jump there."""
        return f"{self.path.relative_to(ROOT)}:{self.line}: {self.rule}"


@functools.cache
def project_files(suffix: str, *folders: str) -> tuple[Path, ...]:
    """Files of one kind that git keeps or would keep, below the folders given or anywhere."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return tuple(sorted(ROOT / name for name in set(names) if name.endswith(suffix) and (ROOT / name).is_file()))


@functools.cache
def text_of(path: Path) -> str:
    """The text of a file."""
    return path.read_text(encoding="utf-8")


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(text_of(path), filename=str(path))


def room_of(path: Path) -> Path | None:
    """The folder of the room that a file of app/ lies in, for example app/assessment/exams."""
    app = ROOT / "app"
    for folder in path.parents:
        if (folder / "__init__.py").is_file() and folder.parent in {app, app / "assessment"}:
            return folder if folder.name != "assessment" else None
    return None


def report(findings: Iterable[Finding]) -> None:
    """Print all findings and exit with 1 when there are any."""
    found = sorted(set(findings))
    for finding in found:
        print(finding)
    sys.exit(1 if found else 0)
