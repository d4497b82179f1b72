"""The candidate's own pages: registrations, admission ticket, released result."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.administration_states import REVOCATION_LABELS, WAIT_LABELS
from app.assessment.exams.models import Result
from app.assessment.exams.queries import marking as marking_queries
from app.assessment.exams.queries import modules, revoking, waiting
from app.assessment.exams.queries import results as results_queries
from app.assessment.exams.queries import sittings as queries
from app.assessment.exams.rules.reporting import module_shares, percentile
from app.assessment.exams.rules.timing import Phase, Times, phase
from app.assessment.exams.services import results as services
from app.assessment.exams.states import METHOD_LABELS
from app.assessment.exams.views.blueprint import bp
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.text import _
from app.rulebook.queries import LevelWords, Modules
from app.rulebook.terms import LEVELS

STRONG = Decimal("0.8")
WEAK = Decimal("0.6")


@bp.get("/mine")
@requires(Permission.SIT)
def mine() -> str:
    """List what the candidate is registered for."""
    at = clock.now()
    rows = [
        {
            "registration": registration,
            "session": registration.session,
            "attempt": attempt,
            "result": result,
            **_standing(queries.times(registration.session, attempt) if attempt else None, at),
        }
        for registration, attempt, result in queries.registrations_of(acting())
    ]
    return render_template(
        "exams/mine.html",
        rows=rows,
        places=waiting.live_of(acting()),
        revoked=revoking.of_actor(acting()),
        revocation_labels=REVOCATION_LABELS,
        wait_labels=WAIT_LABELS,
        levels=LevelWords(LEVELS),
        Phase=Phase,
    )


def _standing(times: Times | None, at: datetime) -> dict[str, Any]:
    return {"phase": phase(times, at), "closes": times.closes} if times else {"phase": None, "closes": None}


@bp.get("/mine/<code>")
@requires(Permission.SIT)
def result(code: str) -> str:
    """Show the candidate's own released result."""
    found = results_queries.own_result(code, acting())
    named = modules.of_paper(found.attempt.session.paper_id)
    return render_template(
        "exams/result.html",
        result=found,
        session=found.attempt.session,
        registration=found.attempt.registration,
        modules=_by_module(found, named),
        chart=_chart(found, named),
        place=percentile(found.score, results_queries.summary(found.attempt.session_id).scores),
        versions=marking_queries.versions_of(found.id),
        levels=LevelWords(LEVELS),
        methods=METHOD_LABELS,
    )


def _chart(found: Result, named: Modules) -> dict[str, Any]:
    shares = module_shares([found.by_module])
    return {
        "title": str(_("Points reached by module")),
        "type": "bar",
        "categories": [str(named.name(module)) for module in shares],
        "series": [{"name": str(_("Own points")), "data": [float(share) for share in shares.values()]}],
        "unit": "%",
    }


def _by_module(found: Result, named: Modules) -> list[dict[str, Any]]:
    return [
        {
            "module": named.name(module),
            "score": Decimal(part["score"]),
            "best": Decimal(part["max"]),
            "tone": _tone(Decimal(part["score"]) / Decimal(part["max"])),
        }
        for module, part in found.by_module.items()
    ]


def _tone(share: Decimal) -> str:
    if share >= STRONG:
        return "strong"
    return "fair" if share >= WEAK else "weak"


@bp.post("/mine/<code>/seen")
@requires(Permission.SIT)
def seen(code: str) -> Response:
    """Note that the candidate has seen the result."""
    with unit_of_work():
        found = results_queries.own_result(code, acting())
        services.acknowledge(found, by=acting(), at=clock.now())
    flash(_("Noted. The result stays on this page."), "good")
    return redirect(url_for("exams.result", code=code))
