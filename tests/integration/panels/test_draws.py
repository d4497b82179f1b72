"""A draw: commitments first, then the frozen population, then the reveals, then a panel that anyone recomputes."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event, Subject
from app.desk.queries import todos_of
from app.panels.models.draws import ConflictFact, Panel, PanelSeat, SeedShare
from app.panels.queries import draws as queries
from app.panels.rules.document import read_draw, recompute
from app.panels.rules.draw import commitment, population_digest
from app.panels.services import draws, pools
from app.panels.services.draws import KnownConflict, Plan
from app.panels.states import Conflict, Field, PanelState, SeatState
from tests.factories.accounts import GUANGDONG, JINAN, LIXIA, QINGDAO, SHANDONG, Member, make_member
from tests.factories.panels import (
    AT,
    Office,
    acting,
    commit_all,
    draw,
    fresh,
    make_drawn,
    make_expert,
    make_experts,
    make_office,
    make_panel,
    publish,
    secret_of,
)

BrowserOf = Callable[[Member], FlaskClient]
THING = Subject("thing", "case-1")


def test_a_draw_from_plan_to_panel_by_page(office: Office, browser_of: BrowserOf, tmp_path: Path, app: Flask) -> None:
    make_experts(office, 12)
    panel = make_panel(office)
    path = f"/panels/{panel.code}"
    members = (office.secretary, office.supervisor, office.supervisor2)
    browsers = [browser_of(one) for one in members]
    assert "评审组" in browsers[0].get("/panels").text
    assert f"{path}/publish" not in browsers[0].get(path).text
    for member, browser in zip(members, browsers, strict=True):
        text = commitment(panel.code, member.actor.person_code, "my secret")
        assert "建议的秘密" in browser.get(path).text
        assert browser.post(f"{path}/commit", data={"commitment": text.upper()}).status_code == 302
    assert f"{path}/publish" in browsers[0].get(path).text
    assert browsers[0].post(f"{path}/publish").status_code == 302
    assert str(fresh(panel).population_sha256) in browsers[1].get(path).text
    assert [todo.kind for todo in todos_of(office.supervisor.actor)] == ["panels.reveal"]
    assert "由办公室先行公布" in browsers[1].post(f"{path}/reveal", data={"secret": "my secret"}).text
    assert "与您的承诺值不符" in browsers[0].post(f"{path}/reveal", data={"secret": "mine"}).text
    assert browsers[0].post(f"{path}/reveal", data={}).status_code == 422

    for browser in browsers:
        assert browser.post(f"{path}/reveal", data={"secret": " my secret "}).status_code == 302

    drawn = fresh(panel)
    assert drawn.state is PanelState.DRAWN
    assert len(queries.seated(panel.id)) == 3
    assert todos_of(office.supervisor.actor) == []
    expert = acting(queries.seated(panel.id)[0].expert)
    assert [todo.kind for todo in todos_of(expert.actor)] == ["panels.declare"]
    assert "入席" in browsers[1].get(path).text
    saved = tmp_path / "draw.json"
    saved.write_bytes(browsers[2].get(f"{path}/draw.json").data)
    run = app.test_cli_runner()
    assert json.loads(run.invoke(args=["panels", "redraw", str(saved), "--json"]).stdout)["equal"] is True
    assert "The draw is equal." in run.invoke(args=["panels", "redraw", str(saved)]).output
    saved.write_text(saved.read_text("utf-8").replace(drawn.seed or "", "00" * 32), "utf-8")
    wrong = run.invoke(args=["panels", "redraw", str(saved)])
    assert (wrong.exit_code, "seed: NOT EQUAL" in wrong.output) == (1, True)
    saved.write_text("{}", "utf-8")
    assert run.invoke(args=["panels", "redraw", str(saved)]).exit_code == 1
    saved.write_text("no json", "utf-8")
    assert run.invoke(args=["panels", "redraw", str(saved)]).exit_code == 1


def test_the_commitment_of_the_command_is_that_of_the_site(app: Flask) -> None:
    run = app.test_cli_runner()

    shown = run.invoke(args=["panels", "commitment", "p", "me", "--secret", "s"]).output
    document = run.invoke(args=["panels", "commitment", "p", "me", "--secret", "s", "--json"]).stdout

    assert shown.strip() == json.loads(document)["commitment"] == commitment("p", "me", "s")


def test_office_and_two_witnesses_commit_before_the_population_is_published(office: Office) -> None:
    make_experts(office, 6)
    panel = make_panel(office)
    for member in (office.secretary, office.supervisor):
        with unit_of_work():
            text = commitment(panel.code, member.actor.person_code, "s")
            draws.commit_share(fresh(panel), text, by=member.actor, at=AT)

    with pytest.raises(ConflictError, match="至少2名见证人"), unit_of_work():
        draws.publish(fresh(panel), by=office.secretary.actor, at=AT)
    assert fresh(panel).state is PanelState.PLANNED


def test_a_commitment_is_given_once_by_each_and_once_by_the_office(office: Office, browser_of: BrowserOf) -> None:
    make_experts(office, 6)
    panel = make_panel(office)
    path = f"/panels/{panel.code}/commit"
    browser = browser_of(office.secretary)
    text = sha256(b"x").hexdigest()

    for wrong in ("", "abc", "g" * 64):
        assert browser.post(path, data={"commitment": wrong}).status_code == 422
    assert browser.post(path, data={"commitment": text}).status_code == 302
    assert browser.post(path, data={"commitment": sha256(b"y").hexdigest()}).status_code == 409
    colleague = make_member(type(office.secretary.membership.role).SECRETARY, SHANDONG, office.organisation)
    assert browser_of(colleague).post(path, data={"commitment": sha256(b"z").hexdigest()}).status_code == 409
    assert browser_of(office.supervisor).post(path, data={"commitment": text}).status_code == 409
    assert len(session.scalars(select(SeedShare)).all()) == 1


def test_who_stands_in_the_pool_or_is_recused_cannot_witness(office: Office) -> None:
    expert = make_expert(office)
    person = office.supervisor.person
    conflict = KnownConflict(person.id, THING, Conflict.KINSHIP, "配偶")
    panel = make_panel(office, conflicts=[conflict])
    inside = make_member(type(office.supervisor.membership.role).SUPERVISOR, SHANDONG, person=expert.person)

    for member in (inside, office.supervisor):
        with pytest.raises(ForbiddenError), unit_of_work():
            draws.commit_share(panel, "a" * 64, by=member.actor, at=AT)


def test_nothing_is_committed_or_revealed_out_of_its_phase(office: Office) -> None:
    make_experts(office, 6)
    panel = make_panel(office)
    with pytest.raises(ConflictError), unit_of_work():
        draws.reveal(panel, "s", by=office.secretary.actor, at=AT)
    publish(panel, office)

    with pytest.raises(ConflictError), unit_of_work():
        draws.commit_share(fresh(panel), "a" * 64, by=office.regulator.actor, at=AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        draws.reveal(fresh(panel), "s", by=office.regulator.actor, at=AT)
    with unit_of_work():
        draws.reveal(fresh(panel), secret_of(office.secretary.actor), by=office.secretary.actor, at=AT)
    with pytest.raises(ConflictError), unit_of_work():
        draws.reveal(fresh(panel), secret_of(office.secretary.actor), by=office.secretary.actor, at=AT)


def test_a_witness_who_never_reveals_voids_the_attempt_and_nobody_draws_without_them(
    office: Office, browser_of: BrowserOf, at_time: Callable[[datetime], None]
) -> None:
    make_experts(office, 8)
    panel = make_panel(office)
    publish(panel, office)
    path = f"/panels/{panel.code}"
    browser = browser_of(office.secretary)
    for member in (office.secretary, office.supervisor):
        with unit_of_work():
            draws.reveal(fresh(panel), secret_of(member.actor), by=member.actor, at=AT)
    assert browser.post(f"{path}/start-over", data={"reason": "未公开"}).status_code == 409

    at_time(AT + timedelta(hours=49))

    assert "公布期限已过" in browser.get(path).text
    late = browser_of(office.supervisor2).post(f"{path}/reveal", data={"secret": secret_of(office.supervisor2.actor)})
    assert late.status_code == 409
    assert browser.post(f"{path}/start-over", data={}).status_code == 422
    assert browser.post(f"{path}/start-over", data={"reason": "未公开"}).status_code == 302
    again = fresh(panel)
    assert (again.state, again.attempt, again.population_sha256) == (PanelState.PLANNED, 2, None)
    event = session.scalars(select(Event).where(Event.kind == "panels.started_over")).one()
    assert event.data["missing"] == office.supervisor2.person.code
    used = commitment(panel.code, office.secretary.actor.person_code, secret_of(office.secretary.actor))
    with pytest.raises(ConflictError), unit_of_work():
        draws.commit_share(fresh(panel), used, by=office.secretary.actor, at=AT)


def test_experts_with_a_conflict_or_out_of_field_or_term_are_not_in_the_population(office: Office) -> None:
    experts = make_experts(office, 6)
    lawyer = make_expert(office, field=Field.LAW)
    gone = make_expert(office)
    with unit_of_work():
        pools.decide(gone, "suspend", reason="核查", by=office.regulator.actor, at=AT)
    conflict = KnownConflict(experts[0].person_id, THING, Conflict.UNIT, "申报单位同为某院")
    panel = make_panel(office, plan=Plan("组", "Panel", 3, field=Field.TRANSFER), conflicts=[conflict, conflict])

    drawn = draw(panel, office)

    codes = {one[0] for one in drawn.population}
    assert codes == {one.code for one in experts[1:]}
    assert lawyer.code not in codes
    fact = session.scalars(select(ConflictFact)).one()
    assert (fact.expert_id, fact.kind, fact.source) == (experts[0].id, Conflict.UNIT, "申报单位同为某院")
    assert {one.state for one in session.scalars(select(PanelSeat))} == {SeatState.SEATED, SeatState.SUBSTITUTE}


def test_quotas_that_cannot_be_honoured_are_named_and_nothing_is_published(
    office: Office, browser_of: BrowserOf
) -> None:
    for unit in ("同一研究院", "同一 研究院", "同一研究院有限公司", "（同一）研究院"):
        make_expert(office, unit=unit)
    panel = make_panel(office)
    commit_all(panel, office)

    response = browser_of(office.secretary).post(f"/panels/{panel.code}/publish")

    assert response.status_code == 422
    assert "同一单位最多1名，只余1名专家可选，不足3席" in response.text
    assert fresh(panel).state is PanelState.PLANNED


@pytest.mark.usefixtures("app")
def test_a_plan_without_cases_or_with_foreign_conflicts_is_refused(office: Office) -> None:
    with pytest.raises(InvalidError), unit_of_work():
        draws.plan_panel(office.pool, Plan("组", "Panel", 3), cases=[], by=None, at=AT)
    with pytest.raises(InvalidError):
        make_panel(office, plan=Plan("组", "Panel", 1, regions=2))
    foreign = KnownConflict(office.secretary.person.id, Subject("thing", "other"), Conflict.UNIT, "x")
    with pytest.raises(InvalidError):
        make_panel(office, conflicts=[foreign])
    assert session.scalars(select(Panel)).all() == []


def test_panels_are_for_their_office_region_and_seated_experts_only(office: Office, browser_of: BrowserOf) -> None:
    make_experts(office, 8)
    panel = make_drawn(office)
    seats = queries.seats(panel)
    seated = next(one.expert for one in seats if one.state is SeatState.SEATED)
    spare = next(one.expert for one in seats if one.state is SeatState.SUBSTITUTE)
    other = make_office(GUANGDONG)
    path = f"/panels/{panel.code}"

    page = browser_of(acting(seated)).get(path)
    assert page.status_code == 200
    assert spare.unit not in page.text
    assert browser_of(acting(seated)).get(f"{path}/draw.json").status_code == 403
    assert browser_of(acting(spare)).get(path).status_code == 404
    for member in (other.secretary, other.supervisor):
        assert browser_of(member).get(path).status_code == 404
        assert browser_of(member).get(f"{path}/draw.json").status_code == 404
    assert browser_of(make_member(type(office.secretary.membership.role).BASE)).get(path).status_code == 403
    planned = make_panel(office, subjects=["case-2"])
    assert browser_of(office.supervisor).get(f"/panels/{planned.code}/draw.json").status_code == 404
    assert "评审组" in browser_of(office.supervisor).get("/panels?state=drawn").text


def test_the_record_of_a_draw_recomputes_after_replacements(office: Office) -> None:
    make_experts(office, 8)
    panel = make_drawn(office)

    file = read_draw(json.loads(json.dumps(queries.document(panel))))

    assert all(check.equal for check in recompute(file))
    assert file.seated == [one.expert.code for one in queries.seats(panel) if one.first]


def test_a_pool_of_a_province_is_balanced_over_its_cities(office: Office, browser_of: BrowserOf) -> None:
    for region in (JINAN, LIXIA, JINAN, QINGDAO):
        make_expert(office, region=region)

    drawn = draw(make_panel(office), office)

    assert sorted(region for _code, _unit, region in drawn.population) == [JINAN, JINAN, JINAN, QINGDAO]
    assert QINGDAO in {draws_region(drawn, one.expert.code) for one in queries.seated(drawn.id)}
    assert "济南市 3; 青岛市 1" in browser_of(office.secretary).get(f"/panels/{drawn.code}").text


def draws_region(panel: Panel, code: str) -> str:
    return next(region for one, _unit, region in panel.population if one == code)


def test_a_pool_of_one_city_alone_is_named_as_too_narrow(office: Office) -> None:
    for region in (JINAN, LIXIA, JINAN):
        make_expert(office, region=region)
    panel = make_panel(office)
    commit_all(panel, office)

    with pytest.raises(InvalidError, match="只来自1个"), unit_of_work():
        draws.publish(fresh(panel), by=office.secretary.actor, at=AT)


def test_a_draw_made_while_regions_were_provinces_still_recomputes_and_replaces(office: Office) -> None:
    """The population is frozen with the regions it was drawn by, whatever experts would count for today."""
    make_experts(office, 8)
    panel = make_panel(office)
    publish(panel, office)
    with unit_of_work():
        old = fresh(panel)
        old.population = [[code, unit, f"{region[:2]}0000"] for code, unit, region in old.population]
        old.population_sha256 = population_digest(queries.candidates(old))
    for member in (office.secretary, office.supervisor, office.supervisor2):
        with unit_of_work():
            draws.reveal(fresh(panel), secret_of(member.actor), by=member.actor, at=AT)

    file = read_draw(json.loads(json.dumps(queries.document(fresh(panel)))))

    assert {region for _code, _unit, region in file.population} == {SHANDONG, GUANGDONG}
    assert all(check.equal for check in recompute(file))
