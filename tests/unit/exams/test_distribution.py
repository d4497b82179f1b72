"""The histogram counts every score once, the best one in the last bin."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from app.assessment.exams.rules.distribution import histogram

BEST = Decimal(30)
scores = st.lists(st.decimals(0, 30, places=2), max_size=60)


@given(scores)
def test_every_score_falls_into_one_bin(found: list[Decimal]) -> None:
    assert sum(one.count for one in histogram(found, BEST)) == len(found)


def test_a_score_on_an_edge_belongs_to_the_bin_that_begins_there() -> None:
    bins = histogram([Decimal(0), Decimal("2.99"), Decimal(3), BEST], BEST)

    assert [one.count for one in bins] == [2, 1, 0, 0, 0, 0, 0, 0, 0, 1]
    assert bins[0].label == "0–3"
    assert bins[-1].label == "27–30"


def test_a_session_without_results_has_an_empty_histogram() -> None:
    assert sum(one.count for one in histogram([], Decimal(0))) == 0
