"""People: once each, sealed at rest, found under every key, shown masked."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import queries, services
from app.accounts.models import Person
from app.accounts.states import IdentityKind, OrganisationKind, Role
from app.core.clock import real_now
from app.core.config import settings
from app.core.crypto import unwrap_key
from app.core.db import db, session, unit_of_work
from app.core.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from tests.factories.accounts import (
    GUANGDONG,
    MADE_AT,
    PASSWORD,
    SHANDONG,
    Member,
    identity_number,
    make_account,
    make_member,
    make_organisation,
    make_person,
)
from tests.rotation import NEW, with_keys
from tests.submit import submit

NUMBER, PHONE, EMAIL = identity_number(777), "13912345678", "sealed.person@demo.example"


@pytest.fixture
def sealed(app: Flask) -> Person:
    del app
    return make_person(name="沈知行", number=NUMBER, phone=PHONE, email=EMAIL)


def test_a_person_is_one_however_the_number_is_written(sealed: Person) -> None:
    with unit_of_work():
        again = services.add_person(
            name="Someone",
            identity_kind=IdentityKind.RESIDENT_ID,
            identity_number=f" {NUMBER[:6]} {NUMBER[6:].lower()}",
            at=MADE_AT,
        )
    assert again.id == sealed.id
    assert again.name == "沈知行", "nothing of a known person is overwritten"


def test_the_same_number_of_another_kind_is_another_document(sealed: Person) -> None:
    assert queries.person_by_identity(IdentityKind.RESIDENT_ID, NUMBER) is not None
    with unit_of_work():
        other = services.add_person(
            name="旅客", identity_kind=IdentityKind.PASSPORT, identity_number=NUMBER[:17], at=MADE_AT
        )
    assert other.id != sealed.id


@pytest.mark.parametrize("field", ["phone", "email"])
def test_telephone_and_mail_belong_to_one_person(sealed: Person, field: str) -> None:
    del sealed
    phone, email = (f"+86 {PHONE}", None) if field == "phone" else (None, EMAIL.upper())
    with pytest.raises(ConflictError) as refused, unit_of_work():
        services.add_person(name="另一人", at=MADE_AT, phone=phone, email=email)
    assert refused.value.field == field


def test_a_wrong_number_is_refused_beside_its_field(app: Flask) -> None:
    del app
    with pytest.raises(InvalidError) as refused, unit_of_work():
        services.add_person(
            name="某人", identity_kind=IdentityKind.RESIDENT_ID, identity_number=NUMBER[:17], at=MADE_AT
        )
    assert refused.value.field == "identity_number"


def test_personal_fields_are_not_found_in_the_database(sealed: Person) -> None:
    """Numbers, telephones and mail addresses stand neither in rows nor in file, log or journal."""
    make_account(sealed)
    if db.engine.dialect.name == "sqlite":
        path = Path(str(db.engine.url.database))
        kept = b"".join(one.read_bytes() for one in path.parent.glob(f"{path.name}*"))
        assert "沈知行".encode() in kept, "the search would find what is not sealed"
    else:
        rows = [session.execute(table.select()).all() for table in db.metadata.sorted_tables]
        kept = repr(rows).encode()
    for secret in (NUMBER, PHONE, EMAIL, PASSWORD):
        assert secret.encode() not in kept


def test_the_owner_reads_fields_masked(browser_of: Callable[[Member], FlaskClient], sealed: Person) -> None:
    page = browser_of(make_member(Role.TRAINEE, person=sealed)).get("/me").text
    assert NUMBER not in page
    assert f"{NUMBER[:4]}**********{NUMBER[-4:]}" in page
    assert "+86139****5678" in page
    assert "s***@demo.example" in page


def test_rotation_brings_everyone_under_the_first_keys_and_finds_them_meanwhile(
    sealed: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_person()
    old = settings().field_keys.get_secret_value()
    with_keys(monkeypatch, NEW, old)
    assert queries.person_by_identity(IdentityKind.RESIDENT_ID, NUMBER) is not None, "under the old key"
    before = sealed.data_key
    with unit_of_work():
        last, count = services.rotate_keys(0, 1)
    assert count == 1
    with unit_of_work():
        last, count = services.rotate_keys(last or 0, 10)
    assert count == 1
    with unit_of_work():
        assert services.rotate_keys(last or 0, 10) == (None, 0)
    with_keys(monkeypatch, NEW)
    found = queries.person_by_identity(IdentityKind.RESIDENT_ID, NUMBER)
    assert found is not None
    assert services.open_field(found, "person.identity") == NUMBER
    assert queries.account_by_name(EMAIL) is None
    with pytest.raises(UnavailableError):
        unwrap_key(before or b"")


def test_organisations_are_found_by_slug_or_id(app: Flask) -> None:
    del app
    made = make_organisation(slug="qilu", kind=OrganisationKind.BASE)
    assert queries.organisation("qilu").id == queries.organisation(made.id).id == make_organisation(slug="qilu").id
    for missing in ("nowhere", 999_999):
        with pytest.raises(NotFoundError):
            queries.organisation(missing)
    with pytest.raises(NotFoundError):
        queries.region("999999")


def test_members_are_found_by_role_organisation_and_day(app: Flask) -> None:
    del app
    base = make_organisation()
    one = make_member(Role.LECTURER, organisation=base)
    make_member(Role.LECTURER)
    found = queries.members(Role.LECTURER, on=real_now().date(), organisation_id=base.id)
    assert [row.person.code for row in found] == [one.person.code]
    assert queries.names_of([one.person.id, None]) == {one.person.id: one.person.name}
    assert queries.names_of([]) == {}


def test_a_role_is_given_once(app: Flask) -> None:
    del app
    one = make_member(Role.LECTURER)
    assert make_member(Role.LECTURER, person=one.person).membership.id == one.membership.id


def test_administrators_see_the_roles_of_their_region_only(sign_in: Callable[..., FlaskClient]) -> None:
    make_member(Role.AUTHOR, SHANDONG, person=make_person(name="鲁人"))
    make_member(Role.AUTHOR, GUANGDONG, person=make_person(name="粤人"))
    browser = sign_in(Role.SECADMIN, SHANDONG)
    page = browser.get("/people").text
    assert "鲁人" in page
    assert "粤人" not in page
    assert "鲁人" not in browser.get("/people?role=lecturer").text
    assert "鲁人" in browser.get("/people?name=鲁&page=9").text
    assert sign_in(Role.TRAINEE).get("/people").status_code == 403


def test_one_changes_the_password_and_other_sessions_end(browser_of: Callable[[Member], FlaskClient]) -> None:
    member = make_member(Role.TRAINEE)
    make_account(member.person)
    here, elsewhere = browser_of(member), browser_of(member)
    fields = {"password": "水落石出而山高月小1082", "again": "水落石出而山高月小1082"}
    refused = submit(here, "/me/password", page="/me", current="not-the-password", **fields)
    assert refused.status_code == 422
    assert "当前密码不正确" in refused.text
    assert submit(here, "/me/password", page="/me", current=PASSWORD, password="x", again="y").status_code == 422
    assert submit(here, "/me/password", page="/me", current=PASSWORD, **fields).location == "/me"
    assert here.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 401
    assert submit(here, "/me/password", page="/me", current=PASSWORD, **fields).status_code == 422


def test_who_has_no_account_cannot_change_a_password(browser_of: Callable[[Member], FlaskClient]) -> None:
    browser = browser_of(make_member(Role.TRAINEE))
    fields = {"current": PASSWORD, "password": "水落石出而山高月小1082", "again": "水落石出而山高月小1082"}
    assert submit(browser, "/me/password", page="/me", **fields).status_code == 403


def test_the_chosen_language_holds_here_and_at_the_next_sign_in(
    app: Flask, browser_of: Callable[[Member], FlaskClient]
) -> None:
    member = make_member(Role.TRAINEE)
    make_account(member.person)
    browser = browser_of(member)
    assert submit(browser, "/me/language", page="/me", language="fr").status_code == 422
    assert submit(browser, "/me/language", page="/me", language="en").location == "/me"
    assert 'lang="en"' in browser.get("/me").text
    fresh = app.test_client()
    submit(fresh, "/sign-in", name=services.open_field(member.person, "person.email"), password=PASSWORD)
    assert 'lang="en"' in fresh.get("/home").text
