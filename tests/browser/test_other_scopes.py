"""Each role of another region and organisation at every address of a record: it is told that there is none.

What the people of the demo open themselves sends few statements.
Only addresses whose permission the role carries are tried: the others are shown shut for it by the test of every route.
"""

import io
import re
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts import services as accounts
from app.accounts.actors import actor_of
from app.accounts.models import Account, Membership, Organisation, Person
from app.accounts.services.access_keys import Terms
from app.accounts.states import OrganisationKind, Role
from app.assessment.exams.models import Attempt, Registration
from app.core.access import KEY, Access, access_of
from app.core.clock import real_now
from app.core.columns import CODE_LENGTH, new_code
from app.core.db import Base, db, session, unit_of_work
from app.core.room import permissions_of
from app.courses.models import Enrolment
from app.credentials.models import Certificate, ShareLink
from app.evidence.access import Permission
from tests.browser.records import OPENED_BY_NOBODY, RECORDS, WORDS, add_the_rest
from tests.browser.standing_open import (
    NEXT_DOOR,
    NOT_TRIED,
    OPEN_TO,
    READ_BY_ALL,
    REGIONS,
    SAME_PROVINCE,
    SAYS_NOTHING,
    SCOPES,
    SHOWN_TO_ALL,
)

# Some thousand requests over a demo of its own
pytestmark = pytest.mark.timeout(400)

SINCE = date(2020, 1, 1)
OK, FORBIDDEN = 200, 403
REFUSED = {FORBIDDEN, 404}
JSON = {"Accept": "application/json"}
VARYING = re.compile(rb'("now": ?|name="csrf_token" value=|nonce=)"[^"]*"')
"""The time of day, and what each page is sent with anew."""
PAGE = {"page": "page-of-another"}
SAVES = {**PAGE, "answers": [{"position": 1, "sequence": 1, "response": {"choice": ["A"]}}]}
BODIES: Mapping[str, Mapping[str, object]] = {
    "/sit/<code>/beat": PAGE,
    "/sit/<code>/hold": PAGE,
    "/sit/<code>/kept": SAVES,
    "/sit/<code>/save": SAVES,
    "/sit/<code>/signals": {**PAGE, "signals": []},
    "/sit/<code>/submit": PAGE,
}
"""What the page of a sitting sends: one statement asks session, permission and row, so it is read before."""

NO_SUCH_NUMBER = 10**6
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")

SUPERIOR = frozenset({Role.SUPERVISOR, Role.CREDIT, Role.REGULATOR, Role.SYSADMIN, Role.SECADMIN, Role.AUDITOR})
"""Whose scope is a region, for all organisations in it: they have nobody next door."""


MOST_STATEMENTS = 11
ROLES_PER_LIST = 3
EXPORTS = {"/audit/events/export", "/cases/desk/export", "/credit/records/export"}
SOUGHT = ("沈知行", "齐鲁", "考试")
CODE = re.compile(rf"[0-9a-z]{{{CODE_LENGTH}}}")


@dataclass(frozen=True)
class Address:
    """One address of records: paths with real values, and one of a record that is not there."""

    rule: str
    method: str
    access: Access
    real: tuple[str, ...]
    none: str


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
    sent: list[str]
    told: dict[Address, tuple[int, bytes]]

    def tried_by(self, role: Role, scope: str) -> Iterator[Address]:
        """Yield the addresses whose door a role passes; those that ask for no permission in one scope for each role."""
        if scope == NEXT_DOOR and role in SUPERIOR:
            return
        for number, address in enumerate(self.addresses):
            turn = SCOPES[(number + list(Role).index(role)) % len(SCOPES)] == scope
            passes = turn if address.access.kind == "signed_in" else address.access.permission in self.granted[role]
            if passes and scope not in OPEN_TO.get(address.rule, ()):
                yield address


def _method(rule: Rule) -> str:
    return next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def _access(app: Flask, rule: Rule) -> Access:
    """Return the declared access; what declares none is static."""
    return access_of(app.view_functions[rule.endpoint]) or Access("public")


def _filled(rule: Rule, values: Mapping[str, object]) -> str:
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
    chosen = [rows[place] for place in sorted({0, len(rows) // 2, len(rows) - 1})]
    real = tuple(_filled(rule, {**row, **words}) for row in chosen)
    none = _filled(rule, {**{name: _unknown(value) for name, value in rows[0].items()}, **words})
    return Address(rule.rule, _method(rule), _access(app, rule), real, none)


def _with_argument(app: Flask) -> list[Rule]:
    """Return the routes with arguments that are not public."""
    return [rule for rule in app.url_map.iter_rules() if rule.arguments and _access(app, rule).kind != "public"]


def _client(app: Flask, person: Person, membership: Membership) -> FlaskClient:
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
            person, role, region_code=region, organisation_id=body.id, starts_on=SINCE, by=None, at=at
        )
    return person, membership, body


def _key(person: Person, membership: Membership, body: Organisation) -> str:
    """Make a key for a program of an organisation."""
    with unit_of_work():
        terms = Terms("program", Permission.ENTER, 30)
        _made, text = accounts.make_key(body, terms, by=actor_of(person, membership), at=real_now())
    return text


@pytest.fixture(name="world", scope="module")
def _world(demo_apart: Flask) -> World:
    return make_world(demo_apart)


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
        insiders = [(held.role, _client(app, person, held)) for held, person in one_each.values()]
        homes = {membership.role: membership.region_code for membership, _person in reversed(people)}
        addresses = [found for rule in _with_argument(app) if (found := _address(app, rule)) is not None]
        strangers = {
            (scope, role): _outsider(role, scope, REGIONS.get(scope) or homes[role])
            for scope in SCOPES
            for role in Role
        }
        outsiders = {at: _client(app, person, held) for at, (person, held, _body) in strangers.items()}
        key = _key(*strangers[NEXT_DOOR, Role.EMPLOYER])
        granted = {role: permissions_of(role) for role in Role}
        session.remove()
    return World(app, addresses, outsiders, insiders, granted, codes, owners, names, key, _statements(app), {})


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
    """Return whose each record is that trainees look at under pages of their own, by its code."""
    owned: tuple[Any, ...] = (Attempt, Certificate, Enrolment, Registration, ShareLink)
    rows = [row for model in owned for row in session.execute(select(model.code, model.person_id))]
    return {code: person for code, person in rows if person is not None}


def _classes(world: World, rule: Rule) -> list[str]:
    """Return in which classes a route stands."""
    tried = {(one.rule, one.method) for one in world.addresses}
    public = _access(world.app, rule).kind == "public"
    belongs = {
        "open to everybody": public,
        "names no record": not public and not rule.arguments,
        "tried in another scope": (rule.rule, _method(rule)) in tried,
        "not tried, with a reason": rule.rule in NOT_TRIED,
    }
    return [name for name, fits in belongs.items() if fits]


def test_every_route_stands_in_one_class(world: World) -> None:
    standing = {f"{_method(rule)} {rule.rule}": _classes(world, rule) for rule in world.app.url_map.iter_rules()}
    counted = Counter(name for classes in standing.values() for name in classes)
    sys.stdout.write(f"{len(standing)} routes: {dict(counted)}\n")

    assert {rule: classes for rule, classes in standing.items() if len(classes) != 1} == {}
    known = {one.rule for one in world.app.url_map.iter_rules()}
    assert not [
        rule for rule in (*NOT_TRIED, *OPEN_TO, *READ_BY_ALL, *SAYS_NOTHING, *WORDS, *BODIES) if rule not in known
    ]


def _asked(client: FlaskClient, address: Address, path: str) -> tuple[int, bytes]:
    """Return what is answered, without the time of day."""
    sent = BODIES.get(address.rule)
    answer = client.open(path, method=address.method, headers=JSON, json=sent)
    return answer.status_code, VARYING.sub(b"", answer.data)


def _gives_nothing_away(world: World, address: Address, client: FlaskClient, told: tuple[int, bytes]) -> bool:
    """Tell whether an answer is the refusal that is due, or that of a record that is not there.

    What is not there is asked for once an address, by the first role; a page, which shows who looks, by each.
    """
    if address.rule in READ_BY_ALL:
        return told[0] == FORBIDDEN
    due = REFUSED | {OK} if address.rule in SAYS_NOTHING else REFUSED
    if address not in world.told:
        world.told[address] = _asked(client, address, address.none)
    return told[0] in due and (told == world.told[address] or told == _asked(client, address, address.none))


@pytest.mark.parametrize("scope", SCOPES)
def test_a_record_of_another_scope_is_told_apart_from_none_by_no_role(world: World, scope: str) -> None:
    opened = []
    for number, role in enumerate(Role):
        client = world.outsiders[scope, role]
        for address in world.tried_by(role, scope):
            path = address.real[number % len(address.real)]
            told = _asked(client, address, path)
            if not _gives_nothing_away(world, address, client, told):
                opened.append(f"{role}: {address.method} {address.rule}: {told[0]}")

    assert not opened, "\n".join(opened)


def test_a_program_of_another_organisation_is_told_of_no_record(world: World) -> None:
    client = world.app.test_client()
    asked = [address for address in world.addresses if address.access.kind == KEY]
    told = {
        (answer.status_code, answer.data)
        for address in asked
        for path in (*address.real, address.none)
        for answer in [client.get(path, headers={"Authorization": f"Bearer {world.key}"})]
    }

    assert asked
    assert [status for status, _said in told] == [404]


@pytest.fixture(name="opened", scope="module")
def _opened(world: World) -> Mapping[str, list[int]]:
    """Return by rule how many statements each record sent that the demo's people opened."""
    return {one.rule: list(_openings(world, one)) for one in world.addresses if one.method == "GET"}


def test_the_addresses_name_records_that_somebody_opens(opened: Mapping[str, list[int]]) -> None:
    """Else the test before would hold for addresses of nothing."""
    shut = {rule for rule, counts in opened.items() if not counts} - OPENED_BY_NOBODY

    assert not shut, "\n".join(sorted(shut))


def test_no_page_of_the_demo_sends_twelve_statements(world: World, opened: Mapping[str, list[int]]) -> None:
    """Those that read session and permission count, as they do in `make bench NAME=pages`."""
    counted = defaultdict(list, {rule: [*counts] for rule, counts in opened.items()})
    for role, client in world.insiders:
        for rule, method, path in _lists(world, role):
            if method == "GET" and len(counted[rule]) < ROLES_PER_LIST:
                counted[rule] += _cost(world, client, path)
    busy = {rule: max(counts) for rule, counts in counted.items() if counts and max(counts) > MOST_STATEMENTS}

    assert not busy, busy


def _openings(world: World, address: Address) -> Iterator[int]:
    """Yield what each record of an address costs its owner, or the first of the demo's people who opens it."""
    permission = address.access.permission
    for path in address.real:
        owners = [world.owners[code] for code in CODE.findall(path) if code in world.owners]
        clients = [client for role, client in world.insiders if permission is None or permission in world.granted[role]]
        with world.app.app_context():
            clients = [*(_owner(world.app, person) for person in owners), *clients]
        yield from next(filter(None, (_cost(world, client, path) for client in clients)), [])


def _cost(world: World, client: FlaskClient, path: str) -> list[int]:
    """Return how many statements an address sends, nothing where it refuses; what is kept afterwards is not counted."""
    for _turn in ("cold", "warm"):
        world.sent.clear()
        with client.get(path, headers=JSON) as answer:  # a file that it sends is closed unread
            if answer.status_code in REFUSED:
                return []
        if len(world.sent) <= MOST_STATEMENTS:
            break
    return [len(world.sent)]


def _owner(app: Flask, person_id: int) -> FlaskClient:
    """Sign in somebody of the demo under the first of their roles."""
    membership = session.scalars(select(Membership).where(Membership.person_id == person_id)).first()
    assert membership
    return _client(app, session.get_one(Person, person_id), membership)


def _lists(world: World, role: Role) -> Iterator[tuple[str, str, str]]:
    """Yield rule, method and path of the lists, exports and searches that a role opens."""
    for rule in world.app.url_map.iter_rules():
        access, method = _access(world.app, rule), _method(rule)
        opens = access.kind == "signed_in" or access.permission in world.granted[role]
        listed = not rule.arguments and (method == "GET" or rule.rule in EXPORTS)
        if opens and listed and access.kind != KEY:
            yield rule.rule, method, rule.rule
    for word in SOUGHT:
        yield "/search", "GET", f"/search?q={word}"
        yield "/search/suggest", "GET", f"/search/suggest?q={word}"


def _shown(answer: TestResponse) -> str:
    """Return what a page shows in its middle, or all that a file holds."""
    if "spreadsheet" in (answer.mimetype or ""):
        with zipfile.ZipFile(io.BytesIO(answer.data)) as book:
            return "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    text = answer.get_data().decode("utf-8", "replace")
    return text.partition("<main")[2] or text


@pytest.mark.parametrize("scope", [SAME_PROVINCE])
def test_no_list_export_or_search_shows_a_record_of_another_scope(world: World, scope: str) -> None:
    shown = set()
    for role in Role:
        client = world.outsiders[scope, role]
        for rule, method, path in _lists(world, role):
            typed = path.partition("?q=")[2]  # which is shown to them again
            text = _shown(client.open(path, method=method)).replace(typed, "")
            found = {world.codes[code] for code in set(CODE.findall(text)) & world.codes.keys()}
            found |= {"name" for name in world.names if name in text}
            shown |= {f"{role}: {rule} shows {kind}" for kind in found - SHOWN_TO_ALL.get(rule, frozenset())}

    assert not shown, "\n".join(sorted(shown))
