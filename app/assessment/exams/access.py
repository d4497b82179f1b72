"""Who may do what with papers, sessions, sittings and results; and which rows they reach."""

from enum import StrEnum

from sqlalchemy import ColumnElement, false
from sqlalchemy.orm import InstrumentedAttribute

from app.accounts.access import within
from app.accounts.states import Role
from app.core.access import Actor


class Permission(StrEnum):
    """The acts of the exams room."""

    VIEW = "exams.view"
    BLUEPRINT = "exams.blueprint"
    FREEZE = "exams.freeze"
    ORGANISE = "exams.organise"
    WATCH = "exams.watch"
    RESULTS = "exams.results"
    RELEASE = "exams.release"
    SIT = "exams.sit"
    LATE = "exams.late"
    REPORTS = "exams.reports"
    MARK = "exams.mark"
    ADJUDICATE = "exams.adjudicate"
    STANDARDS = "exams.standards"
    STANDARD = "exams.standard"
    LEAD_STANDARD = "exams.lead_standard"
    JUDGE = "exams.judge"
    STATISTICS = "exams.statistics"
    SIMILARITY = "exams.similarity"
    COMPARE = "exams.compare"
    ITEM_REVIEW = "exams.item_review"
    ITEM_REVISION = "exams.item_revision"
    CONFIRM_SIMILARITY = "exams.confirm_similarity"
    CONFIRM_CORRECTION = "exams.confirm_correction"


NOT_AN_EXAMINERS = {
    Permission.SIT,
    Permission.MARK,
    Permission.ADJUDICATE,
    Permission.JUDGE,
    Permission.ITEM_REVIEW,
    Permission.CONFIRM_SIMILARITY,
}
EXPERT_GROUP = (Permission.SIMILARITY, Permission.CONFIRM_SIMILARITY)
GRANTS: dict[Role, frozenset[Permission]] = {
    Role.EXAMINER: frozenset(set(Permission) - NOT_AN_EXAMINERS),
    Role.INVIGILATOR: frozenset({Permission.VIEW, Permission.WATCH}),
    Role.TRAINEE: frozenset({Permission.SIT}),
    Role.BASE: frozenset({Permission.REPORTS}),
    Role.REGULATOR: frozenset({Permission.REPORTS, Permission.CONFIRM_CORRECTION}),
    Role.REVIEWER: frozenset({Permission.ITEM_REVIEW, Permission.ITEM_REVISION}),
    Role.MARKER: frozenset({Permission.MARK}),
    Role.ADJUDICATOR: frozenset({Permission.MARK, Permission.ADJUDICATE}),
    Role.EXPERT: frozenset({Permission.STANDARDS, Permission.JUDGE, *EXPERT_GROUP}),
    Role.CHAIR: frozenset({Permission.STANDARDS, Permission.JUDGE, Permission.LEAD_STANDARD, *EXPERT_GROUP}),
}


def held_by(
    organisation_id: InstrumentedAttribute[int], region_code: InstrumentedAttribute[str], actor: Actor
) -> ColumnElement[bool]:
    """Limit a query to the rows of the actor's organisation and region; nothing for who acts for no organisation.

    Exams belong to the body that holds them: a role in a region alone reaches none of its papers, rooms and results.
    """
    if actor.organisation_id is None:
        return false()
    return within(region_code, actor) & (organisation_id == actor.organisation_id)
