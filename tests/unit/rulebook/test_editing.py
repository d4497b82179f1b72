"""A pack as people type it: lines added, moved and removed, nothing lost, and written back as the same file."""

import tomllib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from app.assessment.certification.rules import AwardLevel, AwardParams
from app.core.errors import InvalidError
from app.courses.rules.syllabus import Syllabus
from app.rulebook.rules.conditions import Conditions
from app.rulebook.rules.criteria import Node
from app.rulebook.rules.editing import (
    act,
    at,
    blank_at,
    fill,
    normal,
    raw_node,
    raw_of,
    steps_of,
    typed_node,
    typed_of,
)
from app.rulebook.rules.fields import Shape, fields_of
from app.rulebook.rules.packs import Case, PackFile, Source
from app.rulebook.rules.writing import plain, to_toml
from app.rulebook.verdicts import Outcome
from tests.unit.rulebook.trees import READ, trees

A, B, C = ({"node": "flag", "fact": name, "value": "true"} for name in ("a.a", "b.b", "c.c"))
GROUP = {"node": "any", "of": [A, B]}


def pack(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"params": {"tree": {"node": "all", "of": list(lines)}}, "cases": [{"name_zh": "甲"}, {"name_zh": "乙"}]}


def facts(typed: dict[str, Any]) -> list[Any]:
    def named(node: dict[str, Any]) -> Any:  # noqa: ANN401 - a name or a list of names
        return [named(one) for one in node["of"]] if "of" in node else node["fact"]

    return [named(one) for one in typed["params"]["tree"]["of"]]


@pytest.mark.parametrize(
    ("name", "path", "after", "opened"),
    [
        ("up", "params.tree.of.1", [["a.a", "b.b"], "c.c"], "params.tree.of.0"),
        ("up", "params.tree.of.0", ["c.c", ["a.a", "b.b"]], "params.tree.of.0"),
        ("down", "params.tree.of.0", [["a.a", "b.b"], "c.c"], "params.tree.of.1"),
        ("down", "params.tree.of.1", ["c.c", ["a.a", "b.b"]], "params.tree.of.1"),
        ("remove", "params.tree.of.1.of.0", ["c.c", ["b.b"]], ""),
        ("out", "params.tree.of.1.of.0", ["c.c", ["b.b"], "a.a"], "params.tree.of.2"),
        ("change", "params.tree.of.0", ["c.c", ["a.a", "b.b"]], "params.tree.of.0"),
        ("close", "params.tree.of.0", ["c.c", ["a.a", "b.b"]], ""),
        ("add", "params.tree.of.1.of", ["c.c", ["a.a", "b.b", ""]], "params.tree.of.1.of.2"),
    ],
)
def test_a_line_is_moved_changed_added_and_removed(name: str, path: str, after: list[Any], opened: str) -> None:
    before = pack(C, GROUP)

    edited = act(before, name, path)

    assert facts(edited.typed) == after
    assert edited.open == opened
    assert facts(before) == ["c.c", ["a.a", "b.b"]], "what was typed before is not touched"


def test_a_line_moves_into_the_group_before_it() -> None:
    edited = act(pack(GROUP, C), "in", "params.tree.of.1")

    assert facts(edited.typed) == [["a.a", "b.b", "c.c"]]
    assert edited.open == "params.tree.of.0.of.2"


def test_a_line_goes_down_by_one_place() -> None:
    moved = act(pack(C, GROUP, C), "down", "params.tree.of.0")

    assert facts(moved.typed) == [["a.a", "b.b"], "c.c", "c.c"]
    assert moved.open == "params.tree.of.1"


def test_entries_of_a_list_move_too() -> None:
    assert [one["name_zh"] for one in act(pack(), "up", "cases.1").typed["cases"]] == ["乙", "甲"]
    added = act(pack(), "add", "cases", blank_at("cases", {"cases": Case}))
    assert added.typed["cases"][2]["name_zh"] == ""
    assert added.open == ""


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("remove", "params.tree"),
        ("remove", "params.tree.of.9"),
        ("up", "params.nothing.0"),
        ("explode", "params.tree.of.0"),
        ("add", "params.tree"),
        ("add", "nothing.at.all"),
        ("out", "params.tree.of.0"),
        ("in", "params.tree.of.0"),
        ("change", "params.tree.of.9"),
        ("", ""),
    ],
)
@pytest.mark.usefixtures("app")
def test_an_act_that_cannot_be_done_is_refused(name: str, path: str) -> None:
    with pytest.raises(InvalidError):
        act(pack(C, GROUP), name, path)


def test_a_points_table_gets_rows_and_a_row_its_condition() -> None:
    points = {"node": "points", "at_least": "3"}

    rows = act(pack(points), "add", "params.tree.of.0.rows")
    when = act(rows.typed, "add", "params.tree.of.0.rows.0.when")

    assert rows.open == "params.tree.of.0.rows.0"
    assert when.open == "params.tree.of.0.rows.0.when"
    assert at(when.typed, steps_of(when.open))["node"] == "number"


@pytest.mark.usefixtures("app")
def test_a_list_does_not_grow_without_end() -> None:
    full = pack(*[A] * 300)

    with pytest.raises(InvalidError):
        act(full, "add", "params.tree.of")


def test_what_was_posted_goes_into_its_field_and_nowhere_else() -> None:
    filled = fill(
        pack(A), {"params.tree.of.0.fact": "x.y", "params.tree.of.7.fact": "lost", "params.tree": "no", "": "n"}
    )

    assert facts(filled) == ["x.y"]
    assert isinstance(filled["params"]["tree"], dict)
    assert fill(pack(A), {"cases.0.name_zh": "丙\r\n丁"})["cases"][0]["name_zh"] == "丙\n丁"


@given(trees(negative=True))
def test_a_tree_typed_and_read_again_is_the_same(tree: Node) -> None:
    written = plain(tree)

    assert READ.validate_python(raw_node(typed_node(written))) == tree


@given(trees(negative=True))
def test_a_tree_written_as_a_file_reads_as_the_same(tree: Node) -> None:
    params = Conditions(purpose_zh="职称“甲”\\", purpose_en='A "title"\n', level="senior", series="s", tree=tree)

    again = tomllib.loads(to_toml({"params": plain(params)}))

    assert Conditions.model_validate(again["params"]) == params


LEVEL = AwardLevel(
    code="junior",
    name_zh="初级",
    name_en="Junior",
    result_counts_months=24,
    valid_years=5,
    filed_centrally=False,
    number_prefix="JJC",
)


def test_parameters_typed_and_read_again_are_the_same() -> None:
    params = AwardParams(levels=[LEVEL, LEVEL.model_copy(update={"code": "senior", "filed_centrally": True})])

    typed = typed_of(plain(params), AwardParams)

    assert typed["levels"][0]["valid_years"] == "5"
    assert typed["levels"][0]["filed_centrally"] == "false"
    assert AwardParams.model_validate(raw_of(typed, AwardParams)) == params
    assert AwardParams.model_validate(tomllib.loads(to_toml(plain(params)))) == params


def test_lines_and_pairs_are_typed_one_a_line() -> None:
    case = Case(
        name_zh="甲",
        name_en="A",
        on=date(2026, 1, 1),
        facts={"a.b": 15, "a.c": True},
        expected=Outcome.MET,
        lines=[Outcome.MET],
    )

    typed = typed_of(plain(case), Case)

    assert typed["facts"] == "a.b = 15\na.c = true"
    assert typed["lines"] == "met"
    assert raw_of({**typed, "facts": "a.b = 15\n\n = lost\na.c=x = y"}, Case)["facts"] == {"a.b": "15", "a.c": "x = y"}
    assert raw_of(typed, Case)["lines"] == ["met"]


def test_an_empty_field_is_left_out_unless_it_is_needed() -> None:
    typed = typed_of({}, Source)

    assert raw_of(typed, Source) == {"title_zh": "", "title_en": "", "issuer_zh": "", "issuer_en": ""}


def test_the_fields_of_a_model_say_how_they_are_filled_in() -> None:
    assert {one.name: one.shape for one in fields_of(Conditions)} == {
        "purpose_zh": Shape.TEXT,
        "purpose_en": Shape.TEXT,
        "level": Shape.TEXT,
        "series": Shape.TEXT,
        "tree": Shape.TREE,
    }
    shapes = {one.name: one.shape for one in fields_of(PackFile)}
    assert (shapes["ends_on"], shapes["tag"], shapes["source"], shapes["cases"]) == (
        Shape.DAY,
        Shape.CHOICE,
        Shape.MODEL,
        Shape.MODELS,
    )
    assert {one.name: one.shape for one in fields_of(AwardLevel)}["filed_centrally"] is Shape.FLAG
    assert [one.shape for one in fields_of(Syllabus)] == [Shape.INTEGER, Shape.DECIMAL, Shape.MODELS]
    assert [one.shape for one in fields_of(Case)][2:] == [Shape.DAY, Shape.PAIRS, Shape.CHOICE, Shape.LINES]


def test_a_new_entry_is_blank_from_the_model_of_its_list() -> None:
    models: dict[str, type[BaseModel]] = {"params": Syllabus, "cases": Case}

    assert blank_at("params.levels.0.modules", models) == {
        "code": "",
        "name_zh": "",
        "name_en": "",
        "required": "",
        "required_hours": "",
        "topics": [],
    }
    assert blank_at("nothing", models) is None


def test_an_error_is_placed_at_the_field_without_the_words_between() -> None:
    typed = {"tree": {"node": "all", "of": [{"node": "points", "rows": [{"when": {"node": "flag", "fact": ""}}]}]}}

    loc = ("tree", "all", "of", 0, "points", "rows", 0, "when", "flag", "fact")
    assert normal(loc, typed) == "tree.of.0.rows.0.when.fact"
    assert normal(("levels", 1, "code"), {"levels": []}) == "levels.1.code"


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=6),
        st.recursive(
            st.booleans() | st.integers(-(2**40), 2**40) | st.dates() | st.text(max_size=12),
            lambda below: (
                st.dictionaries(st.text(max_size=4), below, max_size=3)
                | st.lists(st.dictionaries(st.text(max_size=4), below, max_size=2), max_size=3)
                | st.lists(st.integers() | st.text(max_size=3), max_size=3)
            ),
            max_leaves=8,
        ),
        max_size=5,
    )
)
def test_whatever_is_written_reads_back_the_same(table: dict[str, Any]) -> None:
    assert tomllib.loads(to_toml(table)) == table


def test_decimals_are_written_as_exact_text() -> None:
    assert plain(Conditions(
        purpose_zh="x", purpose_en="x", level="x", series="x",
        tree=READ.validate_python({"node": "number", "fact": "a.b", "value": Decimal("1E+3")}),
    ))["tree"] == {"node": "number", "fact": "a.b", "value": "1000"}  # fmt: skip
