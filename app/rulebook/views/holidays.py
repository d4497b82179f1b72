"""The calendar of working days: which days are free or worked in a year, and by which notice."""

from flask import render_template, request, url_for

from app.core import clock
from app.core.access import current_actor, public
from app.rulebook.queries import holidays
from app.rulebook.views.blueprint import bp


@bp.get("/calendar")
@public
def calendar() -> str:
    """Show the holidays and make-up days of a year."""
    today = clock.today()
    listed = holidays.years(today)
    shown = holidays.shown(request.args.get("year", today.year, type=int), listed)
    tabs = [
        {"label": str(year), "url": url_for("rulebook.calendar", year=year), "active": year == shown.year}
        for year in listed
    ]
    pack = holidays.pack_of(shown.year, current_actor()) if shown.entered else None
    return render_template("rulebook/calendar.html", shown=shown, pack=pack, tabs=tabs)
