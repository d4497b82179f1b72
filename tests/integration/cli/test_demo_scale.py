"""`demo load --scale N` multiplies people, cohorts and what follows from them, and a second run makes nothing new."""

import pytest
from sqlalchemy import func, select

from app.accounts.rules.identity import clean_number
from app.accounts.states import IdentityKind
from app.cli.demo.courses import PLACES, SPRING, invented, load_spring
from app.cli.demo.registry import STEPS
from app.cli.demo.step import Demo
from app.core.db import session
from app.courses.models import Cohort, Enrolment


def test_invented_people_have_valid_numbers_that_are_their_own() -> None:
    rows = [row for number in range(2, 40) for row in invented(number, PLACES)]
    numbers = [str(row[2]) for row in rows]

    assert len(set(numbers)) == len(numbers) == 38 * PLACES
    assert [clean_number(IdentityKind.RESIDENT_ID, number) for number in numbers] == numbers
    assert len({row[3] for row in rows}) == len({row[4] for row in rows}) == len(rows)
    assert invented(7, PLACES) == invented(7, PLACES)


@pytest.mark.usefixtures("app")
def test_a_scale_of_two_gives_twice_the_cohorts_and_trainees_once() -> None:
    for step in STEPS:
        if step.name == "spring cohort":
            break
        step.load(Demo())

    assert load_spring(Demo(2)) == 2 * PLACES
    assert load_spring(Demo(2)) == 0

    names = session.scalars(select(Cohort.name).order_by(Cohort.id)).all()
    assert list(names) == [SPRING, f"{SPRING}（2班）"]
    assert session.scalar(select(func.count(Enrolment.person_id.distinct()))) == 2 * PLACES
