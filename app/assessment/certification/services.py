"""Writes of awards: proposed after a released result, decided by a person who was not involved."""

from datetime import datetime
from typing import cast

from app.accounts.states import Role
from app.assessment.certification import queries, rules
from app.assessment.certification.models import Award, AwardInvolvement
from app.assessment.certification.queries import Passed
from app.assessment.certification.rules import AwardParams
from app.assessment.certification.states import AWARD
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk
from app.rulebook import queries as rulebook
from app.rulebook.verdicts import Verdict


def subject(award: Award) -> Subject:
    """Name an award in events and to-dos."""
    return Subject("award", award.code)


def propose(passed: Passed, *, at: datetime) -> Award:
    """Put a candidate before the certifiers of the region, with the verdict of the rules in force.

    Who trained or examined the candidate is written beside the award: they may not decide.
    """
    pack = rulebook.in_force("award", passed.region_code, day_of(at))
    params = cast("AwardParams", rulebook.params(pack))
    verdict = rules.consider(passed.facts, params.level(passed.level), on=day_of(at), pack=pack.code, tag=pack.tag)
    award = Award(
        person_id=passed.person_id,
        level=passed.level,
        result_id=passed.result_id,
        enrolment_id=passed.enrolment_id,
        organisation_id=passed.organisation_id,
        region_code=passed.region_code,
        verdict=verdict.to_json(),
        rule_pack=pack.code,
        proposed_at=at,
    )
    session.add(award)
    session.flush()
    session.add_all(
        AwardInvolvement(award_id=award.id, person_id=person_id, how=how)
        for how, persons in queries.involved(passed).items()
        for person_id in sorted(persons)
    )
    session.flush()
    events.record("certification.proposed", subject(award), by=None, at=at, rule=pack.code)
    desk.open_todo(
        "certification.decide",
        subject(award),
        url=f"/awards/{award.code}",
        at=at,
        role=Role.CERTIFIER,
        region_code=passed.region_code,
        params={"name": passed.name},
    )
    return award


def check_decider(award: Award, by: Actor) -> None:
    """Refuse who trained or examined the candidate, and the candidate (ISO/IEC 17024, 9.4)."""
    if by.person_id == award.person_id:
        raise ForbiddenError(_l("Nobody decides on their own award. Another certifier decides."))
    if by.person_id in queries.involvement(award.id):
        raise ForbiddenError(_l("You trained or examined this person, so another certifier of the region decides."))


def award_level(award: Award, *, by: Actor, at: datetime) -> None:
    """Award the level: give the unified number and its validity; the certificate is asked for.

    Raises ForbiddenError for a person who was involved, InvalidError where a condition is not met.
    """
    check_decider(award, by)
    if not Verdict.from_json(award.verdict).met:
        raise InvalidError(_l("A condition of the award is not met. Refuse it with the reason, or wait."))
    params = cast("AwardParams", rulebook.params(rulebook.by_code(award.rule_pack)))
    level = params.level(award.level)
    first = day_of(at)
    prefix = f"{level.number_prefix}{award.region_code[:2]}{first.year}"
    serial = queries.next_serial(prefix)
    AWARD.move(
        award,
        "award",
        decided_by_id=by.person_id,
        decided_at=at,
        unified_number=rules.unified_number(level, award.region_code, first.year, serial),
        valid_from=first,
        valid_until=rules.last_valid_day(first, level.valid_years),
    )
    _decided(award, "certification.awarded", by=by, at=at)


def refuse(award: Award, *, reason: str, by: Actor, at: datetime) -> None:
    """Refuse the level with the reason the candidate reads."""
    check_decider(award, by)
    AWARD.move(award, "refuse", decided_by_id=by.person_id, decided_at=at, reason=reason)
    _decided(award, "certification.refused", by=by, at=at, reason=reason)


def withdraw(award: Award, *, reason: str, by: Actor | None, at: datetime) -> None:
    """Withdraw an award whose certificate was revoked."""
    AWARD.move(award, "withdraw", reason=reason)
    _decided(award, "certification.withdrawn", by=by, at=at, reason=reason)


def _decided(award: Award, kind: str, *, by: Actor | None, at: datetime, reason: str | None = None) -> None:
    session.flush()
    events.record(kind, subject(award), by=by, at=at, reason=reason, rule=award.rule_pack)
    desk.close_todos(subject(award), at=at)
