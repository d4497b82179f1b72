"""What the house knows against experts judging an applicant: same unit, teaching, joint works, contracts."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import Select, func, literal, or_, select, union
from sqlalchemy.orm import aliased

from app.accounts.models import Membership, Organisation
from app.accounts.rules.bodies import alike, body_root
from app.accounts.states import SERVING, Kin
from app.core.db import session
from app.courses.models import CohortLecturer, Enrolment
from app.courses.states import EnrolmentState
from app.evidence.models import Evidence
from app.evidence.states import LIVE, Kind
from app.panels.models.pools import PoolExpert
from app.panels.queries.declared import Known
from app.panels.queries.kin import experts_of_kin
from app.panels.states import PARTY_SOURCES, UNIT_SOURCES, Conflict

Part = Select[int, int, str, str]
PARTIES = ("seller_name", "buyer_name", "agent_name")
PARTY_CODES = ("seller_code", "buyer_code", "agent_code")
SOURCES = {Conflict.UNIT: UNIT_SOURCES, Conflict.CONTRACT: PARTY_SOURCES}


def against(people: Sequence[int], barred: Collection[Kin]) -> defaultdict[int, list[Known]]:
    """Return by applicant the experts of any pool who must not judge them, why and from where: ten statements at most.

    `barred` says which relations between organisations count, as the rules of the committee have it.
    Kinship stands in no such record: experts declare it every year (`experts.declared_against`) or on the spot.
    """
    found: defaultdict[int, list[Known]] = defaultdict(list)
    recorded = [(row[0], row[1], row[2], row[3]) for row in session.execute(union(*_parts(people)))]
    for person, expert, kind, source in {*recorded, *_by_name(people)}:
        if person != expert:
            found[person].append((expert, Conflict(kind), source))
    for person, kin in _of_kin(people, barred).items():
        colleagues = {expert for expert, kind, _source in found[person] if kind is Conflict.UNIT} | {person}
        found[person] += [(one, Conflict.UNIT, source) for one, source in kin.items() if one not in colleagues]
    for known in found.values():
        known.sort()
    return found


def _parts(people: Sequence[int]) -> Iterator[Part]:
    yield _colleagues(people)
    yield _taught(people)
    yield _recorded_both(people, (Kind.WORK,), Conflict.COAUTHOR, "evidence.work")
    yield _recorded_both(people, (Kind.CONTRACT, Kind.PATENT), Conflict.CONTRACT, "evidence.contract")
    yield _in_party(people)


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


def _of_kin(people: Sequence[int], barred: Collection[Kin]) -> dict[int, dict[int, str]]:
    """Return by applicant the experts who belong to a body above, below or beside an organisation of theirs."""
    query = select(Membership.person_id, Membership.organisation_id).where(
        Membership.person_id.in_(people), Membership.organisation_id.is_not(None), Membership.role.not_in(SERVING)
    )
    held = [(person, body or 0) for person, body in session.execute(query.distinct())]
    near = experts_of_kin({body for _person, body in held}, barred)
    found: defaultdict[int, dict[int, str]] = defaultdict(dict)
    for person, body in held:
        found[person] = near[body] | found[person]
    return found


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


def _in_party(people: Sequence[int]) -> Part:
    """Select who holds a role in a party of a contract of theirs, by its credit code."""
    codes = [func.coalesce(Evidence.details[code].as_string(), "") for code in PARTY_CODES]
    return (
        select(
            Evidence.person_id, Membership.person_id, literal(Conflict.CONTRACT.value), literal("evidence.party_code")
        )
        .join(Organisation, or_(*(Organisation.credit_code == code for code in codes)))
        .join(Membership, Membership.organisation_id == Organisation.id)
        .join(PoolExpert, PoolExpert.person_id == Membership.person_id)
        .where(Evidence.person_id.in_(people), Evidence.kind == Kind.CONTRACT, Evidence.state.in_(LIVE))
        .where(Membership.role.not_in(SERVING))
    )


def _by_name(people: Sequence[int]) -> Iterator[tuple[int, int, str, str]]:
    """Yield who gave for a pool the name of a body of theirs or of a party to their contracts, as it may be written."""
    named = session.execute(union(_bodies(people), *(_parties(people, party) for party in PARTIES))).all()
    roots = {body_root(name) for _person, name, _kind in named}
    query = select(PoolExpert.unit_root, PoolExpert.person_id, PoolExpert.unit).where(PoolExpert.unit_root.in_(roots))
    experts: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for root, expert, unit in session.execute(query) if roots else ():
        experts[root].append((expert, unit))
    for person, name, kind in named:
        for expert, unit in experts[body_root(name)]:
            how = alike(name, unit)
            if how is not None:
                yield person, expert, kind, SOURCES[Conflict(kind)][how]


def _bodies(people: Sequence[int]) -> Select[int, str, str]:
    """Select the names of the organisations in which they hold a role."""
    return (
        select(Membership.person_id, Organisation.name_zh, literal(Conflict.UNIT.value))
        .join(Organisation, Organisation.id == Membership.organisation_id)
        .where(Membership.person_id.in_(people), Membership.role.not_in(SERVING))
    )


def _parties(people: Sequence[int], party: str) -> Select[int, str, str]:
    """Select the names of one party of their contracts."""
    name = func.coalesce(Evidence.details[party].as_string(), "")
    return select(Evidence.person_id, name, literal(Conflict.CONTRACT.value)).where(
        Evidence.person_id.in_(people), Evidence.kind == Kind.CONTRACT, Evidence.state.in_(LIVE), name != ""
    )
