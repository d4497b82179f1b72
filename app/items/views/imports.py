"""Pages of imports: upload, preview of every row, all or none or only the good ones."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for

from app.core import clock, files
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError, ForbiddenError, InvalidError
from app.core.text import _, _n
from app.items import queries, services
from app.items.access import Permission
from app.items.forms import CommitForm, UploadForm
from app.items.models import ItemBank, ItemImport, ItemImportRow
from app.items.rules.content import Failure
from app.items.rules.files import kind_of
from app.items.rules.reasons import Reason, thing
from app.items.states import FATE_LABELS, Fate, FileKind, ImportState
from app.items.views.banks import LABELS
from app.items.views.blueprint import Answer, bp

FILE_LIMIT = 20 * 1024 * 1024


@bp.get("/<bank>/import")
@requires(Permission.IMPORT)
def upload(bank: str) -> str:
    """Show the upload."""
    found = queries.bank(bank, acting())
    return render_template("items/upload.html", bank=found, form=UploadForm(queries.modules_of(found).labels))


@bp.post("/<bank>/import")
@requires(Permission.IMPORT)
def stage(bank: str) -> Answer:
    """Keep an uploaded file and show what would become of its items."""
    found = queries.bank(bank, acting())
    form = UploadForm(queries.modules_of(found).labels)
    try:
        if not form.validate():
            raise InvalidError(_("Choose the file."))
        staged = _stage(found, form)
    except DomainError as error:
        if not form.file.errors:
            form.file.errors = [str(error)]
        return render_template("items/upload.html", bank=found, form=form), error.status
    return redirect(url_for("items.staged", bank=bank, code=staged.code))


def _stage(found: ItemBank, form: UploadForm) -> ItemImport:
    name = form.file.data.filename or "items"
    data = files.read_limited(form.file.data.stream, FILE_LIMIT)
    kind = FileKind(form.kind.data) if form.kind.data else kind_of(name, data)
    if kind is None:
        raise InvalidError(_("The name of the file does not say its kind. Choose the kind."))
    looked = services.look(found, data, kind=kind, defaults=form.defaults(queries.words_of(found)))
    with unit_of_work():
        return services.stage(found, looked, name=name, by=acting(), at=clock.now())


@bp.get("/<bank>/imports/<code>")
@requires(Permission.IMPORT)
def staged(bank: str, code: str) -> str:
    """Show every row of an uploaded file with what becomes of it."""
    found = queries.bank(bank, acting())
    return _page(found, queries.staged(found, code), CommitForm())


def _page(bank: ItemBank, one: ItemImport, form: CommitForm) -> str:
    fates = queries.fates(one.id)
    lacking = queries.count_lacking(one.id)
    fate = request.args.get("fate", "")
    page = queries.import_rows(one.id, fate, request.args.get("page", 1, type=int))
    return render_template(
        "items/import.html",
        bank=bank,
        one=one,
        form=form,
        fates=fates,
        good=fates.get(Fate.NEW, 0) + fates.get(Fate.REVISED, 0),
        page=page,
        reasons={row.id: _reason(row) for row in page.rows},
        lacking=[(thing(name), number) for name, number in queries.lacking(one.id).most_common()] if lacking else [],
        unread=[Failure.from_json(stored) for stored in one.ignored],
        tabs=_tabs(bank, one, {**{key.value: number for key, number in fates.items()}, queries.NOTED: lacking}, fate),
        fate_labels=FATE_LABELS,
        **LABELS,
    )


def _reason(row: ItemImportRow) -> str:
    """Say why a row is skipped or refused, what looks alike, and what the item is kept without."""
    said = [str(Reason.from_json(row.reason))] if row.reason else []
    if row.alike_code:
        alike = _("Much like %(code)s: %(percent)s%% of the wording.", code=row.alike_code, percent=row.alike_percent)
        said.append(alike)
    said += [str(Reason.from_json(stored)) for stored in row.content.get("without", ())]
    return " ".join(said)


def _tabs(bank: ItemBank, one: ItemImport, counts: Mapping[str, int], chosen: str) -> list[dict[str, object]]:
    names = {"": _("All"), **{fate.value: str(FATE_LABELS[fate]) for fate in Fate}, queries.NOTED: _("With notes")}
    every = sum(counts.get(fate.value, 0) for fate in Fate)
    return [
        {
            "label": label,
            "url": url_for("items.staged", bank=bank.code, code=one.code, fate=name or None),
            "active": name == chosen,
            "count": counts.get(name, 0) if name else every,
        }
        for name, label in names.items()
    ]


@bp.post("/<bank>/imports/<code>/commit")
@requires(Permission.IMPORT)
def commit(bank: str, code: str) -> Answer:
    """Take the looked-at items into the bank; a second press changes nothing."""
    form = CommitForm()
    found = queries.bank(bank, acting())
    if not form.validate():
        return _page(found, queries.staged(found, code), form), 422
    try:
        with unit_of_work():
            one = queries.staged(found, code, lock=True)
            report = services.take_staged(one, found, partial=form.how.data == "good", by=acting(), at=clock.now())
    except (InvalidError, ForbiddenError) as error:
        form.how.errors = [str(error)]
        return _page(found, queries.staged(found, code), form), error.status
    taken = len(report.imported)
    flash(_n("%(num)s item is in the bank as a draft.", "%(num)s items are in the bank as drafts.", taken), "good")
    return redirect(url_for("items.staged", bank=bank, code=code))


@bp.post("/<bank>/imports/<code>/drop")
@requires(Permission.IMPORT)
def drop(bank: str, code: str) -> Answer:
    """Put an uploaded file aside."""
    found = queries.bank(bank, acting())
    with unit_of_work():
        one = queries.staged(found, code, lock=True)
        if one.state is ImportState.STAGED:
            services.drop(one, by=acting(), at=clock.now())
    flash(_("The file is put aside. Nothing of it entered the bank."), "good")
    return redirect(url_for("items.bank", bank=bank))
