"""Protected authors: sealed when a case is raised, opened for the handling officer with a reason."""

from sqlalchemy import select

from app.accounts.models import Person
from app.cases.access import AUTHOR
from app.cases.models import Case, CaseAuthor
from app.core.access import Actor
from app.core.crypto import blind_index, blind_indexes, new_wrapped_key, seal, unseal, unwrap_key
from app.core.db import session
from app.core.errors import ConflictError, NotFoundError
from app.core.text import _l

LOCATOR, NAME = "case.locator", "case.author_name"


def seal_author(case: Case, by: Actor) -> None:
    """Keep who raised a protected case: findable by themselves, readable only under their own key."""
    person = session.get_one(Person, by.person_id)
    if person.data_key is None:
        raise ConflictError(_l("The personal data of this person was erased."))
    wrapped = new_wrapped_key()
    session.add(
        CaseAuthor(
            case_id=case.id,
            author_index=blind_index(person.code, AUTHOR),
            case_key=wrapped,
            locator_sealed=seal(unwrap_key(wrapped), str(person.id), LOCATOR),
            name_sealed=seal(unwrap_key(person.data_key), person.name, NAME),
        )
    )
    session.flush()


def author_of(case: Case) -> CaseAuthor | None:
    """Return the sealed author of a case, None where it was raised openly or by nobody known."""
    return session.scalar(select(CaseAuthor).where(CaseAuthor.case_id == case.id))


def is_author(case: Case, by: Actor) -> bool:
    """Tell whether the actor raised a case, openly or protected."""
    if case.raised_by_id is not None:
        return case.raised_by_id == by.person_id
    author = author_of(case)
    return author is not None and author.author_index in blind_indexes(by.person_code, AUTHOR)


def person_id_of(author: CaseAuthor) -> int:
    """Return the person behind a sealed author; for notices and for the officer who gave a reason."""
    return int(unseal(unwrap_key(author.case_key), author.locator_sealed, LOCATOR))


def name_of(author: CaseAuthor) -> str:
    """Return the sealed name; raises NotFoundError where the person's data was erased."""
    person = session.get_one(Person, person_id_of(author))
    if person.data_key is None:
        raise NotFoundError(_l("The personal data of the author was erased, so the name cannot be read any more."))
    return unseal(unwrap_key(person.data_key), author.name_sealed, NAME)
