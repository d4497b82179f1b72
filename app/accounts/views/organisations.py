"""Pages of organisations and of the region tree."""

from flask import flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from app.accounts import organisation_queries as queries
from app.accounts import services
from app.accounts.access import Permission, covers
from app.accounts.models import Organisation
from app.accounts.organisation_forms import (
    ClosingForm,
    ContactsForm,
    CorrectionForm,
    OrganisationFilter,
    OrganisationForm,
)
from app.accounts.queries import names_of
from app.accounts.queries import organisation as organisation_by_id
from app.accounts.rules.powers import may_give
from app.accounts.states import NATION, ORGANISATION_LABELS, ROLE_LABELS, OrganisationKind
from app.accounts.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import acting, public, requires, signed_in
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError, NotFoundError
from app.core.events import Subject
from app.core.text import _, _l
from app.web.refusals import show_beside

FIELDS = {
    "name_zh": _l("Name (Chinese)"),
    "name_en": _l("Name (English)"),
    "region_code": _l("Region"),
    "credit_code": _l("Unified social credit code"),
    "part_of": _l("Part of"),
    "phone": _l("Public telephone"),
    "email": _l("Public mail address"),
    "postal_address": _l("Postal address"),
    "postcode": _l("Postcode"),
}


@bp.get("/organisations")
@requires(Permission.ORGANISATIONS_VIEW)
def organisations() -> str:
    """List the organisations of one's region."""
    form = OrganisationFilter(request.args)
    page = queries.page_of(
        acting(),
        text=form.text.data or "",
        kind=form.kind.data,
        state=form.state.data,
        number=request.args.get("page", 1, type=int),
    )
    return render_template("accounts/organisations.html", form=form, page=page, kinds=ORGANISATION_LABELS)


@bp.get("/organisations/mine")
@requires(Permission.MEMBERS)
def own_organisation() -> Response:
    """Lead to the organisation that one acts for."""
    own = acting().organisation_id
    if own is None:
        raise NotFoundError(_l("Your role belongs to no organisation."))
    return redirect(url_for("accounts.organisation", slug=organisation_by_id(own).slug))


@bp.get("/organisations/new")
@requires(Permission.ORGANISATIONS_RUN)
def new_organisation() -> str:
    """Ask what is to be registered."""
    return _form_page(_offered(OrganisationForm()))


@bp.post("/organisations/new")
@requires(Permission.ORGANISATIONS_RUN)
def register_organisation() -> Answer:
    """Register an organisation of one's region."""
    form = _offered(OrganisationForm())
    if not form.validate():
        return _form_page(form), 422
    values = {name: value for name, value in form.data.items() if name != "csrf_token"}
    try:
        with unit_of_work():
            kind = OrganisationKind(values.pop("kind"))
            made = services.register_organisation(kind=kind, **values, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _form_page(form), status
    flash(_("The organisation is registered."), "good")
    return redirect(url_for("accounts.organisation", slug=made.slug))


def _offered(form: CorrectionForm) -> CorrectionForm:
    form.offer(queries.regions_within(acting()))
    return form


def _form_page(form: FlaskForm, found: Organisation | None = None) -> str:
    return render_template("accounts/organisation_form.html", form=form, organisation=found)


@bp.get("/organisations/<slug>")
@signed_in
def organisation(slug: str) -> str:
    """Show an organisation of one's region, or one's own."""
    return _page(queries.organisation_of(acting(), slug), ClosingForm())


def _page(found: Organisation, form: ClosingForm) -> str:
    actor = acting()
    changes = queries.history(found)
    runs = actor.may(Permission.ORGANISATIONS_RUN) and covers(actor.region_code, found.region_code)
    own = actor.organisation_id == found.id and actor.may(Permission.MEMBERS)
    members = queries.members_of(found, clock.today(), number=request.args.get("page", 1, type=int))
    people = [row.person_id for row in members.rows]
    looked_up(people, by=actor, purpose=Purpose.ADMINISTRATION, record=Subject("organisation", found.code))
    return render_template(
        "accounts/organisation.html",
        organisation=found,
        kind=ORGANISATION_LABELS[found.kind],
        above=found.parent if found.parent is not None and queries.may_see(found.parent, actor) else None,
        beyond=actor.may(Permission.ORGANISATIONS_VIEW),
        parts=queries.parts_of(found, actor),
        changes=changes,
        names=names_of(change.by_id for change in changes),
        fields=FIELDS,
        runs=runs and found.closed_on is None,
        own=own and found.closed_on is None,
        reaches=actor.may(Permission.MEMBERS) and (own or runs) and found.closed_on is None,
        gives=sorted(may_give(actor.role)) if own else (),
        members=members,
        labels=ROLE_LABELS,
        today=clock.today(),
        form=form,
    )


@bp.get("/organisations/<slug>/edit")
@requires(Permission.ORGANISATIONS_RUN)
def edit_organisation(slug: str) -> str:
    """Show what may be corrected."""
    found = queries.organisation_of(acting(), slug)
    return _form_page(_offered(CorrectionForm(obj=found, part_of=services.address_of(found.parent))), found)


@bp.post("/organisations/<slug>/edit")
@requires(Permission.ORGANISATIONS_RUN)
def correct_organisation(slug: str) -> Answer:
    """Correct an organisation; what it said before stays readable."""
    form = _offered(CorrectionForm())
    if not form.validate():
        return _form_page(form, queries.organisation_of(acting(), slug)), 422
    try:
        with unit_of_work():
            found = queries.organisation_of(acting(), slug)
            count = services.correct_organisation(found, form.data, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _form_page(form, queries.organisation_of(acting(), slug)), status
    flash(_("The correction is kept with its history.") if count else _("Nothing was different."), "good")
    return redirect(url_for("accounts.organisation", slug=slug))


@bp.get("/organisations/<slug>/contacts")
@requires(Permission.MEMBERS)
def edit_contacts(slug: str) -> str:
    """Show how a body of one's own, or of one's region, is reached."""
    found = queries.organisation_of(acting(), slug)
    return _contacts_page(ContactsForm(obj=found), found)


def _contacts_page(form: ContactsForm, found: Organisation) -> str:
    return render_template("accounts/contacts_form.html", form=form, organisation=found)


@bp.post("/organisations/<slug>/contacts")
@requires(Permission.MEMBERS)
def correct_contacts(slug: str) -> Answer:
    """Say how a body is reached; what it said before stays readable."""
    form = ContactsForm()
    if not form.validate():
        return _contacts_page(form, queries.organisation_of(acting(), slug)), 422
    try:
        with unit_of_work():
            found = queries.organisation_of(acting(), slug)
            count = services.correct_contacts(found, form.data, by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _contacts_page(form, queries.organisation_of(acting(), slug)), status
    flash(_("The correction is kept with its history.") if count else _("Nothing was different."), "good")
    return redirect(url_for("accounts.organisation", slug=slug))


@bp.post("/organisations/<slug>/close")
@requires(Permission.ORGANISATIONS_RUN)
def close_organisation(slug: str) -> Answer:
    """Close an organisation with a day; its roles end."""
    form = ClosingForm()
    found = queries.organisation_of(acting(), slug)
    if not form.validate():
        return _page(found, form), 422
    try:
        with unit_of_work():
            found = queries.organisation_of(acting(), slug)
            services.close_organisation(
                found,
                reason=form.reason.data or "",
                last_day=form.last_day.data or clock.today(),
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        status = show_beside(form, error)
        return _page(queries.organisation_of(acting(), slug), form), status
    flash(_("The organisation is closed and its roles end with that day."), "good")
    return redirect(url_for("accounts.organisation", slug=slug))


@bp.get("/regions")
@public
def regions() -> str:
    """Show the nation and its provinces."""
    return region(NATION)


@bp.get("/regions/<code>")
@public
def region(code: str) -> str:
    """Show a region by its code, with its parts."""
    return render_template("accounts/region.html", found=queries.region_page(code))
