"""A blueprint written to a file and read again asks the same, in both kinds of file."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.assessment.exams.rules.blueprint import Exposure, Options, PointsRule, Tolerance
from app.assessment.exams.rules.blueprint_file import read, written
from app.assessment.exams.services.drafts import Draft, draft_from, file_of
from app.core.errors import InvalidError
from app.items.states import CognitiveLevel, ItemType

pytestmark = pytest.mark.one_database

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)
POINTS = st.decimals(Decimal("0.01"), 100, places=2)
COUNTS = st.integers(0, 60)
MODULES = st.sampled_from(["general", "policy", "practice", "own module", "模块"])
OPTIONS = st.builds(
    Options,
    points=st.builds(
        PointsRule,
        cells=st.dictionaries(MODULES, st.dictionaries(st.sampled_from(CognitiveLevel), POINTS, min_size=1)),
        types=st.dictionaries(st.sampled_from(ItemType), POINTS),
    ),
    types=st.dictionaries(st.sampled_from(ItemType), COUNTS),
    seconds=st.dictionaries(st.sampled_from(ItemType), st.integers(1, 7200)),
    expected_seconds=st.none() | st.integers(1, 36000),
    tolerance=st.builds(
        Tolerance,
        difficulty=st.none() | st.decimals(Decimal("0.001"), 1, places=3),
        seconds=st.integers(0, 36000),
        information=st.decimals(Decimal("0.001"), 1, places=3),
    ),
    exposure=st.none() | st.builds(Exposure, most=st.integers(1, 100), sessions=st.integers(1, 100)),
    enemies=st.lists(st.tuples(TEXTS, TEXTS), max_size=3).map(tuple),
)
DRAFTS = st.builds(
    Draft,
    name_zh=TEXTS,
    name_en=TEXTS,
    level=st.sampled_from(["junior", "senior"]),
    cells=st.dictionaries(st.tuples(MODULES, st.sampled_from(CognitiveLevel)), COUNTS, min_size=1),
    points_per_item=POINTS,
    minutes=st.integers(1, 600),
    difficulty_target=st.decimals(Decimal("0.2"), Decimal("0.95"), places=2),
    cut_score=st.decimals(0, 1000, places=2),
    options=OPTIONS,
)


@settings(max_examples=60, deadline=None)
@given(draft=DRAFTS, kind=st.sampled_from(["toml", "json"]))
def test_a_blueprint_loses_nothing_on_its_way_through_a_file(draft: Draft, kind: str) -> None:
    file = read(written(file_of(draft, "JJ-JUNIOR"), kind).encode())

    assert file.bank == "JJ-JUNIOR"
    assert draft_from(file) == draft


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("[types]\nsingel = 3", "types"),
        ("[cells.practice]\naply = 3", "cells"),
        ("[points.types]\nnone = 3", "points"),
    ],
)
def test_an_unknown_type_or_level_is_refused_with_its_place(line: str, place: str) -> None:
    text = (
        'bank = "B"\nname_zh = "甲"\nname_en = "A"\nlevel = "junior"\nminutes = 60\n'
        f'difficulty_target = "0.6"\ncut_score = "6"\n[cells.policy]\nrecall = 3\n{line}'
    )

    with pytest.raises(InvalidError, match=place):
        read(text.encode())
