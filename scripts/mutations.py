"""Small changes of a module's meaning that a good test notices."""

import ast
import copy
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.places import ROOT
from scripts.sources import text_of, tree_of

ARGUED = "# mutant: "
CHAPTERS = {"access", "rules", "scope", "scopes", "states"}
ACTOR = re.compile(r"\bActor\b")
SCOPE = re.compile(r"(Select|ColumnElement)\[")
KEPT = {("frozen", "True"), ("strict", "True")}
PAIR = 2
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.FloorDiv,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
}


@dataclass(frozen=True)
class Mutant:
    """One changed place of one module: the number of its node, the line, what it said and what it says now."""

    path: Path
    line: int
    number: int
    change: ast.AST

    @property
    def before(self) -> str:
        """What the place said."""
        return _short(list(ast.walk(tree_of(self.path)))[self.number])

    @property
    def after(self) -> str:
        """What it says now."""
        return _short(self.change)

    @property
    def source(self) -> str:
        """The whole changed source; made only when asked for, because few of many mutants are tried."""
        tree = copy.deepcopy(tree_of(self.path))
        _replace(tree, list(ast.walk(tree))[self.number], self.change)
        return ast.unparse(ast.fix_missing_locations(tree))


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every mutant of a module's rules, states and access, in any other module of its row scopes alone.

    A line with the comment `# mutant: why` is argued to have none that matters.
    """
    argued = set(_argued(path))
    return (mutant for mutant in _every_mutant(path) if mutant.line not in argued)


def idle_arguments(path: Path) -> list[int]:
    """The lines whose argument keeps no mutant away: what it spoke of is no longer there, or was never changed."""
    argued = _argued(path)
    changed = {mutant.line for mutant in _every_mutant(path)} if argued else set()
    return [line for line in argued if line not in changed]


def _argued(path: Path) -> list[int]:
    return [number for number, line in enumerate(text_of(path).splitlines(), start=1) if ARGUED in line]


def _every_mutant(path: Path) -> Iterator[Mutant]:
    original = tree_of(path)
    skipped = _skipped(original)
    places = None if decides(path) else scopes_in(original)
    for number, node in enumerate(ast.walk(original) if places is None or places else ()):
        line = getattr(node, "lineno", 0)
        if id(node) in skipped or not line:
            continue
        if places is not None and not any(line in place for place in places):
            continue
        for change in _changes(node):
            yield Mutant(path, line, number, change)


def decides(path: Path) -> bool:
    """Whether a whole file is rules, states, access or row scopes: by a folder's name or the last word of its own."""
    folders = path.relative_to(ROOT).parts if path.is_relative_to(ROOT) else ()
    return bool(CHAPTERS & {*folders, path.stem.rpartition("_")[2]})


def scopes_in(tree: ast.Module) -> list[range]:
    """The lines of the functions that say which rows a person may reach.

    They are known by their types, so that nobody has to list them: they take an `Actor` and return a query or a
    condition. One that reads a row at once is known by its name, which ends in `_in_scope`.
    """
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [range(one.lineno, (one.end_lineno or one.lineno) + 1) for one in functions if _is_scope(one)]


def _is_scope(function: ast.FunctionDef) -> bool:
    asked = [one.annotation for one in ast.walk(function.args) if isinstance(one, ast.arg)]
    given = ast.unparse(function.returns) if function.returns else ""
    for_somebody = any(ACTOR.search(ast.unparse(one)) for one in asked if one)
    return for_somebody and (bool(SCOPE.match(given)) or function.name.endswith("_in_scope"))


def _skipped(tree: ast.Module) -> set[int]:
    """What tests need not notice: no answer of the program hangs on it, whatever its value.

    Annotations; what `@dataclass`, `frozen` and `@lru_cache` are told, which is how a class is kept and how much is
    remembered; the sentences given to gettext; `strict=True` of a zip, a claim about lengths that fails aloud where it
    is false.
    """
    found: set[int] = set()
    for node in ast.walk(tree):
        inside: list[ast.AST | None] = []
        if isinstance(node, ast.FunctionDef):
            inside = [node.returns, *(one.annotation for one in ast.walk(node.args) if isinstance(one, ast.arg))]
            inside += [one for one in node.decorator_list if "lru_cache(" in ast.unparse(one)]
        elif isinstance(node, ast.ClassDef):
            inside = [*node.decorator_list]
        elif isinstance(node, ast.AnnAssign):
            inside = [node.annotation]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "_l", "_n"}:
            inside = [*node.args]
        elif isinstance(node, ast.keyword) and (node.arg, ast.unparse(node.value)) in KEPT:
            inside = [node.value]
        found.update(id(one) for part in inside if part is not None for one in ast.walk(part))
    return found


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """The changes of one node that alter what it means."""
    for kind, change in CHANGES.items():
        if isinstance(node, kind):
            changed = change(node)
            if changed is not None:
                yield changed


def _compare(node: ast.Compare) -> ast.AST | None:
    other = COMPARISONS.get(type(node.ops[0]))
    return ast.Compare(node.left, [other(), *node.ops[1:]], node.comparators) if other else None


def _connect(node: ast.BoolOp) -> ast.AST:
    return ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _affirm(node: ast.UnaryOp) -> ast.AST | None:
    return node.operand if isinstance(node.op, ast.Not) else None


def _calculate(node: ast.BinOp) -> ast.AST | None:
    other = ARITHMETIC.get(type(node.op))
    text = any(isinstance(side, ast.Constant) and isinstance(side.value, str) for side in (node.left, node.right))
    return ast.BinOp(node.left, other(), node.right) if other and not text else None


def _count(node: ast.Constant) -> ast.AST | None:
    if isinstance(node.value, bool):
        return ast.Constant(not node.value)
    return ast.Constant(node.value + 1) if isinstance(node.value, int) else None


def _shorten_set(node: ast.Set) -> ast.AST | None:
    return ast.Set(node.elts[:-1]) if len(node.elts) > 1 else None


def _shorten_tuple(node: ast.Tuple) -> ast.AST | None:
    """Drop the last element; a pair is left alone, because it is mostly unpacked."""
    return ast.Tuple(node.elts[:-1], ast.Load()) if isinstance(node.ctx, ast.Load) and len(node.elts) > PAIR else None


def _widen(node: ast.Call) -> ast.AST | None:
    """Take any of the conditions for all and all for any, and a query without the condition it was given."""
    match node.func:
        case ast.Name(id="or_" | "and_" as name) if len(node.args) > 1:
            return ast.Call(ast.Name("and_" if name == "or_" else "or_", ast.Load()), node.args, node.keywords)
        case ast.Attribute(value=query, attr="where") if not (isinstance(query, ast.Name) and query.id == "np"):
            return query
    return None


CHANGES: dict[type[ast.AST], Callable[[Any], ast.AST | None]] = {
    ast.Compare: _compare,
    ast.BoolOp: _connect,
    ast.UnaryOp: _affirm,
    ast.BinOp: _calculate,
    ast.Raise: lambda _node: ast.Pass(),
    ast.Constant: _count,
    ast.Set: _shorten_set,
    ast.Tuple: _shorten_tuple,
    ast.Call: _widen,
}


def _replace(tree: ast.Module, old: ast.AST, new: ast.AST) -> None:
    """Put a node in the place of another."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is old:
                setattr(parent, name, new)
                return
            if isinstance(value, list) and any(one is old for one in value):
                value[[one is old for one in value].index(True)] = new
                return


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:80]
