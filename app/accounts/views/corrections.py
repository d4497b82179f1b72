"""An officer corrects how a person is reached and which document proves who they are."""

from collections.abc import Callable

from flask import flash, redirect, render_template, url_for

from app.accounts import orders, organisation_queries, services
from app.accounts.access import Permission
from app.accounts.contact_forms import PersonForm
from app.accounts.models import Person
from app.accounts.orders import missing
from app.accounts.services import corrections
from app.accounts.services.corrections import Corrected, Wanted
from app.accounts.services.documents import documents_in_words
from app.accounts.states import ORDER_LABELS, IdentityKind
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.confirm import freshly
from app.accounts.views.doors import count_try
from app.accounts.views.members import own_organisation_named
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import session, unit_of_work
from app.core.errors import DomainError
from app.core.events import Subject
from app.core.text import _
from app.web.refusals import show_beside

Back = tuple[str, str]


def correction_page(person: Person, form: PersonForm, back: Back, *, purpose: Purpose, record: Subject) -> str:
    """Show what is kept of a person, masked, and the form of a correction; the look is on record."""
    looked_up([person.id], by=acting(), purpose=purpose, record=record)
    asked = orders.own_corrections(acting(), about=person)
    return render_template(
        "accounts/correct_person.html",
        person=person,
        known=services.masked_data(person) if person.data_key else {},
        documents=documents_in_words(person),
        form=form,
        back=back,
        waiting=[
            {"code": one.code, "what": ORDER_LABELS[one.kind], "asked": services.masked_asked(one)} for one in asked
        ],
    )


def correct_person(find: Callable[[], Person], page: Callable[[PersonForm], str], back: str) -> Answer:
    """Take a correction in: what waits for a second person is said; a refusal stands beside its field."""
    form = PersonForm()
    if not form.validate():
        return page(form), 422
    find()  # who is not found is not counted as a try
    try:
        count_try("correction", acting().person_code)
        with unit_of_work():
            done = corrections.correct(
                find(), _wanted(form), reason=form.reason.data or "", by=acting(), at=clock.real_now()
            )
    except DomainError as error:
        status = show_beside(form, error)
        return page(form), status
    _say(done)
    return redirect(back)


def _say(done: Corrected) -> None:
    """Say what stands and what waits: both where a contact stands at once and a document waits."""
    if done.told:
        flash(_("The correction stands. The old address was told of it."), "good")
    elif done.stands:
        flash(_("The correction stands."), "good")
    if done.orders:
        flash(_("The correction waits for a security administrator, who compares it and carries it out."), "waiting")


def _wanted(form: PersonForm) -> Wanted:
    return Wanted(
        phone=form.phone.data or "",
        email=form.email.data or "",
        identity_kind=IdentityKind(form.identity_kind.data),
        identity_number=form.identity_number.data or "",
        further=form.further.data,
    )


def _of_member(slug: str, code: str) -> Person:
    """Return who holds a role in one's organisation today; a body answers for nobody who left it."""
    membership = organisation_queries.membership_in(own_organisation_named(slug), code)
    if not membership.holds_on(clock.today()):
        raise missing()
    return session.get_one(Person, membership.person_id)


@bp.get("/organisations/<slug>/members/<code>/correct")
@requires(Permission.MEMBERS)
@freshly
def member_correction(slug: str, code: str) -> str:
    """Ask what is to be corrected of a member of one's organisation."""
    return _member_page(slug, code, PersonForm(formdata=None))


def _member_page(slug: str, code: str, form: PersonForm) -> str:
    back = (_("My organisation"), url_for("accounts.member", slug=slug, code=code))
    record = Subject("organisation", own_organisation_named(slug).code)
    return correction_page(_of_member(slug, code), form, back, purpose=Purpose.ADMINISTRATION, record=record)


@bp.post("/organisations/<slug>/members/<code>/correct")
@requires(Permission.MEMBERS)
@freshly
def correct_member(slug: str, code: str) -> Answer:
    """Correct a member's contacts, or ask a second person to."""
    back = url_for("accounts.member", slug=slug, code=code)
    return correct_person(lambda: _of_member(slug, code), lambda form: _member_page(slug, code, form), back)


@bp.get("/security/people/<code>/correct")
@requires(Permission.ROLES_MANAGE)
@freshly
def secured_correction(code: str) -> str:
    """Ask what is to be corrected of a person within one's region."""
    return _secured_page(code, PersonForm(formdata=None))


def _secured_page(code: str, form: PersonForm) -> str:
    person = orders.person_in_scope(code, acting())
    back = (person.name, url_for("accounts.secured_person", code=code))
    record = Subject("person", person.code)
    return correction_page(person, form, back, purpose=Purpose.ADMINISTRATION, record=record)


@bp.post("/security/people/<code>/correct")
@requires(Permission.ROLES_MANAGE)
@freshly
def correct_secured(code: str) -> Answer:
    """Correct a person's contacts, or ask a second administrator to."""
    back = url_for("accounts.secured_person", code=code)
    return correct_person(lambda: orders.person_in_scope(code, acting()), lambda form: _secured_page(code, form), back)
