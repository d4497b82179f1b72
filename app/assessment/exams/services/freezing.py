"""The freeze of editing around an exam, and the emergency act of two people that alone passes it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.administration_states import CHANGE
from app.assessment.exams.models import ExamSession, Paper, PaperItem, SessionChange
from app.assessment.exams.queries.candidates import rule_of
from app.assessment.exams.rules.timing import is_frozen
from app.assessment.exams.services import extra_time
from app.assessment.exams.services.administration import of_change
from app.assessment.exams.services.subjects import named, of_session
from app.assessment.exams.states import SessionState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Event
from app.core.text import _l, pick
from app.desk import services as desk
from app.items.models import Item, ItemBank, ItemVersion

TIMES = ("opens_at", "closes_at")


@dataclass(frozen=True, slots=True)
class Window:
    """The times of a session as somebody wants them."""

    opens_at: datetime
    closes_at: datetime
    minutes: int


def frozen(found: ExamSession, at: datetime) -> bool:
    """Tell whether a session's editing is frozen by its rule pack."""
    rule, _source = rule_of(found)
    return is_frozen(found.opens_at, found.closes_at, rule.freeze_minutes, at)


def refuse_frozen(found: ExamSession, *, at: datetime) -> None:
    """Raise ConflictError while a session's editing is frozen."""
    if frozen(found, at):
        raise ConflictError(
            _l(
                "Editing is frozen around the exam “%(session)s”. What cannot wait is an emergency change: "
                "one examiner asks with a reason, another approves.",
                session=pick(found.name_zh, found.name_en),
            ),
            code="frozen",
        )


def change_window(found: ExamSession, window: Window, *, reason: str, by: Actor, at: datetime) -> SessionChange | None:
    """Change the times of a session: at once, or by two people where its editing is frozen (then the ask is returned).

    Raises InvalidError naming the field, ConflictError once the window has closed.
    """
    _check(found, window, at)
    given = _given(found, window)
    if not frozen(found, at):
        _apply(found, given, by=by, at=at)
        events.record("exams.session_changed", of_session(found), by=by, at=at, reason=reason, data={"what": [*given]})
        return None
    change = SessionChange(session_id=found.id, given=given, reason=reason, asked_by_id=by.person_id, asked_at=at)
    session.add(change)
    session.flush()
    events.record("exams.change_asked", of_change(change), by=by, at=at, reason=reason, data={"what": [*given]})
    desk.open_todo(
        "exams.change",
        of_change(change),
        url=f"/exams/changes/{change.code}",
        at=at,
        role=Role.EXAMINER,
        organisation_id=found.organisation_id,
        region_code=found.region_code,
        not_person_id=by.person_id,
        params=named(found, "session"),
    )
    return change


def _check(found: ExamSession, window: Window, at: datetime) -> None:
    if found.state not in {SessionState.PLANNED, SessionState.PREPARED} or at >= found.closes_at:
        raise ConflictError(_l("The window has closed. Its times stay as they were."))
    if window.opens_at != found.opens_at and (found.opens_at <= at or window.opens_at <= at):
        raise InvalidError(_l("The window opens in the future, and once open it stays open."), field="opens_at")
    if window.closes_at <= at or window.closes_at - window.opens_at < timedelta(minutes=window.minutes):
        raise InvalidError(_l("The window is shorter than the sitting. Let it close later."), field="closes_at")
    rule, _source = rule_of(found)
    if not rule.least_minutes <= window.minutes <= rule.most_minutes:
        raise InvalidError(
            _l("The rule allows %(least)d to %(most)d minutes.", least=rule.least_minutes, most=rule.most_minutes),
            field="minutes",
        )


def _given(found: ExamSession, window: Window) -> dict[str, object]:
    """Return what differs, as the ask keeps it; raises InvalidError where nothing does."""
    times = {name: getattr(window, name).isoformat() for name in TIMES if getattr(window, name) != getattr(found, name)}
    given: dict[str, object] = {**times}
    if window.minutes != found.minutes:
        given["minutes"] = window.minutes
    if not given:
        raise InvalidError(_l("Nothing is changed. Change a time first."), field="closes_at")
    return given


def _apply(found: ExamSession, given: Mapping[str, object], *, by: Actor, at: datetime) -> None:
    for name, value in given.items():
        setattr(found, name, datetime.fromisoformat(str(value)) if name in TIMES else value)
    session.flush()
    if "minutes" in given:
        extra_time.follow(found, by=by, at=at)


def decide_change(change: SessionChange, found: ExamSession, *, approved: bool, by: Actor, at: datetime) -> None:
    """Approve or refuse an emergency change as the second person; raises ForbiddenError for the first."""
    if by.person_id == change.asked_by_id:
        raise ForbiddenError(_l("You asked for this change. Another examiner of your organisation decides on it."))
    if approved and at >= found.closes_at:
        raise ConflictError(_l("The window has closed. Its times stay as they were."))
    CHANGE.move(change, "approve" if approved else "refuse", decided_by_id=by.person_id, decided_at=at)
    if approved:
        _apply(found, change.given, by=by, at=at)
    session.flush()
    kind = "exams.change_approved" if approved else "exams.change_refused"
    events.record(kind, of_change(change), by=by, at=at, reason=change.reason)
    if approved:
        what = {"what": [*change.given]}
        events.record("exams.session_changed", of_session(found), by=by, at=at, reason=change.reason, data=what)
    desk.close_todos(of_change(change), at=at)


def refuse_retirement(event: Event) -> None:
    """Refuse to retire an item while a session that asks it is frozen, in the transaction that would do it."""
    bank, _slash, item = event.subject_code.rpartition("/")
    query = (
        select(ExamSession)
        .join(Paper, Paper.id == ExamSession.paper_id)
        .join(PaperItem, PaperItem.paper_id == Paper.id)
        .join(ItemVersion, ItemVersion.id == PaperItem.item_version_id)
        .join(Item, Item.id == ItemVersion.item_id)
        .join(ItemBank, ItemBank.id == Item.bank_id)
        .where(ItemBank.code == bank, Item.code == item, ExamSession.closes_at > event.at)
        .distinct()
    )
    for found in session.scalars(query):
        refuse_frozen(found, at=event.at)
