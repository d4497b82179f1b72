"""How much a rule pack of credit may say, and who works on credit."""

from decimal import Decimal

import pytest
from pydantic import BaseModel

from app.accounts.states import Role
from app.assessment.credit.access import GRANTS, Permission, works_on
from app.assessment.credit.rules.periods import MOST_MONTHS, ClassPeriod, RepairParams
from app.assessment.credit.rules.rating import Grade, Indicator, RatingParams
from app.cases.access import Permission as CasePermission
from app.core.access import Actor
from tests.bounds import is_closed, misjudged

LARGE, LONG, HUGE = Decimal(99999), Decimal(100000), Decimal(10) ** 12


@pytest.mark.parametrize(
    ("model", "name", "held", "refused"),
    [
        (Indicator, "code", ["a", "a_9", "a" * 40], ["", "A", "9a", "a-b", "a" * 41]),
        (Indicator, "name_zh", ["守", "守" * 100], ["", "守" * 101]),
        (Indicator, "name_en", ["K", "K" * 100], ["", "K" * 101]),
        (Indicator, "fact", ["f", "f" * 100], ["", "f" * 101]),
        (Indicator, "points", [-LARGE, Decimal("0.25"), LARGE], [LONG, Decimal("0.255")]),
        (Indicator, "unit", [Decimal("0.01"), HUGE - 1], [Decimal(0), Decimal(-1), HUGE, Decimal("0.001")]),
        (Indicator, "most", [Decimal("0.01"), LARGE], [Decimal(0), Decimal(-1), LONG, Decimal("0.001")]),
        (Grade, "code", ["A", "A+", "Z-"], ["", "a", "AA", "A++", "+"]),
        (Grade, "from_score", [Decimal(0), LARGE], [LONG, Decimal("0.001")]),
        (RatingParams, "base", [Decimal(0), LARGE], [Decimal(-1), LONG]),
        (RatingParams, "indicators", [], [()]),
        (RatingParams, "grades", [], [()]),
        (ClassPeriod, "minimum_months", [0, MOST_MONTHS], [-1, MOST_MONTHS + 1]),
        (ClassPeriod, "maximum_months", [1, MOST_MONTHS], [0, MOST_MONTHS + 1]),
        (RepairParams, "conditions", [], [(), ("unheard of",)]),
    ],
)
def test_a_pack_is_taken_within_its_bounds(
    model: type[BaseModel], name: str, held: list[object], refused: list[object]
) -> None:
    assert misjudged(model, name, held, refused) == []


@pytest.mark.parametrize("model", [Indicator, Grade, RatingParams, ClassPeriod, RepairParams])
def test_a_pack_says_nothing_that_is_not_known(model: type[BaseModel]) -> None:
    assert is_closed(model)


def officer(role: Role, region: str = "370000") -> Actor:
    return Actor(1, "p1", "王敏", role, role.value, frozenset(GRANTS.get(role, ())), region_code=region)


def test_these_roles_read_and_record_credit_and_no_others() -> None:
    assert {role: set(given) for role, given in GRANTS.items()} == {
        Role.TRAINEE: {Permission.OWN},
        Role.CREDIT: {Permission.READ, Permission.RECORD, CasePermission.RESTRICT},
        Role.REGULATOR: {Permission.READ},
    }


@pytest.mark.parametrize(
    ("who", "works"),
    [
        (officer(Role.CREDIT), True),
        (officer(Role.CREDIT, "100000"), True),
        (officer(Role.CREDIT, "440000"), False),
        (officer(Role.REGULATOR), False),
        (officer(Role.TRAINEE), False),
        (None, False),
    ],
)
def test_an_officer_of_the_region_works_on_the_credit_of_others(who: Actor | None, works: bool) -> None:
    assert works_on(who, "370100", 2) is works
    assert not works_on(who, "370100", 1)
