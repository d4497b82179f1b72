"""Who hears of certificates: their holders, of an organisation whoever administers it now."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from app.accounts.models import Membership
from app.accounts.queries import in_force
from app.core.clock import today
from app.core.db import session
from app.credentials.access import ADMINISTRATORS
from app.credentials.models import Certificate


class Reader(NamedTuple):
    """Somebody who hears of a certificate; `pages` is where the pages of its holder stand for them."""

    person_id: int
    pages: str


def readers(codes: Collection[str], *conditions: ColumnElement[bool]) -> dict[str, list[Reader]]:
    """Return who hears of certificates that fulfil conditions, by their codes: two statements at most."""
    query = select(Certificate.code, Certificate.person_id, Certificate.organisation_id)
    rows = session.execute(query.where(Certificate.code.in_(codes), *conditions)).all() if codes else []
    bodies = {organisation_id for _code, _person_id, organisation_id in rows if organisation_id is not None}
    administer = _administrators(bodies) if bodies else {}
    return {
        code: administer.get(organisation_id, []) if person_id is None else [Reader(person_id, "/my")]
        for code, person_id, organisation_id in rows
    }


def _administrators(organisation_ids: Collection[int]) -> dict[int | None, list[Reader]]:
    query = select(Membership.organisation_id, Membership.person_id).where(
        Membership.organisation_id.in_(organisation_ids), Membership.role.in_(ADMINISTRATORS), in_force(today())
    )
    found: dict[int | None, list[Reader]] = {}
    for organisation_id, person_id in session.execute(query.distinct().order_by(Membership.person_id)):
        found.setdefault(organisation_id, []).append(Reader(person_id, "/organisation"))
    return found
