"""The statements of the hot paths, built once: nothing slips between a check and a write.

Each comes in two forms. Within a unit of work the person is known; at the door of a request the statement itself
finds out whose live session may sit (`app.accounts.door`), so that an answer is saved in one statement in all.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    ColumnElement,
    Executable,
    Integer,
    ScalarSelect,
    Select,
    String,
    Subquery,
    bindparam,
    case,
    func,
    literal,
    select,
    union_all,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from app.accounts import door
from app.accounts.models import Person
from app.assessment.exams.access import Permission
from app.assessment.exams.models import (
    Admission,
    AnswerSave,
    Attempt,
    ExamSession,
    SebConfiguration,
    SessionRoom,
)
from app.assessment.exams.queries.candidates import SIT
from app.assessment.exams.services.answers import Answer
from app.assessment.exams.states import SubmittedHow
from app.cases.models import Restriction
from app.cases.queries import restrictions
from app.core.columns import BigKey, UtcDateTime
from app.rulebook.models import RulePack

INSERT: dict[str, Any] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
SAVES = AnswerSave.__table__
COLUMNS = ["attempt_id", "position", "sequence", "value", "client_at", "saved_at", "merged"]
KEY = ["attempt_id", "position", "sequence"]
CODE = bindparam("sitting", type_=String)
PAGE = bindparam("page", type_=String)
PERSON = bindparam("person", type_=BigKey)
AT = bindparam("at", type_=UtcDateTime)
SITTING = bindparam("sitting_id", type_=BigKey)
EXTRA = bindparam("extra", type_=Integer)
HELD = bindparam("held", type_=Integer)
DEADLINE = bindparam("deadline", type_=UtcDateTime)
CHECKED = bindparam("browser_checked", type_=Boolean)


def whose(*, at_door: bool) -> ColumnElement[bool]:
    """Return the condition that the sitting named by `sitting` belongs to whoever acts."""
    if at_door:
        who = door.person_within(Permission.SIT, "sitting")
        return (Attempt.code == CODE) & (Attempt.person_id == who) & _in_a_right_browser()
    return (Attempt.code == CODE) & (Attempt.person_id == PERSON)


def _in_a_right_browser() -> ColumnElement[bool]:
    """Return the condition that the session asks for no browser, or that the request was found to come from it."""
    asked_for = select(SebConfiguration.session_id).where(SebConfiguration.session_id == Attempt.session_id)
    return CHECKED | ~asked_for.exists()


def takes_answers() -> ColumnElement[bool]:
    """Return the condition that a sitting is under way: begun, not handed in, in time, not paused."""
    return Attempt.submitted_at.is_(None) & (Attempt.deadline_at >= AT) & Attempt.paused_at.is_(None)


def is_open() -> ColumnElement[bool]:
    """Return the condition that a sitting goes on, even if it is paused just now."""
    return Attempt.submitted_at.is_(None) & ((Attempt.deadline_at >= AT) | Attempt.paused_at.is_not(None))


@cache
def save(dialect: str, count: int, *, at_door: bool) -> Executable:
    """Build the save of so many answers: inserted where the sitting takes answers and the page holds it.

    Returns (position, sequence, deadline, session last seen) for each answer that is new in the history. The row of
    the sitting is locked for sharing (PostgreSQL), so that no save is acknowledged after a submit.
    """
    sent = _sent(count)
    source = (
        select(
            Attempt.id,
            sent.c.position,
            sent.c.sequence,
            sent.c.value,
            sent.c.client_at,
            AT,
            literal(value=False),
        )
        .select_from(Attempt)
        .join(sent, Attempt.places >= sent.c.position)
        .where(whose(at_door=at_door), takes_answers(), Attempt.holder == PAGE)
        .with_for_update(read=True, of=Attempt)
    )
    told: tuple[ScalarSelect[Any], ...] = (select(Attempt.deadline_at).where(Attempt.code == CODE).scalar_subquery(),)
    statement: Executable = (
        INSERT[dialect](SAVES)
        .from_select(COLUMNS, source)
        .on_conflict_do_nothing(index_elements=KEY)
        .returning(SAVES.c.position, SAVES.c.sequence, *told, *_seen(at_door=at_door))
    )
    return statement


def _sent(count: int) -> Subquery:
    rows = [
        select(
            bindparam(f"position_{place}", type_=Integer).label("position"),
            bindparam(f"sequence_{place}", type_=Integer).label("sequence"),
            bindparam(f"value_{place}", type_=JSON).label("value"),
            bindparam(f"client_at_{place}", type_=UtcDateTime).label("client_at"),
        )
        for place in range(count)
    ]
    return (rows[0] if count == 1 else union_all(*rows)).subquery("sent")


def _seen(*, at_door: bool) -> tuple[ScalarSelect[Any], ...]:
    return (door.last_seen(),) if at_door else ()


def save_values(code: str, page: str, answers: Sequence[Answer], at: datetime) -> dict[str, Any]:
    """Return what a save is filled with, without who saves."""
    values: dict[str, Any] = {"sitting": code, "page": page, "at": at}
    for place, one in enumerate(answers):
        values[f"position_{place}"] = one.position
        values[f"sequence_{place}"] = one.sequence
        values[f"value_{place}"] = one.value
        values[f"client_at_{place}"] = one.client_at
    return values


@cache
def beat(*, at_door: bool) -> Executable:
    """Build the heartbeat; returns (deadline, holder, paused at, session last seen)."""
    return (
        update(Attempt)
        .where(whose(at_door=at_door), is_open())
        .values(seen_at=AT)
        .returning(Attempt.deadline_at, Attempt.holder, Attempt.paused_at, *_seen(at_door=at_door))
        .execution_options(synchronize_session=False)
    )


@cache
def ready() -> Executable:
    """Build the look at a sitting before its start: nothing is begun or paused, the person may sit exams.

    Returns the times of the sitting, what a venue's rules are judged by, `entrant`'s columns. Without a row the long
    way tells why.
    """
    who = door.entrant(Permission.SIT, "sitting")
    other = aliased(Person)
    kept_away = (
        select(Restriction.id)
        .join(other, other.id == Restriction.person_id)
        .where(
            Restriction.kind == SIT,
            func.coalesce(other.merged_into_id, other.id) == Attempt.person_id,
            restrictions.holding(door.TODAY),
        )
    )
    query = (
        select(
            Attempt.id,
            Attempt.extra_minutes,
            Attempt.held_seconds,
            ExamSession.opens_at,
            ExamSession.closes_at,
            ExamSession.minutes,
            ExamSession.extends,
            ExamSession.identity_check,
            Admission.outcome,
            SessionRoom.paused_at.label("room_paused_at"),
            *who.c,
        )
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .join(who, who.c.person_id == Attempt.person_id)
        .outerjoin(Admission, Admission.registration_id == Attempt.registration_id)
        .outerjoin(SessionRoom, SessionRoom.id == Admission.session_room_id)
        .where(
            Attempt.code == CODE,
            _in_a_right_browser(),
            Attempt.started_at.is_(None),
            Attempt.deadline_at.is_(None),
            Attempt.submitted_at.is_(None),
            Attempt.paused_at.is_(None),
            ~kept_away.exists(),
        )
    )
    return _with_rule(query)


def _with_rule(query: Select[*tuple[Any, ...]]) -> Executable:
    """Add venue and level of the session, and the parameters of its rule pack where it is held at a venue."""
    governed = ExamSession.venue_id.is_not(None) & (RulePack.code == ExamSession.rule_pack)
    return query.add_columns(ExamSession.venue_id, ExamSession.level, RulePack.params).outerjoin(RulePack, governed)


@cache
def start() -> Executable:
    """Build the start of a sitting that is not paused, its times still those the deadline was reckoned with."""
    return (
        update(Attempt)
        .where(
            Attempt.id == SITTING,
            Attempt.started_at.is_(None),
            Attempt.paused_at.is_(None),
            Attempt.extra_minutes == EXTRA,
            Attempt.held_seconds == HELD,
        )
        .values(started_at=AT, seen_at=AT, deadline_at=DEADLINE)
        .returning(Attempt.id)
        .execution_options(synchronize_session=False)
    )


@cache
def at_hand() -> Executable:
    """Build the look at a sitting that is not handed in, of whoever knocks.

    Returns its key and start, what a venue's rules are judged by, `entrant`'s columns.
    """
    who = door.entrant(Permission.SIT, "sitting")
    query = (
        select(Attempt.id, Attempt.started_at, *who.c)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .join(who, who.c.person_id == Attempt.person_id)
        .where(Attempt.code == CODE, _in_a_right_browser(), Attempt.submitted_at.is_(None))
    )
    return _with_rule(query)


@cache
def submit() -> Executable:
    """Build the handing in by the page that holds the sitting; returns how it counts."""
    how = case((Attempt.deadline_at >= AT, SubmittedHow.CANDIDATE), else_=SubmittedHow.COLLECTED)
    return (
        update(Attempt)
        .where(
            Attempt.id == SITTING,
            Attempt.holder == PAGE,
            Attempt.started_at.is_not(None),
            Attempt.submitted_at.is_(None),
            Attempt.paused_at.is_(None),
        )
        .values(submitted_at=AT, submitted_how=how)
        .returning(Attempt.submitted_how)
        .execution_options(synchronize_session=False)
    )


def person(values: Mapping[str, Any], person_id: int) -> dict[str, Any]:
    """Add who acts to what a statement is filled with."""
    return {**values, "person": person_id}
