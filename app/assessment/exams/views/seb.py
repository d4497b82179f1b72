"""Safe Exam Browser: checked with every request of a sitting that asks for it, set by examiners, handed out."""

from flask import current_app, flash, jsonify, make_response, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.client import SebForm
from app.assessment.exams.models import Attempt, ExamSession
from app.assessment.exams.queries import seb as queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import sittings as sittings_queries
from app.assessment.exams.rules import seb as rules
from app.assessment.exams.services import seb as services
from app.assessment.exams.views.blueprint import Answer, bp, sitting
from app.core import clock
from app.core.access import acting, narrow, public, requires
from app.core.db import session as database
from app.core.db import unit_of_work
from app.core.errors import ForbiddenError, NotFoundError
from app.core.text import _, _l
from app.settings import Settings

MEDIA_TYPE = "application/seb"
FREE = frozenset({"sitting.page", "sitting.seb_file"})
"""The page itself tells by its phase whether the browser matters; the file is what leads into the right browser."""
SHORT = frozenset({"sitting.save", "sitting.beat", "sitting.submit", "sitting.start"})
"""Their one statement at the door answers sessions alone that ask for no browser, unless a key was shown and fits."""
REFUSED = _l("This exam is sat in Safe Exam Browser with the configuration of the session. Open it there.")


@sitting.before_request
def check_browser() -> Answer | None:
    """Refuse a request of a sitting from another browser than its session asks for.

    What shows no key and has a short way is judged there, by the one statement; its long way asks `is_right_browser`.
    """
    code = (request.view_args or {}).get("code")
    free = request.endpoint in FREE or (request.endpoint in SHORT and not shows_key())
    if code is None or free or is_right_browser(code):
        return None
    if request.mimetype == "application/json":
        refusal = jsonify(code="seb", error="seb", message=str(REFUSED), now=clock.now().isoformat())
        refusal.status_code = 403
        return refusal
    return wrong_browser(code)


def shows_key() -> bool:
    """Tell whether the request carries a key of the browser; where it gets as far as a view, it is the right one."""
    return rules.HEADER in request.headers


def refuse_other_browser(code: str) -> None:
    """Refuse the long way of what has a short one; raises ForbiddenError."""
    if not is_right_browser(code):
        raise ForbiddenError(REFUSED, code="seb")


def is_right_browser(code: str) -> bool:
    """Tell whether the request may touch a sitting: no browser is asked for, or it carries the session's key.

    Safe Exam Browser hashes the address it asked for; behind a proxy that may be the public one.
    """
    key = queries.requirement(code)
    if key is None:
        return True
    asked = request.full_path if request.query_string else request.path
    return rules.matches(request.headers.get(rules.HEADER), urls=(request.url, _public(asked)), key=key)


def wrong_browser(code: str) -> tuple[str, int]:
    """Say that the sitting opens in Safe Exam Browser, and how."""
    return render_template("exams/sit_seb.html", code=code), 403


def quit_url(code: str) -> str | None:
    """Return the address that ends Safe Exam Browser, None where the sitting asks for no browser."""
    return _public(url_for("sitting.seb_quit")) if queries.requirement(code) else None


def _public(path: str) -> str:
    settings: Settings = current_app.extensions["settings"]
    return settings.public_url.rstrip("/") + path


@sitting.get("/<code>/seb")
@requires(Permission.SIT)
@narrow
def seb_file(code: str) -> Response:
    """Hand a candidate the configuration of their session."""
    return _file(sittings_queries.own_attempt(code, acting()).session)


@sitting.get("/seb/<session_code>")
@requires(Permission.SIT)
@narrow
def seb_start(session_code: str) -> Response:
    """Lead from Safe Exam Browser's start to the candidate's own sitting of the session."""
    query = (
        select(Attempt.code)
        .join(Attempt.session)
        .where(ExamSession.code == session_code, Attempt.person_id == acting().person_id)
    )
    code = database.scalar(query)
    if code is None:
        raise NotFoundError(_l("There is no such sitting of yours."))
    return redirect(url_for("sitting.page", code=code))


@sitting.get("/seb/quit")
@public
def seb_quit() -> str:
    """Stand where Safe Exam Browser ends; another browser sees that the sitting can be left."""
    return render_template("exams/seb_quit.html")


@bp.get("/sessions/<code>/seb")
@requires(Permission.ORGANISE)
def seb(code: str) -> str:
    """Show what a session asks of the browser."""
    return _page(sessions_queries.exam_session(code, acting()), SebForm())


def _page(found: ExamSession, form: SebForm) -> str:
    return render_template(
        "exams/seb.html", session=found, form=form, made=queries.of_session(found.id), open=found.prepared_at is None
    )


@bp.post("/sessions/<code>/seb")
@requires(Permission.ORGANISE)
def require_seb(code: str) -> Answer:
    """Ask for Safe Exam Browser."""
    form, found = SebForm(), sessions_queries.exam_session(code, acting())
    if not form.validate():
        return _page(found, form), 422
    with unit_of_work():
        services.require_seb(
            found,
            start_url=_public(url_for("sitting.seb_start", session_code=code)),
            quit_url=_public(url_for("sitting.seb_quit")),
            quit_password=form.quit_password.data or "",
            by=acting(),
            at=clock.now(),
        )
    flash(_("This session is sat in Safe Exam Browser alone."), "good")
    return redirect(url_for("exams.seb", code=code))


@bp.post("/sessions/<code>/seb/waive")
@requires(Permission.ORGANISE)
def waive_seb(code: str) -> Response:
    """Let any browser do again."""
    with unit_of_work():
        services.waive_seb(sessions_queries.exam_session(code, acting()), by=acting(), at=clock.now())
    flash(_("Any browser may be used."), "good")
    return redirect(url_for("exams.seb", code=code))


@bp.get("/sessions/<code>/seb/file")
@requires(Permission.ORGANISE)
def session_seb_file(code: str) -> Response:
    """Hand an examiner the configuration, for the machines of an exam room."""
    return _file(sessions_queries.exam_session(code, acting()))


def _file(found: ExamSession) -> Response:
    made = queries.of_session(found.id)
    if made is None:
        raise NotFoundError(_l("This session asks for no particular browser."))
    answer = make_response(rules.seb_file(services.settings_of(made)))
    answer.headers["Content-Type"] = MEDIA_TYPE
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.code}.seb"'
    return answer
