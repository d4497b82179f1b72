"""The door of hot paths: who holds a token with a permission, as a condition that a statement carries along.

It means the same as `actors.signed_in` followed by the check of the permission (a test compares them), in no extra
statement. A password profile with a term needs more than one condition: `is_open` then sends all to the usual door.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    LargeBinary,
    ScalarSelect,
    String,
    Subquery,
    bindparam,
    false,
    or_,
    select,
)

from app.accounts.models import Membership, Person, SignInSession
from app.accounts.queries import live
from app.accounts.security import profile_in_force
from app.accounts.states import WITHOUT_SECOND_FACTOR, Role
from app.core.clock import day_of, real_now
from app.core.columns import UtcDateTime
from app.core.crypto import digest_token
from app.core.room import permissions_of

TOKEN = bindparam("door_token", type_=LargeBinary)
NOW: Any = bindparam("door_now", type_=UtcDateTime)
TODAY: Any = bindparam("door_today", type_=Date)


@dataclass(frozen=True, slots=True)
class Knock:
    """Who knocks: the token of the cookie, at which instant of security time, on which day of domain time."""

    token: str
    at: datetime
    on: date

    def values(self) -> dict[str, object]:
        """Return what the condition is filled with."""
        return {"door_token": digest_token(self.token), "door_now": self.at, "door_today": self.on}


def is_open() -> bool:
    """Tell whether this door stands for the usual one: no password can be due."""
    return not profile_in_force().days


def knock(token: str, at: datetime) -> Knock:
    """Return a knock at this moment; `at` is domain time."""
    return Knock(token, real_now(), day_of(at))


@cache
def person_within(permission: str, code: str) -> ScalarSelect[int]:
    """Select the person whose live session carries a permission on the record that the bind `code` names."""
    limited = (SignInSession.only_permission == permission) & (SignInSession.only_code == bindparam(code, type_=String))
    return (
        select(SignInSession.person_id)
        .join(Person, Person.id == SignInSession.person_id)
        .outerjoin(Membership, Membership.id == SignInSession.membership_id)
        .where(SignInSession.token == TOKEN, live(NOW), Person.erased_at.is_(None))
        .where(limited | _under_a_role(permission))
        .scalar_subquery()
    )


@cache
def entrant(permission: str, code: str) -> Subquery:
    """Select the same person with the role they act under, and what a ticket limits them to: one row or none."""
    limited = (SignInSession.only_permission == permission) & (SignInSession.only_code == bindparam(code, type_=String))
    return (
        select(SignInSession.person_id, Membership.role, SignInSession.only_code, SignInSession.seen_at)
        .join(Person, Person.id == SignInSession.person_id)
        .outerjoin(Membership, Membership.id == SignInSession.membership_id)
        .where(SignInSession.token == TOKEN, live(NOW), Person.erased_at.is_(None))
        .where(limited | _under_a_role(permission))
        .subquery("entrant")
    )


@cache
def last_seen() -> ScalarSelect[datetime]:
    """Select when the session of the token was last noted as used."""
    return select(SignInSession.seen_at).where(SignInSession.token == TOKEN).scalar_subquery()


def _under_a_role(permission: str) -> ColumnElement[bool]:
    roles = [role for role in Role if permission in permissions_of(role)]
    acting = or_(false(), *(_acting_as(role) for role in roles))
    begun = Membership.starts_on <= TODAY
    in_force: ColumnElement[bool] = begun & (Membership.ends_on.is_(None) | (Membership.ends_on >= TODAY))
    return acting & in_force


def _acting_as(role: Role) -> ColumnElement[bool]:
    acting = Membership.role == role
    return acting if role in WITHOUT_SECOND_FACTOR else acting & SignInSession.second_factor.is_(True)
