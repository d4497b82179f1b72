"""Writes of meetings: call, sign in, open, take results, close, and minutes signed by the chair and sealed."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import select

from app.accounts.models import Person
from app.ballots import services as ballots
from app.ballots.queries import stands_at
from app.ballots.states import SERVE
from app.cases.queries import restrictions
from app.core import events, files
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.text import _l
from app.desk import services as desk
from app.panels.models.meetings import AgendaItem, Attendance, Meeting
from app.panels.models.pools import Committee, CommitteeMember, PoolExpert
from app.panels.queries import meetings as queries
from app.panels.queries import pools, scope
from app.panels.queries.declared import Known, known_against
from app.panels.rules.presence import present
from app.panels.services import subjects
from app.panels.services.barring import ask_offices, bar
from app.panels.services.doors import refuse_ended, refuse_restricted
from app.panels.services.draws import CaseGiven
from app.panels.services.recusal import keep, leave_cases
from app.panels.services.signing import ask_signatory
from app.panels.states import MEETING, Conflict, MeetingState

COMING = (MeetingState.CALLED, MeetingState.OPEN)
BALLOT_STANDS = _l(
    "A secret ballot of this meeting has no result yet. Its trustees open the tally, or its chair calls it off; then "
    "close the meeting."
)


def call(
    committee: Committee, *, name_zh: str, name_en: str, place: str, starts_at: datetime, by: Actor, at: datetime
) -> Meeting:
    """Call the members of a committee to a closed meeting.

    Raises ConflictError where its filing does not hold then, ForbiddenError naming members who may not serve that day.
    """
    if not committee.may_sit_on(day_of(starts_at)):
        raise ConflictError(_l("On that day the filing of the committee does not hold, so it may not sit."))
    members = pools.members(committee)
    refuse_restricted([one.expert for one in members], on=day_of(starts_at))
    meeting = Meeting(
        committee_id=committee.id,
        organisation_id=committee.organisation_id,
        region_code=committee.region_code,
        name_zh=name_zh,
        name_en=name_en,
        place=place,
        starts_at=starts_at,
        members=len(members),
        quorum=pools.rules_of(committee.rule_code).quorum(len(members)),
        called_by_id=by.person_id,
        called_at=at,
    )
    session.add(meeting)
    session.flush()
    events.record("panels.meeting_called", subjects.of_meeting(meeting), by=by, at=at, rule=committee.rule_code)
    for one in members:
        _ask(meeting, one.expert.person_id, at=at)
    return meeting


def tell_members(committee: Committee, *, at: datetime) -> None:
    """Let meetings that are not over wait for whoever sits on their committee now, and for nobody else."""
    members = pools.members(committee)
    waiting = (*COMING, MeetingState.CLOSED)
    query = select(Meeting).where(Meeting.committee_id == committee.id, Meeting.state.in_(waiting))
    for meeting in session.scalars(query):
        came = {one.expert_id for one in queries.attendance(meeting.id) if one.entering}
        desk.close_todos(subjects.of_meeting(meeting), at=at)
        for one in members:
            if meeting.state in COMING and one.expert_id not in came:
                _ask(meeting, one.expert.person_id, at=at)
        if meeting.state is MeetingState.CLOSED:
            ask_signatory(meeting, at=at)


def _ask(meeting: Meeting, person_id: int, *, at: datetime) -> None:
    desk.open_todo(
        "panels.attend",
        subjects.of_meeting(meeting),
        url=f"/meetings/{meeting.code}",
        at=at,
        person_id=person_id,
        due_on=day_of(meeting.starts_at),
        params={"meeting_zh": meeting.name_zh, "meeting_en": meeting.name_en},
    )


def add_item(
    meeting: Meeting, given: CaseGiven, *, against: Sequence[Known] = (), by: Actor, at: datetime
) -> AgendaItem:
    """Put a subject on the agenda before the meeting closes; members of whom a conflict is known are recused at once.

    Raises ConflictError for a subject that is on it.
    """
    if meeting.state not in {MeetingState.CALLED, MeetingState.OPEN}:
        raise ConflictError(_l("The meeting is closed; its agenda no longer changes."))
    known = queries.all_items(meeting.id)
    if any(one.subject == given.subject for one in known):
        raise ConflictError(_l("The case is on the agenda already."))
    item = AgendaItem(
        meeting_id=meeting.id,
        position=len(known) + 1,
        subject_type=given.subject.type,
        subject_code=given.subject.code,
        label_zh=given.label_zh,
        label_en=given.label_en,
    )
    session.add(item)
    session.flush()
    events.record("panels.item_added", subjects.of_meeting(meeting), by=by, at=at, data={"item": item.code})
    declared = known_against([item.subject]).get(item.subject, {})
    heard = [*against, *((person, *why) for person, why in sorted(declared.items()))]
    _recuse_known(meeting, item, heard, by=by, at=at)
    ask_offices([item.subject], at=at)
    return item


def _recuse_known(meeting: Meeting, item: AgendaItem, against: Sequence[Known], *, by: Actor, at: datetime) -> None:
    members = {one.expert.person_id for one in queries.members(meeting)} if against else set()
    for person_id, kind, source in against:
        if person_id not in members:
            continue
        if scope.recused(person_id, item.subject):
            bar(item.subject, person_id, kind=kind, reason=source, by=by, at=at)
        else:
            person = session.get_one(Person, person_id)
            keep(item.subject, person, kind=kind, reason=source, by=by, at=at)
            leave_cases(item.subject, person, at=at)


def attend(meeting: Meeting, member: CommitteeMember, *, entering: bool, by: Actor, at: datetime) -> Attendance:
    """Let a member sign in or leave on the spot, by their own hand; the ballots of the meeting follow at once.

    Raises ForbiddenError for anyone else and, coming in, for who may not serve or whose term does not hold that day;
    ConflictError on another day, after the meeting, or twice.
    """
    if member.expert.person_id != by.person_id or member.committee_id != meeting.committee_id:
        raise ForbiddenError(_l("Only a member signs in, and only for themselves: there are no proxies."))
    if meeting.state not in {MeetingState.CALLED, MeetingState.OPEN} or day_of(at) != day_of(meeting.starts_at):
        raise ConflictError(_l("Members sign in on the day of the meeting, until it is closed."))
    if entering:
        restrictions.refuse_if_restricted(SERVE, person_id=by.person_id, on=day_of(at))
        refuse_ended(member.expert, on=day_of(at))
    _lock(meeting)
    inside = present(queries.passages(queries.attendance(meeting.id)))
    if (member.expert_id in inside) is entering:
        raise ConflictError(_l("This is recorded already. Reload the page to see who is present."))
    row = _pass(meeting, member.expert, entering=entering, by=by, at=at)
    if entering:
        desk.close_todos(subjects.of_meeting(meeting), at=at, kind="panels.attend", person_id=by.person_id)
    return row


def send_out(expert: PoolExpert, *, by: Actor | None, at: datetime) -> None:
    """Let an expert who is suspended or restricted leave every meeting that they sit in; their votes count."""
    query = (
        select(Meeting)
        .join(CommitteeMember, CommitteeMember.committee_id == Meeting.committee_id)
        .where(CommitteeMember.expert_id == expert.id, Meeting.state.in_(COMING))
    )
    for meeting in session.scalars(query.order_by(Meeting.id)).all():
        _lock(meeting)
        if expert.id in present(queries.passages(queries.attendance(meeting.id))):
            _pass(meeting, expert, entering=False, by=by, at=at)


def _pass(meeting: Meeting, expert: PoolExpert, *, entering: bool, by: Actor | None, at: datetime) -> Attendance:
    """Record that a member came or left, here and in the ballots of the meeting."""
    row = Attendance(meeting_id=meeting.id, expert_id=expert.id, entering=entering, at=at)
    session.add(row)
    session.flush()
    events.record("panels.came" if entering else "panels.left", subjects.of_meeting(meeting), by=by, at=at)
    ballots.note_presence(meeting.code, person_id=expert.person_id, here=entering, by=by, at=at)
    return row


def _lock(meeting: Meeting) -> None:
    """Lock a meeting as recusals and calls of ballots do: no ballot is called while somebody comes or leaves."""
    session.execute(select(Meeting.id).where(Meeting.id == meeting.id).with_for_update(key_share=True))


def open_meeting(meeting: Meeting, *, by: Actor, at: datetime) -> None:
    """Open a meeting with a quorum; raises ConflictError below it or where the filing has run out."""
    state = queries.quorum(meeting, queries.attendance(meeting.id))
    if not state.met:
        raise ConflictError(
            _l(
                "%(present)s members are present, %(needed)s are needed. Wait until they have signed in.",
                present=state.present,
                needed=state.needed,
            )
        )
    if not meeting.committee.may_sit_on(day_of(at)):
        raise ConflictError(_l("On that day the filing of the committee does not hold, so it may not sit."))
    MEETING.move(meeting, "open", opened_at=at)
    session.flush()
    data = {"present": str(state.present), "members": str(state.members)}
    events.record("panels.meeting_opened", subjects.of_meeting(meeting), by=by, at=at, data=data)


def give_opinion(item: AgendaItem, opinion: str, *, by: Actor, at: datetime) -> None:
    """Write down what the committee holds of an item, while the meeting is open; the same again changes nothing."""
    _demand_open(item.meeting)
    if item.opinion == opinion:
        return
    item.opinion = opinion
    session.flush()
    events.record("panels.opinion_given", subjects.of_meeting(item.meeting), by=by, at=at, data={"item": item.code})


def recuse_from_item(item: AgendaItem, person: Person, *, reason: str, by: Actor, at: datetime) -> None:
    """Recuse a member from a single item until it is decided: it vanishes for them and they have no vote on it.

    Raises ConflictError once the item has its result or the meeting is closed, and as `keep` does.
    """
    if item.meeting.state not in COMING or item.result is not None:
        raise ConflictError(
            _l(
                "The item has its result or the meeting is over, so nobody is recused from it any more. "
                "Whoever doubts the result objects to it while it is public."
            )
        )
    kind = Conflict.DECLARED if person.id == by.person_id else Conflict.IMPOSED
    keep(item.subject, person, kind=kind, reason=reason, by=by, at=at)
    events.record(
        "panels.recused",
        subjects.of_meeting(item.meeting),
        by=by,
        at=at,
        reason=reason,
        data={"person": person.code},
    )
    leave_cases(item.subject, person, at=at)


def record_result(item: AgendaItem, result: JsonObject, *, at: datetime) -> None:
    """Take over the result of the vote on an item, once, while the meeting is open; for the ballot room.

    `result` holds counts and the outcome (yes, no, abstain, passed), how many members attended when the vote closed
    (present) and how many of them were free to vote on the item (free), never who voted how. Raises ConflictError where
    a result stands, the meeting is not open or too few attended.
    """
    _demand_open(item.meeting)
    if item.result is not None:
        raise ConflictError(_l("The item has a result. A vote is not held twice."))
    if result["present"] < item.meeting.quorum:
        raise ConflictError(
            _l(
                "%(present)s members attended, %(needed)s must. Vote again with a quorum.",
                present=result["present"],
                needed=item.meeting.quorum,
            )
        )
    item.result = result
    item.result_at = at
    session.flush()
    events.record("panels.result_recorded", subjects.of_meeting(item.meeting), by=None, at=at, data={"item": item.code})


def _demand_open(meeting: Meeting) -> None:
    if meeting.state is not MeetingState.OPEN:
        raise ConflictError(_l("This is done while the meeting is open."))


def close_meeting(meeting: Meeting, *, by: Actor, at: datetime) -> None:
    """Close a meeting and ask who signs the minutes, the chair as a rule.

    Raises ConflictError while a ballot of it has no result: the minutes hold the vote, so it is counted or called off
    first.
    """
    _lock(meeting)
    if stands_at(meeting.code):
        raise ConflictError(BALLOT_STANDS)
    MEETING.move(meeting, "close", closed_at=at)
    session.flush()
    events.record("panels.meeting_closed", subjects.of_meeting(meeting), by=by, at=at)
    desk.close_todos(subjects.of_meeting(meeting), at=at)
    ask_signatory(meeting, at=at)


def sign(meeting: Meeting, pdf: bytes, *, by: Actor, at: datetime) -> None:
    """Archive the minutes as the chair signs them, or a member for a chair who may not read all of them.

    Raises ForbiddenError for anyone else, and for who may not serve: then the office sets another chair in a new
    filing of the committee, and that chair is asked.
    """
    who = queries.signatory(meeting)
    if who is None or who.expert.person_id != by.person_id:
        raise ForbiddenError(
            _l("The chair of the committee signs the minutes, or the member who is asked to in the chair's place.")
        )
    _refuse_restricted(who, at=at)
    digest = sha256(pdf).hexdigest()
    MEETING.move(meeting, "sign", signed_by_id=by.person_id, signed_at=at, minutes_sha256=digest)
    files.store(pdf, name=f"minutes-{meeting.code}.pdf", media_type="application/pdf")
    session.flush()
    events.record("panels.minutes_signed", subjects.of_meeting(meeting), by=by, at=at, data={"sha256": digest})
    desk.close_todos(subjects.of_meeting(meeting), at=at)


def _refuse_restricted(who: CommitteeMember, *, at: datetime) -> None:
    """Raise ForbiddenError for a member who may not serve as an expert, with who signs in their place."""
    closed = queries.barred(who, on=day_of(at))
    if closed:
        raise ForbiddenError(
            _l(
                "%(why)s The office prepares a new filing of the committee with another chair, who signs the minutes.",
                why=str(restrictions.refusal(closed)),
            ),
            code="restricted",
        )


def seal(meeting: Meeting, *, by: Actor, at: datetime) -> None:
    """Record that the committee's seal was set under the signed minutes, by another person than who signed."""
    if by.person_id == meeting.signed_by_id:
        raise ForbiddenError(_l("Another person than who signed the minutes seals them."))
    MEETING.move(meeting, "seal", sealed_by_id=by.person_id, sealed_at=at)
    session.flush()
    data = {"sha256": meeting.minutes_sha256 or ""}
    events.record("panels.minutes_sealed", subjects.of_meeting(meeting), by=by, at=at, data=data)
