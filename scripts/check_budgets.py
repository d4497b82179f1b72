"""Size budgets and the shapes of code that no other tool refuses."""

import ast
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from scripts.places import ROOT, say
from scripts.sources import Finding, project_files, report, text_of

FILE_LINES = 400
FUNCTION_LINES = 50
TYPICAL = {"file": (0.5, 90), "function": (0.95, 30), "view": (0.95, 20)}
"""Of the product: so great a share has at most so many lines."""
PATCHED = 0.10
"""The greatest share of tests that replace parts of the product instead of using it."""
PACKAGES = ("app", "bench", "scripts", "tests")
KINDS = (".py", ".html", ".js", ".mjs", ".css")
VAGUE = re.compile(r"(^|_)(utils?|common|helpers?|managers?)(_|$)")
MANAGED = re.compile(r"technology_managers?")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
APP, TESTS = ROOT / "app", ROOT / "tests"
TESTS_TO_CODE = 0.59
"""The least lines of tests to one line of the product (docs/decisions/0059)."""
COMMITTER = APP / "core" / "db.py"
BLOCKS = ("body", "orelse", "handlers", "finalbody", "cases")
Function = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> None:
    """Report every file, function, view and test over its budget, hidden imports, vague names and stray commits."""
    report(_all_findings())


def _all_findings() -> Iterator[Finding]:
    sizes: dict[str, list[int]] = {"file": [], "function": [], "view": []}
    patched: list[bool] = []
    python = {APP: 0, TESTS: 0}
    for path in (path for kind in KINDS for path in project_files(kind, *PACKAGES)):
        text = text_of(path)
        lines = code_lines(text)
        if lines > FILE_LINES:
            yield Finding(path, 0, f"{lines} lines of code, at most {FILE_LINES}: make it a folder of the same name")
        if path.suffix != ".py":
            continue
        # Not kept: a thousand trees in memory cost more time than they save
        tree = ast.parse(text, filename=str(path))
        yield from of_tree(path, tree)
        for folder in python:
            python[folder] += lines if path.is_relative_to(folder) else 0
        if path.is_relative_to(APP):
            sizes["file"] += [lines] if lines else []
            sizes["function"] += [length(one) for one in functions(tree)]
            sizes["view"] += [length(one) for one in functions(tree) if is_view(one)]
            yield from commits(path, tree) if "commit" in text and path != COMMITTER else ()
        elif path.is_relative_to(TESTS):
            patched += patching(tree)
    yield from typical(sizes)
    yield from few_patches(patched)
    yield from enough_tests(code=python[APP], tests=python[TESTS])


def of_tree(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """What is asked of every Python file."""
    yield from long_functions(path, tree)
    yield from hidden_imports(path, tree)
    yield from vague_names(path, tree)


def typical(sizes: Mapping[str, list[int]]) -> Iterator[Finding]:
    """What most files, functions and views of the product are long, over the budget of its kind."""
    for kind, (share, most) in TYPICAL.items():
        ranked = sorted(sizes[kind])
        found = ranked[math.ceil(share * len(ranked)) - 1] if ranked else 0
        if found > most:
            rule = f"{share:.0%} of every {kind} has at most {found} lines, and {most} are allowed"
            yield Finding(APP, 0, rule)


def few_patches(patched: list[bool]) -> Iterator[Finding]:
    """Tests that replace parts of the product, over their share of all tests."""
    share = sum(patched) / max(1, len(patched))
    if share > PATCHED:
        yield Finding(TESTS, 0, f"{share:.1%} of the tests use monkeypatch, at most {PATCHED:.0%}")


def enough_tests(*, code: int, tests: int) -> Iterator[Finding]:
    """Lines of tests to lines of the product, both Python, where they have fallen below the least."""
    ratio = tests / max(1, code)
    say(f"{tests} lines of tests to {code} of the product: {ratio:.3f}, at least {TESTS_TO_CODE}")
    if ratio < TESTS_TO_CODE:
        yield Finding(TESTS, 0, f"{ratio:.3f} lines of tests to one of the product, at least {TESTS_TO_CODE}")


def patching(tree: ast.Module) -> list[bool]:
    """Whether each test of a file uses monkeypatch, itself or by a fixture of the same file."""
    asked = {one.name: _asked(one) for one in functions(tree)}
    reached = {"monkeypatch"}
    while more := {name for name, names in asked.items() if names & reached} - reached:
        reached |= more
    always = any(one.name in reached and "autouse=True" in _decorators(one) for one in functions(tree))
    return [always or name in reached for name in asked if name.startswith("test_")]


def _asked(function: Function) -> set[str]:
    """The fixtures that a test or fixture asks for, by argument or by mark."""
    names = {one.arg for one in (*function.args.args, *function.args.kwonlyargs)}
    return names | set(re.findall(r"'(\w+)'", _decorators(function)) if "usefixtures" in _decorators(function) else ())


def _decorators(function: Function) -> str:
    return " ".join(ast.unparse(one) for one in function.decorator_list)


def is_view(function: Function) -> bool:
    """Whether a function answers requests: its blueprint's `get`, `post` or `route` decorates it."""
    called = [one.func for one in function.decorator_list if isinstance(one, ast.Call)]
    return any(isinstance(one, ast.Attribute) and one.attr in {"get", "post", "route"} for one in called)


def statements(tree: ast.AST) -> Iterator[ast.stmt]:
    """Every statement below a node; expressions, which are most of a tree, are not looked into."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        for name in BLOCKS:
            waiting += getattr(node, name, ())
        if isinstance(node, ast.stmt) and node is not tree:
            yield node


def functions(tree: ast.AST) -> list[Function]:
    """Every function below a node, as they stand."""
    found = [node for node in statements(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return sorted(found, key=lambda one: one.lineno)


def length(function: Function) -> int:
    """Lines of a function, docstring included and decorators not."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def code_lines(text: str) -> int:
    """Lines that are neither blank nor only a comment."""
    return sum(1 for line in text.splitlines() if line.strip() and not line.lstrip().startswith(("#", "//")))


def long_functions(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Functions over the budget, docstring included."""
    for node in functions(tree):
        if length(node) > FUNCTION_LINES:
            yield Finding(path, node.lineno, f"{node.name} has {length(node)} lines, at most {FUNCTION_LINES}")


def hidden_imports(path: Path, tree: ast.Module) -> Iterator[Finding]:
    """Imports of our own packages inside functions: they hide a dependency from the laws."""
    for function in functions(tree):
        for node in statements(function):
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
    named += [(node.lineno, node.name) for node in statements(tree) if isinstance(node, definitions)]
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
