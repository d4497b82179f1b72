"""Pages of standard setting: studies, the rounds as chair and examiners see them, and a judge's estimates."""

from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.parts import ReasonForm
from app.assessment.exams.forms.standards import CutForm, EstimatesForm, StudyForm, estimates_form
from app.assessment.exams.models import Blueprint, StandardStudy
from app.assessment.exams.queries import modules
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import standards as queries
from app.assessment.exams.queries.papers import SheetItem
from app.assessment.exams.rules.standard import impact, standard
from app.assessment.exams.services import standards as services
from app.assessment.exams.services.subjects import of_study
from app.assessment.exams.states import STUDY_LABELS, StudyState
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.files import files_at, shown_of
from app.assessment.exams.views.shared import other_examiners, put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _, pick
from app.desk.queries import timeline_entries
from app.items.states import COGNITIVE_LABELS
from app.panels.states import Field

Before = dict[int, dict[int, Decimal]]


@bp.get("/standards")
@requires(Permission.STANDARDS)
def standards() -> str:
    """List the studies one organises, leads or judges."""
    page = queries.studies(acting(), request.args.get("page", 1, type=int))
    return render_template("exams/standards.html", page=page, labels=STUDY_LABELS)


@bp.get("/blueprints/<code>/standard")
@requires(Permission.STANDARD)
def new_standard(code: str) -> str:
    """Show the plan of a study for a blueprint."""
    found = papers_queries.blueprint(code, acting())
    return render_template("exams/new_standard.html", blueprint=found, form=_study_form(found))


@bp.post("/blueprints/<code>/standard")
@requires(Permission.STANDARD)
def plan_standard(code: str) -> Answer:
    """Plan a study and ask for its judges."""
    found = papers_queries.blueprint(code, acting())
    form = _study_form(found)
    if not form.validate():
        return render_template("exams/new_standard.html", blueprint=found, form=form), 422
    try:
        with unit_of_work():
            planned = services.plan(papers_queries.blueprint(code, acting()), _given(form), by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return render_template("exams/new_standard.html", blueprint=found, form=form), error.status
    flash(_("Planned. The office of the pool draws the judges; then the first round can open."), "good")
    return redirect(url_for("exams.standard_study", code=planned.code))


def _study_form(found: Blueprint) -> StudyForm:
    form = StudyForm()
    form.paper.choices = [
        (one.code, _("Paper %(number)d", number=one.number)) for one in queries.readable_papers(found)
    ]
    past = queries.released_sessions(acting(), found.level)
    form.past.choices = [("", _("none")), *((one.code, pick(one.name_zh, one.name_en)) for one in past)]
    form.pool.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in queries.pools()]
    return form


def _given(form: StudyForm) -> services.Study:
    pools = {one.code: one for one in queries.pools()}
    past = {one.code: one for one in queries.released_sessions(acting())}
    return services.Study(
        paper=papers_queries.paper(form.paper.data, acting()),
        past=past.get(form.past.data or ""),
        pool=pools[form.pool.data],
        seats=form.seats.data or 0,
        field=Field(form.field.data) if form.field.data else None,
    )


@bp.get("/standards/<code>")
@requires(Permission.STANDARDS)
def standard_study(code: str) -> str:
    """Show a study: its judges, what each closed round came to, and what is next."""
    return _page(queries.study(code, acting()), CutForm(), ReasonForm())


def _page(found: StandardStudy, form: CutForm, back: ReasonForm) -> str:
    judges, kept = queries.judges(found), queries.estimates(found.id)
    given = kept[found.round] if found.round else {}
    return render_template(
        "exams/standard.html",
        study=found,
        judges=judges,
        given=given,
        mine=[one for one in judges if one.person_id == acting().person_id],
        rounds=_rounds(found, judges, kept),
        labels=STUDY_LABELS,
        panel=queries.panel_code(found),
        others=other_examiners(acting(), found.organisation_id),
        entries=timeline_entries(of_study(found)),
        form=form,
        back=back,
    )


def _rounds(found: StandardStudy, judges: list[queries.Judge], kept: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - nested
    """Return what the closed rounds came to; an open round stays blind."""
    last = found.round - 1 if found.state is StudyState.OPEN else found.round
    points = [place.points for place in papers_queries.sheet_of(found.paper_id)] if last > 0 else []
    scores = queries.past_scores(found.session_id) if last > 0 else []
    names = {str(one.expert_id): one.name for one in judges}
    told = []
    for number in range(1, last + 1):
        table = {str(judge): list(places.values()) for judge, places in kept[number].items()}
        result = standard(table, points)
        if result is not None:
            told.append({"number": number, "result": result, "names": names, "impact": impact(scores, result.cut)})
    return told


@bp.post("/standards/<code>/open")
@requires(Permission.LEAD_STANDARD)
def open_round(code: str) -> Response:
    """Open the next round."""
    with unit_of_work():
        services.open_round(queries.study(code, acting()), by=acting(), at=clock.now())
    flash(_("The round is open. Each judge gives estimates without seeing those of the others."), "good")
    return redirect(url_for("exams.standard_study", code=code))


@bp.post("/standards/<code>/close")
@requires(Permission.LEAD_STANDARD)
def close_round(code: str) -> Response:
    """Close a round."""
    with unit_of_work():
        services.close_round(queries.study(code, acting()), by=acting(), at=clock.now())
    flash(_("The round is closed and its figures are shown."), "good")
    return redirect(url_for("exams.standard_study", code=code))


@bp.get("/standards/<code>/estimates")
@requires(Permission.JUDGE)
def estimates(code: str) -> str:
    """Show the items to a judge, with the estimates of the round before."""
    found = queries.study(code, acting())
    judge = services.judge_of(found, acting())
    places, before = _round(found)
    values = {f"place-{position}": value for position, value in before.get(judge.expert_id, {}).items()}
    return _estimates_page(found, places, before, _estimates_form(places, **values))


def _round(found: StandardStudy) -> tuple[list[SheetItem], Before]:
    """Return the places of the paper, and what the judges gave in the round before."""
    return papers_queries.sheet_of(found.paper_id), queries.estimates_of(found, found.round - 1)


def _estimates_form(places: list[SheetItem], **values: Decimal) -> EstimatesForm:
    return estimates_form([place.position for place in places], **values)


def _estimates_page(found: StandardStudy, places: list[SheetItem], before: Before, form: EstimatesForm) -> str:
    return render_template(
        "exams/estimates.html",
        study=found,
        places=places,
        asked=shown_of(places, files_at(found.code, "exams.standard_file")),
        means={place: _mean([one[place] for one in before.values()]) for place in next(iter(before.values()), {})},
        form=form,
        # said once, not at each place
        modules={code: str(label) for code, label in modules.of_paper(found.paper_id).labels.items()},
        cognitive={level: str(label) for level, label in COGNITIVE_LABELS.items()},
    )


def _mean(values: list[Decimal]) -> Decimal:
    return (sum(values, Decimal(0)) / len(values)).quantize(Decimal("0.1"))


@bp.post("/standards/<code>/estimates")
@requires(Permission.JUDGE)
def give_estimates(code: str) -> Answer:
    """Give the estimates of a round for good."""
    found = queries.study(code, acting())
    places, before = _round(found)
    form = _estimates_form(places)
    if not form.validate():
        return _estimates_page(found, places, before, form), 422
    try:
        with unit_of_work():
            services.estimate(queries.study(code, acting()), form.given(), by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        found = queries.study(code, acting())
        return _estimates_page(found, *_round(found), form), error.status
    flash(_("Your estimates of this round are kept."), "good")
    return redirect(url_for("exams.standard_study", code=code))


@bp.post("/standards/<code>/propose")
@requires(Permission.STANDARD)
def propose_cut(code: str) -> Answer:
    """Propose a cut score."""
    form = CutForm()
    if not form.validate():
        return _page(queries.study(code, acting()), form, ReasonForm(formdata=None)), 422
    with unit_of_work():
        found = queries.study(code, acting())
        cut, reason = form.cut.data or Decimal(0), form.reason.data or ""
        services.propose(found, cut, reason=reason, by=acting(), at=clock.now())
    flash(_("Proposed. A second examiner confirms it."), "good")
    return redirect(url_for("exams.standard_study", code=code))


@bp.post("/standards/<code>/decide")
@requires(Permission.STANDARD)
def decide_cut(code: str) -> Response:
    """Confirm a cut score as the second person."""
    with unit_of_work():
        drafted = services.decide(queries.study(code, acting()), by=acting(), at=clock.now())
    flash(_("The cut score is decided. The blueprint is drafted anew with it."), "good")
    return redirect(url_for("exams.blueprint", code=drafted.code))


@bp.post("/standards/<code>/return")
@requires(Permission.STANDARD)
def return_cut(code: str) -> Answer:
    """Send a proposed cut score back."""
    form = ReasonForm()
    if not form.validate():
        return _page(queries.study(code, acting()), CutForm(formdata=None), form), 422
    with unit_of_work():
        found = queries.study(code, acting())
        services.send_back(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Sent back."), "good")
    return redirect(url_for("exams.standard_study", code=code))
