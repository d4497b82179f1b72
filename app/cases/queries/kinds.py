"""The kinds that rooms declare, and the clocks in force."""

from datetime import date

from sqlalchemy import or_, select

from app.accounts.models import Organisation
from app.accounts.states import OrganisationKind
from app.cases.kinds import CaseKind, RestrictionKind, Told
from app.cases.models import Case
from app.cases.rules.clocks import CaseClock, Period, Step, period_of, step_of
from app.core.calendar import Deadline, Published, add_working_days
from app.core.db import session
from app.core.errors import InvalidError, NotFoundError
from app.core.room import rooms
from app.core.text import _l
from app.rulebook import queries as rulebook
from app.rulebook.models import RulePack
from app.rulebook.rules import chain, choose
from app.rulebook.states import PackState

KIND = "case_clock"


def case_kinds() -> dict[str, CaseKind]:
    """Return every declared kind of case by name."""
    return {kind.name: kind for room in rooms() for kind in room.case_kinds}


def case_kind(name: str) -> CaseKind:
    """Return a declared kind of case; raises NotFoundError."""
    found = case_kinds().get(name)
    if found is None:
        raise NotFoundError(_l("There is no such kind of case. Start from the record that you complain of."))
    return found


def deciders(case: Case) -> frozenset[int]:
    """Return who made the decision complained of, as its record says now; nobody where it is there no more."""
    try:
        return case_kind(case.kind).about(case.subject_code).deciders
    except NotFoundError:
        return frozenset()


def told(case: Case) -> Told | None:
    """Return what the room of the record tells beside a case, None where it tells nothing."""
    read = case_kind(case.kind).told
    return read(case) if read is not None else None


def restriction_kinds() -> dict[str, RestrictionKind]:
    """Return every declared kind of restriction by name."""
    return {kind.name: kind for room in rooms() for kind in room.restrictions}


def restriction_kind(name: str) -> RestrictionKind:
    """Return a declared kind of restriction; raises InvalidError."""
    found = restriction_kinds().get(name)
    if found is None:
        raise InvalidError(_l("No room enforces such a restriction. Choose one of the list."), field="kind")
    return found


def authority_of(region_code: str) -> Organisation | None:
    """Return the body of the authority of a region that works now, None where none is registered."""
    query = select(Organisation).where(
        Organisation.kind == OrganisationKind.AUTHORITY,
        Organisation.region_code == region_code,
        Organisation.closed_on.is_(None),
    )
    return session.scalar(query.order_by(Organisation.id).limit(1))


def pack_in_force(region_code: str, on: date) -> RulePack:
    """Return the pack of clocks that binds a region on a day; raises InvalidError where there is none."""
    return rulebook.in_force(KIND, region_code, on)


def clock_of(pack: RulePack) -> CaseClock:
    """Return the typed clocks of a pack."""
    return CaseClock.model_validate(pack.params)


def step(case: Case) -> Step:
    """Return the clocks of a case under its pinned pack, whatever has replaced it since."""
    return step_of(pinned(case), case.kind, case.instance)


def pinned(case: Case) -> CaseClock:
    """Return the clocks that were pinned when the case was raised."""
    return clock_of(rulebook.by_code(str(case.rule_pack)))


def supply_until(case: Case, on: date, known: Published) -> Deadline | None:
    """Return the last day to supply what is asked for on a day, by the pinned clocks; None where they set none."""
    within = pinned(case).supply_within
    return None if within is None else add_working_days(on, within, known)


def deemed_on(case: Case, sent_on: date, known: Published) -> Deadline:
    """Return the day on which a notice sent on a day counts as delivered, by the pinned clocks."""
    return add_working_days(sent_on, pinned(case).deemed_after, known)


def publicity_demanded(kind: str, region_code: str, on: date) -> tuple[RulePack, Period] | None:
    """Return the pack and the period that demand publicity of a kind, None where no rule in force does."""
    query = select(RulePack).where(
        RulePack.kind == KIND,
        RulePack.state == PackState.PUBLISHED,
        RulePack.region_code.in_(chain(region_code)),
        RulePack.starts_on <= on,
        or_(RulePack.ends_on.is_(None), RulePack.ends_on >= on),
    )
    pack = choose(session.scalars(query), region_code)
    period = period_of(clock_of(pack), kind) if pack is not None else None
    return (pack, period) if pack is not None and period is not None else None
