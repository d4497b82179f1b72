"""Employers' checks: a list with its purpose, answered by a job, shown, filtered, exported and signed."""

from collections.abc import Iterator

from flask import Response, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse
from wtforms import StringField

from app.core import clock, files
from app.core.access import acting, requires
from app.core.columns import new_code
from app.core.db import unit_of_work
from app.core.errors import ConflictError, DomainError, NotFoundError
from app.core.text import _, _l
from app.credentials import wording_holders as words
from app.credentials.access import Permission
from app.credentials.forms.lists import CheckForm
from app.credentials.models import CertificateCheck
from app.credentials.queries import lookups as queries
from app.credentials.rules.lists import TEMPLATE, read_list
from app.credentials.services import checks as services
from app.credentials.services.checks import MOST_ROWS, Asked
from app.credentials.states import CheckPurpose, RowOutcome
from app.credentials.tables import result_csv, result_xlsx
from app.credentials.views.blueprint import bp
from app.web import downloads
from app.web.refusals import show_beside

LIMIT = 4 * files.MEGABYTE
Answer = str | BaseResponse | tuple[str, int]


@bp.get("/employer/checks")
@requires(Permission.CHECK)
def checks() -> str:
    """List the checks of the employer's organisation."""
    page = queries.checks(acting(), page=request.args.get("page", 1, type=int))
    return render_template("credentials/checks.html", page=page, purposes=words.PURPOSES)


@bp.get("/employer/checks/new")
@requires(Permission.CHECK)
def new_check() -> str:
    """Show the form of a check."""
    form = CheckForm(formdata=None)
    form.number.data = new_code()
    return _form_page(form)


def _form_page(form: CheckForm) -> str:
    return render_template("credentials/check_new.html", form=form)


@bp.get("/employer/checks/template.xlsx")
@requires(Permission.CHECK)
def check_template() -> Response:
    """Send an empty workbook with the headings of a list."""
    return downloads.template(TEMPLATE, _("List to check"), "xlsx")


@bp.post("/employer/checks")
@requires(Permission.CHECK)
def start_check() -> Answer:
    """Read a list and start answering it."""
    form = CheckForm()
    if not form.validate():
        return _form_page(form), 422
    try:
        rows = read_list(files.read_limited(form.file.data.stream, LIMIT), MOST_ROWS)
        with unit_of_work():
            found = services.start_check(_asked(form), rows, number=form.number.data or "", by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _form_page(form), status
    return redirect(url_for("credentials.check", code=found.code))


def _asked(form: CheckForm) -> Asked:
    name = (form.file.data.filename or "")[:200]
    return Asked(CheckPurpose(form.purpose.data), _text(form.words), _text(form.consent), name)


def _text(field: StringField) -> str:
    return (field.data or "").strip()


@bp.get("/employer/checks/<code>")
@requires(Permission.CHECK)
def check(code: str) -> str:
    """Show a check: how far it is, or every row with its answer."""
    found = queries.check(code, acting())
    outcome = request.args.get("answer", "")
    page = queries.rows(found.id, outcome=outcome, page=request.args.get("page", 1, type=int))
    return render_template(
        "credentials/check.html",
        found=found,
        job=queries.job_of_paper(found) if found.finished_at else queries.job_of_check(found),
        papers=queries.papers_of(found.id) if found.finished_at else [],
        purpose=words.PURPOSES[found.purpose],
        outcomes=[(one, words.OUTCOMES[one][0]) for one in RowOutcome if found.counts.get(one)],
        answer=outcome,
        page=page,
        rows=[words.line_of(row) for row in page.rows],
        counts=_chart(found),
    )


def _chart(found: CertificateCheck) -> dict[str, object]:
    shown = [one for one in RowOutcome if found.counts.get(one)]
    return {
        "title": _("Answers by kind"),
        "type": "bar",
        "categories": [str(words.OUTCOMES[one][0]) for one in shown],
        "series": [{"name": _("Rows"), "data": [found.counts[one] for one in shown]}],
        "unit": _("rows"),
    }


@bp.get("/employer/checks/<code>.csv")
@requires(Permission.CHECK)
def check_csv(code: str) -> Response:
    """Send every answered row as text."""
    found = _with_rows(code)
    return downloads.sent(result_csv(_rows(found)), f"{_('Result sheet')}.csv", downloads.CSV)


@bp.get("/employer/checks/<code>.xlsx")
@requires(Permission.CHECK)
def check_xlsx(code: str) -> Response:
    """Send the signed result sheet: every row, and the signature over them."""
    found = _with_rows(code)
    return downloads.sent(result_xlsx(_rows(found), found.sheet or ""), f"{_('Result sheet')}.xlsx", downloads.XLSX)


@bp.get("/employer/checks/<code>.pdf")
@requires(Permission.CHECK)
def check_pdf(code: str) -> Response:
    """Send the result sheet, or a part of a long one, as a PDF that the platform sealed."""
    found = _with_rows(code)
    part = request.args.get("part", 1, type=int)
    drawn = services.paper_of(found, part)
    if drawn is None:
        raise NotFoundError(_l("The PDF is not made yet. Open the check and wait for it, or take the xlsx file."))
    ending = f"-{part}" if found.total > services.ROWS_A_PART else ""
    return downloads.sent(drawn, f"{_('Result sheet')}{ending}.pdf", downloads.PDF)


@bp.post("/employer/checks/<code>/pdf")
@requires(Permission.CHECK)
def draw_check(code: str) -> BaseResponse:
    """Have the PDF of a result sheet made that was finished before there was one."""
    with unit_of_work():
        services.start_paper(_with_rows(code))
    return redirect(url_for("credentials.check", code=code))


def _with_rows(code: str) -> CertificateCheck:
    found = queries.check(code, acting())
    if found.finished_at is None:
        raise ConflictError(_l("The list is still being checked. Wait for the end, then take the result."))
    if found.forgotten_at is not None:
        raise NotFoundError(_l("The rows of this check were deleted, as was promised. Check the list again if needed."))
    return found


def _rows(found: CertificateCheck) -> Iterator[tuple[list[str], str, str]]:
    for row in queries.all_rows(found.id):
        line = words.line_of(row)
        yield services.signed_values(row), line.label, line.sentence


@bp.get("/employer/checks/<code>.jws")
@requires(Permission.CHECK)
def check_sheet(code: str) -> Response:
    """Send the signature of the result sheet, which stays when the rows are deleted."""
    found = queries.check(code, acting())
    if found.sheet is None:
        raise NotFoundError(_l("This result sheet is not signed yet. Open the check and let it be signed."))
    return downloads.sent(found.sheet.encode(), f"{code}.jws", "application/jose")


@bp.post("/employer/checks/<code>/sign")
@requires(Permission.CHECK)
def sign_check(code: str) -> BaseResponse:
    """Let a result sheet be signed that could not be signed when it was finished."""
    with unit_of_work():
        done = services.sign(queries.check(code, acting()))
    if done:
        flash(_("The result sheet is signed."), "good")
    else:
        flash(_("The signing key cannot be used at the moment. Try again later."), "bad")
    return redirect(url_for("credentials.check", code=code))
