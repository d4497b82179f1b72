"""Size budgets and the shapes of code that no other tool refuses."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from scripts.places import ROOT
from scripts.sources import Finding, project_files, report, text_of, tree_of

FILE_LINES = 400
FUNCTION_LINES = 50
PACKAGES = ("app", "bench", "scripts", "tests")
KINDS = (".py", ".html", ".js", ".mjs", ".css")
VAGUE = re.compile(r"(^|_)(utils?|common|helpers?|managers?)(_|$)")
MANAGED = re.compile(r"technology_managers?")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
COMMITTER = ROOT / "app" / "core" / "db.py"


def main() -> None:
    """Report every file and function over its budget, every hidden import, vague name and stray commit."""
    report(_all_findings())


def _all_findings() -> Iterator[Finding]:
    for path in (path for kind in KINDS for path in project_files(kind, *PACKAGES)):
        lines = code_lines(text_of(path))
        if lines > FILE_LINES:
            yield Finding(path, 0, f"{lines} lines of code, at most {FILE_LINES}: make it a folder of the same name")
    for path in project_files(".py", *PACKAGES):
        tree = tree_of(path)
        yield from long_functions(path, tree)
        yield from hidden_imports(path, tree)
        yield from vague_names(path, tree)
    for path in project_files(".py", "app"):
        if path != COMMITTER:
            yield from commits(path, tree_of(path))


def code_lines(text: str) -> int:
    """Lines that are neither blank nor only a comment."""
    return sum(1 for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "//")))


def long_functions(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Functions over the budget, docstring included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield Finding(path, node.lineno, f"{node.name} has {lines} lines, at most {FUNCTION_LINES}")


def hidden_imports(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Imports of our own packages inside functions: they hide a dependency from the laws."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            for line, name in _imported(node):
                if name.partition(".")[0] in PACKAGES:
                    yield Finding(path, line, f"{name} is imported inside {function.name}")


def _imported(node: ast.AST) -> list[tuple[int, str]]:
    if isinstance(node, ast.Import):
        return [(node.lineno, alias.name) for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        return [(node.lineno, "app" if node.level else node.module or "")]
    return []


def vague_names(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Names that do not say what they hold; a technology manager is a person, and a test's name is a sentence."""
    named: list[tuple[int, str]] = [(0, path.stem), (0, path.parent.name)]
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    named += [(node.lineno, node.name) for node in ast.walk(tree) if isinstance(node, definitions)]
    named = [(line, name) for line, name in named if not name.startswith("test_")]
    for line, name in named:
        words = MANAGED.sub("", CAMEL.sub("_", name).lower())
        if VAGUE.search(words):
            yield Finding(path, line, f"the name {name} does not say what it holds")


def commits(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Calls of commit outside core/db.py, which alone ends a transaction."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
            yield Finding(path, node.lineno, "only app/core/db.py commits; use unit_of_work()")


if __name__ == "__main__":
    main()
