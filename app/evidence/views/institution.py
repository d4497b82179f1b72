"""The desk of an organisation: what it entered for its people, entering by hand and by file."""

from flask import Response, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from app.accounts import queries as accounts
from app.accounts.models import Person
from app.core import clock, files
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.spreadsheets import to_csv
from app.core.text import _, _l, _n
from app.evidence import services
from app.evidence.access import Permission
from app.evidence.forms import ImportForm, SearchForm, record_form
from app.evidence.models import EvidenceImport
from app.evidence.queries import imports, records
from app.evidence.rules import roster, tables
from app.evidence.states import KIND_LABELS, Entry, ImportState, Kind
from app.evidence.views import lists
from app.evidence.views.blueprint import Answer, bp
from app.evidence.views.entering import after_saving, form_page, kind_of
from app.web import downloads
from app.web.refusals import show_beside

LIMIT = 8 * files.MEGABYTE
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/organisation")
@requires(Permission.ENTER)
def institution() -> str:
    """List what the organisation entered."""
    return render_template(
        "evidence/institution.html",
        page=records.of_organisation(acting(), lists.searched()),
        form=SearchForm(request.args),
        imports=imports.latest(acting().organisation_id),
        labels=KIND_LABELS,
    )


@bp.get("/organisation.csv")
@requires(Permission.ENTER)
def institution_file() -> Response:
    """Send the list as a file."""
    return lists.as_file(records.of_organisation, acting())


@bp.get("/organisation/new")
@requires(Permission.ENTER)
def institution_kinds() -> str:
    """Offer the kinds of evidence."""
    return render_template("evidence/kinds.html", labels=KIND_LABELS, endpoint="evidence.institution_new")


@bp.get("/organisation/new/<kind>")
@requires(Permission.ENTER)
def institution_new(kind: str) -> str:
    """Show the form of a kind with the people of the organisation."""
    found = kind_of(kind)
    services.refuse_entering(acting(), on=clock.today(), organisation_id=acting().organisation_id)
    return form_page(found, _form(found))


def _form(kind: Kind) -> FlaskForm:
    people = records.staff(acting().organisation_id)
    if not people:
        raise InvalidError(_l("Nobody holds a role for your organisation. Its people must be given one first."))
    return record_form(kind, people=people)


@bp.post("/organisation/new/<kind>")
@requires(Permission.ENTER)
def institution_create(kind: str) -> Answer:
    """Keep a new draft about one of the organisation's people, and declare it where asked."""
    found, actor = kind_of(kind), acting()
    form = _form(found)
    if not form.validate():
        return form_page(found, form), 422
    with unit_of_work():
        organisation = accounts.organisation(actor.organisation_id or 0)
        place = services.Place(organisation.region_code, Entry.ORGANISATION, organisation.id)
        person = _person(form.person.data)
        draft = services.save_draft(found, form.data, person=person, place=place, by=actor, at=clock.now())
    return after_saving(draft, form)


def _person(code: str) -> Person:
    return next(one for one in records.staff(acting().organisation_id) if one.code == code)


@bp.get("/organisation/import")
@requires(Permission.ENTER)
def import_form() -> str:
    """Show the upload of a file."""
    return _upload_page(ImportForm(formdata=None))


def _upload_page(form: ImportForm) -> str:
    return render_template("evidence/upload.html", form=form, labels=KIND_LABELS)


@bp.get("/organisation/import/template/<kind>.xlsx")
@requires(Permission.ENTER)
def import_template(kind: str) -> Response:
    """Send an empty workbook with the headings of a kind."""
    found = kind_of(kind)
    return downloads.template(tables.template(found), str(KIND_LABELS[found]), "xlsx")


@bp.post("/organisation/import")
@requires(Permission.ENTER)
def stage_import() -> Answer:
    """Stage an uploaded file; nothing is entered yet."""
    form = ImportForm()
    if not form.validate():
        return _upload_page(form), 422
    try:
        data = files.read_limited(form.file.data.stream, LIMIT)
        name = form.file.data.filename or ""
        with unit_of_work():
            found = services.stage_import(Kind(form.kind.data), data, name=name, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _upload_page(form), status
    return redirect(url_for("evidence.import_page", code=found.code))


@bp.get("/organisation/import/<code>")
@requires(Permission.ENTER)
def import_page(code: str) -> str:
    """Show the staged rows with every problem beside its row."""
    return _import_page(imports.import_of(code, acting()))


def _import_page(found: EvidenceImport, error: str = "") -> str:
    only_bad = request.args.get("show") == "bad"
    return render_template(
        "evidence/import.html",
        found=found,
        label=KIND_LABELS[found.kind],
        waiting=found.state is ImportState.STAGED,
        counts=imports.counts(found.id),
        only_bad=only_bad,
        page=imports.rows(found.id, only_bad=only_bad, page=request.args.get("page", 1, type=int)),
        in_words=roster.in_words,
        error=error,
    )


@bp.get("/organisation/import/<code>/problems.csv")
@requires(Permission.ENTER)
def import_problems(code: str) -> Response:
    """Send the rows with problems and what to do about each."""
    found = imports.import_of(code, acting())
    head = [_("Row"), _("Full name"), _("Document number"), _("What to do")]
    rows = [
        [str(row.line), row.name, row.masked, "\n".join(roster.in_words(one) for one in row.problems)]
        for row in imports.all_rows(found.id, good=False)
    ]
    return downloads.sent(to_csv([head, *rows]), f"{_('Rows with problems')}.csv", downloads.CSV)


@bp.post("/organisation/import/<code>/commit")
@requires(Permission.ENTER)
def commit_import(code: str) -> Answer:
    """Take over a staged file: all rows or none."""
    try:
        with unit_of_work():
            made = services.commit_import(imports.import_of(code, acting()), by=acting(), at=clock.now())
    except DomainError as error:
        return _import_page(imports.import_of(code, acting()), str(error)), error.status
    flash(
        _n("%(num)s record waits for its person.", "%(num)s records wait for their persons.", len(made)),
        "good",
    )
    return redirect(url_for("evidence.institution"))


@bp.post("/organisation/import/<code>/discard")
@requires(Permission.ENTER)
def discard_import(code: str) -> Answer:
    """Discard a staged file."""
    with unit_of_work():
        services.discard_import(imports.import_of(code, acting()), by=acting(), at=clock.now())
    flash(_("The import is discarded; nothing was entered."), "good")
    return redirect(url_for("evidence.institution"))
