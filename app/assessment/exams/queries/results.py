"""Reads of results: released ones for the rooms above, all of a session for examiners."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.assessment.exams.models import Attempt, ExamSession, Registration, Result, ScoreEquating
from app.assessment.exams.queries.pages import PER_PAGE, Page
from app.assessment.exams.states import SessionState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One line of a session's results."""

    person_id: int
    ticket: str
    name: str
    result: Result


@dataclass(frozen=True, slots=True)
class Summary:
    """What a session came to: marked sittings, passed ones, and every score for the histogram."""

    scores: tuple[Decimal, ...]
    passed: int
    best: Decimal
    cut_score: Decimal

    @property
    def marked(self) -> int:
        """Return how many sittings were marked."""
        return len(self.scores)


def released_result(person_id: int, level: str) -> Result | None:
    """Return the released result a certification can stand on: a passed one before others, then the latest."""
    query = (
        select(Result)
        .join(Result.attempt)
        .join(Attempt.session)
        .options(joinedload(Result.attempt).joinedload(Attempt.session))
        .where(
            Attempt.person_id == person_id,
            ExamSession.level == level,
            ExamSession.state == SessionState.RELEASED,
            Result.voided.is_(False),
        )
        .order_by(Result.passed.desc(), ExamSession.released_at.desc())
        .limit(1)
    )
    return session.scalars(query).first()


def own_result(code: str, actor: Actor) -> Result:
    """Return the actor's own result by the code of the sitting, once released; raises NotFoundError."""
    query = (
        select(Result)
        .join(Result.attempt)
        .join(Attempt.session)
        .options(
            joinedload(Result.attempt).joinedload(Attempt.session),
            joinedload(Result.attempt).joinedload(Attempt.registration),
            joinedload(Result.equating).options(
                joinedload(ScoreEquating.base), joinedload(ScoreEquating.through).joinedload(ScoreEquating.base)
            ),
        )
        .where(
            Attempt.code == code,
            Attempt.person_id == actor.person_id,
            ExamSession.state == SessionState.RELEASED,
        )
    )
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no released result of yours at this address."))
    return found


def result_page(session_id: int, page: int, *, passed: bool | None = None) -> Page[ResultRow]:
    """List the results of a session, highest score first."""
    query = _rows(session_id, passed=passed)
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = -(-total // PER_PAGE)
    wanted = min(max(page, 1), max(pages, 1))
    rows = session.execute(query.limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page([ResultRow(*row) for row in rows], wanted, pages, total)


def all_results(session_id: int) -> list[ResultRow]:
    """Return every result of a session for export, highest score first."""
    query = _rows(session_id).options(joinedload(Result.equating))
    return [ResultRow(*row) for row in session.execute(query)]


def summary(session_id: int) -> Summary:
    """Sum a session up in one statement."""
    query = (
        select(Result.score, Result.passed, Result.max_score, Result.cut_score)
        .join(Result.attempt)
        .where(Attempt.session_id == session_id)
    )
    rows = session.execute(query).all()
    best, cut = (rows[0].max_score, rows[0].cut_score) if rows else (Decimal(0), Decimal(0))
    return Summary(tuple(row.score for row in rows), sum(row.passed for row in rows), best, cut)


def _rows(session_id: int, *, passed: bool | None = None) -> Select[int, str, str, Result]:
    query = (
        select(Attempt.person_id, Registration.code, Person.name, Result)
        .join(Attempt, Attempt.id == Result.attempt_id)
        .join(Registration, Registration.id == Attempt.registration_id)
        .join(Person, Person.id == Attempt.person_id)
        .where(Attempt.session_id == session_id)
        .order_by(Result.score.desc(), Registration.code)
    )
    return query if passed is None else query.where(Result.passed.is_(passed))
