"""Who complains without an account is asked, answers and appeals like anybody, and nobody learns who they are."""

import io
from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text
from werkzeug.test import TestResponse

from app.accounts.models import Organisation
from app.accounts.states import NATION, Role
from app.cases import services
from app.cases.models import Case, CasePause, CaseVisitor, Notice
from app.cases.queries import cases as queries
from app.cases.rules import leads
from app.cases.states import CaseState, Instance, NoticeKind, Outcome, Protection
from app.cases.views import blueprint as uploads
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError, InvalidError
from app.core.events import Event
from app.desk.queries import todos_of
from tests.factories.accounts import SHANDONG, Member, make_member
from tests.factories.cases import (
    COMPLAINT,
    LEAD,
    NOW,
    accepted,
    again,
    appealed,
    days,
    decided,
    make_objection,
    make_officer,
    make_own_clocks,
    make_publicity,
)
from tests.factories.visitors import CONTACT, FACTS, ONE, Complain, look, only, secret_in

pytestmark = pytest.mark.one_database

BrowserOf = Callable[[Member], FlaskClient]
At = Callable[[datetime], None]
WHAT, MORE, WHY = "请补充三月缴费凭证。", "凭证见附件，三月五日缴费。", "退费金额核算有误，请改判。"
LAST_DAY, APPEAL_UNTIL = "2026年3月16日", "2026年3月23日"


def asked(officer: Member, *, at: datetime = NOW) -> Case:
    """Let an officer accept the one case and ask for materials."""
    accepted(only(), officer, at=at)
    with unit_of_work():
        services.ask_for_materials(again(only()), what=WHAT, by=officer.actor, at=at)
    return only()


def send(client: FlaskClient, act: str, code: str, secret: str, **fields: object) -> TestResponse:
    data = {"code": code, "secret": secret, "token": "token-of-act", "facts": MORE, **fields}
    return client.post(f"/cases/follow/{act}", data=data, content_type="multipart/form-data")


def count_of(kind: str) -> int:
    return session.scalar(select(func.count(Event.id)).where(Event.kind == kind)) or 0


def appeal_case() -> Case:
    session.expire_all()
    return session.scalars(select(Case).where(Case.previous_id.is_not(None))).one()


# ---- materials


def test_the_authority_asks_a_visitor_who_reads_what_and_until_when(
    client: FlaskClient, complain: Complain, browser_of: BrowserOf
) -> None:
    secret, officer = secret_in(complain()), make_officer()
    browser, page = browser_of(officer), f"/cases/{only().code}"
    accepted(only(), officer)
    offered = browser.get(page).text

    done = browser.post(f"{page}/act/ask", data={"ask-reason": WHAT})

    shown = look(client, only().code, secret)
    assert "系统不向其发送任何消息" in offered
    assert (done.status_code, only().state) == (302, CaseState.WAITING)
    assert WHAT in browser.get(page).text
    assert WHAT in shown.text
    assert LAST_DAY in shown.text
    assert 'action="/cases/follow/supply"' in shown.text
    assert officer.person.name not in shown.text


def test_a_visitor_answers_with_words_and_files_and_the_clock_runs_on(
    client: FlaskClient, complain: Complain, at_time: At
) -> None:
    secret, officer = secret_in(complain()), make_officer()
    was_due = asked(officer).decide_by
    at_time(days(3))

    answer = send(client, "supply", only().code, secret, files=[(io.BytesIO(b"%PDF-1.4"), "凭证.pdf")])

    case = only()
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "材料已入卷" in answer.text
    assert case.state is CaseState.ACCEPTED
    assert case.facts.endswith(MORE)
    assert [case.opened(one.title_kept) for one in queries.files_of(case)] == ["凭证.pdf"]
    assert was_due is not None
    assert case.decide_by is not None
    assert case.decide_by > was_due
    assert [todo.kind for todo in todos_of(officer.actor)] == ["cases.decide"]


def test_a_repeated_answer_is_taken_once(client: FlaskClient, complain: Complain) -> None:
    secret = secret_in(complain())
    asked(make_officer())

    first, second = (send(client, "supply", only().code, secret) for _ in range(2))

    assert first.status_code == second.status_code == 200
    assert count_of("cases.supplied") == 1
    assert only().facts.count(MORE) == 1


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({"facts": "", "files": []}, 422),
        ({"files": [(b"MZ", "virus.exe")]}, 422),
        ({"files": [(b"x" * 11, "大.txt")]}, 413),
        ({"files": [(b"x", f"{number}.txt") for number in range(11)]}, 422),
    ],
)
def test_an_answer_that_cannot_be_taken_is_refused_beside_its_field_and_nothing_typed_is_lost(
    client: FlaskClient, complain: Complain, monkeypatch: pytest.MonkeyPatch, given: dict[str, list[tuple]], status: int
) -> None:
    monkeypatch.setattr(uploads, "FILE_LIMIT", 10)
    secret = secret_in(complain())
    asked(make_officer())
    files = [(io.BytesIO(data), name) for data, name in given["files"]]

    answer = send(client, "supply", only().code, secret, **{**given, "files": files})

    assert answer.status_code == status
    assert (MORE in answer.text) is ("facts" not in given)
    assert WHAT in answer.text
    assert 'class="error"' in answer.text
    assert only().state is CaseState.WAITING
    assert queries.files_of(only()) == []


def test_who_answers_after_the_authority_went_on_keeps_what_was_typed(client: FlaskClient, complain: Complain) -> None:
    secret, officer = secret_in(complain()), make_officer()
    asked(officer)
    with unit_of_work():
        services.resume(again(only()), reason="逾期未补。", by=officer.actor, at=NOW)

    answer = send(client, "supply", only().code, secret)

    assert answer.status_code == 409
    assert MORE in answer.text
    assert MORE not in only().facts


def test_a_wrong_secret_opens_no_act_and_is_counted(app: Flask, complain: Complain) -> None:
    complain()
    other = secret_in(complain())
    first = session.scalars(select(Case).order_by(Case.id)).first()
    assert first is not None

    def guess(act: str) -> int:
        data = {"code": first.code, "secret": other, "token": "t", "facts": MORE}
        answer = app.test_client().post(f"/cases/follow/{act}", data=data, environ_base={"REMOTE_ADDR": ONE})
        assert "齐鲁培训基地" not in answer.text
        return answer.status_code

    tried = [guess("supply" if number % 2 else "appeal") for number in range(leads.FREE + 1)]
    assert tried == [404] * leads.FREE + [429]
    assert session.scalar(select(func.count(Case.id))) == 2


def test_a_lead_is_followed_by_nobody_and_so_cannot_be_asked(body: Organisation) -> None:
    del body
    officer = make_officer()
    lead = accepted(make_objection(make_publicity(), None, kind=LEAD), officer)

    with pytest.raises(InvalidError, match="未署名"), unit_of_work():
        services.ask_for_materials(again(lead), what=WHAT, by=officer.actor, at=NOW)


# ---- appeal


def test_a_visitor_appeals_once_to_the_authority_above_and_other_people_decide(
    client: FlaskClient, complain: Complain, at_time: At
) -> None:
    secret, officer, nation = secret_in(complain()), make_officer(), make_officer(NATION)
    case = decided(accepted(only(), officer), officer, upheld=False)
    before = look(client, case.code, secret)
    at_time(days(20))

    answer = send(client, "appeal", case.code, secret, facts=WHY)
    repeated = send(client, "appeal", case.code, secret, facts=WHY)

    further = appeal_case()
    assert APPEAL_UNTIL in before.text
    assert answer.status_code == repeated.status_code == 200
    assert further.code in answer.text
    assert (further.state, further.instance) == (CaseState.RAISED, Instance.APPEAL)
    assert (further.protection, further.raised_by_id) == (Protection.ANONYMOUS, None)
    assert (further.previous_id, further.authority_region) == (case.id, NATION)
    assert further.facts == WHY
    assert [todo.kind for todo in todos_of(nation.actor)] == ["cases.accept"]
    for barred in (officer, make_officer()):
        with pytest.raises(ForbiddenError), unit_of_work():
            services.decline(again(further), reasons="不予受理。", by=barred.actor, at=days(20))
    assert officer.person.id in queries.barred(further)


def test_the_same_secret_opens_the_appeal_and_the_first_case_leads_to_it(
    client: FlaskClient, complain: Complain, at_time: At
) -> None:
    secret, officer, nation = secret_in(complain()), make_officer(), make_officer(NATION)
    case = decided(accepted(only(), officer), officer, upheld=False)
    send(client, "appeal", case.code, secret, facts=WHY)
    further = appeal_case()

    first = look(client, case.code, secret).text
    decided(accepted(further, nation), nation)
    at_time(days(1))
    second = look(client, further.code, secret).text

    assert further.code in first
    assert "查看申诉" in first
    assert again(further).outcome is Outcome.UPHELD
    assert "经查属实。" in second
    assert "没有更高的主管部门受理" in second
    assert look(client, further.code, "AAAA").status_code == 404
    assert send(client, "appeal", further.code, secret, token="t-2").status_code == 409


def test_an_appeal_after_its_time_is_refused_and_what_was_typed_stays(
    client: FlaskClient, complain: Complain, at_time: At
) -> None:
    secret, officer = secret_in(complain()), make_officer()
    case = decided(accepted(only(), officer), officer)
    at_time(days(21))
    assert send(client, "appeal", case.code, secret, facts="").status_code == 422, "the last day counts"
    at_time(days(22))

    page, answer = look(client, case.code, secret), send(client, "appeal", case.code, secret, facts=WHY)

    assert f"申诉期限已于{APPEAL_UNTIL}届满" in page.text
    assert 'action="/cases/follow/appeal"' not in page.text
    assert answer.status_code == 422
    assert WHY in answer.text
    assert only().id == case.id


def test_where_the_other_side_appealed_first_the_visitor_is_told_and_keeps_what_was_typed(
    client: FlaskClient, body: Organisation, complain: Complain
) -> None:
    secret, officer = secret_in(complain()), make_officer()
    case = decided(accepted(only(), officer), officer)
    further = appealed(case, make_member(Role.BASE, SHANDONG, body).actor)

    page, answer = look(client, case.code, secret).text, send(client, "appeal", case.code, secret, facts=WHY)

    assert "另一方当事人已对该决定提出申诉" in page
    assert further.code not in page
    assert (answer.status_code, WHY in answer.text) == (409, True)
    assert look(client, further.code, secret).status_code == 404


def test_a_decision_from_before_visitors_had_notices_is_appealed_from_its_own_day(
    client: FlaskClient, body: Organisation
) -> None:
    officer = make_officer()
    with unit_of_work():
        case = services.open_case(COMPLAINT, body.slug, services.Filing(FACTS, token="t-old"), by=None, at=NOW)
    decided(accepted(case, officer), officer)
    with unit_of_work():
        services.let_follow(again(case), contact="")

    assert LAST_DAY in look(client, case.code, services.secret_of("t-old")).text


def test_where_the_rules_in_force_set_no_clock_for_an_appeal_it_is_refused_with_what_to_do(
    client: FlaskClient, complain: Complain
) -> None:
    secret, officer = secret_in(complain()), make_officer()
    case = decided(accepted(only(), officer), officer)
    make_own_clocks()

    page, answer = look(client, case.code, secret), send(client, "appeal", case.code, secret, facts=WHY)

    assert APPEAL_UNTIL in page.text, "what was told stands"
    assert (answer.status_code, WHY in answer.text) == (422, True)
    assert only().code == case.code


def test_a_case_that_was_not_accepted_is_appealed_like_a_decision(client: FlaskClient, complain: Complain) -> None:
    secret, officer = secret_in(complain()), make_officer()
    with unit_of_work():
        services.decline(again(only()), reasons="不属受理范围。", by=officer.actor, at=NOW)
    code = only().code

    assert "不属受理范围。" in look(client, code, secret).text
    assert send(client, "appeal", code, secret, facts=WHY).status_code == 200


# ---- nobody learns who


def test_the_body_reads_neither_the_request_nor_the_notices_to_the_visitor(
    client: FlaskClient, body: Organisation, complain: Complain, browser_of: BrowserOf
) -> None:
    secret, officer = secret_in(complain()), make_officer()
    asked(officer)
    send(client, "supply", only().code, secret)
    decided(only(), officer)
    staff, page = browser_of(make_member(Role.BASE, SHANDONG, body)), f"/cases/{only().code}"
    notices = session.scalars(select(Notice).where(Notice.kind == NoticeKind.MATERIALS)).all()

    shown = staff.get(page).text

    assert [one.to_person_id for one in notices] == [None]
    assert "补充材料通知书" not in shown
    assert WHAT not in shown
    assert MORE not in shown
    assert staff.get(f"{page}/notices/{notices[0].code}").status_code == 404
    assert "补充材料通知书" in browser_of(officer).get(page).text


def test_no_event_names_the_visitor_and_neither_secret_nor_contact_lies_open(
    client: FlaskClient, complain: Complain
) -> None:
    secret, officer = secret_in(complain()), make_officer()
    asked(officer)
    send(client, "supply", only().code, secret)
    case = decided(only(), officer)
    send(client, "appeal", case.code, secret, facts=WHY)

    acts = session.scalars(select(Event).where(Event.kind.in_(["cases.supplied", "cases.raised"]))).all()
    rows = "\n".join(
        str(tuple(row))
        for table in ("case_record", "case_visitor", "case_pause", "case_notice", "event", "todo")
        for row in session.execute(text(f"SELECT * FROM {table}"))
    )
    assert {(one.actor_id, one.acting_role) for one in acts} == {(None, None)}
    assert len(acts) == 3
    for word in (secret, secret.replace("-", ""), CONTACT, WHAT, MORE, WHY):
        assert word not in rows


def test_a_contact_goes_with_the_appeal_and_is_forgotten_in_both(client: FlaskClient, complain: Complain) -> None:
    secret, officer = secret_in(complain()), make_officer()
    case = decided(accepted(only(), officer), officer)
    send(client, "appeal", case.code, secret, facts=WHY)
    further = appeal_case()
    kept = look(client, further.code, secret).text

    look(client, further.code, secret, act="forget")

    assert CONTACT in kept
    assert session.scalars(select(CaseVisitor.contact)).all() == [None, None]


def test_a_request_that_no_rule_ends_is_shown_without_a_day(client: FlaskClient, complain: Complain) -> None:
    secret = secret_in(complain())
    asked(make_officer())
    with unit_of_work():
        session.scalars(select(CasePause)).one().due_on = None

    assert "规则未规定期限" in look(client, only().code, secret).text
