"""Who holds which role, for administrators."""

from flask import render_template, request

from app.accounts import queries
from app.accounts.access import Permission
from app.accounts.actors import scope_label
from app.accounts.forms import PeopleFilter
from app.accounts.models import Membership
from app.accounts.states import ROLE_LABELS
from app.accounts.views.blueprint import bp
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.events import Subject
from app.core.text import _
from app.web.formats import day


@bp.get("/people")
@requires(Permission.PEOPLE_VIEW)
def people() -> str:
    """List the roles in force within one's region."""
    form = PeopleFilter(request.args)
    page = queries.people_page(
        acting(),
        clock.today(),
        name=form.name.data or "",
        role=form.role.data or None,
        number=request.args.get("page", 1, type=int),
    )
    looked_up(
        (row.person_id for row in page.rows),
        by=acting(),
        purpose=Purpose.ADMINISTRATION,
        record=Subject("people", "list"),
    )
    lines = [_line(row) for row in page.rows]
    return render_template("accounts/people.html", form=form, page=page, lines=lines)


def _line(row: Membership) -> dict[str, object]:
    return {
        "name": row.person.name,
        "role": ROLE_LABELS[row.role],
        "where": scope_label(row),
        "since": day(row.starts_on),
        "until": day(row.ends_on) or _("without end"),
    }
