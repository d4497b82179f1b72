"""Pages of results for examiners: table with filter, histogram with its table, export."""

from collections.abc import Iterable
from typing import Any

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.results import PassedFilter
from app.assessment.exams.models import ExamSession
from app.assessment.exams.queries import certificates, modules
from app.assessment.exams.queries import results as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.rules.distribution import histogram
from app.assessment.exams.services import certificates as asking
from app.assessment.exams.services import results as services
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.states import NotCertified
from app.assessment.exams.views.blueprint import bp
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.spreadsheets import to_csv, to_xlsx
from app.core.text import _, _l
from app.credentials.wording_asking import STEPS, StepWords

CSV = "text/csv; charset=utf-8"
NOT_CERTIFIED = {
    NotCertified.NOT_PASSED: StepWords(_l("Not certified"), "neutral", _l("The cut score was not reached.")),
    NotCertified.VOIDED: StepWords(_l("Not certified"), "bad", _l("The result is void.")),
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/sessions/<code>/results")
@requires(Permission.RESULTS)
def results(code: str) -> str:
    """Show the results of a session."""
    found = sessions_queries.exam_session(code, acting())
    form = PassedFilter(request.args)
    page = queries.result_page(found.id, request.args.get("page", 1, type=int), passed=form.chosen())
    _look(found, page.rows)
    summary = queries.summary(found.id)
    return render_template(
        "exams/results.html",
        session=found,
        form=form,
        page=page,
        summary=summary,
        chart=_chart(summary),
        **_certificates(found, [row.person_id for row in page.rows]),
    )


def _certificates(found: ExamSession, people: list[int]) -> dict[str, object]:
    """Return where the certificates of the people on a page stand, and how far asking for them is."""
    if not certificates.may_be_asked_for(found):
        return {"certified": {}}
    steps: dict[str, StepWords] = STEPS | {why.value: words for why, words in NOT_CERTIFIED.items()}
    return {
        "certified": certificates.lines_of(found, people, at=clock.now()),
        "steps": steps,
        "job": certificates.job_of(found),
    }


@bp.post("/sessions/<code>/results/certificates")
@requires(Permission.RELEASE)
def ask_for_certificates(code: str) -> Response:
    """Ask for the certificates of everyone who passed and has none."""
    with unit_of_work():
        found = sessions_queries.exam_session(code, acting())
        count = asking.ask_for_certificates(found, by=acting(), at=clock.now())
    if count:
        said = _("Certificates of %(count)s persons are being asked for. The issuing body prepares them.", count=count)
        flash(said, "good")
    else:
        flash(_("Nobody is left to ask for. The list says why for each person."), "info")
    return redirect(url_for("exams.results", code=code))


def _look(found: ExamSession, rows: Iterable[queries.ResultRow]) -> None:
    looked_up((row.person_id for row in rows), by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))


def _chart(summary: queries.Summary) -> dict[str, Any]:
    bins = histogram(summary.scores, summary.best)
    return {
        "title": str(_("Candidates by score")),
        "type": "bar",
        "categories": [one.label for one in bins],
        "series": [{"name": str(_("Candidates")), "data": [one.count for one in bins]}],
        "unit": str(_("persons")),
    }


@bp.post("/sessions/<code>/results/export")
@requires(Permission.RESULTS)
def export(code: str) -> Response:
    """Send every result of a session as CSV or XLSX; the export is an event."""
    kind = "xlsx" if request.form.get("format") == "xlsx" else "csv"
    with unit_of_work():
        found = sessions_queries.exam_session(code, acting())
        services.note_export(found, kind=kind, by=acting(), at=clock.now())
    rows = queries.all_results(found.id)
    _look(found, rows)
    table = _table(found, rows)
    answer = make_response(to_xlsx(table, str(_("Results"))) if kind == "xlsx" else to_csv(table))
    answer.headers["Content-Type"] = XLSX if kind == "xlsx" else CSV
    answer.headers["Content-Disposition"] = f'attachment; filename="results-{found.code}.{kind}"'
    return answer


def _table(found: ExamSession, rows: list[queries.ResultRow]) -> list[list[str]]:
    held = list(dict.fromkeys(module for row in rows for module in row.result.by_module))
    named = modules.of_paper(found.paper_id)
    head = [_("Ticket number"), _("Full name"), _("Score"), _("Cut score"), _("Result")]
    names = [str(named.name(module)) for module in held]
    lines = [_line(row, held) for row in rows]
    if all(row.result.equating is None for row in rows):
        return [[*map(str, head), *names], *lines]
    more = [_("Points on the paper sat"), _("Number of the decision")]
    told = [[*line, *_converted(row)] for row, line in zip(rows, lines, strict=True)]
    return [[*map(str, head), *names, *map(str, more)], *told]


def _converted(row: queries.ResultRow) -> list[str]:
    """Return the points of the paper sat and the conversion that brought them onto another scale."""
    result = row.result
    return [f"{result.raw_score:.2f}", result.equating.code] if result.equating else ["", ""]


def _line(row: queries.ResultRow, held: list[str]) -> list[str]:
    result = row.result
    return [
        row.ticket,
        row.name,
        f"{result.score:.2f}",
        f"{result.cut_score:.2f}",
        str(_("Passed") if result.passed else _("Not passed")),
        *(result.by_module.get(module, {}).get("score", "") for module in held),
    ]
