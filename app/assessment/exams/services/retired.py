"""Frozen papers of which an item is retired: their examiners keep the paper or set it aside, with a reason.

Who retires an item learns of no paper. The examiners learn that the paper holds something retired, not what.
"""

from datetime import datetime

from sqlalchemy import select

from app.assessment.exams.models import ExamSession, Paper, PaperDoubt
from app.assessment.exams.queries import unsat
from app.assessment.exams.queries.papers import is_set_aside
from app.assessment.exams.services.papers import ask_for_signature
from app.assessment.exams.services.subjects import of_doubt, of_paper
from app.assessment.exams.states import PaperFate, SessionState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.events import Event
from app.core.text import _l
from app.desk import services as desk

TODO = "exams.retired_item"
UNSAT = (SessionState.PLANNED, SessionState.PREPARED)


def noticed(happened: Event) -> None:
    """Ask the examiners of every frozen paper not yet sat that holds an item which is retired; once a paper."""
    bank, _slash, item = happened.subject_code.rpartition("/")
    for paper in list(unsat.holding(bank, item, happened.at)):
        known = unsat.doubt_of(paper)
        if known is None or known.fate is not None:
            _open(paper, at=happened.at)


def _open(paper: Paper, *, at: datetime) -> None:
    doubt = PaperDoubt(paper_id=paper.id, opened_at=at)
    session.add(doubt)
    session.flush()
    events.record("exams.paper_doubted", of_paper(paper), by=None, at=at)
    ask_for_signature(paper.blueprint, paper, TODO, at=at, about=of_doubt(doubt))


def decide(paper: Paper, fate: PaperFate, *, reason: str, by: Actor, at: datetime) -> None:
    """Keep a frozen paper as it is, or set it aside so that no session is planned on it any more.

    Raises ConflictError where nothing waits for a decision, or a session that is not over stands on what is set aside.
    """
    doubt = unsat.doubt_of(paper)
    if doubt is None or doubt.fate is not None:
        raise ConflictError(_l("Nothing waits for a decision on this paper. Reload the page."))
    if not reason.strip():
        raise InvalidError(_l("Give the reason."), field="reason")
    if fate is PaperFate.SET_ASIDE and _planned(paper):
        raise ConflictError(
            _l(
                "A session is planned on this paper, so it cannot be set aside. Keep it; the place can be voided when "
                "the session is marked."
            ),
            field="reason",
        )
    doubt.fate, doubt.reason, doubt.decided_by_id, doubt.decided_at = fate, reason, by.person_id, at
    session.flush()
    kind = "exams.paper_kept" if fate is PaperFate.KEPT else "exams.paper_set_aside"
    events.record(kind, of_paper(paper), by=by, at=at, reason=reason)
    desk.close_todos(of_doubt(doubt), at=at)


def _planned(paper: Paper) -> bool:
    query = select(ExamSession.id).where(ExamSession.paper_id == paper.id, ExamSession.state.in_(UNSAT))
    return session.scalar(query.limit(1)) is not None


def refuse_set_aside(paper: Paper) -> None:
    """Raise InvalidError for a paper that was set aside: no session is planned on it."""
    query = select(Paper.id).where(Paper.id == paper.id, is_set_aside())
    if session.scalar(query) is not None:
        raise InvalidError(_l("This paper was set aside. Choose another frozen paper."), field="paper")
