"""Stops of a case's clock: from the request for materials until they come."""

from datetime import date, datetime

from app.cases.models import Case, CasePause
from app.cases.queries import cases as queries
from app.cases.rules.clocks import resumed
from app.cases.services.subjects import named, of_case, written
from app.core.access import Actor
from app.core.calendar import published
from app.core.clock import day_of
from app.core.db import session
from app.desk import services as desk


def start_pause(case: Case, *, reason: str, due_on: date | None, by: Actor, at: datetime) -> None:
    """Stop the clock of a case from today, with the reason and the last day to supply what is asked for."""
    session.add(
        CasePause(
            case_id=case.id,
            from_day=day_of(at),
            reason=written(case, reason),
            asked_by_id=by.person_id,
            due_on=due_on,
        )
    )
    session.flush()
    desk.close_todos(of_case(case), kind="cases.decide", at=at)


def end_pause(case: Case, *, answer: str | None = None, at: datetime) -> None:
    """Let the clock run on: its last day moves by the working days it stood still.

    `answer` is the token of the request that brought the materials, where one did.
    """
    today, was_due = day_of(at), case.decide_by
    for pause in queries.pauses_of(case):
        if pause.until_day is None and case.decide_by is not None:
            pause.until_day, pause.answer = today, answer
            due = resumed(case.decide_by, pause.from_day, today, published())
            case.decide_by, case.provisional = due.day, due.provisional
    session.flush()
    for kind in ("cases.supply", "cases.unanswered"):
        desk.close_todos(of_case(case), kind=kind, at=at)
    if case.decide_by != was_due:
        desk.close_todos(of_case(case), kind="cases.overdue", at=at)
    desk.open_todo(
        "cases.decide",
        of_case(case),
        url=f"/cases/{case.code}",
        at=at,
        role=case.authority_role,
        organisation_id=case.authority_organisation_id,
        region_code=case.authority_region,
        not_person_id=case.raised_by_id,
        due_on=case.decide_by,
        params=named(case),
    )
