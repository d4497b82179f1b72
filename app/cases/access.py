"""Who may handle cases, impose restrictions and open publicity periods; and which rows they reach."""

from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, or_, select

from app.accounts.access import covers, within
from app.accounts.models import Person
from app.accounts.states import NATION, Role
from app.cases.models import Case, CaseAuthor, Publicity, Restriction
from app.cases.states import ENDED_STATES, HANDLE, CaseState, Protection
from app.core.access import Actor
from app.core.crypto import blind_indexes

AUTHOR = "case.author"


class Permission(StrEnum):
    """The acts of the case room; raising a case needs a sign-in only."""

    MINE = "cases.mine"
    HANDLE = HANDLE
    RESTRICT = "cases.restrict"


OFFICERS = (Role.REGULATOR, Role.EXAMINER)
GRANTS: dict[Role, frozenset[Permission]] = {
    role: frozenset({Permission.MINE} | ({Permission.HANDLE} if role in OFFICERS else set())) for role in Role
}
GRANTS[Role.REGULATOR] = frozenset(Permission)


MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
UNDER_PROVINCE = "90"
"""GB/T 2260: districts of the four municipalities, and counties whose third and fourth digits are 90, have no city."""


def higher(region_code: str) -> str | None:
    """Return the region above one (GB/T 2260), None above the nation."""
    if region_code == NATION:
        return None
    if region_code.endswith("0000"):
        return NATION
    no_city = region_code[:2] in MUNICIPALITIES or region_code[2:4] == UNDER_PROVINCE
    return f"{region_code[:2]}0000" if no_city or region_code.endswith("00") else f"{region_code[:4]}00"


def handles(actor: Actor | None, case: Case) -> bool:
    """Tell whether the actor's authority is the one that hears a case: superiors read, they do not decide."""
    if actor is None or not actor.may(Permission.HANDLE) or actor.role != case.authority_role:
        return False
    if case.authority_organisation_id is not None:
        return actor.organisation_id == case.authority_organisation_id
    return actor.region_code == case.authority_region


def hears_objections(actor: Actor | None, row: Publicity) -> bool:
    """Tell whether the actor's authority hears the objections to a public notice: the regulator of its region."""
    if actor is None or not actor.may(Permission.HANDLE) or actor.role != Role.REGULATOR:
        return False
    return actor.region_code == row.authority_region


def authored(person_code: str) -> ColumnElement[bool]:
    """Return the condition that a person is the protected author of a case."""
    own = select(CaseAuthor.case_id).where(CaseAuthor.author_index.in_(blind_indexes(person_code, AUTHOR)))
    return Case.id.in_(own)


def raised_by(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a case is the actor's own, openly or protected."""
    return or_(Case.raised_by_id == actor.person_id, authored(actor.person_code))


def concerns(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a raised case is about the actor or the body the actor acts for.

    Whom a protected case is about learns its decision by notice, never its file: the facts could name the author.
    """
    person = Case.person_id == actor.person_id
    body = Case.subject_organisation_id == actor.organisation_id if actor.organisation_id else false()
    return and_(Case.state != CaseState.DRAFT, Case.protection == Protection.OPEN, or_(person, body))


def told_of(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the body the actor acts for is told how a nameless complaint about it ended.

    It reads the decision and may take it further; what was written against it stays with the authority.
    """
    if actor.organisation_id is None:
        return false()
    nameless = (Case.protection == Protection.ANONYMOUS) & Case.state.in_(ENDED_STATES)
    return nameless & (Case.subject_organisation_id == actor.organisation_id)


def in_charge(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a case lies with the actor's authority, or with one below it."""
    if not actor.may(Permission.HANDLE):
        return false()
    body = or_(
        Case.authority_organisation_id.is_(None),
        Case.authority_organisation_id == actor.organisation_id,
    )
    own = and_(Case.authority_role == actor.role, body, within(Case.authority_region, actor))
    below = within(Case.region_code, actor) if actor.role == Role.REGULATOR else false()
    return and_(Case.state != CaseState.DRAFT, or_(own, below))


def may_restrict(actor: Actor | None, region_code: str) -> bool:
    """Tell whether the actor's authority may impose and lift restrictions of a region."""
    return actor is not None and actor.may(Permission.RESTRICT) and covers(actor.region_code, region_code)


def seen_restrictions(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor may see a restriction: the subject, and the authority of the region."""
    mine = select(Person.id).where(or_(Person.id == actor.person_id, Person.merged_into_id == actor.person_id))
    own = Restriction.person_id.in_(mine)
    body = Restriction.organisation_id == actor.organisation_id if actor.organisation_id else false()
    officer = within(Restriction.region_code, actor) if actor.may(Permission.RESTRICT) else false()
    return or_(own, body, officer)
