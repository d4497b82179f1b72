"""Scoring: blind until all have submitted, final, corrected with the chair, moved when an expert is recused."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from app.accounts.states import Role
from app.core.db import db, session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event, Subject
from app.desk.queries import todos_of
from app.panels.models.draws import Panel
from app.panels.models.pools import PoolExpert
from app.panels.models.scoring import Assignment, PanelScore, ScoreCorrection
from app.panels.personal_data import PERSONAL_DATA
from app.panels.queries import draws, scoring
from app.panels.services import recusal
from app.panels.services import scoring as services
from app.panels.services.scoring import Given
from app.panels.states import Conflict
from tests.factories.accounts import Member, make_member
from tests.factories.panels import AT, Office, acting, case_of, fresh, make_drawn, make_experts, make_panel

BrowserOf = Callable[[Member], FlaskClient]
CODES = ("facilities", "organisation", "results", "innovation")
REASON = "现场核查后给出的评分理由"


@contextmanager
def counted() -> Iterator[list[str]]:
    """Count the statements of a block, with those that begin a transaction and move the clock of a test."""
    sent: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    yield sent
    event.remove(db.engine, "before_cursor_execute", count)


def points(value: str, **changed: str) -> dict[str, str]:
    form = {f"points_{code}": value for code in CODES} | {f"reason_{code}": REASON for code in CODES}
    return form | changed


@pytest.fixture
def panel(office: Office) -> Panel:
    make_experts(office, 9)
    return make_drawn(office)


def seated(panel: Panel) -> list[PoolExpert]:
    return [one.expert for one in draws.seated(panel.id)]


def start(panel: Panel, office: Office, per_case: int | None = None) -> None:
    with unit_of_work():
        services.open_round(fresh(panel), purpose="inspection", per_case=per_case, by=office.secretary.actor, at=AT)


def score(panel: Panel, expert: PoolExpert, value: str, place: int = 0) -> None:
    actor = acting(expert).actor
    with unit_of_work():
        own = scoring.own_assignment(case_of(panel, place), actor)
        services.submit(own, {code: Given(Decimal(value), REASON) for code in CODES}, by=actor, at=AT)


def test_experts_score_blind_and_the_result_is_shown_when_all_have_submitted(
    office: Office, panel: Panel, browser_of: BrowserOf
) -> None:
    secretary = browser_of(office.secretary)
    path = f"/panels/{panel.code}"
    case_path = f"{path}/cases/{case_of(panel).code}"
    assert secretary.post(f"{path}/score").location == path
    assert secretary.post(f"{path}/score").status_code == 409
    first, second, third = seated(panel)
    assert "panels.score" in {todo.kind for todo in todos_of(acting(first).actor)}
    browser = browser_of(acting(first))
    assert "配套建设" in browser.get(case_path).text

    assert browser.post(f"{case_path}/score", data=points("80")).location == case_path
    score(panel, second, "82")

    assert browser.post(f"{case_path}/score", data=points("81")).status_code == 409
    assert "80.00" in browser.get(case_path).text
    for who in (browser, secretary):
        text = who.get(case_path).text
        assert "82.00" not in text
        assert "3名专家中已有2名提交" in text
    result = scoring.result_of(Subject("thing", "case-1"))
    assert result
    assert (result.totals, result.joined, result.submitted) == ({}, None, 2)
    score(panel, third, "20")

    result = scoring.result_of(Subject("thing", "case-1"))
    assert result
    assert result.joined == Decimal("60.67")
    assert result.outliers == {third.code: Decimal("-20.24")}
    assert result.agreement is None
    text = secretary.get(case_path).text
    assert "60.67" in text
    assert "离群" in text
    assert "82.00" in browser.get(case_path).text
    assert "60.67" in secretary.get(path).text
    assert session.scalars(select(Event.kind).where(Event.kind == "panels.scores_complete")).all()
    assert "panels.score" not in {todo.kind for todo in todos_of(acting(first).actor)}


def test_who_lies_far_off_is_told_to_those_who_weigh_the_scores_and_to_no_expert(
    office: Office, panel: Panel, browser_of: BrowserOf
) -> None:
    start(panel, office)
    first, second, third = seated(panel)
    for expert, value in ((first, "80"), (second, "82"), (third, "20")):
        score(panel, expert, value)
    region, host = office.pool.region_code, office.organisation
    path = f"/panels/{panel.code}"
    case_path = f"{path}/cases/{case_of(panel).code}"

    for role in (Role.SECRETARY, Role.CHAIR, Role.REGULATOR):
        weighing = browser_of(make_member(role, region, host))
        page = weighing.get(case_path).text
        assert ("修正z分数" in page, "离群值仅提示" in page) == (True, True), role
    assert "离群值" in browser_of(office.secretary).get(path).text

    supervisor = make_member(Role.SUPERVISOR, region, host)
    for member in (acting(first), acting(third), supervisor):
        browser = browser_of(member)
        page = browser.get(case_path).text
        assert "82.00" in page, "the scores are read, by code"
        assert "离群" not in page
        assert "离群" not in browser.get(path).text


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"points_facilities": "101"}, "请给0至100分"),
        ({"points_facilities": "50.3"}, "为一档"),
        ({"points_facilities": "10", "reason_facilities": "低"}, "请写明至少10字的打分理由"),
        ({"points_facilities": "60", "reason_facilities": ""}, "请写明至少10字的打分理由"),
        ({"points_facilities": ""}, "请给出得分"),
    ],
)
def test_a_wrong_score_is_refused_beside_its_field_and_keeps_what_was_typed(
    office: Office, panel: Panel, browser_of: BrowserOf, changed: dict[str, str], says: str
) -> None:
    start(panel, office)
    browser = browser_of(acting(seated(panel)[0]))

    response = browser.post(f"/panels/{panel.code}/cases/{case_of(panel).code}/score", data=points("80", **changed))

    assert response.status_code == 422
    assert says in response.text
    assert REASON in response.text
    assert session.scalars(select(PanelScore)).all() == []


def test_a_correction_needs_the_chair_and_leaves_a_trace(office: Office, panel: Panel, browser_of: BrowserOf) -> None:
    start(panel, office)
    first, *others = seated(panel)
    case_path = f"/panels/{panel.code}/cases/{case_of(panel).code}"
    browser = browser_of(acting(first))
    asked = {"correct-dimension": "results", "correct-points": "90", "correct-reason": "复核佐证后更正，漏计两个班次"}
    assert browser.post(f"{case_path}/correct", data=asked).status_code == 409
    for one in (first, *others):
        score(panel, one, "80")
    assert browser.post(f"{case_path}/correct", data={}).status_code == 422
    assert browser.post(f"{case_path}/correct", data={**asked, "correct-points": "101"}).status_code == 422
    assert browser.post(f"{case_path}/correct", data=asked).location == case_path
    assert browser.post(f"{case_path}/correct", data=asked).status_code == 409
    correction = session.scalars(select(ScoreCorrection)).one()
    chair = make_member(Role.CHAIR, office.pool.region_code, office.organisation)
    own_chair = make_member(Role.CHAIR, office.pool.region_code, office.organisation, person=first.person)
    answer = f"{case_path}/corrections/{correction.code}"
    assert browser.post(f"{answer}/approve").status_code == 403
    assert browser_of(own_chair).post(f"{answer}/approve").status_code == 403
    assert browser_of(chair).post(f"{answer}/perhaps").status_code == 404
    assert browser_of(chair).post(f"{case_path}/corrections/none/approve").status_code == 404
    assert "准予更正" in browser_of(chair).get(case_path).text

    assert browser_of(chair).post(f"{answer}/approve").status_code == 302

    result = scoring.result_of(Subject("thing", "case-1"))
    assert result
    assert result.totals[first.code] == Decimal("83.00")
    kept = session.scalars(select(ScoreCorrection).execution_options(populate_existing=True)).one()
    assert (kept.points_before, kept.points_after, kept.approved) == (Decimal(80), Decimal(90), True)
    assert browser_of(chair).post(f"{answer}/refuse").status_code == 409


def test_a_refused_correction_changes_nothing(office: Office, panel: Panel) -> None:
    start(panel, office)
    expert = seated(panel)[0]
    score(panel, expert, "80")
    actor = acting(expert).actor
    own = scoring.own_assignment(case_of(panel), actor)
    with pytest.raises(InvalidError), unit_of_work():
        services.ask_correction(own, "beauty", Decimal(50), reason=REASON, by=actor, at=AT)
    with unit_of_work():
        asked = services.ask_correction(own, "results", Decimal(50), reason=REASON, by=actor, at=AT)
        chair = make_member(Role.CHAIR).actor
    with unit_of_work():
        services.decide_correction(asked, own, approve=False, by=chair, at=AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.decide_correction(asked, own, approve=True, by=office.secretary.actor, at=AT)

    assert own.total == Decimal("80.00")


def test_a_case_moves_to_another_seated_expert_when_its_judge_is_recused(office: Office) -> None:
    make_experts(office, 9)
    panel = make_drawn(office, subjects=["case-1", "case-2", "case-3"])
    start(panel, office, per_case=2)
    loads = {one.code: 0 for one in seated(panel)}
    for one in session.scalars(select(Assignment)):
        loads[one.expert.code] += 1
    assert set(loads.values()) == {2}
    case = case_of(panel)
    leaving = next(one for one in session.scalars(select(Assignment)) if one.case_id == case.id)
    score(panel, leaving.expert, "80")

    with unit_of_work():
        recusal.declare(case, reason="合作", by=acting(leaving.expert).actor, at=AT)

    round_ = scoring.round_of(panel.id)
    assert round_
    live = [one for one in scoring.assignments(round_.id) if one.case_id == case.id]
    assert len(live) == 2
    assert leaving.expert.code not in {one.expert.code for one in live}
    assert all(one.submitted_at is None for one in live if one.id != leaving.id)


def test_the_replacement_of_a_seat_takes_over_the_case(office: Office, panel: Panel) -> None:
    start(panel, office)
    leaving = seated(panel)[0]

    with unit_of_work():
        recusal.declare(case_of(panel), reason="合作", by=acting(leaving).actor, at=AT)

    round_ = scoring.round_of(panel.id)
    assert round_
    assert {one.expert.code for one in scoring.assignments(round_.id)} == {one.code for one in seated(panel)}


def test_results_open_when_the_last_open_judge_is_recused_and_nobody_can_follow(office: Office) -> None:
    make_experts(office, 3)
    panel = make_drawn(office)
    start(panel, office)
    first, second, third = seated(panel)
    score(panel, first, "80")
    score(panel, second, "90")

    with unit_of_work():
        recusal.declare(case_of(panel), reason="合作", by=acting(third).actor, at=AT)

    result = scoring.result_of(Subject("thing", "case-1"))
    assert result
    assert (result.joined, result.judges) == (Decimal("85.00"), 2)


def test_scoring_needs_a_drawn_panel_enough_experts_and_a_rubric(office: Office) -> None:
    make_experts(office, 9)
    with pytest.raises(ConflictError):
        start(make_panel(office), office)
    panel = make_drawn(office, subjects=["case-1", "case-2"])
    with unit_of_work():
        recusal.declare(case_of(panel), reason="合作", by=acting(seated(panel)[0]).actor, at=AT)
    with pytest.raises(InvalidError):
        start(panel, office)
    with pytest.raises(InvalidError):
        scoring.rubric_in_force("beauty", office.pool.region_code, date(2026, 3, 2))
    assert scoring.result_of(Subject("thing", "case-1")) is None
    assert scoring.result_of(Subject("thing", "none")) is None


def test_agreement_compares_what_all_experts_scored(office: Office) -> None:
    make_experts(office, 9)
    panel = make_drawn(office, subjects=["case-1", "case-2"])
    start(panel, office)
    for expert in seated(panel):
        score(panel, expert, "80")
        score(panel, expert, "60", 1)

    result = scoring.result_of(Subject("thing", "case-1"))

    assert result
    assert result.agreement == Decimal("1.00")
    assert result.outliers == {}


@pytest.mark.one_database
def test_a_page_sends_as_many_statements_for_one_case_as_for_several(office: Office, browser_of: BrowserOf) -> None:
    make_experts(office, 9)
    counts = []
    browser = browser_of(office.secretary)
    for codes in (["one"], ["a", "b", "c", "d"]):
        panel = make_drawn(office, subjects=codes)
        start(panel, office)
        for expert in seated(panel):
            for place in range(len(codes)):
                score(panel, expert, "80", place)
        with counted() as sent:
            assert browser.get(f"/panels/{panel.code}").status_code == 200
        counts.append(len(sent))
        with counted() as sent:
            assert browser.get(f"/panels/{panel.code}/cases/{case_of(panel).code}").status_code == 200
        counts.append(len(sent))

    assert counts[:2] == counts[2:]
    assert max(counts) <= 13


def test_whose_term_is_over_scores_nothing_and_is_given_nothing_to_score(panel: Panel, office: Office) -> None:
    over = seated(panel)[0]
    start(panel, office)
    end(over)

    with pytest.raises(ForbiddenError, match="聘期"):
        score(panel, over, "80")
    later = make_drawn(office, subjects=("case-9",))
    end(seated(later)[0])
    with pytest.raises(ForbiddenError, match=seated(later)[0].person.name):
        start(later, office)


def end(expert: PoolExpert) -> None:
    with unit_of_work():
        yesterday = AT.date() - timedelta(days=1)
        session.execute(update(PoolExpert).where(PoolExpert.id == expert.id).values(ends_on=yesterday))
    session.expire_all()


def test_a_copy_of_ones_own_data_tells_scores_and_no_case_that_one_is_recused_from_since(
    panel: Panel, office: Office
) -> None:
    start(panel, office)
    expert = seated(panel)[0]
    score(panel, expert, "7")
    assert told_scores(expert) == {(case_of(panel).code, Decimal(7))}

    with unit_of_work():
        recusal.keep(case_of(panel).subject, expert.person, kind=Conflict.IMPOSED, reason="亲属", by=None, at=AT)

    assert told_scores(expert) == {(None, Decimal(7))}


def told_scores(expert: PoolExpert) -> set[tuple[str | None, Decimal]]:
    (told,) = (one for one in PERSONAL_DATA if one.name == "panel_scores")
    return {(row["case"], row["points"]) for row in told.collect(expert.person_id)}
