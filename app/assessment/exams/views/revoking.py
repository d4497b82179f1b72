"""Pages of revoked registrations: an examiner revokes one before the exam; the candidate reads why and may appeal."""

from flask import flash, redirect, render_template, url_for

from app.accounts.queries import names_of
from app.assessment.exams.access import Permission
from app.assessment.exams.administration_states import REVOCATION_LABELS
from app.assessment.exams.forms.revoking import RevocationForm
from app.assessment.exams.models import ExamSession, Registration
from app.assessment.exams.queries import board
from app.assessment.exams.queries import revoking as queries
from app.assessment.exams.revocation_cases import APPEAL
from app.assessment.exams.services import revoking as services
from app.assessment.exams.services.administration import of_registration
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import put_beside_field
from app.cases.queries.cases import number_of
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.desk.queries import timeline_entries


@bp.get("/registrations/<ticket>/revoke")
@requires(Permission.ORGANISE)
def revocation(ticket: str) -> str:
    """Show a registration with the form that revokes it, or how it was revoked."""
    return _page(*board.registration_of(ticket, acting()), RevocationForm())


def _page(registration: Registration, found: ExamSession, form: RevocationForm) -> str:
    looked_up([registration.person_id], by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    last = queries.latest(registration.id)
    return render_template(
        "exams/revoke.html",
        registration=registration,
        session=found,
        revocation=last,
        lifted_in=number_of(last.lifted_in) if last else None,
        revoked=last is not None and last.lifted_at is None,
        names=names_of([last.revoked_by_id]) if last else {},
        labels=REVOCATION_LABELS,
        hindrance=services.hindrance(found, clock.now()),
        entries=timeline_entries(of_registration(registration)),
        form=form,
    )


@bp.post("/registrations/<ticket>/revoke")
@requires(Permission.ORGANISE)
def revoke(ticket: str) -> Answer:
    """Revoke a registration with a reason and a sentence."""
    form = RevocationForm()
    if not form.validate():
        return _page(*board.registration_of(ticket, acting()), form), 422
    try:
        with unit_of_work():
            registration, found = board.registration_of(ticket, acting())
            words = form.words.data or ""
            services.revoke(registration, found, reason=form.chosen, words=words, by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _page(*board.registration_of(ticket, acting()), form), error.status
    flash(_("Revoked. The candidate is told why and how to appeal."), "good")
    return redirect(url_for("exams.revocation", ticket=ticket))


@bp.get("/mine/revocations/<code>")
@requires(Permission.SIT)
def own_revocation(code: str) -> str:
    """Show the candidate why their registration was revoked."""
    found = queries.own(code, acting())
    return render_template(
        "exams/own_revocation.html",
        revocation=found,
        lifted_in=number_of(found.lifted_in),
        registration=found.registration,
        session=found.registration.session,
        labels=REVOCATION_LABELS,
        appeal=APPEAL,
    )
