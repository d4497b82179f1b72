"""Restrictions: asked for at every door, and their register."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Organisation, Person, Region
from app.accounts.queries import names_of
from app.accounts.services.merging import ids_of
from app.cases.access import seen_restrictions
from app.cases.models import Case, Restriction, RestrictionLift
from app.cases.queries.kinds import restriction_kinds
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError, NotFoundError
from app.core.text import _l, pick
from app.web.formats import day

PER_PAGE = 25


class Page(NamedTuple):
    """One page of restrictions."""

    rows: list[Restriction]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for in the register: a kind, and whether only those in force on the day."""

    kind: str = ""
    in_force: bool = True


def holding(on: date) -> ColumnElement[bool]:
    """Return the condition that a restriction holds on a day: begun, not ended, not lifted."""
    lifted = select(RestrictionLift.id).where(
        RestrictionLift.restriction_id == Restriction.id, RestrictionLift.lifted_on <= on
    )
    return and_(
        Restriction.starts_on <= on,
        or_(Restriction.ends_on.is_(None), Restriction.ends_on >= on),
        ~lifted.exists(),
    )


def in_force(
    kind: str, *, on: date, person_id: int | None = None, organisation_id: int | None = None
) -> list[Restriction]:
    """Return the restrictions of a kind that bind a person or a body on a day, the longest first."""
    whom = (
        Restriction.person_id.in_(ids_of(person_id))
        if person_id is not None
        else Restriction.organisation_id == organisation_id
    )
    query = select(Restriction).where(Restriction.kind == kind, whom, holding(on))
    return list(session.scalars(query.order_by(Restriction.ends_on.is_not(None), Restriction.ends_on.desc())))


def restricted(kind: str, person_ids: Iterable[int], *, on: date) -> dict[int, Restriction]:
    """Return the restriction that binds each of many people on a day: one statement for all."""
    one = func.coalesce(Person.merged_into_id, Person.id)
    query = (
        select(one, Restriction)
        .join(Person, Person.id == Restriction.person_id)
        .where(Restriction.kind == kind, one.in_(set(person_ids)), holding(on))
    )
    return dict(session.execute(query.order_by(Restriction.id)).all())


def restricted_organisations(kind: str, organisation_ids: Iterable[int], *, on: date) -> dict[int, Restriction]:
    """Return the restriction that binds each of many bodies on a day: one statement for all."""
    query = select(Restriction).where(
        Restriction.kind == kind, Restriction.organisation_id.in_(set(organisation_ids)), holding(on)
    )
    return {one.organisation_id or 0: one for one in session.scalars(query.order_by(Restriction.id))}


def is_own(actor: Actor, *, person_id: int | None, organisation_id: int | None) -> bool:
    """Tell whether a restriction of a person or body (by key) is the actor's own, or of the body they act for."""
    if person_id is not None:
        return person_id in ids_of(actor.person_id)
    return organisation_id == actor.organisation_id


def refuse_if_restricted(
    kind: str, *, on: date, person_id: int | None = None, organisation_id: int | None = None
) -> None:
    """Raise ForbiddenError for a restricted person or body: why, until when, by which decision, who can change it."""
    found = in_force(kind, on=on, person_id=person_id, organisation_id=organisation_id)
    if found:
        raise refusal(found[0])


def refuse_restricted_people(kind: str, person_ids: Iterable[int], *, on: date) -> None:
    """Raise ForbiddenError that names everybody restricted among those whom somebody else sets to work together."""
    found = restricted(kind, person_ids, on=on)
    if found:
        names = names_of(found)
        told = [_l("%(name)s: %(reason)s", name=names[one], reason=str(refusal(found[one]))) for one in sorted(found)]
        raise ForbiddenError(
            _l(
                "%(people)s Go on without them, or wait until the restriction ends or is lifted.",
                people=" ".join(str(one) for one in told),
            ),
            code="restricted",
        )


def refusal(found: Restriction) -> ForbiddenError:
    """Say what a restriction forbids, until when, by which decision, and who can change it."""
    region = session.get_one(Region, found.region_code)
    until = day(found.ends_on) if found.ends_on else str(_l("further notice"))
    return ForbiddenError(
        _l(
            "Restricted until %(until)s: %(what)s (%(decision)s). "
            "The authority of %(region)s can lift it; how to appeal stands in the restriction %(code)s. "
            "Reason: %(reason)s",
            until=until,
            what=restriction_kinds()[found.kind].label,
            reason=found.reason,
            decision=decision_of(found),
            region=pick(region.name_zh, region.name_en),
            code=found.code,
        ),
        code="restricted",
    )


def decision_of(found: Restriction) -> str:
    """Return by which decision a restriction was imposed: an external determination, or the number of the case."""
    return found.determination or str(session.scalars(select(Case.number).where(Case.id == found.case_id)).one())


def register(actor: Actor, sought: Sought, *, on: date, page: int = 1) -> Page:
    """List the restrictions that the actor may see, the latest first."""
    query = _seen(actor)
    if sought.kind:
        query = query.where(Restriction.kind == sought.kind)
    if sought.in_force:
        query = query.where(holding(on))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    rows = session.scalars(query.order_by(Restriction.id.desc()).limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page(list(rows.unique()), wanted, pages, total)


def restriction(code: str, actor: Actor) -> Restriction:
    """Return one restriction; raises NotFoundError outside of what the actor may see."""
    found = session.scalars(_seen(actor).where(Restriction.code == code)).unique().one_or_none()
    if found is None:
        raise NotFoundError(_l("There is no such restriction within what you may see."))
    return found


def _seen(actor: Actor) -> Select[Restriction]:
    return (
        select(Restriction)
        .options(joinedload(Restriction.person), joinedload(Restriction.organisation), joinedload(Restriction.lift))
        .where(seen_restrictions(actor))
    )


def whom(found: Restriction) -> str:
    """Return the name of the restricted person or body, in the reader's language."""
    body: Organisation | None = found.organisation
    person: Person | None = found.person
    return pick(body.name_zh, body.name_en) if body else person.name if person else ""
