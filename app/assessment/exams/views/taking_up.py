"""Page on which an examiner takes a withdrawn registration up again."""

from flask import flash, redirect, render_template, url_for

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.parts import ReasonForm
from app.assessment.exams.models import ExamSession, Registration
from app.assessment.exams.queries import board, waiting
from app.assessment.exams.services import taking_up as services
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.registering import RefusedError
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import put_beside_field, shown
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.desk.queries import timeline_entries
from app.rulebook.verdicts import Verdict


@bp.get("/registrations/<ticket>/take-up")
@requires(Permission.ORGANISE)
def withdrawn(ticket: str) -> str:
    """Show a withdrawn registration with its conditions and the form that takes it up again."""
    return _page(*board.registration_of(ticket, acting()), ReasonForm())


def _page(registration: Registration, found: ExamSession, form: ReasonForm, refused: Verdict | None = None) -> str:
    looked_up([registration.person_id], by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    gone = registration.withdrawn_at is not None
    seats, revoked = waiting.seats_for(registration)
    verdict = refused or (services.judged(registration, found).verdict if gone else None)
    return render_template(
        "exams/take_up.html",
        registration=registration,
        session=found,
        revoked=gone and revoked,
        hindrance=services.hindrance(found, clock.now()),
        seats=seats,
        met=verdict is not None and verdict.met,
        verdict=shown(verdict) if verdict else None,
        entries=timeline_entries(of_registration(registration)),
        form=form,
    )


@bp.post("/registrations/<ticket>/take-up")
@requires(Permission.ORGANISE)
def take_up(ticket: str) -> Answer:
    """Take a withdrawn registration up again with a reason."""
    form = ReasonForm()
    if not form.validate():
        return _page(*board.registration_of(ticket, acting()), form), 422
    try:
        with unit_of_work():
            registration, found = board.registration_of(ticket, acting())
            services.take_up(registration, found, reason=form.reason.data or "", by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        verdict = error.verdict if isinstance(error, RefusedError) else None
        return _page(*board.registration_of(ticket, acting()), form, verdict), error.status
    flash(_("Registered again under the same ticket number. The candidate is told."), "good")
    return redirect(url_for("exams.registered", code=found.code))
