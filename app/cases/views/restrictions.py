"""The register of restrictions: who is restricted in what, by which decision, and its lifting."""

from collections.abc import Iterable

from flask import flash, redirect, render_template, request, url_for

from app.accounts import queries as accounts
from app.accounts.models import Organisation, Person
from app.cases import services
from app.cases.access import Permission, may_restrict
from app.cases.forms import LiftForm, RegisterForm, RestrictionForm
from app.cases.models import Restriction
from app.cases.queries import cases, kinds
from app.cases.queries import restrictions as queries
from app.cases.queries.restrictions import Sought
from app.cases.services.restrictions import PERSON, Terms
from app.cases.services.subjects import of_restriction
from app.cases.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import acting, requires, signed_in
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError, NotFoundError
from app.core.events import Subject
from app.core.text import _, _l
from app.desk.queries import timeline_entries
from app.web.refusals import show_beside

LIST = Subject("restriction_list", "list")


@bp.get("/restrictions")
@signed_in
def register() -> str:
    """List the restrictions that I may see: my own, those of my body, those of my authority's region."""
    form = RegisterForm(request.args)
    named = [(kind.name, kind.label) for kind in kinds.restriction_kinds().values()]
    form.kind.choices = [("", _("All restrictions")), *named]
    sought = Sought(kind=form.kind.data or "", in_force=form.state.data != "all")
    page = queries.register(acting(), sought, on=clock.today(), page=request.args.get("page", 1, type=int))
    _looked(page.rows, LIST)
    return render_template(
        "cases/restrictions.html",
        form=form,
        page=page,
        kinds=kinds.restriction_kinds(),
        whom=queries.whom,
        today=clock.today(),
    )


def _looked(shown: Iterable[Restriction], record: Subject) -> None:
    """Note whose restrictions the authority reads."""
    people = [one.person_id for one in shown if one.person_id is not None]
    looked_up(people, by=acting(), purpose=Purpose.SUPERVISION, record=record)


@bp.get("/restrictions/new")
@requires(Permission.RESTRICT)
def new_restriction() -> str:
    """Show the form of a restriction."""
    return _form_page(_with_kinds(RestrictionForm(formdata=None, starts_on=clock.today())))


def _with_kinds(form: RestrictionForm) -> RestrictionForm:
    known = sorted(kinds.restriction_kinds().values(), key=lambda kind: kind.of != PERSON)
    form.kinds.choices = [
        (kind.name, kind.label if kind.of == PERSON else _("Body: %(what)s", what=kind.label)) for kind in known
    ]
    return form


def _form_page(form: RestrictionForm) -> str:
    return render_template("cases/restriction_new.html", form=form)


@bp.post("/restrictions/new")
@requires(Permission.RESTRICT)
def impose() -> Answer:
    """Impose restrictions by a decision."""
    form = _with_kinds(RestrictionForm())
    if not form.validate():
        return _form_page(form), 422
    try:
        with unit_of_work():
            made = services.impose(
                form.kinds.data or [],
                _whom(form.whom.data or ""),
                _terms(form),
                region_code=acting().region_code or "",
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        status = show_beside(form, error)
        return _form_page(form), status
    flash(_("Imposed. Every door asks about it from its first day on."), "good")
    return redirect(url_for("cases.restriction", code=made[0].code))


def _whom(typed: str) -> Person | Organisation:
    person = accounts.person_by_name(typed)
    if person is not None:
        return person
    try:
        return accounts.organisation_within(typed.strip(), acting())
    except NotFoundError as error:
        raise InvalidError(_l("Nobody is known by this. Check every character of it."), field="whom") from error


def _terms(form: RestrictionForm) -> Terms:
    named = (form.determination.data or "").strip()
    case = cases.decided_in(named, acting())
    return Terms(
        starts_on=form.starts_on.data or clock.today(),
        ends_on=form.ends_on.data,
        reason=form.reason.data or "",
        determination=None if case else named,
        case=case,
    )


@bp.get("/restrictions/<code>")
@signed_in
def restriction(code: str) -> str:
    """Show one restriction."""
    return _page(queries.restriction(code, acting()), LiftForm(formdata=None, lifted_on=clock.today()))


def _page(found: Restriction, form: LiftForm) -> str:
    today = clock.today()
    restricts = may_restrict(acting(), found.region_code)
    _looked([found], of_restriction(found))
    own = queries.is_own(acting(), person_id=found.person_id, organisation_id=found.organisation_id)
    return render_template(
        "cases/restriction.html",
        restriction=found,
        kind=kinds.restriction_kind(found.kind),
        whom=queries.whom(found),
        decision=queries.decision_of(found),
        today=today,
        may_lift=restricts and not own and found.lift is None,
        own=restricts and own,
        form=form,
        entries=timeline_entries(of_restriction(found)),
    )


@bp.post("/restrictions/<code>/lift")
@requires(Permission.RESTRICT)
def lift(code: str) -> Answer:
    """Lift a restriction, everywhere at once."""
    form = LiftForm()
    if not form.validate() or form.lifted_on.data is None:
        return _page(queries.restriction(code, acting()), form), 422
    try:
        with unit_of_work():
            services.lift(
                queries.restriction(code, acting()),
                reason=form.reason.data or "",
                lifted_on=form.lifted_on.data,
                by=acting(),
                at=clock.now(),
            )
    except InvalidError as error:
        status = show_beside(form, error)
        return _page(queries.restriction(code, acting()), form), status
    flash(_("Lifted. No door refuses it from that day on."), "good")
    return redirect(url_for("cases.restriction", code=code))
