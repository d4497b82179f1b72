"""Pages of exam sessions: list, plan, candidates, preparation, release."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.parts import ReasonForm
from app.assessment.exams.forms.sessions import SessionForm, StateFilter
from app.assessment.exams.models import ExamSession
from app.assessment.exams.queries import candidates as candidates_queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import pending as pending_queries
from app.assessment.exams.queries import revoking
from app.assessment.exams.queries import sessions as queries
from app.assessment.exams.services import results as results_services
from app.assessment.exams.services import sessions as services
from app.assessment.exams.services import sitting as sitting_services
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.states import SESSION_LABELS, SessionState
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import other_examiners, put_beside_field, shown
from app.assessment.exams.views.steps import next_step
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _, pick
from app.desk.queries import timeline_entries
from app.rulebook.queries import LevelWords
from app.rulebook.terms import LEVELS


@bp.get("/sessions")
@requires(Permission.VIEW)
def sessions() -> str:
    """List the sessions."""
    form = StateFilter(request.args)
    page = queries.sessions(acting(), request.args.get("page", 1, type=int), form.chosen())
    return render_template(
        "exams/sessions.html", page=page, form=form, levels=LevelWords(LEVELS), labels=SESSION_LABELS
    )


@bp.get("/sessions/new")
@requires(Permission.ORGANISE)
def new_session() -> str:
    """Show the plan of a new session."""
    form = _form()
    form.paper.data = request.args.get("paper", form.paper.data)
    return render_template("exams/new_session.html", form=form)


@bp.post("/sessions/new")
@requires(Permission.ORGANISE)
def create_session() -> Answer:
    """Plan a session."""
    form = _form()
    if not form.validate():
        return render_template("exams/new_session.html", form=form), 422
    try:
        with unit_of_work():
            created = services.create_session(
                paper=papers_queries.paper(form.paper.data, acting()),
                plan=form.plan(),
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        put_beside_field(form, error)
        return render_template("exams/new_session.html", form=form), error.status
    flash(_("The session is planned. Register candidates next."), "good")
    return redirect(url_for("exams.session", code=created.code))


def _form() -> SessionForm:
    form = SessionForm()
    papers = papers_queries.frozen_papers(acting())
    form.paper.choices = [
        (
            one.code,
            _("%(name)s, paper %(number)d", name=pick(one.blueprint.name_zh, one.blueprint.name_en), number=one.number),
        )
        for one in papers
    ]
    form.region.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in queries.regions(acting())]
    return form


@bp.get("/sessions/<code>")
@requires(Permission.VIEW)
def session(code: str) -> str:
    """Show one session: its state, what is next, its candidates in figures, what happened."""
    return _page(queries.exam_session(code, acting()), ReasonForm())


def _page(found: ExamSession, form: ReasonForm) -> str:
    actor, at = acting(), clock.now()
    counts = queries.counts(found.id, at)
    return render_template(
        "exams/session.html",
        session=found,
        labels=SESSION_LABELS,
        levels=LevelWords(LEVELS),
        region=queries.region_of(found),
        counts=counts,
        step=next_step(found, counts.registered, at),
        job=queries.running_job(found),
        closed=at >= found.closes_at,
        proposed_by_me=found.proposed_by_id == actor.person_id,
        others=other_examiners(actor, found.organisation_id) if found.state is SessionState.PROPOSED else "",
        entries=timeline_entries(of_session(found)),
        pending=_pending(found),
        form=form,
    )


def _pending(found: ExamSession) -> list[str]:
    """Say what still stands in the way of the release; nothing before the marking is through."""
    if found.state not in {SessionState.MARKED, SessionState.PROPOSED}:
        return []
    return [_("%(what)s: %(count)d", what=one.label, count=one.count) for one in pending_queries.of_session(found)]


@bp.get("/sessions/<code>/candidates")
@requires(Permission.ORGANISE)
def candidates(code: str) -> str:
    """Show who may register and why others may not."""
    found = queries.exam_session(code, acting())
    page = candidates_queries.candidates(found, request.args.get("page", 1, type=int))
    looked_up(
        (one.enrolment.person_id for one in page.rows),
        by=acting(),
        purpose=Purpose.EXAMINATION,
        record=of_session(found),
    )
    rows = [{"one": one.enrolment, "met": one.verdict.met, "verdict": shown(one.verdict)} for one in page.rows]
    return render_template(
        "exams/candidates.html",
        session=found,
        page=page._replace(rows=[]),
        rows=rows,
        open=found.state is SessionState.PLANNED and found.prepared_at is None,
    )


@bp.get("/sessions/<code>/registered")
@requires(Permission.VIEW)
def registered(code: str) -> str:
    """List the registered candidates with their ticket numbers."""
    found = queries.exam_session(code, acting())
    page = candidates_queries.registered(found, request.args.get("page", 1, type=int))
    looked_up((one.person_id for one in page.rows), by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    return render_template(
        "exams/registered.html",
        session=found,
        page=page,
        revoked=revoking.among(page.rows),
        may_revoke=clock.now() < found.opens_at,
    )


@bp.post("/sessions/<code>/register")
@requires(Permission.ORGANISE)
def register(code: str) -> Response:
    """Register every eligible candidate."""
    with unit_of_work():
        done = services.register_eligible(queries.exam_session(code, acting()), by=acting(), at=clock.now())
    flash(
        _(
            "Registered: %(registered)d. Not registered: %(refused)d; the reasons stand beside each name.",
            registered=done.registered,
            refused=done.refused,
        ),
        "good",
    )
    return redirect(url_for("exams.candidates", code=code))


@bp.post("/sessions/<code>/prepare")
@requires(Permission.ORGANISE)
def prepare(code: str) -> Response:
    """Start the preparation of every candidate's paper."""
    return _act(code, services.ask_to_prepare, _("The papers are being prepared."))


@bp.post("/sessions/<code>/collect")
@requires(Permission.WATCH)
def collect(code: str) -> Response:
    """Collect every sitting whose time is up."""
    with unit_of_work():
        found = queries.exam_session(code, acting())
        count = sitting_services.collect(at=clock.now(), session_id=found.id)
    flash(_("Collected: %(count)d sittings whose time was up.", count=count), "good")
    return redirect(url_for("exams.session", code=code))


@bp.post("/sessions/<code>/mark")
@requires(Permission.ORGANISE)
def mark(code: str) -> Response:
    """Start the marking."""
    return _act(code, results_services.ask_to_mark, _("The sittings are being marked."))


@bp.post("/sessions/<code>/propose")
@requires(Permission.RELEASE)
def propose(code: str) -> Response:
    """Put the results before a second examiner."""
    return _act(code, results_services.propose_release, _("Proposed. Another examiner confirms the release."))


@bp.post("/sessions/<code>/release")
@requires(Permission.RELEASE)
def release(code: str) -> Response:
    """Release the results as the second examiner."""
    return _act(code, results_services.release, _("Released. Every candidate is told."))


@bp.post("/sessions/<code>/return")
@requires(Permission.RELEASE)
def return_proposal(code: str) -> Answer:
    """Send a proposal back with a reason."""
    form = ReasonForm()
    if not form.validate():
        return _page(queries.exam_session(code, acting()), form), 422
    with unit_of_work():
        found = queries.exam_session(code, acting())
        results_services.return_proposal(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Sent back with your reason."), "good")
    return redirect(url_for("exams.session", code=code))


def _act(code: str, act: Callable[..., object], said: str) -> Response:
    with unit_of_work():
        act(queries.exam_session(code, acting()), by=acting(), at=clock.now())
    flash(said, "good")
    return redirect(url_for("exams.session", code=code))
