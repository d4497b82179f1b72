"""The relations that a declaration of impartiality names: kept with it, and told to whoever lets people judge."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select

from app.accounts.models import Organisation
from app.accounts.queries import person_by_name
from app.cases.models import Case, DeclaredRelation
from app.cases.queries.relations import NAME, latest, of_case, plain
from app.cases.services.subjects import of_case as subject_of
from app.cases.services.subjects import written
from app.cases.states import Relation
from app.core import events
from app.core.access import Actor
from app.core.crypto import blind_index
from app.core.db import session

TOLD = "cases.relations_declared"


@dataclass(frozen=True, slots=True)
class Relative:
    """A person or body that is named in a declaration, what binds them, and what finds them where it is known."""

    kind: Relation
    name: str
    known_by: str = ""


def keep(case: Case, named: Sequence[Relative]) -> None:
    """Keep what a declaration names in place of what it named before.

    Nobody is told whether somebody was found, so that a declaration tells nothing of who stands in the records. Who is
    named again by name alone is whom an earlier declaration found under the name.
    """
    found = _found_before(case)
    session.execute(delete(DeclaredRelation).where(DeclaredRelation.case_id == case.id))
    session.add_all(_relation(case, place, one, found) for place, one in enumerate(named, start=1))
    session.flush()


def _found_before(case: Case) -> dict[bytes, int]:
    earlier = latest(case.raised_by_id) if case.raised_by_id is not None else None
    rows = [*(of_case(earlier) if earlier is not None else ()), *of_case(case)]
    return {one.name_index: one.other_id for one in rows if one.other_id is not None}


def _relation(case: Case, place: int, one: Relative, found: Mapping[bytes, int]) -> DeclaredRelation:
    index = blind_index(plain(one.name), NAME)
    body = session.scalar(select(Organisation.id).where(Organisation.name_zh == one.name.strip()))
    person = person_by_name(one.known_by) if one.known_by.strip() and body is None else None
    return DeclaredRelation(
        case_id=case.id,
        place=place,
        kind=one.kind,
        name_kept=written(case, one.name.strip()),
        name_index=index,
        other_id=person.id if person is not None else None if body is not None else found.get(index),
        organisation_id=body,
    )


def tell(case: Case, *, by: Actor | None, at: datetime) -> None:
    """Tell whoever lets people judge that a declaration names somebody."""
    named = of_case(case)
    if named:
        events.record(TOLD, subject_of(case), by=by, at=at, data={"count": len(named)})
