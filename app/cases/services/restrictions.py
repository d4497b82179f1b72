"""Restrictions imposed by a decision, and their lifting; both append-only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.accounts.models import Organisation, Person
from app.cases.access import may_restrict
from app.cases.models import RESTRICTION_TYPE, Case, Restriction, RestrictionLift
from app.cases.queries import kinds
from app.cases.queries.restrictions import is_own
from app.cases.services.subjects import of_restriction
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import new_code
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.shredding import sealed
from app.core.text import _l

PERSON = "person"


@dataclass(frozen=True, slots=True)
class Terms:
    """From when to when a restriction holds (None: until lifted), by which decision, and why."""

    starts_on: date
    ends_on: date | None
    reason: str
    determination: str | None = None
    case: Case | None = None


def impose(
    names: Sequence[str],
    whom: Person | Organisation,
    terms: Terms,
    *,
    region_code: str,
    by: Actor,
    at: datetime,
) -> list[Restriction]:
    """Restrict a person or a body: one row a kind; the same row is imposed once.

    One that was lifted, or ends on another day, is imposed anew. Raises ForbiddenError for another region's authority
    and for a restriction of one's own, InvalidError naming the field.
    """
    if not may_restrict(by, region_code):
        raise ForbiddenError(_l("The authority of the region imposes and lifts restrictions."))
    refuse_own(by, **_key_of(whom))
    _check(names, whom, terms)
    return [_impose(name, whom, terms, region_code=region_code, by=by, at=at) for name in names]


def _check(names: Sequence[str], whom: Person | Organisation, terms: Terms) -> None:
    if not names:
        raise InvalidError(_l("Choose at least one restriction."), field="kinds")
    if terms.ends_on is not None and terms.ends_on < terms.starts_on:
        raise InvalidError(_l("The last day lies before the first day. Choose a later one."), field="ends_on")
    if terms.case is None and not (terms.determination or "").strip():
        raise InvalidError(_l("Name the decision: its number, or the number of the case."), field="determination")
    of = PERSON if isinstance(whom, Person) else "organisation"
    for name in names:
        if kinds.restriction_kind(name).of != of:
            raise InvalidError(_l("This restriction is not for such a subject. Choose another one."), field="kinds")


def _impose(
    name: str, whom: Person | Organisation, terms: Terms, *, region_code: str, by: Actor, at: datetime
) -> Restriction:
    given = {
        **_key_of(whom),
        "kind": name,
        "starts_on": terms.starts_on,
        "ends_on": terms.ends_on,
        "case_id": terms.case.id if terms.case else None,
        "determination": (terms.determination or "").strip() or None,
    }
    known = session.scalar(
        select(Restriction).where(
            *(getattr(Restriction, column).is_not_distinct_from(value) for column, value in given.items()),
            ~select(RestrictionLift.id).where(RestrictionLift.restriction_id == Restriction.id).exists(),
        )
    )
    if known is not None:
        return known
    code = new_code()
    row = Restriction(
        **given,
        code=code,
        region_code=region_code,
        reason_kept=sealed(terms.reason, RESTRICTION_TYPE, code),
        imposed_by_id=by.person_id,
        imposed_at=at,
    )
    session.add(row)
    session.flush()
    events.record(
        "cases.restricted",
        of_restriction(row),
        by=by,
        at=at,
        reason=terms.reason,
        about_person=True,
        data={"kind": name},
    )
    return row


def _key_of(whom: Person | Organisation) -> dict[str, int | None]:
    person = isinstance(whom, Person)
    return {"person_id": whom.id if person else None, "organisation_id": None if person else whom.id}


def refuse_own(by: Actor, *, person_id: int | None, organisation_id: int | None) -> None:
    """Refuse who would impose or lift a restriction of their own or of the body they act for; raises ForbiddenError."""
    if is_own(by, person_id=person_id, organisation_id=organisation_id):
        raise ForbiddenError(
            _l("Nobody imposes or lifts a restriction of their own. Another officer, or the authority above, does.")
        )


def lift(found: Restriction, *, reason: str, lifted_on: date, by: Actor | None, at: datetime) -> None:
    """Lift a restriction from a day on, everywhere at once; `by` is None where a decision of a case lifts it.

    Raises ForbiddenError for another region's authority and for a restriction of one's own, ConflictError where it was
    lifted before.
    """
    if by is not None and not may_restrict(by, found.region_code):
        raise ForbiddenError(_l("The authority of the region imposes and lifts restrictions."))
    if by is not None:
        refuse_own(by, person_id=found.person_id, organisation_id=found.organisation_id)
    if lifted_on < day_of(at):
        raise InvalidError(_l("A restriction is lifted from today or a later day on."), field="lifted_on")
    if session.scalar(select(RestrictionLift.id).where(RestrictionLift.restriction_id == found.id)) is not None:
        raise ConflictError(_l("This restriction was lifted already."))
    session.add(
        RestrictionLift(
            restriction_id=found.id,
            lifted_on=lifted_on,
            reason=sealed(reason, RESTRICTION_TYPE, found.code),
            lifted_by_id=by.person_id if by else None,
            lifted_at=at,
        )
    )
    session.flush()
    events.record(
        "cases.restriction_lifted",
        of_restriction(found),
        by=by,
        at=at,
        reason=reason,
        about_person=True,
        data={"kind": found.kind, "from": lifted_on.isoformat()},
    )
