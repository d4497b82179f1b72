"""Rosters of people: template, upload, rows with their problems, the decision, the report of every row."""

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import services
from app.accounts import staged_queries as queries
from app.accounts.access import Permission
from app.accounts.forms import RosterForm
from app.accounts.rules.roster import worded
from app.accounts.rules.roster_file import TEMPLATE
from app.accounts.services.people_import import read_file
from app.accounts.services.people_rosters import CHECK_JOB, SETTLE_JOB
from app.accounts.staged import PeopleImport, PeopleRow
from app.accounts.views.blueprint import Answer, bp
from app.core import clock, files
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError, Text
from app.core.events import Subject
from app.core.spreadsheets import Value
from app.core.text import _, _l, _n
from app.web import downloads
from app.web.refusals import show_beside

ROSTER_LIMIT = 32 * 1024 * 1024


@bp.get("/people/rosters/template.xlsx")
@requires(Permission.PEOPLE_IMPORT)
def roster_template() -> Response:
    """Send an empty roster whose cells are formatted as text."""
    return downloads.template(TEMPLATE, _("Template of a roster of people"), "xlsx")


@bp.get("/people/rosters/template.csv")
@requires(Permission.PEOPLE_IMPORT)
def roster_template_csv() -> Response:
    """Send the headings of a roster as csv in UTF-8 with its mark."""
    return downloads.template(TEMPLATE, _("Template of a roster of people"), "csv")


@bp.get("/people/rosters")
@requires(Permission.PEOPLE_IMPORT)
def rosters() -> str:
    """Show the upload of a roster, and the latest ones."""
    return _upload_page(RosterForm())


def _upload_page(form: RosterForm) -> str:
    found = queries.latest_administered(acting())
    return render_template("accounts/rosters.html", form=form, rosters=found, state=_state)


def _state(staged: PeopleImport) -> str:
    """Return in one word where a roster is."""
    if staged.discarded_at is not None:
        return "discarded"
    if staged.committed_at is not None:
        return "committed"
    return "checking" if staged.checked_at is None else "staged"


@bp.post("/people/rosters")
@requires(Permission.PEOPLE_IMPORT)
def stage_roster() -> Answer:
    """Stage an uploaded roster; nobody is added yet."""
    form = RosterForm()
    if not form.validate():
        return _upload_page(form), 422
    try:
        data = files.read_limited(form.file.data.stream, ROSTER_LIMIT)
        read = read_file(data, form.file.data.filename or "")
        with unit_of_work():
            staged = services.stage_people(read, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _upload_page(form), status
    return redirect(url_for("accounts.roster", code=staged.code))


@bp.get("/people/rosters/<code>")
@requires(Permission.PEOPLE_IMPORT)
def roster(code: str) -> str:
    """Show the checked rows with every problem beside its row."""
    return _roster_page(queries.administered(code, acting()))


def _roster_page(staged: PeopleImport, error: str = "") -> str:
    only_bad = request.args.get("show") == "bad"
    jobs = queries.jobs_of(staged, CHECK_JOB, SETTLE_JOB)
    page = queries.rows_page(staged, only_bad=only_bad, page=request.args.get("page", 1, type=int))
    _note_look(staged, page.rows)
    return render_template(
        "accounts/roster.html",
        roster=staged,
        state=_state(staged),
        new=queries.count_new(staged),
        only_bad=only_bad,
        page=page,
        problem=worded,
        check=jobs.get(CHECK_JOB),
        follow=jobs.get(SETTLE_JOB),
        error=error,
    )


def _note_look(staged: PeopleImport, rows: Iterable[PeopleRow]) -> None:
    """Put on record whose kept contacts the rows tell of."""
    people = queries.people_told_of(rows)
    looked_up(people, by=acting(), purpose=Purpose.ADMINISTRATION, record=Subject("people_import", staged.code))


@bp.get("/people/rosters/<code>/report.xlsx")
@requires(Permission.PEOPLE_IMPORT)
def roster_report(code: str) -> Response:
    """Send what became of every row, or of those with problems alone."""
    staged = queries.administered(code, acting())
    only_bad = request.args.get("show") == "bad"
    head = [_("Row"), _("Full name"), _("Document number"), _("Result"), _("Person code"), _("What to do")]
    told = list(queries.rows_of(staged, only_bad=only_bad))
    _note_look(staged, told)
    rows = [_report_row(staged, row) for row in told]
    return downloads.table([head, *rows], _("Rows with problems") if only_bad else _("Report of every row"), "xlsx")


def _report_row(staged: PeopleImport, row: PeopleRow) -> list[Value]:
    stands = row.known or (row.good and staged.committed_at is not None)
    problems = "\n".join(worded(one) for one in row.problems)
    return [row.line, row.name, row.masked, str(_result(staged, row)), row.person_code if stands else "", problems]


def _result(staged: PeopleImport, row: PeopleRow) -> Text:
    if not row.good:
        return _l("Not taken over: has problems")
    if row.known:
        return _l("Good: known to the platform")
    return _l("Added") if staged.committed_at is not None else _l("Good")


@bp.post("/people/rosters/<code>/commit")
@requires(Permission.PEOPLE_IMPORT)
def commit_roster(code: str) -> Answer:
    """Take over a checked roster: all rows, or the good ones only."""
    try:
        with unit_of_work():
            staged, only_good = queries.administered(code, acting()), request.form.get("rows") == "good"
            made = services.take_over_people(staged, only_good=only_good, by=acting(), at=clock.now())
    except DomainError as error:
        return _roster_page(queries.administered(code, acting()), str(error)), error.status
    flash(_n("%(num)s person is added.", "%(num)s persons are added.", made), "good")
    return redirect(url_for("accounts.roster", code=code))


@bp.post("/people/rosters/<code>/discard")
@requires(Permission.PEOPLE_IMPORT)
def discard_roster(code: str) -> Response:
    """Discard a roster that nobody took over."""
    with unit_of_work():
        services.discard_people(queries.administered(code, acting()), by=acting(), at=clock.now())
    flash(_("The roster is discarded; nobody was added."), "good")
    return redirect(url_for("accounts.rosters"))
