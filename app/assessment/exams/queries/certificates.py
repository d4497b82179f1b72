"""Who of a released session is to be certified as having passed, and why the others are not."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select

from app.assessment.exams.models import Attempt, ExamSession, Result
from app.assessment.exams.states import NotCertified, SessionState
from app.core.db import session
from app.core.jobs import Job, JobState
from app.credentials import queries as issuing
from app.credentials.rules.certified import Certified, Fact
from app.credentials.states import AskStep, CertificateKind

KIND = CertificateKind.EXAM_PASS
SOURCE = "attempt"
ASK = "exams.certificates"


class Candidate(NamedTuple):
    """A sitting with its result, as far as its certificate asks for it."""

    attempt_id: int
    attempt: str
    person_id: int
    passed: bool
    voided: bool


class Line(NamedTuple):
    """A sitting with where its certificate stands; `certificate` is its code once it is issued."""

    candidate: Candidate
    step: AskStep | NotCertified
    certificate: str | None = None


def _candidates(found: ExamSession) -> Select[int, str, int, bool, bool]:
    return (
        select(Attempt.id, Attempt.code, Attempt.person_id, Result.passed, Result.voided)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.session_id == found.id)
        .order_by(Attempt.id)
    )


def may_be_asked_for(found: ExamSession) -> bool:
    """Tell whether the results of a session can be certified: released by two people, and no rehearsal."""
    return found.state is SessionState.RELEASED and not found.rehearsal


def lines_of(found: ExamSession, person_ids: Sequence[int], *, at: datetime) -> dict[int, Line]:
    """Return where the certificates of some people of a session stand: two statements."""
    rows = session.execute(_candidates(found).where(Attempt.person_id.in_(person_ids)))
    return {one.candidate.person_id: one for one in _judged(found, [Candidate(*row) for row in rows], at)}


def next_lines(found: ExamSession, after: int, limit: int, *, at: datetime) -> list[Line]:
    """Return the next sittings behind a key with where their certificates stand: two statements."""
    rows = session.execute(_candidates(found).where(Attempt.id > after).limit(limit))
    return _judged(found, [Candidate(*row) for row in rows], at)


def _judged(found: ExamSession, candidates: Sequence[Candidate], at: datetime) -> list[Line]:
    """Judge each: a passed result that stands is certified, once for each level while the certificate stands."""
    good = [one.person_id for one in candidates if one.passed and not one.voided]
    asked = issuing.asked_of(KIND, found.level, good, at=at)
    return [_line(one, asked.get(one.person_id, [])) for one in candidates]


def _line(one: Candidate, asked: Sequence[issuing.Asked]) -> Line:
    if one.voided:
        return Line(one, NotCertified.VOIDED)
    if not one.passed:
        return Line(one, NotCertified.NOT_PASSED)
    return Line(one, *issuing.step_of(asked, one.attempt))


def ready(found: ExamSession, *, at: datetime) -> list[Line]:
    """Return every sitting of a session whose certificate can be asked for, some thousand sittings a statement."""
    listed: list[Line] = []
    after = 0
    while part := next_lines(found, after, AT_A_TIME, at=at):
        listed += [one for one in part if one.step is AskStep.READY]
        after = part[-1].candidate.attempt_id
    return listed


AT_A_TIME = 2000


def stands(attempt_code: str) -> bool:
    """Tell whether the result of a sitting is passed and not void."""
    query = (
        select(func.count())
        .select_from(Result)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .where(Attempt.code == attempt_code, Result.passed.is_(True), Result.voided.is_(False))
    )
    return bool(session.scalar(query))


def _known(codes: Collection[str]) -> Mapping[str, Fact]:
    query = (
        select(Attempt.code, Attempt.person_id, ExamSession.level, ExamSession.state, Result.passed, Result.voided)
        .join(ExamSession, ExamSession.id == Attempt.session_id)
        .join(Result, Result.attempt_id == Attempt.id)
        .where(Attempt.code.in_(codes), ExamSession.rehearsal.is_(False))
    )
    return {
        code: Fact(person_id, level=level, stands=state is SessionState.RELEASED and passed and not voided)
        for code, person_id, level, state, passed, voided in session.execute(query)
    }


CERTIFIED = Certified(SOURCE, KIND, _known)


def job_of(found: ExamSession) -> Job | None:
    """Return the job that is asking for certificates of a session, None where none is under way."""
    query = select(Job).where(Job.kind == ASK, Job.key.startswith(f"{ASK}:{found.code}:"), Job.state != JobState.DONE)
    return session.scalars(query.order_by(Job.id.desc()).limit(1)).first()
