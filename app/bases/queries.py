"""Reads of training bases."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Select, and_, func, or_, select

from app.accounts.access import within
from app.accounts.models import Organisation, Region
from app.bases import rules
from app.bases.access import Permission, may_decide
from app.bases.models import TrainingBase
from app.bases.states import BaseState
from app.cases.queries import relations
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError, NotFoundError, Text
from app.core.events import Subject
from app.core.text import _l
from app.panels.models.draws import PanelCase
from app.panels.queries import draws as panels
from app.panels.queries import scope, scoring
from app.panels.queries.declared import Known
from app.panels.queries.scoring import CaseResult
from app.panels.states import Conflict
from app.rulebook import queries as rulebook

PER_PAGE = 25
TYPE = "training_base"
PUBLIC_STATES = (BaseState.ACCREDITED, BaseState.SUSPENDED, BaseState.EXITED)


class Page(NamedTuple):
    """One page of the register."""

    rows: list[TrainingBase]
    page: int
    pages: int
    total: int


def visible(actor: Actor | None) -> Select[TrainingBase]:
    """Select what a person may see: the public register, one's own base, one's region's applications.

    Whoever is recused from an application reads of it what everyone reads, or nothing.
    """
    public = TrainingBase.state.in_(PUBLIC_STATES)
    query = select(TrainingBase).join(TrainingBase.organisation)
    if actor is None:
        return query.where(public)
    own = TrainingBase.organisation_id == actor.organisation_id
    if actor.may(Permission.DECIDE):
        here = and_(within(TrainingBase.region_code, actor), scope.visible_to_panel(actor, TYPE, TrainingBase.code))
        return query.where(or_(public, own, here))
    return query.where(or_(public, own))


def register(actor: Actor | None, *, text: str = "", state: str = "", page: int = 1) -> Page:
    """List bases by region and name; a page beyond the last gives the last."""
    query = visible(actor)
    text = text.strip()
    if text:
        names = (Organisation.name_zh, Organisation.name_en)
        query = query.where(or_(*(name.icontains(text, autoescape=True) for name in names)))
    if state in set(BaseState):
        query = query.where(TrainingBase.state == BaseState(state))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    order = (TrainingBase.region_code, Organisation.name_zh, TrainingBase.id)
    rows = session.scalars(query.order_by(*order).limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page(list(rows), wanted, pages, total)


def base(slug: str, actor: Actor | None) -> TrainingBase:
    """Return one base by its organisation's slug; NotFoundError outside of what one may see."""
    found = session.scalar(visible(actor).where(Organisation.slug == slug))
    if found is None:
        raise NotFoundError(_l("There is no such base in the register."))
    return found


WHO_DECIDES = _l("The nation and the province of the base decide on its accreditation.")


def to_decide(slug: str, actor: Actor) -> TrainingBase:
    """Return a base on which the actor's authority decides; ForbiddenError for another province's."""
    found = base(slug, actor)
    if not may_decide(actor, found.region_code):
        raise ForbiddenError(WHO_DECIDES)
    return found


def region_names(codes: set[str]) -> dict[str, Region]:
    """Return regions by code, for the register's column."""
    rows = session.scalars(select(Region).where(Region.code.in_(codes)))
    return {row.code: row for row in rows}


def of_organisation(organisation_id: int | None) -> TrainingBase | None:
    """Return the base of an organisation, None where it never applied."""
    return session.scalar(select(TrainingBase).where(TrainingBase.organisation_id == organisation_id))


WHY_NOT: dict[BaseState | None, Text] = {
    None: _l("Your organisation has not applied for accreditation as a training base yet."),
    BaseState.APPLIED: _l("The application of your base for accreditation is not decided yet."),
    BaseState.REFUSED: _l("The application of your base for accreditation was refused."),
    BaseState.SUSPENDED: _l("The accreditation of your base is suspended."),
    BaseState.EXITED: _l("Your base has exited and is no longer accredited."),
    BaseState.ACCREDITED: _l("This day lies outside the period for which your base is accredited."),
}


def accredited(organisation_id: int | None, on: date) -> TrainingBase:
    """Return the base of an organisation if it may train on a day.

    Raises ForbiddenError that says why it may not and who can change it.
    """
    found = of_organisation(organisation_id)
    if found is None or not found.holds_on(on):
        raise ForbiddenError(
            _l(
                "%(why)s The authority of your province decides on accreditation.",
                why=WHY_NOT[found.state if found else None],
            )
        )
    return found


def inspection_rules(region_code: str, on: date) -> rules.InspectionRules | None:
    """Return what is set about inspections in a region, None where no authority set anything."""
    try:
        pack = rulebook.in_force(rules.KIND, region_code, on)
    except InvalidError:
        return None
    params = rulebook.params(pack)
    return params if isinstance(params, rules.InspectionRules) else None


def inspection(base: TrainingBase) -> PanelCase | None:
    """Return the case of the panel that inspects the present application, None where none was asked for."""
    case = panels.case_of(Subject(TYPE, base.code))
    return case if case is not None and case.panel.planned_at >= base.applied_at else None


def inspected(case: PanelCase | None) -> CaseResult | None:
    """Return the result of an inspection, None before scoring began."""
    return scoring.results(case.panel, [case]).get(case.id) if case else None


def declared_against(codes: Sequence[str]) -> dict[str, list[Known]]:
    """Return who declared a relation to the organisations of some bases."""
    query = select(TrainingBase.organisation_id, TrainingBase.code).where(TrainingBase.code.in_(codes))
    bases = dict(session.execute(query).all())
    known: dict[str, list[Known]] = {code: [] for code in bases.values()}
    for one in relations.to_bodies(list(bases)):
        known[bases[one.to]].append((one.by, Conflict(one.kind.value), one.source))
    return known
