"""Ratings: one with its reasons, rating again, and rating cycles with their progress."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import queries as accounts
from app.assessment.credit import services
from app.assessment.credit.access import Permission, works_on
from app.assessment.credit.forms import CycleForm
from app.assessment.credit.models import CreditRating
from app.assessment.credit.queries import packs
from app.assessment.credit.queries import ratings as queries
from app.assessment.credit.views.blueprint import Answer, bp
from app.assessment.credit.wording import verdict_shown
from app.core import clock
from app.core.access import acting, requires, signed_in
from app.core.access_log import Purpose, looked_up
from app.core.columns import new_code
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.events import Subject
from app.core.text import _
from app.web.refusals import show_beside


@bp.get("/ratings/<code>")
@signed_in
def rating(code: str) -> str:
    """Show one rating line by line: to its person, and to the officers of its region."""
    found, actor = queries.one(code, acting()), acting()
    looked_up([found.person_id], by=actor, purpose=Purpose.SUPERVISION, record=Subject("credit_result", found.code))
    _decision, verdict = queries.decision_of(found)
    history = queries.history(found.person_id)
    grade = packs.rating_params(found.pack).grade(found.grade)
    return render_template(
        "credit/rating.html",
        rating=found,
        verdict=verdict_shown(verdict, _("Why this grade")),
        effects=grade.effects if grade else [],
        history=history,
        own=found.person_id == actor.person_id,
        latest=_is_latest(found, history),
        works=works_on(actor, found.region_code, found.person_id),
    )


def _is_latest(found: CreditRating, history: list[CreditRating]) -> bool:
    return bool(history) and history[0].id == found.id


@bp.post("/ratings/<code>/again")
@requires(Permission.RECORD)
def rate_again(code: str) -> Response:
    """Rate the person of a rating again, on today's facts."""
    found = queries.one(code, acting())
    with unit_of_work():
        person = accounts.person(accounts.code_of(found.person_id))
        made = services.rate_person(person, by=acting(), at=clock.now())
    flash(_("Rated again."), "good")
    return redirect(url_for("credit.rating", code=made.code))


@bp.get("/cycles")
@requires(Permission.RECORD)
def cycles() -> str:
    """List the rating cycles of the region, and start one."""
    form = CycleForm(formdata=None, token=new_code(), on=clock.today())
    return render_template("credit/cycles.html", cycles=queries.cycles(acting()), form=form)


@bp.post("/cycles")
@requires(Permission.RECORD)
def start_cycle() -> Answer:
    """Start rating everybody of the region."""
    form = CycleForm()
    if not form.validate() or form.on.data is None:
        return render_template("credit/cycles.html", cycles=queries.cycles(acting()), form=form), 422
    try:
        with unit_of_work():
            made = services.start_cycle(
                on=form.on.data, token=form.token.data or new_code(), by=acting(), at=clock.now()
            )
    except DomainError as error:
        status = show_beside(form, error)
        return render_template("credit/cycles.html", cycles=queries.cycles(acting()), form=form), status
    return redirect(url_for("credit.cycle", code=made.code))


@bp.get("/cycles/<code>")
@requires(Permission.RECORD)
def cycle(code: str) -> str:
    """Show how far a cycle is, how the grades fall, and whom it rated."""
    found = queries.cycle(code, acting())
    page = queries.ratings_of(found, page=request.args.get("page", 1, type=int))
    people = {one.person_id for one in page.rows}
    looked_up(people, by=acting(), purpose=Purpose.SUPERVISION, record=Subject("credit_cycle", found.code))
    return render_template("credit/cycle.html", cycle=found, page=page, grades=queries.grades_of(found))
