"""Recusal: whoever is recused from a case gets the answer of a record that does not exist, wherever they ask."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError
from werkzeug.routing import Rule

from app.accounts.models import Person
from app.accounts.states import Role
from app.cases.states import BY_NAME
from app.core.columns import new_code
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Subject
from app.desk import services as desk
from app.desk.queries import count_todos, todos_of
from app.panels.models.draws import Panel, PanelCase, PanelSeat
from app.panels.models.pools import PoolExpert
from app.panels.personal_data import PERSONAL_DATA
from app.panels.queries import draws as queries
from app.panels.queries import scope
from app.panels.rules.document import Late, read_draw, recompute
from app.panels.services import recusal
from app.panels.services.settling import settle
from app.panels.services.subjects import of_panel
from app.panels.states import NOT_SERVING, SOURCE_LABELS, Conflict, SeatState
from tests.factories.accounts import Member, make_member
from tests.factories.cases import restrict
from tests.factories.panels import (
    AT,
    Office,
    acting,
    case_of,
    draw,
    fresh,
    make_drawn,
    make_experts,
    make_panel,
    publish,
)

BrowserOf = Callable[[Member], FlaskClient]
TOKEN = re.compile(r'name="csrf_token" value="[^"]*"')


def seated(panel: Panel) -> list[PoolExpert]:
    return [one.expert for one in queries.seated(panel.id)]


def declare(expert: PoolExpert, case: PanelCase) -> None:
    with unit_of_work():
        recusal.declare(case, reason="与申报单位有合作合同。", by=acting(expert).actor, at=AT)


def same_answer(browser: FlaskClient, method: str, real: str, made_up: str, codes: tuple[str, str]) -> None:
    """Assert that two addresses are answered alike: status, body and headers, but for the code itself."""
    one = browser.open(real, method=method, data={"reason": "理由"})
    other = browser.open(made_up, method=method, data={"reason": "理由"})
    body = TOKEN.sub("", one.text).replace(codes[0], codes[1])
    assert (one.status_code, body) == (other.status_code, TOKEN.sub("", other.text)), real
    headers = [{key: value for key, value in answer.headers if key != "Date"} for answer in (one, other)]
    assert headers[0].keys() == headers[1].keys(), real
    assert headers[0].get("Location") == headers[1].get("Location")


def routes_with(app: Flask, argument: str) -> list[Rule]:
    return [
        rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("panels.") and argument in rule.arguments and not rule.rule.startswith("/pools")
    ]


def address(app: Flask, rule: Rule, **values: str) -> str:
    filled = {name: values.get(name, "x") for name in rule.arguments}
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, filled, method=method_of(rule))


def method_of(rule: Rule) -> str:
    return next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def test_every_route_answers_a_recused_expert_as_for_a_code_that_does_not_exist(
    app: Flask, office: Office, browser_of: BrowserOf
) -> None:
    make_experts(office, 9)
    panel = make_drawn(office, subjects=["case-1", "case-2"])
    case = case_of(panel)
    expert = seated(panel)[0]
    browser = browser_of(acting(expert))
    assert browser.get(f"/panels/{panel.code}/cases/{case.code}").status_code == 200

    declare(expert, case)

    walked = 0
    for rule in routes_with(app, "case"):
        made_up = new_code()
        real = address(app, rule, code=panel.code, case=case.code)
        unknown = address(app, rule, code=panel.code, case=made_up)
        same_answer(browser, method_of(rule), real, unknown, (case.code, made_up))
        walked += 1
    assert walked >= 3
    assert browser.get(f"/panels/{panel.code}/cases/{case.code}").status_code == 404
    page = browser.get(f"/panels/{panel.code}").text
    assert case.label_zh not in page
    assert case_of(panel, 1).label_zh in page


def test_a_panel_of_one_case_vanishes_with_its_seat_for_who_is_recused(
    app: Flask, office: Office, browser_of: BrowserOf
) -> None:
    make_experts(office, 9)
    panel = make_drawn(office)
    case = case_of(panel)
    expert = seated(panel)[0]
    member = acting(expert)
    browser = browser_of(member)
    with unit_of_work():
        desk.open_todo("panels.declare", case.subject, url="/x", at=AT, person_id=expert.person_id)
    before = count_todos(member.actor)

    declare(expert, case)

    for rule in routes_with(app, "code"):
        if rule.rule.startswith(("/my", "/committees", "/meetings")):
            continue
        made_up = new_code()
        real = address(app, rule, code=panel.code, case=case.code)
        same_answer(
            browser, method_of(rule), real, address(app, rule, code=made_up, case=case.code), (panel.code, made_up)
        )
    assert before == 2
    assert count_todos(member.actor) == 0
    assert todos_of(member.actor) == []
    assert queries.count_seated(member.actor) == 0
    listed = browser.get("/panels").text
    assert panel.name_zh not in listed
    assert panel.name_zh not in browser.get("/home").text
    assert session.scalars(scope.cases(member.actor)).all() == []


@pytest.mark.parametrize("role", [Role.SECRETARY, Role.SUPERVISOR, Role.REGULATOR])
def test_recusal_holds_in_every_role_of_the_person(office: Office, browser_of: BrowserOf, role: Role) -> None:
    make_experts(office, 9)
    panel = make_drawn(office)
    case = case_of(panel)
    expert = seated(panel)[0]
    declare(expert, case)

    other_role = make_member(role, office.pool.region_code, office.organisation, person=expert.person)

    browser = browser_of(other_role)
    assert browser.get(f"/panels/{panel.code}").status_code == 404
    assert browser.get(f"/panels/{panel.code}/draw.json").status_code == 404
    assert panel.name_zh not in browser.get("/panels").text
    assert scope.recused(expert.person_id, case.subject)
    assert not scope.recused(expert.person_id, Subject("thing", "other"))
    assert not scope.recused(expert.person_id, Subject("other", case.subject_code))


def test_another_room_filters_its_own_rows_by_the_same_condition(office: Office) -> None:
    make_experts(office, 9)
    panel = make_drawn(office, subjects=["case-1", "case-2"])
    expert = seated(panel)[0]
    declare(expert, case_of(panel))
    visible = scope.visible_to_panel(acting(expert).actor, "thing", PanelCase.subject_code)

    codes = session.scalars(select(PanelCase.subject_code).where(visible)).all()

    assert codes == ["case-2"]
    people = {one.person_id for one in seated(panel)}
    assert scope.recused_among(people, Subject("thing", "case-1")) == {expert.person_id}


@pytest.mark.one_database
def test_nobody_is_recused_by_their_own_word_without_a_reason(office: Office, browser_of: BrowserOf) -> None:
    make_experts(office, 3)
    panel = make_drawn(office)
    expert, case = seated(panel)[0], case_of(panel)

    answer = browser_of(acting(expert)).post(f"/panels/{panel.code}/cases/{case.code}/declare", data={"reason": " "})

    assert answer.status_code == 422
    assert 'id="reason-error"' in answer.text
    assert not scope.recused(expert.person_id, case.subject)


def test_the_next_substitute_of_the_same_draw_takes_the_seat(office: Office, browser_of: BrowserOf) -> None:
    make_experts(office, 12)
    panel = make_drawn(office)
    case = case_of(panel)
    leaving = seated(panel)[0]
    first_substitute = next(one for one in queries.seats(panel) if one.state is SeatState.SUBSTITUTE)
    path = f"/panels/{panel.code}/cases/{case.code}/recuse"
    browser = browser_of(office.secretary)
    assert browser.post(path, data={"expert": leaving.code}).status_code == 422

    assert browser.post(path, data={"expert": leaving.code, "reason": "近三年有合作"}).status_code == 302

    now = seated(fresh(panel))
    assert len(now) == 3
    assert leaving.code not in {one.code for one in now}
    taken = session.scalars(select(PanelSeat).where(PanelSeat.expert_id == leaving.id)).one()
    assert (taken.state, taken.reason, taken.was_seated) == (SeatState.RECUSED, "近三年有合作", True)
    replacement = session.get_one(PanelSeat, taken.replaced_by_id or 0)
    assert replacement.place >= first_substitute.place
    assert [todo.kind for todo in todos_of(acting(replacement.expert).actor)] == ["panels.declare"]
    assert "近三年有合作" in browser.get(f"/panels/{panel.code}/cases/{case.code}").text
    with unit_of_work():
        spare = next(one for one in queries.seats(panel) if one.state is SeatState.SUBSTITUTE)
        person = session.get_one(Person, spare.expert.person_id)
        recusal.impose(case, person, reason="亲属", by=office.secretary.actor, at=AT)
    file = read_draw(queries.document(fresh(panel)))
    assert [one.by is None for one in file.recusals if isinstance(one, Late)] == [False, True]
    assert all(check.equal for check in recompute(file))


def end_term(expert: PoolExpert) -> None:
    with unit_of_work():
        session.execute(
            update(PoolExpert).where(PoolExpert.id == expert.id).values(ends_on=AT.date() - timedelta(days=1))
        )


def spare(panel: Panel) -> list[PanelSeat]:
    return [one for one in queries.seats(fresh(panel)) if one.state is SeatState.SUBSTITUTE]


def test_substitutes_who_may_not_serve_are_passed_over_and_the_draw_stays_recomputable(office: Office) -> None:
    make_experts(office, 12)
    panel = make_drawn(office)
    able = {one.expert.region_code: one.id for one in spare(panel)}
    unable = [one for one in spare(panel) if one.id not in able.values()]
    for one in unable[::2]:
        end_term(one.expert)
    for one in unable[1::2]:
        restrict("panels.serve", one.expert.person)
    leaving = seated(panel)[0]

    declare(leaving, case_of(panel))

    now = {one.code for one in seated(fresh(panel))}
    assert len(now) == 3
    assert not now & {leaving.code, *(one.expert.code for one in unable)}
    passed = [one for one in queries.seats(fresh(panel)) if one.reason == NOT_SERVING]
    assert {one.expert_id for one in passed} <= {one.expert_id for one in unable}
    assert passed
    assert all(one.state is SeatState.RECUSED and not one.was_seated for one in passed)
    assert all(check.equal for check in recompute(read_draw(queries.document(fresh(panel)))))
    (kept,) = [one for one in PERSONAL_DATA if one.name == "panel_seats"]
    told = next(iter(kept.collect(passed[0].expert.person_id)))
    assert told["reason"] == SOURCE_LABELS[NOT_SERVING]


def test_nobody_whose_term_is_over_takes_the_last_seat(office: Office) -> None:
    make_experts(office, 4)
    panel = make_drawn(office)
    (last,) = spare(panel)
    end_term(last.expert)

    declare(seated(panel)[0], case_of(panel))

    assert len(seated(fresh(panel))) == 2
    assert all(check.equal for check in recompute(read_draw(queries.document(fresh(panel)))))


def test_who_comes_back_leaves_seats_to_who_may_serve(office: Office) -> None:
    make_experts(office, 4)
    panel = make_drawn(office)
    case, (last,) = case_of(panel), spare(panel)
    first = seated(panel)[0]
    for one in (last.expert, first):
        with unit_of_work():
            recusal.recuse(case, one.person, kind=Conflict.DECLARED, reason=BY_NAME, by=None, at=AT)
    end_term(last.expert)

    for one in (last.expert, first):
        with unit_of_work():
            settle(
                case.subject,
                one.person.code,
                same=False,
                reason="同名。",
                about=of_panel(panel),
                by=office.secretary.actor,
                at=AT,
            )

        assert all(check.equal for check in recompute(read_draw(queries.document(fresh(panel)))))
    assert last.expert.code not in {one.code for one in seated(fresh(panel))}
    assert first.code in {one.code for one in seated(fresh(panel))}


def test_a_seat_stays_empty_where_no_substitute_keeps_the_quotas(office: Office) -> None:
    make_experts(office, 3)
    panel = make_drawn(office)

    declare(seated(panel)[0], case_of(panel))

    assert len(seated(panel)) == 2
    assert all(check.equal for check in recompute(read_draw(queries.document(fresh(panel)))))


def test_recusal_from_one_case_of_several_keeps_the_seat(office: Office) -> None:
    make_experts(office, 9)
    panel = make_drawn(office, subjects=["case-1", "case-2"])
    expert = seated(panel)[0]

    declare(expert, case_of(panel))
    assert expert.code in {one.code for one in seated(panel)}
    declare(expert, case_of(panel, 1))
    assert expert.code not in {one.code for one in seated(panel)}


def test_recusal_waits_while_the_population_is_public_and_is_given_once(office: Office) -> None:
    experts = make_experts(office, 9)
    panel = make_panel(office)
    publish(panel, office)
    with pytest.raises(ConflictError, match="待抽取完成后"), unit_of_work():
        recusal.recuse(
            case_of(panel), experts[0].person, kind=Conflict.UNIT, reason="x", by=office.secretary.actor, at=AT
        )


def test_a_recused_expert_is_never_drawn(office: Office) -> None:
    experts = make_experts(office, 9)
    panel = make_panel(office)
    with unit_of_work():
        recusal.impose(case_of(panel), experts[0].person, reason="x", by=office.secretary.actor, at=AT)
    with pytest.raises(ConflictError), unit_of_work():
        recusal.impose(case_of(panel), experts[0].person, reason="x", by=office.secretary.actor, at=AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        recusal.impose(case_of(panel), experts[1].person, reason="x", by=office.supervisor.actor, at=AT)

    drawn = draw(panel, office)

    assert experts[0].code not in {one[0] for one in drawn.population}
    assert experts[0].code not in {one.expert.code for one in queries.seats(drawn)}


@pytest.mark.parametrize("statement", ["UPDATE recusal SET reason = 'x'", "DELETE FROM recusal"])
def test_a_recusal_cannot_be_rewritten(office: Office, statement: str) -> None:
    make_experts(office, 9)
    panel = make_drawn(office)
    declare(seated(panel)[0], case_of(panel))

    with pytest.raises((DatabaseError, ConflictError), match="append-only"), unit_of_work():
        session.execute(text(statement))
