"""Publicity periods: working days, masked names, objections under a sealed name, leads, and what follows."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from app.accounts.states import Role
from app.bases import services as bases
from app.bases.models import TrainingBase
from app.bases.services import ACCREDITATION
from app.bases.states import BaseState
from app.cases import services
from app.cases.models import CaseAuthor, Publicity
from app.cases.queries import notices
from app.cases.services import authors, publicity
from app.cases.services.publicity import Announcement, open_publicity, tell_if_passed
from app.cases.services.subjects import of_case
from app.core import jobs
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event, Subject
from app.desk.models import Todo
from app.desk.queries import timeline_entries
from tests.factories.accounts import GUANGDONG, NATION, SHANDONG, make_member, make_organisation
from tests.factories.bases import make_accredited, make_application
from tests.factories.cases import (
    LEAD,
    NOW,
    accepted,
    again,
    appealed,
    days,
    decided,
    make_clocks,
    make_objection,
    make_officer,
    make_publicity,
)
from tests.factories.exams import said

Clock = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def _today(app: Flask, at_time: Clock) -> None:
    del app
    at_time(NOW)


def events_of(kind: str) -> list[Event]:
    return list(session.scalars(select(Event).where(Event.kind == kind)))


def test_a_period_counts_working_days_from_the_next_day_on() -> None:
    found = make_publicity()

    assert (found.starts_on, found.ends_on) == (date(2026, 3, 2), date(2026, 3, 9))


def test_names_are_masked_before_they_are_stored() -> None:
    found = make_publicity(names=("王小明", "李四"))

    assert found.names == ["王*明", "李*"]


def test_the_same_period_is_opened_once() -> None:
    make_clocks()
    said_ = Announcement("公示", "Notice", "内容", "Body", "/bases")

    def opened() -> int:
        with unit_of_work():
            return open_publicity(
                ACCREDITATION, Subject("x", "one"), said_, region_code=SHANDONG, authority_region=SHANDONG,
                decided_by_id=None, by=None, at=NOW,
            ).id  # fmt: skip

    assert opened() == opened()


def test_a_period_that_no_rule_demands_is_refused() -> None:
    said_ = Announcement("公示", "Notice", "内容", "Body", "/bases")

    with pytest.raises(InvalidError), unit_of_work():
        open_publicity(
            "no.such", Subject("x", "one"), said_, region_code=SHANDONG, authority_region=SHANDONG,
            decided_by_id=None, by=None, at=NOW,
        )  # fmt: skip


def test_the_rooms_above_are_told_once_and_only_after_the_last_day() -> None:
    found = make_publicity()

    def tell(at: datetime) -> bool:
        with unit_of_work():
            return tell_if_passed(notices.publicity(found.code), at=at)

    assert [tell(days(7)), tell(days(8)), tell(days(9))] == [False, True, False]
    (event,) = events_of("cases.publicity_ended")
    assert (event.data["objections"], event.data["upheld"], event.data["subject_code"]) == (0, 0, found.subject_code)


def test_an_open_objection_holds_the_end_of_the_period_back() -> None:
    found = make_publicity()
    officer = make_officer()
    case = make_objection(found, make_member(Role.TRAINEE).actor)

    with unit_of_work():
        assert services.end_publicity(at=days(30)) == 0
    decided(accepted(case, officer), officer, upheld=False)
    with unit_of_work():
        assert services.end_publicity(at=days(30)) == 1


def test_nobody_objects_after_the_last_day(at_time: Clock) -> None:
    found = make_publicity()
    at_time(days(8))

    with pytest.raises(ForbiddenError):
        make_objection(found, make_member(Role.TRAINEE).actor, at=days(8))


def test_an_objection_keeps_no_clear_key_of_its_author() -> None:
    author = make_member(Role.TRAINEE)

    case = make_objection(make_publicity(), author.actor)

    row = session.execute(text("SELECT * FROM case_record WHERE id = :id"), {"id": case.id}).mappings().one()
    assert row["raised_by_id"] is None
    kept = session.scalars(select(CaseAuthor)).one()
    assert author.person.name.encode() not in kept.name_sealed + kept.locator_sealed
    assert {event.actor_id for event in events_of("cases.raised")} == {None}
    assert authors.is_author(case, author.actor)
    assert not authors.is_author(case, make_member(Role.TRAINEE).actor)


def test_the_handling_officer_opens_the_name_with_a_reason_that_is_recorded() -> None:
    author, officer = make_member(Role.TRAINEE), make_officer()
    case = make_objection(make_publicity(), author.actor)

    with pytest.raises(InvalidError), unit_of_work():
        services.reveal_author(again(case), reason=" ", by=officer.actor, at=NOW)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.reveal_author(again(case), reason="核实。", by=make_officer(NATION).actor, at=NOW)
    with unit_of_work():
        name = services.reveal_author(again(case), reason="需当面核实。", by=officer.actor, at=NOW)

    assert name == author.person.name
    (event,) = events_of("cases.author_revealed")
    (entry, *_others) = timeline_entries(of_case(case))
    assert (event.actor_id, entry.reason) == (officer.person.id, "需当面核实。")
    assert "当面" not in (event.reason or ""), "what is said of a person goes with an erasure"
    assert author.person.name not in str(event.data)


def test_a_decided_objection_keeps_its_author_sealed() -> None:
    officer = make_officer()
    case = decided(accepted(make_objection(make_publicity(), make_member(Role.TRAINEE).actor), officer), officer)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.reveal_author(case, reason="好奇。", by=officer.actor, at=NOW)


def test_a_protected_author_is_told_and_takes_the_decision_further_under_seal() -> None:
    author, officer = make_member(Role.TRAINEE), make_officer()
    make_officer()
    case = decided(accepted(make_objection(make_publicity(), author.actor), officer), officer, upheld=False)

    recheck = appealed(case, author.actor)

    told = session.scalars(select(Todo.person_id).where(Todo.kind == "cases.read")).all()
    assert set(told) == {author.person.id}
    assert (recheck.instance, recheck.authority_region, recheck.raised_by_id) == ("recheck", SHANDONG, None)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.decline(again(recheck), reasons="不受理。", by=officer.actor, at=NOW)


def test_a_lead_has_no_author_and_nobody_to_ask() -> None:
    officer = make_officer()
    case = accepted(make_objection(make_publicity(), None, kind=LEAD), officer)

    with pytest.raises(InvalidError), unit_of_work():
        services.ask_for_materials(again(case), what="请补充。", by=officer.actor, at=NOW)
    assert session.scalars(select(CaseAuthor)).all() == []
    assert notices.notices_of(case) == []


def test_who_made_the_announced_decision_does_not_decide_on_the_objection() -> None:
    decider, _other = make_officer(), make_officer()
    case = make_objection(make_publicity(decider=decider), make_member(Role.TRAINEE).actor)
    accepted(case, decider)

    with pytest.raises(ForbiddenError), unit_of_work():
        services.decide(again(case), upheld=False, reasons="维持。", by=decider.actor, at=NOW)


def test_an_accreditation_is_announced_by_the_rules_and_stands_already(client: FlaskClient) -> None:
    base, found = _announced()

    assert base.state is BaseState.ACCREDITED
    assert found.authority_region == SHANDONG
    assert client.get(f"/notices/{found.code}").status_code == 200


def test_without_a_rule_an_accreditation_is_not_announced() -> None:
    base = make_accredited()
    jobs.work()

    assert notices.publicity_of(ACCREDITATION, "training_base", base.code) is None


def test_an_upheld_objection_asks_the_province_to_look_again() -> None:
    base, found = _announced()
    officer = make_officer()
    decided(accepted(make_objection(found, make_member(Role.TRAINEE).actor), officer), officer)

    todo = session.scalars(select(Todo).where(Todo.kind == "bases.reconsider")).one()
    assert (todo.subject_code, todo.region_code) == (base.code, SHANDONG)


def test_a_passed_period_is_noted_on_the_base() -> None:
    base, _found = _announced()
    with unit_of_work():
        services.end_publicity(at=days(30))

    (event,) = events_of("bases.publicity_passed")
    assert (event.subject_code, event.data) == (base.code, {"objections": 0, "upheld": 0})


def _announced() -> tuple[TrainingBase, Publicity]:
    """Accredit a base today, and return it with its public notice."""
    make_clocks()
    base = make_application()
    with unit_of_work():
        bases.accredit(
            base, starts_on=date(2026, 3, 1), ends_on=date(2029, 2, 28), reason="条件齐备。",
            by=make_officer().actor, at=NOW,
        )  # fmt: skip
    jobs.work()
    found = notices.publicity_of(ACCREDITATION, "training_base", base.code)
    assert found is not None
    return base, found


def test_a_notice_is_taken_off_the_board_with_a_reason_by_its_authority() -> None:
    found = make_publicity()
    with pytest.raises(ForbiddenError), unit_of_work():
        publicity.revoke(notices.publicity(found.code), reason="有误。", by=make_officer(GUANGDONG).actor, at=NOW)
    with unit_of_work():
        publicity.revoke(notices.publicity(found.code), reason="有误。", by=make_officer().actor, at=NOW)
    with pytest.raises(ConflictError), unit_of_work():
        publicity.revoke(notices.publicity(found.code), reason="有误。", by=make_officer().actor, at=NOW)
    with unit_of_work():
        assert services.end_publicity(at=days(30)) == 0


def test_the_board_shows_what_runs_and_the_archive_what_has_passed(client: FlaskClient, at_time: Clock) -> None:
    make_publicity(names=("王小明",))
    running = client.get("/notices").text
    at_time(days(30))

    assert "认定公示" in running
    assert "认定公示" not in client.get("/notices").text
    assert "认定公示" in client.get("/notices?show=archive&text=认定").text
    assert "认定公示" not in client.get("/notices?show=archive&text=别的").text


def test_a_stranger_reads_and_prints_a_notice_with_masked_names(client: FlaskClient) -> None:
    found = make_publicity(names=("王小明",))

    for path in (f"/notices/{found.code}", f"/notices/{found.code}/print"):
        page = client.get(path)
        assert "王*明" in page.text
        assert "王小明" not in page.text
    assert client.get("/notices/none").status_code == 404


def test_a_stranger_gives_a_lead_but_objects_only_after_sign_in(client: FlaskClient) -> None:
    found = make_publicity()

    lead = client.post(f"/cases/new?kind=cases.lead&about={found.code}", data={"facts": "地址不存在。", "token": "t1"})
    repeated = client.post(
        f"/cases/new?kind=cases.lead&about={found.code}", data={"facts": "地址不存在。", "token": "t1"}
    )

    assert (lead.status_code, repeated.status_code, repeated.location) == (302, 302, lead.location)
    assert client.get(f"/cases/new?kind=cases.lead&about={found.code}").status_code == 200
    assert client.get(f"/cases/new?kind=cases.objection&about={found.code}").status_code == 403
    assert notices.objections(notices.publicity(found.code)).raised == 1
    assert said("Objections and leads") in client.get(f"/notices/{found.code}").text


def test_an_officer_takes_a_notice_off_the_board_on_its_page(browser_of: Callable[..., FlaskClient]) -> None:
    found = make_publicity()
    officer = browser_of(make_officer())

    assert officer.post(f"/notices/{found.code}/revoke", data={"reason": ""}).status_code == 422
    assert officer.post(f"/notices/{found.code}/revoke", data={"reason": "公示内容有误。"}).status_code == 302
    assert "公示内容有误。" in officer.get(f"/notices/{found.code}").text


def test_another_authority_is_refused_before_a_reason_is_asked_for(browser_of: Callable[..., FlaskClient]) -> None:
    found = make_publicity()
    examiner = make_member(Role.EXAMINER, found.authority_region, make_organisation())

    for other in (make_officer(GUANGDONG), examiner):
        browser = browser_of(other)
        for reason in ("", "公示内容有误。"):
            assert browser.post(f"/notices/{found.code}/revoke", data={"reason": reason}).status_code == 403
        assert "/revoke" not in browser.get(f"/notices/{found.code}").text
    assert notices.publicity(found.code).revoked_at is None
