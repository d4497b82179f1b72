"""A modified Angoff round: the judges' cuts, their error and agreement, worked out by hand and as published."""

from decimal import Decimal

import pytest

from app.assessment.exams.rules.standard import impact, intraclass, judge_cut, standard

SHROUT = ((9, 6, 8, 7, 10, 6), (2, 1, 4, 1, 5, 2), (5, 3, 6, 2, 6, 4), (8, 2, 8, 6, 9, 7))
"""Table 2 of Shrout & Fleiss (1979): four judges over six targets; ICC(2, 1) = .29, ICC(2, 4) = .62."""


def decimals(*values: int | str) -> list[Decimal]:
    return [Decimal(value) for value in values]


def test_a_judges_cut_weighs_each_estimate_by_the_points() -> None:
    assert judge_cut(decimals(60, 80, 50), decimals(2, 2, 4)) == Decimal("4.8")


def test_a_round_gives_the_mean_of_the_cuts_and_its_error() -> None:
    found = standard({"a": decimals(60, 80), "b": decimals(50, 70), "c": decimals(70, 60)}, decimals(10, 10))

    assert found is not None
    assert found.cuts == {"a": Decimal("14.00"), "b": Decimal("12.00"), "c": Decimal("13.00")}
    assert (found.cut, found.error) == (Decimal("13.00"), Decimal("0.58"))


def test_one_judge_has_neither_error_nor_agreement() -> None:
    found = standard({"a": decimals(60, 80)}, decimals(1, 1))

    assert found is not None
    assert (found.error, found.icc_one, found.icc_mean, found.kendall) == (None, None, None, None)
    assert standard({}, decimals(1, 1)) is None


def test_the_intraclass_correlation_is_the_published_one() -> None:
    assert intraclass([decimals(*row) for row in SHROUT]) == (Decimal("0.29"), Decimal("0.62"))


def test_full_agreement_is_one_and_no_spread_is_none() -> None:
    assert intraclass([decimals(1, 2, 3), decimals(1, 2, 3)]) == (Decimal("1.00"), Decimal("1.00"))
    assert intraclass([decimals(5, 5), decimals(5, 5)]) == (None, None)


@pytest.mark.parametrize(("cut", "share"), [("60", "75.00"), ("60.01", "50.00"), ("0", "100.00"), ("99", "0.00")])
def test_impact_counts_who_reaches_the_cut(cut: str, share: str) -> None:
    assert impact(decimals(50, 60, 70, 80), Decimal(cut)) == Decimal(share)
    assert impact([], Decimal(cut)) is None
