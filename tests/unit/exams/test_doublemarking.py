"""Two marks of one answer, seeds, and how a marker's figures are reckoned."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.assessment.exams.rules.agreement import figures, weighted_kappa
from app.assessment.exams.rules.doublemarking import agree, calibrated, checked, mean, seed_is_due, total
from app.assessment.exams.rules.marking import Terms, earned_at
from app.assessment.exams.rules.marking_rule import MarkingRule
from app.assessment.exams.rules.rulings import KeyedItem
from app.assessment.exams.rules.tasks import needed, written
from app.core.errors import ConflictError, InvalidError
from app.items.rules.bodies import Body, Criterion, Part
from app.items.rules.responses import Choice, Parts, Written
from app.items.states import ItemType

RULE = MarkingRule()
TEN = Decimal(10)
points = st.decimals(0, 10, places=2)


def pairs(*given: tuple[int, int]) -> list[tuple[Decimal, Decimal]]:
    return [(Decimal(mine), Decimal(theirs)) for mine, theirs in given]


def test_two_marks_agree_up_to_the_tolerance_itself() -> None:
    tolerance = RULE.tolerance(TEN)

    assert tolerance == Decimal(2)
    assert agree(Decimal(6), Decimal(8), tolerance)
    assert agree(Decimal(8), Decimal(6), tolerance)
    assert not agree(Decimal(6), Decimal("8.01"), tolerance)


@settings(deadline=None)
@given(points, points)
def test_the_mean_of_two_marks_is_exact(one: Decimal, other: Decimal) -> None:
    found = mean(one, other)

    assert found * 2 == one + other
    assert found == found.quantize(Decimal("0.001"))


def test_a_marker_is_calibrated_by_the_latest_seeds_alone() -> None:
    right, wrong = (Decimal(6), Decimal(6)), (Decimal(1), Decimal(6))

    assert not calibrated([right, right], TEN, RULE), "fewer than three"
    assert calibrated([right, right, wrong], TEN, RULE)
    assert not calibrated([right, wrong, wrong], TEN, RULE)
    assert calibrated([wrong, wrong, right, right], TEN, RULE)
    assert calibrated([], TEN, MarkingRule(seeds=0, seeds_agreed=0))


def test_a_rule_that_asks_for_more_agreement_than_seeds_is_refused() -> None:
    with pytest.raises(ValueError, match="seeds_agreed"):
        MarkingRule(seeds=2, seeds_agreed=3)


def test_seeds_come_now_and_then_and_a_claim_repeated_gives_the_same() -> None:
    due = [seed_is_due("task", 7, done, 10) for done in range(1000)]

    assert 60 < sum(due) < 140
    assert due == [seed_is_due("task", 7, done, 10) for done in range(1000)]
    assert due != [seed_is_due("task", 8, done, 10) for done in range(1000)]


CRITERIA = {"1": Decimal(6), "2": Decimal(4)}


def test_points_of_criteria_are_kept_with_two_decimals_and_summed() -> None:
    kept = checked({"1": Decimal(6), "2": Decimal("0.5"), "9": Decimal(1)}, CRITERIA)

    assert kept == {"1": "6.00", "2": "0.50"}
    assert total(kept) == Decimal("6.5")


@pytest.mark.parametrize("wrong", [None, Decimal("-0.01"), Decimal("4.01"), Decimal("1.005")])
def test_points_that_cannot_be_name_their_criterion(wrong: Decimal | None) -> None:
    with pytest.raises(InvalidError) as refused:
        checked({"1": Decimal(6), "2": wrong}, CRITERIA)
    assert refused.value.field == "2"


def test_kappa_is_one_for_full_agreement_and_none_where_nothing_varies() -> None:
    assert weighted_kappa(pairs((1, 1), (3, 3), (5, 5))) == 1
    assert weighted_kappa([]) is None
    assert weighted_kappa(pairs((2, 2), (2, 2))) is None


def test_kappa_is_that_of_the_table_of_categories() -> None:
    # By hand: observed weights (0 + 1 + 4 + 0) / 4; expected, every mark with every other, 33 / 16
    found = weighted_kappa(pairs((0, 0), (1, 2), (3, 1), (2, 2)))

    every = Decimal(sum((mine - theirs) ** 2 for mine in (0, 1, 3, 2) for theirs in (0, 2, 1, 2))) / 16
    assert found == 1 - Decimal(5) / 4 / every


@settings(deadline=None)
@given(st.lists(st.tuples(points, points), min_size=2, max_size=12))
def test_kappa_is_the_same_from_either_side_and_never_above_one(given: list[tuple[Decimal, Decimal]]) -> None:
    found, back = weighted_kappa(given), weighted_kappa([(theirs, mine) for mine, theirs in given])

    assert (found is None) == (back is None)
    assert found is None or back is None or abs(found - back) < Decimal("1e-20")
    assert found is None or found <= 1


def test_a_marker_has_a_mean_a_severity_an_agreement_and_a_drift() -> None:
    found = figures([Decimal(4), Decimal(8)], pairs((4, 5), (8, 2)), pairs((6, 5), (6, 9)), Decimal(2))

    assert (found.count, found.mean, found.severity) == (2, Decimal(6), Decimal("2.5"))
    assert (found.agreement, found.seeds, found.seed_deviation) == (Decimal("0.5"), 2, Decimal(2))
    empty = figures([], [], [], Decimal(2))
    assert (empty.mean, empty.severity, empty.agreement, empty.kappa, empty.seed_deviation) == (None,) * 5


def test_a_marker_agrees_who_is_as_far_from_a_partner_as_the_tolerance_allows() -> None:
    found = figures([Decimal(8)], pairs((8, 6), (6, 8), (8, 5), (5, 8)), [], Decimal(2))

    assert found.agreement == Decimal("0.5")


ESSAY = Part(ItemType.ESSAY, "论述", body=Body(rubric=(Criterion("要点", Decimal(6)), Criterion("论证", Decimal(4)))))
SINGLE = Part(ItemType.SINGLE, "选择", key=frozenset("B"))
CASE = Part(ItemType.CASE, "材料", body=Body(parts=(SINGLE, Part(ItemType.SHORT_ANSWER, "理由", weight=Decimal(3)))))


def test_what_people_mark_of_an_item_is_the_essay_or_the_written_parts_of_a_case() -> None:
    assert [(one.part, one.points) for one in needed(ESSAY)] == [(0, Decimal(10))]
    assert [(one.part, one.points) for one in needed(CASE)] == [(2, Decimal(10))], "ten points without a rubric"
    assert needed(SINGLE) == []


def test_only_what_was_written_becomes_a_script() -> None:
    assert written(Written("登记"), 0) == "登记"
    assert written(Written("  "), 0) == ""
    assert written(Parts((None, Written("许可"))), 2) == "许可"
    assert written(Parts((None,)), 2) == ""
    assert written(None, 2) == ""


def keyed(question: Part) -> KeyedItem:
    return KeyedItem(1, question.type, question.key, Decimal(4), "general", question.options, question.body)


def test_the_points_of_markers_are_rounded_once_from_the_exact_share() -> None:
    answer = Written("登记")

    assert earned_at(keyed(ESSAY), answer, Terms(), {(1, 0): Fraction(7625, 10000)}) == Decimal("3.05")
    assert earned_at(keyed(ESSAY), answer, Terms(), {(1, 0): Fraction(5, 800)}) == Decimal("0.03"), "half goes up"
    assert earned_at(keyed(ESSAY), None, Terms(), {}) == 0


def test_a_case_weighs_what_its_key_and_what_a_marker_gave() -> None:
    answer = Parts((Choice(frozenset("B")), Written("许可")))

    assert earned_at(keyed(CASE), answer, Terms(), {(1, 2): Fraction(1, 2)}) == Decimal("2.50")
    with pytest.raises(ConflictError) as refused:
        earned_at(keyed(CASE), answer, Terms(), {(1, 1): Fraction(1)})
    assert refused.value.code == "needs_marker"
