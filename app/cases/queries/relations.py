"""Reads of the relations that people declare: their own, and who declared one to whom."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import aliased

from app.accounts.models import Membership, Person
from app.accounts.states import SERVING
from app.cases.models import Case, DeclaredRelation
from app.cases.states import BY_NAME, DECLARED, CaseState, Relation
from app.core.crypto import blind_indexes
from app.core.db import session

DECLARATION, IMPARTIALITY = "cases.impartiality", "impartiality"
NAME = "declared_relation.name"
NOT_MADE = (CaseState.DRAFT, CaseState.WITHDRAWN)
AUTHOR = func.coalesce(Case.raised_by_id, 0)
"""Who made a declaration: it is never protected, so the key is always there."""


class Declared(NamedTuple):
    """Somebody (by key) who declared what binds them to a person or body (by key).

    `by_name` where the declaration gives a name that fits and nothing that finds the person.
    """

    to: int
    by: int
    kind: Relation
    by_name: bool = False

    @property
    def source(self) -> str:
        """Return what a conflict of interest names as its source."""
        return BY_NAME if self.by_name else DECLARED


def plain(name: str) -> str:
    """Return a name as it is compared: without blanks and marks of width, in small letters."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(char for char in folded if not char.isspace() and char != "·")


def of_case(case: Case) -> list[DeclaredRelation]:
    """Return the relations that a declaration names, in order."""
    query = select(DeclaredRelation).where(DeclaredRelation.case_id == case.id)
    return list(session.scalars(query.order_by(DeclaredRelation.place)))


def latest(person_id: int) -> Case | None:
    """Return the latest declaration that a person made, None before the first."""
    return session.scalar(select(Case).where(Case.id.in_(_standing(person_id))))


def _standing(person_id: int | None = None) -> Select[int]:
    """Select the declarations that hold: of each person the latest that was made."""
    query = select(func.max(Case.id)).where(
        Case.kind == DECLARATION, Case.state.not_in(NOT_MADE), Case.raised_by_id.is_not(None)
    )
    query = query.where(Case.raised_by_id == person_id) if person_id is not None else query
    return query.group_by(Case.raised_by_id)


def to_people(people: Sequence[int]) -> list[Declared]:
    """Return who declared a relation to some people, or to a body that they work for: three statements.

    Somebody who was named without anything that finds them is taken for everyone who bears the name, until somebody
    looked (`panels.services.settling`).
    """
    if not people:
        return []
    names = dict(session.execute(select(Person.id, Person.name).where(Person.id.in_(people))).all())
    bearing: dict[bytes, list[int]] = {}
    for person_id, name in names.items():
        for index in blind_indexes(plain(name), NAME):
            bearing.setdefault(index, []).append(person_id)
    return sorted({*_named(people, bearing), *_employed(people)})


def _named(people: Sequence[int], bearing: Mapping[bytes, list[int]]) -> Iterator[Declared]:
    unknown = DeclaredRelation.other_id.is_(None) & DeclaredRelation.name_index.in_(list(bearing))
    query = (
        select(DeclaredRelation, AUTHOR)
        .join(Case, Case.id == DeclaredRelation.case_id)
        .where(Case.id.in_(_standing()), or_(DeclaredRelation.other_id.in_(people), unknown))
    )
    for relation, by in session.execute(query):
        found = [relation.other_id] if relation.other_id is not None else bearing[relation.name_index]
        by_name = relation.other_id is None
        yield from (Declared(one, by, relation.kind, by_name) for one in found if one != by)


def _employed(people: Sequence[int]) -> Iterator[Declared]:
    """Yield who declared a relation to a body that one of the people works for."""
    theirs = aliased(Membership)
    query = (
        select(theirs.person_id, AUTHOR, DeclaredRelation.kind)
        .join(Case, Case.id == DeclaredRelation.case_id)
        .join(theirs, theirs.organisation_id == DeclaredRelation.organisation_id)
        .where(Case.id.in_(_standing()), theirs.person_id.in_(people), theirs.role.not_in(SERVING))
    )
    yield from (Declared(to, by, kind) for to, by, kind in session.execute(query) if to != by)


def to_bodies(organisations: Sequence[int]) -> list[Declared]:
    """Return who declared a relation to some bodies: one statement."""
    query = (
        select(func.coalesce(DeclaredRelation.organisation_id, 0), AUTHOR, DeclaredRelation.kind)
        .join(Case, Case.id == DeclaredRelation.case_id)
        .where(Case.id.in_(_standing()), DeclaredRelation.organisation_id.in_(organisations))
    )
    return sorted({Declared(*row) for row in session.execute(query)})
