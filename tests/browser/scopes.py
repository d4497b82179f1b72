"""The demo as people of other regions and organisations meet it: its addresses of records, and who asks for them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.routing import Rule

from app.accounts import services as accounts
from app.accounts.actors import actor_of
from app.accounts.models import Account, Membership, Organisation, Person, SecurityOrder
from app.accounts.services.access_keys import Terms
from app.accounts.states import OrganisationKind, Role
from app.assessment.exams.models import Attempt, Registration
from app.core.access import Access, access_of
from app.core.clock import real_now
from app.core.columns import CODE_LENGTH, new_code
from app.core.db import Base, db, session, unit_of_work
from app.core.room import permissions_of
from app.courses.models import Enrolment
from app.credentials.models import Certificate, ShareLink
from app.evidence.access import Permission
from tests.browser.records import RECORDS, WORDS, add_the_rest

SINCE = date(2020, 1, 1)
OK, FORBIDDEN, NOT_FOUND = 200, 403, 404
REFUSED = {FORBIDDEN, 404}
JSON = {"Accept": "application/json"}
PAGE = {"page": "page-of-another"}
SAVES = {**PAGE, "answers": [{"position": 1, "sequence": 1, "response": {"choice": ["A"]}}]}
BODIES: Mapping[str, Mapping[str, object]] = {
    "/sit/<code>/arrive": PAGE,
    "/sit/<code>/beat": PAGE,
    "/sit/<code>/hold": PAGE,
    "/sit/<code>/kept": SAVES,
    "/sit/<code>/save": SAVES,
    "/sit/<code>/signals": {**PAGE, "signals": []},
    "/sit/<code>/submit": PAGE,
}
"""What the page of a sitting sends: one statement asks session, permission and row, so it is read before."""

NO_SUCH_NUMBER = 10**6
MORE = 30
"""How many records of an address are looked at for one that somebody of the demo opens; their order is by chance."""

VARYING = re.compile(rb'("now": ?|name="csrf_token" value=|nonce=|data-options=|datetime=)"[^"]*"')
"""The time of day, and what each page is sent with anew."""

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")
ELSEWHERE, SAME_PROVINCE, NEXT_DOOR, NO_BODY = "elsewhere", "same province", "next door", "no organisation"
REGIONS = {ELSEWHERE: "510100", SAME_PROVINCE: "370200"}
"""Chengdu, and Qingdao, which is of the province of the demo; `NEXT_DOOR` is the region of the demo's own people,
`NO_BODY` the same for who holds a role there for no organisation."""
SCOPES = (ELSEWHERE, SAME_PROVINCE, NEXT_DOOR, NO_BODY)
HERE = frozenset({NEXT_DOOR, NO_BODY})
ANYWHERE = frozenset(SCOPES)
OF_PEOPLE = (
    "/people/erasures/<code>",
    "/people/erasures/<code>/<decision>",
    "/people/merges/<code>",
    "/people/merges/<code>/<decision>",
    "/people/names/<code>",
    "/people/names/<code>/<decision>",
    "/people/names/<code>/paper",
)
OF_TEMPLATES = (
    "/issuing/templates/<code>",
    "/issuing/templates/<code>/compare/<other>",
    "/issuing/templates/<code>/discard",
    "/issuing/templates/<code>/drafts",
    "/issuing/templates/<code>/edit",
    "/issuing/templates/<code>/preview",
    "/issuing/templates/<code>/samples/<size>.png",
)
OPEN_TO: Mapping[str, frozenset[str]] = {
    # a round is there for everybody of its province
    "/titles/rounds/<code>": frozenset({SAME_PROVINCE, *HERE}),
    "/titles/rounds/<code>/applications": frozenset({SAME_PROVINCE, *HERE}),
    # the nation's cycle; its table shows one's own region only
    "/performance/<code>": ANYWHERE,
    "/performance/<code>/table.csv": ANYWHERE,
    # templates are the site's own: every issuer reads them, and a system administrator drafts them wherever they are;
    # who may change a draft is shown where templates are tested
    **dict.fromkeys(OF_TEMPLATES, ANYWHERE),
    # people belong to no region, so an administrator of security decides for all of them
    **dict.fromkeys(OF_PEOPLE, ANYWHERE),
    # the jobs of the site are run by whoever administers the system
    "/system/jobs/<code>/retry": ANYWHERE,
    # certification bodies decide on the awards of their region
    "/awards/<code>": HERE,
    "/awards/<code>/award": HERE,
    "/awards/<code>/refuse": HERE,
}
"""Addresses that stand open to another scope by the rule beside them."""

SUPERIOR = frozenset({Role.SUPERVISOR, Role.CREDIT, Role.REGULATOR, Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR})
"""Whose scope is a region, for all organisations in it: they have nobody next door."""

NOT_TRIED: Mapping[str, str] = {
    **dict.fromkeys(
        (
            "/evidence/new/<kind>",
            "/evidence/organisation/new/<kind>",
            "/evidence/organisation/import/template/<kind>.xlsx",
            "/me/rights/consents/<purpose>/give",
            "/me/rights/consents/<purpose>/withdraw",
            "/rules/start/<kind>",
        ),
        "its argument names a kind of thing, which everybody may do for themselves",
    ),
    "/learning/<code>/lessons/<lesson>/quiz/files/<digest>": (
        "quizzes of the demo come from files without pictures; the view asks the query of the page of that code first"
    ),
}
"""Addresses with arguments that are not tried, with the reason."""


CODE = re.compile(rf"[0-9a-z]{{{CODE_LENGTH}}}")


@dataclass(frozen=True)
class Address:
    """One address of records: three paths with real values, more of them, and one of a record that is not there."""

    rule: str
    method: str
    access: Access
    real: tuple[str, ...]
    more: tuple[str, ...]
    none: str


@dataclass(frozen=True)
class Opened:
    """A page that somebody opened: nothing of it where it is no page but a file, or leads elsewhere."""

    client: FlaskClient
    path: str
    page: bytes


@dataclass(frozen=True)
class World:
    """The demo, the addresses of its records, and who asks for them."""

    app: Flask
    addresses: list[Address]
    outsiders: Mapping[tuple[str, Role], FlaskClient]
    insiders: list[tuple[Role, FlaskClient]]
    granted: Mapping[Role, frozenset[str]]
    codes: Mapping[str, str]
    owners: Mapping[str, int]
    names: frozenset[str]
    key: str
    told: dict[Address, tuple[int, bytes]]
    pages: dict[str, Opened | None]
    sent: list[str]

    def tried_by(self, role: Role, scope: str) -> Iterator[Address]:
        """Yield the addresses whose door a role passes; those that ask for no permission in one scope for each role."""
        if scope in HERE and role in SUPERIOR:
            return
        for number, address in enumerate(self.addresses):
            turn = SCOPES[(number + list(Role).index(role)) % len(SCOPES)] == scope
            passes = turn if address.access.kind == "signed_in" else address.access.permission in self.granted[role]
            if passes and scope not in OPEN_TO.get(address.rule, ()):
                yield address


def method_of(rule: Rule) -> str:
    return next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def declared(app: Flask, rule: Rule) -> Access:
    """Return the declared access; what declares none is static."""
    return access_of(app.view_functions[rule.endpoint]) or Access("public")


def filled(rule: Rule, values: Mapping[str, object]) -> str:
    return ARGUMENT.sub(lambda found: str(values[found[1]]), rule.rule)


def _unknown(value: object) -> object:
    return new_code() if isinstance(value, str) else NO_SUCH_NUMBER


def _address(app: Flask, rule: Rule) -> Address | None:
    """Fill an address with the first, the middle and the last record that it can name; None where there is none."""
    beginning = max((one for one in RECORDS if rule.rule.startswith(one)), key=len, default=None)
    words = WORDS.get(rule.rule, {})
    if beginning is None:
        return None
    rows = [dict(row) for row in session.execute(RECORDS[beginning]).mappings()]
    if not rows or set(ARGUMENT.findall(rule.rule)) - rows[0].keys() - words.keys():
        return None
    paths = [filled(rule, {**row, **words}) for row in rows]
    chosen = sorted({0, len(rows) // 2, len(rows) - 1})
    more = [place for place in range(0, len(rows), 1 + len(rows) // MORE) if place not in chosen]
    none = filled(rule, {**{name: _unknown(value) for name, value in rows[0].items()}, **words})
    real, others = (tuple(paths[place] for place in places) for places in (chosen, more))
    return Address(rule.rule, method_of(rule), declared(app, rule), real, others, none)


def with_argument(app: Flask) -> list[Rule]:
    """Return the routes with arguments that are not public."""
    return [rule for rule in app.url_map.iter_rules() if rule.arguments and declared(app, rule).kind != "public"]


def client_of(app: Flask, person: Person, membership: Membership) -> FlaskClient:
    with unit_of_work():
        token = accounts.start_session(person=person, membership=membership, second_factor=True, at=real_now())
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client


def _outsider(role: Role, scope: str, region: str) -> tuple[Person, Membership, Organisation]:
    """Give a role in a region to somebody new, for an organisation that the demo does not touch."""
    at, slug = real_now(), f"{scope}-{role}".replace(" ", "-")
    with unit_of_work():
        body = accounts.add_organisation(
            kind=OrganisationKind.BASE, slug=slug, name_zh="外地机构", name_en="Elsewhere", region_code=region, at=at
        )
        person = accounts.add_person(name="外人", at=at)
        membership = accounts.grant_role(
            person,
            role,
            region_code=region,
            organisation_id=None if scope == NO_BODY else body.id,
            starts_on=SINCE,
            by=None,
            at=at,
        )
    return person, membership, body


def _key(person: Person, membership: Membership, body: Organisation) -> str:
    """Make a key for a program of an organisation."""
    with unit_of_work():
        terms = Terms("program", Permission.ENTER, 30)
        _made, text = accounts.make_key(body, terms, by=actor_of(person, membership), at=real_now())
    return text


def make_world(app: Flask) -> World:
    """Sign in the demo's people and an outsider for each role and scope."""
    with app.app_context():
        with unit_of_work():
            add_the_rest(real_now())
        owners = _owners()
        codes, names = _codes(), frozenset(name for name in session.scalars(select(Person.name)) if len(name) > 1)
        query = (
            select(Membership, Person)
            .join(Person, Person.id == Membership.person_id)
            .join(Account, Account.person_id == Person.id)
            .order_by(Membership.id)
        )
        people = [(membership, person) for membership, person in session.execute(query).all()]
        one_each = {(membership.role, membership.region_code): (membership, person) for membership, person in people}
        insiders = [(held.role, client_of(app, person, held)) for held, person in one_each.values()]
        homes = {membership.role: membership.region_code for membership, _person in reversed(people)}
        addresses = [found for rule in with_argument(app) if (found := _address(app, rule)) is not None]
        strangers = {
            (scope, role): _outsider(role, scope, REGIONS.get(scope) or homes[role])
            for scope in SCOPES
            for role in Role
        }
        outsiders = {at: client_of(app, person, held) for at, (person, held, _body) in strangers.items()}
        key = _key(*strangers[NEXT_DOOR, Role.EMPLOYER])
        granted = {role: permissions_of(role) for role in Role}
        session.remove()
    return World(app, addresses, outsiders, insiders, granted, codes, owners, names, key, {}, {}, _statements(app))


def _statements(app: Flask) -> list[str]:
    """Give a list that fills with the statements sent from now on, beside the one that reads a demo's clock."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "clock_setting" not in statement:
            sent.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    return sent


def _codes() -> dict[str, str]:
    """Return every outside code of the demo with the name of its table."""
    models = [mapper.class_ for mapper in Base.registry.mappers if "code" in mapper.columns]
    return {
        code: model.__tablename__
        for model in models
        for code in session.scalars(select(model.code))
        if len(code) == CODE_LENGTH
    }


def _owners() -> dict[str, int]:
    """Return whose each record is that people look at under pages of their own, by its code."""
    owned: tuple[Any, ...] = (Attempt, Certificate, Enrolment, Registration, ShareLink)
    rows = [row for model in owned for row in session.execute(select(model.code, model.person_id))]
    rows += session.execute(select(SecurityOrder.code, SecurityOrder.asked_by_id)).all()
    return {code: person for code, person in rows if person is not None}
