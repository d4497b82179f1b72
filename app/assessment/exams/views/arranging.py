"""Pages of how a session is held: venue, rooms, registration window, seats; and changes of its times."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.administration_states import ASK_LABELS
from app.assessment.exams.forms.administration import ArrangeForm, WindowForm, instant, local
from app.assessment.exams.models import ExamSession
from app.assessment.exams.queries import extra_time as asks
from app.assessment.exams.queries import late_seats as late_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import venues as queries
from app.assessment.exams.services import arranging as services
from app.assessment.exams.services import freezing, late_seats
from app.assessment.exams.services.administration import of_change
from app.assessment.exams.services.arranging import Arrangement
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import other_examiners, put_beside_field
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _, pick
from app.desk.queries import timeline_entries

ONLINE = ""


@bp.get("/sessions/<code>/arrange")
@requires(Permission.ORGANISE)
def arrangement(code: str) -> str:
    """Show how a session is held."""
    found = sessions_queries.exam_session(code, acting())
    return _arrangement(found, _form(found))


def _form(found: ExamSession) -> ArrangeForm:
    """Return the form with every venue and room to choose from, filled with what holds now."""
    form = ArrangeForm()
    venues = queries.venues_of(found.organisation_id)
    form.venue.choices = [(ONLINE, _("Online")), *((one.code, pick(one.name_zh, one.name_en)) for one in venues)]
    form.rooms.choices = [
        (
            room.code,
            _(
                "%(venue)s, room %(room)s: %(seats)d seats",
                venue=pick(one.name_zh, one.name_en),
                room=room.name,
                seats=room.seats,
            ),
        )
        for one in venues
        for room in one.rooms
    ]
    if request.method == "GET":
        form.venue.data = next((one.code for one in venues if one.id == found.venue_id), ONLINE)
        form.rooms.data = [one.room.code for one in queries.rooms_of(found.id)]
        form.registers_from.data, form.registers_until.data = local(found.registers_from), local(found.registers_until)
        for name in ("identity_check", "rehearsal", "extends"):
            form[name].data = getattr(found, name)
    return form


def _arrangement(found: ExamSession, form: ArrangeForm) -> str:
    at = clock.now()
    capacity = late_queries.capacity(found.id)
    page = queries.seats(found.id, request.args.get("page", 1, type=int), capacity.candidates)
    seen = (one.registration.person_id for one in page.rows)
    looked_up(seen, by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    return render_template(
        "exams/arrange.html",
        session=found,
        form=form,
        page=page,
        capacity=capacity.seats,
        unseated=capacity.unseated,
        closed=at >= found.closes_at,
        frozen=freezing.frozen(found, at),
    )


@bp.post("/sessions/<code>/arrange")
@requires(Permission.ORGANISE)
def arrange(code: str) -> Answer:
    """Set how a session is held."""
    found = sessions_queries.exam_session(code, acting())
    form = _form(found)
    if not form.validate():
        return _arrangement(found, form), 422
    try:
        with unit_of_work():
            services.arrange(found, _wanted(found, form), by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _arrangement(sessions_queries.exam_session(code, acting()), form), error.status
    flash(_("How the session is held is set."), "good")
    return redirect(url_for("exams.arrangement", code=code))


def _wanted(found: ExamSession, form: ArrangeForm) -> Arrangement:
    venues = queries.venues_of(found.organisation_id)
    chosen = set(form.rooms.data or ())
    first, last = form.registers_from.data, form.registers_until.data
    return Arrangement(
        venue=next((one for one in venues if one.code == form.venue.data), None),
        rooms=[room for one in venues for room in one.rooms if room.code in chosen],
        registers_from=instant(first) if first else None,
        registers_until=instant(last) if last else None,
        identity_check=form.identity_check.data,
        rehearsal=form.rehearsal.data,
        extends=form.extends.data,
    )


@bp.post("/sessions/<code>/seats")
@requires(Permission.ORGANISE)
def allocate_seats(code: str) -> Response:
    """Give every candidate a seat."""
    with unit_of_work():
        found = sessions_queries.exam_session(code, acting())
        count = services.allocate_seats(found, by=acting(), at=clock.now())
    flash(_("Seats given: %(count)d. People of one base sit apart as far as the numbers allow.", count=count), "good")
    return redirect(url_for("exams.arrangement", code=code))


@bp.post("/sessions/<code>/seats/late")
@requires(Permission.ORGANISE)
def seat_late(code: str) -> Response:
    """Give free seats to the candidates who have none."""
    with unit_of_work():
        found = sessions_queries.exam_session(code, acting())
        count = late_seats.seat_late(found, by=acting(), at=clock.now())
    flash(
        _("Seats given: %(count)d. Nobody who had a seat was moved, and each candidate is told.", count=count), "good"
    )
    return redirect(url_for("exams.arrangement", code=code))


@bp.get("/sessions/<code>/change")
@requires(Permission.ORGANISE)
def change_form(code: str) -> str:
    """Show the times of a session to change."""
    found = sessions_queries.exam_session(code, acting())
    form = WindowForm(opens_at=local(found.opens_at), closes_at=local(found.closes_at), minutes=found.minutes)
    return _change_page(found, form)


def _change_page(found: ExamSession, form: WindowForm) -> str:
    actor = acting()
    frozen = freezing.frozen(found, clock.now())
    others = other_examiners(actor, found.organisation_id) if frozen else ""
    return render_template("exams/change.html", session=found, form=form, frozen=frozen, others=others)


@bp.post("/sessions/<code>/change")
@requires(Permission.ORGANISE)
def change_window(code: str) -> Answer:
    """Change the times of a session, or ask a second person while editing is frozen."""
    form, found = WindowForm(), sessions_queries.exam_session(code, acting())
    if not form.validate():
        return _change_page(found, form), 422
    reason = form.reason.data or ""
    try:
        with unit_of_work():
            change = freezing.change_window(found, form.window(), reason=reason, by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return _change_page(sessions_queries.exam_session(code, acting()), form), error.status
    flash(_("Changed.") if change is None else _("Asked. Another examiner decides on this emergency change."), "good")
    if change is not None:
        return redirect(url_for("exams.change", code=change.code))
    return redirect(url_for("exams.session", code=code))


@bp.get("/changes/<code>")
@requires(Permission.ORGANISE)
def change(code: str) -> str:
    """Show an emergency change."""
    found, actor = asks.change(code, acting()), acting()
    mine = found.asked_by_id == actor.person_id
    return render_template(
        "exams/change_asked.html",
        change=found,
        session=found.session,
        given={name: _given(name, value) for name, value in found.given.items()},
        labels=ASK_LABELS,
        mine=mine,
        others=other_examiners(actor, found.session.organisation_id) if mine else "",
        entries=timeline_entries(of_change(found)),
    )


def _given(name: str, value: object) -> object:
    return value if name == "minutes" else datetime.fromisoformat(str(value))


@bp.post("/changes/<code>/approve")
@requires(Permission.ORGANISE)
def approve_change(code: str) -> Response:
    """Approve an emergency change as the second person."""
    return _decide(code, _("Approved. The new times are in force."), approved=True)


@bp.post("/changes/<code>/refuse")
@requires(Permission.ORGANISE)
def refuse_change(code: str) -> Response:
    """Refuse an emergency change as the second person."""
    return _decide(code, _("Refused. The times stay."), approved=False)


def _decide(code: str, said: str, *, approved: bool) -> Response:
    with unit_of_work():
        found = asks.change(code, acting())
        freezing.decide_change(found, found.session, approved=approved, by=acting(), at=clock.now())
    flash(said, "good")
    return redirect(url_for("exams.change", code=code))
