"""An organisation's administrator makes keys for its programs: shown once, for one purpose, for a time, revocable."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts import key_queries as queries
from app.accounts import services
from app.accounts.actors import by_key
from app.accounts.keyed import AccessKey
from app.accounts.models import Membership, SignInSession
from app.accounts.services import access_keys
from app.accounts.services.access_keys import MOST_DAYS, MOST_LIVE, USES_A_MINUTE, Terms
from app.accounts.states import Role
from app.core import clock
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError, TooManyError
from app.core.events import Event
from tests.factories.accounts import JINAN, Member, make_member, make_organisation, open_session
from tests.factories.keys import A_YEAR, LONG_AGO, PURPOSE, Institution, make_institution, make_key
from tests.submit import submit
from tests.worlds import built_once

BrowserOf = Callable[[Member], FlaskClient]
TEXT = re.compile(r"jjk_[A-Za-z0-9_=-]{32}")


@pytest.fixture(name="house")
@built_once
def _house(app: Flask) -> Institution:
    del app
    return make_institution()


def opens(text: str) -> bool:
    return by_key(text, at=real_now(), on=clock.today()) is not None


def test_a_key_is_shown_once_and_kept_as_a_digest(house: Institution, browser_of: BrowserOf) -> None:
    browser = browser_of(house.administrator)
    address = f"/organisations/{house.body.slug}/keys"
    made = submit(browser, f"{address}/new", name="合同登记系统", purpose=PURPOSE, days="30")

    (text,) = set(TEXT.findall(made.text))
    key = session.scalars(select(AccessKey).where(AccessKey.name == "合同登记系统")).one()
    assert key.expires_at - key.made_at == timedelta(days=30)
    assert (key.ending, len(key.token)) == (text[-4:], 32)
    assert opens(text)
    for page in (address, f"{address}/{key.code}", f"/organisations/{house.body.slug}"):
        assert text not in browser.get(page).text, page
    assert f"…{key.ending}" in browser.get(address).text
    assert browser.get("/organisations/mine/keys").location == address


def test_a_key_is_made_only_by_who_signed_in_with_a_second_factor(
    app: Flask, house: Institution, browser_of: BrowserOf
) -> None:
    browser = app.test_client()
    with browser.session_transaction() as cookie:
        cookie["_user_id"] = open_session(house.administrator, second_factor=False)
        cookie["_fresh"] = True
    address = f"/organisations/{house.body.slug}/keys/new"

    assert "二次验证" in browser.get(address).text
    refused = browser.post(address, data={"name": "系统", "purpose": PURPOSE, "days": "30"})

    assert refused.status_code == 403
    assert [key.name for key in session.scalars(select(AccessKey))] == [house.key.name]
    assert 'name="purpose"' in browser_of(house.administrator).get(address).text


def test_a_sign_in_of_an_hour_ago_is_confirmed_first(house: Institution, browser_of: BrowserOf) -> None:
    browser = browser_of(house.administrator)
    with unit_of_work():
        session.execute(update(SignInSession).values(started_at=real_now() - timedelta(hours=1), confirmed_at=None))
    address = f"/organisations/{house.body.slug}/keys"

    for path in (f"{address}/new", f"{address}/{house.key.code}/revoke"):
        assert browser.post(path, data={"name": "系统", "purpose": PURPOSE, "days": "30"}).location.startswith(
            "/confirm"
        )
    assert opens(house.text)


def test_another_organisation_or_role_sees_no_keys(house: Institution, browser_of: BrowserOf) -> None:
    address = f"/organisations/{house.body.slug}/keys"
    other = browser_of(make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN)))
    authority = browser_of(make_member(Role.REGULATOR, JINAN))
    colleague = browser_of(make_member(Role.TRAINEE, JINAN, house.body))

    for path in (address, f"{address}/new", f"{address}/{house.key.code}"):
        assert other.get(path).status_code == 404, path
        assert authority.get(path).status_code == colleague.get(path).status_code == 403, path
    assert other.post(f"{address}/{house.key.code}/revoke").status_code == 404
    assert opens(house.text)
    homeless = browser_of(make_member(Role.EMPLOYER, JINAN))
    assert homeless.get("/organisations/mine/keys").status_code == 404


def test_a_revoked_key_opens_nothing_and_cannot_be_revoked_again(house: Institution, browser_of: BrowserOf) -> None:
    browser, page = browser_of(house.administrator), f"/organisations/{house.body.slug}/keys/{house.key.code}"
    assert opens(house.text)

    done = submit(browser, f"{page}/revoke", page=page)

    assert done.location == page
    assert not opens(house.text)
    assert "已撤销" in browser.get(page).text
    assert browser.post(f"{page}/revoke").status_code == 409
    kinds = session.scalars(select(Event.kind).where(Event.subject_code == house.key.code).order_by(Event.id)).all()
    assert kinds == ["accounts.key_made", "accounts.key_revoked"]


def test_an_expired_key_and_one_whose_maker_lost_the_role_open_nothing(
    house: Institution, browser_of: BrowserOf
) -> None:
    _key, old = make_key(house.administrator, house.body, name="旧系统", at=LONG_AGO)
    assert not opens(old)
    with unit_of_work():
        over = clock.today() - timedelta(days=1)
        session.execute(
            update(Membership).where(Membership.id == house.administrator.membership.id).values(ends_on=over)
        )
    assert not opens(house.text)
    again = browser_of(make_member(Role.EMPLOYER, JINAN, house.body))
    page = again.get(f"/organisations/{house.body.slug}/keys").text
    assert "已过期" in page
    assert "生成人" in page
    shown = again.get(f"/organisations/{house.body.slug}/keys/{house.key.code}")
    assert "撤销" in shown.text


def test_a_key_carries_the_permission_of_its_purpose_and_no_other(house: Institution) -> None:
    actor = by_key(house.text, at=real_now(), on=clock.today())

    assert actor is not None
    assert actor.permissions == {PURPOSE}
    assert (actor.key, actor.organisation_id) == (house.key.code, house.body.id)
    assert by_key("jjk_unknown", at=real_now(), on=clock.today()) is None


def test_an_erased_maker_leaves_no_key_behind(house: Institution) -> None:
    with unit_of_work():
        person = session.merge(house.administrator.person)
        person.erased_at, person.data_key = real_now(), None

    assert not opens(house.text)


def make(house: Institution, by: Member | None = None, **changed: object) -> None:
    terms = {"name": "又一个系统", "purpose": PURPOSE, "days": 30, **changed}
    with unit_of_work():
        body = session.merge(house.body)
        services.make_key(body, Terms(**terms), by=(by or house.administrator).actor, at=real_now())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "error", "field"),
    [
        ({"name": "人事系统"}, ConflictError, "name"),
        ({"purpose": "credentials.check"}, InvalidError, "purpose"),
        ({"purpose": "nothing"}, InvalidError, "purpose"),
        ({"days": 0}, InvalidError, "days"),
        ({"days": MOST_DAYS + 1}, InvalidError, "days"),
    ],
)
def test_terms_that_do_not_fit_are_refused_beside_their_field(
    house: Institution, changed: dict[str, object], error: type[DomainError], field: str
) -> None:
    with pytest.raises(error) as refused:
        make(house, None, **changed)
    assert refused.value.field == field


def test_terms_within_their_bounds_are_taken(house: Institution, monkeypatch: pytest.MonkeyPatch) -> None:
    make(house, days=1, name="一天")
    make(house, days=MOST_DAYS, name="一年")
    monkeypatch.setattr(access_keys, "MOST_LIVE", 3)
    with pytest.raises(ConflictError, match="3"):
        make(house)
    assert MOST_LIVE == 20


def test_nobody_else_makes_or_revokes_a_key(house: Institution) -> None:
    stranger = make_institution()
    for by in (stranger.administrator, make_member(Role.TRAINEE, JINAN, house.body)):
        with pytest.raises(ForbiddenError):
            make(house, by)
        with pytest.raises(ForbiddenError), unit_of_work():
            services.end_key(session.merge(house.key), session.merge(house.body), by=by.actor, at=real_now())
    other = stranger.administrator.actor
    with pytest.raises(NotFoundError), unit_of_work():
        services.end_key(session.merge(house.key), session.merge(stranger.body), by=other, at=real_now())
    assert opens(house.text)


def test_a_closed_organisation_gets_no_key(house: Institution) -> None:
    with unit_of_work():
        session.merge(house.body).closed_on = clock.today()
    with pytest.raises(ConflictError):
        make(house)


def test_a_key_is_heard_so_often_a_minute_and_again_in_the_next(
    house: Institution, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access_keys, "USES_A_MINUTE", 2)
    start = LONG_AGO + A_YEAR

    def use(seconds: int) -> None:
        with unit_of_work():
            services.count_use(house.key.code, at=start + timedelta(seconds=seconds))

    use(0)
    use(30)
    with pytest.raises(TooManyError) as refused:
        use(59)
    assert refused.value.headers["Retry-After"] == "60"
    use(60)
    session.expire_all()
    key = queries.by_code(house.key.code)
    assert (key.uses, key.in_minute, key.used_at) == (3, 1, start + timedelta(seconds=60))
    assert USES_A_MINUTE == 120
