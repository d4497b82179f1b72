"""What follows from the vote: results, publicity, the confirmed title or the stop, and reopening after a recheck."""

from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from app.accounts.states import Role
from app.assessment.titles import queries, rules
from app.assessment.titles.models import TitleApplication, TitleAward, TitleRound
from app.assessment.titles.rules import APPROVE, ATTENDING, VOTE
from app.assessment.titles.services.doors import refuse_restricted
from app.assessment.titles.services.rounds import meeting_of, of_round
from app.assessment.titles.states import APPLICATION, EVIDENCE, OBJECTION, ROUND, ApplicationState, RoundState
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import JsonObject
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.text import _l
from app.credentials import queries as issuing
from app.desk import services as desk
from app.panels.queries import meetings
from app.panels.services import meetings as meeting_services
from app.panels.states import MeetingState
from app.rulebook import queries as rulebook
from app.rulebook import services as rulebook_services
from app.rulebook.facts import Fact, from_json
from app.rulebook.services import Decided


def count_votes(found: TitleRound, questions: list[JsonObject], *, at: datetime) -> None:
    """Take over the counts of a decided ballot: each application passes or does not, with a recorded decision.

    An application whose votes were not opened stays accepted: then the round is open for another meeting.
    """
    told = {one["reference"]: one for one in questions}
    for one in queries.in_state(found, ApplicationState.ACCEPTED):
        counted = told.get(one.code)
        if counted is not None and counted["approve"] is not None:
            _decide(one, found, counted, at=at)
            _tell_meeting(one, found, counted, at=at)
    session.flush()
    left = bool(queries.in_state(found, ApplicationState.ACCEPTED))
    ROUND.move(found, "reopen" if left else "decide")
    session.flush()
    events.record("titles.round_decided", of_round(found), by=None, at=at, rule=found.scheme)


def _decide(one: TitleApplication, found: TitleRound, counted: JsonObject, *, at: datetime) -> None:
    pack, scheme = queries.scheme_of(found)
    source = found.ballot_code or ""
    facts = from_json(one.facts or {}) | {
        VOTE: Fact(bool(counted["passed"]), day_of(at), source),
        APPROVE: Fact(Decimal(counted["approve"]), day_of(at), source),
        ATTENDING: Fact(Decimal(counted["attending"]), day_of(at), source),
    }
    verdict = rules.judge(scheme, facts, found.apply_until, rulebook.binding(pack))
    passed = bool(counted["passed"])
    columns: dict[str, Any] = {name: counted[name] for name in ("attending", "approve", "object", "abstain")}
    APPLICATION.move(
        one,
        "pass" if passed else "refuse",
        decided_at=at,
        ballot_code=source,
        verdict=verdict.to_json(),
        reason=None,
        **columns,
    )
    session.flush()
    decided = Decided(queries.subject(one), facts, verdict, found.apply_until, found.region_code, one.person_id)
    rulebook_services.record_decision(rules.SCHEME, decided, by=None, at=at)
    data = {"ballot": source, "approve": str(counted["approve"]), "attending": str(counted["attending"])}
    kind = "titles.passed" if passed else "titles.refused"
    events.record(kind, queries.subject(one), by=None, at=at, rule=pack.code, data=data)


def _tell_meeting(one: TitleApplication, found: TitleRound, counted: JsonObject, *, at: datetime) -> None:
    """Put the counts into the minutes while the meeting is open; a closed one keeps its minutes.

    Who was present is what the ballot counted when its vote closed, whoever came or left since.
    """
    meeting = meeting_of(found)
    if meeting is None or meeting.state is not MeetingState.OPEN:
        return
    for item in meetings.all_items(meeting.id):
        if item.subject == queries.subject(one) and item.result is None and counted["present"] >= meeting.quorum:
            result = {"yes": counted["approve"], "no": counted["object"], "abstain": counted["abstain"]}
            result |= {"passed": counted["passed"], "present": counted["present"]}
            result |= {"free": counted.get("free", counted["present"])}
            meeting_services.record_result(item, result, at=at)


def vote_again(found: TitleRound, *, at: datetime) -> None:
    """Go back to the review after a ballot was called off, so that another one can be called.

    Where the meeting is over meanwhile, the round is open for another meeting.
    """
    meeting = meeting_of(found)
    ROUND.move(found, "vote_again" if meeting is not None and meeting.state is MeetingState.OPEN else "reopen")
    session.flush()
    events.record("titles.round_vote_called_off", of_round(found), by=None, at=at)


def clear_or_stop(found: TitleApplication, *, upheld: int, at: datetime) -> None:
    """End the publicity of a result: without an upheld objection the title waits for its confirmation.

    A result that rests on a record which was withdrawn before the vote is stopped as well.
    """
    if found.state is not ApplicationState.PASSED:
        return
    if upheld:
        _stop(found, OBJECTION, at=at, upheld=str(upheld))
        return
    gone = queries.withdrawn_since(found)
    if gone:
        _stop(found, EVIDENCE, at=at, evidence=gone[0].code)
        return
    APPLICATION.move(found, "clear")
    session.flush()
    events.record("titles.cleared", queries.subject(found), by=None, at=at)
    desk.open_todo(
        "titles.confirm",
        queries.subject(found),
        url=f"/titles/applications/{found.code}",
        at=at,
        role=Role.REGULATOR,
        region_code=found.region_code,
        not_person_id=found.checked_by_id,
        params={"name": found.person.name},
    )


def stop_without(found: TitleApplication, *, evidence: str, at: datetime) -> None:
    """Stop a result that rests on a record (its code) which was withdrawn; before the vote nothing stops yet."""
    if found.state in {ApplicationState.PASSED, ApplicationState.CLEARED}:
        _stop(found, EVIDENCE, at=at, evidence=evidence)


def _stop(found: TitleApplication, reason: str, *, at: datetime, **data: str) -> None:
    APPLICATION.move(found, "stop", reason=reason)
    session.flush()
    events.record("titles.stopped", queries.subject(found), by=None, at=at, data={"why": reason, **data})
    desk.close_todos(queries.subject(found), at=at)


def confirm_title(found: TitleApplication, *, by: Actor, at: datetime) -> TitleAward:
    """Confirm a title after its publicity and enter it in the register, by another person than who checked it.

    Raises ForbiddenError for who checked the application, the applicant, or a restricted person.
    """
    if by.person_id in {found.checked_by_id, found.person_id}:
        raise ForbiddenError(_l("Another person than who checked the application confirms the title."))
    refuse_restricted(found.person_id, day_of(at))
    APPLICATION.move(found, "confirm", confirmed_by_id=by.person_id, confirmed_at=at)
    pack, scheme = queries.scheme_of(found.round)
    year = day_of(at).year
    serial = queries.next_serial(rules.number_prefix(found.region_code, year))
    award = TitleAward(
        number=issuing.free_number(partial(rules.title_number, found.region_code, year), serial),
        application_id=found.id,
        person_id=found.person_id,
        region_code=found.region_code,
        level=scheme.level.value,
        series_zh=scheme.series_zh,
        series_en=scheme.series_en,
        title_zh=scheme.title_zh,
        title_en=scheme.title_en,
        awarded_on=day_of(at),
        awarded_at=at,
        rule_pack=pack.code,
    )
    session.add(award)
    session.flush()
    data = {"number": award.number}
    events.record("titles.confirmed", queries.subject(found), by=by, at=at, rule=pack.code, data=data)
    desk.close_todos(queries.subject(found), at=at)
    return award


def reopen(found: TitleApplication, *, case_code: str, by: Actor, at: datetime) -> None:
    """Put a refused application before the committee again after an upheld recheck.

    Raises ConflictError while its round is in another meeting.
    """
    round_ = found.round
    if round_.state not in {RoundState.DECIDED, RoundState.OPEN}:
        raise ConflictError(_l("The committee is in a meeting of this round. Decide the recheck after it."))
    APPLICATION.move(found, "reopen", decided_at=None, ballot_code=None, reason=None)
    for column in ("attending", "approve", "object", "abstain"):
        setattr(found, column, None)
    if round_.state is RoundState.DECIDED:
        ROUND.move(round_, "reopen")
    session.flush()
    events.record("titles.reopened", queries.subject(found), by=by, at=at, data={"case": case_code})
