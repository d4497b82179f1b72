"""Reads of recorded decisions and of what another pack would have decided."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from pydantic import BaseModel
from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.access import region_span, within
from app.accounts.states import NATION
from app.core.access import Actor
from app.core.clock import SHANGHAI
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.events import Subject
from app.core.text import _l
from app.rulebook.kinds import Binding, RuleKind
from app.rulebook.models import DecisionRecord, Replay, ReplayChange, RulePack
from app.rulebook.queries.kinds import kind
from app.rulebook.queries.packs import PER_PAGE, binding, params
from app.rulebook.rules.replaying import is_changed
from app.rulebook.rules.replaying import replay as replayed_verdict
from app.rulebook.verdicts import Verdict

ASKED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recorded decision and what another pack makes of the same facts."""

    record: DecisionRecord
    before: Verdict
    after: Verdict

    @property
    def changed(self) -> bool:
        """Tell whether it comes out otherwise, in whole or in a condition."""
        return is_changed(self.before, self.after)


class Changes(NamedTuple):
    """One page of what a replay changes."""

    rows: list[ReplayChange]
    page: int
    pages: int
    total: int


def latest_by_subject(kind_name: str, subjects: Sequence[Subject]) -> dict[Subject, int]:
    """Return the keys of the last decisions of a kind on subjects, one statement a type and thousand."""
    found: dict[Subject, int] = {}
    for type_, group in groupby(sorted(subjects, key=lambda one: one.type), key=lambda one: one.type):
        codes = [one.code for one in group]
        for start in range(0, len(codes), ASKED_AT_ONCE):
            found |= _latest(kind_name, type_, codes[start : start + ASKED_AT_ONCE])
    return found


def _latest(kind_name: str, type_: str, codes: Sequence[str]) -> dict[Subject, int]:
    query = (
        select(DecisionRecord.subject_code, func.max(DecisionRecord.id))
        .where(
            DecisionRecord.kind == kind_name,
            DecisionRecord.subject_type == type_,
            DecisionRecord.subject_code.in_(codes),
        )
        .group_by(DecisionRecord.subject_code)
    )
    return {Subject(type_, code): key for code, key in session.execute(query)}


def decisions_on(kind_name: str, about: Subject) -> list[DecisionRecord]:
    """Return the recorded decisions of a kind on a subject, the latest first."""
    query = select(DecisionRecord).where(
        DecisionRecord.kind == kind_name,
        DecisionRecord.subject_type == about.type,
        DecisionRecord.subject_code == about.code,
    )
    return list(session.scalars(query.order_by(DecisionRecord.id.desc())))


def standing(kind_name: str, region_code: str, year: int) -> Select[DecisionRecord]:
    """Select the decisions of a kind of a year (Shanghai time) in a region that no later one supersedes."""
    later = aliased(DecisionRecord)
    query = select(DecisionRecord).where(
        DecisionRecord.kind == kind_name,
        DecisionRecord.decided_at >= datetime(year, 1, 1, tzinfo=SHANGHAI),
        DecisionRecord.decided_at < datetime(year + 1, 1, 1, tzinfo=SHANGHAI),
        ~select(later.id).where(later.supersedes_id == DecisionRecord.id).exists(),
    )
    if region_code == NATION:
        return query
    low, high = region_span(region_code)
    return query.where(DecisionRecord.region_code.between(low, high))


def replayed(pack: RulePack, rows: Iterable[DecisionRecord]) -> Iterator[Replayed]:
    """Judge the facts of recorded decisions under a stored pack."""
    return replayed_under(kind(pack.kind), params(pack), binding(pack), rows)


def replayed_under(
    found: RuleKind, typed: BaseModel, name: Binding, rows: Iterable[DecisionRecord]
) -> Iterator[Replayed]:
    """Judge the facts of recorded decisions under typed parameters."""
    for row in rows:
        after = replayed_verdict(found, typed, row.facts, row.judged_on, binding=name)
        yield Replayed(row, Verdict.from_json(row.verdict), after)


def replay(code: str) -> Replay:
    """Return a replay with its pack, for its job."""
    return session.scalars(select(Replay).options(joinedload(Replay.pack)).where(Replay.code == code)).one()


def replay_in_scope(code: str, actor: Actor) -> Replay:
    """Return a replay with its pack; raises NotFoundError outside of the actor's region."""
    query = select(Replay).join(Replay.pack).options(joinedload(Replay.pack))
    found = session.scalar(query.where(Replay.code == code, within(RulePack.region_code, actor)))
    if found is None:
        raise NotFoundError(_l("There is no such replay in your region."))
    return found


def replays_of(pack: RulePack) -> list[Replay]:
    """Return the latest replays of past decisions under a pack."""
    query = select(Replay).where(Replay.pack_id == pack.id).order_by(Replay.id.desc()).limit(10)
    return list(session.scalars(query))


def changes_of(asked: Replay, *, page: int = 1) -> Changes:
    """Return a page of the decisions that a replay changes, in the order they were decided."""
    query = select(ReplayChange).options(joinedload(ReplayChange.record)).where(ReplayChange.replay_id == asked.id)
    total = asked.changed
    pages = max(-(-total // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    rows = session.scalars(query.order_by(ReplayChange.record_id).limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Changes(list(rows), wanted, pages, total)
