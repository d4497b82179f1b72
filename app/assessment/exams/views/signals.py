"""What the page of a sitting reports, and the list of it for examiners; the worker that shows a paper offline."""

from flask import Response, jsonify, render_template, request, send_file

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.client import SentSignals
from app.assessment.exams.queries import signals as queries
from app.assessment.exams.queries import sittings as sittings_queries
from app.assessment.exams.services import signals as services
from app.assessment.exams.services.sitting import Writer
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.signal_kinds import SIGNAL_LABELS
from app.assessment.exams.views.blueprint import bp, sitting
from app.assessment.exams.views.reading import read_sent
from app.core import clock
from app.core.access import acting, narrow, public, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.shredding import GONE
from app.web.bundles import asset_path


@sitting.post("/<code>/signals")
@requires(Permission.SIT)
@narrow
def signals(code: str) -> Response:
    """Record what the page reports; the answer says nothing about it."""
    sittings_queries.refuse_beyond(code, acting())
    sent = read_sent(SentSignals)
    at = clock.now()
    with unit_of_work():
        writer = Writer(code, sent.page, acting())
        services.record_signals(writer, signals=sent.reported(), address=request.remote_addr or "", at=at)
    return jsonify(now=at.isoformat())


@sitting.get("/worker.js")
@public
def worker() -> Response:
    """Send the worker that shows a sealed paper when the server cannot be reached; its scope is the sittings."""
    answer = send_file(asset_path("sitting-worker.js"), mimetype="text/javascript")
    answer.cache_control.no_cache = True
    return answer


@bp.get("/sittings/<ticket>/signals")
@requires(Permission.WATCH)
def sitting_signals(ticket: str) -> str:
    """List what a candidate's page reported, for people to read."""
    found = queries.attempt_of_registration(ticket, acting())
    looked_up([found.person_id], by=acting(), purpose=Purpose.EXAMINATION, record=of_attempt(found.code))
    page = queries.signals(found.id, request.args.get("page", 1, type=int))
    return render_template(
        "exams/signals.html",
        attempt=found,
        session=found.session,
        page=page,
        addresses=queries.addresses(page.rows),
        gone=GONE,
        counts=queries.counts(found.id),
        labels=SIGNAL_LABELS,
    )
