"""Reads of the keys with which programs of organisations act."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import joinedload

from app.accounts.keyed import AccessKey, KeyedRequest
from app.accounts.models import Membership, Organisation, Person, SignInSession
from app.core.access import Actor
from app.core.crypto import digest_token
from app.core.db import session
from app.core.errors import NotFoundError, Text
from app.core.events import Event, Subject, recorded
from app.core.room import rooms
from app.core.text import _l

PER_PAGE = 50
SHOWN_USES = 50


class KeyPage(NamedTuple):
    """One page of keys, as `ui.pagination` reads it."""

    rows: list[AccessKey]
    page: int
    pages: int
    total: int


def purposes() -> Mapping[str, Text]:
    """Return what keys may be made for, by the permission, as the rooms declare it."""
    return {permission: label for room in rooms() for permission, label in room.key_purposes.items()}


def of_key(key: AccessKey) -> Subject:
    """Name a key in events."""
    return Subject("access_key", key.code)


def live(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a key is neither revoked nor expired at an instant of security time."""
    return AccessKey.ended_at.is_(None) & (AccessKey.expires_at > at)


def live_by_token(token: str, at: datetime) -> Row[AccessKey, Membership, Person] | None:
    """Return the live key of a token with the membership and person it acts under, in one statement."""
    query = (
        select(AccessKey, Membership, Person)
        .join(Membership, Membership.id == AccessKey.membership_id)
        .join(Person, Person.id == Membership.person_id)
        .where(AccessKey.token == digest_token(token), live(at), Person.erased_at.is_(None))
    )
    return session.execute(query).first()


def by_code(code: str) -> AccessKey:
    """Return the key with an outside code."""
    return session.scalars(select(AccessKey).where(AccessKey.code == code)).one()


def keys_of(organisation: Organisation, *, number: int = 1) -> KeyPage:
    """Return a page of the keys of a body with whoever made them, the latest first."""
    condition = AccessKey.organisation_id == organisation.id
    total = session.scalar(select(func.count()).select_from(AccessKey).where(condition)) or 0
    pages = max(-(-total // PER_PAGE), 1)
    shown = min(max(number, 1), pages)
    query = select(AccessKey).where(condition).options(*_WITH_MAKER).order_by(AccessKey.id.desc())
    rows = session.scalars(query.offset((shown - 1) * PER_PAGE).limit(PER_PAGE))
    return KeyPage(list(rows), shown, pages, total)


_WITH_MAKER = (joinedload(AccessKey.membership).joinedload(Membership.person),)


def key_in(organisation: Organisation, code: str) -> AccessKey:
    """Return a key of a body with whoever made it; raises NotFoundError."""
    query = select(AccessKey).where(AccessKey.code == code, AccessKey.organisation_id == organisation.id)
    found = session.scalar(query.options(*_WITH_MAKER))
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def count_live(organisation_id: int, at: datetime) -> int:
    """Count the live keys of a body."""
    query = select(func.count()).select_from(AccessKey)
    return session.scalar(query.where(AccessKey.organisation_id == organisation_id, live(at))) or 0


def name_taken(organisation_id: int, name: str, at: datetime) -> bool:
    """Tell whether a live key of a body bears a name."""
    query = select(AccessKey.id).where(AccessKey.organisation_id == organisation_id, AccessKey.name == name, live(at))
    return session.scalar(query.limit(1)) is not None


def happened(key: AccessKey) -> list[Event]:
    """Return the latest of what happened with a key: made, used, revoked."""
    return list(session.scalars(recorded(of_key(key)).limit(SHOWN_USES)))


def request_named(key_id: int, name: str) -> KeyedRequest | None:
    """Return the request that a key did under a name, None where there is none yet."""
    query = select(KeyedRequest).where(KeyedRequest.access_key_id == key_id, KeyedRequest.name == name)
    return session.scalar(query)


def second_factor_shown(actor: Actor) -> bool:
    """Tell whether the actor's session was opened with a second factor."""
    query = select(SignInSession.id).where(
        SignInSession.code == actor.extra.get("session", ""), SignInSession.second_factor.is_(True)
    )
    return session.scalar(query) is not None
