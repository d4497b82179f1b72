"""What the page of a sitting reports, and the list of it for examiners; the worker that shows a paper offline."""

from collections.abc import Mapping

from flask import Response, jsonify, render_template, request, send_file

from app.assessment.exams.access import Permission
from app.assessment.exams.forms.client import SentSignals, SignalFilter
from app.assessment.exams.models import Attempt, SittingSignal
from app.assessment.exams.queries import signals as queries
from app.assessment.exams.queries import sittings as sittings_queries
from app.assessment.exams.services import signals as services
from app.assessment.exams.services.sitting import Writer
from app.assessment.exams.services.subjects import of_attempt
from app.assessment.exams.signal_kinds import SIGNAL_LABELS, cut
from app.assessment.exams.views.blueprint import bp, sitting
from app.assessment.exams.views.reading import read_sent
from app.core import clock
from app.core.access import acting, narrow, public, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.shredding import GONE
from app.core.spreadsheets import to_csv
from app.core.text import _
from app.web import downloads
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
    found, form = _looked_at(ticket), SignalFilter(request.args)
    page = queries.signals(found.id, form.wanted(), request.args.get("page", 1, type=int))
    counts = queries.counts(found.id)
    return render_template(
        "exams/signals.html",
        attempt=found,
        session=found.session,
        form=form,
        page=page,
        addresses=queries.addresses(page.rows),
        gone=GONE,
        counts=counts,
        cut=cut(counts),
        labels=SIGNAL_LABELS,
    )


def _looked_at(ticket: str) -> Attempt:
    found = queries.attempt_of_registration(ticket, acting())
    looked_up([found.person_id], by=acting(), purpose=Purpose.EXAMINATION, record=of_attempt(found.code))
    return found


@bp.get("/sittings/<ticket>/signals.csv")
@requires(Permission.WATCH)
def sitting_signals_csv(ticket: str) -> Response:
    """Send the same list whole, or of one kind, as a table."""
    found = _looked_at(ticket)
    rows = queries.all_signals(found.id, SignalFilter(request.args).wanted())
    addresses = queries.addresses(rows)
    head = [_("Time"), _("What was recorded"), _("Item"), _("Characters"), _("Screen"), _("Network address")]
    lines = [_line(one, addresses) for one in rows]
    return downloads.sent(to_csv([head, *lines]), f"signals-{ticket}.csv", downloads.CSV)


def _line(one: SittingSignal, addresses: Mapping[int, str | None]) -> list[str]:
    when = (one.client_at or one.received_at).astimezone(clock.SHANGHAI)
    address = (addresses[one.id] or str(GONE)) if one.id in addresses else ""
    told = (str(one.detail.get(name, "")) for name in ("place", "characters", "screen"))
    return [f"{when:%Y-%m-%d %H:%M:%S}", str(SIGNAL_LABELS[one.kind]), *told, address]
