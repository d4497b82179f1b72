"""The public landing page and the home of everyone who is signed in: an inbox."""

from flask import g, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import acting, current_actor, public, signed_in
from app.desk import queries
from app.desk.forms import EVERYTHING, InboxFilter
from app.desk.queries.notices import frame_counts
from app.desk.queries.numbers import home_numbers, other_roles
from app.desk.queries.todos import kinds_of
from app.desk.views.blueprint import bp

Answer = str | Response
SHOWN = 10


@bp.get("/")
@public
def landing() -> Answer:
    """Say what this is and let anyone check a certificate."""
    return render_template("desk/landing.html")


@bp.get("/home")
@signed_in
def home() -> str:
    """Show what waits for the acting role, by when, then what they did lately, then the numbers of the role."""
    actor = acting()
    return render_template(
        "desk/home.html",
        todos=queries.inbox(actor, on=clock.today(), limit=SHOWN),
        waiting=_counts()[0],
        followed=queries.followed_by(actor),
        numbers=[{"label": one.label, "value": one.value, "url": url_for(one.endpoint)} for one in home_numbers(actor)],
        others=other_roles(actor, clock.today()),
    )


@bp.get("/inbox")
@signed_in
def inbox() -> str:
    """Show everything that waits, filtered, sorted and paged."""
    actor = acting()
    form = InboxFilter(request.args)
    form.kind.choices = [("", EVERYTHING), *((kind, _plain(label)) for kind, label in kinds_of(actor))]
    page = queries.inbox_page(actor, form.wanted, on=clock.today(), page=request.args.get("page", 1, type=int))
    return render_template("desk/inbox.html", form=form, page=page)


def _plain(label: object) -> str:
    """Return a room's sentence for a kind with dashes where a record's names would stand."""
    return queries.in_words(str(label), {})


def waiting_counts() -> dict[str, int]:
    """Return the number beside the menu's entry of the inbox."""
    return {"desk.home": _counts()[0]} if current_actor() is not None else {}


def unread_notices() -> int:
    """Return the number at the bell."""
    return _counts()[1]


def _counts() -> tuple[int, int]:
    """Return what waits and what is unread, asked once a request."""
    if "desk_counts" not in g:
        actor = current_actor()
        g.desk_counts = (0, 0) if actor is None else frame_counts(actor, clock.today())
    counts: tuple[int, int] = g.desk_counts
    return counts
