"""Reads of staged rosters, and what the house knows of the people on them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.models import Account, Invitation, Person
from app.accounts.queries import EMAIL, IDENTITY, PHONE
from app.core.clock import real_now
from app.core.crypto import blind_indexes, digest_token, unseal, unwrap_key
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.courses.models import Cohort, Enrolment, RosterImport, RosterRow
from app.courses.queries.pages import PER_PAGE, Page, cut
from app.courses.rules.roster import Candidate, House, Known
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


def rosters(cohort_id: int) -> list[RosterImport]:
    """Return the latest roster imports of a cohort that were not discarded."""
    query = select(RosterImport).where(RosterImport.cohort_id == cohort_id, RosterImport.state != RosterState.DISCARDED)
    return list(session.scalars(query.order_by(RosterImport.id.desc()).limit(10)))


def staged(cohort_id: int) -> list[RosterImport]:
    """Return the rosters of a cohort that wait for a decision."""
    query = select(RosterImport).where(RosterImport.cohort_id == cohort_id, RosterImport.state == RosterState.STAGED)
    return list(session.scalars(query.order_by(RosterImport.id)))


class Counts(NamedTuple):
    """How many rows of a roster are good, and how many are not."""

    good: int
    bad: int


def counts(roster_id: int) -> Counts:
    """Count the good and the bad rows of a roster."""
    query = select(RosterRow.good, func.count()).where(RosterRow.roster_import_id == roster_id).group_by(RosterRow.good)
    found = dict(session.execute(query).all())
    return Counts(found.get(True, 0), found.get(False, 0))


def rows(roster_id: int, *, only_bad: bool = False, page: int = 1) -> Page[RosterRow]:
    """Return a page of the staged rows in the order of the file."""
    query = select(RosterRow).where(RosterRow.roster_import_id == roster_id)
    if only_bad:
        query = query.where(RosterRow.good.is_(False))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    part = cut(total, page)
    shown = query.order_by(RosterRow.line).limit(PER_PAGE).offset(part.offset)
    return Page(list(session.scalars(shown)), part.page, part.pages, total)


def bad_rows(roster_id: int) -> list[RosterRow]:
    """Return every row with problems, for the report."""
    query = select(RosterRow).where(RosterRow.roster_import_id == roster_id, RosterRow.good.is_(False))
    return list(session.scalars(query.order_by(RosterRow.line)))


def good_rows(roster_id: int) -> list[RosterRow]:
    """Return every row without problems in the order of the file."""
    query = select(RosterRow).where(RosterRow.roster_import_id == roster_id, RosterRow.good.is_(True))
    return list(session.scalars(query.order_by(RosterRow.line)))


def places_left(cohort: Cohort) -> int:
    """Return how many trainees a cohort can still take; those withdrawn left their places."""
    taken = select(func.count()).where(Enrolment.cohort_id == cohort.id, Enrolment.state != EnrolmentState.WITHDRAWN)
    return max(0, cohort.capacity - (session.scalar(taken) or 0))


def house(cohort: Cohort, candidates: Sequence[Candidate]) -> House:
    """Look up a whole roster in batches: documents, telephones and mail by blind index, enrolments."""
    documents = _by_index(Person.identity_index, IDENTITY, (one.document for one in candidates))
    enrolled = select(Enrolment.person_id).where(Enrolment.cohort_id == cohort.id)
    return House(
        people={text: Known(person_id, name) for text, (person_id, name) in documents.items()},
        phones=_owners(Person.phone_index, PHONE, (one.phone for one in candidates)),
        emails=_owners(Person.email_index, EMAIL, (one.email for one in candidates)),
        enrolled=frozenset(session.scalars(enrolled)),
        places=places_left(cohort),
    )


def _owners(column: InstrumentedAttribute[bytes | None], purpose: str, texts: Iterable[str]) -> dict[str, int]:
    return {text: person_id for text, (person_id, _name) in _by_index(column, purpose, texts).items()}


def _by_index(
    column: InstrumentedAttribute[bytes | None], purpose: str, texts: Iterable[str]
) -> dict[str, tuple[int, str]]:
    text_of = {index: text for text in set(texts) if text for index in blind_indexes(text, purpose)}
    found: dict[str, tuple[int, str]] = {}
    for part in _batches(list(text_of)):
        query = select(column, Person.id, Person.name).where(column.in_(part))
        for index, person_id, name in session.execute(query):
            if index is not None:
                found[text_of[index]] = (person_id, name)
    return found


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


def slips(cohort: Cohort) -> list[Slip]:
    """Return the slips of those who have not enrolled yet, by name."""
    query = (
        select(Enrolment, Person, Account.id)
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Account, Account.person_id == Person.id)
        .where(Enrolment.cohort_id == cohort.id, Enrolment.state == EnrolmentState.INVITED)
        .order_by(Person.name, Enrolment.id)
    )
    found = list(session.execute(query))
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
