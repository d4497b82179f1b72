"""Actors made from sessions and memberships, with the permissions of their role."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from app.accounts import key_queries, queries, security
from app.accounts.models import Membership, Person, SignInSession
from app.accounts.states import ROLE_LABELS, WITHOUT_SECOND_FACTOR
from app.core.access import Actor
from app.core.room import permissions_of
from app.core.text import LazyString, _l, pick

NO_ROLE = ""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What a live session's token stands for."""

    actor: Actor
    session_id: int
    started_at: datetime
    seen_at: datetime
    confirmed_at: datetime


def signed_in(token: str, *, at: datetime, on: date) -> SignedIn | None:
    """Return who holds a token, None where it opens nothing; `at` is security time, `on` domain time."""
    found = queries.session_row(token, at)
    if found is None:
        return None
    row, person, language, membership = found
    if row.only_code is not None:
        return SignedIn(_limited(row, person, language), row.id, row.started_at, row.seen_at, row.started_at)
    due = security.password_is_due(person.id, at)
    usable = None if due else _usable(row, membership, on)
    actor = actor_of(person, usable, language=language, session_code=row.code)
    return SignedIn(actor, row.id, row.started_at, row.seen_at, row.confirmed_at or row.started_at)


def _limited(row: SignInSession, person: Person, language: str | None) -> Actor:
    """Return the actor of a session that a ticket opened: one permission on one record, no role."""
    extra = {"session": row.code, **({"lang": language} if language else {})}
    return Actor(
        person_id=person.id,
        person_code=person.code,
        name=person.name,
        role=NO_ROLE,
        role_label=_l("Admitted by ticket"),
        permissions=frozenset({str(row.only_permission)}),
        extra=extra,
        limited_to=row.only_code,
    )


def _usable(row: SignInSession, membership: Membership | None, on: date) -> Membership | None:
    """Return the membership if the session may act under it: in force, second factor shown by staff."""
    if membership is None or not membership.holds_on(on):
        return None
    return membership if row.second_factor or membership.role in WITHOUT_SECOND_FACTOR else None


def actor_of(
    person: Person,
    membership: Membership | None,
    *,
    language: str | None = None,
    session_code: str = "",
) -> Actor:
    """Return the actor of a person under one membership; without one, an actor without a role."""
    extra = {"session": session_code}
    if language:
        extra["lang"] = language
    if membership is None:
        return Actor(
            person_id=person.id,
            person_code=person.code,
            name=person.name,
            role=NO_ROLE,
            role_label=_l("No role at present"),
            permissions=frozenset(),
            extra=extra,
        )
    return Actor(
        person_id=person.id,
        person_code=person.code,
        name=person.name,
        role=membership.role.value,
        role_label=ROLE_LABELS[membership.role],
        permissions=permissions_of(membership.role),
        membership_id=membership.id,
        region_code=membership.region_code,
        organisation_id=membership.organisation_id,
        scope_label=scope_label(membership),
        extra={**extra, "membership": membership.code},
    )


def by_key(token: str, *, at: datetime, on: date) -> Actor | None:
    """Return as whom a program acts with a key, None where it opens nothing; `at` is security time, `on` domain time.

    It acts under the membership of whoever made the key, with the permission of its purpose and no other.
    """
    found = key_queries.live_by_token(token, at)
    if found is None:
        return None
    key, membership, person = found
    if not membership.holds_on(on):
        return None
    actor = actor_of(person, membership)
    return replace(actor, permissions=actor.permissions & {key.purpose}, key=key.code)


def under(actor: Actor, membership: Membership) -> Actor:
    """Return who the actor would be under another of their own memberships."""
    return replace(
        actor,
        role=membership.role.value,
        role_label=ROLE_LABELS[membership.role],
        permissions=permissions_of(membership.role),
        membership_id=membership.id,
        region_code=membership.region_code,
        organisation_id=membership.organisation_id,
        scope_label=scope_label(membership),
        extra={**actor.extra, "membership": membership.code},
    )


def scope_label(membership: Membership) -> LazyString:
    """Return where a role holds: the organisation's name, else the region's.

    It is put into words when shown: the language is chosen by who the actor is.
    """
    place = membership.organisation or membership.region
    return LazyString(pick, place.name_zh, place.name_en)
