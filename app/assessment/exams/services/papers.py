"""Writes of blueprints and papers: draft, assemble one or several, replace an item."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete

from app.accounts.actors import actor_of
from app.accounts.models import Person
from app.accounts.queries import memberships_of
from app.accounts.states import Role
from app.assessment.exams.models import Blueprint, Paper, PaperItem
from app.assessment.exams.queries import enemies, modules
from app.assessment.exams.queries import papers as queries
from app.assessment.exams.rules.assembly import Aim, Candidate, Cell
from app.assessment.exams.rules.infeasible import InfeasibleBlueprintError, Unmet
from app.assessment.exams.rules.parameters import ExamRule, LevelRule
from app.assessment.exams.services import assembly
from app.assessment.exams.services.assembly import Drawn, Stock, sentence, stock_of
from app.assessment.exams.services.drafts import Draft, cells_of, draft_of
from app.assessment.exams.services.subjects import named, of_blueprint, of_paper
from app.assessment.exams.states import PaperState
from app.core import events, jobs
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError, Text
from app.core.events import Subject
from app.core.jobs import Job
from app.core.text import _, _l
from app.desk import services as desk
from app.items.models import ItemBank
from app.rulebook import queries as rulebook

__all__ = ["Draft", "assemble_paper", "cells_of", "draft_blueprint"]
SEED_LIMIT = 2**31
ASSEMBLE = "exams.assemble"


def draft_blueprint(*, bank: ItemBank, draft: Draft, by: Actor, at: datetime) -> Blueprint:
    """Store a blueprint that the exam rule in force allows; raises InvalidError naming the field."""
    if by.region_code is None:
        raise ForbiddenError(_l("Your role has no region. Switch to the role of your organisation."))
    pack = rulebook.in_force("exam", by.region_code, day_of(at))
    _check(ExamRule.model_validate(pack.params).of(draft.level), draft)
    syllabus = rulebook.modules_in_force(by.region_code, day_of(at), bank.region_code)
    _check_modules(syllabus, draft)
    enemies.pairs_named(bank.id, draft.options.enemies)
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
        options=draft.options.model_dump(mode="json", exclude_defaults=True),
        rule_pack=pack.code,
        syllabus_pack=syllabus.pack,
        drafted_by_id=by.person_id,
        drafted_at=at,
    )
    session.add(drafted)
    session.flush()
    events.record("exams.blueprint_drafted", of_blueprint(drafted), by=by, at=at, rule=pack.code)
    return drafted


def _check(rule: LevelRule, draft: Draft) -> None:
    counted = sum(draft.options.types.values())
    if counted > draft.items:
        raise InvalidError(
            _l(
                "The item types count %(counted)d items, the grid only %(items)d. Count fewer, or more in the grid.",
                counted=counted,
                items=draft.items,
            ),
            field="types",
        )
    best = draft.options.best(draft.cells, draft.points_per_item)
    if best is None:
        raise InvalidError(
            _l("Points by item type need the number of items of every type, and no points by cell beside them."),
            field="types",
        )
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


def _check_modules(syllabus: rulebook.Modules, draft: Draft) -> None:
    beyond = syllabus.beyond(draft.level, [module for (module, _level), count in draft.cells.items() if count])
    if beyond:
        raise InvalidError(
            _l(
                "The syllabus in force has no module “%(module)s” at this level. Ask for items of these: %(allowed)s.",
                module=syllabus.name(beyond[0]),
                allowed=str(_(", ")).join(str(syllabus.name(one)) for one in syllabus.at(draft.level)),
            ),
            field="cells",
        )


def _nested(cells: dict[Cell, int]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = {}
    for (module, level), count in cells.items():
        if count:
            nested.setdefault(module, {})[level] = count
    return nested


def assemble_paper(found: Blueprint, *, by: Actor, at: datetime, seed: int | None = None) -> Paper:
    """Draw the next paper of a blueprint from the approved items of its bank, by seed.

    Raises InvalidError naming every constraint that cannot be met, with its figures.
    """
    drawn_by = secrets.randbelow(SEED_LIMIT) if seed is None else seed
    try:
        drawn = assembly.draw(stock_for(found, at=at), seed=drawn_by)
    except InfeasibleBlueprintError as error:
        raise refusal(error.unmet, modules.of_blueprint(found).labels) from error
    return store(found, drawn, seed=drawn_by, by=by, at=at)


def stock_for(found: Blueprint, *, at: datetime) -> Stock:
    """Bring together what a blueprint asks and what its bank has."""
    return stock_of(session.get_one(ItemBank, found.bank_id), draft_of(found), at=at)


def refusal(unmet: tuple[Unmet, ...], names: dict[str, Text]) -> InvalidError:
    """Return the refusal that names the constraints a bank cannot meet."""
    return InvalidError(
        _(
            "The item bank cannot fill this blueprint: %(cells)s. Approve more items or change the grid.",
            cells=str(_("; ")).join(sentence(one, names) for one in unmet),
        ),
        code="infeasible",
    )


def store(found: Blueprint, drawn: Drawn, *, seed: int, by: Actor, at: datetime) -> Paper:
    """Keep a drawn paper as a draft, with the points that the blueprint gives each item."""
    draft = draft_of(found)
    paper = Paper(
        blueprint_id=found.id,
        number=queries.next_number(found.id),
        seed=seed,
        difficulty=drawn.difficulty,
        expected_seconds=drawn.seconds,
        information=drawn.information,
        assembled_by_id=by.person_id,
        assembled_at=at,
    )
    session.add(paper)
    session.flush()
    session.add_all(_place(paper, place, one, draft) for place, one in enumerate(drawn.items, start=1))
    session.flush()
    events.record("exams.paper_assembled", of_paper(paper), by=by, at=at)
    ask_for_signature(found, paper, "exams.sign", at=at)
    return paper


def _place(paper: Paper, position: int, one: Candidate, draft: Draft) -> PaperItem:
    points = draft.options.points_of(one.cell, one.type, draft.points_per_item)
    return PaperItem(paper_id=paper.id, position=position, item_version_id=one.version_id, points=points)


def ask_for_signature(
    found: Blueprint,
    paper: Paper,
    kind: str,
    *,
    at: datetime,
    about: Subject | None = None,
    not_by: Actor | None = None,
) -> None:
    """Put a paper on the desks of the examiners of its organisation, as what waits `about` it where that is named."""
    desk.open_todo(
        kind,
        about or of_paper(paper),
        url=f"/exams/papers/{paper.code}",
        at=at,
        role=Role.EXAMINER,
        organisation_id=found.organisation_id,
        region_code=found.region_code,
        not_person_id=not_by.person_id if not_by else None,
        params=named(found, "paper"),
    )


def ask_for_papers(found: Blueprint, *, papers: int, by: Actor, at: datetime) -> Job:
    """Start the work that draws several parallel papers without an item in common."""
    key = f"{ASSEMBLE}:{found.code}:{queries.next_number(found.id)}"
    job = jobs.start_job(ASSEMBLE, key=key, by=by, args={"blueprint": found.code})
    job.total = papers
    session.flush()
    events.record("exams.papers_asked", of_blueprint(found), by=by, at=at, data={"papers": papers})
    return job


@dataclass(frozen=True, slots=True)
class Next:
    """The next paper of a job, and what its papers have in common."""

    drawn: Drawn
    aim: Aim
    seed: int


def draw_for(job: Job, *, at: datetime) -> Next | tuple[Unmet, ...]:
    """Draw the next paper of a job, without writing; return the constraints where it cannot be drawn."""
    found = queries.blueprint_by_code(job.args["blueprint"])
    stock = stock_for(found, at=at)
    taken_ids = queries.versions_on(job.result.get("papers", []))
    taken = [one for one in stock.items if one.version_id in taken_ids]
    try:
        aim = Aim(*job.result["aim"]) if "aim" in job.result else assembly.aim_of(stock, job.total)
        seed = secrets.randbelow(SEED_LIMIT)
        drawn = assembly.draw_next(stock, aim=aim, taken=taken, papers=job.total, place=job.done, seed=seed)
    except InfeasibleBlueprintError as error:
        return error.unmet
    return Next(drawn, aim, seed)


def store_drawn(job: Job, found: Next, *, at: datetime) -> None:
    """Keep the paper that a job has drawn; the job remembers it and what the papers have in common."""
    blueprint = queries.blueprint_by_code(job.args["blueprint"])
    paper = store(blueprint, found.drawn, seed=found.seed, by=_asker(job), at=at)
    job.result = {
        "papers": [*job.result.get("papers", []), paper.code],
        "aim": [found.aim.information, found.aim.seconds],
    }


def _asker(job: Job) -> Actor:
    """Return who asked for a job, in the role they asked in."""
    person = session.get_one(Person, job.person_id)
    held = [one for one in memberships_of(person.id) if one.role == job.acting_role]
    return actor_of(person, held[-1] if held else None)


def replace_item(paper: Paper, position: int, *, by: Actor, at: datetime) -> Candidate:
    """Put the nearest equivalent in the place of an item of a draft: same cell, type and points.

    Nearest in information at the cut score and in difficulty; no item of a sibling paper that is a draft too, no
    enemy of the others. Raises ConflictError where the paper is signed or the bank has no equivalent.
    """
    if paper.state is not PaperState.DRAFT:
        raise ConflictError(_l("The paper is signed. Send it back first, then replace the item."))
    stock = stock_for(paper.blueprint, at=at)
    sheet = {one.position: one for one in queries.sheet_of(paper.id)}
    if position not in sheet:
        raise InvalidError(_l("The paper has no such place."))
    chosen = assembly.equivalent(
        stock,
        [one.version.id for one in sheet.values()],
        sheet[position].version.id,
        barred=queries.versions_of_drafts(paper.blueprint_id),
    )
    if chosen is None:
        raise ConflictError(_l("The bank has no equivalent item that may stand on this paper."))
    points = sheet[position].points
    session.execute(delete(PaperItem).where(PaperItem.paper_id == paper.id, PaperItem.position == position))
    session.add(PaperItem(paper_id=paper.id, position=position, item_version_id=chosen.version_id, points=points))
    session.flush()
    kept = [one.version.id for one in sheet.values() if one.position != position]
    drawn = stock.drawn([*kept, chosen.version_id])
    paper.difficulty, paper.expected_seconds, paper.information = drawn.difficulty, drawn.seconds, drawn.information
    session.flush()
    events.record("exams.item_replaced", of_paper(paper), by=by, at=at, data={"place": position})
    return chosen
