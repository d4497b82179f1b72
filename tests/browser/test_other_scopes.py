"""Each role of another region and organisation at every address of a record: it is told that there is none.

What the people of the demo open themselves sends few statements.
Only addresses whose permission the role carries are tried: the others are shown shut for it by the test of every route.
"""

import io
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from app.accounts.models import Membership, Organisation, Person
from app.accounts.states import Role
from app.core.access import KEY, Access
from app.core.db import session
from app.core.events import Event
from tests.browser.chromium import NEEDS
from tests.browser.foreign import forms_of, misplaced, refused_beside
from tests.browser.records import OPENED_BY_NOBODY, WORDS
from tests.browser.scopes import (
    ARGUMENT,
    BODIES,
    CODE,
    FORBIDDEN,
    JSON,
    NOT_FOUND,
    NOT_TRIED,
    OK,
    OPEN_TO,
    REFUSED,
    SAME_PROVINCE,
    SCOPES,
    VARYING,
    Address,
    Opened,
    World,
    client_of,
    declared,
    filled,
    make_world,
    method_of,
    with_argument,
)
from tests.browser.unlisted import shown_faults, unlisted

# Some thousand requests over a demo of its own
pytestmark = pytest.mark.timeout(400)

READ_BY_ALL = frozenset(
    {
        "/bases/<slug>/accredit",
        "/bases/<slug>/decide/<move>",
        "/bases/<slug>/inspection",
        "/issuing/templates/<code>/confirm",
        "/notices/<code>/correct",
        "/notices/<code>/leave-off",
        "/notices/<code>/revoke",
        "/performance/<code>/<act>",
        "/rules/<code>/edit",
        "/rules/<code>/propose",
        "/rules/<code>/publish",
        "/rules/<code>/replay",
        "/rules/<code>/return",
        "/rules/<code>/withdraw",
    }
)
"""Acts on records that everybody may read, so that whoever may not act is told that: 403, and nothing is asked."""

SAYS_NOTHING = frozenset({"/sit/<code>/signals"})
"""Addresses that answer 200 whatever they are sent, and write for nobody but the candidate."""

ONE_PARENT: Mapping[str, str] = {
    "/learning/<code>/lessons/<lesson>": "the demo teaches one course, whose lessons belong to every enrolment",
    "/exams/incidents/<code>/files/<int:file>": "the demo has one incident",
    **dict.fromkeys(
        (
            "/exams/flags/items/<code>/files/",
            "/exams/scripts/<code>/files/",
            "/exams/similarity/pairs/<code>/files/",
        ),
        "one question with files stands there, and every record of that kind is about it",
    ),
}
"""Beginnings of addresses of two records that have no child of another parent to be tried with, and why."""

SHUT_WHOLE = {("/exams/papers/<code>/files/<digest>", FORBIDDEN), ("/exams/standards/<code>/files/<digest>", FORBIDDEN)}
"""Addresses under a record of which nothing at all is shown: nothing of a sealed paper, a study to its judges alone."""

FIELDS = 7
"""The least fields that name records, so that the test of forms cannot come to try none."""

LEFT = frozenset({"/sign-out"})

MOST_STATEMENTS = 11
ROLES_PER_LIST = 3
UNLISTED = 15
"""The least pages that no list of states shows, so that the test cannot come to look at none."""
PAGES = 200
"""The least pages whose statements are counted, so that the test cannot come to count none."""

EXPORTS = {"/audit/events/export", "/cases/desk/export", "/credit/records/export"}
SOUGHT = ("沈知行", "齐鲁", "考试")
OF_NO_REGION = frozenset({"erasure", "name", "name_correction", "person_merge"})
SHOWN_TO_ALL: Mapping[str, frozenset[str]] = {
    # what is decided about people belongs to no region
    **dict.fromkeys(("/home", "/inbox", "/people/erasures", "/people/merges", "/people/names"), OF_NO_REGION),
    # the site's own
    "/issuing/templates": frozenset({"certificate_template", "name"}),
    "/system": frozenset({"job"}),
    # units nominate to the pools of their province, and everybody applies in its rounds
    "/nominations": frozenset({"expert_pool"}),
    "/titles/rounds": frozenset({"title_round"}),
    # the nation's cycle
    "/performance": frozenset({"appraisal_cycle"}),
    # public notices are found by everybody
    "/search": frozenset({"publicity"}),
    "/search/suggest": frozenset({"publicity"}),
}
"""Which kinds of records a list shows to another scope, by the rule beside it."""


@pytest.fixture(name="world", scope="module")
def _world(demo_apart: Flask) -> World:
    return make_world(demo_apart)


def _classes(world: World, rule: Rule) -> list[str]:
    """Return in which classes a route stands."""
    tried = {(one.rule, one.method) for one in world.addresses}
    public = declared(world.app, rule).kind == "public"
    belongs = {
        "open to everybody": public,
        "names no record": not public and not rule.arguments,
        "tried in another scope": (rule.rule, method_of(rule)) in tried,
        "not tried, with a reason": rule.rule in NOT_TRIED,
    }
    return [name for name, fits in belongs.items() if fits]


def test_every_route_stands_in_one_class(world: World) -> None:
    standing = {f"{method_of(rule)} {rule.rule}": _classes(world, rule) for rule in world.app.url_map.iter_rules()}
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


def test_the_addresses_name_records_that_somebody_opens(world: World) -> None:
    """Else the test before would hold for addresses of nothing."""
    shut = {
        address.rule
        for address in world.addresses
        if address.method == "GET" and address.rule not in OPENED_BY_NOBODY and not _opened_by_somebody(world, address)
    }

    assert not shut, "\n".join(sorted(shut))


def _opened_by_somebody(world: World, address: Address) -> bool:
    """Tell whether the owner of a record, or one of the demo's people, opens an address; what they see is kept."""
    return _page(world, address.rule, address.access, (*address.real, *address.more)) is not None


def _page(world: World, rule: str, access: Access, paths: Sequence[str]) -> Opened | None:
    """Return what the first of those who are let in opens, None where nobody opens anything; asked once a rule."""
    if rule not in world.pages:
        asked = ((client, path) for path in paths for client in _passing(world, access, path))
        world.pages[rule] = next((page for client, path in asked if (page := _looked(client, path))), None)
    return world.pages[rule]


def _looked(client: FlaskClient, path: str) -> Opened | None:
    """Return a page as somebody sees it, None where they are refused; a file that is sent is closed unread."""
    with client.get(path) as answer:
        if answer.status_code in REFUSED:
            return None
        shown = answer.status_code == OK and answer.mimetype == "text/html"
        return Opened(client, path, answer.get_data() if shown else b"")


def _passing(world: World, access: Access, path: str) -> list[FlaskClient]:
    """Return the owners of the records in a path, and one of the demo's people for each role and region let in."""
    owners = [world.owners[code] for code in CODE.findall(path) if code in world.owners]
    with world.app.app_context():
        asking = [*(_owner(world.app, person) for person in owners), *world.insiders]
    permission = access.permission
    return [client for role, client in asking if permission is None or permission in world.granted[role]]


def test_no_page_of_the_demo_sends_twelve_statements(world: World) -> None:
    """Those that read session and permission count, as they do in `make bench NAME=pages`."""
    counted = defaultdict[str, list[int]](list)
    for one in world.addresses:
        opened = _page(world, one.rule, one.access, (*one.real, *one.more)) if one.method == "GET" else None
        if opened:
            counted[one.rule] = [count for path in one.real if (count := _cost(world, opened.client, path))]
    for role, client in world.insiders:
        for rule, method, path in _lists(world, role):
            if method == "GET" and rule not in LEFT and len(counted[rule]) < ROLES_PER_LIST:
                counted[rule].append(_cost(world, client, path))
    busy = {rule: max(counts) for rule, counts in counted.items() if max(counts, default=0) > MOST_STATEMENTS}

    assert sum(1 for counts in counted.values() if counts) >= PAGES
    assert not busy, busy


def _cost(world: World, client: FlaskClient, path: str) -> int:
    """Return how many statements a page sends, none where it is refused; what is kept afterwards is not counted."""
    for _turn in ("cold", "warm"):
        world.sent.clear()
        with client.get(path, headers=JSON) as answer:  # a file that it sends is closed unread
            if answer.status_code in REFUSED:
                return 0
        if len(world.sent) <= MOST_STATEMENTS:
            break
    return len(world.sent)


@NEEDS[0]
@NEEDS[1]
@NEEDS[2]
def test_every_page_that_somebody_opens_can_be_perceived_by_everyone(world: World) -> None:
    """Those of the list are looked at in their states; here are the others, as the first who is let in sees them."""
    others = unlisted(world.app, _opened(world))

    assert len(others) >= UNLISTED
    assert shown_faults(others) == {}


def test_a_record_is_found_under_its_own_parent_only(world: World) -> None:
    """Whoever reads both still finds no child of one under the other, at any address that names two records."""
    found, tried = [], set()
    with world.app.app_context():
        strange = [
            (rule, {**values, **WORDS.get(rule.rule, {})})
            for rule in with_argument(world.app)
            for values in misplaced(rule.rule, ARGUMENT.findall(rule.rule))
        ]
    for rule, values in strange:
        path, method = filled(rule, values), method_of(rule)
        tried.add(rule.rule)
        for client in _passing(world, declared(world.app, rule), path):
            answer = client.open(path, method=method, headers=JSON, json=BODIES.get(rule.rule))
            if answer.status_code != NOT_FOUND and (rule.rule, answer.status_code) not in SHUT_WHOLE:
                found.append(f"{method} {rule.rule}: {answer.status_code} {path}")

    assert not found, "\n".join(sorted(set(found)))
    naming = {rule.rule for rule in with_argument(world.app) if _names_two(rule)}
    assert {rule for rule in naming - tried if not rule.startswith(tuple(ONE_PARENT))} == set()


def _names_two(rule: Rule) -> bool:
    return rule.rule not in NOT_TRIED and len(set(ARGUMENT.findall(rule.rule)) - WORDS.get(rule.rule, {}).keys()) > 1


def test_a_form_takes_no_record_that_it_does_not_offer(world: World) -> None:
    """Each field that names a record is sent one of the same kind that stands elsewhere, by who may send the form."""
    taken, tried = [], set()
    routes = world.app.url_map.bind("localhost")
    with world.app.app_context():
        slugs = session.scalars(select(Organisation.slug))
        tables = {**world.codes, **dict.fromkeys(slugs, Organisation.__tablename__)}
    for opened in _opened(world):
        for form in forms_of(opened.page, opened.path):
            # a form without an address of its own is sent by a script, which says where to
            if not routes.test(form.action, method="POST"):
                continue
            rule, _values = routes.match(form.action, method="POST", return_rule=True)
            for name, other in form.strange(tables):
                if (rule.rule, name) in tried:
                    continue
                tried.add((rule.rule, name))
                before = _events(world)
                answer = opened.client.post(form.action, data={**form.filled, name: [other]})
                if not refused_beside(answer, name) or _events(world) != before:
                    taken.append(f"{rule.rule} {name}: {answer.status_code}")

    sys.stdout.write(f"{len(tried)} fields that name records: {sorted(tried)}\n")
    assert not taken, "\n".join(taken)
    assert len(tried) >= FIELDS


def _events(world: World) -> int:
    """Return how much has happened, which an act that is refused leaves as it was."""
    with world.app.app_context():
        return session.scalar(select(func.count(Event.id))) or 0


def _opened(world: World) -> Iterator[Opened]:
    """Yield each page that somebody of the demo opens."""
    asked = {one.rule: (one.access, (*one.real, *one.more)) for one in world.addresses if one.method == "GET"}
    asked |= {
        rule.rule: (declared(world.app, rule), (rule.rule,))
        for rule in world.app.url_map.iter_rules()
        if not rule.arguments and method_of(rule) == "GET" and rule.rule not in LEFT
    }
    for rule, (access, paths) in asked.items():
        found = _page(world, rule, access, paths)
        if found and found.page:
            yield found


def _owner(app: Flask, person_id: int) -> tuple[Role, FlaskClient]:
    """Sign in somebody of the demo under the first of their roles; return it with the browser."""
    membership = session.scalars(select(Membership).where(Membership.person_id == person_id)).first()
    assert membership
    return membership.role, client_of(app, session.get_one(Person, person_id), membership)


def _lists(world: World, role: Role) -> Iterator[tuple[str, str, str]]:
    """Yield rule, method and path of the lists, exports and searches that a role opens."""
    for rule in world.app.url_map.iter_rules():
        access, method = declared(world.app, rule), method_of(rule)
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
