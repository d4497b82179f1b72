"""What follows a grade: publicity, objection, confirmation by a second person, rectification, exit."""

from datetime import date, datetime

from sqlalchemy import select

from app.accounts.states import Role
from app.bases import services as bases
from app.bases.states import BaseState
from app.cases.models import Publicity
from app.cases.queries import kinds
from app.cases.services.publicity import Announcement, open_publicity
from app.core import events
from app.core.access import Actor
from app.core.calendar import Deadline, Published, add_working_days, published
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.text import _l, in_language
from app.desk import services as desk
from app.performance import queries
from app.performance.access import Permission
from app.performance.models import AppraisalCycle, BaseAppraisal
from app.performance.services.doors import refuse_reporting, refuse_running
from app.performance.services.reports import ask_to_compute
from app.performance.services.subjects import named, of_appraisal, of_cycle, url_of
from app.performance.states import APPRAISAL, CYCLE, FINAL, GRADE_LABELS, AppraisalState, Grade

PUBLICITY = "performance.grade"
"""The kind of publicity period of a proposed grade."""


def publish(cycle: AppraisalCycle, *, by: Actor, at: datetime) -> int:
    """Propose the computed grades of a cycle and open their publicity; return how many.

    Raises ConflictError where no grade is computed.
    """
    refuse_running(cycle.region_code, by, at)
    graded = BaseAppraisal.cycle_id == cycle.id, BaseAppraisal.state == AppraisalState.GRADED
    rows = list(session.scalars(select(BaseAppraisal).where(*graded).order_by(BaseAppraisal.id)))
    if not rows:
        raise ConflictError(_l("No grade is computed and unpublished. Compute the checked bases first."))
    for row in rows:
        _publish(row, by=by, at=at)
    return len(rows)


def _publish(row: BaseAppraisal, *, by: Actor, at: datetime) -> None:
    demanded = kinds.publicity_demanded(PUBLICITY, row.region_code, day_of(at))
    shown = _announce(row, by=by, at=at) if demanded else None
    APPRAISAL.move(
        row, "publish", published_by_id=by.person_id, publicity=shown.code if shown else None,
        publicity_passed_at=None if shown else at,
    )  # fmt: skip
    session.flush()
    events.record("performance.published", of_appraisal(row), by=by, at=at)
    if shown is None:
        ask_to_confirm(row, at=at)


def _announce(row: BaseAppraisal, *, by: Actor, at: datetime) -> Publicity:
    organisation, year, grade = row.base.organisation, row.cycle.year, GRADE_LABELS[Grade(str(row.grade))]
    return open_publicity(
        PUBLICITY,
        of_appraisal(row),
        Announcement(
            # zh: a public notice stands in both languages
            title_zh=f"关于{organisation.name_zh}{year}年度绩效考核结果的公示",
            title_en=f"Publicity of the {year} appraisal of {organisation.name_en}",
            body_zh=f"经自评、属地核查和计算，{organisation.name_zh}{year}年度绩效考核得分{row.score}分，"
            f"拟定等次为“{in_language(grade, 'zh_CN')}”。现予公示，公示期内接受异议和线索。",
            body_en=f"After self-report, local check and computation, {organisation.name_en} scored {row.score} points "
            f"in the appraisal of {year}; the proposed grade is “{in_language(grade, 'en')}”. Objections and leads are "
            "heard in the period.",
            url=f"/bases/{organisation.slug}",
        ),
        region_code=row.region_code,
        authority_region=row.cycle.region_code,
        decided_by_id=by.person_id,
        by=by,
        at=at,
    )


def ask_to_confirm(row: BaseAppraisal, *, at: datetime) -> None:
    """Let a second person of the authority see that a grade waits for confirmation."""
    desk.open_todo(
        "performance.confirm", of_appraisal(row), url=url_of(row), at=at, role=Role.REGULATOR,
        region_code=row.cycle.region_code, not_person_id=row.published_by_id, params=named(row),
    )  # fmt: skip


def publicity_passed(code: str, publicity: str, *, at: datetime) -> None:
    """Note that the publicity of a proposed grade has passed without an open objection; once."""
    row = _of_code(code)
    if row is None or row.state is not AppraisalState.PUBLIC or row.publicity != publicity or row.publicity_passed_at:
        return
    row.publicity_passed_at = at
    session.flush()
    events.record("performance.publicity_passed", of_appraisal(row), by=None, at=at)
    ask_to_confirm(row, at=at)


def publicity_corrected(code: str, wrong: str, corrected: str) -> None:
    """Let a proposed grade wait for the period of a corrected notice (its code) in place of the wrong one."""
    row = _of_code(code)
    if row is not None and row.state is AppraisalState.PUBLIC and row.publicity == wrong:
        row.publicity = corrected
        session.flush()


def reopen(code: str, *, at: datetime) -> None:
    """Bring a base back to its computation after an upheld objection to the proposed grade."""
    row = _of_code(code)
    if row is None or row.state is not AppraisalState.PUBLIC:
        return
    APPRAISAL.move(row, "reopen", publicity_passed_at=None, published_by_id=None, publicity=None)
    session.flush()
    events.record("performance.reopened", of_appraisal(row), by=None, at=at)
    desk.close_todos(of_appraisal(row), at=at)
    ask_to_compute(row, at=at)


def _of_code(code: str) -> BaseAppraisal | None:
    return session.scalar(select(BaseAppraisal).where(BaseAppraisal.code == code))


def confirm(row: BaseAppraisal, *, reason: str, by: Actor, at: datetime) -> None:
    """Confirm a proposed grade as a second person: a fail demands rectification, one too many proposes the exit.

    Raises ForbiddenError for who checked the report or proposed the grade, ConflictError while the publicity runs.
    """
    refuse_running(row.cycle.region_code, by, at)
    if by.person_id in {row.published_by_id, row.checked_by_id}:
        raise ForbiddenError(_l("You checked the report or proposed the grade. A second person must confirm it."))
    if row.state is AppraisalState.PUBLIC and row.publicity_passed_at is None:
        raise ConflictError(_l("The publicity period has not passed, or an objection is still open."))
    move, until = _consequence(row, at)
    APPRAISAL.move(row, move, confirmed_by_id=by.person_id, confirmed_at=at, reason=reason, rectify_until=until)
    session.flush()
    data = {"score": str(row.score), "grade": str(row.grade)}
    events.record(f"performance.{PAST[move]}", of_appraisal(row), by=by, at=at, reason=reason, data=data)
    desk.close_todos(of_appraisal(row), at=at)
    _close_if_done(row.cycle, at=at)
    if move == "warn":
        _ask_to_rectify(row, at=at)
    if move == "propose_exit":
        desk.open_todo(
            "performance.exit", of_appraisal(row), url=url_of(row), at=at, role=Role.REGULATOR,
            region_code=row.cycle.region_code, params=named(row),
        )  # fmt: skip


def _close_if_done(cycle: AppraisalCycle, *, at: datetime) -> None:
    """Close a cycle when nothing more happens to any of its bases."""
    left = select(BaseAppraisal.id).where(BaseAppraisal.cycle_id == cycle.id, BaseAppraisal.state.not_in(FINAL))
    if session.scalar(left.limit(1)) is None:
        CYCLE.move(cycle, "close")
        session.flush()
        events.record("performance.cycle_closed", of_cycle(cycle), by=None, at=at)


PAST = {"confirm": "confirmed", "warn": "warned", "propose_exit": "exit_proposed"}


def rectify_by(row: BaseAppraisal, confirmed_at: datetime, known: Published) -> Deadline:
    """Return the last day of a rectification demanded at an instant, by the pinned pack."""
    return add_working_days(day_of(confirmed_at), queries.params(row.cycle).rectify_days, known)


def _consequence(row: BaseAppraisal, at: datetime) -> tuple[str, date | None]:
    """Return the move that the grade brings and the last day of a rectification."""
    if row.grade is not Grade.FAIL:
        return "confirm", None
    system = queries.params(row.cycle)
    if queries.failed_before(row, system.fails_to_exit - 1):
        return "propose_exit", None
    return "warn", rectify_by(row, at, published()).day


def _ask_to_rectify(row: BaseAppraisal, *, at: datetime) -> None:
    desk.open_todo(
        "performance.rectify", of_appraisal(row), url=url_of(row), at=at, role=Role.BASE,
        organisation_id=row.organisation_id, due_on=row.rectify_until, params=named(row),
    )  # fmt: skip


def rectify(row: BaseAppraisal, *, report: str, by: Actor, at: datetime) -> None:
    """Let a failed base report its plan of rectification and what it has done; the authority reviews it."""
    if not by.may(Permission.REPORT) or by.organisation_id != row.organisation_id:
        raise ForbiddenError(_l("Only the staff of the base report its rectification."))
    refuse_reporting(row, by, at)
    APPRAISAL.move(row, "rectify", rectification=report)
    session.flush()
    events.record("performance.rectified", of_appraisal(row), by=by, at=at)
    desk.close_todos(of_appraisal(row), at=at)
    desk.open_todo(
        "performance.review", of_appraisal(row), url=url_of(row), at=at, role=Role.REGULATOR,
        region_code=row.cycle.region_code, params=named(row),
    )  # fmt: skip


def accept(row: BaseAppraisal, *, reason: str, by: Actor, at: datetime) -> None:
    """Accept a rectification after review; the grade stays on record."""
    refuse_running(row.cycle.region_code, by, at)
    APPRAISAL.move(row, "accept", reason=reason)
    session.flush()
    events.record("performance.accepted", of_appraisal(row), by=by, at=at, reason=reason)
    desk.close_todos(of_appraisal(row), at=at)
    _close_if_done(row.cycle, at=at)


def demand_again(row: BaseAppraisal, *, reason: str, by: Actor, at: datetime) -> None:
    """Return a rectification with reasons; its last day stays."""
    refuse_running(row.cycle.region_code, by, at)
    APPRAISAL.move(row, "demand", reason=reason)
    session.flush()
    events.record("performance.demanded", of_appraisal(row), by=by, at=at, reason=reason)
    desk.close_todos(of_appraisal(row), at=at)
    _ask_to_rectify(row, at=at)


def order_exit(row: BaseAppraisal, *, reason: str, by: Actor, at: datetime) -> None:
    """Order the exit of a base that failed too often; the room of the bases ends its accreditation.

    Raises ForbiddenError for who proposed the exit: a second person of a deciding authority orders it.
    """
    refuse_running(row.cycle.region_code, by, at)
    if by.person_id == row.confirmed_by_id:
        raise ForbiddenError(_l("You proposed the exit. A second person must order it."))
    APPRAISAL.move(row, "exit", reason=reason)
    session.flush()
    events.record("performance.exited", of_appraisal(row), by=by, at=at, reason=reason)
    desk.close_todos(of_appraisal(row), at=at)
    _close_if_done(row.cycle, at=at)
    if row.base.state is not BaseState.EXITED:
        bases.decide(row.base, "exit", reason=reason, by=by, at=at)
