"""Reads of requests for erasure and of records proposed to be joined."""

from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Membership, Person
from app.accounts.queries import account_of, person_by_name
from app.accounts.rights import Erasure, PersonMerge
from app.accounts.states import ErasureState
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l

LONGEST = 100


def findable() -> ColumnElement[bool]:
    """Return the condition that a person may be found: not joined with another, not erased, not being erased.

    What the law keeps of a person whose erasure was granted is stored and used for nothing else (Personal Information
    Protection Law, art. 47, second paragraph).
    """
    limited = select(Erasure.id).where(Erasure.person_id == Person.id, Erasure.state == ErasureState.LIMITED)
    return Person.erased_at.is_(None) & Person.merged_into_id.is_(None) & ~limited.exists()


def erasures() -> list[Erasure]:
    """Return the latest requests for erasure with their persons."""
    query = select(Erasure).options(joinedload(Erasure.person)).order_by(Erasure.id.desc())
    return list(session.scalars(query.limit(LONGEST)))


def erasure(code: str) -> Erasure:
    """Return a request for erasure with its person; raises NotFoundError."""
    found = session.scalar(select(Erasure).options(joinedload(Erasure.person)).where(Erasure.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def merges() -> list[PersonMerge]:
    """Return the latest proposals to join records with their persons."""
    query = select(PersonMerge).options(joinedload(PersonMerge.kept), joinedload(PersonMerge.gone))
    return list(session.scalars(query.order_by(PersonMerge.id.desc()).limit(LONGEST)))


def merge(code: str) -> PersonMerge:
    """Return a proposal to join records with its persons; raises NotFoundError."""
    query = select(PersonMerge).options(joinedload(PersonMerge.kept), joinedload(PersonMerge.gone))
    found = session.scalar(query.where(PersonMerge.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def named(typed: str, field: str) -> Person:
    """Return the person whose code, mail address, telephone or document number was typed; raises NotFoundError."""
    found = person_by_name(typed)
    if found is None:
        raise NotFoundError(
            _l("Nobody is known by that code, mail address, telephone or identity number."), field=field
        )
    return found


class Side(NamedTuple):
    """One record in the side-by-side view."""

    person: Person
    roles: int
    has_account: bool


def side(person: Person) -> Side:
    """Return a record with what is needed to compare it."""
    roles = session.scalar(select(func.count()).select_from(Membership).where(Membership.person_id == person.id))
    return Side(person, roles or 0, account_of(person.id) is not None)
