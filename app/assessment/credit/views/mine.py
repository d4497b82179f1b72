"""My credit: the grade and why, my records, and what I can do from when."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.assessment.credit.access import Permission
from app.assessment.credit.queries import ratings, records
from app.assessment.credit.queries.records import Life
from app.assessment.credit.services.reports import ask_for_report, standing_report
from app.assessment.credit.states import RecordState
from app.assessment.credit.views.blueprint import bp, labels
from app.assessment.credit.wording import verdict_shown
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import NotFoundError
from app.core.text import _, _l


@bp.get("/mine")
@requires(Permission.OWN)
def mine() -> str:
    """Show one's grade with its reasons, one's records, and what can be done from when."""
    found = ratings.own(acting())
    lives = records.lives(records.own(acting()), on=clock.today(), known_at=clock.now())
    return render_template(
        "credit/mine.html",
        rating=found.rating if found else None,
        verdict=verdict_shown(found.verdict, _("Why this grade")) if found else None,
        effects=found.effects if found else [],
        lives=lives,
        next=_next(lives),
        report=standing_report(found.rating, at=clock.now()) if found else None,
        waiting=records.waits_for_repair(acting().person_id),
        today=clock.today(),
        **labels(),
    )


@bp.post("/mine/report")
@requires(Permission.OWN)
def ask_report() -> Response:
    """Ask for a credit report on one's latest rating."""
    found = ratings.latest(acting().person_id)
    if found is None:
        raise NotFoundError(_l("You were not rated yet. The next rating cycle of your region rates you."))
    with unit_of_work():
        ask_for_report(found, by=acting(), at=clock.now())
    flash(_("Asked for. The report appears among your certificates as soon as it is issued."), "good")
    return redirect(url_for("credit.mine"))


def _next(lives: list[Life]) -> Life | None:
    """Return the record that can be repaired first, None where none runs."""
    running = [life for life in lives if life.span and life.used and life.record.state is RecordState.CONFIRMED]
    return min(running, key=lambda life: life.span.open_from if life.span else clock.today(), default=None)
