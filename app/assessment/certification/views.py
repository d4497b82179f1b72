"""Pages of the certification room: awards to decide, the candidate's own, and the public register."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.assessment.certification import continuing, queries, rules, services
from app.assessment.certification.access import Permission
from app.assessment.certification.forms import RefusalForm, SearchForm
from app.assessment.certification.models import Award
from app.assessment.certification.states import AwardState
from app.core import clock
from app.core.access import acting, public, requires, signed_in
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import Text
from app.core.text import _
from app.credentials.wording import REASONS
from app.desk.queries import timeline_entries
from app.rulebook.verdicts import Verdict, rendered

bp = Blueprint("certification", __name__, template_folder="templates")
Answer = str | Response | tuple[str, int]


@bp.get("/awards")
@requires(Permission.DECIDE)
def awards() -> str:
    """List the awards of the region."""
    page = queries.awards(
        acting(),
        state=request.args.get("state", ""),
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "certification/awards.html",
        page=page,
        counts=queries.counts_by_state(acting()),
        levels=queries.level_names(page.rows),
        chosen=request.args.get("state", ""),
        today=clock.today(),
    )


@bp.get("/awards/<code>")
@requires(Permission.DECIDE)
def award(code: str) -> str:
    """Show one award with its verdict, who may decide and what happens next."""
    return _page(queries.award(code, acting()), RefusalForm())


def _page(found: Award, form: RefusalForm) -> str:
    looked_up([found.person_id], by=acting(), purpose=Purpose.CERTIFICATION, record=services.subject(found))
    names, involved = queries.people_of(found)
    verdict = queries.considered(found, clock.today())
    return render_template(
        "certification/award.html",
        award=found,
        verdict=_shown(verdict),
        involved=[(names.get(person, ""), hows) for person, hows in involved.items()],
        barred=acting().person_id in involved,
        own=acting().person_id == found.person_id,
        reason=_reason(found),
        decider=names.get(found.decided_by_id or 0),
        levels=queries.level_names([found]),
        form=form,
        entries=timeline_entries(services.subject(found)),
        today=clock.today(),
    )


def _shown(verdict: Verdict) -> dict[str, object]:
    lines = [{**line, "state": line["outcome"]} for line in rendered(verdict, rules.REASONS)]
    return {
        "state": "met" if verdict.met else "not",
        "title": _("All conditions are met") if verdict.met else _("A condition is not met"),
        "lines": lines,
    }


def _reason(found: Award) -> Text | None:
    """Return the reason of a refusal as written, of a withdrawal in the reader's language."""
    if found.state is AwardState.WITHDRAWN:
        return REASONS.get(found.reason or "", found.reason)
    return found.reason


@bp.post("/awards/<code>/award")
@requires(Permission.DECIDE)
def award_level(code: str) -> Response:
    """Award the level."""
    with unit_of_work():
        services.award_level(queries.award(code, acting()), by=acting(), at=clock.now())
    flash(_("Awarded. The certificate now waits to be issued."), "good")
    return redirect(url_for("certification.award", code=code))


@bp.post("/awards/<code>/refuse")
@requires(Permission.DECIDE)
def refuse(code: str) -> Answer:
    """Refuse the level with a reason."""
    form = RefusalForm()
    if not form.validate():
        return _page(queries.award(code, acting()), form), 422
    with unit_of_work():
        services.refuse(
            queries.award(code, acting()),
            reason=form.reason.data or "",
            by=acting(),
            at=clock.now(),
        )
    flash(_("Refused. The candidate can read the reason."), "good")
    return redirect(url_for("certification.award", code=code))


@bp.get("/my/awards")
@signed_in
def own() -> str:
    """Show a person what became of their own awards, with the reasons."""
    found = queries.own(acting())
    return render_template(
        "certification/own.html",
        awards=[(one, _shown(queries.considered(one, clock.today())), _reason(one)) for one in found],
        years=continuing.years(acting()),
        levels=queries.level_names(found),
        today=clock.today(),
    )


@bp.post("/my/awards/transcripts")
@signed_in
def ask_transcript() -> Response:
    """Ask for a transcript of one's continuing education in a year."""
    with unit_of_work():
        continuing.ask_for_transcript(request.form.get("year", 0, type=int), by=acting(), at=clock.now())
    flash(_("Asked for. The transcript appears among your certificates as soon as it is issued."), "good")
    return redirect(url_for("certification.own"))


@bp.get("/register")
@public
def register() -> str:
    """Search the public register of technology managers."""
    form = SearchForm(request.args)
    page = queries.register(
        text=form.text.data or "",
        level=form.level.data or "",
        page=request.args.get("page", 1, type=int),
    )
    return render_template(
        "certification/register.html",
        page=page,
        form=form,
        levels=queries.level_names(page.rows),
        names=queries.shown_names(page.rows),
        bases=queries.organisations({row.organisation_id for row in page.rows}),
        today=clock.today(),
    )


@bp.get("/register/<number>")
@public
def registered(number: str) -> str:
    """Show one entry of the register."""
    found = queries.registered(number)
    return render_template(
        "certification/registered.html",
        award=found,
        name=queries.shown_names([found])[found.person_id],
        reason=_reason(found),
        base=queries.organisations({found.organisation_id})[found.organisation_id],
        levels=queries.level_names([found]),
        today=clock.today(),
    )
