"""Writes of applications: begun, saved with evidence, sent; accepted or returned by the formal check."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from app.accounts.access import covers
from app.assessment.titles import queries
from app.assessment.titles.models import TitleApplication, TitleRound
from app.assessment.titles.rules import declared, is_barred, purpose_of
from app.assessment.titles.services.doors import refuse_restricted
from app.assessment.titles.states import APPLICATION, BEFORE_ACCEPTANCE, EDITABLE, ApplicationState, RoundState
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk
from app.evidence import services as evidence
from app.evidence.models import Evidence
from app.rulebook.facts import Fact, to_json

SECRETARY = "secretary"


def start(found: TitleRound, *, by: Actor, at: datetime) -> TitleApplication:
    """Begin an application in an open round; a second click gives the first one back.

    Raises ForbiddenError for a restricted person or one of another region, ConflictError after the last day.
    """
    known = queries.own_in(found, by.person_id)
    if known is not None:
        return known
    refuse_restricted(by.person_id, day_of(at))
    if not covers(found.region_code, by.region_code):
        raise ForbiddenError(_l("This round is for people of its region. Look for the round of yours."))
    _demand_open(found, day_of(at), first=True)
    made = TitleApplication(
        round_id=found.id, person_id=by.person_id, region_code=found.region_code, declared={}, started_at=at
    )
    session.add(made)
    session.flush()
    events.record("titles.started", queries.subject(made), by=by, at=at, rule=found.scheme)
    return made


def _demand_open(found: TitleRound, today: date, *, first: bool) -> None:
    """A first application is sent by the last day; a returned one until the meeting is called."""
    if found.state is not RoundState.OPEN or (first and today > found.apply_until):
        raise ConflictError(_l("This round takes no applications any more. Wait for the next round."))


def save(
    found: TitleApplication, values: Mapping[str, Fact], picked: Sequence[Evidence], *, by: Actor, at: datetime
) -> None:
    """Keep what the applicant declares and the evidence they rely on.

    Raises ConflictError once it was sent, ForbiddenError for evidence of somebody else, and what `evidence.use`
    raises where a record is relied on already.
    """
    if found.state not in EDITABLE:
        raise ConflictError(_l("The application was sent and can no longer be changed. Its page shows where it is."))
    if any(one.person_id != found.person_id for one in picked):
        raise ForbiddenError(_l("Rely on your own records only."))
    found.declared = to_json(declared(values))
    _rely_on(found, picked, by=by, at=at)
    session.flush()


def _rely_on(found: TitleApplication, picked: Sequence[Evidence], *, by: Actor, at: datetime) -> None:
    about = queries.subject(found)
    before = {one.id for one in queries.picked(found)}
    if before - {one.id for one in picked}:
        evidence.release(about, at=at, by=by)
        before = set()
    _pack, scheme = queries.scheme_of(found.round)
    purpose = purpose_of(scheme.level, found.round.apply_until.year)
    for one in picked:
        if one.id not in before:
            evidence.use(one.id, about, purpose, at, by=by)


def take_new_versions(found: TitleApplication, *, by: Actor, at: datetime) -> int:
    """Let the applicant rely on the new versions of records that were replaced; return how many those are.

    Records that were withdrawn are given up with it. Raises ForbiddenError for anyone else, ConflictError once the
    application was accepted.
    """
    if by.person_id != found.person_id:
        raise ForbiddenError(_l("Rely on your own records only."))
    if found.state not in BEFORE_ACCEPTANCE:
        raise ConflictError(_l("The application was accepted on what was known then. The office decides what follows."))
    taken = evidence.let_go_of_ended(queries.subject(found), at=at, by=by)
    judged = queries.judged(found, known_at=at)
    if found.state is ApplicationState.SUBMITTED:
        found.facts, found.verdict = to_json(judged.facts), judged.verdict.to_json()
    session.flush()
    data = {"taken": str(taken), "outcome": judged.verdict.outcome.value}
    events.record("titles.evidence_renewed", queries.subject(found), by=by, at=at, rule=found.round.scheme, data=data)
    return taken


def submit(found: TitleApplication, *, by: Actor, at: datetime) -> None:
    """Send an application to the formal check with its verdict.

    Raises InvalidError where an exclusion fits, ConflictError after the last day, ForbiddenError when restricted.
    """
    refuse_restricted(found.person_id, day_of(at))
    _demand_open(found.round, day_of(at), first=found.state is ApplicationState.DRAFT)
    judged = queries.judged(found, known_at=at)
    if is_barred(judged.verdict.lines):
        raise InvalidError(_l("An exclusion of the rules fits, so you may not apply. See the conditions."))
    APPLICATION.move(
        found, "submit", submitted_at=at, facts=to_json(judged.facts), verdict=judged.verdict.to_json(), reason=None
    )
    session.flush()
    data = {"outcome": judged.verdict.outcome.value}
    events.record("titles.submitted", queries.subject(found), by=by, at=at, rule=found.round.scheme, data=data)
    desk.close_todos(queries.subject(found), at=at)
    desk.open_todo(
        "titles.check",
        queries.subject(found),
        url=f"/titles/applications/{found.code}",
        at=at,
        role=SECRETARY,
        organisation_id=found.round.organisation_id,
        params={"name": found.person.name},
    )


def accept(found: TitleApplication, *, by: Actor, at: datetime) -> None:
    """Accept an application for review, on what is known now.

    Raises InvalidError where a condition is not met, ForbiddenError for one's own or a restricted person.
    """
    _not_oneself(found, by)
    refuse_restricted(found.person_id, day_of(at))
    judged = queries.judged(found, known_at=at)
    if not judged.verdict.met:
        raise InvalidError(_l("A condition is not met or not proved. Return the application with the reasons."))
    facts, verdict = to_json(judged.facts), judged.verdict.to_json()
    APPLICATION.move(
        found, "accept", checked_by_id=by.person_id, checked_at=at, facts=facts, verdict=verdict, reason=None
    )
    session.flush()
    events.record("titles.accepted", queries.subject(found), by=by, at=at, rule=found.round.scheme)
    desk.close_todos(queries.subject(found), at=at)


def give_back(found: TitleApplication, *, reason: str, by: Actor, at: datetime) -> None:
    """Return an application with the reasons the applicant reads; it is counted how often."""
    _not_oneself(found, by)
    APPLICATION.move(
        found, "give_back", reason=reason, returns=found.returns + 1, checked_by_id=by.person_id, checked_at=at
    )
    session.flush()
    data = {"returns": str(found.returns)}
    events.record("titles.returned", queries.subject(found), by=by, at=at, reason=reason, data=data)
    desk.close_todos(queries.subject(found), at=at)
    desk.open_todo(
        "titles.correct",
        queries.subject(found),
        url=f"/titles/applications/{found.code}/edit",
        at=at,
        person_id=found.person_id,
        params={"round_zh": found.round.name_zh, "round_en": found.round.name_en},
    )


def _not_oneself(found: TitleApplication, by: Actor) -> None:
    if by.person_id == found.person_id:
        raise ForbiddenError(_l("Nobody checks their own application. Another secretary does."))
