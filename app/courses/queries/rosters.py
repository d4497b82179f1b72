"""Reads of staged rosters and of the slips of those invited."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Row, Select, exists, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Account, Invitation, Person
from app.accounts.staged import PeopleImport, PeopleRow
from app.core.clock import real_now
from app.core.crypto import digest_token, unseal, unwrap_key
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.jobs import Job
from app.core.text import _l
from app.courses.models import Cohort, Enrolment, RosterImport
from app.courses.queries.pages import PER_PAGE, Page, cut
from app.courses.states import EnrolmentState, RosterState

BATCH = 500
INVITATION = "enrolment.invitation"


def roster(cohort: Cohort, code: str) -> RosterImport:
    """Return a roster import of a cohort; raises NotFoundError."""
    query = select(RosterImport).where(RosterImport.code == code, RosterImport.cohort_id == cohort.id)
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such roster in this cohort."))
    return found


def roster_by_code(code: str) -> RosterImport:
    """Return a roster import with its cohort, for jobs; raises NoResultFound."""
    query = select(RosterImport).options(joinedload(RosterImport.cohort)).where(RosterImport.code == code)
    return session.scalars(query).one()


def made(roster: RosterImport) -> list[Enrolment]:
    """Return the places that a roster gave, in the order of its file."""
    query = (
        select(Enrolment)
        .join(PeopleRow, PeopleRow.code == Enrolment.code)
        .where(PeopleRow.people_import_id == roster.people_import_id)
        .order_by(PeopleRow.line)
    )
    return list(session.scalars(query))


def job_of(kind: str, roster: RosterImport) -> Job | None:
    """Return the job that checks or follows up a long roster."""
    return session.scalar(select(Job).where(Job.key == f"{kind}:{roster.code}"))


def rosters(cohort_id: int) -> list[RosterImport]:
    """Return the latest roster imports of a cohort that were not discarded."""
    query = select(RosterImport).where(RosterImport.cohort_id == cohort_id, RosterImport.state != RosterState.DISCARDED)
    return list(session.scalars(query.order_by(RosterImport.id.desc()).limit(10)))


def staged(cohort_id: int) -> list[RosterImport]:
    """Return the rosters of a cohort that wait for a decision."""
    query = select(RosterImport).where(
        RosterImport.cohort_id == cohort_id, RosterImport.state.in_((RosterState.CHECKING, RosterState.STAGED))
    )
    return list(session.scalars(query.order_by(RosterImport.id)))


def places_left(cohort: Cohort) -> int:
    """Return how many trainees a cohort can still take; those withdrawn left their places.

    The people of a roster that was taken over hold theirs before they are given them.
    """
    taken = select(func.count()).where(Enrolment.cohort_id == cohort.id, Enrolment.state != EnrolmentState.WITHDRAWN)
    reserved = (
        select(func.coalesce(func.sum(PeopleImport.good), 0))
        .join(RosterImport, RosterImport.people_import_id == PeopleImport.id)
        .where(
            RosterImport.cohort_id == cohort.id,
            RosterImport.state == RosterState.STAGED,
            PeopleImport.committed_at.is_not(None),
        )
    )
    held = sum(session.execute(select(taken.scalar_subquery(), reserved.scalar_subquery())).one())
    return max(0, cohort.capacity - int(held))


def enrolled(cohort_id: int) -> frozenset[int]:
    """Return the ids of everybody who has or had a place in a cohort."""
    return frozenset(session.scalars(select(Enrolment.person_id).where(Enrolment.cohort_id == cohort_id)))


def _batches(values: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]


class Slip(NamedTuple):
    """What an invited person gets: their name, and the link where it still opens."""

    enrolment: Enrolment
    person: Person
    token: str | None
    expires: datetime | None
    has_account: bool


def slips(cohort: Cohort, *, page: int = 1) -> Page[Slip]:
    """Return a page of the slips of those who have not enrolled yet and have no account, by name."""
    query = _slips(cohort).where(Account.id.is_(None))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    part = cut(total, page)
    found = session.execute(query.order_by(Person.name, Enrolment.id).limit(PER_PAGE).offset(part.offset))
    return Page(_with_links(found.all()), part.page, part.pages, total)


def all_slips(cohort: Cohort) -> Iterator[Slip]:
    """Yield the slips of all who have not enrolled yet, in the order they were invited, read in batches."""
    last = 0
    while True:
        query = _slips(cohort).where(Enrolment.id > last).order_by(Enrolment.id).limit(BATCH)
        part = _with_links(session.execute(query).all())
        if not part:
            return
        yield from part
        last = part[-1].enrolment.id


def with_account(cohort: Cohort) -> int:
    """Count those who have not enrolled yet and need no link because they have an account."""
    query = _slips(cohort).where(Account.id.is_not(None))
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def without_link(cohort: Cohort) -> int:
    """Count those who have neither an account nor a link that opens."""
    opens = exists().where(
        Invitation.person_id == Person.id,
        Invitation.used_at.is_(None),
        Invitation.ended_at.is_(None),
        Invitation.expires_at > real_now(),
    )
    query = _slips(cohort).where(Account.id.is_(None), ~opens)
    return session.scalar(select(func.count()).select_from(query.subquery())) or 0


def _slips(cohort: Cohort) -> Select[Enrolment, Person, int]:
    return (
        select(Enrolment, Person, Account.id)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state == EnrolmentState.INVITED)
    )


def _with_links(found: Sequence[Row[Enrolment, Person, int]]) -> list[Slip]:
    tokens = {enrolment.id: _token(enrolment, person) for enrolment, person, _account in found}
    live = _live([token for token in tokens.values() if token])
    return [
        Slip(
            enrolment,
            person,
            tokens[enrolment.id] if tokens[enrolment.id] in live else None,
            live.get(tokens[enrolment.id] or ""),
            account is not None,
        )
        for enrolment, person, account in found
    ]


def _token(enrolment: Enrolment, person: Person) -> str | None:
    if enrolment.invitation_sealed is None or person.data_key is None:
        return None
    return unseal(unwrap_key(person.data_key), enrolment.invitation_sealed, INVITATION)


def _live(tokens: Sequence[str]) -> dict[str, datetime]:
    """Return the tokens that still open something, with the instant until which they do."""
    token_of = {digest_token(token): token for token in tokens}
    live: dict[str, datetime] = {}
    for part in _batches(list(token_of)):
        query = select(Invitation.token, Invitation.expires_at).where(
            Invitation.token.in_(part),
            Invitation.used_at.is_(None),
            Invitation.ended_at.is_(None),
            Invitation.expires_at > real_now(),
        )
        live |= {token_of[digest]: until for digest, until in session.execute(query)}
    return live
