"""Recusals from a subject, and what was found about those that rest on a name alone."""

from typing import NamedTuple

from sqlalchemy import func, select

from app.cases.states import BY_NAME
from app.core.db import session
from app.core.events import Subject
from app.panels.models.draws import Recusal, RecusalFinding


class Recorded(NamedTuple):
    """A recusal, what was found last about it (None: nobody looked), and why."""

    recusal: Recusal
    same: bool | None
    finding: str | None

    @property
    def holds(self) -> bool:
        """Tell whether it keeps the person from the subject."""
        return self.same is not False

    @property
    def waits(self) -> bool:
        """Tell whether it rests on a name and somebody has still to look whether it is the same person."""
        return self.recusal.reason == BY_NAME and self.same is None


def recorded(subject: Subject) -> list[Recorded]:
    """Return every recusal from a subject with the latest finding about it, in order: one statement."""
    last = select(func.max(RecusalFinding.id)).where(RecusalFinding.recusal_id == Recusal.id).correlate(Recusal)
    query = (
        select(Recusal, RecusalFinding.same, RecusalFinding.reason)
        .outerjoin(RecusalFinding, RecusalFinding.id == last.scalar_subquery())
        .where(Recusal.subject_type == subject.type, Recusal.subject_code == subject.code)
    )
    return [Recorded(*row) for row in session.execute(query.order_by(Recusal.id))]


def recorded_of(subject: Subject, person_id: int) -> Recorded | None:
    """Return the recusal of one person, None where there never was one."""
    return next((one for one in recorded(subject) if one.recusal.person_id == person_id), None)
