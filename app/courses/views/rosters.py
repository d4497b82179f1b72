"""Pages of rosters: template, upload, rows with their problems, and the slips of those invited."""

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import staged_queries as staged_people
from app.accounts.forms import RosterForm
from app.accounts.rules.roster_file import TEMPLATE
from app.accounts.staged import PeopleRow
from app.core import clock, files
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.config import settings
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.spreadsheets import Value
from app.core.text import _, _n
from app.courses import services
from app.courses.access import Permission
from app.courses.models import Cohort, RosterImport
from app.courses.queries import cohorts, rosters
from app.courses.rules.roster import worded
from app.courses.services.rosters import CHECK_JOB, PLACES_JOB
from app.courses.services.subjects import of_cohort
from app.courses.states import RosterState
from app.courses.views.blueprint import Answer, bp
from app.web import downloads
from app.web.refusals import show_beside

ROSTER_LIMIT = 32 * 1024 * 1024


@bp.get("/cohorts/roster-template.xlsx")
@requires(Permission.RUN)
def roster_template() -> Response:
    """Send an empty roster whose cells are formatted as text."""
    return downloads.template(TEMPLATE, _("Roster template"), "xlsx")


@bp.get("/cohorts/roster-template.csv")
@requires(Permission.RUN)
def roster_template_csv() -> Response:
    """Send the headings of a roster as csv in UTF-8 with its mark."""
    return downloads.template(TEMPLATE, _("Roster template"), "csv")


@bp.get("/cohorts/<code>/roster")
@requires(Permission.RUN)
def roster_upload(code: str) -> str:
    """Show the upload of a roster."""
    return _upload_page(code, RosterForm())


def _upload_page(code: str, form: RosterForm) -> str:
    found = _own(code)
    return render_template("courses/roster_upload.html", cohort=found, form=form, rosters=rosters.rosters(found.id))


def _own(code: str) -> Cohort:
    return cohorts.own_cohort(code, acting())


@bp.post("/cohorts/<code>/roster")
@requires(Permission.RUN)
def stage_roster(code: str) -> Answer:
    """Stage an uploaded roster; nobody is enrolled yet."""
    form = RosterForm()
    if not form.validate():
        return _upload_page(code, form), 422
    try:
        data = files.read_limited(form.file.data.stream, ROSTER_LIMIT)
        read = services.read_roster(data, form.file.data.filename or "")
        with unit_of_work():
            staged = services.stage_roster(_own(code), read, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _upload_page(code, form), status
    return redirect(url_for("courses.roster", code=code, roster=staged.code))


@bp.get("/cohorts/<code>/roster/<roster>")
@requires(Permission.RUN)
def roster(code: str, roster: str) -> str:
    """Show the staged rows with every problem beside its row."""
    found = _own(code)
    return _roster_page(found, rosters.roster(found, roster))


def _roster_page(found: Cohort, staged: RosterImport, error: str = "") -> str:
    only_bad = request.args.get("show") == "bad"
    number = request.args.get("page", 1, type=int)
    page = staged_people.rows_page(staged.people, only_bad=only_bad, page=number)
    _note_look(found, page.rows)
    return render_template(
        "courses/roster.html",
        cohort=found,
        roster=staged,
        waiting=staged.state is RosterState.STAGED and staged.people.committed_at is None,
        counts=staged.people,
        only_bad=only_bad,
        page=page,
        problem=worded,
        follow=rosters.job_of(PLACES_JOB, staged),
        check=rosters.job_of(CHECK_JOB, staged),
        error=error,
    )


def _note_look(found: Cohort, rows: Iterable[PeopleRow]) -> None:
    """Put on record whose kept contacts the rows tell of."""
    people = staged_people.people_told_of(rows)
    looked_up(people, by=acting(), purpose=Purpose.TRAINING, record=of_cohort(found))


@bp.get("/cohorts/<code>/roster/<roster>/problems.xlsx")
@requires(Permission.RUN)
def roster_problems(code: str, roster: str) -> Response:
    """Send the rows with problems and what to do about each."""
    found = _own(code)
    told = list(staged_people.rows_of(rosters.roster(found, roster).people, only_bad=True))
    _note_look(found, told)
    head = [_("Row"), _("Full name"), _("Document number"), _("What to do")]
    rows: list[list[Value]] = [
        [row.line, row.name, row.masked, "\n".join(worded(one) for one in row.problems)] for row in told
    ]
    return downloads.table([head, *rows], _("Rows with problems"), "xlsx")


@bp.post("/cohorts/<code>/roster/<roster>/commit")
@requires(Permission.RUN)
def commit_roster(code: str, roster: str) -> Answer:
    """Take over a staged roster: all rows, or the good ones only."""
    try:
        made = _take_over(code, roster, only_good=request.form.get("rows") == "good")
    except DomainError as error:
        found = _own(code)
        return _roster_page(found, rosters.roster(found, roster), str(error)), error.status
    flash(
        _n(
            "%(num)s person is invited. Print or send the invitation slip.",
            "%(num)s persons are invited. Print or send the invitation slips.",
            made,
        ),
        "good",
    )
    return redirect(url_for("courses.invitations", code=code))


def _take_over(code: str, roster: str, *, only_good: bool) -> int:
    """Add the people, then give them their places: two transactions, so that neither holds up others for long."""
    with unit_of_work():
        found = _own(code)
        made = services.commit_roster(
            found, rosters.roster(found, roster), only_good=only_good, by=acting(), at=clock.now()
        )
    with unit_of_work():
        found = _own(code)
        services.give_places(found, rosters.roster(found, roster), by=acting(), at=clock.now())
    return made


@bp.post("/cohorts/<code>/roster/<roster>/discard")
@requires(Permission.RUN)
def discard_roster(code: str, roster: str) -> Response:
    """Discard a staged roster."""
    with unit_of_work():
        found = _own(code)
        services.discard_roster(found, rosters.roster(found, roster), by=acting(), at=clock.now())
    flash(_("The roster is discarded; nobody was invited."), "good")
    return redirect(url_for("courses.cohort", code=code))


@bp.get("/cohorts/<code>/invitations")
@requires(Permission.RUN)
def invitations(code: str) -> str:
    """Show the invitation slips of those who have not enrolled yet, to print."""
    found = _own(code)
    page = rosters.slips(found, page=request.args.get("page", 1, type=int))
    return render_template(
        "courses/invitations.html",
        cohort=found,
        page=page,
        slips=[slip for slip in page.rows if slip.token],
        stale=rosters.without_link(found),
        known=rosters.with_account(found),
        link=_link,
    )


def _link(token: str) -> str:
    return f"{settings().public_url}/invitation/{token}"


@bp.get("/cohorts/<code>/invitations.xlsx")
@requires(Permission.RUN)
def invitation_file(code: str) -> Response:
    """Send the invitation slips as a workbook, for a mail merge."""
    slips = [slip for slip in rosters.all_slips(_own(code)) if slip.token and slip.expires]
    head = [_("Full name"), _("Place of work"), _("Link"), _("Open until")]
    rows = [
        [
            slip.person.name,
            slip.enrolment.employer or "",
            _link(slip.token or ""),
            clock.day_of(slip.expires).isoformat() if slip.expires else "",
        ]
        for slip in slips
    ]
    return downloads.table([head, *rows], _("Invitations"), "xlsx")


@bp.post("/cohorts/<code>/invitations/renew")
@requires(Permission.RUN)
def renew_invitations(code: str) -> Response:
    """Make new links where the old ones no longer open."""
    with unit_of_work():
        count = services.renew_invitations(_own(code), by=acting())
    flash(_n("%(num)s link is new.", "%(num)s links are new.", count), "good")
    return redirect(url_for("courses.invitations", code=code))
