"""Refusals and failures as pages, or as problem documents for programs: what happened and what to do next."""

from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import uuid4

from flask import Flask, Response, current_app, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from app.core.errors import DomainError, Text
from app.core.text import _, _l

SERVER_ERROR = 500


@dataclass(frozen=True, slots=True)
class Advice:
    """What a status means to a person: a heading, a sentence, the next step."""

    title: Text
    text: Text
    advice: Text


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as shown: `reference` finds the report of a failure."""

    status: int
    title: str
    text: str
    advice: str
    reference: str | None = None
    reasons: list[str] = field(default_factory=list)

    @property
    def sign_in(self) -> bool:
        """Tell whether signing in would help."""
        return self.status == HTTPStatus.UNAUTHORIZED


ADVICE = {
    400: Advice(
        _l("This request could not be read"),
        _l("Something in the address or the form did not arrive as expected."),
        _l("Go back, check what you entered and send it again."),
    ),
    401: Advice(
        _l("Please sign in"),
        _l("This page is for people who are signed in."),
        _l("Sign in; you then come back to where you were."),
    ),
    403: Advice(
        _l("You may not open this"),
        _l("Your role does not include this page or this act."),
        _l("Switch to another role of yours, or ask the administrator of your organisation."),
    ),
    404: Advice(
        _l("Page not found"),
        _l("There is no such page, or it lies outside your region or organisation."),
        _l("Check the address, or start again from the start page."),
    ),
    405: Advice(
        _l("This address does not take this request"),
        _l("The page can be opened but not used in this way."),
        _l("Go back to the page you came from and use its buttons."),
    ),
    409: Advice(
        _l("The record has changed"),
        _l("Someone else changed it while you were working."),
        _l("Open it again, see what changed and repeat your step if it is still needed."),
    ),
    413: Advice(
        _l("The file is too large"),
        _l("It exceeds the limit for uploads."),
        _l("Make the file smaller or split it, then upload it again."),
    ),
    422: Advice(
        _l("This cannot be done yet"),
        _l("A rule is not met."),
        _l("Go back, change the entries named above and send them again."),
    ),
    429: Advice(
        _l("Too many attempts"),
        _l("The limit for this act is reached for now."),
        _l("Wait a few minutes, then try again."),
    ),
    500: Advice(
        _l("Something failed on our side"),
        _l("Nothing you entered caused this, and nothing was half saved."),
        _l("Try again in a few minutes. If it happens again, give the reference below to support."),
    ),
    503: Advice(
        _l("The service is not available now"),
        _l("A part it needs is not available at the moment."),
        _l("Try again in a few minutes. What you have saved is kept."),
    ),
}


def problem_of(status: int, text: Text | None = None, reference: str | None = None) -> Problem:
    """Return what to show for a status; `text` replaces the general sentence."""
    known = ADVICE.get(status) or ADVICE[SERVER_ERROR if status >= SERVER_ERROR else 400]
    return Problem(status, str(known.title), str(text or known.text), str(known.advice), reference)


def respond(problem: Problem) -> Response:
    """Answer with a page for people or a problem document for programs."""
    if _wants_json():
        response = jsonify(type="about:blank", status=problem.status, title=problem.title, detail=problem.text)
        response.mimetype = "application/problem+json"
    else:
        response = make_response(render_template("web/error.html", problem=problem))
    response.status_code = problem.status
    return response


def _wants_json() -> bool:
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def _refused(error: DomainError) -> Response:
    response = respond(problem_of(error.status, error.message))
    response.headers.update(error.headers)
    return response


def _expired(_error: CSRFError) -> Response:
    return respond(problem_of(400, _("The form was open too long or was sent from another page.")))


def _http(error: HTTPException) -> Response:
    if error.response is not None:
        return make_response(error.response)
    response = respond(problem_of(error.code or SERVER_ERROR))
    _keep_headers(response, error)
    return response


def _keep_headers(response: Response, error: HTTPException) -> None:
    """Keep what the status obliges to say, such as Allow and Retry-After."""
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            response.headers.setdefault(name, value)


def _failed(error: Exception) -> Response:
    reference = uuid4().hex[:12]
    current_app.logger.error("failure %s", reference, exc_info=error)
    return respond(problem_of(SERVER_ERROR, reference=reference))


def init_app(app: Flask) -> None:
    """Answer every refusal and failure with a page that says what to do."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _expired)
    app.register_error_handler(HTTPException, _http)
    if not app.testing:
        app.register_error_handler(Exception, _failed)
