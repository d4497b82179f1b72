"""Minutes of meetings: what they name, who is asked to sign them, and who seals them."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.states import Role
from app.cases.states import BY_NAME
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Subject
from app.desk.queries import todos_of
from app.panels.minutes import WORDS, minutes_html
from app.panels.models.meetings import Meeting
from app.panels.models.pools import Committee, PoolExpert
from app.panels.services import committees, subjects
from app.panels.services import meetings as services
from app.panels.services.barring import bar
from app.panels.services.draws import CaseGiven
from app.panels.services.recusal import keep
from app.panels.services.settling import settle
from app.panels.states import Conflict, MeetingState
from app.web import pdf
from tests.factories.accounts import Member, make_member
from tests.factories.cases import restrict
from tests.factories.desk import expected, waiting
from tests.factories.meetings import chair_of, fresh, item_of, open_
from tests.factories.panels import (
    AT,
    Office,
    acting,
)

BrowserOf = Callable[[Member], FlaskClient]
RESULT = {"yes": 2, "no": 1, "abstain": 0, "passed": True, "present": 3, "free": 3}
CALLED = {
    "name_zh": "年度评审会",
    "name_en": "Yearly meeting",
    "place": "济南",
    "starts_at": "2026-03-02T11:00",
}
NEEDS_PDF = pytest.mark.skipif(not pdf.available(), reason="Pango is missing")


def test_the_minutes_name_who_was_recused_and_what_was_not_decided(
    app: Flask, office: Office, meeting: Meeting, experts: list[PoolExpert]
) -> None:
    open_(meeting, office, experts)
    with unit_of_work():
        services.record_result(item_of(meeting), RESULT, at=AT)
        services.recuse_from_item(
            item_of(meeting, 1), experts[1].person, reason="同一单位", by=office.secretary.actor, at=AT
        )

    with app.test_request_context():
        html = minutes_html(fresh(meeting), draft=True)

    counts = WORDS["counts"].format(yes=2, no=1, abstain=0, present=3, free=3, outcome=WORDS["passed"])
    assert html.count(counts) == html.count(WORDS["no_result"]) == 1
    assert html.count(experts[1].person.name) == 2, "among the members, and beside the item"


def test_the_minutes_of_a_closed_meeting_wait_for_whoever_chairs_the_committee_now(
    office: Office, meeting: Meeting, experts: list[PoolExpert]
) -> None:
    open_(meeting, office, experts)
    with unit_of_work():
        services.close_meeting(fresh(meeting), by=office.secretary.actor, at=AT)
        services.tell_members(fresh(meeting).committee, at=AT)

    def waits(expert: PoolExpert) -> bool:
        return any(todo.kind == "panels.sign" for todo in todos_of(acting(expert).actor))

    assert [waits(one) for one in experts] == [True, False, False]


def test_only_the_chair_signs_and_another_person_seals(
    office: Office, meeting: Meeting, experts: list[PoolExpert]
) -> None:
    open_(meeting, office, experts)
    given = CaseGiven(Subject("thing", "case-1"), "事项", "Thing")
    with pytest.raises(ConflictError), unit_of_work():
        services.add_item(fresh(meeting), given, by=office.secretary.actor, at=AT)
    with unit_of_work():
        services.close_meeting(fresh(meeting), by=office.secretary.actor, at=AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.sign(fresh(meeting), b"%PDF", by=acting(experts[1]).actor, at=AT)
    chair = chair_of(office, experts)
    assert [todo.kind for todo in todos_of(chair.actor)] == ["panels.sign"]
    with unit_of_work():
        services.sign(fresh(meeting), b"%PDF", by=chair.actor, at=AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.seal(fresh(meeting), by=chair.actor, at=AT)
    with pytest.raises(ConflictError), unit_of_work():
        services.sign(fresh(meeting), b"other", by=chair.actor, at=AT)
    with unit_of_work():
        services.seal(fresh(meeting), by=office.secretary.actor, at=AT)
    assert fresh(meeting).state is MeetingState.SEALED


def test_minutes_of_a_chair_who_may_not_serve_are_signed_by_another_chair(
    office: Office,
    meeting: Meeting,
    experts: list[PoolExpert],
    browser_of: BrowserOf,
    at_time: Callable[[datetime], None],
) -> None:
    at_time(AT)
    open_(meeting, office, experts)
    with unit_of_work():
        services.close_meeting(fresh(meeting), by=office.secretary.actor, at=AT)
    page, secretary = f"/meetings/{meeting.code}", browser_of(office.secretary)
    chair = browser_of(chair_of(office, experts))
    assert f"{page}/sign" in chair.get(page).text

    found = restrict("panels.serve", experts[0].person)

    told = chair.get(page).text
    assert found.code in told
    assert f"{page}/sign" not in told
    assert "目前无人可签署纪要" in secretary.get(page).text
    with unit_of_work():
        committee = session.get_one(Committee, meeting.committee_id, populate_existing=True)
        committees.renew(committee, by=office.secretary.actor, at=AT)
        committees.set_members(committee, experts[1:], chair=experts[1], by=office.secretary.actor, at=AT)
    another = make_member(Role.CHAIR, office.pool.region_code, office.organisation, person=experts[1].person)
    assert "panels.sign" in {todo.kind for todo in todos_of(another.actor)}
    assert experts[0].person.name in minutes_html(fresh(meeting), draft=True), "who was there stays in the minutes"
    with unit_of_work():
        services.sign(fresh(meeting), b"%PDF-1.7 minutes", by=another.actor, at=AT)

    assert fresh(meeting).signed_by_id == experts[1].person_id


def waits(expert: PoolExpert) -> bool:
    return "panels.sign" in {todo.kind for todo in todos_of(acting(expert).actor)}


@NEEDS_PDF
def test_for_a_chair_who_may_not_read_all_minutes_a_member_who_attended_signs(
    office: Office,
    meeting: Meeting,
    experts: list[PoolExpert],
    browser_of: BrowserOf,
    at_time: Callable[[datetime], None],
) -> None:
    at_time(AT)
    open_(meeting, office, experts)
    item = item_of(meeting)
    chair, *others = experts
    with unit_of_work():
        keep(item.subject, chair.person, kind=Conflict.DECLARED, reason="曾合作。", by=None, at=AT)
        services.close_meeting(fresh(meeting), by=office.secretary.actor, at=AT)
    asked = next(one for one in others if waits(one))
    assert [waits(one) for one in experts].count(True) == 1
    assert WORDS["in_place"] in minutes_html(fresh(meeting), draft=True)
    page = f"/meetings/{meeting.code}"
    assert f"{page}/sign" in browser_of(acting(asked)).get(page).text
    assert f"{page}/sign" not in browser_of(chair_of(office, experts)).get(page).text
    with pytest.raises(ForbiddenError), unit_of_work():
        services.sign(fresh(meeting), b"%PDF", by=chair_of(office, experts).actor, at=AT)

    assert browser_of(acting(asked)).post(f"{page}/sign").status_code == 302

    assert fresh(meeting).signed_by_id == asked.person_id
    assert waiting() == expected()


def test_minutes_wait_for_another_as_soon_as_who_would_sign_is_recused_and_come_back(
    office: Office, meeting: Meeting, experts: list[PoolExpert], browser_of: BrowserOf
) -> None:
    open_(meeting, office, experts)
    item = item_of(meeting)
    with unit_of_work():
        services.close_meeting(fresh(meeting), by=office.secretary.actor, at=AT)
    assert [waits(one) for one in experts] == [True, False, False]

    with unit_of_work():
        bar(item.subject, experts[0].person_id, kind=Conflict.DECLARED, reason=BY_NAME, by=None, at=AT)
    assert not waits(experts[0])
    assert waiting() == expected()

    asked, other = sorted(experts[1:], key=waits, reverse=True)
    with unit_of_work():
        later = AT + timedelta(hours=1)
        bar(item_of(meeting, 1).subject, other.person_id, kind=Conflict.IMPOSED, reason="亲属。", by=None, at=later)
    opened = [todo.opened_at for todo in todos_of(acting(asked).actor) if todo.kind == "panels.sign"]
    assert opened == [AT], "who is asked already is not asked anew"

    with unit_of_work():
        settle(
            item.subject,
            experts[0].person.code,
            same=False,
            reason="同名。",
            about=subjects.of_meeting(meeting),
            by=office.secretary.actor,
            at=AT,
        )
    assert [waits(one) for one in experts] == [True, False, False]

    with unit_of_work():
        for one in experts:
            bar(item.subject, one.person_id, kind=Conflict.IMPOSED, reason="利害关系。", by=None, at=AT)
    assert not any(waits(one) for one in experts)
    assert waiting() == expected()
    assert "目前无人可签署纪要" in browser_of(office.secretary).get(f"/meetings/{meeting.code}").text
