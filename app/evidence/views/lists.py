"""What the lists of records share: the search from the address, and the file of a list."""

from collections.abc import Callable, Iterable

from flask import Response, request

from app.core.access import Actor
from app.core.access_log import Purpose, looked_up
from app.core.events import Subject
from app.core.spreadsheets import to_csv
from app.core.text import _
from app.evidence.access import Permission
from app.evidence.models import Evidence
from app.evidence.queries.pages import Page
from app.evidence.queries.records import Search
from app.evidence.states import KIND_LABELS, STATE_LABELS
from app.web.downloads import CSV, sent

LIST = Subject("evidence_list", "list")
MOST_PAGES = 40
"""A file of a list holds at most this many pages of it."""


def searched() -> Search:
    """Return what the address asks for."""
    args = request.args
    return Search(
        text=args.get("text", ""),
        kind=args.get("kind", ""),
        state=args.get("state", ""),
        sort=args.get("sort", ""),
        page=args.get("page", 1, type=int),
    )


def looked_at(shown: Iterable[Evidence], record: Subject, *, by: Actor) -> None:
    """Note whose records are shown: to who checks them as supervision, to an institution as administration."""
    purpose = Purpose.SUPERVISION if by.may(Permission.CHECK) else Purpose.ADMINISTRATION
    looked_up([one.person_id for one in shown], by=by, purpose=purpose, record=record)


def as_file(load: Callable[[Actor, Search], Page[Evidence]], actor: Actor) -> Response:
    """Send the searched list as CSV, with exact yuan."""
    search, rows = searched(), []
    first = load(actor, search)
    for number in range(1, min(first.pages, MOST_PAGES) + 1):
        rows += load(actor, Search(search.text, search.kind, search.state, search.sort, number)).rows
    looked_at(rows, LIST, by=actor)
    head = [
        _("Full name"),
        _("Kind"),
        _("Name of the record"),
        _("Number on the paper"),
        _("Day"),
        _("Amount in yuan"),
        _("State"),
    ]
    return sent(to_csv([head, *(_row(one) for one in rows)]), f"{_('Evidence ledger')}.csv", CSV)


def _row(one: Evidence) -> list[str]:
    return [
        one.person.name,
        str(KIND_LABELS[one.kind]),
        one.title,
        one.number or "",
        one.happened_on.isoformat() if one.happened_on else "",
        "" if one.amount is None else f"{one.amount:f}",
        str(STATE_LABELS[one.state]),
    ]
