"""Facts of bases: what they trained in the year up to the day, as known at an instant, for their own cohorts only."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from app.bases.models import TrainingBase
from app.core.clock import SHANGHAI
from app.core.db import session, unit_of_work
from app.courses.models import Enrolment
from app.courses.states import EnrolmentState
from app.rulebook.queries import facts_of
from tests.factories.accounts import make_person
from tests.factories.bases import make_accredited
from tests.factories.courses import START, make_cohort, make_school

NAMES = frozenset(
    {
        "base.cohorts", "base.enrolled", "base.completed", "base.completion_rate", "base.class_hours", "base.pass_rate",
    }
)  # fmt: skip
ENTERED, COMPLETED = (datetime(START.year, month, 1, 12, tzinfo=SHANGHAI) for month in (11, 12))


@pytest.fixture
def trained(app: Flask) -> tuple[TrainingBase, TrainingBase]:
    del app
    school = make_school()
    cohort = make_cohort(school)
    make_cohort(school, opened=False)
    people = [make_person().id for _ in range(3)]
    with unit_of_work():
        for place, person in enumerate(people):
            done = place == 0
            session.add(
                Enrolment(
                    cohort_id=cohort.id,
                    person_id=person,
                    state=EnrolmentState.COMPLETED if done else EnrolmentState.ENROLLED,
                    invited_at=ENTERED,
                    invited_by_id=school.base.person.id,
                    enrolled_at=ENTERED,
                    completed_at=COMPLETED if done else None,
                )
            )
    found = session.scalars(select(TrainingBase).where(TrainingBase.organisation_id == school.organisation.id)).one()
    return found, make_accredited()


def facts(bases: tuple[TrainingBase, ...], on: date, known_at: datetime) -> list[dict[str, object]]:
    found = facts_of([one.id for one in bases], NAMES, on=on, known_at=known_at, subject="base")
    return [{name.removeprefix("base."): fact.value for name, fact in found[one.id].items()} for one in bases]


def test_a_base_is_told_what_it_trained_and_another_has_nothing(trained: tuple[TrainingBase, TrainingBase]) -> None:
    end = datetime(START.year, 12, 31, 23, tzinfo=SHANGHAI)
    own, other = facts(trained, end.date(), end)

    assert own == {
        "cohorts": 1, "enrolled": 3, "completed": 1, "completion_rate": Decimal("33.33"), "class_hours": 0,
    }  # fmt: skip
    assert other == {"cohorts": 0, "enrolled": 0, "completed": 0, "class_hours": 0}


def test_what_was_not_known_yet_and_what_another_year_brought_does_not_count(
    trained: tuple[TrainingBase, TrainingBase],
) -> None:
    end = datetime(START.year, 12, 31, 23, tzinfo=SHANGHAI)
    before = datetime(START.year, 11, 20, tzinfo=SHANGHAI)
    later = datetime(START.year + 1, 6, 1, tzinfo=SHANGHAI)

    assert facts(trained, end.date(), before)[0]["completed"] == 0
    assert facts(trained, later.date(), later)[0] == {"cohorts": 0, "enrolled": 0, "completed": 0, "class_hours": 0}
