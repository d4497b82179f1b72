"""Relations that are declared while cases are open: the rooms that know them are asked, and who is named leaves."""

from datetime import datetime

from sqlalchemy import select

from app.accounts.models import Person
from app.core import events
from app.core.db import session
from app.core.errors import ConflictError
from app.panels.models.draws import Panel, PanelCase
from app.panels.models.meetings import AgendaItem, Meeting
from app.panels.models.pools import CommitteeMember, PoolExpert
from app.panels.queries import pools, scope
from app.panels.queries.declared import Why, known_against
from app.panels.services import subjects
from app.panels.services.barring import bar
from app.panels.services.recusal import keep, leave_cases, recuse
from app.panels.states import MeetingState, PanelState

VOTED = "voted"
"""How the room of ballots says that a vote holds the case already."""


def heed(person: Person, *, at: datetime) -> None:
    """Recuse a person from every open case that they declared a relation to.

    While a population is public recusals wait, so a draw asks once more when it is made. Where the person has voted
    already nothing is taken out of the ballot: the office reads that in the timeline of the meeting.
    """
    cases, items = _cases_before(person), _items_before(person)
    known = known_against({*(one.subject for one in cases), *(one.subject for one, _meeting in items)})
    why = {about: against[person.id] for about, against in known.items() if person.id in against}
    for about, (kind, source) in why.items():
        if scope.recused(person.id, about):
            bar(about, person.id, kind=kind, reason=source, by=None, at=at)
    for case in cases:
        if case.subject in why and not scope.recused(person.id, case.subject):
            kind, source = why[case.subject]
            recuse(case, person, kind=kind, reason=source, by=None, at=at)
    for item, meeting in items:
        if item.subject in why and not scope.recused(person.id, item.subject):
            _leave_item(item, meeting, person, why[item.subject], at=at)


def _leave_item(item: AgendaItem, meeting: Meeting, person: Person, why: Why, *, at: datetime) -> None:
    kind, source = why
    try:
        keep(item.subject, person, kind=kind, reason=source, by=None, at=at)
    except ConflictError as error:
        if error.code != VOTED:
            raise
        data = {"item": item.code}
        events.record("panels.relation_late", subjects.of_meeting(meeting), by=None, at=at, data=data)
        return
    leave_cases(item.subject, person, at=at)


def heed_all(panel: Panel, *, at: datetime) -> None:
    """Recuse whoever of a drawn panel declared a relation to its cases since they were planned."""
    query = select(PanelCase).where(PanelCase.panel_id == panel.id)
    cases = {one.subject: one for one in session.scalars(query.order_by(PanelCase.position))}
    for about, known in known_against(cases).items():
        for person_id in sorted(pools.people_among(panel.pool_id, known)):
            kind, source = known[person_id]
            if scope.recused(person_id, about):
                bar(about, person_id, kind=kind, reason=source, by=None, at=at)
            else:
                whom = session.get_one(Person, person_id)
                recuse(cases[about], whom, kind=kind, reason=source, by=None, at=at)


def _cases_before(person: Person) -> list[PanelCase]:
    """Return the cases of draws from pools of the person that are planned or made, unless they are on an agenda.

    What is on an agenda is left there, where it is known whether the person has voted.
    """
    treated = select(AgendaItem.id).where(
        AgendaItem.subject_type == PanelCase.subject_type, AgendaItem.subject_code == PanelCase.subject_code
    )
    query = (
        select(PanelCase)
        .join(Panel, Panel.id == PanelCase.panel_id)
        .join(PoolExpert, PoolExpert.pool_id == Panel.pool_id)
        .where(PoolExpert.person_id == person.id, Panel.state.in_((PanelState.PLANNED, PanelState.DRAWN)))
        .where(~treated.exists())
    )
    return list(session.scalars(query.order_by(PanelCase.id)))


def _items_before(person: Person) -> list[tuple[AgendaItem, Meeting]]:
    """Return what committees of the person treat in meetings that are not over, with the meetings."""
    query = (
        select(AgendaItem, Meeting)
        .join(Meeting, Meeting.id == AgendaItem.meeting_id)
        .join(CommitteeMember, CommitteeMember.committee_id == Meeting.committee_id)
        .join(PoolExpert, PoolExpert.id == CommitteeMember.expert_id)
        .where(PoolExpert.person_id == person.id, Meeting.state.in_((MeetingState.CALLED, MeetingState.OPEN)))
        .where(AgendaItem.result.is_(None))
    )
    return [(item, meeting) for item, meeting in session.execute(query.order_by(AgendaItem.id))]
