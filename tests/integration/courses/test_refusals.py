"""Whose cohort it is, who may learn in it, and what stands in the way, told by the services themselves."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from app.accounts.models import Invitation, Person
from app.bases.models import TrainingBase
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError
from app.courses import services
from app.courses.models import Cohort, CohortLecturer, Enrolment, Lesson, RosterImport
from app.courses.queries import certificates, cohorts, learning, rosters
from app.courses.queries.cohorts import TraineeFilter
from app.courses.services.enrolments import invite, renew_invitations
from app.courses.services.learning import answer_quiz, collect, note_reading, open_lesson
from app.courses.states import CohortState, EnrolmentState, Unfit
from tests.factories.accounts import Member, make_person
from tests.factories.cases import restrict
from tests.factories.courses import (
    BEFORE,
    DURING,
    END,
    START,
    School,
    enrol,
    later,
    make_base,
    make_cohort,
    make_trainee,
    roster_rows,
    trainee_of,
    xlsx,
)
from tests.submit import submit

pytestmark = pytest.mark.one_database


@pytest.fixture
def cohort(school: School) -> Cohort:
    return make_cohort(school)


@pytest.fixture
def stranger(school: School) -> Member:
    """Whoever runs another accredited base."""
    del school
    return make_base()[1]


def refused(error: type[DomainError], act: Callable[[], object]) -> str:
    """Do what is refused; return the field that it names."""
    with pytest.raises(error) as told, unit_of_work():
        act()
    session.rollback()
    return told.value.field or ""


def plan(school: School, **changed: object) -> Cohort:
    given = {
        "name": "春季班",
        "starts_on": START,
        "ends_on": END,
        "capacity": 40,
        "lecturers": [school.lecturer.person],
        "by": school.base.actor,
        "at": BEFORE,
    }
    return services.plan_cohort(cohorts.course(school.course.code), **{**given, **changed})  # type: ignore[arg-type]


# ---- planning


def test_a_base_plans_as_many_places_as_it_is_accredited_for(school: School) -> None:
    assert refused(InvalidError, lambda: plan(school, capacity=5001)) == "capacity"
    with unit_of_work():
        assert plan(school, capacity=5000).capacity == 5000


def test_a_base_that_is_accredited_for_other_levels_plans_no_cohort_and_opens_none(school: School) -> None:
    with unit_of_work():
        planned = plan(school)
        session.scalars(select(TrainingBase)).one().levels = ["senior"]

    refused(ForbiddenError, lambda: plan(school, name="夏季班"))
    refused(ForbiddenError, lambda: services.open_cohort(planned, by=school.base.actor, at=BEFORE))


def test_only_lecturers_of_the_base_teach_and_at_least_one(school: School) -> None:
    other = make_base()[2]

    assert refused(InvalidError, lambda: plan(school, lecturers=[])) == "lecturers"
    both = [school.lecturer.person, other.person]
    assert refused(InvalidError, lambda: plan(school, lecturers=both)) == "lecturers"
    assert session.scalars(select(CohortLecturer)).all() == []


def test_a_course_that_gives_fewer_hours_than_the_syllabus_asks_for_is_refused(school: School) -> None:
    with unit_of_work():
        session.execute(delete(Lesson).where(Lesson.module == "policy"))

    assert refused(InvalidError, lambda: plan(school)) == "course"


def test_another_base_does_nothing_with_a_cohort(school: School, cohort: Cohort, stranger: Member) -> None:
    enrolment = enrol(school, cohort)[0]
    by = stranger.actor
    acts: list[Callable[[], object]] = [
        lambda: services.close_cohort(cohort, by=by, at=DURING),
        lambda: services.withdraw(cohort, enrolment, reason="x", by=by, at=DURING),
        lambda: services.ask_for_certificates(cohort, by=by, at=DURING),
        lambda: renew_invitations(cohort, by=by),
    ]
    for act in acts:
        refused(ForbiddenError, act)
    with pytest.raises(NotFoundError):
        cohorts.own_cohort(cohort.code, by)
    with pytest.raises(NotFoundError):
        cohorts.own_cohort(cohort.code, school.lecturer.actor)
    assert cohorts.own_cohort(cohort.code, school.base.actor) is cohort


# ---- rosters and places


def test_a_roster_waits_for_an_open_cohort(school: School) -> None:
    planned = make_cohort(school, opened=False)
    read = services.read_roster(xlsx(roster_rows(1)), "名单.xlsx")

    refused(ConflictError, lambda: services.stage_roster(planned, read, by=school.base.actor, at=BEFORE))


def test_another_file_takes_the_place_of_one_that_waits(school: School, cohort: Cohort) -> None:
    staged = []
    for start in (0, 10):
        with unit_of_work():
            read = services.read_roster(xlsx(roster_rows(2, start)), "名单.xlsx")
            staged.append(services.stage_roster(cohort, read, by=school.base.actor, at=BEFORE))

    assert [one.code for one in rosters.staged(cohort.id)] == [staged[1].code]


def stage(school: School, cohort: Cohort, *people: int) -> RosterImport:
    with unit_of_work():
        rows = [row for place in people for row in roster_rows(1, place)]
        read = services.read_roster(xlsx(rows), "名单.xlsx")
        return services.stage_roster(cohort, read, by=school.base.actor, at=BEFORE)


def commit(school: School, cohort: Cohort, staged: RosterImport) -> int:
    return services.commit_roster(cohort, staged, only_good=False, by=school.base.actor, at=BEFORE)


def test_places_that_were_taken_meanwhile_are_not_given_again(school: School) -> None:
    small = make_cohort(school, capacity=2)
    staged = stage(school, small, 0, 1)
    with unit_of_work():
        invite(small, make_person(), employer=None, by=school.base.actor, at=BEFORE)

    refused(ConflictError, lambda: commit(school, small, staged))
    assert rosters.places_left(small) == 1


def test_who_was_enrolled_meanwhile_is_named_by_row(school: School, cohort: Cohort) -> None:
    other = make_cohort(school, capacity=50)
    earlier = stage(school, other, 0)
    with unit_of_work():
        commit(school, other, earlier)
    staged = stage(school, cohort, 7, 0)
    known = session.scalars(select(Person).join(Enrolment, Enrolment.person_id == Person.id)).one()
    with unit_of_work():
        invite(cohort, known, employer=None, by=school.base.actor, at=BEFORE)

    with pytest.raises(ConflictError, match="3"), unit_of_work():
        commit(school, cohort, staged)


def test_a_roster_that_names_a_restricted_person_is_refused_with_the_row(school: School, cohort: Cohort) -> None:
    first = make_cohort(school, capacity=50)
    earlier = stage(school, first, 0)
    with unit_of_work():
        commit(school, first, earlier)
    known = session.scalars(select(Person).join(Enrolment, Enrolment.person_id == Person.id)).one()
    staged = stage(school, cohort, 0)
    restrict("courses.enrol", known)

    with pytest.raises(ForbiddenError, match="2"), unit_of_work():
        commit(school, cohort, staged)


def test_a_place_is_given_once_and_the_first_one_is_told_again(school: School, cohort: Cohort) -> None:
    person = make_person()
    given = []
    for employer in ("甲单位", "乙单位"):
        with unit_of_work():
            given.append(invite(cohort, person, employer=employer, by=school.base.actor, at=BEFORE))

    assert given[0] is given[1]
    assert [one.employer for one in session.scalars(select(Enrolment))] == ["甲单位"]


def test_links_are_made_anew_only_for_those_whose_link_no_longer_opens(school: School, cohort: Cohort) -> None:
    enrol(school, cohort, 2)
    by = school.base.actor
    with unit_of_work():
        assert renew_invitations(cohort, by=by) == 0
        session.execute(delete(Invitation))
    with unit_of_work():
        assert renew_invitations(cohort, by=by) == 2
        assert renew_invitations(cohort, by=by) == 0
    assert all(slip.token for slip in rosters.all_slips(cohort))


def test_each_trainee_confirms_for_themselves_while_the_cohort_is_open(school: School, cohort: Cohort) -> None:
    first, second = enrol(school, cohort, 2)
    mine, theirs = trainee_of(first).actor, trainee_of(second).actor
    refused(ForbiddenError, lambda: services.confirm(first, by=theirs, at=BEFORE))
    with unit_of_work():
        services.confirm(second, by=theirs, at=BEFORE)
        services.close_cohort(cohort, by=school.base.actor, at=BEFORE)

    refused(ConflictError, lambda: services.confirm(first, by=mine, at=BEFORE))
    session.refresh(first)
    assert (first.state, second.state) == (EnrolmentState.INVITED, EnrolmentState.ENROLLED)


# ---- learning


def test_a_lesson_is_read_and_asked_only_once_it_was_opened(school: School, cohort: Cohort) -> None:
    member, enrolment = make_trainee(school, cohort)
    own = learning.own_enrolment(enrolment.code, member.actor)
    lesson = learning.lesson(own, "S01")
    by = member.actor

    refused(ConflictError, lambda: note_reading(own, lesson, by=by, at=DURING))
    refused(ConflictError, lambda: collect(own, lesson, by=by, at=DURING))
    with unit_of_work():
        opened = open_lesson(own, lesson, by=by, at=DURING)
    with unit_of_work():
        again = open_lesson(own, lesson, by=by, at=later(60))
    assert (again.id, again.seen_at, again.seconds) == (opened.id, later(60), 0)

    refused(InvalidError, lambda: answer_quiz(own, lesson, {}, by=by, at=later(61)))
    items = learning.quiz(own.cohort.course, lesson.quiz)
    some = {items[0].id: list(items[0].key)}
    refused(InvalidError, lambda: answer_quiz(own, lesson, some, by=by, at=later(61)))
    refused(InvalidError, lambda: collect(own, lesson, by=by, at=later(61)))
    read = learning.progress(own, lesson.id)
    assert read is not None
    assert read.quiz_tries == 0


def test_a_closed_cohort_counts_no_lessons(school: School, cohort: Cohort) -> None:
    member, enrolment = make_trainee(school, cohort)
    own = learning.own_enrolment(enrolment.code, member.actor)
    with unit_of_work():
        services.close_cohort(own.cohort, by=school.base.actor, at=DURING)

    refused(ConflictError, lambda: open_lesson(own, learning.lesson(own, "S01"), by=member.actor, at=DURING))


def test_a_quiz_opens_with_its_lesson_and_a_film_is_there_only_where_one_was_made(
    school: School, cohort: Cohort, browser_of: Callable[[Member], FlaskClient]
) -> None:
    member, enrolment = make_trainee(school, cohort)
    browser, lesson = browser_of(member), f"/learning/{enrolment.code}/lessons/S01"

    assert browser.get(lesson).status_code == 200
    for path in ("quiz", "video.webm", "video.exe"):
        assert browser.get(f"{lesson}/{path}").status_code == 404


def test_a_roster_without_a_file_is_asked_for_again(
    school: School, cohort: Cohort, browser_of: Callable[[Member], FlaskClient]
) -> None:
    answer = submit(browser_of(school.base), f"/cohorts/{cohort.code}/roster", file="")

    assert (answer.status_code, rosters.staged(cohort.id)) == (422, [])


# ---- lists


def test_cohorts_are_found_by_name_and_state(school: School, cohort: Cohort) -> None:
    with unit_of_work():
        planned = plan(school)
    actor = school.base.actor

    def found(text: str = "", state: str = "") -> set[str]:
        return {line.cohort.code for line in cohorts.cohorts(actor, text=text, state=state).rows}

    assert found() == {cohort.code, planned.code}
    assert found(text=f" {cohort.name} ") == {cohort.code}
    assert found(text="%") == set()
    assert found(state=CohortState.PLANNED) == {planned.code}
    assert found(state="unknown") == {cohort.code, planned.code}


def test_trainees_are_found_by_state_and_a_page_beyond_the_last_shows_the_first(school: School, cohort: Cohort) -> None:
    first, second, third = enrol(school, cohort, 3)
    with unit_of_work():
        services.withdraw(cohort, second, reason="本人申请", by=school.base.actor, at=DURING)

    def found(state: str, page: int = 1, per_page: int = 2) -> list[str]:
        chosen = TraineeFilter(state=state)
        return sorted(one.code for one in cohorts.trainees(cohort.id, chosen, page=page, per_page=per_page).rows)

    assert found("withdrawn") == [second.code]
    assert found("invited") == sorted([first.code, third.code])
    assert len(found("unknown")) == 2
    assert found("invited", page=9) == found("invited")
    assert cohorts.trainees(cohort.id, TraineeFilter(text="没有此人")).total == 0


def test_what_is_not_there_is_not_found(cohort: Cohort) -> None:
    with pytest.raises(NotFoundError):
        cohorts.course("none")
    with pytest.raises(NotFoundError):
        cohorts.enrolment("none", cohort)


def test_certificates_wait_for_completed_training(school: School, cohort: Cohort, app: Flask) -> None:
    del app
    first, second = enrol(school, cohort, 2)
    with unit_of_work():
        services.withdraw(cohort, first, reason="本人申请", by=school.base.actor, at=DURING)

    told = {line.trainee.code: line.step for line in certificates.lines(cohort, at=later(0) + timedelta(days=1))}

    assert told == {first.code: Unfit.WITHDRAWN, second.code: Unfit.INCOMPLETE}
    with unit_of_work():
        assert services.ask_for_certificates(cohort, by=school.base.actor, at=DURING) == 0
