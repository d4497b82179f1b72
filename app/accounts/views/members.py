"""Members of one's own organisation: invited, and their roles ended."""

from flask import flash, redirect, render_template, url_for

from app.accounts import organisation_queries as queries
from app.accounts import services
from app.accounts.access import Permission
from app.accounts.models import Organisation
from app.accounts.organisation_forms import EndForm, MemberForm
from app.accounts.rules.powers import may_give
from app.accounts.states import ROLE_LABELS, IdentityKind, Role
from app.accounts.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.config import settings
from app.core.db import unit_of_work
from app.core.errors import DomainError, NotFoundError
from app.core.events import Subject
from app.core.room import permissions_of
from app.core.text import _, _l
from app.web.refusals import show_beside


@bp.get("/organisations/<slug>/members/new")
@requires(Permission.MEMBERS)
def new_member(slug: str) -> str:
    """Ask whom to bring in, as what and how long."""
    return _form_page(own_organisation_named(slug), _offered(MemberForm(data={"starts_on": clock.today()})))


def own_organisation_named(slug: str) -> Organisation:
    """Return the organisation that one acts for by its name in addresses; raises NotFoundError for any other."""
    found = queries.organisation_of(acting(), slug)
    if found.id != acting().organisation_id:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def _offered(form: MemberForm) -> MemberForm:
    form.offer(may_give(acting().role))
    return form


def _form_page(found: Organisation, form: MemberForm) -> str:
    return render_template("accounts/member_form.html", organisation=found, form=form)


@bp.post("/organisations/<slug>/members/new")
@requires(Permission.MEMBERS)
def invite_member(slug: str) -> Answer:
    """Bring a person in; without an account they get a link, shown once."""
    form = _offered(MemberForm())
    if not form.validate():
        return _form_page(own_organisation_named(slug), form), 422
    try:
        with unit_of_work():
            found = own_organisation_named(slug)
            membership, token = services.invite_member(
                found,
                role=Role(form.role.data),
                name=form.name.data or "",
                identity_kind=IdentityKind(form.identity_kind.data),
                identity_number=form.identity_number.data or "",
                email=form.email.data or None,
                starts_on=form.starts_on.data or clock.today(),
                ends_on=form.ends_on.data,
                by=acting(),
                at=clock.now(),
                real_at=clock.real_now(),
            )
    except DomainError as error:
        status = show_beside(form, error)
        return _form_page(own_organisation_named(slug), form), status
    link = f"{settings().public_url}/invitation/{token}" if token else None
    return render_template(
        "accounts/member_invited.html",
        organisation=found,
        name=form.name.data,
        role=ROLE_LABELS[membership.role],
        link=link,
    )


@bp.get("/organisations/<slug>/members/<code>")
@requires(Permission.MEMBERS)
def member(slug: str, code: str) -> str:
    """Show a role in one's organisation: its period, what it allows, and how to end it."""
    return _member_page(own_organisation_named(slug), code, EndForm(data={"last_day": clock.today()}))


def _member_page(found: Organisation, code: str, form: EndForm) -> str:
    membership, today = queries.membership_in(found, code), clock.today()
    record = Subject("organisation", found.code)
    looked_up([membership.person_id], by=acting(), purpose=Purpose.ADMINISTRATION, record=record)
    return render_template(
        "accounts/member.html",
        organisation=found,
        membership=membership,
        role=ROLE_LABELS[membership.role],
        permissions=sorted(permissions_of(membership.role)),
        ends=membership.role in may_give(acting().role) and membership.person_id != acting().person_id,
        corrects=membership.person_id != acting().person_id and membership.holds_on(today),
        today=today,
        form=form,
    )


@bp.post("/organisations/<slug>/members/<code>")
@requires(Permission.MEMBERS)
def end_member(slug: str, code: str) -> Answer:
    """End a role in one's organisation with a day."""
    form = EndForm()
    if not form.validate():
        return _member_page(own_organisation_named(slug), code, form), 422
    try:
        with unit_of_work():
            found = own_organisation_named(slug)
            row = queries.membership_in(found, code)
            services.end_membership(
                found, row, last_day=form.last_day.data or clock.today(), by=acting(), at=clock.now()
            )
    except DomainError as error:
        status = show_beside(form, error)
        return _member_page(own_organisation_named(slug), code, form), status
    flash(_("The role ends with that day."), "good")
    return redirect(url_for("accounts.organisation", slug=slug))
