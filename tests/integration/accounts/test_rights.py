"""What people decide about their own data: consents, a copy, erasure."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.accounts import queries, services
from app.accounts.jobs import RIGHTS
from app.accounts.models import Account, Membership, Person, SignInSession
from app.accounts.rights import Consent, ConsentText, DataExport, Erasure
from app.accounts.rules.slowing import FREE_TRIES
from app.accounts.services import consents, erasure
from app.accounts.states import ErasureState, Role
from app.core import clock
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event
from app.core.room import Hold, PersonalData, Room
from tests.factories.accounts import MADE_AT, SHANDONG, Member, make_member, make_person
from tests.submit import submit

Browser = Callable[..., FlaskClient]
NAME = "accounts.publish_name"
RIGHTS_PAGE = "/me/rights"


@pytest.fixture
def member(app: object) -> Member:
    del app
    return make_member(Role.TRAINEE)


def test_a_consent_holds_from_its_day_until_the_day_it_is_withdrawn(member: Member, browser_of: Browser) -> None:
    browser = browser_of(member)
    today = clock.today()
    assert not consents.given(member.person.id, NAME, today)

    submit(browser, f"{RIGHTS_PAGE}/consents/{NAME}/give", page=RIGHTS_PAGE)
    submit(browser, f"{RIGHTS_PAGE}/consents/{NAME}/give", page=RIGHTS_PAGE)
    assert len(session.scalars(select(Consent)).all()) == 1, "a repeated request gives it once"
    assert consents.given(member.person.id, NAME, today)
    assert not consents.given(member.person.id, NAME, today - timedelta(days=1))
    assert not consents.given(member.person.id, "accounts.share_employer", today), "each purpose is separate"
    text = session.scalars(select(ConsentText)).one()
    assert "本人同意" in text.text_zh
    assert "I agree" in text.text_en

    submit(browser, f"{RIGHTS_PAGE}/consents/{NAME}/withdraw", page=RIGHTS_PAGE)
    submit(browser, f"{RIGHTS_PAGE}/consents/{NAME}/withdraw", page=RIGHTS_PAGE)
    assert not consents.given(member.person.id, NAME, today)
    kinds = list(session.scalars(select(Event.kind).where(Event.kind.startswith("accounts.consent"))))
    assert kinds == ["accounts.consent_given", "accounts.consent_withdrawn"]
    assert "已终止的同意" in browser.get(RIGHTS_PAGE).text


def test_new_words_need_a_new_consent(member: Member, browser_of: Browser) -> None:
    with unit_of_work():
        old = ConsentText(purpose=NAME, number=0, text_zh="旧", text_en="Old", at=MADE_AT)
        session.add(old)
        session.flush()
        session.add(Consent(person_id=member.person.id, purpose=NAME, text_id=old.id, given_at=MADE_AT))
    browser = browser_of(member)
    assert "文本已更新" in browser.get(RIGHTS_PAGE).text
    submit(browser, f"{RIGHTS_PAGE}/consents/{NAME}/give", page=RIGHTS_PAGE)
    rows = session.scalars(select(Consent).order_by(Consent.id)).all()
    assert [row.withdrawn_at is None for row in rows] == [False, True]
    unknown = submit(browser, f"{RIGHTS_PAGE}/consents/nothing/give", page=RIGHTS_PAGE)
    assert unknown.status_code == 404


def test_a_copy_of_ones_data_is_downloaded_once(
    member: Member, browser_of: Browser, run_jobs: Callable[[], int]
) -> None:
    browser = browser_of(member)
    submit(browser, f"{RIGHTS_PAGE}/copy", page=RIGHTS_PAGE)
    submit(browser, f"{RIGHTS_PAGE}/copy", page=RIGHTS_PAGE)
    assert "汇集中" in browser.get(RIGHTS_PAGE).text
    run_jobs()
    export = session.scalars(select(DataExport)).one()
    number = services.open_field(member.person, "person.identity") or ""
    assert number.encode() not in bytes(export.sealed or b""), "it lies sealed"

    path = f"{RIGHTS_PAGE}/copy/{export.code}"
    stranger = submit(browser_of(make_member(Role.TRAINEE)), path, page=RIGHTS_PAGE)
    assert stranger.status_code == 404
    done = submit(browser, path, page=RIGHTS_PAGE)
    with zipfile.ZipFile(io.BytesIO(done.data)) as archive:
        listed = set(archive.namelist())
        person = json.loads(archive.read("person.json"))[0]
        index = archive.read("index.html").decode()
    assert listed >= {"index.html", "person.json", "roles.json", "consents.json", "training.json"}
    assert person["identity"] == number
    assert "我在平台的个人信息" in index
    again = submit(browser, path, page=RIGHTS_PAGE)
    assert again.status_code == 409
    assert "已下载" in browser.get(RIGHTS_PAGE).text


def test_a_copy_that_nobody_took_is_destroyed_after_seven_days(
    member: Member, browser_of: Browser, run_jobs: Callable[[], int]
) -> None:
    browser = browser_of(member)
    submit(browser, f"{RIGHTS_PAGE}/copy", page=RIGHTS_PAGE)
    run_jobs()
    with unit_of_work():
        session.execute(update(DataExport).values(expires_at=clock.real_now() - timedelta(seconds=1)))
    export = session.scalars(select(DataExport)).one()
    assert submit(browser, f"{RIGHTS_PAGE}/copy/{export.code}", page=RIGHTS_PAGE).status_code == 409
    RIGHTS.run()
    session.expire_all()
    assert session.scalars(select(DataExport.sealed)).all() == [None]
    assert "已过期" in browser.get(RIGHTS_PAGE).text


@pytest.fixture
def officer(app: object) -> Member:
    del app
    return make_member(Role.SECADMIN, "100000")


def test_an_erasure_is_confirmed_by_a_second_person_and_destroys_the_key(
    member: Member, officer: Member, browser_of: Browser
) -> None:
    browser, office = browser_of(member), browser_of(officer)
    with unit_of_work():
        services.add_account(member.person, None, password_hash="x", at=MADE_AT)
    name = member.person.name
    submit(browser, f"{RIGHTS_PAGE}/erasure", page=RIGHTS_PAGE)
    submit(browser, f"{RIGHTS_PAGE}/erasure", page=RIGHTS_PAGE)
    request = session.scalars(select(Erasure)).one()
    assert name in office.get("/people/erasures").text
    path = f"/people/erasures/{request.code}"
    assert "密钥将立即销毁" in office.get(path).text
    assert submit(office, f"{path}/grant", page=path, answer="").status_code == 422
    done = submit(office, f"{path}/grant", page=path, answer="本人申请")
    assert done.status_code == 302, done.text

    session.expire_all()
    person = session.get_one(Person, member.person.id)
    kept = (person.data_key, person.identity_sealed, person.identity_index, person.phone_index, person.email_index)
    assert kept == (None,) * 5
    assert person.name == "信息已删除的人员"
    assert session.scalar(select(func.count()).select_from(Account)) == 0
    assert all(
        row.ended_at for row in session.scalars(select(SignInSession).where(SignInSession.person_id == person.id))
    )
    assert all(row.ends_on for row in session.scalars(select(Membership).where(Membership.person_id == person.id)))
    assert browser.get(RIGHTS_PAGE).status_code in {302, 401}, "signed out"
    page = office.get("/people/erasures").text
    assert name not in page
    assert session.scalars(select(Event.kind)).all().count("accounts.person_erased") == 1
    again = submit(office, f"{path}/grant", page="/people/merges", answer="再次")
    assert again.status_code == 409


def test_nobody_decides_on_their_own_erasure(officer: Member) -> None:
    with unit_of_work():
        request = erasure.request_erasure(by=officer.actor, at=MADE_AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        erasure.decide_erasure(request, grant=True, answer="x", by=officer.actor, at=MADE_AT, real_at=clock.real_now())


def test_a_request_is_withdrawn_or_refused(member: Member, officer: Member, browser_of: Browser) -> None:
    browser, office = browser_of(member), browser_of(officer)
    assert submit(browser, f"{RIGHTS_PAGE}/erasure/withdraw", page=RIGHTS_PAGE).status_code == 409
    submit(browser, f"{RIGHTS_PAGE}/erasure", page=RIGHTS_PAGE)
    assert submit(browser, f"{RIGHTS_PAGE}/erasure/withdraw", page=RIGHTS_PAGE).status_code == 302
    submit(browser, f"{RIGHTS_PAGE}/erasure", page=RIGHTS_PAGE)
    request = session.scalars(select(Erasure).where(Erasure.state == ErasureState.REQUESTED)).one()
    path = f"/people/erasures/{request.code}"
    assert submit(office, f"{path}/refuse", page=path, answer="证据须保全").status_code == 302
    session.expire_all()
    states = session.scalars(select(Erasure.state).order_by(Erasure.id)).all()
    assert states == [ErasureState.WITHDRAWN, ErasureState.REFUSED]
    assert session.get_one(Person, member.person.id).data_key is not None
    assert office.get("/people/erasures/none").status_code == 404


def test_what_the_law_keeps_stays_until_it_need_not(
    member: Member, officer: Member, monkeypatch: pytest.MonkeyPatch, browser_of: Browser
) -> None:
    until = clock.today() + timedelta(days=10)

    def holds(_person_id: int, on: date) -> list[Hold]:
        return [Hold("姓名", "某法", until)] if on <= until else []

    room = Room("kept", personal_data=(PersonalData("kept", "Kept", lambda _person: [], reckoned=holds),))
    monkeypatch.setattr(erasure, "rooms", lambda: (room,))
    assert "某法" in browser_of(member).get(RIGHTS_PAGE).text
    with unit_of_work():
        request = erasure.request_erasure(by=member.actor, at=clock.now())
        erasure.decide_erasure(
            request, grant=True, answer="可", by=officer.actor, at=clock.now(), real_at=clock.real_now()
        )
    person = session.get_one(Person, member.person.id)
    assert (request.state, request.kept_until) == (ErasureState.LIMITED, until)
    assert person.phone_index is None
    assert person.identity_index is not None
    assert "某法" in browser_of(officer).get(f"/people/erasures/{request.code}").text

    with unit_of_work():
        assert erasure.finish_erasures(on=until, at=clock.now()) == 0
    with unit_of_work():
        assert erasure.finish_erasures(on=until + timedelta(days=1), at=clock.now()) == 1
    session.expire_all()
    assert session.get_one(Person, member.person.id).data_key is None
    with pytest.raises(ConflictError):
        services.open_field(make_erased(), "person.identity")


def make_erased() -> Person:
    person = make_person()
    person.data_key = None
    session.expunge(person)
    return person


@pytest.fixture
def known(app: object) -> Person:
    del app
    make_member(Role.SECADMIN, SHANDONG)
    return make_person(name="沈知行")


def claim(client: FlaskClient, person: Person, **changed: str) -> str:
    number = services.open_field(person, "person.identity") or ""
    given = {"name": person.name, "identity_kind": "resident_id", "identity_number": number, **changed}
    return submit(client, "/claim", **given).text


def test_a_claim_tells_nobody_who_is_known(client: FlaskClient, known: Person, app: object) -> None:
    del app
    right = claim(client, known)
    wrong_name = claim(client, known, name="别人")
    other = claim(client, make_person(), name="沈知行")
    assert right == wrong_name == other
    assert "已收到通知" in right
    refused = submit(client, "/claim", name="沈知行", identity_kind="resident_id", identity_number="123")
    assert refused.status_code == 422
    assert submit(client, "/claim", name="", identity_kind="passport", identity_number="1").status_code == 422


@pytest.mark.usefixtures("time_stands")
def test_one_line_makes_five_claims_in_a_row_from_whichever_of_its_addresses(app: Flask) -> None:
    def claimed(address: str) -> int:
        browser = app.test_client()
        browser.environ_base["REMOTE_ADDR"] = address
        given = {"name": "沈知行", "identity_kind": "passport", "identity_number": "E12345678"}
        return submit(browser, "/claim", **given).status_code

    line = [claimed(f"2001:db8:0:1::{place}") for place in range(1, FREE_TRIES + 2)]
    assert line == [200] * FREE_TRIES + [429]
    assert claimed("2001:db8:0:2::1") == 200, "another line is heard"


def test_whoever_brought_a_record_in_decides_on_its_claim(
    client: FlaskClient, known: Person, browser_of: Browser
) -> None:
    officer = browser_of(make_member(Role.SECADMIN, "100000"))
    claim(client, known)
    claim(client, known)
    page = officer.get("/people/claims").text
    assert page.count("沈知行") == 1, "a repeated claim waits once"
    decide = page.split('action="')[1:]
    paths = [part.split('"')[0] for part in decide if "/people/claims/" in part]
    accepted = submit(officer, paths[0], page="/people/claims")
    link = accepted.text.split("/invitation/")[1].split("<")[0].split('"')[0]
    assert queries.invitation(link, clock.real_now()).person_id == known.id
    assert submit(officer, paths[0], page="/people/merges").status_code == 409
    other = make_person(name="许青")
    claim(client, other)
    page = officer.get("/people/claims").text
    paths = [part.split('"')[0] for part in page.split('action="')[1:] if "/refuse" in part]
    assert submit(officer, paths[0], page="/people/claims").status_code == 302
    assert submit(officer, "/people/claims/none/accept", page="/people/merges").status_code == 404
