"""Criteria as a typed tree that stands in a pack as data; never an expression language."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.errors import Text
from app.core.text import _l
from app.rulebook.facts import NUMBERS, Catalogue, FactType, kind_of, read_value

MOST_DEEP = 8
MOST_NODES = 200
Amount = Annotated[Decimal, Field(ge=0, le=Decimal(10) ** 12, decimal_places=2)]


class Comparison(StrEnum):
    """How a number is compared with its limit."""

    AT_LEAST = "at_least"
    MORE_THAN = "more_than"
    AT_MOST = "at_most"
    LESS_THAN = "less_than"
    EQUALS = "equals"


class _Named(BaseModel):
    """What every node may carry: a name in both languages; an optional one is shown and decides nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name_zh: str = Field(default="", max_length=200)
    name_en: str = Field(default="", max_length=200)
    optional: bool = False

    @model_validator(mode="after")
    def _both_names(self) -> "_Named":
        if bool(self.name_zh) != bool(self.name_en):
            raise ValueError(_l("needs its name in both languages, or in neither"))
        return self


class AllOf(_Named):
    """Every condition holds."""

    node: Literal["all"] = "all"
    of: "tuple[Node, ...]" = Field(min_length=1)


class AnyOf(_Named):
    """One of the conditions holds."""

    node: Literal["any"] = "any"
    of: "tuple[Node, ...]" = Field(min_length=1)


class AtLeast(_Named):
    """At least `n` of the conditions hold."""

    node: Literal["at_least"] = "at_least"
    n: int = Field(ge=1, le=100)
    of: "tuple[Node, ...]" = Field(min_length=1)


class NoneOf(_Named):
    """None of the conditions holds; what is unknown might hold, so it does not count."""

    node: Literal["none"] = "none"
    of: "tuple[Node, ...]" = Field(min_length=1)


class Exclusion(_Named):
    """Whom one of these conditions fits is barred, whatever else is met anywhere in the tree."""

    node: Literal["exclusion"] = "exclusion"
    of: "tuple[Node, ...]" = Field(min_length=1)


class Number(_Named):
    """A number, count or amount in yuan against a limit; `near` is how far off still counts as near."""

    node: Literal["number"] = "number"
    fact: str
    op: Comparison = Comparison.AT_LEAST
    value: Decimal = Field(ge=-(Decimal(10) ** 12), le=Decimal(10) ** 12, decimal_places=2)
    near: Amount | None = None


class Day(_Named):
    """A day before or after another."""

    node: Literal["day"] = "day"
    fact: str
    op: Literal["not_before", "not_after"] = "not_before"
    value: date


class Choice(_Named):
    """A word of a closed list."""

    node: Literal["choice"] = "choice"
    fact: str
    one_of: tuple[str, ...] = Field(min_length=1)


class Flag(_Named):
    """Something that is so, or is not so."""

    node: Literal["flag"] = "flag"
    fact: str
    value: bool = True


class Years(_Named):
    """So many full years since a day; `near_months` is how much may be missing and still be near."""

    node: Literal["years"] = "years"
    fact: str
    at_least: int = Field(ge=0, le=80)
    near_months: int | None = Field(default=None, ge=0, le=120)


class Row(BaseModel):
    """A row of a points table: points for a condition, or points for each unit of a fact up to `most`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    points: Amount
    when: "Node | None" = None
    each: str = ""
    most: Amount | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Row":
        if (self.when is None) == (not self.each):
            raise ValueError(_l("gives points either when a condition holds or for each unit of a fact"))
        if self.most is not None and not self.each:
            raise ValueError(_l("sets a most for points of each unit only"))
        return self


class Points(_Named):
    """A points table whose sum reaches a limit."""

    node: Literal["points"] = "points"
    at_least: Amount
    near: Amount | None = None
    rows: tuple[Row, ...] = Field(min_length=1)


Group: TypeAlias = AllOf | AnyOf | AtLeast | NoneOf | Exclusion
Leaf: TypeAlias = Number | Day | Choice | Flag | Years
Node = Annotated[
    AllOf | AnyOf | AtLeast | NoneOf | Exclusion | Number | Day | Choice | Flag | Years | Points,
    Field(discriminator="node"),
]
for _model in (AllOf, AnyOf, AtLeast, NoneOf, Exclusion, Row, Points):
    _model.model_rebuild()

GROUPS = (AllOf, AnyOf, AtLeast, NoneOf, Exclusion)
TYPES_OF: dict[type[BaseModel], frozenset[FactType]] = {
    Number: NUMBERS,
    Day: frozenset({FactType.DATE}),
    Choice: frozenset({FactType.CHOICE, FactType.TEXT}),
    Flag: frozenset({FactType.FLAG}),
    Years: frozenset({FactType.DATE}),
}


def children(node: Node) -> tuple[Node, ...]:
    """Return the conditions right below a node."""
    if isinstance(node, GROUPS):
        return node.of
    if isinstance(node, Points):
        return tuple(row.when for row in node.rows if row.when is not None)
    return ()


Path: TypeAlias = tuple[str | int, ...]
"""Where a node stands in its tree as written: ("of", 0, "rows", 2, "when")."""


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield every node with its place in the tree."""
    yield path, node
    if isinstance(node, GROUPS):
        for place, child in enumerate(node.of):
            yield from walk(child, (*path, "of", place))
    elif isinstance(node, Points):
        for place, row in enumerate(node.rows):
            if row.when is not None:
                yield from walk(row.when, (*path, "rows", place, "when"))


def facts_named(node: Node) -> frozenset[str]:
    """Return the full names of the facts that a tree asks for."""
    names = set()
    for _path, one in walk(node):
        if isinstance(one, Points):
            names |= {row.each for row in one.rows if row.each}
        elif not isinstance(one, GROUPS):
            names.add(one.fact)
    return frozenset(names)


def check_tree(tree: Node, catalogue: Catalogue) -> None:
    """Check a tree against the catalogue; raises ValueError naming the place and what is wrong there."""
    for path, reason in faults(tree, catalogue):
        raise ValueError(_l("condition %(place)s: %(reason)s", place=place_of(path), reason=reason))


def faults(tree: Node, catalogue: Catalogue) -> Iterator[tuple[Path, Text]]:
    """Yield what is wrong with a tree, each with the place of the condition."""
    nodes = list(walk(tree))
    if len(nodes) > MOST_NODES or max(depth_of(path) for path, _node in nodes) >= MOST_DEEP:
        most = {"nodes": MOST_NODES, "deep": MOST_DEEP}
        yield (), _l("has more than %(nodes)s conditions or %(deep)s levels; divide it", **most)
        return
    for path, node in nodes:
        try:
            _check_shape(node, root=not path)
            _check_facts(node, catalogue)
        except ValueError as error:
            yield path, error.args[0]


def depth_of(path: Path) -> int:
    """Return how many conditions stand above a place."""
    return sum(isinstance(step, int) for step in path)


def place_of(path: Path) -> str:
    """Return the place of a condition as people count it: 1.2 is the second below the first, 0 the root."""
    return ".".join(str(step + 1) for step in path if isinstance(step, int)) or "0"


def _check_shape(node: Node, *, root: bool) -> None:
    counted = [child for child in children(node) if not child.optional]
    if isinstance(node, AnyOf | AtLeast):
        counted = [child for child in counted if not isinstance(child, Exclusion)]
    if isinstance(node, GROUPS) and not counted:
        raise ValueError(_l("needs a condition that counts, neither optional nor an exclusion"))
    if isinstance(node, AtLeast) and node.n > len(counted):
        raise ValueError(_l("asks for %(n)s conditions and lists %(count)s", n=node.n, count=len(counted)))
    if node.optional and (root or isinstance(node, Exclusion)):
        raise ValueError(_l("cannot be optional"))
    if isinstance(node, NoneOf | Exclusion | Points) and any(
        isinstance(one, Exclusion) for child in children(node) for _path, one in walk(child)
    ):
        raise ValueError(_l("cannot hold an exclusion; put it beside"))


def _check_facts(node: Node, catalogue: Catalogue) -> None:
    if isinstance(node, Points):
        for row in node.rows:
            if row.each:
                _check_type(row.each, NUMBERS, catalogue)
    elif not isinstance(node, GROUPS):
        _check_type(node.fact, TYPES_OF[type(node)], catalogue)
        if isinstance(node, Choice):
            kind = kind_of(node.fact, catalogue)
            for word in node.one_of:
                read_value(kind, word)


def _check_type(name: str, types: frozenset[FactType], catalogue: Catalogue) -> None:
    kind = kind_of(name, catalogue)
    if kind.type not in types:
        raise ValueError(_l("the fact “%(name)s” cannot be compared in this way", name=name))
