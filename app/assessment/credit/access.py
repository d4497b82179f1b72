"""Who records, confirms, rates and decides on repair; who reads which records."""

from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, or_

from app.accounts.access import covers, within
from app.accounts.states import Role
from app.assessment.credit.models import CreditRating, CreditRecord
from app.assessment.credit.states import KNOWN_STATES, WORK
from app.cases.access import Permission as CasePermission
from app.core.access import Actor


class Permission(StrEnum):
    """The acts of the credit room."""

    OWN = "credit.own"
    READ = "credit.read"
    RECORD = WORK


GRANTS: dict[Role, frozenset[str]] = {
    Role.TRAINEE: frozenset({Permission.OWN}),
    Role.CREDIT: frozenset({Permission.READ, Permission.RECORD, CasePermission.RESTRICT}),
    Role.REGULATOR: frozenset({Permission.READ}),
}
"""A credit officer also restricts: a serious determination is a restriction that every room asks about."""


def seen(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may see a record: their own once confirmed, or one of their region."""
    own = and_(CreditRecord.person_id == actor.person_id, CreditRecord.state.in_(KNOWN_STATES))
    return or_(own, within(CreditRecord.region_code, actor) if actor.may(Permission.READ) else false())


def seen_ratings(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may see a rating: their own, or one of their region."""
    officer = within(CreditRating.region_code, actor) if actor.may(Permission.READ) else false()
    return or_(CreditRating.person_id == actor.person_id, officer)


def works_on(actor: Actor | None, region_code: str, person_id: int) -> bool:
    """Tell whether the actor is a credit officer of a region, and not about themselves."""
    if actor is None or not actor.may(Permission.RECORD):
        return False
    return covers(actor.region_code, region_code) and actor.person_id != person_id
