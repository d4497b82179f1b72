"""The event trail: read, filtered and exported by the auditor, who changes nothing."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache

from flask import Flask, Response, current_app, render_template, request, url_for

from app.accounts import queries, trail
from app.accounts.access import Permission
from app.accounts.forms import TrailFilter
from app.accounts.states import ROLE_LABELS, Role
from app.accounts.trail import Wanted
from app.accounts.views.blueprint import bp
from app.accounts.views.confirm import freshly
from app.core import clock, events
from app.core.access import Actor, acting, requires
from app.core.db import unit_of_work
from app.core.errors import Text
from app.core.events import Event, Subject
from app.core.shredding import Keys, keys_of, opened
from app.core.text import _, language, speaking
from app.web.formats import when

COLUMNS = ("code", "recorded_at", "at", "kind", "actor", "role", "subject_type", "subject", "reason", "rule", "data")
Labels = Mapping[str, Text]
BLANK = re.compile(r"%\((\w+)\)[sd]")
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@bp.get("/audit/events")
@requires(Permission.EVENTS_READ)
def event_trail() -> str:
    """List what happened, the latest first."""
    labels = trail.labels()
    form = _filter()
    rows = trail.events_page(acting(), _wanted(form, labels), before=request.args.get("before", type=int))
    shown = rows[: trail.PAGE_LENGTH]
    names = queries.names_of([row.actor_id for row in shown])
    return render_template(
        "accounts/trail.html",
        form=form,
        lines=[_line(row, names, labels) for row in shown],
        older=shown[-1].id if len(rows) > len(shown) else None,
        later="before" in request.args,
        asked=_asked(form),
    )


def _filter() -> TrailFilter:
    form = TrailFilter(request.args)
    form.kind.choices = [("", _("Everything")), *_kinds(language())]
    return form


@cache
def _kinds(spoken: str) -> tuple[tuple[str, str], ...]:
    """Return the hundreds of kinds of events with their words in a language, sorted by these, said once a process."""
    with speaking("en" if spoken == "en" else "zh_CN"):
        named = {kind: BLANK.sub("…", str(label)) for kind, label in trail.labels().items()}
    return tuple(sorted(named.items(), key=lambda pair: pair[1]))


def _wanted(form: TrailFilter, labels: Labels) -> Wanted:
    known = form.kind.data if form.kind.data in labels else None
    who, subject = ((field.data or "").strip() or None for field in (form.who, form.subject))
    return Wanted(known, who, subject, form.since.data, form.until.data)


def _asked(form: TrailFilter) -> dict[str, str]:
    fields = {field.name: field.data for field in form}
    return {name: str(value) for name, value in fields.items() if value}


def _named(row: Event, labels: Labels) -> str:
    """Return what happened in words; figures of the event stand where its label leaves a blank."""
    label = str(labels.get(row.kind, row.kind))
    return BLANK.sub(lambda blank: str(row.data.get(blank[1], "…")), label)


def _line(row: Event, names: dict[int, str], labels: Labels) -> dict[str, object]:
    return {
        "at": when(row.recorded_at),
        "kind": _named(row, labels),
        "who": names.get(row.actor_id or 0) or _("the platform"),
        "role": ROLE_LABELS[Role(row.acting_role)] if row.acting_role else None,
        "subject": row.subject_code,
        "url": url_for("accounts.trail_event", code=row.code),
    }


@bp.get("/audit/events/<code>")
@requires(Permission.EVENTS_READ)
def trail_event(code: str) -> str:
    """Show one event with its data."""
    row = trail.event_of(code, acting())
    return render_template(
        "accounts/trail_event.html",
        event=row,
        reason=_reason(row, keys_of([row.subject_code] if row.reason else ())),
        line=_line(row, queries.names_of([row.actor_id]), trail.labels()),
        data=_pairs(row),
    )


def _reason(row: Event, keys: Keys) -> str:
    """Return the reason of an event as it was written, or that it was erased."""
    key = keys.get((row.subject_type, row.subject_code))
    return opened(row.reason or "", key, row.subject_type, row.subject_code)


def _pairs(row: Event) -> list[tuple[str, str]]:
    return [(name, value if isinstance(value, str) else json.dumps(value)) for name, value in sorted(row.data.items())]


@bp.post("/audit/events/export")
@requires(Permission.EVENTS_READ)
@freshly
def export_trail() -> Response:
    """Send the chosen events as CSV, row by row; that they were taken is an event too."""
    form = TrailFilter(request.form)
    wanted, actor = _wanted(form, trail.labels()), acting()
    with unit_of_work():
        at = clock.real_now()
        events.record(
            "accounts.events_exported", Subject("person", actor.person_code), by=actor, at=at, data=_asked(form)
        )
    body = _csv(current_app._get_current_object(), actor, wanted)  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way to the application itself
    head = {"Content-Disposition": f'attachment; filename="events-{clock.day_of(at)}.csv"'}
    return Response(body, mimetype="text/csv", headers=head)


def _csv(app: Flask, actor: Actor, wanted: Wanted) -> Iterator[str]:
    """Yield the rows while they are sent; between two chunks no connection is held, however slow the reader is."""
    yield "\ufeff" + _written([COLUMNS])
    text, last = _chunk(app, actor, wanted, 0)
    while text:
        yield text
        text, last = _chunk(app, actor, wanted, last)


def _chunk(app: Flask, actor: Actor, wanted: Wanted, after: int) -> tuple[str, int]:
    with app.app_context():
        rows = trail.events_after(actor, wanted, after)
        codes = queries.codes_of([row.actor_id for row in rows])
        keys = keys_of([row.subject_code for row in rows if row.reason])
        return _written([_cells(row, codes, keys) for row in rows]), rows[-1].id if rows else after


def _cells(row: Event, codes: dict[int, str], keys: Keys) -> tuple[str, ...]:
    cells = (
        row.code,
        row.recorded_at.isoformat(),
        row.at.isoformat(),
        row.kind,
        codes.get(row.actor_id or 0, ""),
        row.acting_role or "",
        row.subject_type,
        row.subject_code,
        _reason(row, keys),
        row.rule or "",
        json.dumps(row.data, ensure_ascii=False, sort_keys=True),
    )
    return tuple(f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells)


def _written(rows: list[tuple[str, ...]]) -> str:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue()
