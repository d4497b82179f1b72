"""Notices: the list behind the bell, reading them, choosing what is told and how."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import acting, signed_in
from app.core.db import unit_of_work
from app.core.text import _
from app.desk import services
from app.desk.forms import RhythmForm
from app.desk.queries import notices as queries
from app.desk.states import CHANNEL_LABELS, Channel
from app.desk.views.blueprint import bp
from app.web.views import local_path

Answer = str | Response | tuple[str, int]


@bp.get("/messages")
@signed_in
def notices() -> str:
    """List one's notices, the latest first."""
    only_unread = request.args.get("unread") == "1"
    page = queries.notices(
        acting(), on=clock.today(), only_unread=only_unread, page=request.args.get("page", 1, type=int)
    )
    return render_template("desk/notices.html", page=page, only_unread=only_unread)


@bp.post("/messages/<code>/open")
@signed_in
def open_notice(code: str) -> Response:
    """Note that a notice is read and go where it leads."""
    with unit_of_work():
        found = queries.own_notice(code, acting(), clock.today())
        services.mark_read(found, at=clock.now())
    return redirect(local_path(found.url))


@bp.post("/messages/read")
@signed_in
def read_all() -> Response:
    """Note that every notice is read."""
    with unit_of_work():
        services.mark_all_read(by=acting(), at=clock.now())
    return redirect(url_for("desk.notices"))


@bp.get("/messages/choices")
@signed_in
def choices() -> str:
    """Show which kinds of notice come by which channel, and when."""
    rhythm = queries.rhythm_of(acting().person_id)
    form = RhythmForm(formdata=None, rhythm=rhythm.rhythm.value, hour=str(rhythm.hour), weekday=str(rhythm.weekday))
    return _choices(form)


def _choices(form: RhythmForm) -> str:
    return render_template(
        "desk/choices.html",
        form=form,
        kinds=queries.notice_kinds(),
        chosen=queries.all_choices(acting().person_id),
        channels=CHANNEL_LABELS,
    )


@bp.post("/messages/choices")
@signed_in
def choose() -> Answer:
    """Keep which kinds of notice come by which channel, and when."""
    form = RhythmForm()
    if not form.validate():
        return _choices(form), 422
    ticked = set(request.form.getlist("wanted"))
    wanted = {name: {one: f"{name}:{one}" in ticked for one in Channel} for name in queries.notice_kinds()}
    with unit_of_work():
        services.choose(wanted, by=acting())
        services.set_rhythm(form.chosen, hour=int(form.hour.data), weekday=int(form.weekday.data), by=acting())
    flash(_("Your choices are kept."), "good")
    return redirect(url_for("desk.choices"))
