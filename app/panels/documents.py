"""What of expert pools and meetings can be found, by those who may open them and never in public.

A meeting is found by its own name, never by what stands on its agenda: whoever is recused from an item learns nothing.
"""

from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from app.accounts.models import Person
from app.accounts.rights_queries import findable
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.events import Event
from app.core.room import Subscriber
from app.core.text import _l
from app.desk.kinds import Document, DocumentKind, Scope, ScopeKind, for_person, in_region, of_organisation
from app.desk.services import documents
from app.panels.access import Permission
from app.panels.models.meetings import Meeting
from app.panels.models.pools import Committee, CommitteeMember, ExpertPool, PoolExpert
from app.panels.queries.meetings import visible
from app.panels.services import subjects

POOL, EXPERT, MEETING = "panels.pool", "panels.expert", "panels.meeting"
FORMS = ((ScopeKind.ORGANISATION, Permission.ORGANISE), (ScopeKind.REGION, Permission.ADMIT))


def _scopes(pool: ExpertPool) -> tuple[Scope, ...]:
    """Return under what a pool and its experts are found: the same conditions as `scope.pools`."""
    office = of_organisation(pool.organisation_id, Permission.ORGANISE)
    return office, in_region(pool.region_code, Permission.ADMIT)


def _every_pool(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(ExpertPool.id, ExpertPool.code).where(ExpertPool.id > after)
    return [(key, code) for key, code in session.execute(query.order_by(ExpertPool.id).limit(limit))]


def _pools(codes: Collection[str]) -> Iterator[Document]:
    for pool in session.scalars(select(ExpertPool).where(ExpertPool.code.in_(codes))):
        yield Document(
            kind=POOL,
            subject=subjects.of_pool(pool),
            title_zh=pool.name_zh,
            title_en=pool.name_en,
            url=f"/pools/{pool.code}",
            scopes=_scopes(pool),
        )


def _every_expert(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(PoolExpert.id, PoolExpert.code).where(PoolExpert.id > after)
    return [(key, code) for key, code in session.execute(query.order_by(PoolExpert.id).limit(limit))]


def _experts(codes: Collection[str]) -> Iterator[Document]:
    query = (
        select(PoolExpert)
        .join(PoolExpert.person)
        .join(PoolExpert.pool)
        .options(contains_eager(PoolExpert.person), contains_eager(PoolExpert.pool))
        .where(PoolExpert.code.in_(codes), findable())
    )
    for expert in session.scalars(query):
        yield Document(
            kind=EXPERT,
            subject=subjects.of_expert(expert),
            title_zh=expert.person.name,
            title_en=expert.person.name_latin or "",
            url=f"/pools/{expert.pool.code}/experts/{expert.code}",
            scopes=_scopes(expert.pool),
            words=f"{expert.unit} {expert.pool.name_zh} {expert.pool.name_en}",
        )


def _every_meeting(after: int, limit: int) -> list[tuple[int, str]]:
    query = select(Meeting.id, Meeting.code).where(Meeting.id > after)
    return [(key, code) for key, code in session.execute(query.order_by(Meeting.id).limit(limit))]


def _meetings(codes: Collection[str]) -> Iterator[Document]:
    meetings = session.scalars(select(Meeting).where(Meeting.code.in_(codes))).all()
    sitting: dict[int, list[Scope]] = {}
    members = (
        select(CommitteeMember.committee_id, PoolExpert.person_id)
        .join(CommitteeMember.expert)
        .where(CommitteeMember.committee_id.in_({one.committee_id for one in meetings}))
    )
    for committee_id, person_id in session.execute(members):
        sitting.setdefault(committee_id, []).append(for_person(person_id, Permission.SIT))
    for meeting in meetings:
        committee = meeting.committee
        yield Document(
            kind=MEETING,
            subject=subjects.of_meeting(meeting),
            title_zh=meeting.name_zh,
            title_en=meeting.name_en,
            url=f"/meetings/{meeting.code}",
            scopes=(
                of_organisation(committee.organisation_id, Permission.ORGANISE),
                in_region(committee.region_code, Permission.OBSERVE),
                *sitting.get(meeting.committee_id, ()),
            ),
            words=f"{committee.name_zh} {committee.name_en} {meeting.place} {day_of(meeting.starts_at)}",
        )


def _among(actor: Actor, codes: Collection[str]) -> set[str]:
    """Return which of some meetings the actor may open: an office reads its own, though it also observes."""
    return set(session.scalars(visible(actor).with_only_columns(Meeting.code).where(Meeting.code.in_(codes))))


def _anew(happened: Event) -> None:
    """Make what is found of a person in pools anew: they were erased, joined with another, or their name corrected."""
    person = select(Person.id).where(Person.code == happened.subject_code)
    documents.refresh(EXPERT, session.scalars(select(PoolExpert.code).where(PoolExpert.person_id.in_(person))))


def _meetings_of_joined(happened: Event) -> None:
    """Let the expert of a joined record find the meetings of the committees on which the other one sat."""
    person = select(Person.id).where(Person.code == happened.subject_code)
    sits = select(CommitteeMember.committee_id).join(CommitteeMember.expert).where(PoolExpert.person_id.in_(person))
    documents.refresh(MEETING, session.scalars(select(Meeting.code).where(Meeting.committee_id.in_(sits))))


def _meetings_of_committee(happened: Event) -> None:
    """Let those find the meetings of a committee who sit on it now."""
    committee = select(Committee.id).where(Committee.code == happened.subject_code)
    documents.refresh(MEETING, session.scalars(select(Meeting.code).where(Meeting.committee_id.in_(committee))))


ABOUT_PEOPLE = (
    *(
        Subscriber(f"accounts.{kind}", "panels.found_anew", _anew, now=True)
        for kind in ("person_erased", "erasure_limited", "people_merged", "name_corrected")
    ),
    Subscriber("accounts.people_merged", "panels.meetings_of_joined", _meetings_of_joined, now=True),
    Subscriber("panels.members_set", "panels.meetings_of_committee", _meetings_of_committee, now=True),
)
DOCUMENTS = {
    POOL: DocumentKind(_l("Expert pools"), FORMS, of=_pools, every=_every_pool, on=("panels.pool_opened",)),
    EXPERT: DocumentKind(_l("Experts"), FORMS, of=_experts, every=_every_expert, on=("panels.nominated",)),
    MEETING: DocumentKind(
        _l("Meetings"),
        (
            (ScopeKind.ORGANISATION, Permission.ORGANISE),
            (ScopeKind.REGION, Permission.OBSERVE),
            (ScopeKind.PERSON, Permission.SIT),
        ),
        of=_meetings,
        every=_every_meeting,
        on=("panels.meeting_called",),
        among=_among,
    ),
}
