"""Pages on which a person enters evidence: the list of their own, the kinds, the form with its draft."""

from collections.abc import Mapping

from flask import Response, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm

from app.accounts import queries as accounts
from app.core import clock
from app.core.access import acting, requires, signed_in
from app.core.db import unit_of_work
from app.core.errors import DomainError, ForbiddenError, NotFoundError
from app.core.text import _, _l
from app.evidence import services
from app.evidence.access import Permission, enters
from app.evidence.forms import SearchForm, record_form, show_problems, unit_of
from app.evidence.models import Evidence
from app.evidence.queries import records
from app.evidence.rules.fields import FIELDS
from app.evidence.services.entry import CONTRACT, FieldsError
from app.evidence.states import KIND_LABELS, PAPERS, Kind, State
from app.evidence.views import lists
from app.evidence.views.blueprint import Answer, bp
from app.web.refusals import show_beside

DECLARE = "declare"


@bp.get("")
@requires(Permission.OWN)
def mine() -> str:
    """List what the ledger holds about the actor."""
    return render_template(
        "evidence/mine.html",
        page=records.own(acting(), lists.searched()),
        form=SearchForm(request.args),
        labels=KIND_LABELS,
    )


@bp.get("/mine.csv")
@requires(Permission.OWN)
def mine_file() -> Response:
    """Send the list as a file."""
    return lists.as_file(records.own, acting())


@bp.get("/new")
@requires(Permission.OWN)
def kinds() -> str:
    """Offer the kinds of evidence."""
    return render_template("evidence/kinds.html", labels=KIND_LABELS, endpoint="evidence.new")


def kind_of(name: str) -> Kind:
    """Return a kind by its name in the address; raises NotFoundError."""
    if name not in set(Kind):
        raise NotFoundError(_l("There is no such kind of evidence."))
    return Kind(name)


@bp.get("/new/<kind>")
@requires(Permission.OWN)
def new(kind: str) -> str:
    """Show the empty form of a kind, to who may enter a record."""
    found = kind_of(kind)
    services.refuse_entering(acting(), on=clock.today())
    return form_page(found, _form(found, acting().person_id, {CONTRACT: request.args.get(CONTRACT, "")}))


@bp.post("/new/<kind>")
@requires(Permission.OWN)
def create(kind: str) -> Answer:
    """Keep a new draft, and declare it where asked."""
    found, actor = kind_of(kind), acting()
    form = _form(found, actor.person_id)
    if not form.validate():
        return form_page(found, form), 422
    place = services.Place(actor.region_code or "")
    with unit_of_work():
        person = accounts.person_of(actor)
        draft = services.save_draft(found, form.data, person=person, place=place, by=actor, at=clock.now())
    return after_saving(draft, form)


def _form(kind: Kind, person_id: int, data: Mapping[str, str] | None = None, *, typed: bool = True) -> FlaskForm:
    contracts = records.contracts_to_link(person_id) if kind in PAPERS else ()
    return record_form(kind, contracts=contracts, data=data, typed=typed)


def form_page(kind: Kind, form: FlaskForm, draft: Evidence | None = None) -> str:
    """Show the form of a kind, for a new record or a draft."""
    return render_template(
        "evidence/form.html",
        kind=kind,
        label=KIND_LABELS[kind],
        form=form,
        draft=draft,
        units={one.name: unit_of(kind, one.name) for one in FIELDS[kind]},
    )


def after_saving(draft: Evidence, form: FlaskForm) -> Answer:
    """Declare a kept draft where that was asked; what does not fit is shown beside its field."""
    if request.form.get("act") != DECLARE:
        flash(_("The draft is kept. Attach the paper, then declare the record."), "good")
        return redirect(url_for("evidence.record", code=draft.code))
    return _declared(draft, form)


def _declared(draft: Evidence, form: FlaskForm) -> Answer:
    try:
        with unit_of_work():
            services.declare(records.record(draft.code, acting()), by=acting(), at=clock.now())
    except FieldsError as error:
        show_problems(form, error.problems)
        return _kept_page(draft, form), error.status
    except DomainError as error:
        status = show_beside(form, error)
        return _kept_page(draft, form), status
    flash(_("The record is declared."), "good")
    return redirect(url_for("evidence.record", code=draft.code))


def _kept_page(draft: Evidence, form: FlaskForm) -> str:
    return form_page(draft.kind, form, records.record(draft.code, acting()))


@bp.get("/<code>/edit")
@signed_in
def edit(code: str) -> str:
    """Show the form of a draft."""
    draft = _draft(code)
    return form_page(draft.kind, _form(draft.kind, draft.person_id, draft.details), draft)


@bp.post("/<code>/edit")
@signed_in
def save(code: str) -> Answer:
    """Keep a draft, and declare it where asked."""
    draft = _draft(code)
    form = _form(draft.kind, draft.person_id)
    if not form.validate():
        return form_page(draft.kind, form, draft), 422
    with unit_of_work():
        draft = _draft(code)
        place = services.Place(draft.region_code)
        services.save_draft(
            draft.kind, form.data, person=draft.person, place=place, by=acting(), at=clock.now(), draft=draft
        )
    return after_saving(draft, form)


def _draft(code: str) -> Evidence:
    found = records.record(code, acting())
    if not enters(acting(), found) or found.state is not State.DRAFT:
        raise ForbiddenError(_l("A declared record is never changed. Open it and correct it by a new version."))
    return found


@bp.post("/<code>/declare")
@signed_in
def declare(code: str) -> Answer:
    """Declare a draft as it is kept."""
    draft = _draft(code)
    return _declared(draft, _form(draft.kind, draft.person_id, draft.details, typed=False))


@bp.post("/<code>/discard")
@signed_in
def discard(code: str) -> Answer:
    """Throw a draft away."""
    with unit_of_work():
        draft = _draft(code)
        own = draft.person_id == acting().person_id
        services.discard(draft, by=acting())
    flash(_("The draft is thrown away."), "good")
    return redirect(url_for("evidence.mine" if own else "evidence.institution"))


@bp.post("/<code>/correct")
@signed_in
def correct(code: str) -> Answer:
    """Begin a new version of a record."""
    with unit_of_work():
        draft = services.correct(records.record(code, acting()), by=acting(), at=clock.now())
    return redirect(url_for("evidence.edit", code=draft.code))
