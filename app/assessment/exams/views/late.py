"""Answers that came late or from a device that had lost the sitting: shown with their evidence, decided by two."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.late import ProposalForm, proposal_form
from app.assessment.exams.forms.parts import ReasonForm
from app.assessment.exams.models import Attempt, ExamSession
from app.assessment.exams.queries import late as queries
from app.assessment.exams.queries import marking as marking_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries.late import Row
from app.assessment.exams.rules.answered import said
from app.assessment.exams.services import late as services
from app.assessment.exams.services import regrading
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.states import KeptBecause, LateState, SessionState
from app.assessment.exams.views.blueprint import Answer, bp
from app.assessment.exams.views.steps import EXAMINER, SECOND, Step
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import InvalidError, Text
from app.core.text import _, _l
from app.desk.queries import timeline_entries
from app.web.formats import when

BECAUSE: dict[KeptBecause, Text] = {
    KeptBecause.LATE: _l("Came after the end of the sitting"),
    KeptBecause.OTHER_PAGE: _l("Came from a page that had lost the sitting"),
}
AFTER: dict[SessionState, Text] = {
    SessionState.PREPARED: _l(
        "The answers are with the markers already. A late answer that counts goes to them as a new one; an answer that "
        "somebody has marked is set aside with its marks, never changed."
    ),
    SessionState.MARKED: _l(
        "The results are added up already. Late answers that count are marked anew: the result changes by a new "
        "version that another examiner confirms, and whatever is marked already stays as it is."
    ),
}
"""What counting late answers does after the marking was asked for."""
PROPOSED = {True: _l("Proposed: it counts"), False: _l("Proposed: it does not count")}
DECIDED = {True: _l("Counts, decided by two"), False: _l("Does not count, decided by two")}


@bp.get("/sessions/<code>/late")
@requires(Permission.LATE)
def late_answers(code: str) -> str:
    """List the sittings of a session that answers came late for."""
    found = sessions_queries.exam_session(code, acting())
    rows = [
        {
            "ticket": one.attempt.registration.code,
            "came": one.came,
            "waiting": one.waiting,
            "url": url_for("exams.late", code=one.attempt.code),
        }
        for one in queries.in_session(found)
    ]
    unread = queries.unread(found.id)
    may_mark = unread and found.state is SessionState.MARKED and not marking_queries.open_run(found.id)
    return render_template("exams/late_answers.html", session=found, rows=rows, unread=unread, may_mark=may_mark)


@bp.post("/sessions/<code>/late/mark")
@requires(Permission.LATE)
def mark_late(code: str) -> Response:
    """Propose a new marking of late answers that count and that are in no result yet."""
    with unit_of_work():
        found = sessions_queries.exam_session(code, acting())
        run = regrading.mark_late_again(found, by=acting(), at=clock.now())
    flash(_("Proposed. The figures are being worked out; a second examiner confirms them."), "good")
    return redirect(url_for("exams.run", code=run.code))


@bp.get("/late/<code>")
@requires(Permission.LATE)
def late(code: str) -> str:
    """Show what came late for one sitting, and what may be done about it."""
    found = queries.sitting(code, acting())
    looked_up([found.person_id], by=acting(), purpose=Purpose.EXAMINATION, record=of_attempt(code))
    rows = queries.of_sitting(found.id)
    return _page(found, rows, proposal_form(_choices(rows)), _back())


@bp.post("/late/<code>/propose")
@requires(Permission.LATE)
def propose_late(code: str) -> Answer:
    """Propose whether the chosen answers count."""
    found = queries.sitting(code, acting())
    rows = queries.of_sitting(found.id)
    form = proposal_form(_choices(rows))
    if not form.validate():
        return _page(found, rows, form, _back()), InvalidError.status
    with unit_of_work():
        services.propose(
            queries.sitting(code, acting()),
            form.answers.data or (),
            counts=form.counts.data == "yes",
            reason=form.reason.data or "",
            by=acting(),
            at=clock.now(),
        )
    flash(_("Proposed. A second examiner confirms it."), "good")
    return redirect(url_for("exams.late", code=code))


@bp.post("/late/<code>/confirm")
@requires(Permission.LATE)
def confirm_late(code: str) -> Response:
    """Confirm what another examiner proposed."""
    with unit_of_work():
        count = services.confirm(queries.sitting(code, acting()), by=acting(), at=clock.now())
    flash(_("Decided: %(count)d answers.", count=count), "good")
    return redirect(url_for("exams.late", code=code))


@bp.post("/late/<code>/return")
@requires(Permission.LATE)
def return_late(code: str) -> Answer:
    """Send what another examiner proposed back."""
    form = _back()
    if not form.validate():
        found = queries.sitting(code, acting())
        rows = queries.of_sitting(found.id)
        return _page(found, rows, proposal_form(_choices(rows)), form), InvalidError.status
    with unit_of_work():
        services.send_back(queries.sitting(code, acting()), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Sent back."), "good")
    return redirect(url_for("exams.late", code=code))


def _back() -> ReasonForm:
    return ReasonForm(prefix="back")


def _page(found: Attempt, rows: Sequence[Row], form: ProposalForm, back: ReasonForm) -> str:
    proposers = {row.decision.proposed_by_id for row in rows if row.decision and row.decision.state == "proposed"}
    return render_template(
        "exams/late.html",
        attempt=found,
        session=found.session,
        rows=[_shown(row) for row in rows],
        form=form,
        back=back,
        may_confirm=bool(proposers - {acting().person_id}),
        own_proposal=acting().person_id in proposers,
        step=_next(rows, found.session),
        after=AFTER.get(found.session.state) if found.session.marked_at else None,
        entries=timeline_entries(of_attempt(found.code)),
    )


def _next(rows: Sequence[Row], held: ExamSession) -> Step | None:
    if any(row.undecided for row in rows):
        return Step(_l("An examiner proposes whether the answers count"), EXAMINER)
    if any(row.open for row in rows):
        return Step(_l("A second examiner confirms the proposals or sends them back"), SECOND)
    if any(row.decision is not None and row.decision.entered_as and not row.decision.marked_in_id for row in rows):
        return _to_results(held)
    return None


def _to_results(held: ExamSession) -> Step | None:
    """Say how what counts comes to be in the result."""
    if held.state is SessionState.MARKED:
        return Step(_l("What counts is marked anew: written answers by the markers, all others by the key"), SECOND)
    return Step(_l("The marking of the session reads what counts"), EXAMINER) if held.marked_at else None


def _choices(rows: Sequence[Row]) -> list[tuple[str, str]]:
    return [
        (
            row.answer.code,
            _("Question %(number)d: %(answer)s", number=row.answer.position, answer=said(row.answer.value)),
        )
        for row in rows
        if row.undecided
    ]


def _shown(row: Row) -> dict[str, Any]:
    answer = row.answer
    return {
        "place": answer.position,
        "answer": said(answer.value),
        "typed": when(answer.client_at) if answer.client_at else None,
        "received": when(answer.received_at),
        "because": BECAUSE[answer.because],
        "outcome": _outcome(row),
    }


def _outcome(row: Row) -> str:
    if row.answer.merged_as is not None:
        return str(_("Merged at once: nothing newer was there"))
    if row.decision is None or row.decision.state is LateState.RETURNED:
        return str(_("Waits for a proposal"))
    words = DECIDED if row.decision.state is LateState.CONFIRMED else PROPOSED
    return f"{words[row.decision.counts]} ({row.decision.reason})"
