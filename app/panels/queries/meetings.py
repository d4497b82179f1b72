"""Reads of meetings, their agenda and who is present."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import Select, not_, select

from app.ballots.states import SERVE
from app.cases.models import Restriction
from app.cases.queries import restrictions
from app.core.access import Actor
from app.core.db import session
from app.panels.models.draws import PanelCase, Recusal
from app.panels.models.meetings import AgendaItem, Attendance, Meeting
from app.panels.models.pools import Committee, CommitteeMember, PoolExpert
from app.panels.queries import pools, scope
from app.panels.queries.pages import Page, page_of
from app.panels.queries.pools import found
from app.panels.rules.presence import Passage, Quorum, ever_present, present


def visible(actor: Actor) -> Select[Meeting]:
    """Select the meetings of committees that one runs, oversees or sits on."""
    return select(Meeting).where(Meeting.committee_id.in_(scope.committees(actor).with_only_columns(Committee.id)))


def meetings(actor: Actor, *, page: int = 1) -> Page[Meeting]:
    """Return a page of readable meetings, the latest first."""
    return page_of(visible(actor), (Meeting.starts_at.desc(), Meeting.id.desc()), page)


def meeting(code: str, actor: Actor) -> Meeting:
    """Return a readable meeting; raises NotFoundError."""
    return found(session.scalar(visible(actor).where(Meeting.code == code)))


def items(of: Meeting, actor: Actor) -> list[AgendaItem]:
    """Return the agenda without the items from which the actor is recused."""
    query = select(AgendaItem).where(
        AgendaItem.meeting_id == of.id,
        scope.visible_to_panel(actor, AgendaItem.subject_type, AgendaItem.subject_code),
    )
    return list(session.scalars(query.order_by(AgendaItem.position)))


def all_items(meeting_id: int) -> list[AgendaItem]:
    """Return the whole agenda, for the minutes and the rules."""
    query = select(AgendaItem).where(AgendaItem.meeting_id == meeting_id).order_by(AgendaItem.position)
    return list(session.scalars(query))


def item(code: str, actor: Actor) -> AgendaItem:
    """Return an item from which the actor is not recused; raises NotFoundError."""
    query = select(AgendaItem).where(
        AgendaItem.code == code,
        AgendaItem.meeting_id.in_(visible(actor).with_only_columns(Meeting.id)),
        scope.visible_to_panel(actor, AgendaItem.subject_type, AgendaItem.subject_code),
    )
    return found(session.scalar(query))


def sees_whole_agenda(of: Meeting, actor: Actor) -> bool:
    """Tell whether the actor is recused from no item, so that minutes about all of them may be shown."""
    hidden = select(AgendaItem.id).where(
        AgendaItem.meeting_id == of.id,
        not_(scope.visible_to_panel(actor, AgendaItem.subject_type, AgendaItem.subject_code)),
    )
    return session.scalar(hidden.limit(1)) is None


def attendance(meeting_id: int) -> list[Attendance]:
    """Return who came and left, in order."""
    return list(session.scalars(select(Attendance).where(Attendance.meeting_id == meeting_id).order_by(Attendance.id)))


def signatory(of: Meeting, came: Collection[int] | None = None) -> CommitteeMember | None:
    """Return who signs the minutes of a meeting, None where nobody is left who may.

    It is the chair; where the chair is recused from an item, whose minutes they may not read, the first member who
    attended and may read all of them. `came` are the experts who attended, where they are known.
    """
    about = (Recusal.subject_type == AgendaItem.subject_type) & (Recusal.subject_code == AgendaItem.subject_code)
    barred_from = (
        select(Recusal.id)
        .join(AgendaItem, about)
        .where(AgendaItem.meeting_id == of.id, Recusal.person_id == PoolExpert.person_id, scope.holds())
    )
    free = session.scalars(pools.members_of(of.committee_id).where(~barred_from.correlate(PoolExpert).exists())).all()
    inside = ever_present(passages(attendance(of.id))) if came is None else came
    return next((one for one in free if one.chair or one.expert_id in inside), None)


def barred(who: CommitteeMember, *, on: date) -> Restriction | None:
    """Return what keeps who signs the minutes from serving on a day, None where nothing does."""
    return restrictions.restricted(SERVE, [who.expert.person_id], on=on).get(who.expert.person_id)


def attended(of: Meeting) -> list[PoolExpert]:
    """Return who was in the room at any time, the chair first, although they may have left the committee since."""
    rows = attendance(of.id)
    came = ever_present(passages(rows))
    experts = {one.expert_id: one.expert for one in rows if one.expert_id in came}
    order = [one.expert_id for one in members(of) if one.expert_id in experts]
    return [experts[one] for one in dict.fromkeys([*order, *experts])]


def passages(rows: list[Attendance]) -> list[Passage]:
    """Return the rows of attendance as the rules read them."""
    return [Passage(one.expert_id, one.entering, one.at) for one in rows]


def quorum(of: Meeting, rows: list[Attendance]) -> Quorum:
    """Return the quorum as it stands now, one for the whole meeting: who leaves for a single item still attends it.

    MOHRSS Order 40 (2019) asks how many experts attend the meeting of the committee.
    """
    return Quorum(len(present(passages(rows))), of.members, of.quorum)


def free_for(one: AgendaItem) -> int:
    """Return how many present members are free to vote on an item, because they are not recused from it."""
    rows = attendance(one.meeting_id)
    inside = present(passages(rows))
    people = {row.expert_id: row.expert.person_id for row in rows if row.expert_id in inside}
    out = scope.recused_among(people.values(), one.subject)
    return len([1 for person in people.values() if person not in out])


def membership(of: Meeting, actor: Actor) -> CommitteeMember | None:
    """Return the actor's place on the committee of a meeting, None where they have none."""
    query = select(CommitteeMember).join(CommitteeMember.expert)
    return session.scalar(
        query.where(CommitteeMember.committee_id == of.committee_id, PoolExpert.person_id == actor.person_id)
    )


def recusals(of: Meeting) -> list[tuple[Recusal, AgendaItem]]:
    """Return who is recused from which item."""
    query = (
        select(Recusal, AgendaItem)
        .join(
            AgendaItem,
            (Recusal.subject_type == AgendaItem.subject_type) & (Recusal.subject_code == AgendaItem.subject_code),
        )
        .where(AgendaItem.meeting_id == of.id, scope.holds())
        .order_by(AgendaItem.position, Recusal.id)
    )
    return [(one, about) for one, about in session.execute(query)]


def cases_to_add(of: Meeting, actor: Actor) -> list[PanelCase]:
    """Return the cases of the office's panels that are not on the agenda yet, the latest first."""
    known = select(AgendaItem.id).where(
        AgendaItem.meeting_id == of.id,
        AgendaItem.subject_type == PanelCase.subject_type,
        AgendaItem.subject_code == PanelCase.subject_code,
    )
    query = scope.cases(actor).where(~known.correlate_except(AgendaItem).exists())
    return list(session.scalars(query.order_by(PanelCase.id.desc()).limit(100)))


def members(of: Meeting) -> list[CommitteeMember]:
    """Return the members of the committee of a meeting, the chair first."""
    return pools.members(of.committee)
