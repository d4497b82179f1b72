"""A base corrects how its own trainees are reached; trainees of another base do not exist for it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from app.accounts import queries
from app.accounts.models import Person
from app.accounts.services import open_field
from app.core import clock
from app.core.db import session, unit_of_work
from app.courses.models import Cohort, Enrolment
from app.courses.states import CohortState, EnrolmentState
from tests.factories.accounts import Member
from tests.factories.courses import DURING, make_cohort, make_school, make_trainee
from tests.submit import submit

Browser = Callable[[Member], FlaskClient]
FIELDS = {"phone": "13800138000", "identity_kind": "resident_id", "reason": "本人来电更换手机"}


@pytest.fixture(autouse=True)
def _during_the_lessons(at_time: Callable[[datetime], None]) -> None:
    at_time(DURING)


def test_a_base_corrects_a_trainee_of_its_own_who_reads_who_looked(browser_of: Browser) -> None:
    school = make_school()
    cohort = make_cohort(school)
    trainee, enrolment = make_trainee(school, cohort)
    path = f"/cohorts/{cohort.code}/trainees/{enrolment.code}/correct"
    browser = browser_of(school.base)
    assert path in browser.get(f"/cohorts/{cohort.code}").text

    assert submit(browser, path, **FIELDS).location == f"/cohorts/{cohort.code}"

    session.expire_all()
    assert open_field(session.get_one(Person, trainee.person.id), queries.PHONE) == "+8613800138000"
    assert school.base.person.name in browser_of(trainee).get("/me/looks").text


def test_another_base_finds_no_such_trainee(browser_of: Browser) -> None:
    school, other = make_school(), make_school()
    cohort = make_cohort(school)
    _trainee, enrolment = make_trainee(school, cohort)
    path = f"/cohorts/{cohort.code}/trainees/{enrolment.code}/correct"
    foreign = browser_of(other.base)
    assert (foreign.get(path).status_code, foreign.post(path, data=FIELDS).status_code) == (404, 404)
    own = make_cohort(other)
    mixed = f"/cohorts/{own.code}/trainees/{enrolment.code}/correct"
    assert foreign.post(mixed, data=FIELDS).status_code == 404


@pytest.mark.parametrize("way", ["withdrawn", "over", "closed"])
def test_a_base_corrects_nobody_who_left_it(browser_of: Browser, way: str) -> None:
    school = make_school()
    cohort = make_cohort(school)
    _trainee, enrolment = make_trainee(school, cohort)
    path = f"/cohorts/{cohort.code}/trainees/{enrolment.code}/correct"
    with unit_of_work():
        found = session.get_one(Cohort, cohort.id)
        if way == "withdrawn":
            session.get_one(Enrolment, enrolment.id).state = EnrolmentState.WITHDRAWN
        elif way == "closed":
            found.state = CohortState.CLOSED
        else:
            found.ends_on = clock.today() - timedelta(days=1)
    browser = browser_of(school.base)
    assert path not in browser.get(f"/cohorts/{cohort.code}").text
    assert (browser.get(path).status_code, browser.post(path, data=FIELDS).status_code) == (404, 404)
