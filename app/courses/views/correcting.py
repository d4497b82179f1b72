"""A base corrects how a trainee of its own is reached and which document proves who they are."""

from flask import url_for

from app.accounts.contact_forms import PersonForm
from app.accounts.models import Person
from app.accounts.views.confirm import freshly
from app.accounts.views.corrections import correct_person, correction_page
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.courses.access import Permission
from app.courses.queries import cohorts as queries
from app.courses.services.subjects import of_cohort
from app.courses.states import EnrolmentState
from app.courses.views.blueprint import Answer, bp


def _trainee(code: str, enrolment: str) -> Person:
    """Return a trainee of a cohort that is not over; a base answers for nobody who left it."""
    found = queries.own_cohort(code, acting())
    row = queries.enrolment(enrolment, found)
    if row.state is EnrolmentState.WITHDRAWN or not queries.may_correct(found, clock.today()):
        raise NotFoundError(_l("There is no such trainee in this cohort."))
    return session.get_one(Person, row.person_id)


@bp.get("/cohorts/<code>/trainees/<enrolment>/correct")
@requires(Permission.RUN)
@freshly
def trainee_correction(code: str, enrolment: str) -> str:
    """Ask what is to be corrected of a trainee."""
    return _page(code, enrolment, PersonForm(formdata=None))


def _page(code: str, enrolment: str, form: PersonForm) -> str:
    person, found = _trainee(code, enrolment), queries.own_cohort(code, acting())
    back = (found.name, url_for("courses.cohort", code=code))
    return correction_page(person, form, back, purpose=Purpose.TRAINING, record=of_cohort(found))


@bp.post("/cohorts/<code>/trainees/<enrolment>/correct")
@requires(Permission.RUN)
@freshly
def correct_trainee(code: str, enrolment: str) -> Answer:
    """Correct a trainee's contacts, or ask a second person to."""
    back = url_for("courses.cohort", code=code)
    return correct_person(lambda: _trainee(code, enrolment), lambda form: _page(code, enrolment, form), back)
