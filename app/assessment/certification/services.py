"""Writes of awards: proposed after a released result, decided by a person who was not involved."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import partial
from itertools import groupby
from operator import attrgetter

from app.accounts.states import Role
from app.assessment.certification import judging, queries, rules
from app.assessment.certification.models import Award, AwardInvolvement
from app.assessment.certification.queries import Passed
from app.assessment.certification.rules import AwardLevel, Facts
from app.assessment.certification.states import AWARD
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.credentials import queries as issuing
from app.credentials import services as credentials
from app.credentials.states import CertificateKind
from app.desk import services as desk
from app.rulebook import queries as rulebook
from app.rulebook import services as rulebook_services
from app.rulebook.services import Decided
from app.rulebook.verdicts import Verdict

AWARDED = "certification.award"


def subject(award: Award) -> Subject:
    """Name an award in events and to-dos."""
    return Subject("award", award.code)


def propose(passed: Passed, *, at: datetime) -> Award:
    """Put a candidate before the certifiers of the region, with the verdict of the rules in force.

    Who trained or examined the candidate is written beside the award: they may not decide.
    """
    pack = rulebook.in_force("award", passed.region_code, day_of(at))
    level = queries.level_of(pack, passed.level)
    verdict = rules.consider(passed.facts, level, on=day_of(at), pack=pack.code, tag=pack.tag)
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

    Raises ForbiddenError for who was involved or a restricted candidate, InvalidError where
    a condition is not met.
    """
    check_decider(award, by)
    first = day_of(at)
    restrictions.refuse_if_restricted(AWARDED, person_id=award.person_id, on=first)
    facts = queries.facts_of(award, first)
    verdict = queries.considered(award, first, facts)
    if not verdict.met:
        raise InvalidError(_l("A condition of the award is not met. Refuse it with the reason, or wait."))
    level = queries.level_of(rulebook.by_code(award.rule_pack), award.level)
    serial = queries.next_serial(level, award.region_code, first.year)
    numbered = partial(rules.unified_number, level, award.region_code, first.year)
    AWARD.move(
        award,
        "award",
        verdict=verdict.to_json(),
        decided_by_id=by.person_id,
        decided_at=at,
        unified_number=issuing.free_number(numbered, serial),
        valid_from=first,
        valid_until=rules.last_valid_day(first, level.valid_years),
    )
    _record(award, facts, verdict, by=by, at=at)
    _decided(award, "certification.awarded", by=by, at=at)
    _ask_for_certificate(award, level, by=by, at=at)


def _ask_for_certificate(award: Award, level: AwardLevel, *, by: Actor, at: datetime) -> None:
    """Ask the issuing body of the region to certify the level; raises UnavailableError where there is none."""
    hours = queries.hours_of(award.enrolment_id)
    fields = {
        "level": award.level,
        "level_name": {"zh": level.name_zh, "en": level.name_en},
        "number": award.unified_number,
        "hours": str(hours) if hours else None,
        "valid_from": str(award.valid_from),
        "valid_until": str(award.valid_until),
    }
    credentials.request_certificate(
        kind=CertificateKind.CAPABILITY,
        person_id=award.person_id,
        source=subject(award),
        fields=fields,
        body=issuing.body_for_region(award.region_code),
        by=by,
        at=at,
    )


def refuse(award: Award, *, reason: str, by: Actor, at: datetime) -> None:
    """Refuse the level with the reason the candidate reads."""
    check_decider(award, by)
    facts = queries.facts_of(award, day_of(at))
    verdict = queries.considered(award, day_of(at), facts)
    AWARD.move(award, "refuse", verdict=verdict.to_json(), decided_by_id=by.person_id, decided_at=at, reason=reason)
    _record(award, facts, verdict, by=by, at=at)
    _decided(award, "certification.refused", by=by, at=at, reason=reason)


def withdraw_all(withdrawn: Sequence[tuple[Award, str]], *, by: Actor | None, at: datetime) -> None:
    """Withdraw awards whose certificates were revoked, each for its reason, one of RevocationReason; few statements."""
    for award, reason in withdrawn:
        AWARD.move(award, "withdraw", reason=reason, suspended_at=None)
    _all_decided([award for award, _reason in withdrawn], "certification.withdrawn", by=by, at=at)


def restore(award: Award, *, at: datetime) -> None:
    """Restore a withdrawn award, because the revocation of its certificate was set aside on appeal."""
    AWARD.move(award, "restore", reason=None)
    _decided(award, "certification.restored", by=None, at=at)


def note_suspensions(awards: Iterable[Award], *, since: datetime | None, at: datetime) -> None:
    """Note since when the certificates of awards do not count, None where they count again."""
    changed = [one for one in awards if (one.suspended_at is None) != (since is None)]
    for award in changed:
        award.suspended_at = since
    _all_decided(changed, "certification.suspended" if since else "certification.reinstated", by=None, at=at)


def prolong(award: Award, *, until: date, at: datetime) -> None:
    """Let an award run until the last day of its renewed certificate."""
    award.valid_until = until
    session.flush()
    data = {"until": str(until)}
    events.record("certification.renewed", subject(award), by=None, at=at, rule=award.rule_pack, data=data)


def _record(award: Award, facts: Facts, verdict: Verdict, *, by: Actor, at: datetime) -> None:
    """Record the decision with what it saw, so that it can be explained and replayed."""
    decided = Decided(
        subject=subject(award),
        facts=judging.typed(facts, award.level),
        verdict=verdict,
        judged_on=day_of(at),
        region_code=award.region_code,
        person_id=award.person_id,
    )
    rulebook_services.record_decision("award", decided, by=by, at=at)


def _decided(award: Award, kind: str, *, by: Actor | None, at: datetime, reason: str | None = None) -> None:
    session.flush()
    events.record(kind, subject(award), by=by, at=at, reason=reason, rule=award.rule_pack)
    desk.close_todos(subject(award), at=at)


def _all_decided(awards: Sequence[Award], kind: str, *, by: Actor | None, at: datetime) -> None:
    """Record one event for each of several awards, those of a rule together."""
    session.flush()
    rule_of = attrgetter("rule_pack")
    for rule, alike in groupby(sorted(awards, key=rule_of), key=rule_of):
        events.record_many(kind, [(subject(one), {}) for one in alike], by=by, at=at, rule=rule)
