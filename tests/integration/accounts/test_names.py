"""A verified name is corrected on the request of its bearer, by a second person who saw the paper."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import Person
from app.accounts.rights import NameCorrection
from app.accounts.services import add_person, merging, names
from app.accounts.services.names import Asking, Name
from app.accounts.states import NameState, Role
from app.core.access_log import AccessLook
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.events import Event
from app.credentials import paper
from app.desk.models import Todo
from app.desk.rights import expected
from tests.factories.accounts import MADE_AT, NATION, Member, make_member, make_person
from tests.factories.credentials import issue, make_office

Browser = Callable[[Member], FlaskClient]
SCAN = b"%PDF-1.7 household register"
LATER = MADE_AT + timedelta(days=1)


@pytest.fixture
def bearer(app: Flask) -> Member:
    del app
    return make_member(Role.TRAINEE, NATION, person=make_person(name="王小明"))


@pytest.fixture
def admin(app: Flask) -> Member:
    del app
    return make_member(Role.SECADMIN, NATION)


def ask(who: Member, name: str = "王晓明", scan: bytes = SCAN) -> NameCorrection:
    with unit_of_work():
        return names.ask(Asking(Name(name, None), scan, "户口簿更正"), by=who.actor, at=MADE_AT)


def decide(code: str, by: Member, *, correct: bool = True) -> None:
    with unit_of_work():
        names.decide(names.correction(code), correct=correct, answer="已核对原件", by=by.actor, at=LATER)


def name_of(who: Member) -> str:
    return session.get_one(Person, who.person.id, populate_existing=True).name


def test_a_second_person_corrects_the_name(bearer: Member, admin: Member) -> None:
    found = ask(bearer)
    assert ask(bearer).id == found.id, "one request waits at a time"
    with pytest.raises(ForbiddenError):
        decide(found.code, bearer)

    decide(found.code, admin)

    assert name_of(bearer) == "王晓明"
    with pytest.raises(ConflictError):
        decide(found.code, admin)
    told = session.scalars(select(Event).where(Event.kind == "accounts.name_corrected")).one()
    assert (told.actor_id, told.reason) == (admin.person.id, "已核对原件")
    assert all("王" not in str(one.data) for one in session.scalars(select(Event))), "no event holds a name"


def test_an_administrator_does_not_decide_on_their_own(admin: Member) -> None:
    found = ask(admin)
    with pytest.raises(ForbiddenError):
        decide(found.code, admin)


def test_a_refused_or_withdrawn_request_changes_nothing(bearer: Member, admin: Member) -> None:
    decide(ask(bearer).code, admin, correct=False)
    ask(bearer)
    with unit_of_work():
        names.withdraw(by=bearer.actor, at=LATER)
    with pytest.raises(ConflictError), unit_of_work():
        names.withdraw(by=bearer.actor, at=LATER)

    assert name_of(bearer) == "王小明"
    assert [one.state for one in names.own(bearer.person.id)] == [NameState.WITHDRAWN, NameState.REFUSED]


def test_the_paper_must_be_a_scan_and_the_name_another_one(bearer: Member) -> None:
    with pytest.raises(InvalidError):
        ask(bearer, scan=b"MZ not a scan")
    with pytest.raises(InvalidError):
        ask(bearer, name="王小明")


def test_the_request_is_a_to_do_until_it_is_decided(bearer: Member, admin: Member) -> None:
    found = ask(bearer)
    query = select(Todo).where(Todo.kind == "accounts.name", Todo.closed_at.is_(None))
    assert session.scalars(query).one().subject_code == found.code
    assert [one.subject.code for one in expected() if one.kind == "accounts.name"] == [found.code]

    decide(found.code, admin)

    assert session.scalars(query).all() == []
    assert not [one for one in expected() if one.kind == "accounts.name"]


def test_a_joined_record_loses_its_paper_and_an_open_request_holds_the_joining(bearer: Member, admin: Member) -> None:
    with unit_of_work():
        kept = add_person(name="王晓明", at=MADE_AT)
        merge = merging.propose_merge(kept, bearer.person, reasons="同一人", by=admin.actor, at=MADE_AT)
    found = ask(bearer)
    second = make_member(Role.SECADMIN, NATION)
    with pytest.raises(ConflictError), unit_of_work():
        merging.confirm_merge(session.merge(merge), answer="是", by=second.actor, at=LATER, real_at=LATER)
    decide(found.code, admin, correct=False)
    with unit_of_work():
        merging.confirm_merge(session.merge(merge), answer="是", by=second.actor, at=LATER, real_at=LATER)

    again = names.correction(found.code)
    assert names.name_asked(again) is None
    with pytest.raises(NotFoundError):
        names.paper_of(again)


def test_from_the_request_to_the_offer_of_new_certificates_by_page(
    bearer: Member, admin: Member, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "available", lambda: False)
    certificate = issue(make_office(), bearer.person)
    mine, office = browser_of(bearer), browser_of(admin)
    assert "/me/name" in mine.get("/me").text
    change = f"/my/certificates/{certificate.code}/change"
    assert "/me/name" in mine.get(change).text
    assert mine.post("/me/name", data={"name": "", "reason": "x"}).status_code == 422
    wrong = {"name": "王晓明", "reason": "更名", "file": (io.BytesIO(b"MZ"), "a.exe")}
    refused = mine.post("/me/name", data=wrong)
    assert refused.status_code == 422
    assert "王晓明" in refused.text
    sent = mine.post("/me/name", data={**wrong, "file": (io.BytesIO(SCAN), "hukou.pdf")})
    assert sent.status_code == 302
    found = session.scalars(select(NameCorrection)).one()
    page = f"/people/names/{found.code}"
    assert mine.get(page).status_code == 403
    assert "王小明" in office.get("/people/names").text
    shown = office.get(page).text
    assert "王晓明" in shown
    scan = office.get(f"{page}/paper")
    assert (scan.data, scan.headers["Content-Disposition"][:10]) == (SCAN, "attachment")
    assert session.scalars(select(AccessLook).where(AccessLook.record_code == found.code)).first() is not None
    assert office.post(f"{page}/correct", data={"answer": ""}).status_code == 422
    assert office.post(f"{page}/correct", data={"answer": "已核对原件"}).status_code == 302
    assert office.post(f"{page}/correct", data={"answer": "再次"}).status_code == 409

    assert "已核对原件" in mine.get("/me/name").text
    assert change in mine.get("/my/certificates").text
    assert "申请按核验姓名换发" in mine.get("/my/certificates").text
