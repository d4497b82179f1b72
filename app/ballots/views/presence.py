"""Who attends a ballot and may vote on each question, and the page where an absent voter names a proxy."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.ballots import queries, services
from app.ballots.access import Permission
from app.ballots.forms import ProxyForm
from app.ballots.models import Ballot, BallotVoter
from app.ballots.views.pages import bp
from app.core import clock
from app.core.access import acting, requires, signed_in
from app.core.db import unit_of_work
from app.core.errors import DomainError, ForbiddenError
from app.core.text import _, _l

Answer = str | Response | tuple[str, int]


@bp.get("/<code>/attendance")
@signed_in
def attendance(code: str) -> str:
    """Show who conducts or watches a ballot how many are present for each question, and how many are needed."""
    found, actor = queries.ballot(code, acting()), acting()
    if not queries.sees_attendance(found, actor):
        raise ForbiddenError(_l("The chair of this ballot, its office and its supervisors see who attends."))
    voters = queries.voters_of(found)
    rows = [one for one, _voted in voters]
    return render_template(
        "ballots/attendance.html",
        ballot=found,
        seats=queries.seats_of(voters),
        questions=queries.presence_of(found, rows, actor),
        present=sum(one.attending for one in rows),
        needed=queries.pinned(found).rules.needed_present(found.committee_size),
        represents=queries.pinned(found).rules.proxy,
    )


@bp.get("/<code>/proxy")
@requires(Permission.VOTE)
def proxy(code: str) -> str:
    """Show a voter who votes for them, or let them name somebody, or say why that is not possible."""
    found = queries.ballot(code, acting())
    own, rows = queries.own_seat(found, acting()), queries.roll_of(found)
    return _page(found, own, rows, _form(own, rows))


def _form(own: BallotVoter, rows: list[BallotVoter]) -> ProxyForm:
    form = ProxyForm()
    here, away = _("present"), _("not present")
    others = sorted((one for one in rows if one.id != own.id), key=lambda one: not one.attending)
    form.proxy.choices = [(one.person.code, f"{one.person.name} · {here if one.attending else away}") for one in others]
    return form


def _page(found: Ballot, own: BallotVoter, rows: list[BallotVoter], form: ProxyForm) -> str:
    return render_template(
        "ballots/proxy.html",
        ballot=found,
        form=form,
        refusal=queries.no_proxy_because(found, own),
        proxy=next((one for one in rows if one.person_id == own.proxy_id), None),
        questions=queries.questions_for(found, own),
    )


@bp.post("/<code>/proxy")
@requires(Permission.VOTE)
def appoint_proxy(code: str) -> Answer:
    """Let another voter vote for the acting one."""
    found = queries.ballot(code, acting())
    own, rows = queries.own_seat(found, acting()), queries.roll_of(found)
    form = _form(own, rows)
    if not form.validate():
        return _page(found, own, rows, form), 422
    chosen = next(one.person_id for one in rows if one.person.code == form.proxy.data)
    try:
        with unit_of_work():
            services.appoint_proxy(queries.ballot(code, acting()), chosen, by=acting(), at=clock.now())
    except DomainError as error:
        form.proxy.errors = [str(error)]
        found = queries.ballot(code, acting())
        return _page(found, queries.own_seat(found, acting()), queries.roll_of(found), form), error.status
    flash(_("Your proxy is told and finds your vote on the page of the ballot."), "good")
    return redirect(url_for("ballots.proxy", code=code))


@bp.post("/<code>/proxy/end")
@requires(Permission.VOTE)
def take_back_proxy(code: str) -> Response:
    """Let nobody vote for the acting voter any more."""
    with unit_of_work():
        services.take_back_proxy(queries.ballot(code, acting()), by=acting(), at=clock.now())
    flash(_("Nobody votes for you any more."), "good")
    return redirect(url_for("ballots.proxy", code=code))
