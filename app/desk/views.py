"""The public landing page and the home of everyone who is signed in: an inbox."""

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import acting, current_actor, public, signed_in
from app.desk import queries

bp = Blueprint("desk", __name__, template_folder="templates")
Answer = str | Response


@bp.get("/")
@public
def landing() -> Answer:
    """Say what this is and let anyone check a certificate."""
    return render_template("desk/landing.html")


@bp.get("/home")
@signed_in
def home() -> str:
    """Show what waits for the acting role, by when, then what they did lately."""
    actor = acting()
    return render_template(
        "desk/home.html",
        todos=queries.inbox(actor, on=clock.today()),
        followed=queries.followed_by(actor),
    )


def waiting_counts() -> dict[str, int]:
    """Return the number beside the menu's entry of the inbox."""
    actor = current_actor()
    return {"desk.home": queries.count_todos(actor)} if actor is not None else {}
