"""Marking anew: one examiner proposes rulings and sees whose score changes, another confirms it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import joinedload

from app.accounts.states import Role
from app.assessment.exams.models import (
    Attempt,
    ExamSession,
    LateDecision,
    MarkingChange,
    MarkingRun,
    Paper,
    Result,
    ScoreEquating,
)
from app.assessment.exams.queries import late as late_queries
from app.assessment.exams.queries import marking as queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import scripts as scripts_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.rules.parameters import ExamRule
from app.assessment.exams.rules.regrading import check, key_hash, merged, stays, to_json
from app.assessment.exams.rules.rulings import Ruling
from app.assessment.exams.services.grading import grade, terms_of
from app.assessment.exams.services.subjects import named, of_attempt, of_run
from app.assessment.exams.services.versions import Cause, Figures, basis_of, change, figures_of
from app.assessment.exams.states import RUN, LowerPolicy, SessionState
from app.core import events, jobs
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.jobs import Job
from app.core.text import _l
from app.desk import services as desk
from app.rulebook import queries as rulebook

COUNT = "exams.regrade"
APPLY = "exams.regrade_apply"
CHUNK = 200
MARKED = (SessionState.MARKED, SessionState.RELEASED)
ANOTHER_OPEN = _l("Another new marking of this session is open. Confirm it or send it back first.")


def first_run(found: ExamSession, *, by: Actor, at: datetime) -> MarkingRun:
    """Open the first marking of a session, under the key of its frozen paper."""
    return _opened(found, Wanted({}, None, None), 1, by_id=by.person_id, at=at)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a marking stands on: the rulings that hold under it, the conversion that scores are reported by, and why.

    `equates` says that it is the decision on that conversion itself.
    """

    rulings: Mapping[int, Ruling]
    equating_id: int | None
    reason: str | None
    equates: bool = False


def _opened(found: ExamSession, wanted: Wanted, number: int, *, by_id: int, at: datetime) -> MarkingRun:
    rule = ExamRule.model_validate(rulebook.by_code(found.rule_pack).params).of(found.level).marking
    run = MarkingRun(
        session_id=found.id,
        number=number,
        rulings=to_json(wanted.rulings),
        void_policy=rule.void_policy,
        lower_policy=_lower_policy(found, wanted, rule.lower_policy),
        rule_pack=found.rule_pack,
        key_hash=key_hash(str(session.get_one(Paper, found.paper_id).content_hash), wanted.rulings),
        equating_id=wanted.equating_id,
        equates=wanted.equates,
        reason=wanted.reason,
        asked_by_id=by_id,
        asked_at=at,
    )
    session.add(run)
    session.flush()
    return run


def _lower_policy(found: ExamSession, wanted: Wanted, given: LowerPolicy) -> LowerPolicy:
    """Let everybody's score stand on one scale while nobody has been told theirs."""
    return LowerPolicy.LOWER if wanted.equates and found.state is SessionState.MARKED else given


def propose(
    found: ExamSession, changes: Mapping[int, Ruling | None], *, reason: str, by: Actor, at: datetime
) -> MarkingRun:
    """Propose rulings on items of a marked session, by position; None takes a ruling back. The figures follow as a job.

    Raises ConflictError while the session is not marked, its release waits, another new marking is open or late answers
    are with the markers, InvalidError where a ruling does not fit the type of its item or nothing would change.
    """
    found = sessions_queries.locked(found)
    if found.state not in MARKED:
        raise ConflictError(_l("A session is marked anew once it is marked, and not while its release is proposed."))
    runs = queries.runs_of(found.id)
    _check_free(found)
    rulings = _ruled(found, queries.rulings_in_force(runs), changes)
    wanted = Wanted(rulings, queries.equating_in_force(runs), reason)
    return _asked(found, runs, wanted, by_id=by.person_id, by=by, at=at)


def equate(found: ExamSession, equating: ScoreEquating, *, reason: str, by: Actor, at: datetime) -> MarkingRun:
    """Propose to report the scores of a session by a conversion: whose result changes follows as a job.

    Raises ConflictError while the session is not marked, its release waits, or another new marking is open.
    """
    if found.state not in MARKED:
        raise ConflictError(
            _l("Scores are converted once the session is marked, and not while its release is proposed.")
        )
    _check_free(found)
    runs = queries.runs_of(found.id)
    wanted = Wanted(queries.rulings_in_force(runs), equating.id, reason, equates=True)
    return _asked(found, runs, wanted, by_id=by.person_id, by=by, at=at)


def _check_free(found: ExamSession) -> None:
    if queries.open_run(found.id):
        raise ConflictError(ANOTHER_OPEN)
    left = scripts_queries.unfinished(found.id)
    if left:
        raise ConflictError(_l("%(count)d late answers that count are with the markers. Let them finish.", count=left))


def _asked(
    found: ExamSession,
    runs: Sequence[MarkingRun],
    wanted: Wanted,
    *,
    by_id: int,
    by: Actor | None,
    at: datetime,
) -> MarkingRun:
    number = max((one.number for one in runs), default=1) + 1
    run = _opened(found, wanted, number, by_id=by_id, at=at)
    events.record("exams.regrade_asked", of_run(run), by=by, at=at, reason=wanted.reason, rule=run.rule_pack)
    job = jobs.start_job(COUNT, key=f"{COUNT}:{run.code}", by=by, args={"run": run.code})
    job.total = (
        session.scalar(
            select(func.count()).select_from(Result).join(Result.attempt).where(Attempt.session_id == found.id)
        )
        or 0
    )
    return run


def mark_late(found: ExamSession, *, at: datetime) -> MarkingRun | None:
    """Propose a new marking, under the key in force, of late answers that came to count once there were results.

    It is asked for by who let the last of them count, so somebody else confirms it. Returns None while another is open,
    while markers are not done, or where every such answer is in the results.
    """
    late = _unread(found)
    if not late or queries.open_run(found.id) or scripts_queries.unfinished(found.id):
        return None
    return _of_late(found, late, by_id=late[-1].confirmed_by_id or found.created_by_id, by=None, at=at)


def mark_late_again(found: ExamSession, *, by: Actor, at: datetime) -> MarkingRun:
    """Propose the new marking of late answers once more, after one was sent back; raises ConflictError."""
    found = sessions_queries.locked(found)
    if found.state is not SessionState.MARKED:
        raise ConflictError(_l("A session is marked anew once it is marked, and not while its release is proposed."))
    _check_free(found)
    late = _unread(found)
    if not late:
        raise ConflictError(_l("Every late answer that counts is in the results already."))
    return _of_late(found, late, by_id=by.person_id, by=by, at=at)


def _unread(found: ExamSession) -> list[LateDecision]:
    query = late_queries.unread_decisions(found.id)
    return list(session.scalars(query.order_by(LateDecision.confirmed_at, LateDecision.id)))


def _of_late(
    found: ExamSession, late: Sequence[LateDecision], *, by_id: int, by: Actor | None, at: datetime
) -> MarkingRun:
    runs = queries.runs_of(found.id)
    reason = "\n".join(dict.fromkeys(one.reason for one in late))
    wanted = Wanted(queries.rulings_in_force(runs), queries.equating_in_force(runs), reason)
    return _asked(found, runs, wanted, by_id=by_id, by=by, at=at)


def read_late(run: MarkingRun) -> None:
    """Note that a marking has read whatever late answers count by now; nothing is let count while it is at work."""
    session.execute(
        update(LateDecision)
        .where(LateDecision.id.in_(late_queries.unread_decisions(run.session_id).with_only_columns(LateDecision.id)))
        .values(marked_in_id=run.id)
        .execution_options(synchronize_session=False)
    )


def _ruled(found: ExamSession, now: Mapping[int, Ruling], changes: Mapping[int, Ruling | None]) -> dict[int, Ruling]:
    sheet = {place.position: place for place in papers_queries.sheet_of(found.paper_id)}
    ruled = dict(now)
    for position, ruling in changes.items():
        if position not in sheet:
            raise InvalidError(_l("The paper has no such place. Choose one of the list."), field="position")
        before = ruled.pop(position, None)
        left = merged(before, ruling) if ruling is not None else None
        if left is not None:
            check(left, sheet[position].keyed())
            ruled[position] = left
    if ruled == now:
        raise InvalidError(_l("This is what holds already; nothing would change."), field="position")
    return ruled


def count_some(run: MarkingRun, *, after: int, at: datetime) -> tuple[int, int]:
    """Work out the next chunk of a proposal; return the last sitting and how many were looked at."""
    del at
    results = _next(run, after)
    for result, now in _marked(run, results):
        if now.says_otherwise(figures_of(result)):
            session.add(_change(run, result, now))
    session.flush()
    return (results[-1].attempt_id if results else after), len(results)


def _marked(run: MarkingRun, results: Sequence[Result]) -> list[tuple[Result, Figures]]:
    """Mark sittings under a run, on the scale that it reports by."""
    marked = grade(run.session, [one.attempt for one in results], terms_of(run))
    basis = basis_of(run.equating_id)
    return [(one, Figures.of(marked[one.attempt_id], run.key_hash, basis)) for one in results]


def _change(run: MarkingRun, result: Result, now: Figures) -> MarkingChange:
    kept = stays(now.points, figures_of(result).points, run.lower_policy)
    return MarkingChange(
        run_id=run.id,
        attempt_id=result.attempt_id,
        was=result.score,
        now=now.score,
        was_passed=result.passed,
        now_passed=now.points.passed,
        kept=kept,
    )


def finish_counting(run: MarkingRun, *, at: datetime) -> None:
    """Put the figures of a proposal before a second examiner."""
    RUN.move(run, "show")
    session.flush()
    counts = queries.counts(run.id)
    events.record("exams.regrade_shown", of_run(run), by=None, at=at, data={"changed": counts.changed})
    if not run.equates:
        _ask(run, at=at)


def confirm(run: MarkingRun, *, by: Actor, at: datetime) -> Job:
    """Confirm a new marking as the second person; the results follow as a job.

    Raises ForbiddenError for who proposed it, ConflictError for one that is decided with its conversion.
    """
    if by.person_id == run.asked_by_id:
        raise ForbiddenError(
            _l("You proposed this new marking. Another examiner of your organisation must confirm it.")
        )
    _refuse_equating(run)
    return carry_out(run, by=by, at=at)


def _refuse_equating(run: MarkingRun) -> None:
    if run.equates:
        raise ConflictError(_l("This marking follows a conversion. It is confirmed or rejected on the page of that."))


def carry_out(run: MarkingRun, *, by: Actor, at: datetime) -> Job:
    """Let a marking that a second person has confirmed reach the results; raises ConflictError before its figures."""
    RUN.move(run, "confirm", confirmed_by_id=by.person_id, confirmed_at=at)
    session.flush()
    events.record("exams.regrade_confirmed", of_run(run), by=by, at=at, rule=run.rule_pack)
    desk.close_todos(of_run(run), at=at)
    job = jobs.start_job(APPLY, key=f"{APPLY}:{run.code}", by=by, args={"run": run.code})
    job.total = queries.counts(run.id).changed
    return job


def send_back(run: MarkingRun, *, reason: str, by: Actor, at: datetime) -> None:
    """Send a proposal back with a reason: no result changes. Raises ConflictError as `confirm` does."""
    _refuse_equating(run)
    put_aside(run, reason=reason, by=by, at=at)


def put_aside(run: MarkingRun, *, reason: str | None, by: Actor, at: datetime) -> None:
    """Put a proposal aside: no result changes."""
    RUN.move(run, "return")
    session.flush()
    events.record("exams.regrade_returned", of_run(run), by=by, at=at, reason=reason)
    desk.close_todos(of_run(run), at=at)


def apply_some(run: MarkingRun, *, after: int, at: datetime) -> tuple[int, int]:
    """Write the next chunk of confirmed changes; return the last sitting and how many were written.

    Raises ConflictError where a figure is no longer the one that was confirmed.
    """
    changes = session.scalars(
        select(MarkingChange)
        .where(MarkingChange.run_id == run.id, MarkingChange.attempt_id > after)
        .order_by(MarkingChange.attempt_id)
        .limit(CHUNK)
    ).all()
    wanted = {one.attempt_id: one for one in changes if not one.kept}
    results = session.scalars(_results().where(Result.attempt_id.in_(wanted))).all()
    for result, now in _marked(run, results):
        _apply(run, result, now, wanted[result.attempt_id], at=at)
    return (changes[-1].attempt_id if changes else after), len(changes)


def _apply(run: MarkingRun, result: Result, now: Figures, shown: MarkingChange, *, at: datetime) -> None:
    if (now.score, result.score) != (shown.now, shown.was):
        raise ConflictError(_l("A result changed after this new marking was confirmed. Propose it again."))
    change(result, now, Cause(run=run), at=at)
    attempt = result.attempt
    data = {
        "was": f"{shown.was:.2f}",
        "now": f"{now.score:.2f}",
        "passed": now.points.passed,
        "session": run.session.code,
        "attempt": attempt.code,
        "run": run.code,
    }
    events.record("exams.result_corrected", of_attempt(attempt.code), by=None, at=at, data=data)
    if run.session.state is SessionState.RELEASED:
        desk.open_todo(
            "exams.result",
            of_attempt(attempt.code),
            url=f"/exams/mine/{attempt.code}",
            at=at,
            person_id=attempt.person_id,
            params=named(run.session, "session"),
        )


def finish_applying(run: MarkingRun, *, at: datetime) -> None:
    """Close a new marking: results that it leaves as they were stand on its key from now on."""
    kept = select(MarkingChange.attempt_id).where(MarkingChange.run_id == run.id, MarkingChange.kept.is_(True))
    held = select(Attempt.id).where(Attempt.session_id == run.session_id)
    session.execute(
        update(Result)
        .where(Result.attempt_id.in_(held), Result.attempt_id.not_in(kept))
        .values(key_hash=run.key_hash)
        .execution_options(synchronize_session=False)
    )
    read_late(run)
    RUN.move(run, "apply", applied_at=at)
    session.flush()
    counts = queries.counts(run.id)
    data = {"changed": counts.changed - counts.kept, "kept": counts.kept}
    events.record("exams.equated" if run.equates else "exams.regraded", of_run(run), by=None, at=at, data=data)


def _next(run: MarkingRun, after: int) -> list[Result]:
    query = _results().where(Attempt.session_id == run.session_id, Result.attempt_id > after)
    return list(session.scalars(query.order_by(Result.attempt_id).limit(CHUNK)))


def _results() -> Select[Result]:
    return select(Result).join(Result.attempt).options(joinedload(Result.attempt))


def _ask(run: MarkingRun, *, at: datetime) -> None:
    desk.open_todo(
        "exams.regrade",
        of_run(run),
        url=f"/exams/runs/{run.code}",
        at=at,
        role=Role.EXAMINER,
        organisation_id=run.session.organisation_id,
        region_code=run.session.region_code,
        not_person_id=run.asked_by_id,
        params=named(run.session, "session"),
    )
