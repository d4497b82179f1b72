"""Pages of reports: a released session for the bases, regulators and exam body it concerns, without names."""

from decimal import Decimal
from typing import Any

from flask import Response, make_response, render_template, request

from app.accounts.states import Role
from app.assessment.exams.access import Permission
from app.assessment.exams.queries import modules
from app.assessment.exams.queries import reports as queries
from app.assessment.exams.queries.reports import Line, Report
from app.assessment.exams.rules.distribution import histogram
from app.assessment.exams.rules.reporting import LEAST, Group, module_shares, percent
from app.assessment.exams.services import results as services
from app.assessment.exams.states import METHOD_LABELS
from app.assessment.exams.views.blueprint import bp
from app.assessment.exams.views.results import CSV, XLSX
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.spreadsheets import to_csv, to_xlsx
from app.core.text import _, pick
from app.rulebook.queries import LevelWords
from app.rulebook.terms import LEVELS


@bp.get("/reports")
@requires(Permission.REPORTS)
def reports() -> str:
    """List the released sessions with candidates within reach."""
    page = queries.reports(acting(), request.args.get("page", 1, type=int))
    return render_template("exams/reports.html", page=page, levels=LevelWords(LEVELS))


@bp.get("/reports/<code>")
@requires(Permission.REPORTS)
def report(code: str) -> str:
    """Show the report of one session."""
    actor = acting()
    found = queries.report(code, actor)
    regions = [] if actor.role == Role.BASE else queries.by_region(found, actor)
    rows = _modules(found)
    return render_template(
        "exams/report.html",
        session=found.session,
        few=len(found.mine) < LEAST,
        least=LEAST,
        figures=_figures(found.mine),
        chart=_distribution(found.mine),
        modules=rows,
        modules_chart=_modules_chart(rows),
        scale=_scale(found),
        regions=regions,
        bases=[] if actor.role == Role.BASE else queries.by_base(found),
    )


def _scale(found: Report) -> list[str]:
    """Say on which scale the scores of a report count, and by which decision; nothing where nothing is converted."""
    if found.equating is None:
        return []
    said = _(
        "Scores, full score and cut score are those that count: on the scale of the paper of “%(reference)s”, "
        "converted by decision %(code)s (%(method)s). Points by module are those of the paper sat.",
        reference=pick(found.equating.reference.name_zh, found.equating.reference.name_en),
        code=found.equating.code,
        method=METHOD_LABELS[found.equating.method],
    )
    if not found.apart:
        return [said]
    return [said, _("Results that the conversion would have lowered after the release count as they were.")]


def _figures(lines: list[Line]) -> dict[str, Any]:
    passed = sum(line.passed for line in lines)
    mean = sum((line.score for line in lines), Decimal(0)) / len(lines)
    return {
        "candidates": len(lines),
        "passed": passed,
        "rate": percent(passed, len(lines)),
        "mean": mean.quantize(Decimal("0.01")),
        "best": max(line.max_score for line in lines),
        "cut_score": max(line.cut_score for line in lines),
    }


def _distribution(lines: list[Line]) -> dict[str, Any]:
    bins = histogram(tuple(line.score for line in lines), max(line.max_score for line in lines))
    return {
        "title": str(_("Candidates by score")),
        "type": "bar",
        "categories": [one.label for one in bins],
        "series": [{"name": str(_("Candidates")), "data": [one.count for one in bins]}],
        "unit": str(_("persons")),
    }


def _modules(found: Report) -> list[dict[str, Any]]:
    """Set the modules of the results in reach beside the province and everybody, where those are not too few."""
    own = module_shares(line.by_module for line in found.mine)
    province = _beside(found, found.province)
    everybody = _beside(found, found.everybody)
    named = modules.of_paper(found.session.paper_id)
    return [
        {
            "module": str(named.name(module)),
            "own": share,
            "province": province.get(module),
            "everybody": everybody.get(module),
        }
        for module, share in own.items()
    ]


def _beside(found: Report, lines: list[Line]) -> dict[str, Decimal]:
    """Return the shares of a wider group, unless it would tell of a few others what they reached."""
    others = len(lines) - len(found.mine)
    return {} if 0 < others < LEAST else module_shares(line.by_module for line in lines)


def _modules_chart(rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = {"own": _("Own candidates"), "province": _("Own province"), "everybody": _("Whole session")}
    series = [
        {"name": str(name), "data": [float(row[key]) for row in rows]}
        for key, name in names.items()
        if all(row[key] is not None for row in rows)
    ]
    return {
        "title": str(_("Points reached by module")),
        "type": "bar",
        "categories": [str(row["module"]) for row in rows],
        "series": series,
        "unit": "%",
    }


@bp.post("/reports/<code>/export")
@requires(Permission.REPORTS)
def export_report(code: str) -> Response:
    """Send the figures of a report as CSV or XLSX; the export is an event."""
    kind = "xlsx" if request.form.get("format") == "xlsx" else "csv"
    with unit_of_work():
        found = queries.report(code, acting())
        services.note_report(found.session, kind=kind, by=acting(), at=clock.now())
    table = _table(queries.report(code, acting()))
    answer = make_response(to_xlsx(table, str(_("Exam report"))) if kind == "xlsx" else to_csv(table))
    answer.headers["Content-Type"] = XLSX if kind == "xlsx" else CSV
    answer.headers["Content-Disposition"] = f'attachment; filename="report-{found.session.code}.{kind}"'
    return answer


def _table(found: Report) -> list[list[str]]:
    """Return the groups and modules as rows: what is withheld on the page is withheld here."""
    actor = acting()
    head = [_("Group"), _("Candidates"), _("Passed"), _("Passed of a hundred"), _("Mean score")]
    groups = [] if actor.role == Role.BASE else [*queries.by_region(found, actor), *queries.by_base(found)]
    if len(found.mine) < LEAST:
        return [[str(cell) for cell in head]]
    figures = _figures(found.mine)
    whole = Group(str(_("All in reach")), figures["candidates"], figures["passed"], figures["mean"])
    by_module = [[str(row["module"]), "", "", str(row["own"]), ""] for row in _modules(found)]
    scale = [[said, "", "", "", ""] for said in _scale(found)]
    return [[str(cell) for cell in head], *(_line(group) for group in [whole, *groups]), *by_module, *scale]


def _line(group: Group) -> list[str]:
    if group.withheld:
        return [group.name, *[str(_("withheld"))] * 4]
    return [group.name, str(group.candidates), str(group.passed), str(group.pass_rate), f"{group.mean:.2f}"]
