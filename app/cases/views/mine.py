"""One's own cases: the list, raising one with a draft that is kept, taking a decision further."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts.states import WITHOUT_SECOND_FACTOR
from app.cases import services
from app.cases.forms import CaseForm, DeclarationForm, VisitorForm
from app.cases.kinds import About, CaseKind
from app.cases.models import Case
from app.cases.queries import cases as queries
from app.cases.queries import kinds, relations, rungs
from app.cases.rules.leads import HOTLINE
from app.cases.services import Filing, Relative
from app.cases.states import CaseState, Relation
from app.cases.views import visitors
from app.cases.views.blueprint import Answer, bp, kept, uploaded
from app.core import clock
from app.core.access import acting, current_actor, public, signed_in
from app.core.columns import new_code
from app.core.db import unit_of_work
from app.core.errors import ConflictError, DomainError, ForbiddenError, NotFoundError
from app.core.text import _, _l
from app.web.refusals import show_beside

DRAFT = "draft"


@bp.get("/cases")
@signed_in
def mine() -> str:
    """List the cases that I raised, or those about me."""
    about_me = request.args.get("as") == "subject"
    page = queries.mine(acting(), about_me=about_me, page=request.args.get("page", 1, type=int))
    return render_template(
        "cases/mine.html",
        page=page,
        about_me=about_me,
        kinds=kinds.case_kinds(),
        today=clock.today(),
        running=queries.running,
        staff=acting().role is not None and acting().role not in WITHOUT_SECOND_FACTOR,
        declaration=f"{acting().person_code}-{clock.today().year}",
    )


@bp.get("/cases/new")
@public
def new() -> Answer:
    """Show the form to raise a case about a record; a lead or a complaint needs no sign-in."""
    kind, about = _asked()
    form = _form(kind)(formdata=None, token=new_code())
    _name_again(form, relations.latest(acting().person_id) if kind.on_file else None)
    if refused := _refused(kind, about):
        return _form_page(kind, about, form, refused=refused), refused.status
    return _form_page(kind, about, form)


def _name_again(form: CaseForm, declaration: Case | None) -> None:
    """Fill in whom an earlier declaration, or the draft of this one, names: the latest declaration holds whole."""
    if declaration is not None and isinstance(form, DeclarationForm):
        named = relations.of_case(declaration)
        form.name(among=[(one.kind.value, declaration.opened(one.name_kept), "") for one in named])


def _asked() -> tuple[CaseKind, About]:
    kind = kinds.case_kind(request.args.get("kind", ""))
    if current_actor() is None and not _nameless(kind):
        raise ForbiddenError(_l("Sign in first, then raise the case."))
    about = _about(kind)
    refused = _refused(kind, about)
    if refused and not kind.anonymous:
        raise refused
    return kind, about


def _about(kind: CaseKind) -> About:
    """Read the record that the address names; one that is not there is refused in the words for that of another."""
    try:
        return kind.about(about_code())
    except NotFoundError as error:
        if kind.anonymous or kind.visitors:  # about notices and bodies, which everybody may read
            raise
        raise _may_not(kind) from error


def _nameless(kind: CaseKind) -> bool:
    """Tell whether the reader would raise the case without a name: a lead, or a complaint without an account."""
    return kind.anonymous or (kind.visitors and current_actor() is None)


def _refused(kind: CaseKind, about: About) -> DomainError | None:
    """Return why the reader may not raise the case; a lead is refused on its page, beside the ways that stay open."""
    if kind.may_raise(current_actor(), about):
        return None
    return _may_not(kind)


def _may_not(kind: CaseKind) -> DomainError:
    return ForbiddenError(_l("You may not raise this case. %(who)s", who=kind.who))


def _form(kind: CaseKind) -> type[CaseForm]:
    if kind.on_file:
        return DeclarationForm
    return VisitorForm if kind.visitors and current_actor() is None else CaseForm


def _form_page(
    kind: CaseKind, about: About, form: CaseForm, *, draft: Case | None = None, refused: DomainError | None = None
) -> str:
    return render_template(
        "cases/raise.html",
        kind=kind,
        about=about,
        form=form,
        draft=draft,
        refused=refused,
        files=queries.files_of(draft) if draft else (),
        authority=kinds.authority_of(about.authority.region_code) if _nameless(kind) else None,
        nameless=_nameless(kind),
        hotline=HOTLINE,
    )


@bp.post("/cases/new")
@public
def raise_new() -> Answer:
    """Keep what was typed, then raise it unless only a draft was asked for."""
    kind, about = _asked()
    form = _form(kind)()
    wants_draft = request.form.get("act") == DRAFT and not isinstance(form, VisitorForm)
    if not form.validate() and not (wants_draft and set(form.errors) <= {"facts"}):
        return _form_page(kind, about, form), 422
    if again := _before(kind, form):
        return _raised(again, kind, about, form)
    try:
        case = _kept(kind, about, form)
    except DomainError as error:
        status = show_beside(form, error)
        return _form_page(kind, about, form), status
    return _after_draft(case) if wants_draft else _raise(case, kind, about, form)


def _before(kind: CaseKind, form: CaseForm) -> Case | None:
    """Return the case that the same request raised before; a repeated one is answered as the first was."""
    token = form.token.data or ""
    if isinstance(form, VisitorForm):
        return queries.raised_without_name(token, kind.name)
    return queries.raised_before(token, kind.name, current_actor())


def _kept(kind: CaseKind, about: About, form: CaseForm) -> Case:
    """Keep what was typed as a draft; without a name it counts by the place it comes from first."""
    filing = _filing(form)
    if _nameless(kind) and not _refused(kind, about):
        _count_lead()
    with unit_of_work():
        return services.keep_draft(kind.name, about_code(), _stored(filing), by=current_actor(), at=clock.now())


def _count_lead() -> None:
    """Count a lead in a transaction of its own; of two first ones at once the second finds the row of the other."""
    address = request.remote_addr or ""
    try:
        with unit_of_work():
            services.count_lead(address, on=clock.now(), at=clock.real_now())
    except ConflictError:
        with unit_of_work():
            services.count_lead(address, on=clock.now(), at=clock.real_now())


def about_code() -> str:
    """Return which record the address names."""
    return request.args.get("about", "")


Read = tuple[CaseForm, list[tuple[bytes, str, str]]]


def _filing(form: CaseForm) -> Read:
    return form, uploaded(form.files.data)


def _stored(read: Read) -> Filing:
    form, given = read
    return Filing(form.facts.data or "", kept(given), token=form.token.data or new_code(), relations=_relations(form))


def _relations(form: CaseForm) -> list[Relative] | None:
    """Return whom a declaration names; None for any other case."""
    if not isinstance(form, DeclarationForm):
        return None
    return [
        Relative(Relation(kind.data), name.data, known_by.data or "")
        for kind, name, known_by in form.rows
        if kind.data and name.data
    ]


def _after_draft(case: Case) -> Response:
    flash(_("The draft is kept. Only you see it until you raise it."), "good")
    return redirect(url_for("cases.draft", code=case.code) if current_actor() else url_for("cases.board"))


def _raise(case: Case, kind: CaseKind, about: About, form: CaseForm) -> Answer:
    declares = bool(form.declares.data) if isinstance(form, DeclarationForm) else True
    try:
        with unit_of_work():
            found = queries.by_code(case.code)
            services.raise_draft(found, declares=declares, by=current_actor(), at=clock.now())
            if isinstance(form, VisitorForm):
                services.let_follow(found, contact=form.contact.data or "")
    except DomainError as error:
        status = show_beside(form, error)
        return _form_page(kind, about, form, draft=queries.by_code(case.code)), status
    return _raised(queries.by_code(case.code), kind, about, form)


def _raised(case: Case, kind: CaseKind, about: About, form: CaseForm) -> Answer:
    if isinstance(form, VisitorForm):
        return visitors.receipt(case)
    if kind.anonymous:
        flash(_("Your lead was received. Nobody was told who you are."), "good")
        return redirect(about.url)
    flash(_("The case is raised. Its page shows what happens next, and when."), "good")
    return redirect(url_for("cases.case", code=case.code))


@bp.get("/cases/<code>/draft")
@signed_in
def draft(code: str) -> Answer:
    """Show a draft of one's own to go on with; once it is raised, its page."""
    found = queries.own_case(code, acting())
    if found.state is not CaseState.DRAFT:
        return redirect(url_for("cases.case", code=code))
    kind = kinds.case_kind(found.kind)
    form = _form(kind)(formdata=None, token=found.token, facts=found.facts)
    _name_again(form, found)
    return _form_page(kind, kind.about(found.subject_code), form, draft=found)


def _draft(code: str) -> Case:
    return queries.own_draft(code, acting())


@bp.post("/cases/<code>/draft")
@signed_in
def raise_kept(code: str) -> Answer:
    """Change a draft, then raise it unless it shall stay a draft; a repeated request leads to what the first raised."""
    found = queries.own_case(code, acting())
    if found.state is not CaseState.DRAFT:
        return redirect(url_for("cases.case", code=code))
    kind = kinds.case_kind(found.kind)
    about = kind.about(found.subject_code)
    form = _form(kind)()
    wants_draft = request.form.get("act") == DRAFT
    if not form.validate() and not (wants_draft and set(form.errors) <= {"facts"}):
        return _form_page(kind, about, form, draft=found), 422
    form.token.data = found.token
    try:
        filing = _filing(form)
        with unit_of_work():
            services.keep_draft(kind.name, found.subject_code, _stored(filing), by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _form_page(kind, about, form, draft=_draft(code)), status
    return _after_draft(found) if wants_draft else _raise(found, kind, about, form)


@bp.get("/cases/<code>/appeal")
@signed_in
def appeal_form(code: str) -> str:
    """Show the form to take a decision further."""
    found = queries.told_case(code, acting())
    return _appeal_page(found, CaseForm(formdata=None, token=new_code()))


def _appeal_page(found: Case, form: CaseForm) -> str:
    return render_template(
        "cases/appeal.html",
        case=found,
        form=form,
        kind=kinds.case_kind(found.kind),
        told=kinds.told(found),
        to=rungs.next_instance(found),
        until=services.appeal_until(found, acting(), on=clock.today()),
    )


@bp.post("/cases/<code>/appeal")
@signed_in
def appeal(code: str) -> Answer:
    """Take a decision to the next rung."""
    found = queries.told_case(code, acting())
    form = CaseForm()
    if not form.validate():
        return _appeal_page(found, form), 422
    try:
        filing = _filing(form)
        with unit_of_work():
            higher = services.appeal(queries.told_case(code, acting()), _stored(filing), by=acting(), at=clock.now())
    except DomainError as error:
        status = show_beside(form, error)
        return _appeal_page(queries.told_case(code, acting()), form), status
    flash(_("The decision is taken further. People who did not decide before will decide."), "good")
    return redirect(url_for("cases.case", code=higher.code))
