"""The invigilator's board: where every candidate of a session stands, counted and listed in few statements."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person, SignInSession
from app.accounts.queries import live
from app.assessment.exams.access import held_by
from app.assessment.exams.administration_states import AskState, Check, Standing
from app.assessment.exams.models import (
    Admission,
    Attempt,
    ExamSession,
    ExtraTime,
    ExtraTimeFor,
    Incident,
    Registration,
    SessionRoom,
    VenueRoom,
)
from app.assessment.exams.queries import signals
from app.assessment.exams.queries.pages import PER_PAGE, Page
from app.assessment.exams.rules.tickets import digest, secret_of
from app.assessment.exams.rules.timing import SILENT_AFTER
from app.assessment.exams.signal_kinds import SignalKind
from app.assessment.exams.states import SubmittedHow
from app.core.access import Actor
from app.core.clock import real_now
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the board shows: one room or all, one standing or all, those with a flag, words of name or ticket."""

    room: str = ""
    standing: str = ""
    flagged: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate on the board; `held_seconds` is how long pauses kept somebody from starting.

    `noticed` counts how often their page was left or pasted into: evidence for people to read, never a verdict.
    """

    ticket: str
    person_id: int
    name: str
    room: str | None
    seat: int | None
    outcome: Check | None
    standing: Standing
    deadline_at: datetime | None
    extra_minutes: int
    held_seconds: int
    incidents: int
    extra_asked: bool
    noticed: dict[SignalKind, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Board:
    """The counts of the whole room or session, and one page of candidates."""

    counts: dict[Standing, int] = field(default_factory=dict)
    page: Page[Row] = field(default_factory=lambda: Page([], 1, 0, 0))

    @property
    def total(self) -> int:
        """Return how many candidates there are."""
        return sum(self.counts.values())


def board(found: ExamSession, wanted: Wanted, page: int, at: datetime) -> Board:
    """Return the counts and a page of the board: four statements, however many candidates there are."""
    standing = _standing(at)
    base = _base(found, wanted.room)
    counted = base.with_only_columns(standing.label("standing"), func.count()).group_by("standing")
    counts = {Standing(one): count for one, count in session.execute(counted)}
    return Board(
        {one: counts.get(one, 0) for one in Standing}, _page(_filtered(base, wanted, standing), page, standing)
    )


def row_of(found: ExamSession, registration: Registration, at: datetime) -> Row:
    """Return one candidate as the board shows them."""
    query = _base(found, "").where(Registration.id == registration.id)
    return _rows(query, _standing(at))[0]


def checked(session_id: int) -> dict[str, int]:
    """Count the candidates of a session by what the identity check found; `none` where nobody looked yet."""
    query = (
        select(Admission.outcome, func.count())
        .select_from(Registration)
        .outerjoin(Admission, Admission.registration_id == Registration.id)
        .where(Registration.session_id == session_id, Registration.withdrawn_at.is_(None))
        .group_by(Admission.outcome)
    )
    return {outcome.value if outcome else "none": count for outcome, count in session.execute(query)}


def _page(query: Select[Registration], page: int, standing: ColumnElement[str]) -> Page[Row]:
    total = session.scalar(query.with_only_columns(func.count())) or 0
    pages = -(-total // PER_PAGE)
    wanted = min(max(page, 1), max(pages, 1))
    return Page(_rows(query.limit(PER_PAGE).offset((wanted - 1) * PER_PAGE), standing), wanted, pages, total)


def _rows(query: Select[Registration], standing: ColumnElement[str]) -> list[Row]:
    rows = session.execute(
        query.with_only_columns(
            Attempt.id,
            Registration.code,
            Registration.person_id,
            Person.name,
            VenueRoom.name.label("room"),
            Admission.seat,
            Admission.outcome,
            standing.label("standing"),
            Attempt.deadline_at,
            func.coalesce(Attempt.extra_minutes, 0).label("extra"),
            func.coalesce(Attempt.held_seconds, 0).label("held"),
            _incidents().label("incidents"),
            _asked().label("asked"),
        ).order_by(VenueRoom.name, Admission.seat, Registration.number)
    ).all()
    noticed = signals.noticed(row.id for row in rows if row.deadline_at is not None)
    return [
        Row(
            ticket=row.code,
            person_id=row.person_id,
            name=row.name,
            room=row.room,
            seat=row.seat,
            outcome=row.outcome,
            standing=Standing(row.standing),
            deadline_at=row.deadline_at,
            extra_minutes=row.extra,
            held_seconds=row.held,
            incidents=row.incidents,
            extra_asked=bool(row.asked),
            noticed=noticed.get(row.id, {}),
        )
        for row in rows
    ]


def _base(found: ExamSession, room: str) -> Select[Registration]:
    query = (
        select(Registration)
        .join(Person, Person.id == Registration.person_id)
        .outerjoin(Admission, Admission.registration_id == Registration.id)
        .outerjoin(SessionRoom, SessionRoom.id == Admission.session_room_id)
        .outerjoin(VenueRoom, VenueRoom.id == SessionRoom.room_id)
        .outerjoin(Attempt, Attempt.registration_id == Registration.id)
        .where(Registration.session_id == found.id, Registration.withdrawn_at.is_(None))
    )
    return query.where(SessionRoom.code == room) if room else query


def _filtered(query: Select[Registration], wanted: Wanted, standing: ColumnElement[str]) -> Select[Registration]:
    if wanted.standing:
        query = query.where(standing == wanted.standing)
    if wanted.flagged:
        query = query.where(or_(_incidents() > 0, _asked(), Admission.outcome == Check.MISMATCH, signals.was_noticed()))
    if wanted.text:
        query = query.where(
            or_(
                Person.name.contains(wanted.text, autoescape=True),
                Registration.code.endswith(wanted.text, autoescape=True),
            )
        )
    return query


def _standing(at: datetime) -> ColumnElement[str]:
    """Return where a candidate stands, as one expression; the first that fits counts."""
    open_now = and_(Attempt.started_at.is_not(None), Attempt.submitted_at.is_(None))
    return case(
        (Attempt.submitted_how == SubmittedHow.CANDIDATE, literal(Standing.SUBMITTED.value)),
        (Attempt.submitted_how == SubmittedHow.COLLECTED, literal(Standing.COLLECTED.value)),
        (Attempt.paused_at.is_not(None), literal(Standing.PAUSED.value)),
        (and_(open_now, Attempt.seen_at < at - SILENT_AFTER), literal(Standing.SILENT.value)),
        (open_now, literal(Standing.WORKING.value)),
        (_signed_in(), literal(Standing.SIGNED_IN.value)),
        (Admission.outcome == Check.CHECKED, literal(Standing.SEATED.value)),
        else_=literal(Standing.ABSENT.value),
    )


def _signed_in() -> ColumnElement[bool]:
    """Return the condition that a candidate has come to this sitting: by its ticket, or by account to its page.

    Who is signed in for something else, a course or another exam, is not here yet.
    """
    by_ticket = SignInSession.only_code == Attempt.code
    by_account = SignInSession.only_code.is_(None) & (SignInSession.person_id == Attempt.person_id)
    opened = Attempt.seen_at.is_not(None) & exists().where(by_account, live(real_now()))
    return or_(exists().where(by_ticket, live(real_now())), opened)


def _incidents() -> ColumnElement[int]:
    query = select(func.count()).select_from(Incident).where(Incident.registration_id == Registration.id)
    return query.correlate(Registration).scalar_subquery()


def _asked() -> ColumnElement[bool]:
    return exists().where(
        ExtraTimeFor.registration_id == Registration.id,
        ExtraTime.id == ExtraTimeFor.extra_time_id,
        ExtraTime.state == AskState.ASKED,
    )


def everyone(found: ExamSession, wanted: Wanted, at: datetime, *which: ColumnElement[bool]) -> list[Registration]:
    """Return every candidate that the board's filter leaves, for a bulk act on those whose sitting is such."""
    query = _filtered(_base(found, wanted.room), wanted, _standing(at)).options(joinedload(Registration.person))
    return list(session.scalars(query.where(*which).order_by(Registration.number)))


def open_sittings(found: ExamSession, room: str) -> int:
    """Count the sittings of a room, or of the session, that have begun and not ended."""
    query = _base(found, room).where(Attempt.started_at.is_not(None), Attempt.submitted_at.is_(None))
    return session.scalar(query.with_only_columns(func.count())) or 0


def candidate(found: ExamSession, typed: str) -> Registration:
    """Return a candidate of a session by ticket number, or by the link that the ticket's QR code holds.

    Raises NotFoundError for a number of another session and for a ticket that was replaced.
    """
    secret = secret_of(typed)
    where = Registration.ticket_hash == digest(secret) if secret else Registration.code == typed.strip()
    query = (
        select(Registration)
        .options(joinedload(Registration.person))
        .where(Registration.session_id == found.id, Registration.withdrawn_at.is_(None), where)
    )
    registration = session.scalar(query)
    if registration is None:
        raise NotFoundError(_l("No candidate of this session holds this ticket. It may have been replaced."))
    return registration


def registration_of(ticket: str, actor: Actor) -> tuple[Registration, ExamSession]:
    """Return a candidate by ticket number with the session, within what the actor may see; raises NotFoundError."""
    query = (
        select(Registration, ExamSession)
        .options(joinedload(Registration.person), joinedload(ExamSession.pack))
        .join(ExamSession, ExamSession.id == Registration.session_id)
        .where(Registration.code == ticket, held_by(ExamSession.organisation_id, ExamSession.region_code, actor))
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFoundError(_l("No candidate of this session holds this ticket. It may have been replaced."))
    return row.Registration, row.ExamSession
