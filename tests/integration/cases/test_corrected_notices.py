"""A notice that is wrong comes off the board and is opened anew, corrected, so that what waits for it goes on."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.cases import services
from app.cases.desk import expected
from app.cases.models import Publicity
from app.cases.queries import notices
from app.cases.services import publicity
from app.cases.services.publicity import CORRECT, Announcement, Correction, open_publicity
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event, Subject
from app.desk.models import Todo
from tests.factories.accounts import GUANGDONG, SHANDONG, Member, make_member
from tests.factories.cases import (
    NOW,
    accepted,
    days,
    decided,
    make_clocks,
    make_objection,
    make_officer,
    make_publicity,
)

BrowserOf = Callable[[Member], FlaskClient]
SAID = Correction("更正公示", "Corrected notice", "更正后的内容。", "The corrected text.")
BINDING = "performance.grade"
"""A kind of which the shipped clocks say that the decision takes effect after the period."""


@pytest.fixture(autouse=True)
def _today(app: Flask, at_time: Callable[[datetime], None]) -> None:
    del app
    at_time(NOW)


def make_binding() -> Publicity:
    make_clocks()
    said = Announcement("等次公示", "Publicity of a grade", "内容。", "Body.", "/bases", ("王小明",))
    with unit_of_work():
        return open_publicity(
            BINDING, Subject("test_record", "graded"), said, region_code=SHANDONG, authority_region=SHANDONG,
            decided_by_id=None, by=None, at=NOW,
        )  # fmt: skip


def taken_off(found: Publicity, *, at: datetime = NOW) -> Publicity:
    with unit_of_work():
        publicity.revoke(notices.publicity(found.code), reason="等次有误。", by=make_officer().actor, at=at)
    return notices.publicity(found.code)


def corrected(found: Publicity, *, by: Member | None = None, at: datetime = NOW) -> Publicity:
    with unit_of_work():
        officer = by or make_officer()
        return publicity.correct(notices.publicity(found.code), SAID, by=officer.actor, at=at)


def waiting() -> list[tuple[str, str]]:
    """Return what waits for a corrected notice, after comparing it with what follows from the states."""
    rows = session.execute(select(Todo.kind, Todo.subject_code).where(Todo.kind == CORRECT, Todo.closed_at.is_(None)))
    found = [(kind, code) for kind, code in rows]
    assert found == [(one.kind, one.subject.code) for one in expected() if one.kind == CORRECT]
    return found


def test_a_corrected_notice_stands_for_a_whole_period_and_what_waits_for_it_is_told() -> None:
    wrong = taken_off(make_binding(), at=days(2))
    assert waiting() == [(CORRECT, wrong.code)]

    found = corrected(wrong, at=days(2))

    assert (found.starts_on, found.ends_on, found.names) == (date(2026, 3, 4), date(2026, 3, 11), ["王*明"])
    assert (found.title_zh, found.body_en) == (SAID.title_zh, SAID.body_en)
    assert waiting() == []
    with unit_of_work():
        assert services.end_publicity(at=days(30)) == 1
    (ended,) = session.scalars(select(Event).where(Event.kind == "cases.publicity_ended"))
    assert (ended.subject_code, ended.data["subject_code"]) == (found.code, "graded")


def test_a_corrected_notice_is_opened_on_the_day_of_the_wrong_one_too_and_once() -> None:
    wrong = make_binding()
    with pytest.raises(ConflictError):
        corrected(wrong)
    found = corrected(taken_off(wrong))

    assert (found.starts_on, found.id == wrong.id) == (wrong.starts_on, False)
    with pytest.raises(ConflictError):
        corrected(wrong)
    assert corrected(taken_off(found)).starts_on == wrong.starts_on, "a corrected one may be wrong as well"


def test_only_the_authority_that_hears_objections_opens_it() -> None:
    wrong = taken_off(make_binding())

    with pytest.raises(ForbiddenError):
        corrected(wrong, by=make_officer(GUANGDONG))


@pytest.mark.parametrize("upheld", [True, False])
def test_an_objection_to_the_wrong_notice_holds_the_corrected_one_back(*, upheld: bool) -> None:
    wrong, officer = make_binding(), make_officer()
    case = make_objection(wrong, make_member(Role.TRAINEE).actor)
    corrected(taken_off(wrong))

    with unit_of_work():
        assert services.end_publicity(at=days(30)) == 0
    decided(accepted(case, officer), officer, upheld=upheld)
    with unit_of_work():
        assert services.end_publicity(at=days(30)) == 1
    (ended,) = session.scalars(select(Event).where(Event.kind == "cases.publicity_ended"))
    assert (ended.data["objections"], ended.data["upheld"]) == (1, int(upheld))


def test_what_stands_already_waits_for_no_corrected_notice() -> None:
    taken_off(make_publicity())

    assert waiting() == []


def left_off(found: Publicity, reason: str = "申请已撤回，不再公示。", *, by: Member | None = None) -> None:
    with unit_of_work():
        officer = by or make_officer()
        publicity.leave_off(notices.publicity(found.code), reason=reason, by=officer.actor, at=NOW)


def test_a_notice_is_left_off_where_there_is_nothing_to_announce_any_more() -> None:
    wrong = taken_off(make_binding())

    left_off(wrong)
    left_off(wrong)

    assert waiting() == []
    (told,) = session.scalars(select(Event).where(Event.kind == "cases.publicity_left_off"))
    assert (told.subject_code, told.reason) == (wrong.code, "申请已撤回，不再公示。")
    with pytest.raises(ConflictError):
        left_off(wrong, "另有原因。")
    found = corrected(wrong)
    assert notices.later(wrong) == found, "should it go on after all, it is announced"
    assert waiting() == []
    assert waiting_after_taking_off(found) == [(CORRECT, found.code)]


def waiting_after_taking_off(found: Publicity) -> list[tuple[str, str]]:
    taken_off(found)
    return waiting()


def test_only_what_was_taken_off_and_nothing_follows_is_left_off_and_only_by_its_authority() -> None:
    wrong = make_binding()
    with pytest.raises(ConflictError):
        left_off(wrong)
    taken_off(wrong)
    with pytest.raises(ForbiddenError):
        left_off(wrong, by=make_officer(GUANGDONG))
    corrected(wrong)
    with pytest.raises(ConflictError):
        left_off(wrong)


def test_the_officer_leaves_it_off_on_its_page_with_a_reason(client: FlaskClient, browser_of: BrowserOf) -> None:
    wrong = taken_off(make_binding())
    officer, address = browser_of(make_officer()), f"/notices/{wrong.code}"

    refused = officer.post(f"{address}/leave-off", data={"reason": ""})
    left = officer.post(f"{address}/leave-off", data={"reason": "申请已撤回。"})

    assert refused.status_code == 422
    assert (left.status_code, left.location) == (302, address)
    assert "申请已撤回。" in client.get(address).text
    assert f"{address}/correct" in officer.get(address).text
    assert f"{address}/leave-off" not in officer.get(address).text
    assert browser_of(make_officer(GUANGDONG)).post(f"{address}/leave-off", data={}).status_code == 403


def test_a_wrong_notice_shows_its_reason_and_nothing_of_what_it_announced(
    client: FlaskClient, browser_of: BrowserOf
) -> None:
    wrong = taken_off(make_binding())
    address = f"/notices/{wrong.code}"

    page = client.get(address)
    assert "等次有误。" in page.text
    assert "王*明" not in page.text
    assert client.get(f"{address}/print").status_code == 404
    assert "王*明" in browser_of(make_officer()).get(address).text


def test_the_officer_opens_it_on_the_page_of_the_wrong_one(client: FlaskClient, browser_of: BrowserOf) -> None:
    wrong = taken_off(make_binding())
    officer, address = browser_of(make_officer()), f"/notices/{wrong.code}"
    said = {"title_zh": "更正公示", "title_en": "Corrected", "body_zh": "更正。", "body_en": "Corrected."}

    assert "等次公示" in officer.get(address).text
    refused = officer.post(f"{address}/correct", data={**said, "title_en": ""})
    opened = officer.post(f"{address}/correct", data=said)

    assert refused.status_code == 422
    assert "更正公示" in refused.text
    assert opened.status_code == 302
    assert "更正公示" in client.get("/notices").text
    assert opened.location in client.get(address).text
    assert officer.post(f"{address}/correct", data=said).status_code == 409
    assert browser_of(make_officer(GUANGDONG)).post(f"{address}/correct", data={}).status_code == 403


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("title_zh", "更正公示（王某13812345678）", "手机号码：138********。请删去"),
        ("body_zh", "王某，身份证号110101199003071233，通过评审。", "身份证号码：110***************。请删去"),
        ("body_en", "Write to wang@mail.example.cn.", "电子邮箱地址：wan"),
        ("body_zh", "退费至6222021234567890128。", "银行卡号：622"),
    ],
)
def test_a_text_for_everybody_with_a_number_of_a_person_is_refused_beside_its_field(
    browser_of: BrowserOf, field: str, typed: str, said: str
) -> None:
    standing, officer = make_binding(), browser_of(make_officer())
    address = f"/notices/{standing.code}"
    revoked = officer.post(f"{address}/revoke", data={"reason": typed})
    taken_off(standing)
    texts = {"title_zh": "更正公示", "title_en": "Corrected", "body_zh": "更正。", "body_en": "Corrected."}
    opened = officer.post(f"{address}/correct", data={**texts, field: typed})
    left = officer.post(f"{address}/leave-off", data={"reason": typed})

    for refused in (revoked, opened, left):
        assert refused.status_code == 422
        assert said in refused.text
    assert notices.later(standing) is None


def test_what_a_room_announces_bears_no_number_of_a_person() -> None:
    make_clocks()
    said = Announcement("公示（13812345678）", "Notice", "证件110101199003071233。", "Mail a@example.cn.", "/bases")
    with unit_of_work():
        made = open_publicity(
            BINDING, Subject("test_record", "typed"), said, region_code=SHANDONG, authority_region=SHANDONG,
            decided_by_id=None, by=None, at=NOW,
        )  # fmt: skip

    assert made.title_zh == "公示（138********）"
    assert made.body_zh == f"证件110{'*' * 15}。"
    assert "example" not in made.body_en
