"""What statistics and answer similarity put on desks: to-dos that must be open."""

from collections.abc import Iterable

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import Blueprint, ExamSession, ItemFlag, Paper, SimilarityPair, SimilarityRun
from app.assessment.exams.services.similarity import JUDGES
from app.assessment.exams.services.subjects import of_comparison, of_flags
from app.assessment.exams.statistics_states import FlagState, PairState
from app.core.db import session
from app.desk.kinds import Expected
from app.items.models import ItemBank


def expected() -> set[Expected]:
    """Return the to-dos that follow from flagged items and listed pairs."""
    return {*_flags(), *_pairs()}


def _flags() -> Iterable[Expected]:
    """Flagged items wait for the reviewers of their bank, one to-do a session."""
    query = (
        select(ExamSession, ItemBank.organisation_id)
        .join(ItemFlag, ItemFlag.session_id == ExamSession.id)
        .join(Paper, Paper.id == ExamSession.paper_id)
        .join(Blueprint, Blueprint.id == Paper.blueprint_id)
        .join(ItemBank, ItemBank.id == Blueprint.bank_id)
        .where(ItemFlag.state == FlagState.OPEN)
        .distinct()
    )
    for exam, organisation_id in session.execute(query):
        yield Expected("exams.flagged_items", of_flags(exam), role=Role.REVIEWER, organisation_id=organisation_id)


def _pairs() -> Iterable[Expected]:
    """Listed pairs wait for the expert group, one to-do a session and role."""
    query = (
        select(ExamSession)
        .join(SimilarityRun, SimilarityRun.session_id == ExamSession.id)
        .join(SimilarityPair, SimilarityPair.run_id == SimilarityRun.id)
        .where(SimilarityPair.state == PairState.LISTED)
        .distinct()
    )
    for exam in session.scalars(query):
        for role in JUDGES:
            yield Expected(
                "exams.similarity",
                of_comparison(exam),
                role=role,
                organisation_id=exam.organisation_id,
                region_code=exam.region_code,
            )
