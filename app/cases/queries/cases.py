"""Reads of cases: one's own, those of an authority, one with everything its page shows."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Membership, Organisation
from app.accounts.queries import in_force
from app.cases.access import concerns, in_charge, raised_by, told_of
from app.cases.models import Case, CaseBarred, CaseFile, CasePause, CaseVisitor
from app.cases.rules.clocks import ACCEPT, DECIDE, Clock
from app.cases.states import OPEN_STATES, CaseState, Protection
from app.core.access import Actor
from app.core.clock import today
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.files import StoredFile
from app.core.text import _l

PER_PAGE = 25
EXPORT_ROWS = 5000
SORTS = {
    "due": func.coalesce(Case.decide_by, Case.accept_by),
    "raised": Case.raised_at,
    "about": Case.about_zh,
}


class Page(NamedTuple):
    """One page of cases."""

    rows: list[Case]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer looks for: kind, state or `open`, words of the record; sorted by a column, `-` for descending."""

    kind: str = ""
    state: str = ""
    text: str = ""
    overdue: bool = False
    sort: str = ""


def running(case: Case, on: date) -> Clock | None:
    """Return the clock that runs for a case on a day, None once it has ended."""
    if case.state is CaseState.RAISED and case.accept_by is not None:
        return Clock(ACCEPT, case.accept_by, overdue=case.accept_by < on, stopped=False)
    if case.state in {CaseState.ACCEPTED, CaseState.WAITING} and case.decide_by is not None:
        stopped = case.state is CaseState.WAITING
        return Clock(DECIDE, case.decide_by, overdue=not stopped and case.decide_by < on, stopped=stopped)
    return None


def overdue(on: date) -> ColumnElement[bool]:
    """Return the condition that a clock has run out by a day; derived from dates."""
    return or_(
        and_(Case.state == CaseState.RAISED, Case.accept_by < on),
        and_(Case.state == CaseState.ACCEPTED, Case.decide_by < on),
    )


def _whole() -> Select[Case]:
    """Select cases with what their pages read of them: the one before, the key of the texts, who follows it."""
    return select(Case).options(joinedload(Case.previous), joinedload(Case.text_key), joinedload(Case.visitor))


def seen(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a person may see a case: raised by them, about them, or in their charge."""
    return or_(raised_by(actor), concerns(actor), in_charge(actor))


def visible(actor: Actor) -> Select[Case]:
    """Select the cases that a person may see."""
    return _whole().where(seen(actor))


def case(code: str, actor: Actor) -> Case:
    """Return one case; raises NotFoundError outside of what the actor may see."""
    return _met(visible(actor).where(Case.code == code))


def _met(query: Select[Case]) -> Case:
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such case within what you may see."))
    return found


def opens(found: Case, actor: Actor) -> bool:
    """Tell whether a person may open a case, or read its end."""
    query = select(Case.id).where(Case.id == found.id, or_(seen(actor), told_of(actor)))
    return session.scalar(query) is not None


def told_case(code: str, actor: Actor) -> Case:
    """Return a case as `case` does, or one of whose end alone the actor's body is told; raises NotFoundError."""
    return _met(_whole().where(or_(seen(actor), told_of(actor)), Case.code == code))


def own_case(code: str, actor: Actor) -> Case:
    """Return a case that the actor raised; raises NotFoundError for those of others."""
    found = session.scalar(_whole().where(raised_by(actor), Case.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such case of yours."))
    return found


def own_draft(code: str, actor: Actor) -> Case:
    """Return a draft of the actor's own; raises NotFoundError once it was raised."""
    found = own_case(code, actor)
    if found.state is not CaseState.DRAFT:
        raise NotFoundError(_l("This case was raised already. Its page shows where it is."))
    return found


def handled_case(code: str, actor: Actor) -> Case:
    """Return a case in the charge of the actor's authority; raises NotFoundError for any other."""
    found = session.scalar(_whole().where(in_charge(actor), Case.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such case in the charge of your authority."))
    return found


def mine(actor: Actor, *, about_me: bool, page: int = 1) -> Page:
    """List the cases that the actor raised, or those about the actor, latest first."""
    which = or_(concerns(actor), told_of(actor)) if about_me else raised_by(actor)
    return _page(select(Case).where(which).order_by(Case.id.desc()), page)


def desk(actor: Actor, wanted: Wanted, *, on: date, page: int = 1) -> Page:
    """List the cases in the charge of the actor's authority."""
    return _page(_wanted(actor, wanted, on), page)


def export(actor: Actor, wanted: Wanted, *, on: date) -> list[Case]:
    """Return the same list whole, for a file; at most EXPORT_ROWS."""
    return list(session.scalars(_wanted(actor, wanted, on).limit(EXPORT_ROWS)))


def _wanted(actor: Actor, wanted: Wanted, on: date) -> Select[Case]:
    query = select(Case).where(in_charge(actor))
    if wanted.kind:
        query = query.where(Case.kind == wanted.kind)
    if wanted.state == "open":
        query = query.where(Case.state.in_(OPEN_STATES))
    elif wanted.state in set(CaseState):
        query = query.where(Case.state == CaseState(wanted.state))
    if wanted.text.strip():
        names = (Case.about_zh, Case.about_en, Case.number, Case.code)
        query = query.where(or_(*(name.icontains(wanted.text.strip(), autoescape=True) for name in names)))
    if wanted.overdue:
        query = query.where(overdue(on))
    column = SORTS.get(wanted.sort.removeprefix("-"))
    if column is None:
        return query.order_by(SORTS["due"].is_(None), SORTS["due"], Case.id)
    return query.order_by(column.desc() if wanted.sort.startswith("-") else column.asc(), Case.id)


def _page(query: Select[Case], page: int) -> Page:
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    rows = session.scalars(query.limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page(list(rows), wanted, pages, total)


def by_token(token: str) -> Case | None:
    """Return the case that a request made before, so that a repeated request makes none."""
    return session.scalar(select(Case).where(Case.token == token))


def raised_without_name(token: str, kind: str) -> Case | None:
    """Return the case that a visitor's request raised before, None where it raised none."""
    query = select(Case).join(CaseVisitor, CaseVisitor.case_id == Case.id)
    return session.scalar(query.where(Case.token == token, Case.kind == kind))


def raised_before(token: str, kind: str, actor: Actor | None) -> Case | None:
    """Return the case that a request of the actor, or one without a name, raised before; None where it raised none."""
    own = raised_by(actor) if actor is not None else false()
    query = select(Case).where(Case.token == token, Case.kind == kind, Case.state != CaseState.DRAFT)
    return session.scalar(query.where(or_(Case.protection == Protection.ANONYMOUS, own)))


def by_code(code: str) -> Case:
    """Return a case for work without an actor."""
    return session.scalars(select(Case).where(Case.code == code)).one()


def number_of(code: str | None) -> str | None:
    """Return how people call the case of a code that another room keeps, None where it keeps none."""
    return None if code is None else session.scalar(select(Case.number).where(Case.code == code))


def open_after(key: int, limit: int) -> list[Case]:
    """Return the next open cases after a key, for work without an actor."""
    query = select(Case).where(Case.id > key, Case.state.in_(OPEN_STATES))
    return list(session.scalars(query.order_by(Case.id).limit(limit)))


def files_of(case_: Case) -> list[CaseFile]:
    """Return the exhibits of a case in the order they were added."""
    return list(session.scalars(select(CaseFile).where(CaseFile.case_id == case_.id).order_by(CaseFile.id)))


def exhibit(case_: Case, sha256: str) -> CaseFile:
    """Return an exhibit of a case by its hash; raises NotFoundError."""
    query = select(CaseFile).join(StoredFile, CaseFile.file_id == StoredFile.id)
    found = session.scalar(query.where(CaseFile.case_id == case_.id, StoredFile.sha256 == sha256))
    if found is None:
        raise NotFoundError(_l("There is no such exhibit in this case."))
    return found


def pauses_of(case_: Case) -> list[CasePause]:
    """Return the stops of a case's clock, the latest first."""
    return list(session.scalars(select(CasePause).where(CasePause.case_id == case_.id).order_by(CasePause.id.desc())))


def request_of(case_: Case) -> CasePause | None:
    """Return the request for materials that a case waits for, None where it waits for none."""
    return next((one for one in pauses_of(case_) if one.until_day is None), None)


def unanswered(on: date) -> Select[CasePause, Case]:
    """Select the requests whose last day has passed and of which no authority was told, with their cases."""
    query = select(CasePause, Case).join(Case, Case.id == CasePause.case_id)
    return query.where(
        Case.state == CaseState.WAITING,
        CasePause.until_day.is_(None),
        CasePause.told_at.is_(None),
        CasePause.due_on < on,
    )


def barred(case_: Case) -> dict[int, str]:
    """Return who may not decide a case, with why."""
    rows = session.execute(select(CaseBarred.person_id, CaseBarred.why).where(CaseBarred.case_id == case_.id))
    return dict(rows.all())


def serves_subject(case_: Case, actor: Actor) -> bool:
    """Tell whether the actor holds a role today, under whatever role they act, in the body that a case is about.

    A case about the body that hears it is no other's to hear.
    """
    body = case_.subject_organisation_id
    if body is None or body == case_.authority_organisation_id:
        return False
    held = select(Membership.id).where(
        Membership.person_id == actor.person_id, Membership.organisation_id == body, in_force(today())
    )
    return session.scalar(held.limit(1)) is not None


def next_of(case_: Case) -> Case | None:
    """Return the recheck or appeal raised against a decision, None where there is none."""
    query = select(Case).where(Case.previous_id == case_.id, Case.state != CaseState.DRAFT)
    return session.scalars(query.order_by(Case.id).limit(1)).first()


BODIES = 20


def bodies(name: str) -> list[Organisation]:
    """Return the organisations whose name or short name holds what was typed, at most BODIES; none for nothing."""
    typed = name.strip()
    if not typed:
        return []
    columns = (Organisation.name_zh, Organisation.name_en, Organisation.slug)
    query = select(Organisation).where(or_(*(column.icontains(typed, autoescape=True) for column in columns)))
    return list(session.scalars(query.order_by(Organisation.name_zh).limit(BODIES)))


def decided_in(code: str, actor: Actor) -> Case | None:
    """Return the decided case of a code or number in the charge of the actor's authority, None for any other text."""
    called = or_(Case.code == code, Case.number == code.upper())
    return session.scalar(select(Case).where(in_charge(actor), called, Case.state == CaseState.DECIDED))
