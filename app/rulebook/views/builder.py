"""The builder: a regulator edits a draft in plain sentences; everything works without JavaScript."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from pydantic import BaseModel
from werkzeug.wrappers import Response as AnyResponse

from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.rulebook import queries
from app.rulebook.access import Permission, check_region
from app.rulebook.builder import Builder, opened_path
from app.rulebook.models import PackStart, RulePack
from app.rulebook.queries import edits
from app.rulebook.rules.cases import lacking
from app.rulebook.rules.editing import Typed, act, blank_at, fill
from app.rulebook.rules.packs import Case, PackFile
from app.rulebook.services import edits as services
from app.rulebook.views.blueprint import bp
from app.rulebook.views.words import cases_shown, phrases_of


@dataclass(frozen=True, slots=True)
class Editing:
    """A draft that is typed: what it is, what stands in its fields, where it is typed, and what its buttons do."""

    of: RulePack | PackStart
    typed: Typed
    version: int
    address: str
    back: str
    keep: Callable[[Typed, int], object]
    save: Callable[[], RulePack]
    drop: Callable[[], object]
    untouched: bool = False
    """Nothing was typed yet, so nothing that is empty is held against anybody."""


@bp.get("/<code>/edit")
@requires(Permission.PROPOSE)
def edit(code: str) -> str:
    """Show a pack as fields and sentences, with what was typed so far."""
    return shown(_editing(code))


@bp.post("/<code>/edit")
@requires(Permission.PROPOSE)
def change(code: str) -> AnyResponse | tuple[str, int]:
    """Keep what was typed, then do what the pressed button says."""
    return pressed(lambda: _editing(code))


def _editing(code: str) -> Editing:
    pack = queries.pack(code, acting())
    check_region(pack, acting())
    kept = edits.edit_of(pack, acting())
    return Editing(
        pack,
        kept.typed if kept else edits.typed_pack(pack),
        kept.version if kept else 0,
        address=url_for("rulebook.edit", code=code),
        back=url_for("rulebook.pack", code=code),
        keep=lambda typed, version: services.keep(pack, typed, version=version, by=acting(), at=clock.now()),
        save=lambda: services.save(pack, by=acting(), at=clock.now()),
        drop=lambda: services.drop(pack, by=acting()),
    )


def pressed(read: Callable[[], Editing]) -> AnyResponse | tuple[str, int]:
    """Do what the pressed button says with a draft as it was typed; what cannot be done is said on its page."""
    editing = read()
    typed = fill(editing.typed, dict(request.form))
    name, _colon, path = request.form.get("act", "keep").partition(":")
    try:
        return _do(editing, typed, name, path)
    except DomainError as error:
        return shown(read(), typed=typed, opened=request.form.get("open", ""), refused=str(error)), error.status


def _do(editing: Editing, typed: Typed, name: str, path: str) -> AnyResponse:
    if name == "drop":
        with unit_of_work():
            editing.drop()
        flash(_("What was typed is dropped; the draft is as it was."), "good")
        return redirect(editing.back)
    if name == "save":
        return _save(editing, typed)
    opened = request.form.get("open", "")
    if name != "keep":
        models: dict[str, type[BaseModel]] = {"params": queries.kind(editing.of.kind).model, "cases": Case}
        edited = act(typed, name, path, blank_at(path, models))
        typed, opened = edited.typed, edited.open
    with unit_of_work():
        editing.keep(typed, _version())
    at_line = f"?{urlencode({'open': opened})}#line" if opened else ""
    return redirect(f"{editing.address}{at_line}")


def _version() -> int:
    return request.form.get("version", 0, type=int)


def _save(editing: Editing, typed: Typed) -> AnyResponse:
    with unit_of_work():
        editing.keep(typed, _version())
    with unit_of_work():
        saved = editing.save()
    flash(_("Saved as a new revision. Read it through, then propose it."), "good")
    return redirect(url_for("rulebook.pack", code=saved.code))


def shown(editing: Editing, *, typed: Typed | None = None, opened: str | None = None, refused: str = "") -> str:
    """Draw the page of a draft, with what was typed last where that could not be kept."""
    now = editing.typed if typed is None else typed
    kind = queries.kind(editing.of.kind)
    phrases = phrases_of(kind)
    checked = edits.check(editing.of, now)
    asked = request.args.get("open", "") if opened is None else opened
    errors = {} if editing.untouched and typed is None and not refused else checked.errors
    builder = Builder(now, errors, phrases, opened=opened_path(now, asked))
    head = builder.parts(PackFile, without=(*edits.FIXED, "params", "cases"))
    params = builder.parts(kind.model, "params")
    cases = builder.parts(PackFile, without=tuple(name for name in PackFile.model_fields if name != "cases"))
    fits = checked.params if checked.good else None
    results = queries.run_cases(checked.file, fits) if checked.file and fits else []
    return render_template(
        "rulebook/edit.html",
        editing=editing,
        origin=edits.origin_of(editing.of),
        kind=kind,
        form=builder.form(),
        head=head,
        params=params,
        cases=cases if kind.judge else [],
        opened=builder.opened,
        refused=refused,
        good=fits is not None,
        sentences=kind.sentences(fits) if fits else [],
        results=cases_shown(results, phrases),
        lacks=lacking(checked.file.cases, kind) if checked.file else [],
        facts=queries.catalogue_of(kind).values(),
    )
