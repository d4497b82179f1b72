"""Pages of answer similarity: sessions compared, listed pairs, one pair with its evidence and opinions."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.queries import names_of
from app.assessment.exams.access import Permission
from app.assessment.exams.forms.statistics import OpinionForm, PairFilter
from app.assessment.exams.models import SimilarityPair
from app.assessment.exams.queries import papers
from app.assessment.exams.queries import similarity as queries
from app.assessment.exams.queries import statistics as runs
from app.assessment.exams.services import similarity as services
from app.assessment.exams.services.subjects import of_comparison, of_pair
from app.assessment.exams.statistics_states import PAIR_STATE_LABELS, PairState
from app.assessment.exams.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.text import _
from app.desk.queries import timeline_entries


@bp.get("/similarity")
@requires(Permission.SIMILARITY)
def similar() -> str:
    """List the sessions whose answers were compared."""
    page = runs.page_of(queries.compared_sessions(acting()), request.args.get("page", 1, type=int))
    return render_template("exams/similar.html", page=page)


@bp.get("/similarity/<code>")
@requires(Permission.SIMILARITY)
def similarity(code: str) -> str:
    """List the pairs of a session."""
    held = queries.held(code, acting())
    narrow = PairFilter(request.args)
    return render_template(
        "exams/similarity.html",
        session=held,
        run=queries.latest(held.id),
        page=queries.pairs(held.id, request.args.get("page", 1, type=int), narrow.chosen()),
        job=runs.running(held.code, runs.COMPARE),
        entries=timeline_entries(of_comparison(held)),
        narrow=narrow,
        labels=PAIR_STATE_LABELS,
    )


@bp.post("/similarity/<code>")
@requires(Permission.COMPARE)
def compare(code: str) -> Response:
    """Ask for the comparison of all pairs of a session."""
    with unit_of_work():
        services.ask(queries.held(code, acting()), by=acting(), at=clock.now())
    flash(_("The answers are being compared."), "good")
    return redirect(url_for("exams.similarity", code=code))


@bp.get("/similarity/pairs/<code>")
@requires(Permission.SIMILARITY)
def pair(code: str) -> str:
    """Show one pair: its evidence, and what the expert group says of it."""
    return _page(queries.pair(code, acting()), OpinionForm())


def _page(found: SimilarityPair, form: OpinionForm) -> str:
    me = acting().person_id
    given = queries.opinions(found)
    told = found.state is not PairState.LISTED
    mine = any(one.given_by_id == me for one in given)
    people = (found.first.person_id, found.second.person_id)
    looked_up(people, by=acting(), purpose=Purpose.EXAMINATION, record=of_pair(found))
    return render_template(
        "exams/pair.html",
        pair=found,
        session=found.run.session,
        seats=queries.seats(found),
        stems={place.position: place for place in papers.sheet_of(found.run.session.paper_id)},
        opinions=given if told else [one for one in given if one.given_by_id == me],
        names=names_of([one.given_by_id for one in given]) if told or mine else {},
        waiting=max(found.run.experts - len(given), 1),
        may_judge=not told and not mine and me != found.flagged_by_id and acting().may(Permission.CONFIRM_SIMILARITY),
        flagged_by_me=me == found.flagged_by_id,
        entries=timeline_entries(of_pair(found)) if told else [],
        labels=PAIR_STATE_LABELS,
        form=form,
    )


@bp.post("/similarity/pairs/<code>")
@requires(Permission.CONFIRM_SIMILARITY)
def give_opinion(code: str) -> Answer:
    """Give one's opinion on a pair."""
    form = OpinionForm()
    if not form.validate():
        return _page(queries.pair(code, acting()), form), 422
    with unit_of_work():
        services.give_opinion(
            queries.pair(code, acting(), lock=True),
            similar=form.similar.data == "yes",
            reason=form.reason.data or "",
            by=acting(),
            at=clock.now(),
        )
    flash(_("Your opinion is recorded."), "good")
    return redirect(url_for("exams.pair", code=code))
