"""Sessions: planned on a frozen paper, candidates registered with reasons, every paper prepared before the window."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.accounts.states import Role
from app.assessment.exams.models import Attempt, ExamSession, PaperSeal, Registration
from app.assessment.exams.queries import candidates as candidates_queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as queries
from app.assessment.exams.rules.order import from_json
from app.assessment.exams.services import sessions as services
from app.assessment.exams.states import SessionState
from app.core.clock import SHANGHAI
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, InvalidError
from app.core.jobs import Job
from app.desk.queries import todos_of
from tests.factories.accounts import GUANGDONG, JINAN, NATION, Member, make_member, make_organisation
from tests.factories.exams import (
    CLOSES,
    ITEMS,
    MINUTES,
    NOW,
    OPENS,
    House,
    attempt_of,
    make_cohort,
    make_frozen_paper,
    make_house,
    make_paper,
    make_plan,
    make_prepared,
    make_session,
    make_trainee,
    prepare,
    said,
    start,
)
from tests.submit import submit

SHORT = "The window is shorter than the sitting. Let it close later."
CLOSED = "Registration has closed with the preparation of the papers."
Browser = Callable[[Member], FlaskClient]


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


def local(instant: datetime) -> str:
    return f"{instant.astimezone(SHANGHAI):%Y-%m-%dT%H:%M}"


def plan_fields(paper: str, **changes: object) -> dict[str, Any]:
    given = {
        "name_zh": "三月场",
        "name_en": "March session",
        "paper": paper,
        "region": "370000",
        "opens_at": local(OPENS),
        "closes_at": local(CLOSES),
        "minutes": str(MINUTES),
    }
    return {**given, **changes}


def found(house: House, planned: ExamSession) -> ExamSession:
    return queries.exam_session(planned.code, house.examiner.actor)


def register(house: House, planned: ExamSession) -> services.Registered:
    with unit_of_work():
        return services.register_eligible(found(house, planned), by=house.examiner.actor, at=NOW)


def test_an_examiner_plans_a_session_in_beijing_time(
    house: House, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    at_time(NOW)
    paper = make_frozen_paper(house)

    answer = submit(browser_of(house.examiner), "/exams/sessions/new", **plan_fields(paper.code))

    planned = session.scalars(select(ExamSession)).one()
    assert answer.location == f"/exams/sessions/{planned.code}"
    assert (planned.opens_at, planned.closes_at) == (OPENS, CLOSES)
    assert (planned.level, planned.organisation_id) == ("junior", house.body.id)
    assert planned.rule_pack == "exam-junior-sample.1"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"opens_at": local(NOW - timedelta(hours=1))}, said("The window opens in the future.")),
        (
            {"closes_at": local(OPENS + timedelta(minutes=MINUTES - 1))},
            said(SHORT),
        ),
        ({"minutes": "5"}, "20"),
        ({"opens_at": "soon"}, 'value="soon"'),
    ],
)
def test_a_plan_against_the_rule_is_refused_beside_its_field(
    house: House, browser_of: Browser, at_time: Callable[[datetime], None], changes: dict[str, object], said: str
) -> None:
    at_time(NOW)
    paper = make_frozen_paper(house)

    answer = submit(browser_of(house.examiner), "/exams/sessions/new", **plan_fields(paper.code, **changes))

    assert answer.status_code == 422
    assert said in answer.text
    assert "March session" in answer.text


@pytest.mark.one_database
def test_a_draft_paper_cannot_be_sat(house: House, browser_of: Browser) -> None:
    paper = make_paper(house)

    assert said("No frozen paper yet") in browser_of(house.examiner).get("/exams/sessions/new").text
    draft = papers_queries.paper(paper.code, house.examiner.actor)
    with pytest.raises(InvalidError):
        services.create_session(paper=draft, plan=make_plan(), by=house.examiner.actor, at=NOW)


def test_everyone_not_registered_is_listed_with_reasons(house: House, browser_of: Browser) -> None:
    planned = make_session(house)
    cohort = make_cohort()
    ready, learning = make_trainee(cohort), make_trainee(cohort, completed=False, hours=1)

    page = browser_of(house.examiner).get(f"/exams/sessions/{planned.code}/candidates")

    assert ready.person.name in page.text
    assert learning.person.name in page.text
    assert said("May not register yet") in page.text
    assert said("The course of this level is completed") in page.text
    assert "exam-junior-sample.1" in page.text


def test_bulk_registration_takes_the_eligible_and_leaves_the_rest_with_their_reasons(
    house: House, browser_of: Browser
) -> None:
    planned = make_session(house)
    cohort = make_cohort()
    ready = [make_trainee(cohort) for _ in range(3)]
    make_trainee(cohort, completed=False)
    make_trainee(cohort, hours=0)

    answer = submit(
        browser_of(house.examiner),
        f"/exams/sessions/{planned.code}/register",
        page=f"/exams/sessions/{planned.code}/candidates",
    )

    assert answer.status_code == 302
    registrations = session.scalars(select(Registration).order_by(Registration.number)).all()
    assert {one.person_id for one in registrations} == {one.person.id for one in ready}
    assert [one.number for one in registrations] == [1, 2, 3]
    assert registrations[0].code == f"260302{planned.id:04d}00001"
    assert all(line["outcome"] == "met" for line in registrations[0].verdict["lines"])


def test_registering_again_adds_only_who_became_eligible(house: House) -> None:
    planned = make_session(house)
    cohort = make_cohort()
    make_trainee(cohort)

    assert register(house, planned) == services.Registered(1, 0)
    make_trainee(cohort)
    assert register(house, planned) == services.Registered(1, 0)
    assert register(house, planned) == services.Registered(0, 0)


def test_a_person_of_two_cohorts_is_registered_once(house: House) -> None:
    planned = make_session(house)
    trainee = make_trainee(make_cohort())
    make_trainee(make_cohort(), person=trainee.person)

    assert register(house, planned) == services.Registered(1, 0)


@pytest.mark.parametrize(("region", "expected"), [(JINAN, 1), (GUANGDONG, 0)])
def test_candidates_come_from_cohorts_within_the_sessions_region(house: House, region: str, expected: int) -> None:
    planned = make_session(house)
    make_trainee(make_cohort(region))

    assert register(house, planned).registered == expected


def test_who_waits_for_another_session_is_refused_with_its_name(house: House) -> None:
    make_prepared(house)
    second = make_session(house, name_zh="四月场")

    page = candidates_queries.candidates(found(house, second), 1)

    lines = {line.reason: line for line in page.rows[0].verdict.lines}
    assert lines["exams.not_registered"].evidence == "三月场"
    assert not page.rows[0].verdict.met


def test_the_cool_off_counts_from_the_day_of_the_last_exam(house: House) -> None:
    _first, trainees = make_prepared(house)
    start(trainees[0])
    with unit_of_work():
        session.execute(
            update(ExamSession).values(
                state="released",
                marked_at=NOW,
                marked_by_id=house.examiner.person.id,
                proposed_at=NOW,
                proposed_by_id=house.examiner.person.id,
                released_at=NOW,
                released_by_id=house.examiner2.person.id,
            )
        )
    soon = make_session(house, opens_at=OPENS + timedelta(days=29), closes_at=CLOSES + timedelta(days=29))
    later = make_session(house, opens_at=OPENS + timedelta(days=30), closes_at=CLOSES + timedelta(days=30))

    assert register(house, soon).registered == 0
    assert register(house, later).registered == 1


def test_preparation_gives_every_candidate_a_paper_of_their_own(house: House) -> None:
    planned, trainees = make_prepared(house, candidates=3)

    attempts = [attempt_of(one) for one in trainees]
    assert found(house, planned).state is SessionState.PREPARED
    assert all(one.places == ITEMS and one.started_at is None for one in attempts)
    assert len({str(one.order) for one in attempts}) == 3
    positions = {place.position for place in papers_queries.sheet_of(planned.paper_id)}
    assert all({place.position for place in from_json(one.order)} == positions for one in attempts)
    assert [todo.url for todo in todos_of(trainees[0].actor)] == [f"/sit/{attempts[0].code}"]


def test_preparation_goes_on_in_chunks_where_it_stopped(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "CHUNK", 2)

    _planned, trainees = make_prepared(house, candidates=5)

    assert session.scalar(select(func.count()).select_from(Attempt)) == 5
    job = session.scalars(select(Job)).one()
    assert (job.done, job.total, job.state.value) == (5, 5, "done")
    assert len(trainees) == 5


def test_preparation_closes_registration_and_happens_once(house: House, browser_of: Browser) -> None:
    planned, _trainees = make_prepared(house)

    with pytest.raises(ConflictError):
        register(house, planned)
    with pytest.raises(ConflictError):
        prepare(house, planned)
    assert said(CLOSED) in browser_of(house.examiner).get(f"/exams/sessions/{planned.code}/candidates").text


def test_a_session_without_candidates_is_not_prepared(house: House) -> None:
    planned = make_session(house)

    with pytest.raises(ConflictError), unit_of_work():
        services.ask_to_prepare(found(house, planned), by=house.examiner.actor, at=NOW)


def test_a_paper_changed_after_freezing_is_not_prepared(house: House) -> None:
    planned = make_session(house)
    make_trainee(make_cohort())
    register(house, planned)
    with unit_of_work():
        session.execute(update(PaperSeal).values(sealed=b"changed"))

    with pytest.raises(ConflictError), unit_of_work():
        services.ask_to_prepare(found(house, planned), by=house.examiner.actor, at=NOW)


@pytest.mark.one_database
def test_the_session_page_says_what_is_next(
    house: House, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    at_time(NOW)
    browser = browser_of(house.examiner)
    planned = make_session(house)
    address = f"/exams/sessions/{planned.code}"

    assert said("Register the eligible candidates") in browser.get(address).text
    make_trainee(make_cohort())
    register(house, planned)
    assert said("Prepare the papers before the window opens") in browser.get(address).text
    asked = submit(browser, f"{address}/prepare", page=address)
    assert asked.status_code == 302
    assert said("Every candidate's paper is being prepared") in browser.get(address).text


def test_after_preparation_the_page_counts_down_the_window(
    house: House, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    planned, _trainees = make_prepared(house)
    browser = browser_of(house.examiner)
    address = f"/exams/sessions/{planned.code}"

    at_time(NOW)
    assert said("The window opens and candidates start") in browser.get(address).text
    at_time(OPENS)
    assert said("The window closes; what is not handed in is collected") in browser.get(address).text
    at_time(CLOSES)
    assert said("Collect what is left, then mark the sittings") in browser.get(address).text


@pytest.mark.one_database
def test_an_invigilator_watches_the_sittings_but_organises_nothing(
    house: House, browser_of: Browser, at_time: Callable[[datetime], None]
) -> None:
    planned, trainees = make_prepared(house, candidates=3)
    start(trainees[0])
    invigilator = browser_of(make_member(Role.INVIGILATOR, organisation=house.body))
    at_time(OPENS + timedelta(seconds=30))

    assert invigilator.get(f"/exams/sessions/{planned.code}/board").status_code == 200
    counts = queries.counts(planned.id, OPENS + timedelta(seconds=30))
    assert (counts.registered, counts.prepared, counts.absent, counts.working, counts.silent) == (3, 3, 2, 1, 0)
    assert queries.counts(planned.id, OPENS + timedelta(seconds=91)).silent == 1
    assert invigilator.get(f"/exams/sessions/{planned.code}/candidates").status_code == 403
    assert invigilator.get(f"/exams/sessions/{planned.code}/results").status_code == 403


def test_sessions_are_listed_by_state_within_the_organisation(house: House, browser_of: Browser) -> None:
    planned = make_session(house)
    stranger = make_member(Role.EXAMINER, organisation=make_organisation())

    browser = browser_of(house.examiner)
    assert planned.code in browser.get("/exams/sessions").text
    assert planned.code in browser.get("/exams/sessions?state=planned").text
    assert planned.code not in browser.get("/exams/sessions?state=released").text
    assert planned.code in browser.get("/exams/sessions?state=unknown").text
    assert planned.code not in browser_of(stranger).get("/exams/sessions").text
    assert browser_of(stranger).get(f"/exams/sessions/{planned.code}").status_code == 404


def test_a_regional_examiner_plans_only_within_the_region(house: House) -> None:
    own = [region.code for region in queries.regions(house.examiner.actor)]

    assert own[0] == "370000"
    assert GUANGDONG not in own
    assert GUANGDONG in [region.code for region in queries.regions(make_member(Role.EXAMINER, NATION).actor)]


def test_registered_candidates_are_listed_with_their_ticket_numbers(house: House, browser_of: Browser) -> None:
    planned, trainees = make_prepared(house, candidates=2)

    page = browser_of(house.examiner).get(f"/exams/sessions/{planned.code}/registered")

    assert all(one.person.name in page.text for one in trainees)
    assert f"260302{planned.id:04d}00002" in page.text


@pytest.mark.one_database
def test_a_plan_for_a_region_outside_is_refused(house: House, browser_of: Browser) -> None:
    paper = make_frozen_paper(house)

    answer = submit(browser_of(house.examiner), "/exams/sessions/new", **plan_fields(paper.code, region=GUANGDONG))

    assert answer.status_code == 422
