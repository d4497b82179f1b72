"""Rotation of the keys by which protected authors and people who were only named are found."""

from collections.abc import Callable

from sqlalchemy import select

from app.accounts.models import Person
from app.cases.access import AUTHOR
from app.cases.models import Case, CaseAuthor, DeclaredRelation
from app.cases.queries.relations import NAME, plain
from app.cases.services.authors import person_id_of
from app.core.crypto import blind_index
from app.core.db import session


def renew_authors(after_id: int, count: int) -> tuple[int | None, int]:
    """Find the next protected authors under the first of INDEX_KEYS; return the last id done and how many."""
    query = select(CaseAuthor).where(CaseAuthor.id > after_id).order_by(CaseAuthor.id).limit(count)
    authors = list(session.scalars(query))
    for one in authors:
        code = session.scalar(select(Person.code).where(Person.id == person_id_of(one)))
        if code is not None:
            one.author_index = blind_index(code, AUTHOR)
    session.flush()
    return (authors[-1].id if authors else None), len(authors)


def renew_names(after_id: int, count: int) -> tuple[int | None, int]:
    """Do so for the names that declarations give; those whose texts were erased can be found by nobody any more."""
    query = (
        select(DeclaredRelation, Case)
        .join(Case, Case.id == DeclaredRelation.case_id)
        .where(DeclaredRelation.id > after_id)
        .order_by(DeclaredRelation.id)
        .limit(count)
    )
    rows = [(one, case) for one, case in session.execute(query)]
    for one, case in rows:
        if not case.texts_erased:
            one.name_index = blind_index(plain(case.opened(one.name_kept)), NAME)
    session.flush()
    return (rows[-1][0].id if rows else None), len(rows)


RENEWALS: tuple[Callable[[int, int], tuple[int | None, int]], ...] = (renew_authors, renew_names)
