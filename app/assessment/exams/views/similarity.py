"""Pages of answer similarity: sessions compared, listed pairs, one pair with its evidence and opinions."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.statistics import GroupForm, OpinionForm, PairFilter
from app.assessment.exams.models import ExamSession, SimilarityPair
from app.assessment.exams.queries import experts as expert_queries
from app.assessment.exams.queries import modules, standards
from app.assessment.exams.queries import similarity as queries
from app.assessment.exams.queries import statistics as runs
from app.assessment.exams.services import experts
from app.assessment.exams.services import similarity as services
from app.assessment.exams.services.subjects import of_comparison, of_pair
from app.assessment.exams.statistics_states import BEFORE_GROUP, PAIR_STATE_LABELS
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.files import files_at, shown_of
from app.assessment.exams.views.shared import put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _, pick
from app.desk.queries import timeline_entries
from app.items.states import COGNITIVE_LABELS
from app.panels.states import Field


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
    standings, panels = expert_queries.of_session(held) if acting().may(Permission.COMPARE) else ([], [])
    return render_template(
        "exams/similarity.html",
        session=held,
        run=queries.latest(held.id),
        page=queries.pairs(held, acting(), request.args.get("page", 1, type=int), narrow.chosen()),
        standings=standings,
        panels=panels,
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


@bp.get("/similarity/<code>/group")
@requires(Permission.COMPARE)
def expert_group(code: str) -> str:
    """Show what the expert group of a session's pairs is drawn from."""
    return _group_page(queries.held(code, acting()), _group_form())


def _group_form() -> GroupForm:
    form = GroupForm()
    form.pool.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in standards.pools()]
    return form


def _group_page(held: ExamSession, form: GroupForm) -> str:
    standings, _panels = expert_queries.of_session(held)
    stuck = [one.pair for one in standings if one.stuck]
    return render_template(
        "exams/expert_group.html",
        session=held,
        form=form,
        stuck=len(stuck),
        experts=stuck[0].run.experts if stuck else 0,
    )


@bp.post("/similarity/<code>/group")
@requires(Permission.COMPARE)
def call_experts(code: str) -> Answer:
    """Ask for the expert group."""
    form = _group_form()
    if not form.validate():
        return _group_page(queries.held(code, acting()), form), 422
    pools = {one.code: one for one in standards.pools()}
    wanted = experts.Wanted(
        pools[form.pool.data], form.seats.data or 0, Field(form.field.data) if form.field.data else None
    )
    try:
        with unit_of_work():
            experts.call(queries.held(code, acting()), wanted, by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _group_page(queries.held(code, acting()), form), error.status
    flash(_("Called for. The office of the pool draws the experts; then each is asked for an opinion."), "good")
    return redirect(url_for("exams.similarity", code=code))


@bp.get("/similarity/pairs/<code>")
@requires(Permission.SIMILARITY)
def pair(code: str) -> str:
    """Show one pair: its evidence, and what the expert group says of it."""
    return _page(queries.pair(code, acting()), OpinionForm())


def _page(found: SimilarityPair, form: OpinionForm) -> str:
    me = acting().person_id
    given = queries.opinions(found)
    told = found.state not in BEFORE_GROUP
    standing = expert_queries.of_one(found, (one.opinion for one in given))
    people = (found.first.person_id, found.second.person_id)
    places = queries.alike(found)
    looked_up(people, by=acting(), purpose=Purpose.EXAMINATION, record=of_pair(found))
    return render_template(
        "exams/pair.html",
        pair=found,
        session=found.run.session,
        compared_again=queries.compared_again(found),
        places={one.position: one for one in places},
        asked=shown_of(places, files_at(found.code, "exams.pair_file")),
        modules=modules.of_blueprint(found.run.session.paper.blueprint).labels,
        cognitive=COGNITIVE_LABELS,
        opinions=[one for one in given if told or one.opinion.round < found.round or one.opinion.given_by_id == me],
        standing=standing,
        may_judge=standing is not None and me in standing.judges and acting().may(Permission.CONFIRM_SIMILARITY),
        before_group=not told,
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
