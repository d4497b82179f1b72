"""Who is asked to sign the minutes of a closed meeting; whoever is recused since is not asked any longer."""

from datetime import datetime

from sqlalchemy import select

from app.core.db import session
from app.core.events import Subject
from app.desk import services as desk
from app.panels.models.meetings import AgendaItem, Meeting
from app.panels.queries import meetings as queries
from app.panels.services import subjects
from app.panels.states import MeetingState

SIGN = "panels.sign"


def ask_signatory(meeting: Meeting, *, at: datetime) -> None:
    """Let the minutes of a closed meeting wait for who signs them now, and for nobody else."""
    about, who = subjects.of_meeting(meeting), queries.signatory(meeting)
    for one in queries.members(meeting):
        if who is None or one.id != who.id:
            desk.close_todos(about, kind=SIGN, at=at, person_id=one.expert.person_id)
    if who is not None:
        desk.open_todo(
            SIGN,
            about,
            url=f"/meetings/{meeting.code}",
            at=at,
            person_id=who.expert.person_id,
            params={"meeting_zh": meeting.name_zh, "meeting_en": meeting.name_en},
        )


def ask_signatories(subject: Subject, *, at: datetime) -> None:
    """Do so for every closed meeting that treated a subject, because who is recused from it has changed."""
    query = (
        select(Meeting)
        .join(AgendaItem, AgendaItem.meeting_id == Meeting.id)
        .where(
            Meeting.state == MeetingState.CLOSED,
            AgendaItem.subject_type == subject.type,
            AgendaItem.subject_code == subject.code,
        )
    )
    for meeting in session.scalars(query.order_by(Meeting.id)).all():
        ask_signatory(meeting, at=at)
