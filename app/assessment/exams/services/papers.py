"""Writes of blueprints and papers: draft, assemble, freeze by a second person."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from app.accounts.states import Role
from app.assessment.exams.models import Blueprint, Paper, PaperItem
from app.assessment.exams.queries import papers as queries
from app.assessment.exams.rules.assembly import (
    Candidate,
    Cell,
    InfeasibleBlueprintError,
    Shortage,
    assemble,
    mean_difficulty,
)
from app.assessment.exams.rules.papers import content_hash
from app.assessment.exams.rules.parameters import ExamRule, LevelRule
from app.assessment.exams.services.subjects import named, of_blueprint, of_paper
from app.assessment.exams.states import PAPER, label_of
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _, _l
from app.desk import services as desk
from app.items.models import ItemBank
from app.items.states import COGNITIVE_LABELS
from app.rulebook import queries as rulebook
from app.rulebook.terms import MODULES

SEED_LIMIT = 2**31


@dataclass(frozen=True, slots=True)
class Draft:
    """What an examiner asks of a paper; `cells` maps module and cognitive level to the number of items."""

    name_zh: str
    name_en: str
    level: str
    cells: dict[Cell, int]
    points_per_item: Decimal
    minutes: int
    difficulty_target: Decimal
    cut_score: Decimal

    @property
    def items(self) -> int:
        """Return how many items the paper will have."""
        return sum(self.cells.values())


def draft_blueprint(*, bank: ItemBank, draft: Draft, by: Actor, at: datetime) -> Blueprint:
    """Store a blueprint that the exam rule in force allows; raises InvalidError naming the field."""
    if by.region_code is None:
        raise ForbiddenError(_l("Your role has no region. Switch to the role of your organisation."))
    pack = rulebook.in_force("exam", by.region_code, day_of(at))
    _check(ExamRule.model_validate(pack.params).of(draft.level), draft)
    drafted = Blueprint(
        name_zh=draft.name_zh,
        name_en=draft.name_en,
        organisation_id=bank.organisation_id,
        region_code=by.region_code,
        level=draft.level,
        bank_id=bank.id,
        cells=_nested(draft.cells),
        points_per_item=draft.points_per_item,
        minutes=draft.minutes,
        difficulty_target=draft.difficulty_target,
        cut_score=draft.cut_score,
        rule_pack=pack.code,
        drafted_by_id=by.person_id,
        drafted_at=at,
    )
    session.add(drafted)
    session.flush()
    events.record("exams.blueprint_drafted", of_blueprint(drafted), by=by, at=at, rule=pack.code)
    return drafted


def _check(rule: LevelRule, draft: Draft) -> None:
    best = draft.points_per_item * draft.items
    least = rule.pass_share * best
    if draft.items < rule.least_items:
        raise InvalidError(
            _l(
                "The rule asks for at least %(least)d items; the grid has %(items)d.",
                least=rule.least_items,
                items=draft.items,
            ),
            field="cells",
        )
    if not rule.least_minutes <= draft.minutes <= rule.most_minutes:
        raise InvalidError(
            _l("The rule allows %(least)d to %(most)d minutes.", least=rule.least_minutes, most=rule.most_minutes),
            field="minutes",
        )
    if not least <= draft.cut_score <= best:
        raise InvalidError(
            _l("The cut score lies between %(least)s and %(best)s points.", least=f"{least:.2f}", best=f"{best:.2f}"),
            field="cut_score",
        )


def _nested(cells: dict[Cell, int]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (module, level), count in cells.items():
        if count:
            nested.setdefault(module, {})[level] = count
    return nested


def cells_of(found: Blueprint) -> dict[Cell, int]:
    """Return the cells of a blueprint in the order of its grid."""
    return {(module, level): count for module, row in found.cells.items() for level, count in row.items()}


def assemble_paper(found: Blueprint, *, by: Actor, at: datetime, seed: int | None = None) -> Paper:
    """Draw the next paper of a blueprint from the approved items of its bank, by seed.

    Raises InvalidError naming every cell that cannot be met and how many items it lacks.
    """
    pool = queries.approved(found.bank_id)
    drawn_by = secrets.randbelow(SEED_LIMIT) if seed is None else seed
    chosen = _draw(found, pool, drawn_by)
    difficulty = {one.version_id: one.difficulty for one in pool}
    paper = Paper(
        blueprint_id=found.id,
        number=queries.next_number(found.id),
        seed=drawn_by,
        difficulty=mean_difficulty([difficulty[version_id] for version_id in chosen]),
        assembled_by_id=by.person_id,
        assembled_at=at,
    )
    session.add(paper)
    session.flush()
    session.add_all(
        PaperItem(paper_id=paper.id, position=place, item_version_id=version_id, points=found.points_per_item)
        for place, version_id in enumerate(chosen, start=1)
    )
    _ask_for_freeze(found, paper, by=by, at=at)
    return paper


def _draw(found: Blueprint, pool: list[Candidate], seed: int) -> tuple[int, ...]:
    try:
        return assemble(pool, cells_of(found), target=found.difficulty_target, seed=seed)
    except InfeasibleBlueprintError as error:
        lacking = str(_("; ")).join(_shortage(one) for one in error.shortages)
        raise InvalidError(
            _(
                "The item bank cannot fill this blueprint: %(cells)s. Approve more items or change the grid.",
                cells=lacking,
            ),
            code="infeasible",
        ) from error


def _shortage(one: Shortage) -> str:
    sentence = _(
        "%(module)s, %(level)s: %(missing)d of %(needed)d missing",
        module=label_of(MODULES, one.module),
        level=label_of(COGNITIVE_LABELS, one.level),
        missing=one.missing,
        needed=one.needed,
    )
    return str(sentence)


def _ask_for_freeze(found: Blueprint, paper: Paper, *, by: Actor, at: datetime) -> None:
    session.flush()
    events.record("exams.paper_assembled", of_paper(paper), by=by, at=at, data={"seed": paper.seed})
    desk.open_todo(
        "exams.freeze",
        of_paper(paper),
        url=f"/exams/papers/{paper.code}",
        at=at,
        role=Role.EXAMINER,
        organisation_id=found.organisation_id,
        region_code=found.region_code,
        not_person_id=by.person_id,
        params=named(found, "paper"),
    )


def freeze_paper(paper: Paper, *, by: Actor, at: datetime) -> None:
    """Pin a paper under its content hash; raises ForbiddenError for the person who assembled it."""
    if by.person_id == paper.assembled_by_id:
        raise ForbiddenError(_l("You assembled this paper. Another examiner of your organisation must freeze it."))
    PAPER.move(paper, "freeze", frozen_by_id=by.person_id, frozen_at=at, content_hash=hash_of(paper))
    session.flush()
    events.record("exams.paper_frozen", of_paper(paper), by=by, at=at, data={"content_hash": paper.content_hash})
    desk.close_todos(of_paper(paper), at=at)


def hash_of(paper: Paper) -> str:
    """Compute the content hash of a paper from what its places hold now."""
    leaves = [place.leaf() for place in queries.sheet_of(paper.id)]
    return content_hash(leaves, cut_score=paper.blueprint.cut_score, minutes=paper.blueprint.minutes)


def check_unchanged(paper: Paper) -> None:
    """Refuse a paper whose places no longer give the hash it was frozen under."""
    if hash_of(paper) != paper.content_hash:
        raise ConflictError(_l("The paper is not what was frozen. Nothing was done; tell an administrator."))
