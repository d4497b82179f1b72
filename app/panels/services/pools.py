"""Writes of expert pools: open, nominate, answer, admit, suspend, import."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update

from app.accounts import services as accounts
from app.accounts.models import Organisation, Person
from app.accounts.rules.bodies import body_root
from app.accounts.states import IdentityKind, Role
from app.ballots.states import SERVE
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError, Text
from app.core.text import _l
from app.desk import services as desk
from app.panels.models.pools import ExpertPool, PoolExpert
from app.panels.queries import pools as queries
from app.panels.rules.parameters import last_day
from app.panels.rules.roster import ExpertLine, WrongRowsError
from app.panels.services import subjects
from app.panels.services.meetings import send_out
from app.panels.states import EXPERT, Field, Title


@dataclass(frozen=True, slots=True)
class Profile:
    """What a nomination says of an expert: field, title, unit and the region of the unit."""

    field: Field
    title: Title
    unit: str
    region_code: str


CHUNK = 500


def reckon_units(*, after: int) -> int | None:
    """Compute the wholes of the units of the next experts anew; return the last one looked at, None past the end."""
    query = select(PoolExpert.id, PoolExpert.unit, PoolExpert.unit_root).where(PoolExpert.id > after)
    rows = session.execute(query.order_by(PoolExpert.id).limit(CHUNK)).all()
    for key, unit, kept in rows:
        if body_root(unit) != kept:
            session.execute(update(PoolExpert).where(PoolExpert.id == key).values(unit_root=body_root(unit)))
    return rows[-1][0] if rows else None


def open_pool(organisation: Organisation, *, name_zh: str, name_en: str, by: Actor | None, at: datetime) -> ExpertPool:
    """Open an expert pool of an authority; its region is the organisation's."""
    pool = ExpertPool(
        organisation_id=organisation.id,
        region_code=organisation.region_code,
        name_zh=name_zh,
        name_en=name_en,
        created_at=at,
    )
    session.add(pool)
    session.flush()
    events.record("panels.pool_opened", subjects.of_pool(pool), by=by, at=at)
    return pool


def nominate(pool: ExpertPool, person: Person, profile: Profile, *, by: Actor, at: datetime) -> PoolExpert:
    """Nominate a person to a pool and ask them.

    An expert whose term has run out, who declined or was refused is nominated again; raises
    ConflictError while another nomination or admission stands, ForbiddenError for who may not serve.
    """
    restrictions.refuse_if_restricted(SERVE, person_id=person.id, on=day_of(at))
    facts = {
        "field": profile.field,
        "title": profile.title,
        "unit": " ".join(profile.unit.split()),
        "region_code": profile.region_code,
        "nominated_by_id": by.person_id,
        "nominated_at": at,
    }
    expert = queries.entry_of(pool.id, person.id)
    if expert is None:
        expert = PoolExpert(pool_id=pool.id, person_id=person.id, **facts)
        session.add(expert)
    elif expert.serves_on(day_of(at)):
        raise ConflictError(_l("This person serves in the pool already, until the last day of their term."))
    else:
        EXPERT.move(expert, "nominate_again", **facts, **CLEARED)
    session.flush()
    events.record("panels.nominated", subjects.of_expert(expert), by=by, at=at)
    desk.open_todo(
        "panels.answer",
        subjects.of_expert(expert),
        url=f"/my/panels/entries/{expert.code}",
        at=at,
        person_id=person.id,
        params={"pool_zh": pool.name_zh, "pool_en": pool.name_en},
    )
    return expert


CLEARED = dict.fromkeys(("answered_at", "admitted_by_id", "admitted_at", "starts_on", "ends_on", "reason"))


def answer(expert: PoolExpert, *, willing: bool, by: Actor, at: datetime) -> None:
    """Let the nominated person accept or decline; raises ForbiddenError for anyone else."""
    if expert.person_id != by.person_id:
        raise ForbiddenError(_l("Only the nominated person answers a nomination."))
    EXPERT.move(expert, "accept" if willing else "decline", answered_at=at)
    session.flush()
    events.record("panels.accepted" if willing else "panels.declined", subjects.of_expert(expert), by=by, at=at)
    desk.close_todos(subjects.of_expert(expert), at=at)
    if not willing:
        return
    desk.open_todo(
        "panels.admit",
        subjects.of_expert(expert),
        url=f"/pools/{expert.pool.code}/experts/{expert.code}",
        at=at,
        role=Role.REGULATOR,
        region_code=expert.pool.region_code,
        not_person_id=expert.nominated_by_id,
    )


def admit(expert: PoolExpert, *, starts_on: date, ends_on: date, by: Actor, at: datetime) -> None:
    """Admit a willing expert for a term, by another person than who nominated.

    Raises ForbiddenError for the nominator and the expert, InvalidError where the term is over the rule's.
    """
    if by.person_id in {expert.nominated_by_id, expert.person_id}:
        raise ForbiddenError(_l("Another person than the nominator and the expert admits to the pool."))
    restrictions.refuse_if_restricted(SERVE, person_id=expert.person_id, on=day_of(at))
    _pack, rules = queries.rules_for(expert.pool.region_code, day_of(at))
    latest = last_day(starts_on, rules.term_years)
    if not starts_on <= ends_on <= latest:
        raise InvalidError(
            _l("The term ends on its first day or later, and on %(latest)s at the latest.", latest=latest.isoformat()),
            field="ends_on",
        )
    EXPERT.move(expert, "admit", admitted_by_id=by.person_id, admitted_at=at, starts_on=starts_on, ends_on=ends_on)
    accounts.grant_role(
        expert.person,
        Role.EXPERT,
        region_code=expert.pool.region_code,
        organisation_id=expert.pool.organisation_id,
        starts_on=starts_on,
        ends_on=ends_on,
        by=by,
        at=at,
    )
    session.flush()
    events.record("panels.admitted", subjects.of_expert(expert), by=by, at=at)
    desk.close_todos(subjects.of_expert(expert), at=at)


PAST = {"refuse": "panels.refused", "suspend": "panels.suspended", "reinstate": "panels.reinstated"}


def decide(expert: PoolExpert, move: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Refuse, suspend or reinstate an expert with a reason; refused by whoever nominated.

    Who is suspended leaves the meetings that they sit in at once, so that they count and vote in none.
    """
    if by.person_id in {expert.nominated_by_id, expert.person_id}:
        raise ForbiddenError(_l("Another person than the nominator and the expert decides on the entry."))
    EXPERT.move(expert, move, reason=reason)
    session.flush()
    events.record(PAST[move], subjects.of_expert(expert), by=by, at=at, reason=reason)
    desk.close_todos(subjects.of_expert(expert), at=at)
    if move == "suspend":
        send_out(expert, by=by, at=at)


def import_experts(pool: ExpertPool, lines: list[ExpertLine], *, by: Actor, at: datetime) -> int:
    """Nominate every person of a file, all or none; raises WrongRowsError that names each wrong row."""
    wrong: list[tuple[int, Text]] = []
    for line in lines:
        try:
            profile = Profile(line.field, line.title, line.unit, line.region)
            nominate(pool, find_person(line.name, line.number, by=by, at=at), profile, by=by, at=at)
        except (InvalidError, ConflictError, ForbiddenError) as error:
            wrong.append((line.row, error.message))
    if wrong:
        raise WrongRowsError(wrong)
    return len(lines)


def find_person(name: str, number: str, *, by: Actor, at: datetime) -> Person:
    """Return the person with a resident identity number, added where unknown.

    Raises ConflictError where the number belongs to another name, InvalidError where it is no such number.
    """
    person = accounts.add_person(
        name=name, identity_kind=IdentityKind.RESIDENT_ID, identity_number=number, at=at, by=by
    )
    if person.name != name:
        raise ConflictError(_l("The identity number belongs to another name."))
    return person
