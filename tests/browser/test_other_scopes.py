"""Each role of another region and organisation at each address the demo's people are offered: nothing opens."""

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
from tests.browser.chromium import NEEDS
from tests.browser.demo_site import DemoSite

pytestmark = NEEDS

SINCE = date(2020, 1, 1)
PAGES_PER_ROLE, PER_ROUTE = 90, 2
REFUSED = {403, 404}
ELSEWHERE, SAME_PROVINCE = "510100", "370200"
NO_RECORD = {"kind", "name", "purpose"}
"""Arguments of addresses that name a kind of thing, which everybody may do for themselves."""


OPEN_TO = {
    "/titles/rounds/<code>": {SAME_PROVINCE},  # a round is there for everybody of its province
    "/titles/rounds/<code>/applications": {SAME_PROVINCE},
    "/performance/<code>": {ELSEWHERE, SAME_PROVINCE},  # the nation's cycle; its table shows one's own region only
}
"""Doors of the nation and of a province that stand open to a region below them."""


@dataclass(frozen=True, order=True)
class Door:
    """One address of one record, as a page offered it: a link, or the action of a form."""

    method: str
    path: str
    rule: str


def _match(app: Flask, path: str, method: str) -> tuple[str, str] | None:
    """Return the rule and endpoint of an address that names a record and is not public."""
    with suppress(HTTPException):
        rule, given = app.url_map.bind("localhost").match(path, method=method, return_rule=True)
        access = access_of(app.view_functions[rule.endpoint])
        if given.keys() - NO_RECORD and access is not None and access.kind != "public":
            return rule.rule, rule.endpoint
    return None


def _walk(app: Flask, client: FlaskClient) -> Iterator[Door]:
    """Follow the links that a person is offered and yield every door of a record on the way."""
    waiting, seen, routes, opened = ["/home"], set[str](), Counter[str](), 0
    while waiting and opened < PAGES_PER_ROLE:
        path = waiting.pop(0)
        known = _match(app, urlsplit(path).path, "GET")
        if path in seen or path.startswith(("/lang/", "/theme/")) or (known and routes[known[1]] >= PER_ROUTE):
            continue
        seen.add(path)
        response = client.get(path)
        if response.status_code != 200:
            continue
        if known:
            routes[known[1]] += 1
            yield Door("GET", urlsplit(path).path, known[0])
        if response.mimetype != "text/html":
            continue
        opened += 1
        tree = html.fromstring(response.text)
        waiting += [link for link in tree.xpath("//a/@href") if link.startswith("/") and not link.startswith("//")]
        for form in tree.xpath("//form[translate(@method, 'POST', 'post')='post']"):
            action = urlsplit(form.get("action") or path).path
            posted = _match(app, action, "POST")
            if posted:
                yield Door("POST", action, posted[0])


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
    """Collect every door of a record that any of the demo's people is offered."""
    with demo.app.app_context():
        query = (
            select(Membership, Person)
            .join(Person, Person.id == Membership.person_id)
            .join(Account, Account.person_id == Person.id)
        )
        people = session.execute(query.order_by(Membership.id)).all()
        clients = [_client(demo.app, person, membership) for membership, person in people]
        session.remove()
    return sorted({door for client in clients for door in _walk(demo.app, client)})


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


def test_the_demo_offers_doors_of_every_kind(doors: list[Door]) -> None:
    assert len({door.rule for door in doors if door.method == "GET"}) >= 20
    assert len({door.rule for door in doors if door.method == "POST"}) >= 15


@pytest.mark.usefixtures("without_tokens")
@pytest.mark.parametrize("region", [ELSEWHERE, SAME_PROVINCE])
@pytest.mark.parametrize("role", list(Role))
def test_no_record_opens_for_a_role_of_another_region_and_organisation(
    demo: DemoSite, doors: list[Door], role: Role, region: str
) -> None:
    with demo.app.app_context():
        assert session.get(Region, region)
        client = _outsider(demo.app, role, region)
        session.remove()

    opened = [
        f"{door.method} {door.path}: {status}"
        for door in doors
        if region not in OPEN_TO.get(door.rule, ())
        and (status := client.open(door.path, method=door.method).status_code) not in REFUSED
    ]

    assert not opened, "\n".join(opened)
