"""An office plans a panel for cases that the rooms above let it put before drawn experts."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.states import Role
from app.assessment.titles import queries as titles
from app.core.db import session, unit_of_work
from app.core.errors import InvalidError
from app.core.events import Subject
from app.panels.models.draws import Panel
from app.panels.queries import scope
from app.panels.services import offers
from app.panels.services.draws import Plan
from tests.factories.accounts import Member, make_member
from tests.factories.panels import acting
from tests.factories.titles import AT, Scene, make_accepted, make_applicant, make_open, make_submitted
from tests.submit import submit

BrowserOf = Callable[[Member], FlaskClient]
NAMES = {"name_zh": "春季评审专家组", "name_en": "Spring panel"}


@pytest.fixture
def scene(app: object, at_time: Callable[[object], None]) -> Scene:
    del app
    at_time(AT)
    return make_open()


def code_of(subject: Subject) -> str:
    return f"{subject.type}:{subject.code}"


def plan(browser: FlaskClient, scene: Scene, **given: object) -> TestResponse:
    fields: dict[str, object] = {**NAMES, "pool": scene.office.pool.code, "seats": "1", "field": "", **given}
    return submit(browser, "/panels/new", page="/panels/new", **fields)


def test_an_accepted_application_is_put_before_drawn_experts(scene: Scene, browser_of: BrowserOf) -> None:
    one = make_accepted(scene, make_applicant())
    waiting = make_submitted(scene, make_applicant())
    browser = browser_of(scene.office.secretary)
    page = browser.get("/panels/new").text
    assert one.code in page
    assert waiting.code not in page

    answer = plan(browser, scene, cases=[code_of(titles.subject(one))])

    planned = session.query(Panel).one()
    assert (answer.status_code, answer.location) == (302, f"/panels/{planned.code}")
    assert (planned.seats, planned.name_zh) == (1, NAMES["name_zh"])
    assert one.person.name in browser.get(f"/panels/{planned.code}").text


def test_the_applicant_and_their_colleagues_are_recused_at_once(scene: Scene, browser_of: BrowserOf) -> None:
    expert, colleague, stranger = scene.experts
    unit = scene.office.organisation
    applicant = make_member(Role.TRAINEE, "370102", unit, person=expert.person)
    make_member(Role.TRAINEE, "370102", unit, person=colleague.person)
    one = make_accepted(scene, applicant)

    plan(browser_of(scene.office.secretary), scene, cases=[code_of(titles.subject(one))])

    people = [expert.person_id, colleague.person_id, stranger.person_id]
    assert scope.recused_among(people, titles.subject(one)) == {expert.person_id, colleague.person_id}
    assert browser_of(applicant).get(f"/titles/applications/{one.code}").status_code == 200


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("given", "field"),
    [({"cases": []}, "cases"), ({"seats": "0"}, "seats"), ({"seats": ""}, "seats"), ({"regions": "2"}, "regions")],
)
def test_what_was_typed_stays_beside_what_is_wrong(
    scene: Scene, browser_of: BrowserOf, given: dict[str, object], field: str
) -> None:
    one = make_accepted(scene, make_applicant())
    browser = browser_of(scene.office.secretary)

    answer = plan(browser, scene, **{"cases": [code_of(titles.subject(one))], **given})

    assert answer.status_code == 422
    assert NAMES["name_zh"] in answer.text
    assert f'id="{field}-error"' in answer.text
    assert session.query(Panel).count() == 0


@pytest.mark.one_database
def test_another_office_is_offered_nothing_and_no_expert_plans(scene: Scene, browser_of: BrowserOf) -> None:
    make_accepted(scene, make_applicant())
    other = make_member(Role.SECRETARY, "440000")

    assert offers.offered(other.actor) == []
    assert offers.offered(scene.office.regulator.actor) == []
    assert browser_of(acting(scene.experts[0])).get("/panels/new").status_code == 403
    assert "没有" in browser_of(other).get("/panels/new").text or "尚无" in browser_of(other).get("/panels/new").text


@pytest.mark.one_database
def test_a_case_that_no_longer_waits_is_not_planned(scene: Scene) -> None:
    one = make_accepted(scene, make_applicant())
    office, wanted = scene.office, Plan("组", "Panel", 1)

    with pytest.raises(InvalidError) as refused, unit_of_work():
        offers.plan(
            office.pool,
            wanted,
            [code_of(titles.subject(one)), "title_application:gone"],
            by=office.secretary.actor,
            at=AT,
        )

    assert refused.value.field == "cases"
    assert session.query(Panel).count() == 0
