"""Pages of venues and their rooms."""

from flask import flash, redirect, render_template, request, url_for

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.administration import RoomForm, VenueForm
from app.assessment.exams.models import ExamVenue
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import venues as queries
from app.assessment.exams.services import venues as services
from app.assessment.exams.services.administration import of_venue
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _, pick
from app.desk.queries import timeline_entries


@bp.get("/venues")
@requires(Permission.ORGANISE)
def venues() -> str:
    """List the venues."""
    page = queries.venues(acting(), request.args.get("page", 1, type=int))
    return render_template("exams/venues.html", page=page)


@bp.get("/venues/new")
@requires(Permission.ORGANISE)
def new_venue() -> str:
    """Show the form of a new venue."""
    return render_template("exams/new_venue.html", form=_form())


@bp.post("/venues/new")
@requires(Permission.ORGANISE)
def add_venue() -> Answer:
    """Add a venue."""
    form = _form()
    if not form.validate():
        return render_template("exams/new_venue.html", form=form), 422
    try:
        with unit_of_work():
            added = services.add_venue(form.place(), by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return render_template("exams/new_venue.html", form=form), error.status
    flash(_("The venue is added. Add its rooms next."), "good")
    return redirect(url_for("exams.venue", code=added.code))


def _form() -> VenueForm:
    form = VenueForm()
    regions = sessions_queries.regions(acting())
    form.region.choices = [(one.code, pick(one.name_zh, one.name_en)) for one in regions]
    return form


@bp.get("/venues/<code>")
@requires(Permission.ORGANISE)
def venue(code: str) -> str:
    """Show a venue with its rooms."""
    return _page(queries.venue(code, acting()), RoomForm())


def _page(found: ExamVenue, form: RoomForm) -> str:
    return render_template(
        "exams/venue.html",
        venue=found,
        region=sessions_queries.region_of(found),
        form=form,
        entries=timeline_entries(of_venue(found)),
    )


@bp.post("/venues/<code>/rooms")
@requires(Permission.ORGANISE)
def add_room(code: str) -> Answer:
    """Add a room to a venue."""
    form, found = RoomForm(), queries.venue(code, acting())
    if not form.validate():
        return _page(found, form), 422
    try:
        with unit_of_work():
            name, seats = form.name.data or "", form.seats.data or 0
            services.add_room(found, name=name, seats=seats, by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _page(queries.venue(code, acting()), form), error.status
    flash(_("The room is added."), "good")
    return redirect(url_for("exams.venue", code=code))
