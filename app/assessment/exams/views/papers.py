"""Pages of blueprints: the grid, a file instead of it, assembly of one paper or of several."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.papers import BlueprintForm, FileForm, PapersForm, blueprint_form, cell_name, type_name
from app.assessment.exams.models import Blueprint
from app.assessment.exams.queries import modules
from app.assessment.exams.queries import papers as queries
from app.assessment.exams.rules.assembly import available, available_by_type
from app.assessment.exams.rules.blueprint_file import MOST_BYTES, read, written
from app.assessment.exams.rules.infeasible import from_json
from app.assessment.exams.services import papers as services
from app.assessment.exams.services.assembly import sentence
from app.assessment.exams.services.drafts import draft_from, draft_of, file_of
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.files import read_limited
from app.core.text import _
from app.items.models import ItemBank
from app.items.states import COGNITIVE_LABELS, TYPE_LABELS
from app.rulebook import queries as rulebook
from app.rulebook.queries import LevelWords
from app.rulebook.terms import LEVELS

DEFAULTS: dict[str, object] = {
    "points_per_item": Decimal(1),
    "minutes": 60,
    "difficulty_target": Decimal("0.70"),
}


@bp.get("/blueprints")
@requires(Permission.BLUEPRINT)
def blueprints() -> str:
    """List the blueprints."""
    page = queries.blueprints(acting(), request.args.get("page", 1, type=int))
    return render_template("exams/blueprints.html", page=page, levels=LevelWords(LEVELS))


@bp.get("/blueprints/new")
@requires(Permission.BLUEPRINT)
def new_blueprint() -> str:
    """Show the grid of the chosen bank, or the choice of banks."""
    banks = queries.banks(acting())
    chosen = request.args.get("bank") or (banks[0].code if len(banks) == 1 else "")
    if not chosen:
        return render_template("exams/choose_bank.html", banks=banks)
    bank = queries.bank(chosen, acting())
    return _grid_page(bank, _form(bank, DEFAULTS))


@bp.post("/blueprints/new")
@requires(Permission.BLUEPRINT)
def draft_blueprint() -> Answer:
    """Store a blueprint."""
    bank = queries.bank(request.args.get("bank", ""), acting())
    form = _form(bank, {})
    if not form.validate():
        return _grid_page(bank, form), 422
    try:
        with unit_of_work():
            drafted = services.draft_blueprint(bank=bank, draft=form.draft(), by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _grid_page(bank, form), error.status
    flash(_("The blueprint is stored. Assemble a paper from it."), "good")
    return redirect(url_for("exams.blueprint", code=drafted.code))


def _form(bank: ItemBank, values: dict[str, object]) -> BlueprintForm:
    held = queries.approved(bank.id)
    syllabus = rulebook.modules_in_force(acting().region_code, clock.today(), bank.region_code)
    planned = syllabus.beside(one.module for one in held)
    types = {one.type for one in held}
    levels = rulebook.level_choices(acting().region_code, LEVELS)
    return blueprint_form(planned, [kind for kind in TYPE_LABELS if kind in types], levels=levels, **values)


def _grid_page(bank: ItemBank, form: BlueprintForm) -> str:
    held = queries.approved(bank.id)
    have, of_type = available(held), available_by_type(held)
    syllabus = rulebook.modules_in_force(acting().region_code, clock.today(), bank.region_code)
    rows = [
        {
            "label": syllabus.name(module),
            "cells": [(form[cell_name(module, level)], have.get((module, level), 0)) for level in COGNITIVE_LABELS],
        }
        for module in dict.fromkeys(module for module, _level in form.cells())
    ]
    return render_template(
        "exams/new_blueprint.html",
        bank=bank,
        form=form,
        rows=rows,
        kinds=[
            {
                "label": label,
                "fields": (form[type_name(kind, "count")], form[type_name(kind, "points")]),
                "have": of_type.get(kind, 0),
            }
            for kind, label in TYPE_LABELS.items()
            if type_name(kind, "count") in form
        ],
        cognitive=COGNITIVE_LABELS,
    )


@bp.get("/blueprints/<code>")
@requires(Permission.BLUEPRINT)
def blueprint(code: str) -> str:
    """Show one blueprint with its papers."""
    return _blueprint_page(queries.blueprint(code, acting()), [])


def _blueprint_page(found: Blueprint, refusals: Sequence[str], form: PapersForm | None = None) -> str:
    have, syllabus = available(queries.approved(found.bank_id)), modules.of_blueprint(found)
    job = queries.assembly_job(found)
    unmet = [sentence(from_json(told), syllabus.labels) for told in job.result.get("unmet", [])] if job else []
    return render_template(
        "exams/blueprint.html",
        blueprint=found,
        levels=LevelWords(LEVELS),
        cognitive=COGNITIVE_LABELS,
        rows=_grid(found, have, syllabus),
        items=sum(services.cells_of(found).values()),
        options=draft_of(found).options,
        papers=queries.papers_of(found),
        refusals=[*refusals, *unmet],
        job=job,
        form=form or PapersForm(formdata=None),
        types=TYPE_LABELS,
        modules=syllabus.labels,
    )


def _grid(found: Blueprint, have: dict[tuple[str, str], int], syllabus: rulebook.Modules) -> list[dict[str, Any]]:
    return [
        {
            "label": syllabus.name(module),
            "cells": [(row.get(level, 0), have.get((module, level), 0)) for level in COGNITIVE_LABELS],
        }
        for module, row in found.cells.items()
    ]


@bp.post("/blueprints/<code>/assemble")
@requires(Permission.BLUEPRINT)
def assemble(code: str) -> Answer:
    """Draw the next paper of a blueprint."""
    try:
        with unit_of_work():
            found = queries.blueprint(code, acting())
            paper = services.assemble_paper(found, by=acting(), at=clock.now())
    except DomainError as error:
        return _blueprint_page(queries.blueprint(code, acting()), [str(error)]), error.status
    flash(_("Paper %(number)d is assembled. Read the proof; two examiners sign it.", number=paper.number), "good")
    return redirect(url_for("exams.paper", code=paper.code))


@bp.post("/blueprints/<code>/parallel")
@requires(Permission.BLUEPRINT)
def assemble_parallel(code: str) -> Answer:
    """Start the work that draws several papers without an item in common."""
    form = PapersForm()
    if not form.validate():
        return _blueprint_page(queries.blueprint(code, acting()), [], form), 422
    with unit_of_work():
        found = queries.blueprint(code, acting())
        services.ask_for_papers(found, papers=form.papers.data or 0, by=acting(), at=clock.now())
    flash(_("The papers are being assembled. This page shows how far they are."), "good")
    return redirect(url_for("exams.blueprint", code=code))


@bp.get("/blueprints/file")
@requires(Permission.BLUEPRINT)
def blueprint_file() -> str:
    """Show the form for a blueprint as a file."""
    return render_template("exams/blueprint_file.html", form=FileForm())


@bp.post("/blueprints/file")
@requires(Permission.BLUEPRINT)
def read_blueprint() -> Answer:
    """Store the blueprint of a file."""
    form = FileForm()
    if not form.validate():
        return render_template("exams/blueprint_file.html", form=form), 422
    try:
        file = read(read_limited(form.file.data.stream, MOST_BYTES))
        with unit_of_work():
            bank = queries.bank(file.bank, acting())
            drafted = services.draft_blueprint(bank=bank, draft=draft_from(file), by=acting(), at=clock.now())
    except DomainError as error:
        form.file.errors = [str(error)]
        return render_template("exams/blueprint_file.html", form=form), error.status
    flash(_("The blueprint is stored. Assemble a paper from it."), "good")
    return redirect(url_for("exams.blueprint", code=drafted.code))


@bp.get("/blueprints/<code>/file")
@requires(Permission.BLUEPRINT)
def export_blueprint(code: str) -> Response:
    """Send a blueprint as the file that asks the same."""
    found = queries.blueprint(code, acting())
    kind = "json" if request.args.get("as") == "json" else "toml"
    answer = make_response(written(file_of(draft_of(found), queries.bank_code(found)), kind))
    answer.headers["Content-Type"] = {"json": "application/json", "toml": "application/toml; charset=utf-8"}[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="blueprint-{found.code}.{kind}"'
    return answer
