"""Pages of the bases room: the public register, one base, its application and decisions."""

from dataclasses import replace

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.accounts import queries as accounts
from app.bases import queries, services
from app.bases.access import Permission, may_decide
from app.bases.forms import ApplicationForm, DecisionForm, FilterForm, MoveForm
from app.bases.models import TrainingBase
from app.bases.states import BASE, BaseState
from app.core import clock
from app.core.access import Actor, acting, current_actor, public, requires
from app.core.db import unit_of_work
from app.core.errors import ConflictError, DomainError, InvalidError, NotFoundError
from app.core.text import _, _l
from app.desk.queries import Happened, timeline_entries
from app.rulebook import queries as rulebook
from app.rulebook.terms import LEVELS
from app.web.refusals import show_beside

bp = Blueprint("bases", __name__, url_prefix="/bases", template_folder="templates")
Answer = str | Response | tuple[str, int]
PERIODS = {"accredit", "renew"}
MOVES = {"refuse", "suspend", "reinstate", "exit"}


@bp.get("")
@public
def register() -> str:
    """Show the public register of training bases."""
    form = FilterForm(request.args)
    page = queries.register(
        current_actor(),
        text=form.text.data or "",
        state=form.state.data or "",
        page=request.args.get("page", 1, type=int),
    )
    regions = queries.region_names({row.region_code for row in page.rows})
    return render_template(
        "bases/register.html",
        page=page,
        form=form,
        regions=regions,
        levels=rulebook.LevelWords(LEVELS),
        today=clock.today(),
    )


@bp.get("/apply")
@requires(Permission.APPLY)
def application() -> str:
    """Show the application form of one's own base."""
    return render_template("bases/apply.html", form=_application())


def _application() -> ApplicationForm:
    form = ApplicationForm()
    form.levels.choices = rulebook.level_choices(acting().region_code, LEVELS)
    return form


@bp.post("/apply")
@requires(Permission.APPLY)
def apply() -> Answer:
    """Send an application to the province."""
    form = _application()
    if not form.validate():
        return render_template("bases/apply.html", form=form), 422
    try:
        with unit_of_work():
            organisation = accounts.organisation(acting().organisation_id or 0)
            services.apply(
                organisation,
                levels=form.levels.data or [],
                address_zh=form.address_zh.data or "",
                address_en=form.address_en.data or "",
                capacity=form.capacity.data or 0,
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        status = show_beside(form, error)
        return render_template("bases/apply.html", form=form), status
    flash(_("Your application is with the authority of your province."), "good")
    return redirect(url_for("bases.base", slug=organisation.slug))


@bp.get("/<slug>")
@public
def base(slug: str) -> str:
    """Show one base."""
    return _page(queries.base(slug, current_actor()))


def _page(found: TrainingBase, **typed: FlaskForm) -> str:
    """Show a base; `typed` is the form of a move that was refused, by the move's name."""
    actor = current_actor()
    decides = may_decide(actor, found.region_code)
    moves = [move for move in BASE.available(found.state) if move.permission == Permission.DECIDE]
    return render_template(
        "bases/base.html",
        base=found,
        region=queries.region_names({found.region_code})[found.region_code],
        levels=rulebook.LevelWords(LEVELS),
        today=clock.today(),
        own=actor is not None and actor.organisation_id == found.organisation_id,
        decides=decides,
        moves=moves if decides else (),
        forms={move.name: typed.get(move.name) or _form(move.name) for move in moves} if decides else {},
        entries=_entries(found, actor),
        **(_inspection(found) if decides else {}),
    )


def _inspection(found: TrainingBase) -> dict[str, object]:
    """Return the inspection of the application as the deciding authority reads it."""
    case = queries.inspection(found)
    return {
        "inspection": case,
        "inspected": queries.inspected(case),
        "inspects": queries.inspection_rules(found.region_code, clock.today()) if case is None else None,
    }


def _form(move: str) -> FlaskForm:
    if move in PERIODS:
        return DecisionForm(formdata=None, prefix=move, starts_on=clock.today())
    return MoveForm(formdata=None, prefix=move)


def _entries(found: TrainingBase, actor: Actor | None) -> list[Happened]:
    """Return the timeline; the public reads what was done and why, not by which official."""
    entries = timeline_entries(services.subject(found))
    if actor is not None and (actor.may(Permission.DECIDE) or actor.organisation_id == found.organisation_id):
        return entries
    return [replace(entry, who="") for entry in entries]


@bp.post("/<slug>/accredit")
@requires(Permission.DECIDE)
def accredit(slug: str) -> Answer:
    """Accredit a base for a period, or set a new period."""
    found = queries.to_decide(slug, acting())
    move = "renew" if found.state is BaseState.ACCREDITED else "accredit"
    form = DecisionForm(prefix=move)
    if not form.validate() or form.starts_on.data is None or form.ends_on.data is None:
        return _page(found, **{move: form}), 422
    try:
        with unit_of_work():
            services.accredit(
                queries.to_decide(slug, acting()),
                starts_on=form.starts_on.data,
                ends_on=form.ends_on.data,
                reason=form.reason.data or "",
                by=acting(),
                at=clock.now(),
            )
    except (InvalidError, ConflictError) as error:
        field = form.starts_on if error.field == "starts_on" else form.ends_on
        field.errors = [str(error)]
        return _page(queries.to_decide(slug, acting()), **{move: form}), error.status
    flash(_("Accredited."), "good")
    return redirect(url_for("bases.base", slug=slug))


@bp.post("/<slug>/decide/<move>")
@requires(Permission.DECIDE)
def decide(slug: str, move: str) -> Answer:
    """Refuse, suspend, reinstate or exit a base."""
    if move not in MOVES:
        raise NotFoundError(_l("There is no such decision."))
    found = queries.to_decide(slug, acting())
    form = MoveForm(prefix=move)
    if not form.validate():
        return _page(found, **{move: form}), 422
    with unit_of_work():
        found = queries.to_decide(slug, acting())
        services.decide(found, move, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("The decision is recorded and the base can read its reason."), "good")
    return redirect(url_for("bases.base", slug=slug))


@bp.post("/<slug>/inspection")
@requires(Permission.DECIDE)
def ask_inspection(slug: str) -> Response:
    """Ask for drawn experts to inspect a base on site."""
    with unit_of_work():
        services.ask_inspection(queries.base(slug, acting()), by=acting(), at=clock.now())
    flash(_("A panel is planned. Its office and witnesses draw the experts."), "good")
    return redirect(url_for("bases.base", slug=slug))
