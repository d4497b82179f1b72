"""Reads of people, organisations, regions, memberships and sessions."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Row, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.access import within
from app.accounts.models import (
    Account,
    Invitation,
    Membership,
    Organisation,
    Person,
    PersonDocument,
    Region,
    SignInSession,
)
from app.accounts.rules.contacts import clean_email, clean_phone
from app.accounts.rules.identity import clean_number
from app.accounts.states import WITHOUT_SECOND_FACTOR, IdentityKind, Role
from app.core.access import Actor
from app.core.crypto import blind_indexes, digest_token
from app.core.db import session
from app.core.errors import DomainError, NotFoundError
from app.core.text import _l

Record = TypeVar("Record")
IDENTITY = "person.identity"
PHONE = "person.phone"
EMAIL = "person.email"
PAGE_LENGTH = 50


def person(code: str) -> Person:
    """Return the person with an outside code; raises NotFoundError."""
    return _found(session.scalar(select(Person).where(Person.code == code)))


def code_of(person_id: int) -> str:
    """Return the outside code of a person."""
    return session.scalars(select(Person.code).where(Person.id == person_id)).one()


def person_of(actor: Actor) -> Person:
    """Return the person who acts."""
    return session.get_one(Person, actor.person_id)


def person_by_identity(kind: IdentityKind, number: str) -> Person | None:
    """Return the person with an identity document, the first or a further one; the number may have spaces."""
    indexes = blind_indexes(f"{kind}:{clean_number(kind, number)}", IDENTITY)
    return session.scalar(select(Person).where(has_document(indexes)))


def has_document(indexes: Sequence[bytes]) -> ColumnElement[bool]:
    """Return the condition that one of the indexes is that of a document of the person.

    The owner of a further document is one value, not a list: so both sides are read by their index.
    """
    further = select(PersonDocument.person_id).where(PersonDocument.identity_index.in_(indexes)).limit(1)
    return Person.identity_index.in_(indexes) | (Person.id == further.scalar_subquery())


def names_of(person_ids: Iterable[int | None]) -> dict[int, str]:
    """Return the names of people by id in one statement."""
    wanted = {one for one in person_ids if one is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(wanted)))
    return dict(rows.all())


def codes_of(person_ids: Iterable[int | None]) -> dict[int, str]:
    """Return the outside codes of people by id in one statement."""
    wanted = {one for one in person_ids if one is not None}
    rows = session.execute(select(Person.id, Person.code).where(Person.id.in_(wanted)))
    return dict(rows.all())


def ids_of(codes: Sequence[str]) -> list[int]:
    """Return the ids of people by their outside codes in one statement."""
    return list(session.scalars(select(Person.id).where(Person.code.in_(codes))))


def account_by_name(typed: str) -> Account | None:
    """Return the account whose mail address, telephone or identity number was typed."""
    query = select(Account).join(Account.person).where(_named(typed), Person.erased_at.is_(None))
    return session.scalars(query.limit(1)).first()


def person_by_name(typed: str) -> Person | None:
    """Return the person whose code, mail address, telephone or identity number was typed."""
    query = select(Person).where(or_(Person.code == typed.strip(), _named(typed)))
    return session.scalars(query.limit(1)).first()


def _named(typed: str) -> ColumnElement[bool]:
    parts = (_by_email(typed), _by_phone(typed), _by_number(typed))
    return or_(false(), *(part for part in parts if part is not None))


def _by_email(typed: str) -> ColumnElement[bool] | None:
    try:
        return Person.email_index.in_(blind_indexes(clean_email(typed), EMAIL))
    except DomainError:
        return None


def _by_phone(typed: str) -> ColumnElement[bool] | None:
    try:
        return Person.phone_index.in_(blind_indexes(clean_phone(typed), PHONE))
    except DomainError:
        return None


def _by_number(typed: str) -> ColumnElement[bool] | None:
    indexes: list[bytes] = []
    for kind in IdentityKind:
        try:
            indexes += blind_indexes(f"{kind}:{clean_number(kind, typed)}", IDENTITY)
        except DomainError:
            continue
    return has_document(indexes) if indexes else None


def account_of(person_id: int) -> Account | None:
    """Return how a person signs in, None where they have no account."""
    return session.scalar(select(Account).where(Account.person_id == person_id))


def region(code: str) -> Region:
    """Return the region with a GB/T 2260 code; raises NotFoundError."""
    return _found(session.get(Region, code))


def organisation(key: str | int) -> Organisation:
    """Return an organisation by slug or id; raises NotFoundError."""
    if isinstance(key, int):
        return _found(session.get(Organisation, key))
    return _found(session.scalar(select(Organisation).where(Organisation.slug == key)))


def organisation_within(slug: str, actor: Actor) -> Organisation:
    """Return an organisation of the actor's region by slug; raises NotFoundError, also for one of another region."""
    query = select(Organisation).where(Organisation.slug == slug, within(Organisation.region_code, actor))
    return _found(session.scalar(query))


def members(
    role: Role,
    *,
    on: date,
    organisation_id: int | None = None,
    region_code: str | None = None,
) -> list[Membership]:
    """Return the memberships of a role in force on a day, with their persons, by name."""
    query = (
        select(Membership)
        .join(Membership.person)
        .options(joinedload(Membership.person))
        .where(Membership.role == role, in_force(on))
        .order_by(Person.name, Membership.id)
    )
    if organisation_id is not None:
        query = query.where(Membership.organisation_id == organisation_id)
    if region_code is not None:
        query = query.where(Membership.region_code == region_code)
    return list(session.scalars(query))


def members_of(organisation_id: int) -> list[Membership]:
    """Return every membership that was ever held in an organisation, the oldest first."""
    query = select(Membership).where(Membership.organisation_id == organisation_id)
    return list(session.scalars(query.order_by(Membership.id)))


def in_force(on: date) -> ColumnElement[bool]:
    """Return the condition that a membership holds on a day."""
    return (Membership.starts_on <= on) & (Membership.ends_on.is_(None) | (Membership.ends_on >= on))


def memberships_of(person_id: int) -> list[Membership]:
    """Return every membership of a person, the oldest first."""
    query = select(Membership).where(Membership.person_id == person_id)
    return list(session.scalars(query.order_by(Membership.starts_on, Membership.id)))


def other_roles(actor: Actor, on: date) -> list[Membership]:
    """Return the memberships in force that the actor's session may switch to, the oldest first: one statement.

    A role that needs a second factor is among them only where the session has shown one.
    """
    shown = select(SignInSession.id).where(
        SignInSession.code == actor.extra.get("session", ""), SignInSession.second_factor.is_(True)
    )
    query = select(Membership).where(
        Membership.person_id == actor.person_id,
        Membership.id != (actor.membership_id or 0),
        in_force(on),
        Membership.role.in_(WITHOUT_SECOND_FACTOR) | shown.exists(),
    )
    return list(session.scalars(query.order_by(Membership.starts_on, Membership.id)))


def own_membership(code: str, actor: Actor) -> Membership:
    """Return one of the actor's own memberships; raises NotFoundError for those of others."""
    query = select(Membership).where(Membership.code == code, Membership.person_id == actor.person_id)
    return _found(session.scalar(query))


def live(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a sign-in session is neither ended nor expired."""
    return SignInSession.ended_at.is_(None) & (SignInSession.expires_at > at)


SESSION_ROW = (
    select(SignInSession, Person, Account.language, Membership)
    .join(Person, Person.id == SignInSession.person_id)
    .outerjoin(Account, Account.person_id == Person.id)
    .outerjoin(Membership, Membership.id == SignInSession.membership_id)
)


def session_row(token: str, at: datetime) -> Row[SignInSession, Person, str | None, Membership] | None:
    """Return session, person, language and membership (None without a role) of a live token, in one statement."""
    query = SESSION_ROW.where(SignInSession.token == digest_token(token), live(at), Person.erased_at.is_(None))
    return session.execute(query).first()


def session_by_token(token: str, at: datetime) -> SignInSession | None:
    """Return the live session of a cookie's token."""
    query = select(SignInSession).where(SignInSession.token == digest_token(token), live(at))
    return session.scalar(query)


def sessions_of(actor: Actor, at: datetime) -> list[SignInSession]:
    """Return the live sessions of the actor, the latest first."""
    query = select(SignInSession).where(SignInSession.person_id == actor.person_id, live(at))
    return list(session.scalars(query.order_by(SignInSession.id.desc())))


def own_session(code: str, actor: Actor) -> SignInSession:
    """Return one of the actor's own sessions; raises NotFoundError for those of others."""
    query = select(SignInSession).where(SignInSession.code == code, SignInSession.person_id == actor.person_id)
    return _found(session.scalar(query))


def invitation(token: str, at: datetime) -> Invitation:
    """Return the open invitation of a link with its person; raises NotFoundError."""
    query = (
        select(Invitation)
        .options(joinedload(Invitation.person))
        .where(
            Invitation.token == digest_token(token),
            Invitation.used_at.is_(None),
            Invitation.ended_at.is_(None),
            Invitation.expires_at > at,
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(
            _l("This invitation was used already or has run out. Ask whoever invited you for a new one.")
        )
    return found


class Page(NamedTuple):
    """One page of a list, as `ui.pagination` reads it."""

    rows: list[Membership]
    page: int
    pages: int
    total: int


def people_page(actor: Actor, on: date, *, name: str = "", role: str | None = None, number: int = 1) -> Page:
    """Return a page of the roles in force within the actor's region, by name."""
    condition = in_force(on) & within(Membership.region_code, actor)
    if name:
        condition &= Person.name.contains(name.strip(), autoescape=True)
    if role:
        condition &= Membership.role == role
    listed = select(Membership).join(Membership.person).where(condition)
    total = session.scalar(select(func.count()).select_from(listed.subquery())) or 0
    pages = max(-(-total // PAGE_LENGTH), 1)
    shown = min(max(number, 1), pages)
    rows = session.scalars(
        listed.options(contains_eager(Membership.person))
        .order_by(Person.name, Membership.id)
        .offset((shown - 1) * PAGE_LENGTH)
        .limit(PAGE_LENGTH)
    )
    return Page(list(rows), shown, pages, total)


def is_staff(person_id: int, on: date) -> bool:
    """Tell whether a person holds a role that needs a second factor."""
    query = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.role.not_in(WITHOUT_SECOND_FACTOR),
        in_force(on),
    )
    return session.scalar(query.limit(1)) is not None


def membership_to_start_with(person_id: int, on: date, *, second_factor: bool) -> Membership | None:
    """Return the role to act under at sign-in: the one of the last session, else the latest given."""
    query = select(Membership).where(Membership.person_id == person_id, in_force(on))
    if not second_factor:
        query = query.where(Membership.role.in_(WITHOUT_SECOND_FACTOR))
    usable = {row.id: row for row in session.scalars(query.order_by(Membership.id))}
    last = session.scalar(
        select(SignInSession.membership_id)
        .where(SignInSession.person_id == person_id)
        .order_by(SignInSession.id.desc())
        .limit(1)
    )
    return usable.get(last or 0) or next(reversed(usable.values()), None)


def account_of_code(person_code: str) -> Account:
    """Return the account of the person with an outside code; raises NotFoundError."""
    query = select(Account).join(Account.person).where(Person.code == person_code)
    return _found(session.scalar(query))


def _found(record: Record | None) -> Record:
    if record is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return record
