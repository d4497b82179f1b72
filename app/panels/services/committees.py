"""Writes of committees: prepare, set members, file."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete

from app.accounts.states import Role
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk
from app.panels.models.pools import Committee, CommitteeMember, ExpertPool, PoolExpert
from app.panels.queries import pools as queries
from app.panels.rules.parameters import committee_verdict, last_day
from app.panels.services import subjects
from app.panels.services.doors import refuse_restricted
from app.panels.services.meetings import tell_members
from app.panels.states import COMMITTEE, CommitteeState, Composition, Title
from app.rulebook import queries as rulebook
from app.rulebook.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Charter:
    """What a committee is for: its names, the series, whole or one specialty, and the level."""

    name_zh: str
    name_en: str
    series: str
    composition: Composition
    level: Title


def prepare(pool: ExpertPool, charter: Charter, *, by: Actor, at: datetime) -> Committee:
    """Prepare a committee of the pool's authority under the rules in force."""
    pack, _rules = queries.rules_for(pool.region_code, day_of(at))
    committee = Committee(
        organisation_id=pool.organisation_id,
        pool_id=pool.id,
        region_code=pool.region_code,
        name_zh=charter.name_zh,
        name_en=charter.name_en,
        series=charter.series,
        composition=charter.composition,
        level=charter.level,
        rule_code=pack.code,
        prepared_by_id=by.person_id,
        prepared_at=at,
    )
    session.add(committee)
    session.flush()
    events.record("panels.committee_prepared", subjects.of_committee(committee), by=by, at=at, rule=pack.code)
    return committee


def set_members(
    committee: Committee, experts: list[PoolExpert], *, chair: PoolExpert | None, by: Actor, at: datetime
) -> None:
    """Set who sits on a committee that is not filed yet; raises ConflictError afterwards.

    Raises ForbiddenError naming those who may not serve as experts.
    """
    if committee.state is not CommitteeState.DRAFT:
        raise ConflictError(_l("A filed committee keeps its members. Prepare a new filing to change them."))
    refuse_restricted(experts, on=day_of(at))
    session.execute(delete(CommitteeMember).where(CommitteeMember.committee_id == committee.id))
    session.add_all(
        CommitteeMember(
            committee_id=committee.id,
            expert_id=one.id,
            chair=chair is not None and one.id == chair.id,
            since=day_of(at),
        )
        for one in experts
    )
    session.flush()
    events.record(
        "panels.members_set", subjects.of_committee(committee), by=by, at=at, data={"count": str(len(experts))}
    )
    _wait_for_filing(committee, manned=bool(experts), at=at)
    tell_members(committee, at=at)


def _wait_for_filing(committee: Committee, *, manned: bool, at: datetime) -> None:
    """Let a committee with members wait for the authority of its region."""
    if not manned:
        desk.close_todos(subjects.of_committee(committee), at=at, kind="panels.file")
        return
    desk.open_todo(
        "panels.file",
        subjects.of_committee(committee),
        url=f"/committees/{committee.code}",
        at=at,
        role=Role.REGULATOR,
        region_code=committee.region_code,
        not_person_id=committee.prepared_by_id,
        params={"committee_zh": committee.name_zh, "committee_en": committee.name_en},
    )


def verdict(committee: Committee, members: list[CommitteeMember], *, on: date) -> Verdict:
    """Return whether the committee fulfils its rules, condition by condition."""
    pack = rulebook.by_code(committee.rule_code)
    return committee_verdict(
        queries.rules_of(committee.rule_code),
        level=committee.level,
        composition=committee.composition,
        size=len(members),
        chairs=sum(one.chair for one in members),
        serving=sum(one.expert.serves_on(on) for one in members),
        pack=pack.series,
    )


def file(committee: Committee, *, filed_on: date, filed_until: date, by: Actor, at: datetime) -> None:
    """File a committee (核准备案) for a period, by another person than who prepared it.

    Raises ForbiddenError for the preparer and naming members who may not serve on the first day that is to come,
    InvalidError where the rules are not met or the period is too long.
    """
    if by.person_id == committee.prepared_by_id:
        raise ForbiddenError(_l("Another person than the one who prepared the committee files it."))
    members = queries.members(committee)
    refuse_restricted([one.expert for one in members], on=max(filed_on, day_of(at)))
    if not verdict(committee, members, on=filed_on).met:
        raise InvalidError(_l("The committee does not fulfil its rules yet. See the conditions that are not met."))
    latest = last_day(filed_on, queries.rules_of(committee.rule_code).filing_years)
    if not filed_on <= filed_until <= latest:
        raise InvalidError(
            _l(
                "The filing ends on its first day or later, and on %(latest)s at the latest.", latest=latest.isoformat()
            ),
            field="filed_until",
        )
    COMMITTEE.move(committee, "file", filed_by_id=by.person_id, filed_on=filed_on, filed_until=filed_until)
    session.flush()
    events.record("panels.committee_filed", subjects.of_committee(committee), by=by, at=at, rule=committee.rule_code)
    desk.close_todos(subjects.of_committee(committee), at=at)


def renew(committee: Committee, *, by: Actor, at: datetime) -> None:
    """Prepare a new filing with today's rules; the members may change until it is filed."""
    pack, _rules = queries.rules_for(committee.region_code, day_of(at))
    COMMITTEE.move(
        committee,
        "renew",
        rule_code=pack.code,
        prepared_by_id=by.person_id,
        prepared_at=at,
        filed_by_id=None,
        filed_on=None,
        filed_until=None,
    )
    session.flush()
    events.record("panels.committee_prepared", subjects.of_committee(committee), by=by, at=at, rule=pack.code)
    _wait_for_filing(committee, manned=bool(queries.members(committee)), at=at)
