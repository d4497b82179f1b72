"""What the house knows against experts judging an applicant: same unit, teaching, joint works, contracts."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Select, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from app.accounts.models import Membership, Organisation
from app.accounts.states import Role
from app.core.db import session
from app.courses.models import CohortLecturer, Enrolment
from app.courses.states import EnrolmentState
from app.evidence.models import Evidence
from app.evidence.states import LIVE, Kind
from app.panels.models.pools import PoolExpert
from app.panels.queries.declared import Known
from app.panels.states import Conflict

Part = Select[int, int, str, str]
SERVING = (Role.EXPERT, Role.CHAIR)
PARTIES = ("seller_name", "buyer_name", "agent_name")


def against(people: Sequence[int]) -> defaultdict[int, list[Known]]:
    """Return by applicant the experts of any pool who must not judge them, why and from where: one statement.

    Kinship stands in no such record: experts declare it every year (`experts.declared_against`) or on the spot.
    """
    found: defaultdict[int, list[Known]] = defaultdict(list)
    for person, expert, kind, source in session.execute(union(*_parts(people))):
        if person != expert:
            found[person].append((expert, Conflict(kind), source))
    for known in found.values():
        known.sort()
    return found


def _parts(people: Sequence[int]) -> Iterator[Part]:
    yield _colleagues(people)
    yield _unit_named(people)
    yield _taught(people)
    yield _recorded_both(people, (Kind.WORK,), Conflict.COAUTHOR, "evidence.work")
    yield _recorded_both(people, (Kind.CONTRACT, Kind.PATENT), Conflict.CONTRACT, "evidence.contract")
    yield _party(people)


def _colleagues(people: Sequence[int]) -> Part:
    """Select who holds a role in an organisation of theirs; to serve as an expert of an authority is no employment."""
    theirs, others = aliased(Membership), aliased(Membership)
    return (
        select(theirs.person_id, others.person_id, literal(Conflict.UNIT.value), literal("membership"))
        .join(others, others.organisation_id == theirs.organisation_id)
        .join(PoolExpert, PoolExpert.person_id == others.person_id)
        .where(theirs.person_id.in_(people), theirs.organisation_id.is_not(None))
        .where(theirs.role.not_in(SERVING), others.role.not_in(SERVING))
    )


def _unit_named(people: Sequence[int]) -> Part:
    """Select who named an organisation of theirs as their unit when they came into a pool."""
    return (
        select(Membership.person_id, PoolExpert.person_id, literal(Conflict.UNIT.value), literal("pool_expert.unit"))
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .join(PoolExpert, PoolExpert.unit == Organisation.name_zh)
        .where(Membership.person_id.in_(people), Membership.role.not_in(SERVING))
    )


def _taught(people: Sequence[int]) -> Part:
    """Select who trained them in a cohort."""
    return (
        select(Enrolment.person_id, CohortLecturer.person_id, literal(Conflict.STUDENT.value), literal("cohort"))
        .join(CohortLecturer, CohortLecturer.cohort_id == Enrolment.cohort_id)
        .join(PoolExpert, PoolExpert.person_id == CohortLecturer.person_id)
        .where(Enrolment.person_id.in_(people), Enrolment.state != EnrolmentState.WITHDRAWN)
    )


def _recorded_both(people: Sequence[int], kinds: Sequence[Kind], conflict: Conflict, source: str) -> Part:
    """Select who recorded the same work, patent or contract, by its number."""
    own, other = aliased(Evidence), aliased(Evidence)
    return (
        select(own.person_id, other.person_id, literal(conflict.value), literal(source))
        .join(other, (other.kind == own.kind) & (other.number == own.number))
        .join(PoolExpert, PoolExpert.person_id == other.person_id)
        .where(own.person_id.in_(people), own.kind.in_(kinds), own.state.in_(LIVE), other.state.in_(LIVE))
    )


def _party(people: Sequence[int]) -> Part:
    """Select who works for a party of a contract of theirs."""
    named = [func.coalesce(Evidence.details[party].as_string(), "") for party in PARTIES]
    return (
        select(Evidence.person_id, PoolExpert.person_id, literal(Conflict.CONTRACT.value), literal("evidence.parties"))
        .join(PoolExpert, or_(*(PoolExpert.unit == party for party in named)))
        .where(Evidence.person_id.in_(people), Evidence.kind == Kind.CONTRACT, Evidence.state.in_(LIVE))
    )
