"""Each role of another region and organisation at each address the demo's people are offered: nothing opens.

Only doors whose permission the role carries are tried: the others are shown shut for it by the test of every route.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from app.accounts import services as accounts
from app.accounts.models import Account, Membership, Person, Region
from app.accounts.states import OrganisationKind, Role
from app.core.access import access_of
from app.core.clock import real_now
from app.core.db import session, unit_of_work
from app.rooms import ROOMS
from tests.browser.demo_site import DemoSite

# Its doors are collected once, by walking the demo as one person of each role and region
pytestmark = pytest.mark.timeout(400)

SINCE = date(2020, 1, 1)
PAGES_PER_PERSON = 60
REFUSED = {403, 404}
ELSEWHERE, SAME_PROVINCE = "510100", "370200"
NO_RECORD = {"kind", "name", "purpose"}
"""Arguments of addresses that name a kind of thing, which everybody may do for themselves."""

OF_PEOPLE = (
    "/people/erasures/<code>",
    "/people/erasures/<code>/<decision>",
    "/people/merges/<code>",
    "/people/merges/<code>/<decision>",
    "/people/names/<code>",
    "/people/names/<code>/<decision>",
    "/people/names/<code>/paper",
)
OPEN_TO = {
    "/titles/rounds/<code>": {SAME_PROVINCE},  # a round is there for everybody of its province
    "/titles/rounds/<code>/applications": {SAME_PROVINCE},
    "/performance/<code>": {ELSEWHERE, SAME_PROVINCE},  # the nation's cycle; its table shows one's own region only
    # templates are the site's own: every issuer reads them, and a system administrator drafts them wherever they are
    "/issuing/templates/<code>": {ELSEWHERE, SAME_PROVINCE},
    "/issuing/templates/<code>/drafts": {ELSEWHERE, SAME_PROVINCE},
    # people belong to no region, so an administrator of security decides for all of them
    **{rule: {ELSEWHERE, SAME_PROVINCE} for rule in OF_PEOPLE},
}
"""Doors that stand open to another region by the rule beside them."""


@dataclass(frozen=True, order=True)
class Door:
    """One address of one record, as a page offered it: a link, or the action of a form."""

    rule: str
    method: str
    path: str
    permission: str


def _match(app: Flask, path: str, method: str) -> Door | None:
    """Return the door at an address, where it names a record and is not public."""
    with suppress(HTTPException):
        rule, given = app.url_map.bind("localhost").match(path, method=method, return_rule=True)
        access = access_of(app.view_functions[rule.endpoint])
        if given.keys() - NO_RECORD and access is not None and access.kind != "public":
            return Door(rule.rule, method, path, access.permission or "")
    return None


def _walk(app: Flask, client: FlaskClient, known: Counter[tuple[str, str]]) -> Iterator[Door]:
    """Follow the links that a person is offered and yield every new door of a record on the way."""
    waiting, seen, opened = ["/home"], set[str](), 0
    while waiting and opened < PAGES_PER_PERSON:
        path = urlsplit(waiting.pop(0)).path
        door = _match(app, path, "GET")
        if path in seen or path.startswith(("/lang/", "/theme/")) or (door and known[door.rule, "GET"]):
            continue
        seen.add(path)
        response = client.get(path)
        if response.status_code != 200:
            continue
        if door:
            known[door.rule, "GET"] += 1
            yield door
        if response.mimetype != "text/html":
            continue
        opened += 1
        tree = html.fromstring(response.text)
        waiting += [link for link in tree.xpath("//a/@href") if link.startswith("/") and not link.startswith("//")]
        for form in tree.xpath("//form[translate(@method, 'POST', 'post')='post']"):
            posted = _match(app, urlsplit(form.get("action") or path).path, "POST")
            if posted and not known[posted.rule, "POST"]:
                known[posted.rule, "POST"] += 1
                yield posted


def _client(app: Flask, person: Person, membership: Membership) -> FlaskClient:
    with unit_of_work():
        token = accounts.start_session(person=person, membership=membership, second_factor=True, at=real_now())
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client


@pytest.fixture(name="doors", scope="module")
def _doors(demo: DemoSite) -> list[Door]:
    """Collect one door of each address that a person of each role and region of the demo is offered."""
    with demo.app.app_context():
        query = (
            select(Membership, Person)
            .join(Person, Person.id == Membership.person_id)
            .join(Account, Account.person_id == Person.id)
        )
        people = session.execute(query.order_by(Membership.id)).all()
        one_each = {(membership.role, membership.region_code): (person, membership) for membership, person in people}
        clients = [_client(demo.app, *found) for found in one_each.values()]
        session.remove()
    known: Counter[tuple[str, str]] = Counter()
    return sorted({door for client in clients for door in _walk(demo.app, client, known)})


def _outsider(app: Flask, role: Role, region: str) -> FlaskClient:
    """Sign in somebody new with a role in a region and an organisation that the demo does not touch."""
    with unit_of_work():
        slug = f"elsewhere-{role}-{region}"
        body = accounts.add_organisation(
            kind=OrganisationKind.BASE, slug=slug, name_zh="外地机构", name_en="Elsewhere", region_code=region,
            at=real_now(),
        )  # fmt: skip
        person = accounts.add_person(name="外人", at=real_now())
        membership = accounts.grant_role(
            person, role, region_code=region, organisation_id=body.id, starts_on=SINCE, by=None, at=real_now()
        )
    return _client(app, person, membership)


@pytest.fixture(name="without_tokens")
def _without_tokens(demo: DemoSite) -> Iterator[None]:
    """Let forms be sent without their token, so that it is the scope that refuses."""
    demo.app.config["WTF_CSRF_ENABLED"] = False
    yield
    demo.app.config["WTF_CSRF_ENABLED"] = True


def _permissions(role: Role) -> set[str]:
    return {"", *(permission for room in ROOMS for permission in room.grants.get(role, ()))}


def test_the_demo_offers_doors_of_every_kind(doors: list[Door]) -> None:
    assert len({door.rule for door in doors if door.method == "GET"}) >= 60
    assert len({door.rule for door in doors if door.method == "POST"}) >= 40


@pytest.mark.usefixtures("without_tokens")
@pytest.mark.parametrize("region", [ELSEWHERE, SAME_PROVINCE])
def test_no_record_opens_for_any_role_of_another_region_and_organisation(
    demo: DemoSite, doors: list[Door], region: str
) -> None:
    with demo.app.app_context():
        assert session.get(Region, region)
        outsiders = {role: _outsider(demo.app, role, region) for role in Role}
        session.remove()

    opened = [
        f"{role}: {door.method} {door.path} of {door.rule}: {status}"
        for role, client in outsiders.items()
        for door in doors
        if door.permission in _permissions(role) and region not in OPEN_TO.get(door.rule, ())
        if (status := client.open(door.path, method=door.method).status_code) not in REFUSED
    ]

    assert not opened, "\n".join(opened)
