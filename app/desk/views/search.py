"""Search for everyone: what each finds is what each may see."""

from collections.abc import Iterable

from flask import Response, jsonify, render_template, request
from werkzeug.wrappers import Response as Answer

from app.core.access import current_actor, public
from app.core.access_log import Purpose, looked_up
from app.core.events import Subject
from app.core.text import _
from app.desk.queries import search as queries
from app.desk.queries.documents import document_kinds
from app.desk.views.blueprint import bp

SEARCH = Subject("search", "")


@bp.get("/search")
@public
def search() -> str:
    """Show the best hits of every kind, or all hits of one."""
    typed, kind = _typed(), request.args.get("kind", "")
    if kind in document_kinds():
        page = queries.search_kind(current_actor(), typed, kind, page=request.args.get("page", 1, type=int))
        label = document_kinds()[kind].label
        _looked(page.rows)
        return render_template("desk/search_kind.html", typed=typed, kind=kind, label=label, page=page)
    found = queries.search(current_actor(), typed) if typed else None
    if found is not None:
        _looked(hit for group in found.groups for hit in group.hits)
    return render_template("desk/search.html", typed=typed, found=found)


def _looked(hits: Iterable[queries.Hit]) -> None:
    """Note whom a search names. What is suggested while typing leaves no row: most of it nobody looked for."""
    looked_up(queries.people_in(hits), by=current_actor(), purpose=Purpose.ADMINISTRATION, record=SEARCH)


@bp.get("/search/suggest")
@public
def suggest() -> Answer:
    """Return the best few hits as JSON for the search field; the field works without."""
    typed = _typed()
    hits = queries.suggest(current_actor(), typed) if typed else []
    answer: Response = jsonify(
        {
            "results": [
                {"title": hit.title, "parts": hit.parts, "kind": str(hit.kind_label), "url": hit.url} for hit in hits
            ],
            "all": _("All hits"),
        }
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _typed() -> str:
    """Return what was asked for, without letters that no page could show."""
    typed = request.args.get("q", "")[:100]
    return "".join(letter for letter in typed if letter.isprintable()).strip()
