"""The pictures and attachments of a paper, to whoever sits it."""

from flask import Response, make_response, url_for
from sqlalchemy import select

from app.assessment.exams.access import Permission
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sittings as queries
from app.assessment.exams.rules.timing import Phase, phase
from app.assessment.exams.views.asked import files_of
from app.assessment.exams.views.blueprint import sitting
from app.core import clock
from app.core.access import acting, narrow, requires
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.files import StoredFile, load
from app.core.text import _l
from app.items.rules.texts import PICTURES

DIGEST = 64


def files_at(code: str) -> str:
    """Return the address under which the files of a sitting lie; the hash of a file completes it."""
    return url_for("sitting.file", code=code, digest="0" * DIGEST)[:-DIGEST]


@sitting.get("/<code>/files/<digest>")
@requires(Permission.SIT)
@narrow
def file(code: str, digest: str) -> Response:
    """Send a file that stands in the candidate's paper, while the sitting runs."""
    found = queries.own_attempt(code, acting())
    running = phase(queries.times_of(found), clock.now()) is Phase.RUNNING
    sheet = papers_queries.sheet_of(found.session.paper_id) if running else []
    known = any(digest in files_of(one.version) for one in sheet)
    stored = session.scalar(select(StoredFile).where(StoredFile.sha256 == digest)) if known else None
    if stored is None:
        raise NotFoundError(_l("There is no such file in your paper."))
    answer = make_response(load(stored))
    answer.headers["Content-Type"] = stored.media_type
    answer.headers["Content-Disposition"] = "inline" if stored.media_type in PICTURES else "attachment"
    answer.headers["Cache-Control"] = "private, max-age=14400, immutable"
    return answer
