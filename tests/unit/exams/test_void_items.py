"""Rulings after the exam: void items under each policy, another key, and which of two results stays."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.assessment.exams.rules.marking import Marked, ModuleScore, Terms, mark_attempt
from app.assessment.exams.rules.order import Place
from app.assessment.exams.rules.regrading import Figures, from_json, key_hash, stays, to_json, worse
from app.assessment.exams.rules.rulings import KeyedItem, Ruling
from app.assessment.exams.states import LowerPolicy, VoidPolicy
from app.items.rules.responses import Choice
from app.items.states import ItemType

POINTS = Decimal("2.5")
ITEMS = [
    KeyedItem(1, ItemType.SINGLE, frozenset("B"), POINTS, "policy"),
    KeyedItem(2, ItemType.SINGLE, frozenset("A"), POINTS, "policy"),
    KeyedItem(3, ItemType.SINGLE, frozenset("C"), POINTS, "practice"),
]
PLACES = [Place(position, ("A", "B", "C", "D")) for position in (1, 2, 3)]
CUT = Decimal("5.00")
VOID = {1: Ruling(void=True)}


def marked(answers: dict[int, str], *, terms: Terms) -> Marked:
    given = {place: Choice(frozenset(letters)) for place, letters in answers.items()}
    return mark_attempt(ITEMS, PLACES, given, CUT, terms=terms)


def test_everybody_gets_the_points_of_a_void_item_even_without_an_answer() -> None:
    found = marked({2: "A"}, terms=Terms(VOID, VoidPolicy.EVERYBODY))

    assert (found.score, found.best, found.cut_score) == (Decimal("5.0"), Decimal("7.5"), CUT)
    assert found.passed


@pytest.mark.parametrize(("answers", "score"), [({1: "D"}, POINTS), ({1: "B"}, POINTS), ({}, 0), ({1: ""}, 0)])
def test_only_who_answered_a_void_item_gets_its_points(answers: dict[int, str], score: Decimal) -> None:
    assert marked(answers, terms=Terms(VOID, VoidPolicy.ANSWERED)).score == score


def test_a_void_item_leaves_the_total_and_the_cut_score_keeps_its_share() -> None:
    found = marked({1: "B", 2: "A"}, terms=Terms(VOID, VoidPolicy.OUT))

    assert (found.score, found.best) == (POINTS, Decimal("5.0"))
    assert found.cut_score == Decimal("3.34"), "two thirds of five points, rounded up"
    assert not found.passed
    assert found.by_module == {
        "policy": ModuleScore(POINTS, POINTS),
        "practice": ModuleScore(Decimal(0), POINTS),
    }


def test_a_paper_without_a_void_item_keeps_its_cut_score() -> None:
    assert marked({}, terms=Terms({}, VoidPolicy.OUT)).cut_score == CUT


def test_another_key_counts_instead_of_the_one_of_the_paper() -> None:
    terms = Terms({1: Ruling(key=frozenset("D"))})

    assert marked({1: "D"}, terms=terms).score == POINTS
    assert marked({1: "B"}, terms=terms).score == 0


def test_rulings_come_back_as_they_were_stored_and_name_their_key() -> None:
    rulings = {2: Ruling(key=frozenset("AC")), 1: Ruling(void=True)}

    assert from_json(to_json(rulings)) == rulings
    assert to_json(rulings) == {"1": {"void": True}, "2": {"key": ["A", "C"]}}
    assert key_hash("abc", {}) == "abc"
    assert len({key_hash("abc", {}), key_hash("abc", rulings), key_hash("abd", rulings), key_hash("abc", VOID)}) == 4


def figures(score: str, best: str = "10", cut: str = "6") -> Figures:
    return Figures(Decimal(score), Decimal(best), Decimal(cut))


def test_a_lost_pass_is_worse_whatever_the_shares() -> None:
    assert worse(figures("5.9", best="6"), figures("6"))
    assert not worse(figures("6"), figures("5.9", best="6"))


def test_with_the_same_verdict_the_smaller_share_is_worse() -> None:
    assert worse(figures("7"), figures("8"))
    assert not worse(figures("8"), figures("8"))
    assert not worse(figures("7", best="8"), figures("8"))


def test_the_policy_decides_whether_the_better_result_stays() -> None:
    assert stays(figures("7"), figures("8"), LowerPolicy.HIGHER)
    assert not stays(figures("8"), figures("7"), LowerPolicy.HIGHER)
    assert not stays(figures("7"), figures("8"), LowerPolicy.LOWER)


@settings(deadline=None)
@given(
    st.dictionaries(st.integers(1, 3), st.sampled_from("ABCD")),
    st.sampled_from(VoidPolicy),
    st.sets(st.integers(1, 3), max_size=2),
)
def test_no_policy_gives_more_than_can_be_reached(answers: dict[int, str], policy: VoidPolicy, void: set[int]) -> None:
    found = marked(answers, terms=Terms({one: Ruling(void=True) for one in void}, policy))

    assert 0 <= found.score <= found.best
    assert sum(part.score for part in found.by_module.values()) == found.score
    assert sum(part.best for part in found.by_module.values()) == found.best
