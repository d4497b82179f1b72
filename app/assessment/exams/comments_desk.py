"""What the review of papers puts on desks: comments wait for an answer, answered ones for who made them."""

from collections.abc import Iterable

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.comment_states import CommentState
from app.assessment.exams.models import Blueprint, Paper, PaperComment
from app.assessment.exams.services.comments import ANSWER, RESOLVE
from app.assessment.exams.services.subjects import of_comment
from app.core.db import session
from app.desk.kinds import Expected


def expected() -> set[Expected]:
    """Return the to-dos that follow from comments that are not resolved."""
    return set(_waiting())


def _waiting() -> Iterable[Expected]:
    query = (
        select(PaperComment, Blueprint)
        .join(Paper, Paper.id == PaperComment.paper_id)
        .join(Blueprint, Blueprint.id == Paper.blueprint_id)
        .where(PaperComment.state != CommentState.RESOLVED)
    )
    for found, blueprint in session.execute(query):
        if found.state is CommentState.ANSWERED:
            yield Expected(RESOLVE, of_comment(found), person_id=found.commented_by_id)
        else:
            yield Expected(
                ANSWER,
                of_comment(found),
                role=Role.EXAMINER,
                organisation_id=blueprint.organisation_id,
                region_code=blueprint.region_code,
            )
