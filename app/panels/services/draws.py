"""Writes of a draw: plan, commit, publish, reveal; the panel is drawn with the last secret."""

import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.accounts.rules.bodies import body_key
from app.accounts.states import Role
from app.ballots.states import SERVE
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk
from app.panels.access import Permission
from app.panels.models.draws import ConflictFact, Panel, PanelCase, PanelSeat, SeedShare
from app.panels.models.pools import ExpertPool, PoolExpert
from app.panels.models.scoring import ScoringRound
from app.panels.queries import draws, pools, scope
from app.panels.queries.declared import Known, known_against
from app.panels.rules.draw import Revealed, commitment, drawn, population_digest, seed_of
from app.panels.rules.quotas import Candidate, infeasible, part_of
from app.panels.services import subjects
from app.panels.services.barring import ask_offices, bar
from app.panels.states import PANEL, Conflict, Field, PanelState, SeatState

HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class CaseGiven:
    """A subject that the room above puts before a panel, with its names."""

    subject: Subject
    label_zh: str
    label_en: str


@dataclass(frozen=True, slots=True)
class KnownConflict:
    """What the room above knows against a person judging a subject: kind and where it is known from."""

    person_id: int
    subject: Subject
    kind: Conflict
    source: str


@dataclass(frozen=True, slots=True)
class Offered:
    """A case that a room lets an office put before drawn experts; `against` asks who must not judge it as far as known.

    A list of cases to choose from needs their names only, so that it is asked once a panel is planned.
    """

    given: CaseGiven
    against: Callable[[], Sequence[Known]] = tuple

    @property
    def code(self) -> str:
        """Name the case on a form."""
        return f"{self.given.subject.type}:{self.given.subject.code}"

    @property
    def conflicts(self) -> list[KnownConflict]:
        """Return what is known as conflicts of interest."""
        about = self.given.subject
        return [KnownConflict(person, about, kind, source) for person, kind, source in self.against()]


@dataclass(frozen=True, slots=True)
class Plan:
    """A panel to draw: names, seats, and quotas where they differ from the rules in force."""

    name_zh: str
    name_en: str
    seats: int
    field: Field | None = None
    per_unit: int | None = None
    regions: int | None = None


def plan_panel(
    pool: ExpertPool,
    plan: Plan,
    *,
    cases: Sequence[CaseGiven],
    conflicts: Sequence[KnownConflict] = (),
    by: Actor | None,
    at: datetime,
) -> Panel:
    """Plan a panel for subjects and store what is known against experts; who has a conflict is recused at once.

    What experts of the pool declared is asked for here, beside the conflicts that the room above passes in.

    Raises InvalidError where no case is given or more regions are wanted than seats.
    """
    pack, rules = pools.rules_for(pool.region_code, day_of(at))
    regions = plan.regions or min(rules.regions, plan.seats)
    if not cases:
        raise InvalidError(_l("A panel needs at least one case. Name what it is to judge."), field="cases")
    if regions > plan.seats:
        raise InvalidError(_l("A panel cannot come from more regions than it has seats."), field="regions")
    panel = Panel(
        pool_id=pool.id,
        organisation_id=pool.organisation_id,
        region_code=pool.region_code,
        name_zh=plan.name_zh,
        name_en=plan.name_en,
        field=plan.field,
        seats=plan.seats,
        per_unit=plan.per_unit or rules.per_unit,
        regions=regions,
        rule_code=pack.code,
        planned_by_id=by.person_id if by else None,
        planned_at=at,
        population=[],
    )
    session.add(panel)
    session.flush()
    kept = [_case(panel, position, one) for position, one in enumerate(cases, 1)]
    session.flush()
    events.record("panels.planned", subjects.of_panel(panel), by=by, at=at, rule=pack.code)
    _keep_conflicts(panel, kept, [*conflicts, *_declared(pool, kept)], by=by, at=at)
    ask_offices([one.subject for one in kept], at=at)
    _ask_to_commit(panel, at=at)
    return panel


def _declared(pool: ExpertPool, cases: list[PanelCase]) -> list[KnownConflict]:
    known = known_against(one.subject for one in cases)
    experts = pools.people_among(pool.id, {person for against in known.values() for person in against})
    return [
        KnownConflict(person, about, *why)
        for about, against in known.items()
        for person, why in sorted(against.items())
        if person in experts
    ]


def _ask_to_commit(panel: Panel, *, at: datetime) -> None:
    """Let the draw wait for the office and the supervisors, without naming the case to a role."""
    url = f"/panels/{panel.code}"
    kind, about = "panels.commit", subjects.of_panel(panel)
    desk.open_todo(kind, about, url=url, at=at, role=Role.SECRETARY, organisation_id=panel.organisation_id)
    desk.open_todo(kind, about, url=url, at=at, role=Role.SUPERVISOR, region_code=panel.region_code)


def _case(panel: Panel, position: int, given: CaseGiven) -> PanelCase:
    case = PanelCase(
        panel_id=panel.id,
        subject_type=given.subject.type,
        subject_code=given.subject.code,
        label_zh=given.label_zh,
        label_en=given.label_en,
        position=position,
    )
    session.add(case)
    return case


def _keep_conflicts(
    panel: Panel, cases: list[PanelCase], conflicts: Sequence[KnownConflict], *, by: Actor | None, at: datetime
) -> None:
    case_of = {one.subject: one for one in cases}
    for known in dict.fromkeys(conflicts):
        expert = pools.entry_of(panel.pool_id, known.person_id)
        case = case_of.get(known.subject)
        if case is None:
            raise InvalidError(_l("A conflict names a subject that is not before this panel."))
        if expert is not None:
            session.add(
                ConflictFact(case_id=case.id, expert_id=expert.id, kind=known.kind, source=known.source, recorded_at=at)
            )
        if bar(known.subject, known.person_id, kind=known.kind, reason=known.source, by=by, at=at):
            desk.withdraw_notices(known.subject, at=at, person_id=known.person_id)
        session.flush()


def commit_share(panel: Panel, commitment_hex: str, *, by: Actor, at: datetime) -> SeedShare:
    """Commit the office or a witness to a secret by its hash, before the population is published.

    Raises ConflictError once it is published or where the person committed already, ForbiddenError for
    people recused from a case, InvalidError where the text is no SHA-256 in hexadecimal.
    """
    if panel.state is not PanelState.PLANNED:
        raise ConflictError(_l("The population is published, so no further share can be committed to."))
    cases = draws.all_cases(panel.id)
    if any(scope.recused(by.person_id, case.subject) for case in cases):
        raise ForbiddenError(_l("Who is recused from a case takes no part in the draw of its panel."))
    if pools.entry_of(panel.pool_id, by.person_id) is not None:
        raise ForbiddenError(_l("Who stands in the pool cannot witness a draw from it."))
    text = commitment_hex.strip().lower()
    if HASH.fullmatch(text) is None:
        raise InvalidError(_l("A commitment has 64 hexadecimal digits. Copy the whole line."), field="commitment")
    given = draws.shares(panel)
    if any(one.person_id == by.person_id or one.commitment == text for one in given):
        raise ConflictError(_l("You have committed to a secret already; this commitment cannot be changed."))
    office = by.may(Permission.ORGANISE)
    if office and any(one.office for one in given):
        raise ConflictError(_l("The office has committed already. Another person of it cannot commit once more."))
    share = SeedShare(
        panel_id=panel.id,
        attempt=panel.attempt,
        person_id=by.person_id,
        office=office,
        commitment=text,
        committed_at=at,
    )
    session.add(share)
    session.flush()
    events.record("panels.share_committed", subjects.of_panel(panel), by=by, at=at, data={"commitment": text})
    return share


def publish(panel: Panel, *, by: Actor, at: datetime) -> None:
    """Freeze and publish the population with its digest, once office and witnesses have committed.

    Raises ConflictError while a share is missing, InvalidError that names the quotas which no panel can honour.
    """
    given = draws.shares(panel)
    rules = pools.rules_of(panel.rule_code)
    if not any(one.office for one in given) or sum(not one.office for one in given) < rules.witnesses:
        raise ConflictError(
            _l(
                "The office and at least %(count)s witnesses commit first. Ask those who are missing.",
                count=rules.witnesses,
            )
        )
    population = eligible(panel, at=at)
    against = infeasible(population, draws.quotas(panel))
    if against:
        raise InvalidError(_l("No panel can be drawn: %(why)s", why=" ".join(str(one) for one in against)))
    digest = population_digest(population)
    PANEL.move(
        panel,
        "publish",
        population=[[one.code, one.unit, one.region] for one in population],
        population_sha256=digest,
        published_at=at,
    )
    session.flush()
    events.record(
        "panels.population_published",
        subjects.of_panel(panel),
        by=by,
        at=at,
        data={"sha256": digest, "count": str(len(population))},
    )
    desk.close_todos(subjects.of_panel(panel), at=at)
    for share in given:
        _ask_to_reveal(panel, share, rules.reveal_hours, at=at)


def _ask_to_reveal(panel: Panel, share: SeedShare, hours: int, *, at: datetime) -> None:
    desk.open_todo(
        "panels.reveal",
        subjects.of_panel(panel),
        url=f"/panels/{panel.code}",
        at=at,
        person_id=share.person_id,
        due_on=day_of(at + timedelta(hours=hours)),
        params={"panel_zh": panel.name_zh, "panel_en": panel.name_en},
    )


def eligible(panel: Panel, *, at: datetime) -> list[Candidate]:
    """Return the experts who may be drawn: serving, free to, of the field, not recused from every case; by code."""
    cases = draws.all_cases(panel.id)
    barred = draws.barred(panel.id)
    out: dict[int, int] = defaultdict(int)
    for case in cases:
        for person_id in barred.get(case.id, ()):
            out[person_id] += 1
    serving = pools.serving(panel.pool_id, day_of(at), panel.field)
    closed = restrictions.restricted(SERVE, [one.person_id for one in serving], on=day_of(at))
    return [
        _candidate(one, panel.region_code)
        for one in serving
        if out[one.person_id] < len(cases) and one.person_id not in closed
    ]


def _candidate(expert: PoolExpert, pool_region: str) -> Candidate:
    return Candidate(expert.code, body_key(expert.unit), part_of(pool_region, expert.region_code))


def deadline(panel: Panel) -> datetime | None:
    """Return until when every secret has to be revealed, None before the population is published."""
    if panel.published_at is None:
        return None
    return panel.published_at + timedelta(hours=pools.rules_of(panel.rule_code).reveal_hours)


def reveal(panel: Panel, secret: str, *, by: Actor, at: datetime) -> SeedShare:
    """Reveal the secret behind a commitment; the last one draws the panel in the same transaction.

    The office reveals before any witness, so that it can never choose with knowledge of theirs. Raises
    ConflictError before the publication, after the deadline or out of turn, InvalidError where hash and secret differ.
    """
    if panel.state is not PanelState.PUBLISHED:
        raise ConflictError(_l("Secrets are revealed after the population is published and before the panel is drawn."))
    until = deadline(panel)
    if until is not None and at > until:
        raise ConflictError(_l("The time to reveal is over. The office voids this attempt and starts over."))
    given = draws.shares(panel)
    own = next((one for one in given if one.person_id == by.person_id), None)
    if own is None:
        raise ForbiddenError(_l("Only who committed to a secret of this draw can reveal one."))
    if own.revealed_at is not None:
        raise ConflictError(_l("You have revealed your secret already."))
    if not own.office and any(one.office and one.revealed_at is None for one in given):
        raise ConflictError(_l("The office reveals first. Wait until its secret is shown here."))
    if commitment(panel.code, by.person_code, secret.strip()) != own.commitment:
        raise InvalidError(
            _l("This secret does not belong to your commitment. Type it exactly as you noted it."), field="secret"
        )
    own.secret, own.revealed_at = secret.strip(), at
    session.flush()
    events.record("panels.secret_revealed", subjects.of_panel(panel), by=by, at=at)
    desk.close_todos(subjects.of_panel(panel), at=at, kind="panels.reveal", person_id=by.person_id)
    if all(one.revealed_at is not None for one in given):
        _draw(panel, given, at=at)
    return own


def _draw(panel: Panel, given: list[SeedShare], *, at: datetime) -> None:
    population = draws.candidates(panel)
    shares = [Revealed(one.commitment, one.secret or "") for one in given]
    seed = seed_of(panel.code, panel.population_sha256 or "", shares)
    order, seated = drawn(population, draws.quotas(panel), seed)
    PANEL.move(panel, "draw", seed=seed.hex(), drawn_at=at)
    chosen = {one.code for one in seated}
    known = {one.code: one for one in pools.by_codes([one.code for one in order])}
    for place, one in enumerate(order, 1):
        is_seated = one.code in chosen
        session.add(
            PanelSeat(
                panel_id=panel.id,
                expert_id=known[one.code].id,
                place=place,
                state=SeatState.SEATED if is_seated else SeatState.SUBSTITUTE,
                first=is_seated,
                seated_at=at if is_seated else None,
            )
        )
    session.flush()
    for code in sorted(chosen):
        tell_seated(panel, known[code], at=at)
    events.record("panels.drawn", subjects.of_panel(panel), by=None, at=at, data={"seed": seed.hex()})


def tell_seated(panel: Panel, expert: PoolExpert, *, at: datetime) -> None:
    """Ask an expert who was drawn to look for conflicts of interest, until the cases are given out to be scored."""
    if session.scalar(select(ScoringRound.id).where(ScoringRound.panel_id == panel.id)) is not None:
        return
    desk.open_todo(
        "panels.declare",
        subjects.of_panel(panel),
        url=f"/panels/{panel.code}",
        at=at,
        person_id=expert.person_id,
        params={"panel_zh": panel.name_zh, "panel_en": panel.name_en},
    )


def start_over(panel: Panel, *, reason: str, by: Actor, at: datetime) -> None:
    """Void an attempt whose secrets were not all revealed in time; everyone commits anew to other secrets.

    No draw is ever made without a missing secret: who could withhold it would choose between two panels.
    Raises ConflictError before the deadline.
    """
    until = deadline(panel)
    if panel.state is PanelState.PUBLISHED and until is not None and at <= until:
        raise ConflictError(_l("The witnesses still have time to reveal. Start over after the deadline."))
    missing = [one.person.code for one in draws.shares(panel) if one.revealed_at is None]
    voided = panel.population_sha256
    PANEL.move(
        panel,
        "start_over",
        attempt=panel.attempt + 1,
        population=[],
        population_sha256=None,
        published_at=None,
    )
    session.flush()
    events.record(
        "panels.started_over",
        subjects.of_panel(panel),
        by=by,
        at=at,
        reason=reason,
        data={"missing": " ".join(missing), "sha256": voided or ""},
    )
    desk.close_todos(subjects.of_panel(panel), at=at)
    _ask_to_commit(panel, at=at)
