"""What the panels room puts on desks: to-dos that follow from the states of its records, and calls to meetings."""

from collections.abc import Iterator

from sqlalchemy import select

from app.accounts.states import Role
from app.core.db import session
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, Told
from app.panels.models.draws import Panel, PanelCase, PanelSeat, SeedShare
from app.panels.models.meetings import Attendance, Meeting
from app.panels.models.pools import Committee, CommitteeMember, ExpertPool, PoolExpert
from app.panels.models.scoring import Assignment, ScoringRound
from app.panels.queries.meetings import signatory
from app.panels.queries.recusals import waited_for
from app.panels.services.meetings import COMING
from app.panels.services.subjects import of_committee, of_panel, of_recusals
from app.panels.states import CommitteeState, ExpertState, MeetingState, PanelState, SeatState


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of pools, committees, draws, meetings and scores."""
    return {
        *_experts(),
        *_committees(),
        *_commitments(),
        *_secrets(),
        *_drawn(),
        *_meetings(),
        *_scores(),
        *_declarations(),
    }


def _experts() -> Iterator[Expected]:
    """A nomination waits for its person, a willing one for the authority of the pool."""
    query = (
        select(PoolExpert.code, PoolExpert.state, PoolExpert.person_id, ExpertPool.region_code)
        .join(ExpertPool, ExpertPool.id == PoolExpert.pool_id)
        .where(PoolExpert.state.in_([ExpertState.NOMINATED, ExpertState.ACCEPTED]))
    )
    for code, state, person_id, region in session.execute(query):
        about = Subject("pool_expert", code)
        if state is ExpertState.NOMINATED:
            yield Expected("panels.answer", about, person_id=person_id)
        else:
            yield Expected("panels.admit", about, role=Role.REGULATOR, region_code=region)


def _committees() -> Iterator[Expected]:
    """A committee with members waits to be filed."""
    manned = select(CommitteeMember.id).where(CommitteeMember.committee_id == Committee.id).exists()
    for one in session.scalars(select(Committee).where(Committee.state == CommitteeState.DRAFT, manned)):
        yield Expected("panels.file", of_committee(one), role=Role.REGULATOR, region_code=one.region_code)


def _commitments() -> Iterator[Expected]:
    """A planned draw waits for the office and the supervisors of its region."""
    for one in session.scalars(select(Panel).where(Panel.state == PanelState.PLANNED)):
        yield Expected("panels.commit", of_panel(one), role=Role.SECRETARY, organisation_id=one.organisation_id)
        yield Expected("panels.commit", of_panel(one), role=Role.SUPERVISOR, region_code=one.region_code)


def _secrets() -> Iterator[Expected]:
    """A published population waits for the secrets that the present attempt rests on."""
    query = (
        select(Panel.code, SeedShare.person_id)
        .join(SeedShare, (SeedShare.panel_id == Panel.id) & (SeedShare.attempt == Panel.attempt))
        .where(Panel.state == PanelState.PUBLISHED, SeedShare.revealed_at.is_(None))
    )
    for code, person_id in session.execute(query):
        yield Expected("panels.reveal", Subject("panel", code), person_id=person_id)


def _drawn() -> Iterator[Expected]:
    """Who was drawn looks for conflicts until the cases are given out to be scored."""
    opened = select(ScoringRound.id).where(ScoringRound.panel_id == Panel.id).exists()
    query = (
        select(Panel.code, PoolExpert.person_id)
        .join(PanelSeat, PanelSeat.panel_id == Panel.id)
        .join(PoolExpert, PoolExpert.id == PanelSeat.expert_id)
        .where(Panel.state == PanelState.DRAWN, PanelSeat.state == SeatState.SEATED, ~opened)
    )
    for code, person_id in session.execute(query):
        yield Expected("panels.declare", Subject("panel", code), person_id=person_id)


def _meetings() -> Iterator[Expected]:
    """A meeting waits for members who have not signed in, its minutes for who signs them."""
    came = select(Attendance.id).where(
        Attendance.meeting_id == Meeting.id, Attendance.expert_id == CommitteeMember.expert_id, Attendance.entering
    )
    query = (
        select(Meeting.code, came.exists(), PoolExpert.person_id)
        .join(CommitteeMember, CommitteeMember.committee_id == Meeting.committee_id)
        .join(PoolExpert, PoolExpert.id == CommitteeMember.expert_id)
        .where(Meeting.state.in_(COMING))
    )
    for code, has_come, person_id in session.execute(query):
        if not has_come:
            yield Expected("panels.attend", Subject("meeting", code), person_id=person_id)
    for meeting in session.scalars(select(Meeting).where(Meeting.state == MeetingState.CLOSED)):
        who = signatory(meeting)
        if who is not None:
            yield Expected("panels.sign", Subject("meeting", meeting.code), person_id=who.expert.person_id)


def _scores() -> Iterator[Expected]:
    """A case waits for the experts it was given to."""
    query = (
        select(PanelCase.code, PoolExpert.person_id)
        .join(Assignment, Assignment.case_id == PanelCase.id)
        .join(PoolExpert, PoolExpert.id == Assignment.expert_id)
        .where(Assignment.submitted_at.is_(None), Assignment.withdrawn_at.is_(None))
    )
    for code, person_id in session.execute(query):
        yield Expected("panels.score", Subject("panel_case", code), person_id=person_id)


def _declarations() -> Iterator[Expected]:
    """A declaration by name alone waits for each office that has the case before it."""
    for one in waited_for():
        about = of_recusals(one.subject)
        yield Expected("panels.settle", about, role=Role.SECRETARY, organisation_id=one.organisation_id)


def _members(happened: Event) -> list[Told]:
    """Return the members of the committee that is called; the name of a meeting names no case."""
    query = (
        select(PoolExpert.person_id, Meeting.name_zh, Meeting.name_en)
        .join(CommitteeMember, CommitteeMember.expert_id == PoolExpert.id)
        .join(Meeting, Meeting.committee_id == CommitteeMember.committee_id)
        .where(Meeting.code == happened.subject_code)
    )
    url = f"/meetings/{happened.subject_code}"
    rows = session.execute(query)
    return [Told(person_id, url, {"meeting_zh": zh, "meeting_en": en}) for person_id, zh, en in rows]


NOTICES = (
    NoticeKind(
        "panels.meeting_called",
        "panels.meeting_called",
        label=_l("A meeting of your committee"),
        sentence=_l("Your committee is called: %(meeting)s. Day and venue stand on its page."),
        told=_members,
        mail=True,
    ),
)
