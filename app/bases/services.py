"""Writes of training bases: apply, accredit, refuse, suspend, reinstate, exit."""

from datetime import date, datetime

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.bases import queries
from app.bases.access import may_decide
from app.bases.models import TrainingBase
from app.bases.states import BASE, BaseState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk


def subject(base: TrainingBase) -> Subject:
    """Name a base in events and to-dos."""
    return Subject("training_base", base.code)


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
    accreditation stands.
    """
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
    desk.open_todo(
        "bases.decide",
        subject(base),
        url=f"/bases/{organisation.slug}",
        at=at,
        role=Role.REGULATOR,
        region_code=f"{organisation.region_code[:2]}0000",
        params={"base_zh": organisation.name_zh, "base_en": organisation.name_en},
    )
    return base


DECISION = ("decided_by_id", "decided_at", "reason", "accredited_on", "accredited_until")


def accredit(base: TrainingBase, *, starts_on: date, ends_on: date, reason: str, by: Actor, at: datetime) -> None:
    """Accredit a base for a period, or set a new one; raises InvalidError where it ends before it starts."""
    move = "renew" if base.state is BaseState.ACCREDITED else "accredit"
    if ends_on < starts_on:
        raise InvalidError(_l("The period ends before it starts. Choose a later last day."), field="ends_on")
    _decide(base, move, reason=reason, by=by, at=at, starts_on=starts_on, ends_on=ends_on)


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
