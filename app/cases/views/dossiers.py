"""The court-ready file of a case: how far it is, and its download."""

from flask import Response as FileResponse
from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.cases.models import Case
from app.cases.queries import cases as queries
from app.cases.queries import kinds
from app.cases.services import dossiers
from app.cases.services.authors import is_author
from app.cases.states import Protection
from app.cases.views.blueprint import bp
from app.core import clock, files
from app.core.access import Actor, acting, signed_in
from app.core.db import unit_of_work
from app.core.errors import NotFoundError
from app.core.text import _, _l
from app.web.downloads import sent


@bp.get("/cases/<code>/file")
@signed_in
def dossier(code: str) -> str:
    """Show whether the file of a case is made, and whether anything happened since."""
    found = queries.case(code, acting())
    job = dossiers.latest_job(found)
    return render_template(
        "cases/file.html",
        case=found,
        kind=kinds.case_kind(found.kind),
        job=job,
        stored=dossiers.made_file(job),
        stale=job is not None and not job.key.endswith(f":{dossiers.last_event(found)}"),
    )


@bp.post("/cases/<code>/file")
@signed_in
def make_dossier(code: str) -> Response:
    """Start making the file."""
    with unit_of_work():
        found = queries.case(code, acting())
        dossiers.ask_for_file(found, by=_named(found, acting()), at=clock.now())
    flash(_("The file is being made. This page shows when it is ready."), "good")
    return redirect(url_for("cases.dossier", code=code))


@bp.post("/cases/<code>/file/download")
@signed_in
def download_dossier(code: str) -> FileResponse:
    """Send the file; the download is an event."""
    found = queries.case(code, acting())
    stored = dossiers.made_file(dossiers.latest_job(found))
    if stored is None:
        raise NotFoundError(_l("The file is not made yet. Ask for it first."))
    with unit_of_work():
        dossiers.note_download(found, stored, by=_named(found, acting()), at=clock.now())
    return sent(files.load(stored), f"{found.number}.pdf", stored.media_type)


def _named(found: Case, actor: Actor) -> Actor | None:
    """Return who is named in the event: never the protected author."""
    return None if found.protection is not Protection.OPEN and is_author(found, actor) else actor
