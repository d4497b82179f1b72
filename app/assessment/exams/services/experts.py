"""The expert group of similar sittings: drawn from a pool, so that neither who compared nor who taught chooses it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from app.accounts.states import Role
from app.assessment.exams.models import ExamSession
from app.assessment.exams.queries import experts as queries
from app.assessment.exams.queries.experts import Standing
from app.assessment.exams.services.subjects import named, of_comparison, of_pair
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.errors import ConflictError, InvalidError
from app.core.events import Event
from app.core.text import _l
from app.desk import services as desk
from app.panels.models.draws import Panel
from app.panels.models.pools import ExpertPool
from app.panels.queries import pools
from app.panels.services.draws import CaseGiven, KnownConflict, Plan, plan_panel
from app.panels.states import Field

OPINION = "exams.similarity"
GROUP = "exams.similarity_group"
# zh: panel and case as a Chinese office writes them; numbers tell the sittings, no names
PANEL_ZH = "{name}雷同作答认定专家组"
CASE_ZH = "{name}：作答雷同第{number}对"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The group that an examiner asks for: the pool it is drawn from, its size and the field of its experts."""

    pool: ExpertPool
    seats: int
    field: Field | None = None


def call(found: ExamSession, wanted: Wanted, *, by: Actor, at: datetime) -> Panel:
    """Ask a pool's office to draw the group that decides on the pairs which no group can decide yet.

    Raises ConflictError where there is no such pair, InvalidError where so few are drawn that they could stay divided.
    """
    standings, _panels = queries.of_session(found)
    stuck = [one for one in standings if one.stuck]
    if not stuck:
        raise ConflictError(_l("Every listed pair is decided, or an expert group is on its way."))
    least = 2 * max(one.pair.run.experts for one in stuck) - 1
    if wanted.seats < least:
        raise InvalidError(
            _l("Draw at least %(least)d experts, so that the group cannot stay divided.", least=least), field="seats"
        )
    pairs = {one.pair.id: one.pair for one in stuck}
    _pack, rules = pools.rules_for(wanted.pool.region_code, day_of(at))
    panel = plan_panel(
        wanted.pool,
        Plan(
            name_zh=PANEL_ZH.format(name=found.name_zh),
            name_en=f"Expert group on similar sittings: {found.name_en}",
            seats=wanted.seats,
            field=wanted.field,
        ),
        cases=[_case(found, one, number) for number, one in enumerate(stuck, start=1)],
        conflicts=[
            KnownConflict(one.person_id, of_pair(pairs[one.pair_id]), one.kind, one.source)
            for one in queries.conflicts(list(pairs), wanted.pool.id, rules.barred_kin())
        ],
        by=by,
        at=at,
    )
    data = {"panel": panel.code, "pairs": len(pairs)}
    events.record("exams.experts_called", of_comparison(found), by=by, at=at, data=data)
    ask(found, at=at)
    return panel


def _case(found: ExamSession, one: Standing, number: int) -> CaseGiven:
    names = CASE_ZH.format(name=found.name_zh, number=number), f"{found.name_en}: similar pair {number}"
    return CaseGiven(of_pair(one.pair), *names)


def ask(found: ExamSession, *, at: datetime) -> None:
    """Let every listed pair wait for whom it waits: its experts, or an examiner who calls for a group."""
    standings, _panels = queries.of_session(found)
    _ask_experts(standings, found, at=at)
    if any(one.stuck for one in standings):
        desk.open_todo(
            GROUP,
            of_comparison(found),
            url=f"/exams/similarity/{found.code}",
            at=at,
            role=Role.EXAMINER,
            organisation_id=found.organisation_id,
            region_code=found.region_code,
            params=named(found, "session"),
        )
    else:
        desk.close_todos(of_comparison(found), kind=GROUP, at=at)


def _ask_experts(standings: Iterable[Standing], found: ExamSession, *, at: datetime) -> None:
    for one in standings:
        for person_id in sorted(one.judges):
            desk.open_todo(
                OPINION,
                of_pair(one.pair),
                url=f"/exams/similarity/pairs/{one.pair.code}",
                at=at,
                person_id=person_id,
                params=named(found, "session"),
            )


def group_changed(happened: Event) -> None:
    """Ask whoever is on a group now: it was drawn, somebody was recused, a substitute took a seat."""
    for found in queries.sessions_of(happened.subject_code):
        ask(found, at=happened.at)
