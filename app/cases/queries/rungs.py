"""Who hears a case, or a decided one next, and until when it may be taken there by the clocks of a day."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import ColumnElement, select

from app.accounts.models import Membership
from app.accounts.queries import in_force
from app.accounts.states import NATION, Role
from app.cases.access import higher
from app.cases.kinds import Authority
from app.cases.models import Case
from app.cases.queries import kinds
from app.cases.queries.barred import took_part
from app.cases.rules.clocks import step_of
from app.cases.states import ENDED_STATES, Instance
from app.core.calendar import Deadline, Published, add_working_days
from app.core.db import session
from app.core.errors import InvalidError
from app.rulebook.models import RulePack


def due_to_hear(case: Case, raised_by_id: int | None, on: date) -> Authority:
    """Return who hears a case: the authority it lies with, or the one above where nobody there may decide it."""
    barred = took_part(case)
    if not barred:
        return now_with(case)
    own = {one for one in (case.person_id, raised_by_id) if one is not None}
    return hearing(now_with(case), barred | own, on)


def hearing(authority: Authority, barred: Collection[int], on: date) -> Authority:
    """Return who hears a case: the authority that is named, or the nearest one above it that has somebody to decide.

    It leaves the named one only where barred people held its role and nobody else does, and where somebody above can
    decide: an authority that has appointed nobody yet keeps what is its own.
    """
    if not _holds(authority, Membership.person_id.in_(barred)):
        return authority
    free = in_force(on) & Membership.person_id.not_in(barred)
    found: Authority | None = authority
    while found is not None and not _holds(found, free):
        found = over(found)
    return found or authority


def _holds(authority: Authority, which: ColumnElement[bool]) -> bool:
    """Tell whether some membership of the role that an authority decides by is one of those."""
    held = select(Membership.id).where(Membership.role == authority.role, which)
    if authority.organisation_id is not None:
        held = held.where(Membership.organisation_id == authority.organisation_id)
    else:
        held = held.where(Membership.region_code == authority.region_code)
    return session.scalar(held.limit(1)) is not None


def over(authority: Authority) -> Authority | None:
    """Return the authority above: that of the region for a body, else that of the region above; None at the nation."""
    if authority.organisation_id is not None:
        return Authority(authority.region_code)
    region = higher(authority.region_code)
    return Authority(region) if region is not None else None


def next_instance(case: Case) -> Instance | None:
    """Return the rung above a decided case, None where the ladder or the authorities end."""
    ladder = kinds.case_kind(case.kind).ladder
    place = ladder.index(case.instance) + 1
    if case.state not in ENDED_STATES or place >= len(ladder) or above(case, ladder[place]) is None:
        return None
    return ladder[place]


def above(case: Case, instance: Instance) -> Authority | None:
    """Return who hears the next rung: the same authority again, or the one above it."""
    same = now_with(case)
    return same if instance is Instance.RECHECK else over(same)


def watching(case: Case) -> str:
    """Return the region whose authority is told that the clock of a case ran out: that above the one that hears it."""
    above = over(now_with(case))
    return above.region_code if above is not None else NATION


def now_with(case: Case) -> Authority:
    """Return the authority that hears a case."""
    return Authority(case.authority_region, Role(case.authority_role), case.authority_organisation_id)


def pack_above(case: Case, on: date) -> RulePack | None:
    """Return the clocks in force on a day for the next rung of a decided case, None where nobody hears it."""
    if next_instance(case) is None:
        return None
    try:
        return kinds.pack_in_force(case.region_code, on)
    except InvalidError:
        return None


def ends_on(case: Case, pack: RulePack, since: date, known: Published) -> Deadline | None:
    """Return the last day to take a decision further by a pack, None where it sets none for the next rung."""
    instance = next_instance(case)
    if instance is None:
        return None
    try:
        within = step_of(kinds.clock_of(pack), case.kind, instance).object_within
    except InvalidError:
        return None
    return None if within is None else add_working_days(since, within, known)
