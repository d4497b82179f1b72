"""Recusals from a subject, and what was found about those that rest on a name alone."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select

from app.cases.states import BY_NAME
from app.core.db import session
from app.core.events import Subject
from app.panels.models.draws import Panel, PanelCase, Recusal, RecusalFinding
from app.panels.models.meetings import AgendaItem, Meeting
from app.panels.models.pools import Committee
from app.panels.queries import scope


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


class Waited(NamedTuple):
    """An office that has a subject before a panel or a meeting, and where it says whom a declaration by name means."""

    subject: Subject
    organisation_id: int
    url: str


def waited_for(codes: Collection[str] | None = None) -> Iterator[Waited]:
    """Yield the offices by which a declaration that gave a name alone has to be settled, of some subjects or of all."""
    waits = [Recusal.reason == BY_NAME, scope.latest_finding().is_(None)]
    if codes is not None:
        waits.append(Recusal.subject_code.in_(codes))
    panels = (
        select(Recusal.subject_type, Recusal.subject_code, Panel.organisation_id, Panel.code, PanelCase.code)
        .join(PanelCase, _before(PanelCase))
        .join(Panel, Panel.id == PanelCase.panel_id)
    )
    meetings = (
        select(Recusal.subject_type, Recusal.subject_code, Committee.organisation_id, Meeting.code, AgendaItem.code)
        .join(AgendaItem, _before(AgendaItem))
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(Committee, Committee.id == Meeting.committee_id)
    )
    for query, path in ((panels, "/panels/{}/cases/{}"), (meetings, "/meetings/{}/items/{}")):
        for kind, code, office, before, place in session.execute(query.where(*waits).order_by(Recusal.id)):
            yield Waited(Subject(kind, code), office, path.format(before, place))


def _before(case: type[PanelCase | AgendaItem]) -> ColumnElement[bool]:
    """Return the condition that a case of a panel, or an item of an agenda, is what a recusal is from."""
    return (case.subject_type == Recusal.subject_type) & (case.subject_code == Recusal.subject_code)
