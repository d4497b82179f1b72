"""Pages of what drawn experts scored: a round at a glance, one application with its reasons, the table as a file."""

from flask import Response, render_template

from app.assessment.titles import queries, scores
from app.assessment.titles.access import Permission
from app.assessment.titles.models import TitleApplication, TitleRound
from app.assessment.titles.services.rounds import of_round
from app.assessment.titles.views.blueprint import bp
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.errors import NotFoundError
from app.core.spreadsheets import to_csv
from app.panels.access import Permission as PanelPermission
from app.panels.queries.scoring import CaseResult


@bp.get("/rounds/<code>/scores")
@requires(Permission.SCORES)
def round_scores(code: str) -> str:
    """Show what the drawn experts gave the applications of a round."""
    found = queries.round_(code, acting())
    applications = _read(found)
    return render_template(
        "titles/scores.html",
        round=found,
        applications=applications,
        results=scores.results(applications),
        weighs=acting().may(PanelPermission.WEIGH),
    )


def _read(found: TitleRound) -> list[TitleApplication]:
    """Return the applications the actor may read, and note who looked at them."""
    applications = scores.readable(queries.applications_of(found, acting()), acting())
    people = [one.person_id for one in applications]
    looked_up(people, by=acting(), purpose=Purpose.CERTIFICATION, record=of_round(found))
    return applications


@bp.get("/rounds/<code>/scores.csv")
@requires(Permission.SCORES)
def scores_file(code: str) -> Response:
    """Send every score of a round with its reason as a table."""
    found = queries.round_(code, acting())
    table = list(scores.lines(_read(found), outliers=acting().may(PanelPermission.WEIGH)))
    head = {"Content-Disposition": f'attachment; filename="scores-{found.code}.csv"', "Cache-Control": "no-store"}
    return Response(to_csv(table), mimetype="text/csv", headers=head)


@bp.get("/applications/<code>/scores")
@requires(Permission.SCORES)
def application_scores(code: str) -> str:
    """Show what each drawn expert gave an application, and why."""
    found = queries.application(code, acting())
    result = _result(found)
    looked_up([found.person_id], by=acting(), purpose=Purpose.CERTIFICATION, record=queries.subject(found))
    return render_template(
        "titles/score.html",
        application=found,
        result=result,
        judgements=scores.judgements(result),
        weighs=acting().may(PanelPermission.WEIGH),
    )


def _result(found: TitleApplication) -> CaseResult:
    result = scores.results(scores.readable([found], acting())).get(found.code)
    if result is None:
        raise NotFoundError(queries.UNKNOWN)
    return result
