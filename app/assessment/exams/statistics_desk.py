"""What statistics and answer similarity put on desks: to-dos that must be open."""

from collections.abc import Iterable

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import Blueprint, ExamSession, ItemFlag, Paper
from app.assessment.exams.queries import experts
from app.assessment.exams.services.experts import GROUP, OPINION
from app.assessment.exams.services.subjects import of_comparison, of_flags, of_pair
from app.assessment.exams.statistics_states import FlagState
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
    """A listed pair waits for each expert of its group, its session for an examiner while no group can decide one."""
    for one in experts.standings():
        for person_id in one.judges:
            yield Expected(OPINION, of_pair(one.pair), person_id=person_id)
        held = one.pair.run.session
        if one.stuck:
            yield Expected(
                GROUP,
                of_comparison(held),
                role=Role.EXAMINER,
                organisation_id=held.organisation_id,
                region_code=held.region_code,
            )
