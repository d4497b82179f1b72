"""The builder: a regulator edits a draft in plain sentences; everything works without JavaScript."""

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
from app.rulebook.models import RulePack
from app.rulebook.queries import edits
from app.rulebook.rules.cases import lacking
from app.rulebook.rules.editing import Typed, act, blank_at, fill
from app.rulebook.rules.packs import Case, PackFile
from app.rulebook.services import edits as services
from app.rulebook.views.blueprint import bp
from app.rulebook.views.words import cases_shown, phrases_of


@bp.get("/<code>/edit")
@requires(Permission.PROPOSE)
def edit(code: str) -> str:
    """Show a pack as fields and sentences, with what was typed so far."""
    pack = queries.pack(code, acting())
    check_region(pack, acting())
    kept = edits.edit_of(pack, acting())
    typed = kept.typed if kept else edits.typed_pack(pack)
    return _page(pack, typed, version=kept.version if kept else 0, opened=request.args.get("open", ""))


@bp.post("/<code>/edit")
@requires(Permission.PROPOSE)
def change(code: str) -> AnyResponse | tuple[str, int]:
    """Keep what was typed, then do what the pressed button says."""
    pack = queries.pack(code, acting())
    check_region(pack, acting())
    kept = edits.edit_of(pack, acting())
    typed = fill(kept.typed if kept else edits.typed_pack(pack), dict(request.form))
    name, _colon, path = request.form.get("act", "keep").partition(":")
    opened = request.form.get("open", "")
    try:
        return _do(pack, typed, name, path)
    except DomainError as error:
        kept = edits.edit_of(pack, acting())
        version = kept.version if kept else 0
        return _page(pack, typed, version=version, opened=opened, refused=str(error)), error.status


def _do(pack: RulePack, typed: Typed, name: str, path: str) -> AnyResponse:
    if name == "drop":
        with unit_of_work():
            services.drop(pack, by=acting())
        flash(_("What was typed is dropped; the draft is as it was."), "good")
        return redirect(url_for("rulebook.pack", code=pack.code))
    if name == "save":
        return _save(pack, typed)
    opened = request.form.get("open", "")
    if name != "keep":
        models: dict[str, type[BaseModel]] = {"params": queries.kind(pack.kind).model, "cases": Case}
        edited = act(typed, name, path, blank_at(path, models))
        typed, opened = edited.typed, edited.open
    with unit_of_work():
        services.keep(pack, typed, version=_version(), by=acting(), at=clock.now())
    return redirect(url_for("rulebook.edit", code=pack.code, open=opened or None, _anchor="line" if opened else None))


def _version() -> int:
    return request.form.get("version", 0, type=int)


def _save(pack: RulePack, typed: Typed) -> AnyResponse:
    with unit_of_work():
        services.keep(pack, typed, version=_version(), by=acting(), at=clock.now())
    with unit_of_work():
        saved = services.save(pack, by=acting(), at=clock.now())
    flash(_("Saved as a new revision. Read it through, then propose it."), "good")
    return redirect(url_for("rulebook.pack", code=saved.code))


def _page(pack: RulePack, typed: Typed, *, version: int, opened: str, refused: str = "") -> str:
    kind = queries.kind(pack.kind)
    phrases = phrases_of(kind)
    checked = edits.check(pack, typed)
    builder = Builder(typed, checked.errors, phrases, opened=opened_path(typed, opened))
    head = builder.parts(PackFile, without=(*edits.FIXED, "params", "cases"))
    params = builder.parts(kind.model, "params")
    cases = builder.parts(PackFile, without=tuple(name for name in PackFile.model_fields if name != "cases"))
    fits = checked.params if checked.good else None
    results = queries.run_cases(checked.file, fits) if checked.file and fits else []
    return render_template(
        "rulebook/edit.html",
        pack=pack,
        kind=kind,
        form=builder.form(),
        head=head,
        params=params,
        cases=cases if kind.judge else [],
        version=version,
        opened=builder.opened,
        refused=refused,
        good=fits is not None,
        sentences=kind.sentences(fits) if fits else [],
        results=cases_shown(results, phrases),
        lacks=lacking(checked.file.cases, kind) if checked.file else [],
        facts=queries.catalogue_of(kind).values(),
    )
