"""Who hears a decided case next, and until when it may be taken there by the clocks of a day."""

from datetime import date

from app.accounts.states import Role
from app.cases.access import higher
from app.cases.kinds import Authority
from app.cases.models import Case
from app.cases.queries import kinds
from app.cases.rules.clocks import step_of
from app.cases.states import ENDED_STATES, Instance
from app.core.calendar import Deadline, Published, add_working_days
from app.core.errors import InvalidError
from app.rulebook.models import RulePack


def next_instance(case: Case) -> Instance | None:
    """Return the rung above a decided case, None where the ladder or the authorities end."""
    ladder = kinds.case_kind(case.kind).ladder
    place = ladder.index(case.instance) + 1
    if case.state not in ENDED_STATES or place >= len(ladder) or above(case, ladder[place]) is None:
        return None
    return ladder[place]


def above(case: Case, instance: Instance) -> Authority | None:
    """Return who hears the next rung: the same authority again, or the one above it."""
    if instance is Instance.RECHECK:
        return Authority(case.authority_region, Role(case.authority_role), case.authority_organisation_id)
    if case.authority_organisation_id is not None:
        return Authority(case.authority_region)
    region = higher(case.authority_region)
    return Authority(region) if region is not None else None


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
