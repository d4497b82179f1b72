"""Generated criteria and facts for property tests, and a catalogue they may name."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.rulebook.facts import Catalogued, Fact, FactKind, FactType, Value
from app.rulebook.rules.criteria import Node

ON = date(2026, 6, 1)
NUMBERS = ("work.services", "work.amount", "work.papers")
DAYS = ("work.since", "work.degree_on")
FLAGS = ("work.passed", "work.retired")
CHOICES = ("work.degree",)
WORDS = ("bachelor", "master", "doctor")
TYPES = {
    **dict.fromkeys(NUMBERS, FactType.DECIMAL),
    "work.services": FactType.COUNT,
    "work.amount": FactType.MONEY,
    **dict.fromkeys(DAYS, FactType.DATE),
    **dict.fromkeys(FLAGS, FactType.FLAG),
    **dict.fromkeys(CHOICES, FactType.CHOICE),
}
CATALOGUE = {
    name: Catalogued(
        FactKind(name, name, kind, "counted", choices=dict.fromkeys(WORDS, "") if name in CHOICES else {}),
        "work",
        "person",
        given=True,
    )
    for name, kind in TYPES.items()
}
READ: TypeAdapter[Any] = TypeAdapter(Node)
NUMBER = st.integers(0, 20).map(Decimal)
DAY = st.integers(0, 4000).map(lambda days: ON - timedelta(days=days))

values: dict[str, st.SearchStrategy[Value]] = {
    **dict.fromkeys(NUMBERS, NUMBER),
    **dict.fromkeys(DAYS, DAY),
    **dict.fromkeys(FLAGS, st.booleans()),
    **dict.fromkeys(CHOICES, st.sampled_from(WORDS)),
}
facts = st.fixed_dictionaries({}, optional={name: one.map(Fact) for name, one in values.items()})


def numbers(ops: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(
        {
            "node": st.just("number"),
            "fact": st.sampled_from(NUMBERS),
            "op": st.sampled_from(ops),
            "value": NUMBER,
            "near": st.none() | st.integers(0, 5),
        }
    )


def leaves(ops: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    return st.one_of(
        numbers(ops),
        st.fixed_dictionaries(
            {
                "node": st.just("years"),
                "fact": st.sampled_from(DAYS),
                "at_least": st.integers(0, 10),
                "near_months": st.none() | st.integers(0, 12),
            }
        ),
        st.fixed_dictionaries(
            {
                "node": st.just("day"),
                "fact": st.sampled_from(DAYS),
                "op": st.sampled_from(("not_before", "not_after")),
                "value": DAY,
            }
        ),
        st.fixed_dictionaries(
            {
                "node": st.just("choice"),
                "fact": st.sampled_from(CHOICES),
                "one_of": st.lists(st.sampled_from(WORDS), min_size=1, max_size=2, unique=True),
            }
        ),
        st.fixed_dictionaries({"node": st.just("flag"), "fact": st.sampled_from(FLAGS), "value": st.booleans()}),
    )


def _inner(below: st.SearchStrategy[dict[str, Any]], *, negative: bool) -> st.SearchStrategy[dict[str, Any]]:
    of = st.lists(below, min_size=1, max_size=4)
    row = st.fixed_dictionaries({"points": st.integers(0, 5), "when": below}) | st.fixed_dictionaries(
        {"points": st.integers(0, 5), "each": st.sampled_from(NUMBERS), "most": st.none() | st.integers(0, 9)}
    )
    kinds = ["all", "any"] + (["none"] if negative else [])
    groups = [st.fixed_dictionaries({"node": st.just(kind), "of": of}) for kind in kinds]
    some = of.flatmap(
        lambda found: st.fixed_dictionaries(
            {"node": st.just("at_least"), "n": st.integers(1, len(found)), "of": st.just(found)}
        )
    )
    points = st.fixed_dictionaries(
        {
            "node": st.just("points"),
            "at_least": st.integers(0, 12),
            "near": st.none() | st.integers(0, 3),
            "rows": st.lists(row, min_size=1, max_size=3),
        }
    )
    return st.one_of(*groups, some, points)


MORE = ("at_least", "more_than")
ANY = (*MORE, "at_most", "less_than", "equals")


def trees(*, negative: bool, ops: tuple[str, ...] = ANY) -> st.SearchStrategy[Any]:
    """Generate trees; `negative` ones hold `none`, and exclusions beside the rest."""
    plain = st.recursive(leaves(ops), lambda below: _inner(below, negative=negative), max_leaves=8)
    if not negative:
        return plain.map(READ.validate_python)
    barred = st.lists(leaves(ops), min_size=1, max_size=2).map(lambda of: {"node": "exclusion", "of": of})
    both = st.tuples(plain, barred).map(lambda pair: {"node": "all", "of": list(pair)})
    return (plain | both).map(READ.validate_python)
