"""What time brings: overdue clocks told to the superior authority, periods that have passed, yearly declarations."""

from datetime import date, datetime

from sqlalchemy import and_, or_, select

from app.accounts.models import Membership, Person
from app.accounts.queries import in_force
from app.accounts.states import WITHOUT_SECOND_FACTOR, Role
from app.cases.models import Case, CaseEscalation, CasePause
from app.cases.queries import cases as queries
from app.cases.queries import notices, rungs
from app.cases.queries.relations import DECLARATION, IMPARTIALITY
from app.cases.rules.clocks import ACCEPT, DECIDE
from app.cases.services.cases import wait_for_officer
from app.cases.services.publicity import tell_if_passed
from app.cases.services.subjects import named, of_case
from app.cases.states import CaseState
from app.core import events
from app.core.clock import day_of
from app.core.db import session
from app.core.events import Subject
from app.desk import services as desk

CHUNK = 200
ASKED = "cases.declaration_asked"


def escalate(*, at: datetime) -> int:
    """Tell the superior authority of the clocks that have run out, each once; return how many."""
    today = day_of(at)
    told = select(CaseEscalation.id).where(
        CaseEscalation.case_id == Case.id,
        or_(
            and_(
                CaseEscalation.step == ACCEPT,
                CaseEscalation.due_on == Case.accept_by,
                Case.state == CaseState.RAISED,
            ),
            and_(
                CaseEscalation.step == DECIDE,
                CaseEscalation.due_on == Case.decide_by,
                Case.state == CaseState.ACCEPTED,
            ),
        ),
    )
    late = session.scalars(
        select(Case).where(queries.overdue(today), ~told.exists()).order_by(Case.id).limit(CHUNK)
    ).all()
    for case in late:
        _escalate(case, today, at=at)
    return len(late)


def _escalate(case: Case, today: date, *, at: datetime) -> None:
    clock = queries.running(case, today)
    if clock is None:
        return
    session.add(CaseEscalation(case_id=case.id, step=clock.step, due_on=clock.due, told_at=at))
    session.flush()
    events.record(
        "cases.escalated",
        of_case(case),
        by=None,
        at=at,
        rule=case.rule_pack,
        data={"step": clock.step, "due": clock.due.isoformat()},
    )
    desk.open_todo(
        "cases.overdue",
        of_case(case),
        url=f"/cases/{case.code}",
        at=at,
        role=Role.REGULATOR,
        region_code=rungs.watching(case),
        due_on=clock.due,
        params=named(case),
    )


def tell_of_missing(*, at: datetime) -> int:
    """Tell the authority of the materials that did not come by their last day, each request once; return how many."""
    late = session.execute(queries.unanswered(day_of(at)).order_by(CasePause.id).limit(CHUNK)).all()
    for pause, case in late:
        due = pause.due_on or day_of(at)
        pause.told_at = at
        session.flush()
        events.record("cases.unanswered", of_case(case), by=None, at=at, data={"due": due.isoformat()})
        wait_for_officer(case, "cases.unanswered", due, at=at)
    return len(late)


def end_publicity(*, at: datetime) -> int:
    """Tell the rooms above of the publicity periods that have passed without open objection."""
    passed = session.scalars(notices.passed_untold(day_of(at)).limit(CHUNK)).all()
    return sum(tell_if_passed(row, at=at) for row in passed)


def remind_of_declarations(*, after: int, at: datetime) -> int | None:
    """Ask the next members of staff for this year's declaration of impartiality; return the last key done."""
    today = day_of(at)
    staff = (
        select(Person.id, Person.code)
        .where(
            Person.id > after,
            Person.erased_at.is_(None),
            Person.id.in_(
                select(Membership.person_id).where(Membership.role.not_in(WITHOUT_SECOND_FACTOR), in_force(today))
            ),
        )
        .order_by(Person.id)
        .limit(CHUNK)
    )
    rows = session.execute(staff).all()
    codes = [code for _id, code in rows]
    settled = _declared(codes, today.year) | _asked(codes, today.year)
    for person_id, code in rows:
        if code not in settled:
            _remind(person_id, code, today, at=at)
    return rows[-1].id if rows else None


def _asked(codes: list[str], year: int) -> set[str]:
    subjects = [f"{code}-{year}" for code in codes]
    query = select(events.Event.subject_code).where(
        events.Event.kind == ASKED,
        events.Event.subject_type == IMPARTIALITY,
        events.Event.subject_code.in_(subjects),
    )
    return {found.rpartition("-")[0] for found in session.scalars(query)}


def _declared(codes: list[str], year: int) -> set[str]:
    subjects = [f"{code}-{year}" for code in codes]
    query = select(Case.subject_code).where(
        Case.kind == DECLARATION, Case.subject_code.in_(subjects), Case.state != CaseState.DRAFT
    )
    return {found.rpartition("-")[0] for found in session.scalars(query)}


def _remind(person_id: int, code: str, today: date, *, at: datetime) -> None:
    """Ask for this year's declaration once; last year's is asked for no longer."""
    about = Subject(IMPARTIALITY, f"{code}-{today.year}")
    desk.close_todos(Subject(IMPARTIALITY, f"{code}-{today.year - 1}"), kind="cases.declare", at=at)
    events.record(ASKED, about, by=None, at=at, data={"person": person_id})
    desk.open_todo(
        "cases.declare",
        about,
        url=f"/cases/new?kind={DECLARATION}&about={code}-{today.year}",
        at=at,
        person_id=person_id,
        due_on=date(today.year, 12, 31),
        params={"year": str(today.year)},
    )
