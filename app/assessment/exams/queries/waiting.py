"""Reads of waiting lists: who is next, which place a person has, how many seats are spoken for."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, func, or_, select
from sqlalchemy.orm import aliased, joinedload

from app.assessment.exams.administration_states import WaitState
from app.assessment.exams.models import ExamSession, Registration, WaitingPlace
from app.assessment.exams.queries import candidates, revoking, venues
from app.assessment.exams.queries.pages import Page, paged
from app.assessment.exams.states import SessionState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l

LIVE = (WaitState.WAITING, WaitState.OFFERED)
FILTERS: dict[str, tuple[WaitState, ...]] = {"": LIVE, "ended": tuple(one for one in WaitState if one not in LIVE)}
AHEAD = aliased(WaitingPlace)


class Seats(NamedTuple):
    """How full a session is: its seats (None online), those that are taken, those that are offered, who waits."""

    total: int | None
    taken: int
    offered: int
    waiting: int

    @property
    def free(self) -> int | None:
        """Return how many seats nobody has or is offered, None where the session is online."""
        return None if self.total is None else max(self.total - self.taken - self.offered, 0)


def _order(query: Select[WaitingPlace]) -> Select[WaitingPlace]:
    return query.order_by(WaitingPlace.rank, WaitingPlace.applied_at, WaitingPlace.id)


def own(found: ExamSession, person_id: int) -> WaitingPlace | None:
    """Return a person's place on the list of a session that is still live, None without one; read afresh."""
    query = select(WaitingPlace).where(WaitingPlace.session_id == found.id, held_by(person_id))
    return session.scalar(query.execution_options(populate_existing=True))


def held_by(person_id: int) -> ColumnElement[bool]:
    """Return the condition that a place is a person's and still live; of one session there is one at most."""
    return (WaitingPlace.person_id == person_id) & WaitingPlace.state.in_(LIVE)


def own_by_code(code: str, actor: Actor) -> WaitingPlace:
    """Return the actor's own place with its session; raises NotFoundError."""
    query = select(WaitingPlace).where(WaitingPlace.code == code, WaitingPlace.person_id == actor.person_id)
    found = session.scalar(query.options(joinedload(WaitingPlace.session)))
    if found is None:
        raise NotFoundError(_l("There is no such place of yours on a waiting list."))
    return found


def live_of(actor: Actor) -> list[WaitingPlace]:
    """Return the actor's live places with their sessions, the earliest exam first."""
    query = (
        select(WaitingPlace)
        .join(WaitingPlace.session)
        .options(joinedload(WaitingPlace.session))
        .where(WaitingPlace.person_id == actor.person_id, WaitingPlace.state.in_(LIVE))
        .order_by(ExamSession.opens_at, WaitingPlace.id)
    )
    return list(session.scalars(query))


def position() -> ScalarSelect[int]:
    """Return which of its list a selected place is: 1 is the next; those with an offer are before all."""
    ahead = select(func.count() + 1).select_from(AHEAD)
    here = ahead.where(AHEAD.session_id == WaitingPlace.session_id, AHEAD.state.in_(LIVE), _ahead())
    return here.correlate(WaitingPlace).scalar_subquery()


def _ahead() -> ColumnElement[bool]:
    same_rank = AHEAD.rank == WaitingPlace.rank
    earlier = or_(
        AHEAD.rank < WaitingPlace.rank,
        and_(same_rank, AHEAD.applied_at < WaitingPlace.applied_at),
        and_(same_rank, AHEAD.applied_at == WaitingPlace.applied_at, AHEAD.id < WaitingPlace.id),
    )
    return ((AHEAD.state == WaitState.OFFERED) | earlier) & (AHEAD.id != WaitingPlace.id)


def next_in_line(session_id: int) -> WaitingPlace | None:
    """Return who a free seat is offered to, None where nobody waits."""
    query = select(WaitingPlace).where(WaitingPlace.session_id == session_id, WaitingPlace.state == WaitState.WAITING)
    return session.scalars(_order(query).limit(1)).first()


def seats(session_id: int, *, but_not: int | None = None) -> Seats:
    """Count the seats of a session in one statement; what is offered to `but_not` is theirs to take, so not counted."""
    return Seats(*session.execute(select(*_counts(session_id, but_not))).one())


def seats_for(registration: Registration) -> tuple[Seats, bool]:
    """Count the seats that somebody may take who withdrew, and tell whether they were revoked: one statement."""
    counts = _counts(registration.session_id, registration.person_id)
    revoked = revoking.standing(registration.session_id, registration.person_id)
    *numbers, kept_out = session.execute(select(*counts, revoked)).one()
    return Seats(*numbers), kept_out


def _counts(session_id: int, but_not: int | None) -> list[ScalarSelect[Any]]:
    listed = select(func.count()).select_from(WaitingPlace).where(WaitingPlace.session_id == session_id)
    offered = listed.where(WaitingPlace.state == WaitState.OFFERED)
    parts = (
        venues.having(session_id),
        candidates.taking(session_id),
        offered if but_not is None else offered.where(WaitingPlace.person_id != but_not),
        listed.where(WaitingPlace.state.in_(LIVE)),
    )
    return [part.scalar_subquery() for part in parts]


def unanswered(at: datetime) -> list[int]:
    """Return the sessions in which an offer's time is up."""
    query = select(WaitingPlace.session_id).where(
        WaitingPlace.state == WaitState.OFFERED, WaitingPlace.answer_until < at
    )
    return list(session.scalars(query.distinct()))


def overdue(session_id: int, at: datetime) -> list[WaitingPlace]:
    """Return the offers of a session whose time is up, in the order of the list."""
    query = select(WaitingPlace).where(
        WaitingPlace.session_id == session_id,
        WaitingPlace.state == WaitState.OFFERED,
        WaitingPlace.answer_until < at,
    )
    return list(session.scalars(_order(query).execution_options(populate_existing=True)))


def live(session_id: int) -> list[WaitingPlace]:
    """Return everybody who waits for a seat of a session or is offered one."""
    query = select(WaitingPlace).where(WaitingPlace.session_id == session_id, WaitingPlace.state.in_(LIVE))
    return list(session.scalars(_order(query).execution_options(populate_existing=True)))


def registered_since(session_id: int) -> list[tuple[WaitingPlace, Registration]]:
    """Return live places whose person is registered for the session by now, with the registration."""
    query = (
        select(WaitingPlace, Registration)
        .join(
            Registration,
            (Registration.session_id == WaitingPlace.session_id) & (Registration.person_id == WaitingPlace.person_id),
        )
        .where(
            WaitingPlace.session_id == session_id,
            WaitingPlace.state.in_(LIVE),
            Registration.withdrawn_at.is_(None),
        )
    )
    return [(place, registration) for place, registration in session.execute(query)]


def listed(found: ExamSession, page: int, shown: str) -> Page[WaitingPlace]:
    """List the places of a session with their people: those that are live in their order, or those that ended."""
    query = (
        select(WaitingPlace)
        .options(joinedload(WaitingPlace.person))
        .where(WaitingPlace.session_id == found.id, WaitingPlace.state.in_(FILTERS.get(shown, LIVE)))
    )
    offered_first = (WaitingPlace.state == WaitState.OFFERED).desc()
    return paged(_order(query.order_by(offered_first)), page)


def session_by_code(code: str) -> ExamSession:
    """Return a session for an event about it."""
    return session.scalars(select(ExamSession).where(ExamSession.code == code)).one()


def session_of_registration(code: str) -> ExamSession:
    """Return the session of a registration for an event about it."""
    query = select(ExamSession).join(Registration, Registration.session_id == ExamSession.id)
    return session.scalars(query.where(Registration.code == code)).one()


def takes_offers(found: ExamSession) -> bool:
    """Tell whether a free seat can still be given: until the papers are being prepared."""
    return found.state is SessionState.PLANNED and found.prepared_at is None


def open_offers() -> Iterable[WaitingPlace]:
    """Return every offer that is not answered yet."""
    return session.scalars(select(WaitingPlace).where(WaitingPlace.state == WaitState.OFFERED))
