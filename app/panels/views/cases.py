"""Pages of one case of a panel: recusal, scoring, results and corrections."""

from decimal import Decimal

from flask import flash, redirect, render_template, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.accounts.models import Person
from app.core import clock
from app.core.access import acting, requires
from app.core.db import session, unit_of_work
from app.core.errors import DomainError, ForbiddenError, NotFoundError
from app.core.text import _, _l, pick
from app.panels.access import Permission
from app.panels.forms.draws import DeclareForm, ImposeForm
from app.panels.forms.scoring import POINTS, REASON, CorrectionForm, field_of, score_form
from app.panels.models.draws import PanelCase
from app.panels.models.scoring import Assignment
from app.panels.queries import draws as queries
from app.panels.queries import pools, scoring
from app.panels.queries.pools import found
from app.panels.queries.recusals import Recorded, recorded
from app.panels.queries.returned import on_panel
from app.panels.rules.parameters import Rubric
from app.panels.services import recusal, subjects
from app.panels.services import scoring as services
from app.panels.services.scoring import Given
from app.panels.states import CONFLICT_LABELS, SOURCE_LABELS, PanelState
from app.panels.views.blueprint import Answer, bp
from app.panels.views.settling import settle, settle_form

ANSWERS = {"approve": True, "refuse": False}


@bp.get("/panels/<code>/cases/<case>")
@requires(Permission.VIEW)
def case(code: str, case: str) -> str:
    """Show one case of a panel."""
    return _page(_case(code, case))


def _case(code: str, case: str) -> PanelCase:
    shown = queries.case(case, acting())
    return found(shown if shown.panel.code == code else None)


def _page(shown: PanelCase, **typed: FlaskForm | None) -> str:
    actor = acting()
    observes = actor.may(Permission.OBSERVE)
    result = scoring.results(shown.panel, [shown], agree=observes).get(shown.id)
    rubric = result.rubric if result else None
    own = next((one for one in result.given if one.expert.person_id == actor.person_id), None) if result else None
    recusals = recorded(shown.subject) if observes else []
    office = actor.may(Permission.ORGANISE) and shown.panel.state is not PanelState.PUBLISHED
    return render_template(
        "panels/case.html",
        case=shown,
        panel=shown.panel,
        seat=queries.own_seat(shown.panel, actor) if actor.may(Permission.SIT) else None,
        observes=observes,
        weighs=actor.may(Permission.WEIGH),
        recusals=recusals,
        returned=on_panel(shown, recusals),
        conflicts=CONFLICT_LABELS,
        sources=SOURCE_LABELS,
        rubric=rubric,
        own=own,
        result=result,
        mine=scoring.scores([own.id])[own.id] if own and own.submitted_at else {},
        corrections=_corrections(shown, own) if result else [],
        settle_form=typed.get("settle_form") or settle_form(recusals, formdata=None),
        declare_form=typed.get("declare_form") or DeclareForm(formdata=None),
        impose_form=typed.get("impose_form") or (_impose_form(shown, recusals, formdata=None) if office else None),
        score_form=typed.get("score_form") or (score_form(rubric, formdata=None) if rubric else None),
        correct_form=typed.get("correct_form") or (_correct_form(rubric, formdata=None) if rubric else None),
    )


def _corrections(shown: PanelCase, own: Assignment | None) -> list[object]:
    """Return the corrections the actor may read: the chair and the office all, an expert their own."""
    actor = acting()
    every = actor.may(Permission.CHAIR) or actor.may(Permission.OBSERVE)
    return [one for one, about in scoring.corrections(shown) if every or (own is not None and about.id == own.id)]


def _impose_form(shown: PanelCase, recusals: list[Recorded], **given: object) -> ImposeForm:
    form = ImposeForm(**given)
    barred = {one.recusal.person_id for one in recusals if one.holds}
    free = [one for one in pools.serving(shown.panel.pool_id, clock.today()) if one.person_id not in barred]
    form.expert.choices = sorted(((one.code, f"{one.person.name} · {one.unit}") for one in free), key=lambda c: c[1])
    return form


def _correct_form(rubric: Rubric, **given: object) -> CorrectionForm:
    form = CorrectionForm(prefix="correct", **given)
    form.dimension.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in rubric.dimensions]
    return form


@bp.post("/panels/<code>/cases/<case>/declare")
@requires(Permission.SIT)
def declare(code: str, case: str) -> Answer:
    """Recuse oneself from a case."""
    shown = _case(code, case)
    form = DeclareForm()
    if not form.validate():
        return _page(shown, declare_form=form), 422
    with unit_of_work():
        recusal.declare(_case(code, case), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("You are recused from the case. It is no longer shown to you."), "good")
    return redirect(url_for("panels.panels"))


@bp.post("/panels/<code>/cases/<case>/recuse")
@requires(Permission.ORGANISE)
def impose(code: str, case: str) -> Answer:
    """Recuse an expert from a case."""
    shown = _case(code, case)
    form = _impose_form(shown, recorded(shown.subject))
    if not form.validate():
        return _page(shown, impose_form=form), 422
    with unit_of_work():
        expert = pools.expert(form.expert.data or "", acting())
        person = session.get_one(Person, expert.person_id)
        recusal.impose(_case(code, case), person, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("The recusal is recorded and takes effect at once."), "good")
    return redirect(url_for("panels.case", code=code, case=case))


@bp.post("/panels/<code>/cases/<case>/settle")
@requires(Permission.ORGANISE)
def settle_case(code: str, case: str) -> Answer:
    """Say whether a declaration by name means whom a case concerns."""
    shown = _case(code, case)
    form = settle_form(recorded(shown.subject))
    if not settle(form, shown.subject, subjects.of_panel(shown.panel)):
        return _page(_case(code, case), settle_form=form), 422
    return redirect(url_for("panels.case", code=code, case=case))


@bp.post("/panels/<code>/score")
@requires(Permission.ORGANISE)
def open_round(code: str) -> Response:
    """Open the scoring of a drawn panel by the rubric that fits its cases."""
    with unit_of_work():
        panel = queries.panel(code, acting())
        services.open_round(panel, purpose=scoring.purpose_of(panel), by=acting(), at=clock.now())
    flash(_("Scoring is open. Every expert was asked to score their cases."), "good")
    return redirect(url_for("panels.panel", code=code))


@bp.post("/panels/<code>/cases/<case>/score")
@requires(Permission.SIT)
def submit_scores(code: str, case: str) -> Answer:
    """Submit the scores of a case for good."""
    shown = _case(code, case)
    rubric = _rubric(shown)
    form = score_form(rubric)
    if not form.validate():
        return _page(shown, score_form=form), 422
    try:
        with unit_of_work():
            own = scoring.own_assignment(_case(code, case), acting())
            services.submit(own, _given(rubric, form), by=acting(), at=clock.now())
    except ForbiddenError as error:
        form.form_errors.append(str(error))
        return _page(_case(code, case), score_form=form), error.status
    except DomainError as error:
        if error.field is None:
            raise
        field_of(form, error.field).errors = [str(error)]
        return _page(_case(code, case), score_form=form), error.status
    flash(_("Submitted. The results are shown once every expert has submitted."), "good")
    return redirect(url_for("panels.case", code=code, case=case))


def _rubric(shown: PanelCase) -> Rubric:
    scoring.own_assignment(shown, acting())
    return scoring.rubric(found(scoring.round_of(shown.panel_id)))


def _given(rubric: Rubric, form: FlaskForm) -> dict[str, Given]:
    return {
        one.code: Given(
            field_of(form, POINTS + one.code).data or Decimal(0), field_of(form, REASON + one.code).data or ""
        )
        for one in rubric.dimensions
    }


@bp.post("/panels/<code>/cases/<case>/correct")
@requires(Permission.SIT)
def ask_correction(code: str, case: str) -> Answer:
    """Ask the chair to correct a submitted score."""
    shown = _case(code, case)
    form = _correct_form(_rubric(shown))
    if not form.validate():
        return _page(shown, correct_form=form), 422
    dimension, points, reason = form.asked()
    try:
        with unit_of_work():
            own = scoring.own_assignment(_case(code, case), acting())
            services.ask_correction(own, dimension, points, reason=reason, by=acting(), at=clock.now())
    except DomainError as error:
        form.points.errors = [str(error)]
        return _page(_case(code, case), correct_form=form), error.status
    flash(_("The chair is asked to decide on the correction."), "good")
    return redirect(url_for("panels.case", code=code, case=case))


@bp.post("/panels/<code>/cases/<case>/corrections/<correction>/<answer>")
@requires(Permission.CHAIR)
def decide_correction(code: str, case: str, correction: str, answer: str) -> Response:
    """Approve or refuse a correction."""
    if answer not in ANSWERS:
        raise NotFoundError(_l("There is no such answer. Approve or refuse."))
    with unit_of_work():
        asked, about = scoring.correction(_case(code, case), correction)
        services.decide_correction(asked, about, approve=ANSWERS[answer], by=acting(), at=clock.now())
    flash(_("The decision is recorded."), "good")
    return redirect(url_for("panels.case", code=code, case=case))
