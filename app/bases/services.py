"""Writes of training bases: apply, accredit, refuse, suspend, reinstate, exit."""

from datetime import date, datetime

from app.accounts.models import Organisation
from app.accounts.queries import members_of
from app.accounts.states import Role
from app.bases import queries
from app.bases.access import may_decide
from app.bases.models import TrainingBase
from app.bases.states import BASE, BaseState
from app.cases.queries import kinds, restrictions
from app.cases.rules.clocks import When
from app.core import events
from app.core.access import Actor
from app.core.calendar import add_working_days, published
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk
from app.panels.models.draws import Panel
from app.panels.models.pools import ExpertPool
from app.panels.queries import pools
from app.panels.queries.kin import experts_of_kin
from app.panels.services.draws import CaseGiven, KnownConflict, Plan, plan_panel
from app.panels.states import UNIT_SOURCES, Conflict
from app.rulebook import queries as rulebook

TYPE = "training_base"
APPLYING = "bases.apply"
"""The restriction under which a body applies for no accreditation."""
ACCREDITATION = "bases.accreditation"
"""The kind of publicity period that an accreditation may demand."""


def subject(base: TrainingBase) -> Subject:
    """Name a base in events and to-dos."""
    return Subject(TYPE, base.code)


def apply(
    organisation: Organisation,
    *,
    levels: list[str],
    address_zh: str,
    address_en: str,
    capacity: int,
    by: Actor | None,
    at: datetime,
) -> TrainingBase:
    """Register an application for accreditation and put it before the province.

    A refused or exited base applies again; raises ConflictError while another application or
    accreditation stands, ForbiddenError where the body may not apply, InvalidError for a level that the region has not.
    """
    restrictions.refuse_if_restricted(APPLYING, organisation_id=organisation.id, on=day_of(at))
    _refuse_unknown(levels, organisation.region_code)
    facts = {"levels": levels, "address_zh": address_zh, "address_en": address_en, "capacity": capacity}
    applied = {**facts, "applied_by_id": by.person_id if by else None, "applied_at": at}
    base = queries.of_organisation(organisation.id)
    if base is None:
        base = TrainingBase(organisation_id=organisation.id, region_code=organisation.region_code, **applied)
        session.add(base)
    elif base.state not in BASE.moves["apply_again"].sources:
        raise ConflictError(
            _l("Your base has applied already. Its page shows where the application or accreditation is.")
        )
    else:
        BASE.move(base, "apply_again", **applied, **dict.fromkeys(DECISION))
    session.flush()
    events.record("bases.applied", subject(base), by=by, at=at)
    _ask_province(base, organisation, at=at)
    return base


def _refuse_unknown(levels: list[str], region_code: str) -> None:
    known = rulebook.levels(region_code)
    for level in levels:
        if level not in known:
            raise InvalidError(
                _l("No published rule pack of your region defines the level “%(level)s”. Choose another.", level=level),
                field="levels",
            )


def _ask_province(base: TrainingBase, organisation: Organisation, *, at: datetime) -> None:
    desk.open_todo(
        "bases.decide",
        subject(base),
        url=f"/bases/{organisation.slug}",
        at=at,
        role=Role.REGULATOR,
        region_code=f"{organisation.region_code[:2]}0000",
        params={"base_zh": organisation.name_zh, "base_en": organisation.name_en},
    )


def reopen(base: TrainingBase, *, by: Actor, at: datetime) -> None:
    """Open a refused application again after an upheld appeal; the province decides anew."""
    BASE.move(base, "reopen", **dict.fromkeys(DECISION))
    session.flush()
    events.record("bases.reopened", subject(base), by=by, at=at)
    _ask_province(base, base.organisation, at=at)


DECISION = ("decided_by_id", "decided_at", "reason", "accredited_on", "accredited_until")


def accredit(base: TrainingBase, *, starts_on: date, ends_on: date, reason: str, by: Actor, at: datetime) -> None:
    """Accredit a base for a period, or set a new one; raises InvalidError where it ends before it starts."""
    move = "renew" if base.state is BaseState.ACCREDITED else "accredit"
    if ends_on < starts_on:
        raise InvalidError(_l("The period ends before it starts. Choose a later last day."), field="ends_on")
    if move == "accredit":
        _demand_inspection(base, at=at)
        _check_after_publicity(base, starts_on, at)
    _decide(base, move, reason=reason, by=by, at=at, starts_on=starts_on, ends_on=ends_on)


def _check_after_publicity(base: TrainingBase, starts_on: date, at: datetime) -> None:
    """Let an accreditation start after its publicity period where the rules of the region demand it before."""
    demanded = kinds.publicity_demanded(ACCREDITATION, base.region_code, day_of(at))
    if demanded is None or demanded[1].when is not When.BEFORE:
        return
    ends = add_working_days(day_of(at), demanded[1].days, published()).day
    if starts_on <= ends:
        raise InvalidError(
            _l("The publicity period runs until %(day)s. Choose a later first day.", day=ends.isoformat()),
            field="starts_on",
        )


def _demand_inspection(base: TrainingBase, *, at: datetime) -> None:
    rules = queries.inspection_rules(base.region_code, day_of(at))
    if rules is None or not rules.required:
        return
    result = queries.inspected(queries.inspection(base))
    if result is None or result.joined is None:
        raise ConflictError(
            _l("The rules demand an on-site inspection first. Ask for one and wait until its experts have scored.")
        )


def ask_inspection(base: TrainingBase, *, by: Actor, at: datetime) -> Panel:
    """Ask for drawn experts to inspect a base that applied; people of its own organisation are recused.

    Raises ForbiddenError for other authorities, ConflictError where an inspection was asked for already or
    the application is decided, NotFoundError where the region has no expert pool.
    """
    if not may_decide(by, base.region_code):
        raise ForbiddenError(queries.WHO_DECIDES)
    if base.state is not BaseState.APPLIED or queries.inspection(base) is not None:
        raise ConflictError(_l("An inspection is asked for once, while the application is under review."))
    rules = queries.inspection_rules(base.region_code, day_of(at))
    pool = pools.pool_for(base.region_code)
    name = base.organisation
    panel = plan_panel(
        pool,
        Plan(
            name_zh=INSPECTION_ZH.format(name=name.name_zh),
            name_en=f"On-site inspection: {name.name_en}",
            seats=rules.experts if rules else DEFAULT_EXPERTS,
        ),
        cases=[CaseGiven(subject(base), name.name_zh, name.name_en)],
        conflicts=_own_people(base, pool, day_of(at)),
        by=by,
        at=at,
    )
    events.record("bases.inspection_asked", subject(base), by=by, at=at, data={"panel": panel.code})
    return panel


# zh: the name of the panel as a Chinese office writes it
INSPECTION_ZH = "{name}现场考察组"
DEFAULT_EXPERTS = 3


def _own_people(base: TrainingBase, pool: ExpertPool, on: date) -> list[KnownConflict]:
    """Return the experts of the pool who work for the base or its kin: by the unit they gave, or by a role there."""
    _pack, rules = pools.rules_for(pool.region_code, on)
    kin = experts_of_kin([base.organisation_id], rules.barred_kin())[base.organisation_id]
    named = pools.people_of_unit(pool.id, base.organisation.name_zh)
    by_unit = {person: UNIT_SOURCES[how] for person, how in named.items()}
    by_role = {row.person_id: "membership" for row in members_of(base.organisation_id)}
    known = {**kin, **by_unit, **by_role}
    return [KnownConflict(person, subject(base), Conflict.UNIT, source) for person, source in known.items()]


def decide(base: TrainingBase, move: str, *, reason: str, by: Actor, at: datetime) -> None:
    """Refuse, suspend, reinstate or exit a base, with the reason it will read."""
    _decide(base, move, reason=reason, by=by, at=at)


PAST = {
    "accredit": "bases.accredited",
    "renew": "bases.renewed",
    "refuse": "bases.refused",
    "suspend": "bases.suspended",
    "reinstate": "bases.reinstated",
    "exit": "bases.exited",
}


def _decide(
    base: TrainingBase,
    move: str,
    *,
    reason: str,
    by: Actor,
    at: datetime,
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> None:
    if not may_decide(by, base.region_code):
        raise ForbiddenError(queries.WHO_DECIDES)
    BASE.move(
        base,
        move,
        decided_by_id=by.person_id,
        decided_at=at,
        reason=reason,
        accredited_on=starts_on or base.accredited_on,
        accredited_until=ends_on or base.accredited_until,
    )
    session.flush()
    events.record(PAST[move], subject(base), by=by, at=at, reason=reason)
    desk.close_todos(subject(base), at=at)
