"""Writes of results: mark off the request, propose the release, release by a second person."""

from datetime import datetime

from sqlalchemy import ColumnElement, func, select

from app.accounts.states import Role
from app.assessment.exams.models import Attempt, ExamSession, MarkingRun, Result
from app.assessment.exams.queries import late as late_queries
from app.assessment.exams.queries import marking as queries
from app.assessment.exams.queries import pausing, pending
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.rules.marking import Marked
from app.assessment.exams.services import regrading, scripts
from app.assessment.exams.services.grading import grade, terms_of
from app.assessment.exams.services.sealing import check_unchanged
from app.assessment.exams.services.subjects import named, of_attempt, of_session
from app.assessment.exams.services.versions import open_history
from app.assessment.exams.states import RUN, SESSION, SessionState
from app.core import events, jobs
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.jobs import Job
from app.core.text import _l
from app.desk import services as desk

MARK = "exams.mark"
TELL = "exams.tell"
CHUNK = 200


def ask_to_mark(found: ExamSession, *, by: Actor, at: datetime) -> Job:
    """Start the marking of a session whose sittings have all ended: answers that people mark become scripts first.

    Raises ConflictError before the window closes, while a sitting still runs, a pause lets somebody start later or a
    late answer is undecided, or where it was asked for before.
    """
    found = sessions_queries.locked(found)
    if found.state is not SessionState.PREPARED or found.marked_at is not None:
        raise ConflictError(_l("The sittings of this session are marked already, or are being marked."))
    if at < found.closes_at:
        raise ConflictError(_l("The window is still open. Marking starts after it has closed."))
    running = sessions_queries.running(found.id)
    if running:
        raise ConflictError(
            _l("%(count)d sittings are not handed in yet. Collect them once their time is up.", count=running)
        )
    held = pausing.held_back(found, at)
    if held:
        raise ConflictError(
            _l(
                "%(count)d candidates were held by a pause and may still start. Let paused sittings go on; their "
                "window closes later by the pause.",
                count=held,
            )
        )
    late = late_queries.undecided(found.id)
    if late:
        raise ConflictError(
            _l("%(count)d answers came late. Two examiners decide first whether they count.", count=late)
        )
    check_unchanged(found.paper)
    found.marked_by_id = by.person_id
    found.marked_at = at
    session.flush()
    regrading.first_run(found, by=by, at=at)
    events.record("exams.marking_asked", of_session(found), by=by, at=at)
    work = scripts.CUT if scripts.open_tasks(found) else MARK
    job = jobs.start_job(work, key=f"{work}:{found.code}", by=by, args={"session": found.code})
    job.total = session.scalar(select(func.count()).select_from(Attempt).where(*_ended(found.id))) or 0
    return job


def mark_some(found: ExamSession, *, after: int, at: datetime) -> tuple[int, int]:
    """Mark the next chunk of sittings; return the last one and how many were marked."""
    query = select(Attempt).where(*_ended(found.id), Attempt.id > after).order_by(Attempt.id).limit(CHUNK)
    attempts = list(session.scalars(query))
    if not attempts:
        return after, 0
    run = queries.first_run(found.id)
    marked = grade(found, attempts, terms_of(run))
    results = [_result(one, marked[one.id], run, at) for one in attempts]
    session.add_all(results)
    session.flush()
    open_history(results, run, at=at)
    return attempts[-1].id, len(attempts)


def _result(one: Attempt, marked: Marked, run: MarkingRun, at: datetime) -> Result:
    return Result(
        attempt_id=one.id,
        score=marked.score,
        max_score=marked.best,
        cut_score=marked.cut_score,
        by_module=marked.modules_json(),
        passed=marked.passed,
        key_hash=run.key_hash,
        marked_at=at,
    )


def finish_marking(found: ExamSession, *, at: datetime) -> None:
    """Set the session marked once every sitting has its result; the release is asked for, but not of a rehearsal."""
    absent = session.scalars(
        select(Attempt.code).where(Attempt.session_id == found.id, Attempt.started_at.is_(None))
    ).all()
    for code in absent:
        desk.close_todos(of_attempt(code), kind="exams.sit", at=at)
    run = queries.first_run(found.id)
    regrading.read_late(run)
    RUN.move(run, "apply", applied_at=at)
    SESSION.move(found, "mark")
    session.flush()
    events.record("exams.session_marked", of_session(found), by=None, at=at, data={"absent": len(absent)})
    if not found.rehearsal:
        _ask(found, "exams.propose", at=at)


def propose_release(found: ExamSession, *, by: Actor, at: datetime) -> None:
    """Put the results before a second examiner.

    Raises ConflictError for a rehearsal, which is not counted, and while something stands in the way.
    """
    found = sessions_queries.locked(found)
    if found.rehearsal:
        raise ConflictError(_l("A rehearsal is not counted, so nothing of it is released."))
    _check_nothing_pending(found)
    SESSION.move(found, "propose", proposed_by_id=by.person_id, proposed_at=at)
    session.flush()
    events.record("exams.release_proposed", of_session(found), by=by, at=at)
    desk.close_todos(of_session(found), kind="exams.propose", at=at)
    _ask(found, "exams.release", at=at, not_by=by)


def _check_nothing_pending(found: ExamSession) -> None:
    waiting = pending.of_session(found)
    if waiting:
        raise ConflictError(
            _l(
                "The release waits: %(label)s (%(count)d). The page of the session names all that is left.",
                label=waiting[0].label,
                count=waiting[0].count,
            )
        )


def return_proposal(found: ExamSession, *, reason: str, by: Actor, at: datetime) -> None:
    """Send a proposal back with a reason."""
    SESSION.move(found, "return", proposed_by_id=None, proposed_at=None)
    session.flush()
    events.record("exams.release_returned", of_session(found), by=by, at=at, reason=reason)
    desk.close_todos(of_session(found), kind="exams.release", at=at)
    _ask(found, "exams.propose", at=at)


def release(found: ExamSession, *, by: Actor, at: datetime) -> None:
    """Release the results; raises ForbiddenError for the person who proposed it."""
    if by.person_id == found.proposed_by_id:
        raise ForbiddenError(_l("You proposed this release. Another examiner of your organisation must confirm it."))
    _check_nothing_pending(found)
    SESSION.move(found, "release", released_by_id=by.person_id, released_at=at)
    session.flush()
    events.record("exams.released", of_session(found), by=by, at=at, rule=found.rule_pack)
    desk.close_todos(of_session(found), at=at)
    jobs.start_job(TELL, key=f"{TELL}:{found.code}", by=by, args={"session": found.code})


def tell_some(found: ExamSession, *, after: int, at: datetime) -> tuple[int, int]:
    """Tell the next chunk of candidates that their result is released; return the last and how many."""
    query = (
        select(Attempt.id, Attempt.code, Attempt.person_id)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.session_id == found.id, Attempt.id > after)
        .order_by(Attempt.id)
        .limit(CHUNK)
    )
    rows = session.execute(query).all()
    for _id, code, person_id in rows:
        desk.open_todo(
            "exams.result",
            of_attempt(code),
            url=f"/exams/mine/{code}",
            at=at,
            person_id=person_id,
            params=named(found, "session"),
        )
    return (rows[-1].id if rows else after), len(rows)


def note_export(found: ExamSession, *, kind: str, by: Actor, at: datetime) -> None:
    """Note who took the results of a session out of the house."""
    events.record("exams.results_exported", of_session(found), by=by, at=at, data={"format": kind})


def note_report(found: ExamSession, *, kind: str, by: Actor, at: datetime) -> None:
    """Note who took the report of a session out of the house."""
    events.record("exams.report_exported", of_session(found), by=by, at=at, data={"format": kind})


def acknowledge(result: Result, *, by: Actor, at: datetime) -> None:
    """Note that a candidate has seen their result, and which version of it."""
    code, said = result.attempt.code, queries.versions_of(result.id)
    data = {"version": said[-1].number if said else 1, "score": f"{result.score:.2f}"}
    events.record("exams.result_seen", of_attempt(code), by=by, at=at, data=data)
    desk.close_todos(of_attempt(code), kind="exams.result", at=at)


def _ask(found: ExamSession, kind: str, *, at: datetime, not_by: Actor | None = None) -> None:
    desk.open_todo(
        kind,
        of_session(found),
        url=f"/exams/sessions/{found.code}",
        at=at,
        role=Role.EXAMINER,
        organisation_id=found.organisation_id,
        region_code=found.region_code,
        not_person_id=not_by.person_id if not_by else None,
        params=named(found, "session"),
    )


def _ended(session_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (Attempt.session_id == session_id, Attempt.submitted_at.is_not(None))
