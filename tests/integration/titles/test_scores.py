"""Drawn experts score applications by a rubric: with reasons, outliers for the chair, a reference beside the ballot."""

import csv
import io
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from app.accounts.states import Role
from app.assessment.titles import queries
from app.assessment.titles.models import TitleApplication
from app.assessment.titles.states import ApplicationState
from app.ballots.states import Choice
from app.core.db import unit_of_work
from app.core.errors import ConflictError, InvalidError
from app.core.events import Subject
from app.panels.models.draws import Panel
from app.panels.models.pools import PoolExpert
from app.panels.queries import draws, scoring
from app.panels.services import offers
from app.panels.services import scoring as services
from app.panels.services.draws import CaseGiven, Plan, plan_panel
from app.panels.services.recusal import keep, leave_cases
from app.panels.services.scoring import Given
from app.panels.states import Conflict
from tests.factories import panels as making
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.titles import (
    AT,
    MET_AT,
    Scene,
    call_vote,
    fresh,
    hold_meeting,
    make_accepted,
    make_applicant,
    make_open,
    vote,
)
from tests.integration.titles.test_budgets import sent
from tests.worlds import built_once

__all__ = ["sent"]
BrowserOf = Callable[[Member], FlaskClient]
CODES = ("conduct", "knowledge", "ability", "achievements")
REASON = "材料与访谈一致，依据充分。"


@pytest.fixture
def scene(app: object, at_time: Callable[[datetime], None]) -> Scene:
    del app
    at_time(MET_AT)
    return make_scored()


@built_once
def make_scored() -> Scene:
    making.publish_pack("rubric-title-sample")
    return make_open()


def panel_on(scene: Scene, *applications: TitleApplication) -> Panel:
    with unit_of_work():
        chosen = [f"{queries.TYPE}:{one.code}" for one in applications]
        planned = offers.plan(
            scene.office.pool, Plan("评审组", "Panel", 3), chosen, by=scene.office.secretary.actor, at=AT
        )
    return making.draw(planned, scene.office)


def score(panel: Panel, expert: PoolExpert, points: str, *, place: int = 0) -> None:
    actor = making.acting(expert).actor
    given = {code: Given(Decimal(points), REASON) for code in CODES}
    with unit_of_work():
        own = scoring.own_assignment(making.case_of(panel, place), actor)
        services.submit(own, given, by=actor, at=AT)


def seated(panel: Panel) -> list[PoolExpert]:
    return [one.expert for one in draws.seated(panel.id)]


def opened(scene: Scene, browser: FlaskClient, *applications: TitleApplication) -> Panel:
    panel = panel_on(scene, *applications)
    assert browser.post(f"/panels/{panel.code}/score").status_code == 302
    return making.fresh(panel)


def test_an_application_is_scored_by_the_rubric_of_titles_and_each_score_has_a_reason(
    scene: Scene, browser_of: BrowserOf
) -> None:
    one = make_accepted(scene, make_applicant())
    panel = opened(scene, browser_of(scene.office.secretary), one)
    found = scoring.round_with_rubric(panel.id)
    assert found
    assert found[1].purpose == "title"
    assert sum(dimension.weight for dimension in found[1].dimensions) == 1
    expert = seated(panel)[0]
    actor = making.acting(expert).actor
    own = scoring.own_assignment(making.case_of(panel), actor)
    with pytest.raises(InvalidError), unit_of_work():
        services.submit(own, {code: Given(Decimal(70), "") for code in CODES}, by=actor, at=AT)


def test_scores_stay_hidden_until_all_are_in_then_chair_and_office_see_the_outlier_and_its_reasons(
    scene: Scene, browser_of: BrowserOf
) -> None:
    one = make_accepted(scene, make_applicant())
    office = browser_of(scene.office.secretary)
    panel = opened(scene, office, one)
    hold_meeting(scene)
    first, second, third = seated(panel)
    score(panel, first, "86")
    score(panel, second, "85")
    waiting = office.get(f"/titles/applications/{one.code}/scores").text
    assert "86.00" not in waiting
    assert office.get(f"/titles/rounds/{scene.round_code}/scores.csv").text.count("\n") == 1, "nor in the file"
    score(panel, third, "50")

    detail = f"/titles/applications/{one.code}/scores"
    chair = browser_of(_chair(scene))
    for browser in (office, chair, browser_of(scene.regulator)):
        page = browser.get(detail).text
        assert REASON in page
        assert "73.67" in page
        assert "修正z分数" in page, "the outlier is flagged"
        assert browser.get(f"/titles/rounds/{scene.round_code}/scores").text.count("73.67") == 1
    member = browser_of(making.acting(scene.experts[1]))
    assert "修正z分数" not in member.get(detail).text, "a member reads the scores, the chair weighs outliers"
    assert REASON in member.get(detail).text


def _chair(scene: Scene) -> Member:
    return make_member(Role.CHAIR, SHANDONG, scene.office.organisation, person=scene.experts[0].person)


def test_the_table_holds_every_score_with_weight_and_reason(scene: Scene, browser_of: BrowserOf) -> None:
    one = make_accepted(scene, make_applicant())
    office = browser_of(scene.office.secretary)
    panel = opened(scene, office, one)
    for expert, points in zip(seated(panel), ("86", "85", "50"), strict=True):
        score(panel, expert, points)

    text = office.get(f"/titles/rounds/{scene.round_code}/scores.csv").get_data().decode("utf-8-sig")

    head, *rows = csv.reader(io.StringIO(text))
    assert len(head) == 9
    assert len(rows) == len(CODES) * 3
    assert {row[0] for row in rows} == {one.person.name}
    assert {row[3] for row in rows} == {"0.15", "0.20", "0.30", "0.35"} or {row[3] for row in rows} == {
        "0.15", "0.2", "0.3", "0.35",
    }  # fmt: skip
    assert {row[5] for row in rows} == {REASON}
    assert {row[7] for row in rows} == {"73.67"}
    assert len([row for row in rows if row[8]]) == len(CODES), "one expert lies apart"
    outside = browser_of(make_member(Role.SECRETARY, "440000"))
    assert outside.get(f"/titles/rounds/{scene.round_code}/scores.csv").status_code == 404


def test_nobody_reads_the_scores_of_their_own_application_in_whatever_role(scene: Scene, browser_of: BrowserOf) -> None:
    who = make_applicant()
    one = make_accepted(scene, who)
    panel = opened(scene, browser_of(scene.office.secretary), one)
    for expert in seated(panel):
        score(panel, expert, "80")
    detail = f"/titles/applications/{one.code}/scores"
    assert browser_of(who).get(detail).status_code == 403
    also = make_member(Role.SECRETARY, SHANDONG, scene.office.organisation, person=who.person)
    assert browser_of(also).get(detail).status_code == 404
    listed = browser_of(also).get(f"/titles/rounds/{scene.round_code}/scores")
    assert detail not in listed.text


def test_whoever_is_recused_reads_no_score_and_gives_none(scene: Scene, browser_of: BrowserOf) -> None:
    one, other = (make_accepted(scene, make_applicant()) for _ in range(2))
    panel = opened(scene, browser_of(scene.office.secretary), one, other)
    hold_meeting(scene)
    expert = scene.experts[1]
    with unit_of_work():
        keep(queries.subject(one), expert.person, kind=Conflict.IMPOSED, reason="同一单位", by=None, at=AT)
        leave_cases(queries.subject(one), expert.person, at=AT)
    browser = browser_of(making.acting(expert))
    assert browser.get(f"/titles/applications/{one.code}/scores").status_code == 404
    listed = browser.get(f"/titles/rounds/{scene.round_code}/scores").text
    assert one.code not in listed
    assert other.code in listed
    assert one.person.name not in browser.get(f"/titles/rounds/{scene.round_code}/scores.csv").text
    judges = scoring.results_of(queries.TYPE, [one.code])[one.code].given
    assert expert.id not in {row.expert_id for row in judges}
    assert panel.code


def test_the_ballot_decides_whatever_the_scores_say(scene: Scene, browser_of: BrowserOf) -> None:
    one = make_accepted(scene, make_applicant())
    panel = opened(scene, browser_of(scene.office.secretary), one)
    for expert in seated(panel):
        score(panel, expert, "20")
    hold_meeting(scene)
    vote(call_vote(scene), Choice.APPROVE)
    assert fresh(one).state is ApplicationState.PASSED
    assert "panel" not in str(fresh(one).facts)


def test_cases_of_two_kinds_are_not_scored_by_one_rubric(scene: Scene, browser_of: BrowserOf) -> None:
    one = make_accepted(scene, make_applicant())
    office = scene.office
    with unit_of_work():
        cases = [CaseGiven(queries.subject(one), "甲", "A"), CaseGiven(Subject("thing", "x"), "乙", "B")]
        planned = plan_panel(office.pool, Plan("混合组", "Mixed", 3), cases=cases, by=office.secretary.actor, at=AT)
    panel = making.draw(planned, office)
    with pytest.raises(ConflictError):
        scoring.purpose_of(panel)
    assert browser_of(office.secretary).post(f"/panels/{panel.code}/score").status_code == 409


def test_the_pages_of_scores_cost_the_same_for_one_application_and_for_four(
    scene: Scene, browser_of: BrowserOf, sent: list[str]
) -> None:
    office = browser_of(scene.office.secretary)
    path = f"/titles/rounds/{scene.round_code}/scores"
    opened(scene, office, make_accepted(scene, make_applicant()))
    counted = []
    for number in (0, 3):
        if number:
            opened(scene, office, *(make_accepted(scene, make_applicant()) for _ in range(number)))
        sent.clear()
        assert office.get(path).status_code == 200
        counted.append(len(sent))
    assert counted[0] == counted[1] <= 10, sent
