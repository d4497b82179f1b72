"""Meetings: members sign in themselves, a quorum opens, recusal hides an item, minutes are signed, sealed, archived."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError

from app.core.columns import new_code
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event, Subject
from app.desk.queries import todos_of
from app.panels.models.meetings import Meeting
from app.panels.models.pools import PoolExpert
from app.panels.queries import meetings as queries
from app.panels.queries import scope
from app.panels.rules.presence import Passage, Quorum, ever_present, present
from app.panels.services import meetings as services
from app.panels.services import pools
from app.panels.services.draws import CaseGiven
from app.panels.states import MeetingState
from app.web import pdf
from tests.factories.accounts import GUANGDONG, Member
from tests.factories.cases import restrict
from tests.factories.meetings import chair_of, come, fresh, item_of, open_
from tests.factories.panels import (
    AT,
    Office,
    acting,
    file_committee,
    make_committee,
    make_drawn,
    make_expert,
    make_experts,
    make_office,
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


@NEEDS_PDF
def test_a_meeting_from_the_call_to_the_sealed_minutes_by_page(office: Office, browser_of: BrowserOf) -> None:
    experts = make_experts(office, 9)
    committee = file_committee(make_committee(office, experts[:3]), office)
    make_drawn(office, subjects=["case-9"])
    secretary = browser_of(office.secretary)
    called = {**CALLED, "committee": committee.code}
    assert secretary.get("/meetings/new").status_code == 200
    assert secretary.post("/meetings/new", data={**called, "starts_at": ""}).status_code == 422
    assert secretary.post("/meetings/new", data={**called, "starts_at": "2030-01-01T09:00"}).status_code == 409
    path = secretary.post("/meetings/new", data=called).location
    meeting = session.scalars(select(Meeting)).one()
    assert (meeting.members, meeting.quorum) == (3, 2)
    assert "年度评审会" in secretary.get("/meetings").text
    case = next(one for one in queries.cases_to_add(meeting, office.secretary.actor))
    assert secretary.post(f"{path}/items", data={"case": "x"}).status_code == 422
    assert secretary.post(f"{path}/items", data={"case": case.code}).location == path
    first, second = (browser_of(acting(one)) for one in experts[:2])
    assert "panels.attend" in {todo.kind for todo in todos_of(acting(experts[0]).actor)}
    assert secretary.post(f"{path}/steps/open").status_code == 409

    assert first.post(f"{path}/attendance/enter").location == path
    assert first.post(f"{path}/attendance/enter").status_code == 409
    assert first.post(f"{path}/attendance/fly").status_code == 404
    assert second.post(f"{path}/attendance/enter").location == path
    assert "已达到" in secretary.get(path).text
    assert secretary.post(f"{path}/steps/open").location == path
    item = item_of(meeting)
    item_path = f"{path}/items/{item.code}"
    assert secretary.post(f"{item_path}/opinion", data={}).status_code == 422
    assert secretary.post(f"{item_path}/opinion", data={"opinion": "同意推荐。"}).location == item_path
    with unit_of_work():
        services.record_result(item_of(meeting), RESULT, at=AT)
    assert "同意推荐" in second.get(item_path).text
    assert secretary.post(f"{path}/steps/close").location == path
    chair = browser_of(chair_of(office, experts))
    draft = PdfReader(io.BytesIO(chair.get(f"{path}/minutes.pdf").data)).pages[0].extract_text()
    assert "草稿" in draft
    assert chair.post(f"{path}/sign").location == path
    assert secretary.post(f"{path}/steps/seal").location == path
    _check_archived(meeting, secretary, experts[0].person.name)
    assert chair.post(f"{path}/sign").status_code == 404


def _check_archived(meeting: Meeting, secretary: FlaskClient, chair: str) -> None:
    path = f"/meetings/{meeting.code}"
    assert secretary.post(f"{path}/steps/dance").status_code == 404
    minutes = secretary.get(f"{path}/minutes.pdf").data
    sheet = PdfReader(io.BytesIO(minutes)).pages[0].extract_text().replace("\n", "")
    for words in ("事项case-9", "同意推荐", "同意2票", "通过", chair, "应到3人"):
        assert words in sheet
    assert "草稿" not in sheet
    assert fresh(meeting).state is MeetingState.SEALED
    assert str(fresh(meeting).minutes_sha256) in secretary.get(path).text
    assert secretary.get(f"{path}/minutes.pdf").data == minutes


def test_members_sign_in_themselves_on_the_day_without_proxies(
    office: Office, meeting: Meeting, experts: list[PoolExpert]
) -> None:
    own = queries.membership(meeting, acting(experts[0]).actor)
    assert own
    with pytest.raises(ForbiddenError), unit_of_work():
        services.attend(meeting, own, entering=True, by=acting(experts[1]).actor, at=AT)
    for at, entering in ((AT + timedelta(days=1), True), (AT, False)):
        with pytest.raises(ConflictError), unit_of_work():
            services.attend(meeting, own, entering=entering, by=acting(experts[0]).actor, at=at)
    assert queries.membership(meeting, office.secretary.actor) is None


def test_the_quorum_follows_who_comes_and_leaves(office: Office, meeting: Meeting, experts: list[PoolExpert]) -> None:
    come(meeting, experts[0])
    come(meeting, experts[1])
    assert queries.quorum(meeting, queries.attendance(meeting.id)) == Quorum(2, 3, 2)
    come(meeting, experts[1], entering=False, at=AT + timedelta(minutes=5))
    assert not queries.quorum(meeting, queries.attendance(meeting.id)).met
    with pytest.raises(ConflictError), unit_of_work():
        services.open_meeting(fresh(meeting), by=office.secretary.actor, at=AT)
    come(meeting, experts[1], at=AT + timedelta(minutes=9))
    assert queries.quorum(meeting, queries.attendance(meeting.id)).met


def test_a_recused_member_loses_the_item_and_does_not_count_for_it(
    office: Office, meeting: Meeting, experts: list[PoolExpert], browser_of: BrowserOf
) -> None:
    open_(meeting, office, experts)
    item = item_of(meeting)
    path = f"/meetings/{meeting.code}"
    browser = browser_of(acting(experts[1]))
    secretary = browser_of(office.secretary)
    assert item.label_zh in browser.get(path).text
    data = {"recuse-member": experts[1].code, "recuse-reason": "同一单位"}
    assert secretary.post(f"{path}/items/{item.code}/recuse", data={}).status_code == 422

    assert secretary.post(f"{path}/items/{item.code}/recuse", data=data).status_code == 302

    assert secretary.post(f"{path}/items/{item.code}/recuse", data=data).status_code == 409
    assert [queries.free_for(item_of(meeting)), queries.free_for(item_of(meeting, 1))] == [2, 3]
    made_up = new_code()
    for method, tail in (("GET", ""), ("POST", "/declare")):
        hidden = browser.open(f"{path}/items/{item.code}{tail}", method=method, data={"reason": "x"})
        unknown = browser.open(f"{path}/items/{made_up}{tail}", method=method, data={"reason": "x"})
        assert (hidden.status_code, hidden.text.replace(item.code, made_up)) == (404, unknown.text)
    page = browser.get(path).text
    assert item.label_zh not in page
    assert item_of(meeting, 1).label_zh in page
    assert re.findall(r'<td[^>]* class="number"[^>]*>([0-9]+)<', page) == ["1"], "no gap tells of an item"
    assert "同一单位" in secretary.get(f"{path}/items/{item.code}").text
    assert scope.recused(experts[1].person_id, Subject("thing", "case-1"))
    with unit_of_work():
        services.close_meeting(fresh(meeting), by=office.secretary.actor, at=AT)
    assert browser.get(f"{path}/minutes.pdf").status_code == 404


def test_a_member_recuses_themselves_and_a_vote_below_the_quorum_is_refused(
    office: Office, meeting: Meeting, experts: list[PoolExpert], browser_of: BrowserOf
) -> None:
    open_(meeting, office, experts)
    path = f"/meetings/{meeting.code}/items/{item_of(meeting).code}"
    for expert in experts[:2]:
        browser = browser_of(acting(expert))
        assert browser.post(f"{path}/declare", data={}).status_code == 422
        assert browser.post(f"{path}/declare", data={"reason": "亲属"}).location == f"/meetings/{meeting.code}"

    with pytest.raises(ConflictError), unit_of_work():
        services.record_result(item_of(meeting), {**RESULT, "present": 1}, at=AT)
    assert item_of(meeting).result is None


def test_a_result_is_recorded_once_and_only_while_the_meeting_is_open(
    office: Office, meeting: Meeting, experts: list[PoolExpert]
) -> None:
    with pytest.raises(ConflictError), unit_of_work():
        services.record_result(item_of(meeting), RESULT, at=AT)
    open_(meeting, office, experts)
    with unit_of_work():
        services.record_result(item_of(meeting), RESULT, at=AT)
    assert item_of(meeting).result == RESULT
    with pytest.raises(ConflictError), unit_of_work():
        services.record_result(item_of(meeting), RESULT, at=AT)
    with unit_of_work():
        services.close_meeting(fresh(meeting), by=office.secretary.actor, at=AT)
    with pytest.raises(ConflictError), unit_of_work():
        services.give_opinion(item_of(meeting, 1), "迟到的意见", by=office.secretary.actor, at=AT)
    given = CaseGiven(Subject("thing", "case-3"), "事项", "Thing")
    with pytest.raises(ConflictError), unit_of_work():
        services.add_item(fresh(meeting), given, by=office.secretary.actor, at=AT)


def test_nobody_is_recused_from_an_item_that_is_decided(
    office: Office, meeting: Meeting, experts: list[PoolExpert]
) -> None:
    open_(meeting, office, experts)
    with unit_of_work():
        services.record_result(item_of(meeting), RESULT, at=AT)

    def recuse(place: int) -> None:
        item = item_of(meeting, place)
        services.recuse_from_item(item, experts[1].person, reason="同一单位", by=office.secretary.actor, at=AT)

    with pytest.raises(ConflictError), unit_of_work():
        recuse(0)
    with unit_of_work():
        recuse(1)
    assert scope.recused(experts[1].person_id, Subject("thing", "case-2"))
    assert not scope.recused(experts[1].person_id, Subject("thing", "case-1"))


def test_a_committee_whose_filing_has_run_out_opens_no_meeting(
    office: Office, meeting: Meeting, experts: list[PoolExpert]
) -> None:
    for one in experts:
        come(meeting, one)

    with pytest.raises(ConflictError), unit_of_work():
        services.open_meeting(fresh(meeting), by=office.secretary.actor, at=AT + timedelta(days=3 * 366))
    assert fresh(meeting).state is not MeetingState.OPEN


def test_an_expired_committee_may_not_sit(office: Office, experts: list[PoolExpert]) -> None:
    committee = make_committee(office, experts)
    with pytest.raises(ConflictError), unit_of_work():
        services.call(
            committee, name_zh="会", name_en="Meeting", place="济南", starts_at=AT, by=office.secretary.actor, at=AT
        )


@pytest.mark.one_database
def test_meetings_are_for_their_committee_office_and_region_only(
    office: Office, meeting: Meeting, browser_of: BrowserOf
) -> None:
    outsider = acting(make_expert(office))
    other = make_office(GUANGDONG)
    path = f"/meetings/{meeting.code}"

    for member in (outsider, other.secretary, other.supervisor):
        for tail in ("", f"/items/{item_of(meeting).code}", "/minutes.pdf"):
            assert browser_of(member).get(path + tail).status_code == 404
    assert browser_of(outsider).post(f"{path}/attendance/enter").status_code == 404
    assert browser_of(office.supervisor).get(path).status_code == 200
    assert browser_of(office.supervisor).get(f"{path}/minutes.pdf").status_code == 404


@pytest.mark.parametrize(
    "statement", ["UPDATE meeting_attendance SET entering = true", "DELETE FROM meeting_attendance"]
)
def test_attendance_cannot_be_rewritten(
    office: Office, meeting: Meeting, experts: list[PoolExpert], statement: str
) -> None:
    del office
    come(meeting, experts[0])

    with pytest.raises((DatabaseError, ConflictError), match="append-only"), unit_of_work():
        session.execute(text(statement))


@pytest.mark.one_database
def test_presence_is_derived_from_the_order_of_passages() -> None:
    rows = [
        Passage(1, entering=True, at=AT),
        Passage(2, entering=True, at=AT + timedelta(minutes=1)),
        Passage(1, entering=False, at=AT + timedelta(minutes=2)),
    ]

    assert present(rows) == {2}
    assert present(rows, AT) == {1}
    assert present(rows, AT + timedelta(minutes=1)) == {1, 2}
    assert ever_present(rows) == {1, 2}
    assert ever_present(rows[2:]) == set()
    assert Quorum(2, 3, 2).met
    assert not Quorum(1, 3, 2).met


def test_whose_term_is_over_or_who_is_suspended_signs_in_to_no_meeting(
    office: Office, meeting: Meeting, experts: list[PoolExpert]
) -> None:
    over, suspended, serving = experts
    with unit_of_work():
        session.execute(
            update(PoolExpert).where(PoolExpert.id == over.id).values(ends_on=AT.date() - timedelta(days=1))
        )
        found = session.get_one(PoolExpert, suspended.id, populate_existing=True)
        pools.decide(found, "suspend", reason="核查。", by=office.regulator.actor, at=AT)
    session.expire_all()

    for one in (over, suspended):
        with pytest.raises(ForbiddenError, match="聘期"):
            come(meeting, one)
    come(meeting, serving)
    assert queries.quorum(fresh(meeting), queries.attendance(meeting.id)).present == 1


def test_who_is_suspended_in_a_meeting_leaves_it_and_signs_in_to_it_no_more(
    office: Office, meeting: Meeting, experts: list[PoolExpert]
) -> None:
    open_(meeting, office, experts)

    with unit_of_work():
        pools.decide(fresh_expert(experts[1]), "suspend", reason="核查。", by=office.regulator.actor, at=AT)

    rows = queries.attendance(meeting.id)
    assert queries.quorum(fresh(meeting), rows).present == len(experts) - 1
    assert [(one.expert_id, one.entering) for one in rows if one.expert_id == experts[1].id] == [
        (experts[1].id, True),
        (experts[1].id, False),
    ]
    left = session.scalars(select(Event).where(Event.kind == "panels.left")).all()
    assert [one.actor_id for one in left] == [office.regulator.person.id]
    with pytest.raises(ForbiddenError, match="聘期"):
        come(meeting, experts[1])


@pytest.mark.parametrize(("days", "present"), [(0, 2), (1, 3)])
def test_who_is_restricted_in_a_meeting_leaves_it_from_the_first_day_on(
    office: Office, meeting: Meeting, experts: list[PoolExpert], days: int, present: int
) -> None:
    open_(meeting, office, experts)

    restrict("panels.serve", experts[1].person, starts_on=AT.date() + timedelta(days=days), at=AT)

    assert queries.quorum(fresh(meeting), queries.attendance(meeting.id)).present == present


def fresh_expert(expert: PoolExpert) -> PoolExpert:
    return session.get_one(PoolExpert, expert.id, populate_existing=True)


def test_an_opinion_leaves_an_event_once(office: Office, meeting: Meeting, experts: list[PoolExpert]) -> None:
    open_(meeting, office, experts)
    for _ in range(2):
        with unit_of_work():
            services.give_opinion(item_of(meeting), "同意推荐。", by=office.secretary.actor, at=AT)

    (given,) = session.scalars(select(Event).where(Event.kind == "panels.opinion_given"))
    assert (given.actor_id, given.data) == (office.secretary.person.id, {"item": item_of(meeting).code})
