"""Writes of rounds: proposed by an office, confirmed by its authority, reviewed in a meeting, put to the vote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.titles import conflicts, queries
from app.assessment.titles.models import TitleApplication, TitleRound
from app.assessment.titles.rules import TitleScheme, may_review
from app.assessment.titles.states import ROUND, ApplicationState, RoundState
from app.ballots import services as ballots
from app.ballots.services import Asked, Eligible
from app.cases.queries.kinds import publicity_demanded
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk
from app.panels.models.meetings import Meeting
from app.panels.models.pools import Committee, CommitteeMember
from app.panels.queries import meetings, pools, scope
from app.panels.services import meetings as meeting_services
from app.panels.services.draws import CaseGiven
from app.panels.states import MeetingState
from app.rulebook import queries as rulebook
from app.rulebook.models import RulePack

RESULT = "titles.result"
EXPERTS_WITH_KEYS = 2


def of_round(found: TitleRound) -> Subject:
    """Name a round."""
    return Subject(queries.ROUND_TYPE, found.code)


@dataclass(frozen=True, slots=True)
class Planned:
    """What a round is: names in both languages and the last day to apply."""

    name_zh: str
    name_en: str
    apply_until: date


def propose(scheme: RulePack, committee: Committee, planned: Planned, *, by: Actor, at: datetime) -> TitleRound:
    """Propose a round under a scheme, reviewed by a committee whose filing holds on the last day.

    Raises InvalidError naming the field.
    """
    params = queries.typed_scheme(scheme)
    if planned.apply_until < day_of(at):
        raise InvalidError(_l("The last day lies in the past. Choose a later one."), field="apply_until")
    if not committee.may_sit_on(planned.apply_until):
        message = _l("The filing of this committee does not hold on the last day. Choose another one.")
        raise InvalidError(message, field="committee")
    if not may_review(committee.level, params.level):
        raise InvalidError(_l("This committee may not review titles of such a level."), field="committee")
    made = TitleRound(
        scheme=scheme.code,
        committee_id=committee.id,
        organisation_id=committee.organisation_id,
        region_code=committee.region_code,
        name_zh=planned.name_zh,
        name_en=planned.name_en,
        apply_until=planned.apply_until,
        proposed_by_id=by.person_id,
        proposed_at=at,
    )
    session.add(made)
    session.flush()
    events.record("titles.round_proposed", of_round(made), by=by, at=at, rule=scheme.code)
    desk.open_todo(
        "titles.confirm_round",
        of_round(made),
        url=f"/titles/rounds/{made.code}",
        at=at,
        role=Role.REGULATOR,
        region_code=made.region_code,
        not_person_id=by.person_id,
        params={"round_zh": made.name_zh, "round_en": made.name_en},
    )
    return made


def confirm_round(found: TitleRound, *, by: Actor, at: datetime) -> None:
    """Open a round for applications; raises ForbiddenError for who proposed it."""
    if by.person_id == found.proposed_by_id:
        raise ForbiddenError(_l("Another person than the one who proposed the round confirms it."))
    ROUND.move(found, "confirm", confirmed_by_id=by.person_id, confirmed_at=at)
    session.flush()
    events.record("titles.round_confirmed", of_round(found), by=by, at=at, rule=found.scheme)
    desk.close_todos(of_round(found), at=at)


def call_meeting(found: TitleRound, *, place: str, starts_at: datetime, by: Actor, at: datetime) -> Meeting:
    """Call the committee to a meeting with the accepted applications as its agenda.

    Raises ConflictError before the last day, while a formal check is open, or where nothing was accepted.
    """
    if found.state is RoundState.OPEN and day_of(at) <= found.apply_until:
        raise ConflictError(_l("Applications are taken until the last day. Call the meeting after it."))
    if queries.in_state(found, ApplicationState.SUBMITTED):
        raise ConflictError(_l("Applications still wait for the formal check. Accept or return them first."))
    accepted = queries.in_state(found, ApplicationState.ACCEPTED)
    if not accepted:
        raise ConflictError(_l("No application was accepted, so there is nothing to review."))
    _pack, scheme = queries.scheme_of(found)
    meeting = meeting_services.call(
        found.committee,
        name_zh=found.name_zh,
        name_en=found.name_en,
        place=place,
        starts_at=starts_at,
        by=by,
        at=at,
    )
    barred = pools.rules_of(found.committee.rule_code).barred_kin()
    known = conflicts.against([one.person_id for one in accepted], barred)
    for one in accepted:
        given = CaseGiven(queries.subject(one), *label_of(one, scheme))
        meeting_services.add_item(meeting, given, against=known[one.person_id], by=by, at=at)
    ROUND.move(found, "call", meeting_code=meeting.code)
    session.flush()
    data = {"meeting": meeting.code, "applications": str(len(accepted))}
    events.record("titles.round_called", of_round(found), by=by, at=at, data=data)
    return meeting


def label_of(found: TitleApplication, scheme: TitleScheme) -> tuple[str, str]:
    """Name an application on an agenda or a ballot, in both languages."""
    name = found.person.name
    return f"{name} · {scheme.title_zh}", f"{name} · {scheme.title_en}"


def call_vote(found: TitleRound, keepers: Sequence[int], *, by: Actor, at: datetime) -> str:
    """Call the secret ballot on the agenda of the open meeting; return the code of the ballot.

    `keepers` are the keys of two members present who keep the key beside the chair. Voters are the members of the
    committee, each without the applications they are recused from; who is absent votes once they come, or by a proxy
    where the rules of ballots allow it. Raises ConflictError where the meeting is not open or the chair is not
    present, InvalidError naming the field, ForbiddenError naming members present who may not serve.
    """
    meeting = _held(found)
    if meeting is None or meeting.state is not MeetingState.OPEN:
        raise ConflictError(_l("The ballot is called while the meeting is open. Open the meeting first."))
    _demand_publicity(found, day_of(at))
    here = queries.members_present(found)
    chair = next((one for one in here if one.chair), None)
    if chair is None:
        raise ConflictError(_l("The chair of the committee is not present, and the vote needs the chair."))
    others = {one.expert.person_id for one in here if not one.chair}
    if len(set(keepers)) != EXPERTS_WITH_KEYS or not set(keepers) <= others:
        raise InvalidError(_l("Choose two different members who are present, beside the chair."), field="first")
    pack = rulebook.in_force("ballot_rules", found.region_code, day_of(at))
    asked = [one for one in queries.in_state(found, ApplicationState.ACCEPTED) if _is_on(one, meeting)]
    ballot = ballots.call_ballot(
        meeting.code,
        title=(found.name_zh, found.name_en),
        questions=_questions(found, asked),
        voters=_voters(meetings.members(meeting), here, asked),
        trustees=[chair.expert.person_id, *keepers],
        region=found.region_code,
        pack=pack,
        committee_size=meeting.members,
        by=by,
        at=at,
    )
    ROUND.move(found, "vote", ballot_code=ballot.code)
    session.flush()
    events.record("titles.round_voting", of_round(found), by=by, at=at, rule=pack.code, data={"ballot": ballot.code})
    return ballot.code


def _held(found: TitleRound) -> Meeting | None:
    """Return the meeting, locked as recusals lock it: each is read here or reaches the ballot that is called."""
    session.execute(select(Meeting.id).where(Meeting.code == found.meeting_code).with_for_update(key_share=True))
    return meeting_of(found)


def meeting_of(found: TitleRound) -> Meeting | None:
    """Return the latest meeting of a round, None before it was called."""
    return session.query(Meeting).filter_by(code=found.meeting_code).one_or_none() if found.meeting_code else None


def _is_on(found: TitleApplication, meeting: Meeting) -> bool:
    return any(one.subject == queries.subject(found) for one in meetings.all_items(meeting.id))


def _questions(found: TitleRound, asked: Sequence[TitleApplication]) -> list[Asked]:
    _pack, scheme = queries.scheme_of(found)
    return [Asked(one.code, *label_of(one, scheme)) for one in asked]


def _voters(
    members: Sequence[CommitteeMember], here: Sequence[CommitteeMember], asked: Sequence[TitleApplication]
) -> list[Eligible]:
    people = [one.expert.person_id for one in members]
    present = {one.expert.person_id for one in here}
    out = {one.code: scope.recused_among(people, queries.subject(one)) for one in asked}
    return [
        Eligible(one, frozenset(code for code, recused in out.items() if one in recused), attending=one in present)
        for one in people
    ]


def _demand_publicity(found: TitleRound, today: date) -> None:
    """Refuse a vote whose result could not be made public as long as the scheme demands."""
    _pack, scheme = queries.scheme_of(found)
    demanded = publicity_demanded(RESULT, found.region_code, today)
    if demanded is None or demanded[1].days < scheme.publicity_days:
        raise ConflictError(
            _l(
                "The clocks in force do not make a result public for %(days)s working days. "
                "The authority must publish such a rule first.",
                days=scheme.publicity_days,
            )
        )
