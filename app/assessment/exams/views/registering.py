"""The candidate's pages of registration and ticket: what is open, why or why not, withdraw, the ticket as PDF."""

from flask import Response as FileResponse
from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.administration_states import WAIT_LABELS
from app.assessment.exams.models import ExamSession
from app.assessment.exams.queries import candidates as candidates_queries
from app.assessment.exams.queries import registering as queries
from app.assessment.exams.queries import revoking, sittings, venues, waiting
from app.assessment.exams.services import registering as services
from app.assessment.exams.services import tickets
from app.assessment.exams.services import waiting as waits
from app.assessment.exams.services.registering import RefusedError
from app.assessment.exams.ticket_paper import Ticket, tickets_pdf
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.shared import shown
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.text import _
from app.rulebook.queries import LevelWords
from app.rulebook.terms import LEVELS
from app.rulebook.verdicts import Verdict


@bp.get("/open")
@requires(Permission.SIT)
def open_sessions() -> str:
    """List the exams that the candidate may register for."""
    rows = queries.open_sessions(acting(), clock.now())
    return render_template("exams/open.html", rows=rows, levels=LevelWords(LEVELS))


@bp.get("/open/<code>")
@requires(Permission.SIT)
def open_session(code: str) -> str:
    """Show an exam with the conditions of registration as they stand for the candidate."""
    mine = queries.mine(code, acting())
    if mine.registration is not None:
        return _page(mine, None, 0)
    judged = queries.judged_now(mine.session, mine.enrolment, clock.now())
    return _page(mine, judged.verdict, judged.seats.waiting)


def _page(mine: queries.Mine, verdict: Verdict | None, count: int) -> str:
    rule, _source = candidates_queries.rule_of(mine.session)
    place = None if mine.registration else mine.place
    return render_template(
        "exams/open_session.html",
        session=mine.session,
        levels=LevelWords(LEVELS),
        ticket=mine.registration.code if mine.registration else None,
        met=verdict is not None and verdict.met,
        revocation=_revocation(mine.session, verdict),
        verdict=shown(verdict) if verdict else None,
        venue=mine.venue,
        place=place,
        position=mine.position,
        may_wait=place is None and verdict is not None and waits.may_join(verdict) and rule.waiting.kept,
        waiting=count,
        wait_labels=WAIT_LABELS,
    )


def _revocation(found: ExamSession, verdict: Verdict | None) -> str | None:
    """Return the number of the revocation that the verdict names, None where it names none."""
    if verdict is None or all(line.reason != "exams.not_revoked" for line in verdict.lines):
        return None
    revoked = revoking.in_force(found.id, acting().person_id)
    return revoked.code if revoked else None


@bp.post("/open/<code>/register")
@requires(Permission.SIT)
def register_oneself(code: str) -> Answer:
    """Register oneself; a refusal shows every condition."""
    try:
        with unit_of_work():
            found, enrolment = queries.session_for(code, acting())
            registered = services.register_oneself(found, enrolment, by=acting(), at=clock.now())
    except RefusedError as refused:
        mine = queries.mine(code, acting())
        return _page(mine, refused.verdict, waiting.seats(mine.session.id).waiting), refused.status
    flash(_("You are registered. Your ticket is on this page."), "good")
    return redirect(url_for("exams.ticket", code=registered.code))


@bp.get("/mine/tickets/<code>")
@requires(Permission.SIT)
def ticket(code: str) -> str:
    """Show the candidate's registration: where and when, the ticket, withdrawal."""
    found = sittings.own_registration(code, acting())
    rule, _source = candidates_queries.rule_of(found.session)
    return render_template(
        "exams/ticket.html",
        registration=found,
        session=found.session,
        seat=venues.seat_of(found.id),
        rule=rule,
        person=acting(),
        levels=LevelWords(LEVELS),
        may_withdraw=services.may_withdraw(found, clock.now()),
    )


@bp.post("/mine/tickets/<code>/pdf")
@requires(Permission.SIT)
def ticket_pdf(code: str) -> FileResponse:
    """Issue a ticket and send it; the ticket issued before no longer signs in."""
    found = sittings.own_registration(code, acting(), with_person=True)
    rule, _source = candidates_queries.rule_of(found.session)
    seat = venues.seat_of(found.id)
    with unit_of_work():
        secret = tickets.issue(found, by=acting(), at=clock.now())
    drawn = tickets_pdf(found.session, rule, [Ticket(found, seat, secret)])
    answer = FileResponse(drawn, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{found.code}.pdf"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@bp.post("/mine/tickets/<code>/withdraw")
@requires(Permission.SIT)
def withdraw(code: str) -> Response:
    """Withdraw the candidate's own registration."""
    with unit_of_work():
        services.withdraw(sittings.own_registration(code, acting()), by=acting(), at=clock.now())
    flash(_("Withdrawn. Your seat is free again."), "good")
    return redirect(url_for("exams.mine"))
