"""Pages of review committees: the list, one committee, its members and its filing."""

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError, ForbiddenError
from app.core.text import _, pick
from app.desk.queries import timeline_entries
from app.panels.access import Permission
from app.panels.forms.pools import CommitteeForm, MembersForm, TermForm
from app.panels.models.pools import Committee, PoolExpert
from app.panels.queries import pools as queries
from app.panels.rules.parameters import REASONS, last_day
from app.panels.services import committees as services
from app.panels.services import subjects
from app.panels.states import COMPOSITION_LABELS, TITLE_LABELS, CommitteeState, Composition, Title
from app.panels.views.blueprint import Answer, bp
from app.rulebook.verdicts import Verdict, rendered


@bp.get("/committees")
@requires(Permission.VIEW)
def committees() -> str:
    """List the committees that I run, oversee or sit on."""
    page = queries.committees(acting(), page=request.args.get("page", 1, type=int))
    return render_template("panels/committees.html", page=page, titles=TITLE_LABELS, today=clock.today())


@bp.get("/committees/new")
@requires(Permission.ORGANISE)
def new_committee() -> str:
    """Show the form of a new committee."""
    return render_template("panels/committee_new.html", form=_form())


def _form() -> CommitteeForm:
    form = CommitteeForm()
    form.pool.choices = [(one.code, pick(one.name_zh, one.name_en)) for one, _count in queries.pools(acting())]
    return form


@bp.post("/committees/new")
@requires(Permission.ORGANISE)
def prepare_committee() -> Answer:
    """Prepare a committee."""
    form = _form()
    if not form.validate():
        return render_template("panels/committee_new.html", form=form), 422
    charter = services.Charter(
        form.name_zh.data or "",
        form.name_en.data or "",
        form.series.data or "",
        Composition(form.composition.data),
        Title(form.level.data),
    )
    with unit_of_work():
        made = services.prepare(queries.pool(form.pool.data or "", acting()), charter, by=acting(), at=clock.now())
    flash(_("Prepared. Choose its members next."), "good")
    return redirect(url_for("panels.members", code=made.code))


@bp.get("/committees/<code>")
@requires(Permission.VIEW)
def committee(code: str) -> str:
    """Show one committee with the conditions of its filing."""
    return _page(queries.committee(code, acting()))


def _page(found: Committee, form: FlaskForm | None = None) -> str:
    actor, today = acting(), clock.today()
    draft = found.state is CommitteeState.DRAFT
    members = queries.members(found)
    verdict = services.verdict(found, members, on=today) if draft else None
    until = last_day(today, queries.rules_of(found.rule_code).filing_years)
    return render_template(
        "panels/committee.html",
        committee=found,
        members=members,
        verdict=_shown(verdict) if verdict else None,
        files=actor.may(Permission.ADMIT) and draft and actor.person_id != found.prepared_by_id,
        form=form or TermForm(formdata=None, starts_on=today, ends_on=until),
        titles=TITLE_LABELS,
        compositions=COMPOSITION_LABELS,
        office=actor.may(Permission.ORGANISE),
        entries=timeline_entries(subjects.of_committee(found)),
        today=today,
    )


def _shown(verdict: Verdict) -> dict[str, object]:
    return {
        "state": "met" if verdict.met else "not",
        "title": _("The committee can be filed") if verdict.met else _("The committee cannot be filed yet"),
        "lines": [{**line, "state": line["outcome"]} for line in rendered(verdict, REASONS)],
    }


@bp.get("/committees/<code>/members")
@requires(Permission.ORGANISE)
def members(code: str) -> str:
    """Show the serving experts of the pool to choose from."""
    found = queries.committee(code, acting())
    form = _members_form(found)
    sitting = queries.members(found)
    form.members.data = [one.expert.code for one in sitting]
    form.chair.data = next((one.expert.code for one in sitting if one.chair), None)
    return render_template("panels/members.html", committee=found, form=form)


def _members_form(found: Committee) -> MembersForm:
    form = MembersForm()
    serving = queries.serving(found.pool_id, clock.today())
    choices = sorted((one.person.name, one.unit, one.code) for one in serving)
    form.members.choices = [(code, f"{name} · {unit}") for name, unit, code in choices]
    form.chair.choices = [(code, name) for name, _unit, code in choices]
    return form


@bp.post("/committees/<code>/members")
@requires(Permission.ORGANISE)
def set_members(code: str) -> Answer:
    """Set the members of a committee."""
    found = queries.committee(code, acting())
    form = _members_form(found)
    if form.validate() and form.chair.data not in (form.members.data or ()):
        form.chair.errors = [_("The chair is one of the members.")]
    if form.errors:
        return render_template("panels/members.html", committee=found, form=form), 422
    try:
        with unit_of_work():
            found = queries.committee(code, acting())
            chosen, chair = _chosen(found, form)
            services.set_members(found, chosen, chair=chair, by=acting(), at=clock.now())
    except ForbiddenError as error:
        form.members.errors = [str(error)]
        return render_template("panels/members.html", committee=found, form=form), error.status
    flash(_("The members are set. Another person files the committee."), "good")
    return redirect(url_for("panels.committee", code=code))


def _chosen(found: Committee, form: MembersForm) -> tuple[list[PoolExpert], PoolExpert]:
    """Return the members that were chosen, and the chair among them."""
    chosen = [one for one in queries.serving(found.pool_id, clock.today()) if one.code in (form.members.data or ())]
    return chosen, next(one for one in chosen if one.code == form.chair.data)


@bp.post("/committees/<code>/file")
@requires(Permission.ADMIT)
def file_committee(code: str) -> Answer:
    """File a committee for a period."""
    form = TermForm()
    if not form.validate():
        return _page(queries.committee(code, acting()), form), 422
    try:
        with unit_of_work():
            services.file(
                queries.committee(code, acting()),
                filed_on=form.days()[0],
                filed_until=form.days()[1],
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        form.ends_on.errors = [str(error)]
        return _page(queries.committee(code, acting()), form), error.status
    flash(_("Filed. The committee may sit from the first day on."), "good")
    return redirect(url_for("panels.committee", code=code))


@bp.post("/committees/<code>/renew")
@requires(Permission.ORGANISE)
def renew_committee(code: str) -> Response:
    """Prepare a new filing of a committee."""
    with unit_of_work():
        services.renew(queries.committee(code, acting()), by=acting(), at=clock.now())
    flash(_("Check the members, then have the committee filed again."), "good")
    return redirect(url_for("panels.committee", code=code))
