"""What an examiner reads where a blueprint cannot be met: the figures of the one constraint that stands in the way."""

from dataclasses import replace
from decimal import Decimal

import pytest
from flask import Flask

from app.assessment.exams.rules.assembly import Asked, Candidate
from app.assessment.exams.rules.infeasible import Unmet
from app.assessment.exams.services.assembly import Stock, equivalent, sentence
from app.assessment.exams.services.drafts import Draft
from app.rulebook.terms import MODULES

pytestmark = pytest.mark.one_database

CELL, TARGET = ("policy", "recall"), Decimal("0.60")


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (Unmet("cell", CELL, asked=5, usable=3), "要求5题，题库可用3题"),
        (Unmet("cell", CELL, asked=5, usable=3, held_back=2), "题库可用3题，另有2题因曝光限制暂不选用"),
        (Unmet("cell", CELL, asked=10, usable=8, papers=2), "在2套试卷中共需10题，题库可用8题"),
        (Unmet("type", ("essay",), asked=2, usable=0), "要求2题，题库可用0题"),
        (Unmet("enemies", ("A-1", "B-2")), "A-1与B-2互斥，但两题都是必需的"),
        (Unmet("exposure", asked=3, held_back=7), "曝光限制扣留了7道使用达3次的试题"),
        (
            Unmet("difficulty", low=Decimal("0.58"), high=Decimal("0.62"), nearest=Decimal("0.3000")),
            "平均难度要求在0.58至0.62之间；其余要求均满足时，题库最接近可达0.3000",
        ),
        (
            Unmet("time", low=Decimal(3000), high=Decimal(3600), nearest=Decimal(6000)),
            "预计用时要求在3000至3600秒之间；其余要求均满足时，题库最接近可达6000秒",
        ),
        (Unmet("parallel", ("information",), asked=3), "3套互不重题的等值试卷：各卷在合格线处的信息量之差超出"),
        (Unmet("parallel", ("difficulty",), asked=3), "3套互不重题的等值试卷：各卷平均难度之差超出"),
        (Unmet("parallel", ("time",), asked=3), "3套互不重题的等值试卷：各卷预计用时之差超出"),
        (Unmet("parallel", ("enemies",), asked=3), "3套互不重题的等值试卷：互斥试题使可用试题不足"),
        (Unmet("parallel", asked=3), "3套互不重题的等值试卷：请减少套数、放宽偏差，或审定更多试题"),
    ],
)
def test_a_constraint_is_told_with_its_figures(app: Flask, one: Unmet, said: str) -> None:
    with app.test_request_context():
        assert said in sentence(one, MODULES)


def test_items_that_are_enough_but_not_beside_the_rest_are_told_otherwise_for_cells_and_types(app: Flask) -> None:
    with app.test_request_context(headers={"Cookie": "lang=en"}):
        cell = sentence(Unmet("cell", CELL, asked=3, usable=4, nearest=Decimal(2)), {"policy": "Policy of Qilu"})
        kind = sentence(Unmet("type", ("essay",), asked=2, usable=6, nearest=Decimal(0)), MODULES)

    assert cell.startswith("Policy of Qilu / Recall")
    assert "of the 4 usable ones too many say the same as items of other cells" in cell
    assert "a paper comes to 0 at the nearest" in kind


def item(number: int, **said: object) -> Candidate:
    return replace(Candidate(number, *CELL, TARGET, f"c{number}", item_id=number), **said)  # type: ignore[arg-type]


def bank(*items: Candidate, enemies: frozenset[tuple[int, int]] = frozenset()) -> Stock:
    draft = Draft("卷", "Paper", "junior", {CELL: 2}, Decimal(1), 60, TARGET, Decimal(1))
    return Stock(list(items), Asked({CELL: 2}, TARGET, enemies=enemies), 0.0, draft)


def stands_in(*others: Candidate, barred: int = 0, enemies: frozenset[tuple[int, int]] = frozenset()) -> int:
    """Tell which item would stand in for the first of the two on the paper; 0 for none."""
    chosen = equivalent(bank(item(1), item(2), *others, enemies=enemies), [1, 2], 1, barred={1, 2, barred})
    return chosen.version_id if chosen else 0


def test_the_item_that_is_nearest_in_difficulty_and_information_stands_in() -> None:
    near, far = item(3, difficulty=Decimal("0.61")), item(4, difficulty=Decimal("0.70"))
    telling = item(5, difficulty=Decimal("0.60"), information=0.5)

    assert stands_in(far, telling, near) == 3
    assert stands_in(far, telling) == 4
    assert stands_in(item(6), item(7)) == 6


@pytest.mark.parametrize(
    "other",
    [
        item(3, module="general"),
        item(3, type="essay"),
        item(3, content="c1"),
        item(3, content="c2"),
    ],
    ids=["another module", "another type", "the same as the one that goes", "the same as one that stays"],
)
def test_an_item_of_another_kind_or_of_the_same_words_does_not_stand_in(other: Candidate) -> None:
    assert stands_in(other) == 0


def test_an_enemy_of_what_stays_or_a_barred_item_does_not_stand_in() -> None:
    assert stands_in(item(3), enemies=frozenset({(2, 3)})) == 0
    assert stands_in(item(3), enemies=frozenset({(1, 3)})) == 3
    assert stands_in(item(3), barred=3) == 0


def test_nothing_stands_in_for_an_item_that_the_bank_no_longer_has() -> None:
    assert equivalent(bank(item(3)), [1, 2], 1, barred=set()) is None
