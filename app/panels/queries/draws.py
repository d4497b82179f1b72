"""Reads of panels, their shares, seats and cases."""

from collections import defaultdict
from typing import Any

from sqlalchemy import func, select

from app.accounts.models import Person
from app.core.access import Actor
from app.core.columns import JsonObject
from app.core.db import session
from app.core.events import Subject
from app.panels.models.draws import ConflictFact, Panel, PanelCase, PanelSeat, Recusal, SeatReturn, SeedShare
from app.panels.models.pools import PoolExpert
from app.panels.queries import scope
from app.panels.queries.pages import Page, page_of
from app.panels.queries.pools import found
from app.panels.rules.draw import FORMAT
from app.panels.rules.quotas import Candidate, Quotas
from app.panels.states import PanelState, SeatState


def panels(actor: Actor, *, state: str = "", page: int = 1) -> Page[Panel]:
    """Return a page of readable panels, the latest first."""
    query = scope.panels(actor)
    if state in set(PanelState):
        query = query.where(Panel.state == PanelState(state))
    return page_of(query, (Panel.id.desc(),), page)


def panel(code: str, actor: Actor) -> Panel:
    """Return a readable panel; raises NotFoundError."""
    return found(session.scalar(scope.panels(actor).where(Panel.code == code)))


def cases(of: Panel, actor: Actor) -> list[PanelCase]:
    """Return the cases of a panel that the actor may see, in order."""
    query = scope.cases(actor).where(PanelCase.panel_id == of.id)
    return list(session.scalars(query.order_by(PanelCase.position)))


def all_cases(panel_id: int) -> list[PanelCase]:
    """Return every case of a panel, for the rules."""
    query = select(PanelCase).where(PanelCase.panel_id == panel_id)
    return list(session.scalars(query.order_by(PanelCase.position)))


def case(code: str, actor: Actor) -> PanelCase:
    """Return a case from which the actor is not recused; raises NotFoundError."""
    return found(session.scalar(scope.cases(actor).where(PanelCase.code == code)))


def case_of(subject: Subject) -> PanelCase | None:
    """Return the latest case about a subject, None where no panel was asked."""
    query = select(PanelCase).where(
        PanelCase.subject_type == subject.type,
        PanelCase.subject_code == subject.code,
    )
    return session.scalar(query.order_by(PanelCase.id.desc()).limit(1))


def shares(of: Panel) -> list[SeedShare]:
    """Return the shares of the present attempt, the office first."""
    query = select(SeedShare).where(SeedShare.panel_id == of.id, SeedShare.attempt == of.attempt)
    return list(session.scalars(query.order_by(SeedShare.office.desc(), SeedShare.id)))


def seats(of: Panel) -> list[PanelSeat]:
    """Return the whole order of a draw."""
    return list(session.scalars(select(PanelSeat).where(PanelSeat.panel_id == of.id).order_by(PanelSeat.place)))


def returns(of: Panel) -> list[SeatReturn]:
    """Return who came back into the order of a draw, in the order in which it happened."""
    return list(session.scalars(select(SeatReturn).where(SeatReturn.panel_id == of.id).order_by(SeatReturn.number)))


def seat(of: Panel, expert_code: str) -> PanelSeat:
    """Return the place of an expert in a draw; raises NotFoundError."""
    query = select(PanelSeat).join(PanelSeat.expert)
    return found(session.scalar(query.where(PanelSeat.panel_id == of.id, PoolExpert.code == expert_code)))


def seated(panel_id: int) -> list[PanelSeat]:
    """Return the experts who sit on a panel."""
    query = select(PanelSeat).where(PanelSeat.panel_id == panel_id, PanelSeat.state == SeatState.SEATED)
    return list(session.scalars(query.order_by(PanelSeat.place)))


def own_seat(of: Panel, actor: Actor) -> PanelSeat | None:
    """Return the seat of the actor, None where they have none."""
    query = select(PanelSeat).join(PanelSeat.expert).where(PanelSeat.panel_id == of.id)
    return session.scalar(query.where(PoolExpert.person_id == actor.person_id, PanelSeat.state == SeatState.SEATED))


def conflicts(panel_id: int) -> list[ConflictFact]:
    """Return the stored conflict facts of a panel."""
    query = select(ConflictFact).join(PanelCase, PanelCase.id == ConflictFact.case_id)
    return list(session.scalars(query.where(PanelCase.panel_id == panel_id).order_by(ConflictFact.id)))


def barred(panel_id: int) -> dict[int, set[int]]:
    """Return for each case (by id) the persons recused from its subject: two statements for any number."""
    query = (
        select(PanelCase.id, Recusal.person_id)
        .join(
            Recusal,
            (Recusal.subject_type == PanelCase.subject_type) & (Recusal.subject_code == PanelCase.subject_code),
        )
        .where(PanelCase.panel_id == panel_id, scope.holds())
    )
    found_: dict[int, set[int]] = defaultdict(set)
    for case_id, person_id in session.execute(query):
        found_[case_id].add(person_id)
    return found_


def candidates(of: Panel) -> list[Candidate]:
    """Return the frozen population of a panel."""
    return [Candidate(*one) for one in of.population]


def quotas(of: Panel) -> Quotas:
    """Return the quotas of a panel."""
    return Quotas(of.seats, of.per_unit, of.regions)


def person_codes(ids: set[int]) -> dict[int, str]:
    """Return the outside codes of people by id."""
    rows: Any = session.execute(select(Person.id, Person.code).where(Person.id.in_(ids)))
    return dict(rows.all())


def document(of: Panel) -> JsonObject:
    """Return the record of a draw: all inputs and outputs, with codes in place of names."""
    order = seats(of)
    given = shares(of)
    return {
        "format": FORMAT,
        "panel": of.code,
        "attempt": of.attempt,
        "seats": of.seats,
        "per_unit": of.per_unit,
        "regions": of.regions,
        "population": of.population,
        "population_sha256": of.population_sha256,
        "shares": [
            {
                "person": one.person.code,
                "office": one.office,
                "commitment": one.commitment,
                "secret": one.secret or "",
            }
            for one in given
        ],
        "seed": of.seed,
        "order": [one.expert.code for one in order],
        "seated": [one.expert.code for one in order if one.first],
        "recusals": _changes(order, returns(of)),
    }


def _changes(order: list[PanelSeat], back: list[SeatReturn]) -> list[JsonObject]:
    """Return recusals after the draw and returns from them in their order, as the record of a draw lists them."""
    code_of = {one.id: one.expert.code for one in order}
    numbered: dict[int, JsonObject] = {}
    for seat_id, number, was_seated, by in (
        *((one.id, one.recusal_number, one.was_seated, one.replaced_by_id) for one in order if one.recusal_number),
        *((one.seat_id, one.recusal_number, one.was_seated, one.replaced_by_id) for one in back),
    ):
        numbered[number or 0] = {"code": code_of[seat_id], "by": code_of.get(by or 0) if was_seated else None}
    numbered |= {one.number: {"code": code_of[one.seat_id], "seated": one.seated} for one in back}
    return [numbered[number] for number in sorted(numbered)]


def count_seated(actor: Actor) -> int:
    """Return on how many panels the actor sits and may see a case."""
    return session.scalar(select(func.count()).select_from(scope.panels(actor).subquery())) or 0
