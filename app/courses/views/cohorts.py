"""Pages of cohorts: the list, planning, one cohort with its trainees."""

from collections import Counter

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.models import Person
from app.accounts.queries import members
from app.accounts.states import Role
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.spreadsheets import Value
from app.core.text import _, _l
from app.courses import services
from app.courses.access import Permission, runs
from app.courses.forms import CohortFilter, CohortForm, ReasonForm, TraineeFilter
from app.courses.models import Cohort
from app.courses.queries import certificates as certified
from app.courses.queries import cohorts as queries
from app.courses.queries import level_in
from app.courses.rules.syllabus import progress, required_by, tidy
from app.courses.services.subjects import of_cohort
from app.courses.states import COHORT, ENROLMENT_LABELS, CohortState, EnrolmentState, Unfit
from app.courses.views.blueprint import Answer, bp
from app.credentials.wording_asking import STEPS, StepWords
from app.desk.queries import timeline_entries
from app.web import downloads
from app.web.refusals import show_beside

UNFIT = {
    Unfit.INCOMPLETE: StepWords(
        _l("Not yet"), "neutral", _l("The training is not completed: class hours or quizzes are missing.")
    ),
    Unfit.WITHDRAWN: StepWords(_l("Not certified"), "neutral", _l("Withdrawn from the cohort.")),
}
STUDYING = (EnrolmentState.ENROLLED, EnrolmentState.COMPLETED)


@bp.get("/cohorts")
@requires(Permission.VIEW)
def cohorts() -> str:
    """List the cohorts that one sees."""
    form = CohortFilter(request.args)
    page = queries.cohorts(
        acting(),
        text=form.text.data or "",
        state=form.state.data or "",
        page=request.args.get("page", 1, type=int),
    )
    return render_template("courses/cohorts.html", page=page, form=form, is_over=queries.is_over, today=clock.today())


@bp.get("/cohorts/new")
@requires(Permission.RUN)
def new_cohort() -> str:
    """Show the form of a new cohort."""
    return render_template("courses/new_cohort.html", form=_cohort_form())


def _cohort_form() -> CohortForm:
    form = CohortForm()
    form.course.choices = [(course.code, course.title_zh) for course in queries.courses()]
    form.lecturers.choices = [(person.code, person.name) for person in _lecturers()]
    return form


def _lecturers() -> list[Person]:
    """Return the lecturers of one's own base."""
    held = members(Role.LECTURER, on=clock.today(), organisation_id=acting().organisation_id or 0)
    return list({row.person_id: row.person for row in held}.values())


@bp.post("/cohorts/new")
@requires(Permission.RUN)
def plan_cohort() -> Answer:
    """Plan a cohort."""
    form = _cohort_form()
    if not form.validate():
        return render_template("courses/new_cohort.html", form=form), 422
    try:
        with unit_of_work():
            cohort = _plan(form)
    except DomainError as error:
        status = show_beside(form, error)
        return render_template("courses/new_cohort.html", form=form), status
    flash(_("The cohort is planned. Open it, then import its roster."), "good")
    return redirect(url_for("courses.cohort", code=cohort.code))


def _plan(form: CohortForm) -> Cohort:
    chosen = set(form.lecturers.data or ())
    return services.plan_cohort(
        queries.course(form.course.data),
        name=form.name.data or "",
        starts_on=form.starts_on.data or clock.today(),
        ends_on=form.ends_on.data or clock.today(),
        capacity=form.capacity.data or 0,
        lecturers=[person for person in _lecturers() if person.code in chosen],
        by=acting(),
        at=clock.now(),
    )


@bp.get("/cohorts/<code>")
@requires(Permission.VIEW)
def cohort(code: str) -> str:
    """Show a cohort: state, next step, trainees with their progress, hours by module."""
    found = queries.cohort(code, acting(), lecturers=True)
    level = level_in(found)
    page = queries.trainees(found.id, _chosen(), page=request.args.get("page", 1, type=int))
    purpose = Purpose.SUPERVISION if acting().may(Permission.OVERSEE) else Purpose.TRAINING
    looked_up((row.person_id for row in page.rows), by=acting(), purpose=purpose, record=of_cohort(found))
    states = queries.states_of(found.id)
    return render_template(
        "courses/cohort.html",
        cohort=found,
        level=level,
        states=states,
        required=tidy(sum(required_by(level).values(), start=queries.NO_HOURS)),
        may_run=runs(acting(), found),
        moves={move.name for move in COHORT.available(found.state)},
        open=found.state is CohortState.OPEN,
        over=queries.is_over(found, clock.today()),
        corrects=queries.may_correct(found, clock.today()),
        lecturers=found.lecturers,
        filter=TraineeFilter(request.args),
        page=page,
        chart=_chart(found, states),
        tidy=tidy,
        entries=timeline_entries(of_cohort(found)),
    )


def _chosen() -> queries.TraineeFilter:
    return queries.TraineeFilter(
        text=request.args.get("text", ""),
        state=request.args.get("state", ""),
        sort=request.args.get("sort", "name"),
    )


def _chart(found: Cohort, states: dict[EnrolmentState, int]) -> dict[str, object]:
    """Describe the chart: hours collected in each module beside what all in training need."""
    people = sum(states.get(state, 0) for state in STUDYING)
    lines = progress(level_in(found), queries.hours_of_cohort(found.id))
    return {
        "title": _("Class hours by module"),
        "type": "bar",
        "unit": _("class hours of all trainees"),
        "categories": [line.name for line in lines],
        "series": [
            {"name": _("Class hours collected"), "data": [float(line.collected) for line in lines]},
            {"name": _("Required"), "data": [float(line.required * people) for line in lines]},
        ],
    }


@bp.get("/cohorts/<code>/trainees.<kind>")
@requires(Permission.VIEW)
def export_trainees(code: str, kind: str) -> Response:
    """Send the trainees as shown by the filter, as xlsx or csv."""
    found = queries.cohort(code, acting())
    head = [_("Full name"), _("Place of work"), _("State"), _("Enrolled on"), _("Completed on"), _("Class hours")]
    rows: list[list[Value]] = [
        [
            row.name,
            row.employer or "",
            str(ENROLMENT_LABELS[row.state]),
            clock.day_of(row.enrolled_at).isoformat() if row.enrolled_at else "",
            clock.day_of(row.completed_at).isoformat() if row.completed_at else "",
            float(row.hours),
        ]
        for row in queries.all_trainees(found.id, _chosen())
    ]
    return downloads.table([head, *rows], _("Trainees"), kind)


@bp.post("/cohorts/<code>/open")
@requires(Permission.RUN)
def open_cohort(code: str) -> Response:
    """Open a planned cohort."""
    with unit_of_work():
        services.open_cohort(queries.own_cohort(code, acting()), by=acting(), at=clock.now())
    flash(_("The cohort is open. Import its roster next."), "good")
    return redirect(url_for("courses.cohort", code=code))


@bp.post("/cohorts/<code>/close")
@requires(Permission.RUN)
def close_cohort(code: str) -> Response:
    """Close an open cohort."""
    with unit_of_work():
        services.close_cohort(queries.own_cohort(code, acting()), by=acting(), at=clock.now())
    flash(_("The cohort is closed."), "good")
    return redirect(url_for("courses.cohort", code=code))


@bp.get("/cohorts/<code>/certificates")
@requires(Permission.VIEW)
def certificates(code: str) -> str:
    """Show for every trainee where their certificate of completion stands, and why it is not asked for."""
    found = queries.cohort(code, acting())
    lines = certified.lines(found, at=clock.now())
    purpose = Purpose.SUPERVISION if acting().may(Permission.OVERSEE) else Purpose.TRAINING
    looked_up((one.trainee.person_id for one in lines), by=acting(), purpose=purpose, record=of_cohort(found))
    return render_template(
        "courses/certificates.html",
        cohort=found,
        lines=lines,
        counts=Counter(one.step for one in lines),
        steps={**STEPS, **UNFIT},
        required=tidy(sum(required_by(level_in(found)).values(), start=queries.NO_HOURS)),
        tidy=tidy,
        may_run=runs(acting(), found),
    )


@bp.post("/cohorts/<code>/certificates")
@requires(Permission.RUN)
def ask_for_certificates(code: str) -> Response:
    """Ask for the certificates of everyone who completed the training and has none."""
    with unit_of_work():
        count = services.ask_for_certificates(queries.own_cohort(code, acting()), by=acting(), at=clock.now())
    if count:
        flash(_("Asked for %(count)s certificates. The issuing body prepares them.", count=count), "good")
    else:
        flash(_("Nobody is left to ask for. The list says why for each person."), "info")
    return redirect(url_for("courses.certificates", code=code))


@bp.get("/cohorts/<code>/trainees/<enrolment>/withdraw")
@requires(Permission.RUN)
def withdrawal(code: str, enrolment: str) -> str:
    """Ask for the reason of a withdrawal."""
    return _withdrawal(code, enrolment, ReasonForm())


def _withdrawal(code: str, enrolment: str, form: ReasonForm) -> str:
    found = queries.own_cohort(code, acting())
    row = queries.enrolment(enrolment, found)
    looked_up([row.person_id], by=acting(), purpose=Purpose.TRAINING, record=of_cohort(found))
    return render_template("courses/withdraw.html", cohort=found, enrolment=row, form=form)


@bp.post("/cohorts/<code>/trainees/<enrolment>/withdraw")
@requires(Permission.RUN)
def withdraw(code: str, enrolment: str) -> Answer:
    """Withdraw a trainee with the reason."""
    form = ReasonForm()
    if not form.validate():
        return _withdrawal(code, enrolment, form), 422
    with unit_of_work():
        found = queries.own_cohort(code, acting())
        services.withdraw(
            found, queries.enrolment(enrolment, found), reason=form.reason.data or "", by=acting(), at=clock.now()
        )
    flash(_("The trainee is withdrawn. The place is free again."), "good")
    return redirect(url_for("courses.cohort", code=code))
