"""Tickets of a whole session: printed as a job, downloaded as one archive."""

import zipfile
from io import BytesIO

from flask import Response as FileResponse
from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.queries import sessions as queries
from app.assessment.exams.services import tickets as services
from app.assessment.exams.views.blueprint import bp
from app.core import clock, files
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import NotFoundError
from app.core.text import _, _l


@bp.get("/sessions/<code>/tickets")
@requires(Permission.ORGANISE)
def tickets(code: str) -> str:
    """Show how many tickets are issued, and the work that prints them."""
    found = queries.exam_session(code, acting())
    job = services.latest_job(found)
    return render_template(
        "exams/tickets.html",
        session=found,
        job=job,
        made=services.printed(job),
        issued=queries.tickets_issued(found.id),
    )


@bp.post("/sessions/<code>/tickets")
@requires(Permission.ORGANISE)
def print_tickets(code: str) -> Response:
    """Start printing the tickets of everyone who has none."""
    with unit_of_work():
        services.ask_for_tickets(queries.exam_session(code, acting()), by=acting(), at=clock.now())
    flash(_("The tickets are being printed."), "good")
    return redirect(url_for("exams.tickets", code=code))


@bp.post("/sessions/<code>/tickets/download")
@requires(Permission.ORGANISE)
def download_tickets(code: str) -> FileResponse:
    """Send the printed tickets as one archive; the download is an event."""
    found = queries.exam_session(code, acting())
    printed = services.printed(services.latest_job(found))
    if not printed:
        raise NotFoundError(_l("Nothing is printed yet. Print the tickets first."))
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for number, stored in enumerate(printed, start=1):
            packed.writestr(f"{found.code}-{number:03d}.pdf", files.load(stored))
    with unit_of_work():
        services.note_download(found, by=acting(), at=clock.now())
    answer = FileResponse(archive.getvalue(), mimetype="application/zip")
    answer.headers["Content-Disposition"] = f'attachment; filename="tickets-{found.code}.zip"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
