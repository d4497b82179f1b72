"""The candidate's page and the requests it sends. The page works as a plain form; the script adds autosave."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from flask import flash, jsonify, redirect, render_template, request, url_for
from pydantic import BaseModel

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.sitting import SentPage, SentSaves, form_answers
from app.assessment.exams.models import Attempt
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import seb as seb_queries
from app.assessment.exams.queries import sittings as queries
from app.assessment.exams.rules.timing import Phase, phase
from app.assessment.exams.services import doors
from app.assessment.exams.services import sitting as services
from app.assessment.exams.services.sitting import Writer
from app.assessment.exams.views.blueprint import Answer, sitting
from app.assessment.exams.views.files import files_at
from app.assessment.exams.views.reading import read_sent
from app.assessment.exams.views.seb import is_right_browser, quit_url, wrong_browser
from app.assessment.exams.views.shared import shown
from app.assessment.exams.views.sheet import STATE_WORDS, TIMERS, places_of, sums_of, words
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.rulebook.terms import LEVELS

Sent = TypeVar("Sent", bound=BaseModel)


@sitting.get("/<code>")
@requires(Permission.SIT)
def page(code: str) -> Answer:
    """Show the sitting as it stands: rules and clock, the paper, or what came of it."""
    found, at = queries.own_attempt(code, acting()), clock.now()
    now = phase(queries.times_of(found), at)
    if now not in {Phase.SUBMITTED, Phase.TIME_UP} and not is_right_browser(code):
        return wrong_browser(code)
    if now is Phase.RUNNING:
        return _paper(found, at)
    template = "exams/sit_wait.html" if now in {Phase.WAITING, Phase.READY} else "exams/sit_done.html"
    return render_template(
        template,
        attempt=found,
        session=found.session,
        phase=now,
        Phase=Phase,
        at=at,
        levels=LEVELS,
        words=words(),
        quit_url=quit_url(code),
        answered=len([one for one in queries.kept(found.id).values() if one.choice]),
        entry=_entry(found, at) if now in {Phase.WAITING, Phase.READY} else None,
    )


def _entry(found: Attempt, at: datetime) -> dict[str, Any] | None:
    """Return the conditions of the venue as `ui.verdict` takes them, None online."""
    verdict = doors.start_verdict(found, at)
    if not verdict.lines:
        return None
    title = _("You may start") if verdict.met else _("You may not start yet")
    return {"state": "met" if verdict.met else "not", "title": title, "lines": shown(verdict)["lines"]}


def _paper(found: Attempt, at: datetime) -> str:
    kept = queries.kept(found.id)
    places = places_of(found, papers_queries.sheet_of(found.session.paper_id), kept, files_at(found.code))
    return render_template(
        "exams/sit.html",
        attempt=found,
        session=found.session,
        places=places,
        sums=sums_of(places),
        state_words=STATE_WORDS,
        sequences={place: one.sequence for place, one in kept.items()},
        words=words(),
        timers=TIMERS,
        worker=None if seb_queries.requirement(found.code) else url_for("sitting.worker"),
        at=at,
    )


@sitting.post("/<code>/start")
@requires(Permission.SIT)
def start(code: str) -> Answer:
    """Start the sitting."""
    with unit_of_work():
        services.start(queries.own_attempt(code, acting()), by=acting(), at=clock.now())
    return redirect(url_for("sitting.page", code=code))


@sitting.post("/<code>/form")
@requires(Permission.SIT)
def save_form(code: str) -> Answer:
    """Save the whole plain form and, where asked, hand in."""
    at = clock.now()
    with unit_of_work():
        found = queries.own_attempt(code, acting())
        count = services.save_form(found, answers=form_answers(request.form, found.places), by=acting(), at=at)
        if "submit" in request.form:
            doors.refuse_early_hand_in(code, by=acting(), at=at)
            services.submit(Writer(code, services.FORM, acting()), at=at)
    if "review" in request.form:
        return redirect(url_for("sitting.review", code=code))
    if "submit" not in request.form:
        flash(_("Saved: %(count)d changed answers.", count=count), "good")
    return redirect(url_for("sitting.page", code=code))


@sitting.get("/<code>/review")
@requires(Permission.SIT)
def review(code: str) -> Answer:
    """Show what is open or marked before the plain form hands in."""
    found, at = queries.own_attempt(code, acting()), clock.now()
    if phase(queries.times_of(found), at) is not Phase.RUNNING:
        return redirect(url_for("sitting.page", code=code))
    kept = queries.kept(found.id)
    places = places_of(found, papers_queries.sheet_of(found.session.paper_id), kept, files_at(found.code))
    return render_template(
        "exams/sit_review.html", attempt=found, session=found.session, places=places, state_words=STATE_WORDS
    )


@sitting.post("/<code>/hand-in")
@requires(Permission.SIT)
def hand_in(code: str) -> Answer:
    """Hand in what is saved, without a script."""
    at = clock.now()
    with unit_of_work():
        writer = Writer(code, services.FORM, acting())
        services.take_over(writer, at=at)
        services.submit(writer, at=at)
    return redirect(url_for("sitting.page", code=code))


@sitting.post("/<code>/hold")
@requires(Permission.SIT)
def hold(code: str) -> Answer:
    """Let the page that asks write; answer with what the server holds."""

    def act(sent: SentPage, at: datetime) -> dict[str, Any]:
        beat = services.take_over(_writer(code, sent), at=at)
        kept = queries.kept(queries.own_attempt(code, acting()).id)
        answers = [
            {"position": place, "sequence": one.sequence, "response": one.response, "review": one.review}
            for place, one in kept.items()
        ]
        return {"deadline_at": beat.deadline_at.isoformat(), "answers": answers}

    return _json(SentPage, act)


@sitting.post("/<code>/save")
@requires(Permission.SIT)
def save(code: str) -> Answer:
    """Save answers; 200 only once they are durable."""

    def act(sent: SentSaves, at: datetime) -> dict[str, Any]:
        done = services.save(_writer(code, sent), answers=[one.answer() for one in sent.answers], at=at)
        return {"saved": done.saved, "superseded": done.superseded}

    return _json(SentSaves, act)


@sitting.post("/<code>/beat")
@requires(Permission.SIT)
def beat(code: str) -> Answer:
    """Show a sign of life; the answer carries the deadline in force."""

    def act(sent: SentPage, at: datetime) -> dict[str, Any]:
        found = services.beat(_writer(code, sent), at=at)
        return {"deadline_at": found.deadline_at.isoformat(), "holds": found.holds}

    return _json(SentPage, act)


@sitting.post("/<code>/submit")
@requires(Permission.SIT)
def submit(code: str) -> Answer:
    """Hand in; repeated, it says the same."""

    def act(sent: SentPage, at: datetime) -> dict[str, Any]:
        doors.refuse_early_hand_in(code, by=acting(), at=at)
        return {"submitted": services.submit(_writer(code, sent), at=at).value}

    return _json(SentPage, act)


def _writer(code: str, sent: SentPage) -> Writer:
    return Writer(code, sent.page, acting())


def _json(kind: type[Sent], act: Callable[[Sent, datetime], dict[str, Any]]) -> Answer:
    """Read what the page sent, act in one transaction, answer once it is committed."""
    try:
        sent = read_sent(kind)
        at = clock.now()
        with unit_of_work():
            done = act(sent, at)
    except DomainError as error:
        refusal = jsonify(error=error.code, message=str(error), now=clock.now().isoformat())
        refusal.status_code = error.status
        return refusal
    return jsonify(**done, now=at.isoformat())
