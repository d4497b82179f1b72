"""How events and to-dos name the records of this room."""

from app.core.events import Subject
from app.panels.models.draws import Panel
from app.panels.models.meetings import Meeting
from app.panels.models.pools import Committee, ExpertPool, PoolExpert


def of_pool(pool: ExpertPool) -> Subject:
    """Name a pool."""
    return Subject("expert_pool", pool.code)


def of_expert(expert: PoolExpert) -> Subject:
    """Name an expert's entry in a pool."""
    return Subject("pool_expert", expert.code)


def of_committee(committee: Committee) -> Subject:
    """Name a committee."""
    return Subject("committee", committee.code)


def of_panel(panel: Panel) -> Subject:
    """Name a panel."""
    return Subject("panel", panel.code)


def of_meeting(meeting: Meeting) -> Subject:
    """Name a meeting."""
    return Subject("meeting", meeting.code)


def of_recusals(subject: Subject) -> Subject:
    """Name the recusals from a subject, apart from the subject itself, about which other rooms let things wait."""
    return Subject("recusal", subject.code)
