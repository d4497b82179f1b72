"""The keys of the demo's programs: one in use by an employer's personnel system, one that was revoked."""

from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from app.accounts import queries as accounts
from app.accounts import services
from app.accounts.actors import by_key
from app.accounts.keyed import AccessKey
from app.accounts.models import Person
from app.accounts.services.access_keys import Asked, Terms
from app.accounts.services.people import open_field
from app.cli.demo.step import Demo, acting_as
from app.core import clock
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session, unit_of_work
from app.evidence import services as evidence
from app.evidence.access import Permission
from app.evidence.queries.records import staff
from app.evidence.services import FieldsError
from app.evidence.states import Kind

EMPLOYER = "quancheng"
MADE = datetime(2026, 5, 11, 9, 20, tzinfo=clock.SHANGHAI)
USED = datetime(2026, 6, 18, 2, 30, tzinfo=clock.SHANGHAI)
REVOKED = datetime(2026, 5, 25, 16, 5, tzinfo=clock.SHANGHAI)
# zh: what an employer calls its programs, and what one of them sends
PERSONNEL, CONTRACTS = "人事系统", "合同登记系统（旧）"
RECORD = {
    "title": "激光熔覆再制造供需对接",
    "type": "供需对接",
    "client_name": "鲁中机电有限公司",
    "ended_on": "2026-06-12",
}


def load(demo: Demo) -> int:
    """Make the keys and let the living one be used, once."""
    del demo
    known = session.scalar(select(AccessKey.id).limit(1))
    session.rollback()
    if known is not None:
        return 0
    by = acting_as("employer")
    with unit_of_work():
        body = accounts.organisation(EMPLOYER)
        old, _text = services.make_key(body, Terms(CONTRACTS, Permission.ENTER, 180), by=by, at=MADE)
        services.end_key(old, body, by=by, at=REVOKED)
        _key, text = services.make_key(body, Terms(PERSONNEL, Permission.ENTER, 365), by=by, at=MADE)
    program = by_key(text, at=USED, on=clock.day_of(USED))
    if program is not None:
        _use(program, next(one for one in staff(program.organisation_id) if one.id != program.person_id))
    return 2


def _use(program: Actor, person: Person) -> None:
    """Enter a record as the program does: first refused for a field, then entered, then repeated."""
    _send(program, person, "hr-20260618-0001", {**RECORD, "ended_on": "昨天"})  # zh: no day at all
    for _time in range(2):
        _send(program, person, "hr-20260618-0002", RECORD)


def _send(program: Actor, person: Person, name: str, fields: dict[str, str]) -> None:
    whom = evidence.Whom(person.name, open_field(person, accounts.IDENTITY) or "")

    def enter() -> JsonObject:
        made = evidence.enter_for(Kind.SERVICE, fields, whom=whom, by=program, at=USED)
        return {"code": made.code, "state": made.state.value, "standing": made.standing}

    asked = Asked(name, sha256(repr(sorted(fields.items())).encode()).digest())
    try:
        with unit_of_work():
            services.count_use(program.key or "", at=USED)
            services.do_once(asked, enter, by=program, at=USED)
    except FieldsError as error:
        with unit_of_work():
            services.count_use(program.key or "", at=USED)
            services.note_use(program, at=USED, data={"status": error.status})
