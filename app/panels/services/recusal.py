"""Recusal (回避): declared by the expert or imposed by the office, before or after the draw, for single subjects."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Person
from app.ballots import services as ballots
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk
from app.panels.access import Permission
from app.panels.models.draws import Panel, PanelCase, PanelSeat, SeatReturn
from app.panels.models.meetings import AgendaItem, Meeting
from app.panels.queries import draws, scope, scoring
from app.panels.rules.draw import next_substitute, takers
from app.panels.services import subjects
from app.panels.services.barring import bar
from app.panels.services.doors import may_serve
from app.panels.services.draws import tell_seated
from app.panels.services.scoring import move_case
from app.panels.states import NOT_SERVING, SEAT, Conflict, PanelState, SeatState


def declare(case: PanelCase, *, reason: str, by: Actor, at: datetime) -> None:
    """Let an expert recuse themselves from a case; from then on it does not exist for them."""
    recuse(case, session.get_one(Person, by.person_id), kind=Conflict.DECLARED, reason=reason, by=by, at=at)


def impose(case: PanelCase, person: Person, *, reason: str, by: Actor, at: datetime) -> None:
    """Let the office recuse an expert from a case; raises ForbiddenError for anyone else."""
    if not by.may(Permission.ORGANISE):
        raise ForbiddenError(_l("The office imposes recusals."))
    recuse(case, person, kind=Conflict.IMPOSED, reason=reason, by=by, at=at)


def recuse(case: PanelCase, person: Person, *, kind: Conflict, reason: str, by: Actor | None, at: datetime) -> None:
    """Recuse a person from the subject of a case everywhere, close what waits, and replace an emptied seat.

    Raises ConflictError where they are recused already, or while the population is public and the seed is not.
    """
    panel = session.get_one(Panel, case.panel_id)
    if panel.state is PanelState.PUBLISHED:
        raise ConflictError(_l("The population is published. Recusals wait until the panel is drawn."))
    keep(case.subject, person, kind=kind, reason=reason, by=by, at=at)
    events.record("panels.recused", subjects.of_panel(panel), by=by, at=at, reason=reason, data={"person": person.code})
    if panel.state is PanelState.DRAWN:
        _leave(panel, person, reason=reason, by=by, at=at)
    leave_cases(case.subject, person, at=at)


def leave_cases(subject: Subject, person: Person, *, at: datetime) -> None:
    """Take a subject from who is recused from it wherever a panel scores it, and give it to another expert."""
    query = select(PanelCase).where(PanelCase.subject_type == subject.type, PanelCase.subject_code == subject.code)
    for case in session.scalars(query):
        desk.close_todos(Subject("panel_case", case.code), at=at, person_id=person.id)
        move_case(case, person.id, at=at)


def keep(subject: Subject, person: Person, *, kind: Conflict, reason: str, by: Actor | None, at: datetime) -> None:
    """Store that a person is recused from a subject, take it from their ballots, close what waits for them.

    Notices of the subject that they had go as well: whoever is recused finds nothing of it anywhere.
    Raises ConflictError where they are recused already, or have voted on the subject in a ballot not yet decided.
    """
    if scope.recused(person.id, subject):
        raise ConflictError(_l("This person is recused from the case already."))
    ballots.recuse(meetings_on(subject), subject.code, person_id=person.id, by=by, at=at)
    bar(subject, person.id, kind=kind, reason=reason, by=by, at=at)
    desk.close_todos(subject, at=at, person_id=person.id)
    desk.withdraw_notices(subject, at=at, person_id=person.id)


def meetings_on(subject: Subject) -> list[str]:
    """Return the codes of the meetings that treat a subject, locked: no ballot is called while a recusal is stored."""
    query = select(Meeting.code).join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
    query = query.where(AgendaItem.subject_type == subject.type, AgendaItem.subject_code == subject.code)
    return list(session.scalars(query.order_by(Meeting.id).with_for_update(of=Meeting, key_share=True)))


def _leave(panel: Panel, person: Person, *, reason: str, by: Actor | None, at: datetime) -> None:
    """Empty the seat of who is recused from every case, and seat the next substitute of the same draw."""
    order = draws.seats(panel)
    own = next((one for one in order if one.expert.person_id == person.id), None)
    barred = draws.barred(panel.id)
    cases = draws.all_cases(panel.id)
    if own is None or own.state is SeatState.RECUSED or any(person.id not in barred[case.id] for case in cases):
        return
    was_seated = own.state is SeatState.SEATED
    following = _able(panel, order, own, at=at) if was_seated else None
    SEAT.move(
        own,
        "recuse",
        recused_at=at,
        recusal_number=_next_number(panel, order),
        was_seated=was_seated,
        reason=reason,
        replaced_by_id=following.id if following else None,
    )
    desk.close_todos(subjects.of_panel(panel), at=at, person_id=person.id)
    if following is not None:
        SEAT.move(following, "seat", seated_at=at)
        tell_seated(panel, following.expert, at=at)
    session.flush()
    if was_seated:
        kind = "panels.replaced" if following else "panels.seat_empty"
        data = {"out": own.expert.code, "in": following.expert.code if following else ""}
        events.record(kind, subjects.of_panel(panel), by=by, at=at, data=data)


def come_back(panel: Panel, person: Person, *, at: datetime) -> None:
    """Put who is not recused from every case after all back into the order of a draw, until its scoring begins.

    Nobody who took a seat leaves it for them: they stand at their place among the substitutes, and seats that stand
    empty are filled by the rule of the draw at once.
    """
    order = draws.seats(panel)
    own = next((one for one in order if one.expert.person_id == person.id and one.state is SeatState.RECUSED), None)
    barred, cases = draws.barred(panel.id), draws.all_cases(panel.id)
    begun = scoring.round_of(panel.id) is not None
    if own is None or begun or all(person.id in barred[case.id] for case in cases):
        return
    last = own.recusal_number or 0
    ended = {
        "recusal_number": own.recusal_number,
        "recused_at": own.recused_at,
        "was_seated": own.was_seated,
        "replaced_by_id": own.replaced_by_id,
    }
    SEAT.move(
        own, "come_back", recused_at=None, recusal_number=None, was_seated=False, replaced_by_id=None, reason=None
    )
    session.flush()
    _pass_over(panel, order, lambda: _taking(panel, order), after=last, at=at)
    number = _next_number(panel, order, after=last)
    taking = _fill(panel, order, at=at)
    session.add(SeatReturn(panel_id=panel.id, seat_id=own.id, number=number, seated=taking, at=at, **ended))
    session.flush()
    data = {"back": own.expert.code, "in": " ".join(taking)}
    events.record("panels.came_back", subjects.of_panel(panel), by=None, at=at, data=data)


def _fill(panel: Panel, order: list[PanelSeat], *, at: datetime) -> list[str]:
    """Seat who takes empty seats of a draw by its rule; return their codes."""
    taking = _taking(panel, order)
    for one in taking:
        SEAT.move(one, "seat", seated_at=at)
        tell_seated(panel, one.expert, at=at)
    session.flush()
    return [one.expert.code for one in taking]


def _taking(panel: Panel, order: list[PanelSeat]) -> list[PanelSeat]:
    """Return who takes empty seats of a draw by its rule."""
    candidates = {one.code: one for one in draws.candidates(panel)}
    seated = [candidates[one.expert.code] for one in order if one.state is SeatState.SEATED]
    out = [one.expert.code for one in order if one.state is SeatState.RECUSED]
    by_code = {one.expert.code: one for one in order}
    taking = takers([candidates[code] for code in by_code], seated, out, draws.quotas(panel))
    return [by_code[one.code] for one in taking]


def _able(panel: Panel, order: list[PanelSeat], leaving: PanelSeat, *, at: datetime) -> PanelSeat | None:
    """Return the next substitute who keeps the quotas and may serve, None where nobody does."""

    def first() -> list[PanelSeat]:
        following = _following(panel, order, leaving)
        return [following] if following else []

    _pass_over(panel, order, first, after=0, at=at)
    return next(iter(first()), None)


def _pass_over(
    panel: Panel, order: list[PanelSeat], chosen: Callable[[], list[PanelSeat]], *, after: int, at: datetime
) -> None:
    """Take substitutes whom the rule chooses but who may not serve on this day out of the order, until all may.

    It is written down like a recusal, so that whoever recomputes the draw comes to the same panel.
    """
    while unable := [one for one in chosen() if not may_serve(one.expert, on=day_of(at))]:
        for one in unable:
            number = _next_number(panel, order, after=after)
            SEAT.move(one, "recuse", recused_at=at, recusal_number=number, reason=NOT_SERVING)
            events.record("panels.passed_over", subjects.of_panel(panel), by=None, at=at, data={"out": one.expert.code})
        session.flush()


def _next_number(panel: Panel, order: list[PanelSeat], *, after: int = 0) -> int:
    """Return the number of the next change to a drawn panel: recusals and returns are counted together.

    `after` is the number of a recusal that has just ended, whose return is not written down yet.
    """
    return 1 + max([after, *(one.recusal_number or 0 for one in order), *(one.number for one in draws.returns(panel))])


def _following(panel: Panel, order: list[PanelSeat], leaving: PanelSeat) -> PanelSeat | None:
    """Return the next substitute who keeps the quotas with those who stay, None where nobody does."""
    candidates = {one.code: one for one in draws.candidates(panel)}
    staying = [one for one in order if one.state is SeatState.SEATED and one.id != leaving.id]
    out = [one.expert.code for one in order if one.state is SeatState.RECUSED or one.id == leaving.id]
    chosen = next_substitute(
        [candidates[one.expert.code] for one in order],
        [candidates[one.expert.code] for one in staying],
        out,
        draws.quotas(panel),
    )
    return next((one for one in order if chosen is not None and one.expert.code == chosen.code), None)
