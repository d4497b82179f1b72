"""Codes, numbers and names of records of others, typed into forms and addresses: nobody learns whether they exist."""

import html
import io
import re
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, inspect, select

from app.accounts import services as accounts
from app.accounts.actors import actor_of
from app.accounts.models import Membership, Organisation, Person
from app.accounts.queries import account_by_name
from app.accounts.services.access_keys import Terms
from app.accounts.states import OrganisationKind, Role
from app.assessment.certification.models import Award
from app.assessment.exams.models import ExamSession
from app.cases.queries import kinds
from app.core.clock import real_now
from app.core.db import db, session, unit_of_work
from app.credentials.models import IssuingBody
from app.evidence.access import Permission
from app.evidence.models import Evidence, SampleAudit, SampleItem
from app.evidence.rules.roster import masked
from app.evidence.states import LIVE, PAPERS
from app.items.models import Item
from app.items.services.banks import create_bank
from app.items.states import Purpose
from app.panels.models.pools import ExpertPool
from tests.browser.kept import PLAIN
from tests.browser.scopes import CODE, ELSEWHERE, REGIONS, SINCE, VARYING, client_of
from tests.browser.sent import OFFERED_SENT, PLAIN_SENT, SECRET_SENT, SENT, TOLD_SENT, expanded
from tests.browser.typed import (
    ABOUT,
    NOBODY,
    OFFERED,
    PROGRAM,
    PUBLIC_CASES,
    SECRETS,
    TOLD,
    TYPED,
    Typing,
    keys,
    known,
    places,
)

pytestmark = pytest.mark.timeout(400)
WRITES = ("INSERT", "UPDATE", "DELETE")
COUNTED = "throttle"
"""Where wrong tries are counted, a row for each name that was typed."""

MINUTE = re.compile(r"\b\d\d:\d\d\b")
LONG = 15
"""From so many digits on a number is masked where it is shown."""

ALL = (*TYPED, *SENT)
MANY = 90
"""The least codes that are typed, so that the test cannot come to type none."""


@dataclass
class Elsewhere:
    """The demo, and people of another region with an organisation and records of their own."""

    app: Flask
    body: Organisation
    own: Mapping[str, str]
    clients: dict[Role | str, FlaskClient]
    written: list[str]

    def browser(self, by: Role | str) -> FlaskClient:
        """Return the browser of who types: a role of the other region, a sign-in of the demo, or nobody."""
        if by == NOBODY:
            return self.app.test_client()
        if by == PROGRAM:
            return self._program()
        if by not in self.clients:
            self.clients[by] = self._outsider(by) if isinstance(by, Role) else self._insider(by)
        return self.clients[by]

    def _program(self) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.own['key']}"
        return client

    def _outsider(self, role: Role) -> FlaskClient:
        with self.app.app_context():
            person, membership = _member(role, self.body)
            return client_of(self.app, person, membership)

    def _insider(self, sign_in: str) -> FlaskClient:
        with self.app.app_context():
            account = account_by_name(sign_in)
            assert account
            held = session.scalars(select(Membership).where(Membership.person_id == account.person_id)).first()
            assert held
            return client_of(self.app, account.person, held)


def _member(role: Role, body: Organisation) -> tuple[Person, Membership]:
    at = real_now()
    with unit_of_work():
        person = accounts.add_person(name="外人", at=at)
        held = accounts.grant_role(
            person, role, region_code=REGIONS[ELSEWHERE], organisation_id=body.id, starts_on=SINCE, by=None, at=at
        )
    return person, held


def _cloned(record: Any, **changes: object) -> Any:  # noqa: ANN401 - a record of any kind
    """Add a record like one of the demo that belongs to the body of the other region."""
    kept = {one.key: getattr(record, one.key) for one in inspect(type(record)).column_attrs}
    made = type(record)(**{name: value for name, value in kept.items() if name not in {"id", "code"}} | changes)
    session.add(made)
    return made


def _key(body: Organisation) -> str:
    """Make a key for a program of the body of the other region."""
    person, held = _member(Role.BASE, body)
    with unit_of_work():
        terms = Terms("program", Permission.ENTER, 30)
        return accounts.make_key(body, terms, by=actor_of(person, held), at=real_now())[1]


def _paper() -> str:
    """Return the address of a paper of somebody who signs in to the demo."""
    query = select(Evidence.code).where(Evidence.person_id == known().id, Evidence.kind.in_(PAPERS))
    return f"/evidence/{session.scalars(query.where(Evidence.state.in_(LIVE)).limit(1)).one()}"


def _own(body: Organisation, declares: Person) -> dict[str, str]:
    """Give the other region what its people need to come to the forms."""
    at, region = real_now(), REGIONS[ELSEWHERE]
    names = {"name_zh": "外地", "name_en": "Elsewhere"}
    with unit_of_work():
        bank = create_bank(
            code="ELSEWHERE", name_zh="外地", name_en="Elsewhere", organisation_id=body.id, purpose=Purpose.EXAM,
            by=None, at=at,
        )  # fmt: skip
        item = _cloned(session.scalars(select(Item)).first(), bank_id=bank.id, code="ELSEWHERE-1")
        held = _cloned(session.scalars(select(ExamSession)).first(), organisation_id=body.id, region_code=region)
        pool = ExpertPool(organisation_id=body.id, region_code=region, created_at=at, **names)
        issuer = IssuingBody(organisation_id=body.id, slug=body.slug, did="did:web:elsewhere", opened_at=at, **names)
        session.add_all((pool, issuer))
        newcomer = accounts.add_person(name="新人", at=at)
    audit = session.scalars(select(SampleAudit).join(SampleItem).where(SampleItem.finding.is_(None))).first()
    assert audit
    drawn = session.scalars(select(SampleItem).where(SampleItem.audit_id == audit.id)).first()
    assert drawn
    return {
        "bank": bank.code,
        "item": item.code,
        "session": held.code,
        "pool": pool.code,
        "person": newcomer.code,
        "body": body.slug,
        "declares": f"{declares.code}-2026",
        "registered": session.scalars(select(Award.unified_number).where(Award.unified_number.is_not(None))).first(),
        "sample": f"/evidence/audits/{audit.code}/{drawn.code}",
        "key": _key(body),
        "known": keys()[2][0],
        "paper": _paper(),
    }


@pytest.fixture(name="elsewhere", scope="module")
def _elsewhere(demo_apart: Flask) -> Elsewhere:
    app, written = demo_apart, list[str]()

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith(WRITES):
            written.append(COUNTED if COUNTED in statement else statement)

    with app.app_context():
        with unit_of_work():
            body = accounts.add_organisation(
                kind=OrganisationKind.BASE, slug="elsewhere", name_zh="外地机构", name_en="Elsewhere",
                region_code=REGIONS[ELSEWHERE], at=real_now(),
            )  # fmt: skip
        marker, membership = _member(Role.MARKER, body)
        clients: dict[Role | str, FlaskClient] = {Role.MARKER: client_of(app, marker, membership)}
        own = _own(body, marker)
        event.listen(db.engine, "before_cursor_execute", note)
        session.expunge_all()
    return Elsewhere(app, body, own, clients, written)


def test_every_place_that_reads_a_text_stands_in_one_class() -> None:
    """A new field, column or body is tried here, or somebody says of it why it names no record of others."""
    found = expanded(places())
    tried = {place for one in ALL for place in one.places}
    classes = (
        *(tried, TOLD.keys(), SECRETS, OFFERED, PLAIN.keys()),
        *(TOLD_SENT.keys(), SECRET_SENT.keys(), OFFERED_SENT.keys(), PLAIN_SENT.keys()),
    )
    counted = Counter(place for places_of in classes for place in places_of)
    sys.stdout.write(f"{len(found)} texts read: {[len(one) for one in classes]}\n")

    assert sorted(found - counted.keys()) == []
    assert sorted(counted.keys() - found) == []
    assert [place for place, count in counted.items() if count > 1] == []


def test_every_kind_of_case_is_tried_or_about_what_everybody_may_read(elsewhere: Elsewhere) -> None:
    with elsewhere.app.app_context():
        assert ABOUT.keys() ^ PUBLIC_CASES == kinds.case_kinds().keys()


@dataclass(frozen=True)
class Said:
    """What an answer says and what it wrote, without what each page is sent with anew and without what was typed."""

    steps: tuple[int, ...]
    page: str
    written: tuple[str, ...]


def _filled(value: object, own: Mapping[str, str]) -> object:
    if value == "{file}":
        return io.BytesIO(b"%PDF-1.4 decision"), "decision.pdf"
    return value.format(**own) if isinstance(value, str) else value


def _said(elsewhere: Elsewhere, one: Typing, typed: str) -> Said:
    """Type something and return what is answered, in the end."""
    client, path = elsewhere.browser(one.by), one.path.format(**elsewhere.own)
    elsewhere.written.clear()
    if one.sent is not None:
        answer = client.post(path, **one.sent(typed, elsewhere.own), follow_redirects=True)
    elif one.rest is None:
        asked = f"{path}{'&' if '?' in path else '?'}{one.name}={quote(typed)}"
        answer = client.get(asked, follow_redirects=True)
    else:
        sent = {name: _filled(value, elsewhere.own) for name, value in one.rest.items()}
        answer = client.post(path, data={**sent, one.name: typed}, follow_redirects=True)
    text = VARYING.sub(b"", answer.data).decode()
    quoted = {quote(typed), quote_plus(typed), quote(quote(typed)), quote(quote_plus(typed))}
    forms = {typed, html.escape(typed), *quoted, *([masked(typed)] if len(typed) >= LONG else [])}
    for form in sorted(forms, key=len, reverse=True):
        text = text.replace(form, "…")
    steps = (*(step.status_code for step in answer.history), answer.status_code)
    return Said(steps, MINUTE.sub("…", CODE.sub("code", text)), tuple(elsewhere.written))


def _pairs(elsewhere: Elsewhere) -> list[tuple[Typing, str, str, str]]:
    """Return what is typed: what exists, what does not, and something else that does not."""
    with elsewhere.app.app_context():
        typed = [(one, pair, other) for one in ALL for pair, other in zip(one.typed(), one.typed(), strict=True)]
    return [(one, real, none, nothing) for one, (real, none), (_real, nothing) in typed]


def _difference(real: Said, none: Said) -> str:
    if real.steps != none.steps:
        return f"{none.steps} became {real.steps}"
    lines = [line.strip()[:200] for line in real.page.splitlines() if line not in none.page.splitlines()]
    wrote = [line[:60] for line in real.written if line not in none.written]
    return f"{real.steps} {lines[:3]} {wrote[:3]}"


def test_what_exists_elsewhere_is_told_apart_from_nothing_by_no_typing(elsewhere: Elsewhere) -> None:
    """Status, words and what is written are the same."""
    told, tried = [], _pairs(elsewhere)
    for one, real, none, other in tried:
        _said(elsewhere, one, other)  # which counts a first wrong try, opens a first page and so on
        nothing, found = _said(elsewhere, one, none), _said(elsewhere, one, real)
        if (found.steps, found.page, found.written) != (nothing.steps, nothing.page, nothing.written):
            told.append(f"{one.places[0]} as {one.by or 'nobody'}: {real}: {_difference(found, nothing)}")
        if one.says not in nothing.page:
            told.append(f"{one.places[0]} as {one.by or 'nobody'}: it was not looked for: {nothing.steps}")

    sys.stdout.write(f"{len(tried)} codes typed into {len(ALL)} places\n")
    assert not told, "\n".join(told)
    assert len(tried) >= MANY


def test_who_types_comes_to_the_place(elsewhere: Elsewhere) -> None:
    """Else the test before would hold for doors that are shut; what only is sent has no page of its own."""
    opened = {
        one.places[0]: elsewhere.browser(one.by).get(one.path.format(**elsewhere.own)).status_code
        for one in ALL
        if one.name != "about"
    }

    assert {place: status for place, status in opened.items() if status not in {200, 302, 405}} == {}
