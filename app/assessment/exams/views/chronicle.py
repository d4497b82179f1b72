"""What happened around a sitting beside its answers: for who may see a case about it, and for the examiners."""

from flask import render_template, request, url_for

from app.assessment.exams.access import Permission
from app.assessment.exams.models import Attempt
from app.assessment.exams.queries import chronicle as queries
from app.assessment.exams.queries import signals as signal_queries
from app.assessment.exams.rechecks import RECHECK
from app.assessment.exams.services.conduct import CASE
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.views.blueprint import bp
from app.cases.queries import cases
from app.cases.services.subjects import of_case
from app.core.access import acting, requires, signed_in
from app.core.access_log import Purpose, looked_up
from app.core.errors import NotFoundError
from app.core.events import Subject
from app.core.text import _, _l

SITTINGS = {CASE: queries.of_conduct, RECHECK: queries.of_code}


@bp.get("/cases/<code>/sitting")
@signed_in
def case_sitting(code: str) -> str:
    """Show the sitting that a case is about, to whoever may see that case."""
    found = cases.case(code, acting())
    sitting = SITTINGS.get(found.kind)
    if sitting is None:
        raise NotFoundError(_l("This case is about no sitting."))
    back = (_("The case"), url_for("cases.case", code=code))
    return _page(queries.ended(sitting(found.subject_code)), of_case(found), Purpose.SUPERVISION, back)


@bp.get("/sittings/<ticket>/record")
@requires(Permission.RESULTS)
def sitting_record(ticket: str) -> str:
    """Show an ended sitting of the organisation."""
    attempt = signal_queries.attempt_of_registration(ticket, acting())
    back = (_("Signals of a sitting"), url_for("exams.sitting_signals", ticket=ticket))
    ended = queries.ended(queries.of_code(attempt.code), acting())
    return _page(ended, of_attempt(attempt.code), Purpose.EXAMINATION, back)


def _page(found: Attempt, record: Subject, purpose: Purpose, back: tuple[str, str]) -> str:
    looked_up([found.person_id], by=acting(), purpose=purpose, record=record)
    return render_template(
        "exams/record.html",
        attempt=found,
        session=found.session,
        back=back,
        told=queries.read(found, request.args.get("page", 1, type=int)),
    )
