"""The pictures and attachments of items, to whoever sits a paper, proof-reads, judges or marks it."""

from collections.abc import Iterable

from flask import Response, url_for

from app.assessment.exams.access import Permission
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import similarity as similarity_queries
from app.assessment.exams.queries import sittings as queries
from app.assessment.exams.queries import standards as standards_queries
from app.assessment.exams.queries import statistics as statistics_queries
from app.assessment.exams.queries import tasks as tasks_queries
from app.assessment.exams.queries.papers import SheetItem
from app.assessment.exams.rules.timing import Phase, phase
from app.assessment.exams.services import standards
from app.assessment.exams.views.asked import all_files_of, files_of
from app.assessment.exams.views.blueprint import bp, sitting
from app.core import clock
from app.core.access import acting, narrow, requires
from app.items.views import reading
from app.items.views.reading import Shown

DIGEST = 64


def files_at(code: str, page: str = "sitting.file") -> str:
    """Return the address under which the files of a sitting, or of a page, lie; the hash of a file completes it."""
    return url_for(page, code=code, digest="0" * DIGEST)[:-DIGEST]


def shown_of(sheet: Iterable[SheetItem], files: str) -> dict[int, Shown]:
    """Return the places of a paper as they are read, by their numbers."""
    return {one.position: reading.shown(one.version, files) for one in sheet}


@sitting.get("/<code>/files/<digest>")
@requires(Permission.SIT)
@narrow
def file(code: str, digest: str) -> Response:
    """Send a file that stands in the candidate's paper, while the sitting runs."""
    found = queries.own_attempt(code, acting())
    running = phase(queries.times_of(found), clock.now()) is Phase.RUNNING
    sheet = papers_queries.sheet_of(found.session.paper_id) if running else []
    return reading.kept_file(digest, known=any(digest in files_of(one.version) for one in sheet))


@bp.get("/papers/<code>/files/<digest>")
@requires(Permission.BLUEPRINT)
def paper_file(code: str, digest: str) -> Response:
    """Send a file of a paper to who reads its proof; of a sealed one nothing is sent."""
    return _send_of(digest, papers_queries.sheet_of(papers_queries.paper(code, acting()).id))


@bp.get("/standards/<code>/files/<digest>")
@requires(Permission.JUDGE)
def standard_file(code: str, digest: str) -> Response:
    """Send a file of a paper to a judge of its study."""
    found = standards_queries.study(code, acting())
    standards.judge_of(found, acting())
    return _send_of(digest, papers_queries.sheet_of(found.paper_id))


@bp.get("/scripts/<code>/files/<digest>")
@requires(Permission.MARK)
def script_file(code: str, digest: str) -> Response:
    """Send a file of the question to its marker."""
    version = tasks_queries.version_of(tasks_queries.own_mark(code, acting()).script.task)
    return reading.kept_file(digest, known=digest in all_files_of(version))


@bp.get("/flags/items/<code>/files/<digest>")
@requires(Permission.ITEM_REVIEW)
def flag_file(code: str, digest: str) -> Response:
    """Send a file of a flagged item to a reviewer of its bank."""
    version = statistics_queries.statistic_of(statistics_queries.flag(code, acting())).statistic.version
    return reading.kept_file(digest, known=digest in all_files_of(version))


@bp.get("/similarity/pairs/<code>/files/<digest>")
@requires(Permission.SIMILARITY)
def pair_file(code: str, digest: str) -> Response:
    """Send a file of an item that two sittings answered alike to who may see the pair."""
    places = similarity_queries.alike(similarity_queries.pair(code, acting()))
    return reading.kept_file(digest, known=any(digest in files_of(one.version) for one in places))


def _send_of(digest: str, sheet: Iterable[SheetItem]) -> Response:
    return reading.kept_file(digest, known=any(digest in all_files_of(one.version) for one in sheet))
