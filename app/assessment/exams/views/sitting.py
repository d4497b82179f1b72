"""The candidate's page, which works as a plain form; what its script sends is in `protocol`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.plain import Given, form_answers, unordered
from app.assessment.exams.models import Attempt
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import seb as seb_queries
from app.assessment.exams.queries import sittings as queries
from app.assessment.exams.queries.sittings import Kept
from app.assessment.exams.rules.timing import Phase, phase
from app.assessment.exams.services import doors, hot, late
from app.assessment.exams.services import sitting as services
from app.assessment.exams.services.answers import Writer
from app.assessment.exams.views.blueprint import Answer, sitting
from app.assessment.exams.views.files import files_at
from app.assessment.exams.views.seb import is_right_browser, quit_url, shows_key, wrong_browser
from app.assessment.exams.views.shared import shown
from app.assessment.exams.views.sheet import STATE_WORDS, TIMERS, places_of, sums_of, words
from app.assessment.exams.views.short_way import through_door
from app.core import clock
from app.core.access import acting, checks_itself, enforce, narrow, requires
from app.core.db import unit_of_work
from app.core.errors import ConflictError
from app.core.text import _, _l
from app.rulebook.queries import LevelWords
from app.rulebook.terms import LEVELS

BEFORE = {Phase.WAITING, Phase.HELD, Phase.READY}
NOTHING: Mapping[int, Given] = {}
PAUSED = _l("Your time stands still. What you typed stays on this page: press “Save” again once the exam goes on.")


@sitting.get("/<code>")
@requires(Permission.SIT)
@narrow
def page(code: str) -> Answer:
    """Show the sitting as it stands: rules and clock, the paper, or what came of it."""
    found, at = queries.own_attempt(code, acting()), clock.now()
    times = queries.times_of(found)
    now = phase(times, at)
    if now not in {Phase.SUBMITTED, Phase.TIME_UP} and not is_right_browser(code):
        return wrong_browser(code)
    if now is Phase.RUNNING:
        return _paper(found, at)
    template = "exams/sit_wait.html" if now in BEFORE else "exams/sit_done.html"
    return render_template(
        template,
        attempt=found,
        session=found.session,
        phase=now,
        Phase=Phase,
        at=at,
        levels=LevelWords(LEVELS),
        words=words(),
        quit_url=quit_url(code),
        answered=len([one for one in queries.kept(found.id).values() if one.choice]),
        closes=times.closes,
        latest=doors.latest_start(found),
        held=times.held,
        entry=_entry(found, at) if now in BEFORE else None,
    )


def _entry(found: Attempt, at: datetime) -> dict[str, Any] | None:
    """Return the conditions of the venue as `ui.verdict` takes them, None online."""
    verdict = doors.start_verdict(found, at)
    if not verdict.lines:
        return None
    title = _("You may start") if verdict.met else _("You may not start yet")
    return {"state": "met" if verdict.met else "not", "title": title, "lines": shown(verdict)["lines"]}


def _paper(found: Attempt, at: datetime, typed: Mapping[int, Given] = NOTHING) -> str:
    """Show the paper as saved, with what a plain form sent over it; a browser without scripts reads of a pause."""
    kept = queries.kept(found.id)
    kept |= {place: Kept(kept[place].sequence if place in kept else 0, *given) for place, given in typed.items()}
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
        notice=PAUSED if found.paused_at else None,
        at=at,
    )


@sitting.post("/<code>/start")
@requires(Permission.SIT)
@narrow
@checks_itself
def start(code: str) -> Answer:
    """Start the sitting: the short way where nothing stands against it, else the long one, which tells why."""
    if not through_door(lambda knock, at: hot.start(knock, code, at=at, checked=shows_key())):
        enforce()
        if not is_right_browser(code):
            return wrong_browser(code)
        with unit_of_work():
            services.start(queries.own_attempt(code, acting()), by=acting(), at=clock.now())
    return redirect(url_for("sitting.page", code=code))


@sitting.post("/<code>/form")
@requires(Permission.SIT)
@narrow
def save_form(code: str) -> Answer:
    """Save the whole plain form and, where asked, hand in; what comes too late is kept apart."""
    try:
        flash(_form(code, clock.now()), "good")
    except ConflictError as error:
        if error.code == "paused":
            return _still_there(code, clock.now()), error.status
        if error.code not in {"late", "submitted"}:
            raise
        flash(_keep(code, error, clock.now()))
    after = "sitting.review" if "review" in request.form else "sitting.page"
    return redirect(url_for(after, code=code))


def _still_there(code: str, at: datetime) -> str:
    """Show what was typed into the plain form in a pause, which takes nothing: it is sent once the exam goes on."""
    found = queries.own_attempt(code, acting())
    return _paper(found, at, _answers(found))


def _form(code: str, at: datetime) -> str:
    with unit_of_work():
        found = queries.own_attempt(code, acting())
        answers = _answers(found)
        count = services.save_form(found, answers=answers, by=acting(), at=at)
        left = unordered(answers)
        if "submit" in request.form:
            doors.refuse_early_hand_in(code, by=acting(), at=at)
            services.submit(Writer(code, services.FORM, acting()), at=at)
            return str(_("Saved and handed in."))
    if left:
        flash(_("Not an order yet: question %(places)s. See beside its entries.", places=_listed(left)), "bad")
    return str(_("Saved: %(count)d changed answers.", count=count))


def _listed(places: list[int]) -> str:
    return str(_(", ")).join(str(place) for place in places)


def _answers(found: Attempt) -> dict[int, Given]:
    sheet = papers_queries.sheet_of(found.session.paper_id)
    places = places_of(found, sheet, queries.kept(found.id), files_at(found.code))
    return form_answers(request.form, {one.number: (one.parts, one.material is not None) for one in places})


def _keep(code: str, error: ConflictError, at: datetime) -> str:
    with unit_of_work():
        found = queries.own_attempt(code, acting())
        changed = services.differences(found, _answers(found))
        if changed:
            late.keep(Writer(code, services.FORM, acting()), answers=changed, at=at)
    return str(error)


@sitting.get("/<code>/review")
@requires(Permission.SIT)
@narrow
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
@narrow
def hand_in(code: str) -> Answer:
    """Hand in what is saved, without a script."""
    at = clock.now()
    with unit_of_work():
        doors.refuse_early_hand_in(code, by=acting(), at=at)
        writer = Writer(code, services.FORM, acting())
        services.take_over(writer, at=at)
        services.submit(writer, at=at)
    return redirect(url_for("sitting.page", code=code))
