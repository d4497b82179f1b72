"""Reads of title evaluation, each within what a person may see; recusal cuts through every role."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Select, and_, case, false, func, or_, select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.access import covers, within
from app.accounts.models import Region
from app.assessment.titles import rules
from app.assessment.titles.access import Permission
from app.assessment.titles.models import TitleApplication, TitleAward, TitleRound, TitleWithdrawal
from app.assessment.titles.rules import INTEGRITY, SCHEME, Bar, TitleIntegrity, TitleScheme
from app.assessment.titles.states import CHECKED, ApplicationState, RoundState, WithdrawalState
from app.cases.models import Restriction, RestrictionLift
from app.cases.queries.public_names import named, public_names
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import InvalidError, NotFoundError
from app.core.events import Subject
from app.core.text import _l
from app.evidence.facts import KINDS as EVIDENCE_FACTS
from app.evidence.facts import typed
from app.evidence.models import Evidence
from app.evidence.queries.facts import as_claim
from app.evidence.queries.uses import evidence_used_by
from app.evidence.rules.facts import summed
from app.evidence.states import State
from app.panels.models.meetings import Attendance, Meeting
from app.panels.models.pools import Committee, CommitteeMember
from app.panels.queries import meetings, pools, scope
from app.panels.rules.presence import present
from app.panels.states import MeetingState
from app.rulebook import queries as rulebook
from app.rulebook.facts import Fact, from_json, split
from app.rulebook.models import RulePack
from app.rulebook.rules import choose
from app.rulebook.rules.criteria import facts_named
from app.rulebook.verdicts import Verdict

PER_PAGE = 25
PUBLISH_NAME = "titles.publish_name"
TYPE, ROUND_TYPE = "title_application", "title_round"
FROM_EVIDENCE = frozenset(one.name for one in EVIDENCE_FACTS)
UNKNOWN = _l("There is no such record within what you may see.")


class Page(NamedTuple):
    """One page of the register."""

    rows: list[TitleAward]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What an application was judged on, and how it came out."""

    facts: dict[str, Fact]
    verdict: Verdict


# ---- schemes


def schemes(region_code: str, on: date) -> list[RulePack]:
    """Return the schemes that bind a region on a day: of each code the nearest and latest one."""
    by_series: dict[str, list[RulePack]] = {}
    for pack in rulebook.published(SCHEME):
        ends = pack.ends_on is None or pack.ends_on >= on
        if covers(pack.region_code, region_code) and pack.starts_on <= on and ends:
            by_series.setdefault(pack.series, []).append(pack)
    return [found for packs in by_series.values() if (found := choose(packs, region_code)) is not None]


def scheme_of(round_: TitleRound) -> tuple[RulePack, TitleScheme]:
    """Return the scheme that a round has pinned, and its pack."""
    pack = rulebook.by_code(round_.scheme)
    return pack, typed_scheme(pack)


def typed_scheme(pack: RulePack) -> TitleScheme:
    """Return the parameters of a scheme."""
    return cast("TitleScheme", rulebook.params(pack))


# ---- rounds


def visible_rounds(actor: Actor) -> Select[TitleRound]:
    """Select the rounds one organises, confirms, reviews in, or may apply in."""
    query = select(TitleRound)
    if actor.may(Permission.ORGANISE):
        return query.where(TitleRound.organisation_id == actor.organisation_id)
    if actor.may(Permission.CONFIRM):
        return query.where(within(TitleRound.region_code, actor))
    if actor.may(Permission.REVIEW):
        return query.where(_reviewed(actor))
    mine = select(TitleApplication.round_id).where(TitleApplication.person_id == actor.person_id)
    here = TitleRound.region_code.in_(_above(actor.region_code or ""))
    return query.where(or_(TitleRound.id.in_(mine), and_(TitleRound.state != RoundState.PROPOSED, here)))


def _above(code: str) -> set[str]:
    return {code, f"{code[:4]}00", f"{code[:2]}0000", "100000"}


def _reviewed(actor: Actor) -> ColumnElement[bool]:
    seats = scope.committees(actor).with_only_columns(Committee.id)
    return and_(TitleRound.committee_id.in_(seats), TitleRound.meeting_code.is_not(None))


def rounds(actor: Actor) -> list[TitleRound]:
    """Return the visible rounds, the latest first, at most a hundred."""
    return list(session.scalars(visible_rounds(actor).order_by(TitleRound.id.desc()).limit(100)))


def round_(code: str, actor: Actor) -> TitleRound:
    """Return a visible round; raises NotFoundError."""
    found = session.scalar(visible_rounds(actor).where(TitleRound.code == code))
    if found is None:
        raise NotFoundError(UNKNOWN)
    return found


def round_of_ballot(code: str) -> TitleRound | None:
    """Return the round that waits for a ballot, None where it is another room's."""
    return session.scalar(
        select(TitleRound).where(TitleRound.ballot_code == code, TitleRound.state == RoundState.VOTING)
    )


def members_present(found: TitleRound) -> list[CommitteeMember]:
    """Return the members who are in the open meeting of a round now; nobody where none is open."""
    query = select(Attendance).join(Meeting, Meeting.id == Attendance.meeting_id)
    query = query.where(Meeting.code == found.meeting_code, Meeting.state == MeetingState.OPEN)
    inside = present(meetings.passages(list(session.scalars(query.order_by(Attendance.id)))))
    return [one for one in pools.members(found.committee) if one.expert_id in inside] if inside else []


# ---- applications


def visible(actor: Actor) -> Select[TitleApplication]:
    """Select one's own applications, and those of one's office, region or committee without recused ones."""
    own = TitleApplication.person_id == actor.person_id
    free = scope.visible_to_panel(actor, TYPE, TitleApplication.code)
    seen = and_(_officer(actor), TitleApplication.state != ApplicationState.DRAFT, free)
    return select(TitleApplication).join(TitleRound, TitleRound.id == TitleApplication.round_id).where(or_(own, seen))


def _officer(actor: Actor) -> ColumnElement[bool]:
    if actor.may(Permission.ORGANISE):
        return TitleRound.organisation_id == actor.organisation_id
    if actor.may(Permission.CONFIRM):
        return within(TitleRound.region_code, actor)
    if actor.may(Permission.REVIEW):
        return and_(_reviewed(actor), TitleApplication.state.in_(CHECKED))
    return TitleApplication.person_id == actor.person_id


def application(code: str, actor: Actor) -> TitleApplication:
    """Return a visible application; raises NotFoundError, for a recused expert too."""
    found = session.scalar(visible(actor).where(TitleApplication.code == code))
    if found is None:
        raise NotFoundError(UNKNOWN)
    return found


def by_code(code: str) -> TitleApplication:
    """Return an application, for events and commands; raises NotFoundError."""
    found = session.scalar(select(TitleApplication).where(TitleApplication.code == code))
    if found is None:
        raise NotFoundError(UNKNOWN)
    return found


def by_codes(codes: Collection[str]) -> list[TitleApplication]:
    """Return the applications of these codes that there are, in the order they were begun."""
    query = select(TitleApplication).where(TitleApplication.code.in_(codes)).order_by(TitleApplication.id)
    return list(session.scalars(query)) if codes else []


def applications_of(found: TitleRound, actor: Actor) -> list[TitleApplication]:
    """Return the visible applications of a round, in the order they were begun."""
    query = visible(actor).where(TitleApplication.round_id == found.id)
    return list(session.scalars(query.order_by(TitleApplication.id)))


def own_in(found: TitleRound, person_id: int) -> TitleApplication | None:
    """Return a person's application in a round, None where there is none."""
    return session.scalar(
        select(TitleApplication).where(TitleApplication.round_id == found.id, TitleApplication.person_id == person_id)
    )


def own(actor: Actor) -> list[TitleApplication]:
    """Return the actor's applications, the latest first."""
    query = select(TitleApplication).where(TitleApplication.person_id == actor.person_id)
    return list(session.scalars(query.order_by(TitleApplication.id.desc())))


def in_state(found: TitleRound, *states: ApplicationState) -> list[TitleApplication]:
    """Return the applications of a round in given states, for the rules."""
    query = select(TitleApplication).where(TitleApplication.round_id == found.id, TitleApplication.state.in_(states))
    return list(session.scalars(query.order_by(TitleApplication.id)))


def counts(round_ids: Iterable[int]) -> dict[int, int]:
    """Return how many applications of each round were sent."""
    sent = func.sum(case((TitleApplication.state != ApplicationState.DRAFT, 1), else_=0))
    query = select(TitleApplication.round_id, sent).where(TitleApplication.round_id.in_(list(round_ids)))
    return {key: int(number or 0) for key, number in session.execute(query.group_by(TitleApplication.round_id))}


# ---- what an application is judged on


def subject(found: TitleApplication) -> Subject:
    """Name an application."""
    return Subject(TYPE, found.code)


def evidence_to_pick(person_id: int, scheme: TitleScheme) -> list[Evidence]:
    """Return the checked records of a person that may count under a scheme."""
    query = select(Evidence).where(
        Evidence.person_id == person_id, Evidence.state == State.CHECKED, Evidence.kind.in_(scheme.evidence)
    )
    return list(session.scalars(query.order_by(Evidence.id)))


def picked(found: TitleApplication) -> list[Evidence]:
    """Return the records that an application relies on now."""
    return evidence_used_by(subject(found))


def withdrawn_since(found: TitleApplication) -> list[Evidence]:
    """Return the records that an application relies on and that were withdrawn."""
    return [one for one in picked(found) if one.state is State.WITHDRAWN]


def judged(found: TitleApplication, *, known_at: datetime) -> Judged:
    """Judge an application on the last day of its round, as known at an instant.

    Facts of evidence come from the picked records only; what the applicant declared is marked as such.
    """
    pack, scheme = scheme_of(found.round)
    on = found.round.apply_until
    asked = facts_named(scheme.tree)
    lower = frozenset(name for name in asked if split(name)[0] not in FROM_EVIDENCE)
    facts = dict(rulebook.facts_of([found.person_id], lower, on=on, known_at=known_at)[found.person_id])
    claims = [as_claim(one) for one in picked(found) if one.state is State.CHECKED]
    from_evidence = typed(summed(claims, on=on, known_at=known_at))
    facts |= {name: fact for name, fact in from_evidence.items() if name in asked}
    facts |= {name: fact for name, fact in from_json(found.declared).items() if name in asked}
    return Judged(facts, rules.judge(scheme, facts, on, rulebook.binding(pack)))


# ---- the register


def next_serial(prefix: str) -> int:
    """Return the serial after the highest one given under a prefix."""
    query = select(func.max(TitleAward.number)).where(TitleAward.number.startswith(prefix, autoescape=True))
    highest = session.scalar(query)
    return int(highest[len(prefix) : -1]) + 1 if highest else 1


def award_of(found: TitleApplication) -> TitleAward | None:
    """Return the entry of the register that an application led to."""
    return session.scalar(select(TitleAward).where(TitleAward.application_id == found.id))


def register(*, text: str = "", page: int = 1) -> Page:
    """List the public register: by exact number, or by part of a name that its holder agreed to publish."""
    query = select(TitleAward).join(TitleAward.person).options(joinedload(TitleAward.person))
    wanted = text.strip()
    if wanted:
        query = query.where(or_(TitleAward.number == wanted.upper(), named(wanted, PUBLISH_NAME)))
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    at = min(max(page, 1), pages)
    rows = session.scalars(query.order_by(TitleAward.id.desc()).limit(PER_PAGE).offset((at - 1) * PER_PAGE))
    return Page(list(rows), at, pages, total)


def shown_names(awards: Iterable[TitleAward]) -> dict[int, str]:
    """Return the names as the register shows them: masked without the holder's consent (PIPL, art. 25).

    That the title was given stays public. A granted erasure ends the consent.
    """
    return public_names((one.person for one in awards), PUBLISH_NAME)


def registered(number: str) -> TitleAward:
    """Return an entry of the register; raises NotFoundError."""
    found = session.scalar(select(TitleAward).where(TitleAward.number == number.upper()))
    if found is None:
        raise NotFoundError(_l("No title is registered under this number. Check every character of it."))
    return found


def region(code: str) -> Region:
    """Return a region."""
    return session.get_one(Region, code)


# ---- withdrawals


def withdrawal(code: str, actor: Actor) -> TitleWithdrawal:
    """Return a withdrawal of one's office or region, or one of one's own title once it was decided so.

    Raises NotFoundError.
    """
    own = and_(
        TitleApplication.person_id == actor.person_id,
        TitleWithdrawal.state.in_((WithdrawalState.IN_FORCE, WithdrawalState.SET_ASIDE)),
    )
    office = _officer(actor) if actor.may(Permission.WITHDRAW) else false()
    found = session.scalar(_withdrawals().where(TitleWithdrawal.code == code, or_(own, office)))
    if found is None:
        raise NotFoundError(UNKNOWN)
    return found


def _withdrawals() -> Select[TitleWithdrawal]:
    return (
        select(TitleWithdrawal)
        .join(TitleWithdrawal.award)
        .join(TitleAward.application)
        .join(TitleRound, TitleRound.id == TitleApplication.round_id)
        .options(contains_eager(TitleWithdrawal.award).contains_eager(TitleAward.application))
    )


def withdrawal_with(code: str) -> TitleWithdrawal:
    """Return a withdrawal, for cases and events; raises NotFoundError."""
    found = session.scalar(_withdrawals().where(TitleWithdrawal.code == code))
    if found is None:
        raise NotFoundError(UNKNOWN)
    return found


def withdrawal_of(award: TitleAward) -> TitleWithdrawal | None:
    """Return the latest withdrawal of a title that was not rejected, None where there is none."""
    query = select(TitleWithdrawal).where(
        TitleWithdrawal.award_id == award.id, TitleWithdrawal.state != WithdrawalState.REJECTED
    )
    return session.scalars(query.order_by(TitleWithdrawal.id.desc()).limit(1)).first()


class Foreseen(NamedTuple):
    """The rule in force on what follows a withdrawal, and the bar that it brings for the reason, if any."""

    pack: RulePack
    bar: Bar | None


def bar_foreseen(found: TitleWithdrawal, at: datetime) -> Foreseen | None:
    """Return what follows a withdrawal decided at an instant, None where no rule on it is in force in the region."""
    try:
        pack = rulebook.in_force(INTEGRITY, found.award.region_code, day_of(at))
    except InvalidError:
        return None
    return Foreseen(pack, TitleIntegrity.model_validate(pack.params).bar_for(found.reason))


class Barred(NamedTuple):
    """The rule that was in force at a withdrawal, the bar it brought, and from when on that is lifted."""

    pack: RulePack
    bar: Restriction | None
    lifted_on: date | None


def barred_by(found: TitleWithdrawal) -> Barred | None:
    """Return what followed a withdrawal in one statement, None where no rule on it was in force."""
    query = (
        select(RulePack, Restriction, RestrictionLift.lifted_on)
        .select_from(RulePack)
        .outerjoin(Restriction, Restriction.id == found.restriction_id)
        .outerjoin(RestrictionLift, RestrictionLift.restriction_id == Restriction.id)
        .where(RulePack.code == found.integrity_rule)
    )
    row = session.execute(query).first()
    return None if row is None else Barred(*row)


def award_with(code: str) -> TitleAward | None:
    """Return a title by its code, None where there is none."""
    return session.scalar(select(TitleAward).where(TitleAward.code == code))
