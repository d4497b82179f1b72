"""The days of cases that are counted anew once the holidays of a year are entered."""

from datetime import date, datetime
from functools import partial

from sqlalchemy import ColumnElement, and_, select

from app.cases.models import AppealPeriod, Case, CasePause, Delivery, Notice, NoticeDay, Publicity
from app.cases.queries import cases as queries
from app.cases.queries import kinds, rungs
from app.cases.queries import notices as publicity
from app.cases.rules.clocks import counted, period_of
from app.cases.services.subjects import of_case, of_publicity
from app.cases.states import CaseState
from app.core import clock
from app.core.calendar import Deadline, Published, add_working_days
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.db import session
from app.core.events import Subject
from app.desk import services as desk
from app.rulebook import queries as rulebook
from app.rulebook.kinds import CountedDay, Kept


def _case_of(row: CasePause | Notice) -> Case:
    return session.get_one(Case, row.case_id)


def _of_its_case(row: CasePause | Notice) -> Subject:
    return of_case(_case_of(row))


def _waits_for_acceptance(since: date) -> ColumnElement[bool]:
    return and_(Case.state == CaseState.RAISED, Case.accept_by >= since)


def _waits_for_decision(since: date) -> ColumnElement[bool]:
    return and_(Case.state.in_((CaseState.ACCEPTED, CaseState.WAITING)), Case.decide_by >= since)


def _accept_by(case: Case, known: Published) -> Deadline:
    return add_working_days(day_of(case.raised_at or case.drafted_at), kinds.step(case).accept_in, known)


def _decide_by(case: Case, known: Published) -> Deadline | None:
    """Return the last day of the decision from the day of acceptance and over the stops of the clock."""
    if case.accepted_at is None:
        return None
    stops = [(one.from_day, one.until_day) for one in reversed(queries.pauses_of(case)) if one.until_day is not None]
    return counted(day_of(case.accepted_at), kinds.step(case).decide_in, stops, known)


def _keep_clock(column: str, case: Case, due: Deadline, at: datetime) -> None:
    """Let a clock that had run out run again where its last day is another."""
    if getattr(case, column) != due.day:
        desk.close_todos(of_case(case), kind="cases.overdue", at=at)
    setattr(case, column, due.day)
    case.provisional = due.provisional


def _waits_for_materials(since: date) -> ColumnElement[bool]:
    waiting = select(Case.id).where(Case.state == CaseState.WAITING)
    return and_(CasePause.until_day.is_(None), CasePause.due_on >= since, CasePause.case_id.in_(waiting))


def _supply_until(pause: CasePause, known: Published) -> Deadline | None:
    return kinds.supply_until(_case_of(pause), pause.from_day, known)


def _keep_request(pause: CasePause, due: Deadline, at: datetime) -> None:
    """Let materials be supplied until a later day; the authority is told anew if they do not come."""
    pause.due_on, pause.told_at = due.day, None
    desk.close_todos(_of_its_case(pause), kind="cases.unanswered", at=at)


def _waits_for_delivery(since: date) -> ColumnElement[bool]:
    proved = select(Delivery.id).where(Delivery.notice_id == Notice.id, Delivery.delivered_on <= Notice.deemed_on)
    withdrawn = select(Case.id).where(Case.state == CaseState.WITHDRAWN)
    return and_(Notice.deemed_on >= since, ~proved.exists(), Notice.case_id.not_in(withdrawn))


def _deemed_on(notice: Notice, known: Published) -> Deadline:
    return kinds.deemed_on(_case_of(notice), notice.sent_on, known)


def _keep_delivery(notice: Notice, due: Deadline, at: datetime) -> None:
    """Write the later day beside the notice, which stays as it was sent."""
    session.add(NoticeDay(notice_id=notice.id, deemed_on=due.day, counted_at=at))
    session.flush()
    session.expire(notice, ["deemed_on"])


def _named(notice: Notice) -> JsonObject:
    return {"code": notice.code}


def _runs(since: date) -> ColumnElement[bool]:
    return and_(publicity.running(clock.today()), Publicity.told_at.is_(None), Publicity.ends_on >= since)


def _ends_on(row: Publicity, known: Published) -> Deadline | None:
    period = period_of(kinds.clock_of(rulebook.by_code(row.rule_pack)), row.kind)
    return None if period is None else add_working_days(row.starts_on, period.days, known)


def _may_be_taken_further(since: date) -> ColumnElement[bool]:
    further = select(Case.id).where(Case.previous_id == Notice.case_id, Case.state != CaseState.DRAFT)
    open_ = select(Notice.id).where(~further.exists())
    return and_(AppealPeriod.ends_on >= since, AppealPeriod.notice_id.in_(open_))


def _notice_of(row: AppealPeriod) -> Notice:
    return session.get_one(Notice, row.notice_id)


def _appeal_until(row: AppealPeriod, known: Published) -> Deadline | None:
    """Return the last day to take a decision further, from its delivery by the same holidays."""
    notice = _notice_of(row)
    case = _case_of(notice)
    proved = session.scalars(select(Delivery.delivered_on).where(Delivery.notice_id == notice.id))
    deemed = max(notice.deemed_on, _deemed_on(notice, known).day)
    return rungs.ends_on(case, rulebook.by_code(row.rule_pack), min([deemed, *proved]), known)


def _keep_period(row: Publicity | AppealPeriod, due: Deadline, at: datetime) -> None:
    del at
    row.ends_on, row.provisional = due


ACCEPTANCE = CountedDay(
    "cases.accept",
    Case,
    of_case,
    waits=_waits_for_acceptance,
    counted=_accept_by,
    kept=Kept(lambda case: Deadline(case.accept_by, case.provisional), partial(_keep_clock, "accept_by")),
    event="cases.recounted",
    told=False,
    todo="cases.accept",
)
DECISION = CountedDay(
    "cases.decide",
    Case,
    of_case,
    waits=_waits_for_decision,
    counted=_decide_by,
    kept=Kept(lambda case: Deadline(case.decide_by, case.provisional), partial(_keep_clock, "decide_by")),
    event="cases.recounted",
    told=False,
    todo="cases.decide",
)
MATERIALS = CountedDay(
    "cases.supply",
    CasePause,
    _of_its_case,
    waits=_waits_for_materials,
    counted=_supply_until,
    kept=Kept(lambda pause: Deadline(pause.due_on, provisional=False), _keep_request),
    event="cases.supply_recounted",
    told=True,
    todo="cases.supply",
)
DELIVERY = CountedDay(
    "cases.delivery",
    Notice,
    _of_its_case,
    waits=_waits_for_delivery,
    counted=_deemed_on,
    kept=Kept(lambda notice: Deadline(notice.deemed_on, provisional=False), _keep_delivery),
    event="cases.delivery_recounted",
    told=True,
    about=_named,
)
PERIOD = CountedDay(
    "cases.publicity",
    Publicity,
    of_publicity,
    waits=_runs,
    counted=_ends_on,
    kept=Kept(lambda row: Deadline(row.ends_on, row.provisional), _keep_period),
    event="cases.period_recounted",
    told=True,
)
APPEAL = CountedDay(
    "cases.appeal",
    AppealPeriod,
    lambda row: _of_its_case(_notice_of(row)),
    waits=_may_be_taken_further,
    counted=_appeal_until,
    kept=Kept(lambda row: Deadline(row.ends_on, row.provisional), _keep_period),
    event="cases.appeal_recounted",
    told=True,
    about=lambda row: _named(_notice_of(row)),
)
COUNTED_DAYS = (ACCEPTANCE, DECISION, MATERIALS, DELIVERY, PERIOD, APPEAL)
