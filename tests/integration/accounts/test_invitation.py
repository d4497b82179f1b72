"""An invitation makes one account, for whoever knows the document, and works once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from app.accounts import queries, services
from app.accounts.models import Person
from app.accounts.rules import slowing
from app.accounts.services.people import open_field
from app.accounts.states import Role
from app.core import clock
from app.core.clock import real_now
from app.core.db import unit_of_work
from app.core.errors import ConflictError, InvalidError, NotFoundError
from tests.factories.accounts import MADE_AT, make_account, make_member, make_person, make_regions
from tests.submit import submit

NEW = "山高月小水落石出-730"


@pytest.fixture
def person(app: object) -> Person:
    del app
    make_regions()
    return make_person(name="沈知行")


def invite(person: Person) -> str:
    with unit_of_work():
        return services.invite(person, by=None, at=real_now())


def tail(person: Person) -> str:
    return (open_field(person, "person.identity") or "")[-4:]


def test_the_page_shows_the_name_masked_and_no_number(client: FlaskClient, person: Person) -> None:
    page = client.get(f"/invitation/{invite(person)}")
    assert "沈**" in page.text
    assert "沈知行" not in page.text
    assert tail(person) not in page.text


def test_an_invited_person_makes_an_account_and_is_in(client: FlaskClient, person: Person) -> None:
    make_member(Role.TRAINEE, person=person)
    path = f"/invitation/{invite(person)}"
    answer = submit(client, path, last_four=tail(person).lower(), password=NEW, again=NEW)
    assert answer.location == "/home"
    assert "账号已开通" in client.get("/home").text
    assert queries.account_of(person.id) is not None


def test_a_link_works_once(app: object, client: FlaskClient, person: Person) -> None:
    path = f"/invitation/{invite(person)}"
    submit(client, path, last_four=tail(person), password=NEW, again=NEW)
    assert app.test_client().get(path).status_code == 404  # type: ignore[attr-defined]


def test_two_uses_at_once_make_one_account(person: Person) -> None:
    token = invite(person)
    found = queries.invitation(token, real_now())
    with unit_of_work():
        services.accept(found, password=NEW, at=real_now())
    with pytest.raises(ConflictError), unit_of_work():
        services.accept(found, password=NEW, at=real_now())


def test_staff_go_on_to_set_up_their_second_factor(client: FlaskClient, person: Person) -> None:
    make_member(Role.LECTURER, person=person)
    answer = submit(client, f"/invitation/{invite(person)}", last_four=tail(person), password=NEW, again=NEW)
    assert answer.location == "/sign-in/second-factor"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"last_four": "0000"}, "后四位不符"),
        ({"password": "short", "again": "short"}, "至少12个字符"),
        ({"again": "another one"}, "不一致"),
        ({"last_four": ""}, "请填写后四位"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_makes_no_account(
    client: FlaskClient, person: Person, fields: dict[str, str], says: str
) -> None:
    given = {"last_four": tail(person), "password": NEW, "again": NEW, **fields}
    answer = submit(client, f"/invitation/{invite(person)}", **given)
    assert answer.status_code == 422
    assert says in answer.text
    assert queries.account_of(person.id) is None


@pytest.mark.usefixtures("time_stands")
def test_guessing_the_document_is_slowed(client: FlaskClient, person: Person) -> None:
    path = f"/invitation/{invite(person)}"
    wrong = "0000" if tail(person) != "0000" else "1111"
    codes = [
        submit(client, path, last_four=wrong, password=NEW, again=NEW).status_code
        for _try in range(slowing.FREE_TRIES + 1)
    ]
    assert codes == [422] * slowing.FREE_TRIES + [429]


def test_a_new_link_ends_the_old_one(client: FlaskClient, person: Person) -> None:
    old, new = invite(person), invite(person)
    assert client.get(f"/invitation/{old}").status_code == 404
    assert client.get(f"/invitation/{new}").status_code == 200


def test_a_link_ends_after_thirty_days(client: FlaskClient, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    token = invite(person)
    later = real_now() + timedelta(days=31)
    monkeypatch.setattr(clock, "real_now", lambda: later)
    assert client.get(f"/invitation/{token}").status_code == 404


def test_a_link_of_nobody_is_not_found(client: FlaskClient) -> None:
    assert client.get("/invitation/made-up").status_code == 404
    with pytest.raises(NotFoundError):
        queries.invitation("made-up", real_now())


def test_who_has_an_account_or_no_document_is_not_invited(person: Person, at_time: Callable[..., None]) -> None:
    del at_time
    make_account(person)
    with pytest.raises(ConflictError):
        invite(person)
    with unit_of_work():
        unknown = services.add_person(name="无证", at=MADE_AT)
    with pytest.raises(InvalidError):
        invite(unknown)
