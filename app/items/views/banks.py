"""Pages of banks: the list, a new one, one bank with its grid and its items, its export."""

from collections.abc import Iterable
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for

from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.desk.queries import timeline_entries
from app.items import queries, services
from app.items.access import Permission
from app.items.forms import KINDS, BankForm, ExportForm, FilterForm
from app.items.models import ItemBank
from app.items.queries import Cell
from app.items.rules import files
from app.items.rules.reasons import Reason
from app.items.rules.texts import in_words
from app.items.states import COGNITIVE_LABELS, PURPOSE_LABELS, STATE_LABELS, TYPE_LABELS, FileKind, ItemState, Purpose
from app.items.views.blueprint import Answer, bp
from app.rulebook.queries import Modules


@bp.get("")
@requires(Permission.VIEW)
def banks() -> str:
    """List the banks of one's organisation."""
    page = queries.banks(acting(), request.args.get("page", 1, type=int))
    return render_template("items/banks.html", page=page, purposes=PURPOSE_LABELS)


@bp.get("/new")
@requires(Permission.CREATE_BANK)
def new_bank() -> str:
    """Show the form of a new bank."""
    return render_template("items/new_bank.html", form=BankForm())


@bp.post("/new")
@requires(Permission.CREATE_BANK)
def create_bank() -> Answer:
    """Make a bank of one's organisation."""
    form = BankForm()
    if not form.validate():
        return render_template("items/new_bank.html", form=form), 422
    try:
        with unit_of_work():
            bank = services.create_bank(
                code=form.code.data or "",
                name_zh=form.name_zh.data or "",
                name_en=form.name_en.data or "",
                organisation_id=acting().organisation_id or 0,
                purpose=Purpose(form.purpose.data),
                reviewers=int(form.reviewers.data),
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        form.code.errors = [str(error)]
        return render_template("items/new_bank.html", form=form), error.status
    flash(_("The bank is made. An author of your organisation imports its items."), "good")
    return redirect(url_for("items.bank", bank=bank.code))


@bp.get("/<bank>")
@requires(Permission.VIEW)
def bank(bank: str) -> str:
    """Show a bank: how many items of which kind, and the items."""
    found = queries.bank(bank, acting())
    modules = queries.modules_of(found)
    form = FilterForm(request.args, modules.labels)
    choice = form.choice()
    cells = queries.grid(found.id)
    return render_template(
        "items/bank.html",
        bank=found,
        form=form,
        choice=choice,
        page=queries.items(found, choice, request.args.get("page", 1, type=int)),
        waiting=queries.count_approvable(found, acting(), choice) if acting().may(Permission.REVIEW) else 0,
        numbers={state: sum(cell.number for cell in cells if cell.state is state) for state in ItemState},
        chart=_chart(cells, modules),
        export=ExportForm(formdata=None),
        imports=queries.imports(found) if acting().may(Permission.IMPORT) else [],
        entries=timeline_entries(services.of_bank(found), 10),
        purposes=PURPOSE_LABELS,
        modules=modules.labels,
        **LABELS,
    )


LABELS: dict[str, Any] = {
    "words": in_words,
    "levels": COGNITIVE_LABELS,
    "types": TYPE_LABELS,
    "states": STATE_LABELS,
}


def _chart(cells: list[Cell], modules: Modules) -> dict[str, Any]:
    """Return the items in use as stacked bars: a bar for each module, a series for each cognitive level."""
    numbers: dict[tuple[str, str], int] = {}
    for cell in cells:
        if cell.state is not ItemState.RETIRED:
            numbers[cell.module, cell.level] = numbers.get((cell.module, cell.level), 0) + cell.number
    shown = modules.beside(module for module, _level in numbers)
    return {
        "title": _("Items in use by module and cognitive level"),
        "type": "bar",
        "stack": True,
        "unit": _("items"),
        "categories": [str(modules.name(module)) for module in shown],
        "series": [
            {"name": str(label), "data": [numbers.get((module, level), 0) for module in shown]}
            for level, label in COGNITIVE_LABELS.items()
        ],
    }


@bp.post("/<bank>/export")
@requires(Permission.EXPORT)
def export(bank: str) -> Answer:
    """Send a bank as a file; that it was taken out stays on record."""
    form = ExportForm()
    found = queries.bank(bank, acting())
    if not form.validate():
        return redirect(url_for("items.bank", bank=bank))
    kind = FileKind(form.kind.data)
    retired = bool(form.retired.data)
    looked = services.look_at_export(found, kind, retired=retired)
    if (looked.left_out or looked.lessened or looked.retired) and not form.agreed.data:
        left_out, lessened = _by_reason(looked.left_out), _by_reason(looked.lessened)
        noted = {"looked": looked, "left_out": left_out, "lessened": lessened}
        return render_template("items/export.html", bank=found, kind=KINDS[kind], form=form, **noted)
    with unit_of_work():
        written = services.export(found, kind, retired=retired, by=acting(), at=clock.now())
    return _download(found, kind, written.data)


def _by_reason(listed: Iterable[tuple[str, Reason]]) -> list[tuple[str, list[str]]]:
    """Gather the codes of items that share a reason; an item with several reasons stands under each."""
    gathered: dict[str, list[str]] = {}
    for code, reason in listed:
        for one in reason.each:
            gathered.setdefault(str(one), []).append(code)
    return list(gathered.items())


def _download(found: ItemBank, kind: FileKind, data: bytes) -> Response:
    response = Response(data, mimetype=files.MEDIA_TYPES[kind].partition(";")[0])
    name = f"{found.code}.{files.ENDINGS.get(kind, kind.value)}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
