"""Pages of the incident log of a session."""

from collections.abc import Sequence

from flask import Response as FileResponse
from flask import flash, redirect, render_template, request, url_for
from werkzeug.datastructures import FileStorage

from app.assessment.exams.access import Permission
from app.assessment.exams.administration_states import INCIDENT_LABELS, IncidentKind
from app.assessment.exams.forms.administration import IncidentFilter, IncidentForm, instant, local
from app.assessment.exams.models import ExamSession
from app.assessment.exams.queries import board, venues
from app.assessment.exams.queries import incidents as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.services import incidents as services
from app.assessment.exams.services.incidents import Happened
from app.assessment.exams.services.subjects import of_session
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import put_beside_field
from app.core import clock, files
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.files import StoredFile
from app.core.text import _, _l
from app.core.uploads import media_type_of

MOST_BYTES = 10 * 1024 * 1024
MOST_FILES = 10


@bp.get("/sessions/<code>/incidents")
@requires(Permission.WATCH)
def incidents(code: str) -> str:
    """List the incidents of a session."""
    found, form = sessions_queries.exam_session(code, acting()), IncidentFilter(request.args)
    page = queries.incidents(found.id, request.args.get("page", 1, type=int), form.chosen())
    people = (one.registration.person_id for one in page.rows if one.registration)
    looked_up(people, by=acting(), purpose=Purpose.EXAMINATION, record=of_session(found))
    return render_template("exams/incidents.html", session=found, page=page, form=form, labels=INCIDENT_LABELS)


@bp.get("/sessions/<code>/incidents/new")
@requires(Permission.WATCH)
def new_incident(code: str) -> str:
    """Show the form of a new incident."""
    found = sessions_queries.exam_session(code, acting())
    form = _form(found)
    form.happened_at.data = local(clock.now().replace(second=0, microsecond=0))
    form.ticket.data, form.room.data = request.args.get("ticket", ""), request.args.get("room", "")
    return render_template("exams/new_incident.html", session=found, form=form)


def _form(found: ExamSession) -> IncidentForm:
    form = IncidentForm()
    form.room.choices = [("", _("No room")), *((one.code, one.room.name) for one in venues.rooms_of(found.id))]
    return form


@bp.post("/sessions/<code>/incidents/new")
@requires(Permission.WATCH)
def add_incident(code: str) -> Answer:
    """Add an incident to the log."""
    found = sessions_queries.exam_session(code, acting())
    form = _form(found)
    if not form.validate():
        return render_template("exams/new_incident.html", session=found, form=form), 422
    try:
        with unit_of_work():
            services.add_incident(found, _happened(found, form), by=acting(), at=clock.now())
    except DomainError as error:
        put_beside_field(form, error)
        return render_template("exams/new_incident.html", session=found, form=form), error.status
    flash(_("Entered in the log."), "good")
    return redirect(url_for("exams.incidents", code=code))


def _happened(found: ExamSession, form: IncidentForm) -> Happened:
    ticket = (form.ticket.data or "").strip()
    return Happened(
        kind=IncidentKind(form.kind.data),
        at=instant(form.happened_at.data),  # type: ignore[arg-type]  # validated
        description=form.description.data or "",
        action=form.action.data or "",
        room=venues.room_of(found.id, form.room.data) if form.room.data else None,
        registration=board.candidate(found, ticket) if ticket else None,
        files=_kept([one for one in form.files.data or () if one]),
    )


def _kept(uploads: Sequence[FileStorage]) -> list[StoredFile]:
    if len(uploads) > MOST_FILES:
        raise InvalidError(_l("At most %(count)d files.", count=MOST_FILES), field="files")
    read = [(files.read_limited(one.stream, MOST_BYTES), one.filename or "file") for one in uploads]
    return [files.store(data, name=name, media_type=media_type_of(data)) for data, name in read]


@bp.get("/incidents/<code>/files/<int:file>")
@requires(Permission.WATCH)
def incident_file(code: str, file: int) -> FileResponse:
    """Send a file of an incident, never as a page."""
    stored = queries.incident_file(code, file, acting())
    answer = FileResponse(files.load(stored), mimetype=stored.media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{stored.sha256[:12]}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
