"""Reads of waiting lists: who is next, which place a person has, how many seats are spoken for."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.administration_states import WaitState
from app.assessment.exams.models import ExamSession, Registration, WaitingPlace
from app.assessment.exams.queries import candidates, venues
from app.assessment.exams.queries.pages import Page, paged
from app.assessment.exams.states import SessionState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l

LIVE = (WaitState.WAITING, WaitState.OFFERED)
FILTERS: dict[str, tuple[WaitState, ...]] = {"": LIVE, "ended": tuple(one for one in WaitState if one not in LIVE)}


def _order(query: Select[WaitingPlace]) -> Select[WaitingPlace]:
    return query.order_by(WaitingPlace.rank, WaitingPlace.applied_at, WaitingPlace.id)


def own(found: ExamSession, person_id: int) -> WaitingPlace | None:
    """Return a person's place on the list of a session that is still live, None without one; read afresh."""
    query = select(WaitingPlace).where(
        WaitingPlace.session_id == found.id, WaitingPlace.person_id == person_id, WaitingPlace.state.in_(LIVE)
    )
    return session.scalar(query.execution_options(populate_existing=True))


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


def position(place: WaitingPlace) -> int:
    """Return which place on the list is a person's: 1 is the next; those with an offer are before all."""
    query = select(func.count()).select_from(WaitingPlace)
    ahead = query.where(WaitingPlace.session_id == place.session_id, WaitingPlace.state.in_(LIVE), _before(place))
    return (session.scalar(ahead) or 0) + 1


def _before(place: WaitingPlace) -> ColumnElement[bool]:
    offered = WaitingPlace.state == WaitState.OFFERED
    earlier = or_(
        WaitingPlace.rank < place.rank,
        and_(WaitingPlace.rank == place.rank, WaitingPlace.applied_at < place.applied_at),
        and_(
            WaitingPlace.rank == place.rank,
            WaitingPlace.applied_at == place.applied_at,
            WaitingPlace.id < place.id,
        ),
    )
    return (offered | earlier) & (WaitingPlace.id != place.id)


def next_in_line(session_id: int) -> WaitingPlace | None:
    """Return who a free seat is offered to, None where nobody waits."""
    query = select(WaitingPlace).where(WaitingPlace.session_id == session_id, WaitingPlace.state == WaitState.WAITING)
    return session.scalars(_order(query).limit(1)).first()


def count(session_id: int) -> int:
    """Count who waits for a seat of a session or is offered one."""
    query = select(func.count()).select_from(WaitingPlace)
    return session.scalar(query.where(WaitingPlace.session_id == session_id, WaitingPlace.state.in_(LIVE))) or 0


def offered(session_id: int, *, but_not: int | None = None) -> int:
    """Count the seats of a session that are offered and not answered yet, without those of one person."""
    query = select(func.count()).select_from(WaitingPlace)
    held = query.where(WaitingPlace.session_id == session_id, WaitingPlace.state == WaitState.OFFERED)
    return session.scalar(held if but_not is None else held.where(WaitingPlace.person_id != but_not)) or 0


def spoken_for(session_id: int, *, but_not: int | None = None) -> int:
    """Count the seats of a session that are taken or offered; what is offered to `but_not` is theirs to take."""
    return candidates.taken(session_id) + offered(session_id, but_not=but_not)


def free(session_id: int) -> int | None:
    """Return how many seats nobody has or is offered, None where the session is online."""
    seats = venues.seats_of(session_id)
    return None if seats is None else max(seats - spoken_for(session_id), 0)


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
