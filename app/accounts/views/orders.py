"""Pages of the security administrators: roles, the people who hold them, and orders that two carry out together."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import orders, queries, services
from app.accounts.access import Permission
from app.accounts.actors import scope_label
from app.accounts.contact_forms import WithdrawForm
from app.accounts.forms import EndOrderForm, FindPersonForm, ResetOrderForm, RoleOrderForm
from app.accounts.models import Membership, Person, SecurityOrder
from app.accounts.services.documents import documents_in_words
from app.accounts.states import IDENTITY_LABELS, ORDER_LABELS, ROLE_LABELS, OrderKind, OrderState, Role
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.confirm import freshly
from app.core import clock
from app.core.access import acting, requires
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError, NotFoundError
from app.core.events import Subject
from app.core.text import _, _l
from app.web.formats import day, when
from app.web.refusals import show_beside

STATES = {
    OrderState.ASKED: "waiting",
    OrderState.DONE: "good",
    OrderState.REFUSED: "bad",
    OrderState.WITHDRAWN: "done",
}


@bp.get("/security/orders")
@requires(Permission.ROLES_MANAGE)
def orders_list() -> str:
    """List orders within one's region: those that wait for a second person, or all."""
    every = "all" in request.args
    number = request.args.get("page", 1, type=int)
    page = orders.order_page(acting(), state=None if every else OrderState.ASKED, number=number)
    names = queries.names_of([row.asked_by_id for row in page.rows])
    return render_template(
        "accounts/orders.html",
        page=page,
        every=every,
        form=FindPersonForm(),
        lines=[_line(row, names) for row in page.rows],
    )


def _line(row: SecurityOrder, names: dict[int, str]) -> dict[str, object]:
    return {
        "person": row.person.name,
        "what": ORDER_LABELS[row.kind],
        "role": _role_of(row),
        "asked": when(row.asked_at),
        "by": names.get(row.asked_by_id),
        "state": state_label(row.state),
        "url": url_for("accounts.order", code=row.code),
    }


def _role_of(row: SecurityOrder) -> object:
    role = row.role or (row.membership.role if row.membership else None)
    return ROLE_LABELS[role] if role else None


def state_label(state: OrderState) -> str:
    """Return how a state of an order is called."""
    words: dict[OrderState, str] = {
        OrderState.ASKED: _("Waits for a second person"),
        OrderState.DONE: _("Carried out"),
        OrderState.REFUSED: _("Turned down"),
        OrderState.WITHDRAWN: _("Withdrawn"),
    }
    return words[state]


@bp.get("/security/people")
@requires(Permission.ROLES_MANAGE)
def find_person() -> Answer:
    """Lead to the person whose code, mail address, telephone or document number was typed in full."""
    form = FindPersonForm(request.args)
    try:
        found = orders.person_named(form.who.data or "", acting())
    except DomainError:
        flash(_("Nobody within your region is known by that. Enter it in full."), "waiting")
        return redirect(url_for("accounts.orders_list"))
    return redirect(url_for("accounts.secured_person", code=found.code))


@bp.get("/security/people/<code>")
@requires(Permission.ROLES_MANAGE)
def secured_person(code: str) -> str:
    """Show the roles and second factors of a person, and offer orders."""
    return _person_page(orders.person_in_scope(code, acting()))


def _person_page(person: Person, *, give: RoleOrderForm | None = None, reset: ResetOrderForm | None = None) -> str:
    _looked(person, Subject("person", person.code))
    return render_template(
        "accounts/secured_person.html",
        person=person,
        factors=orders.factors_of(person),
        known=services.masked_data(person) if person.data_key else {},
        documents=documents_in_words(person),
        lines=[_role_line(row) for row in orders.memberships_in_scope(person, acting())],
        give=give or RoleOrderForm(formdata=None, starts_on=clock.today(), region_code=acting().region_code),
        reset=reset or ResetOrderForm(formdata=None, prefix="reset-"),
        own=person.id == acting().person_id,
    )


def _looked(person: Person, record: Subject) -> None:
    looked_up([person.id], by=acting(), purpose=Purpose.ADMINISTRATION, record=record)


def _role_line(row: Membership) -> dict[str, object]:
    ended = row.ends_on is not None and row.ends_on < clock.today()
    return {
        "role": ROLE_LABELS[row.role],
        "where": scope_label(row),
        "since": day(row.starts_on),
        "until": day(row.ends_on) or _("without end"),
        "url": None if ended else url_for("accounts.end_role_page", code=row.code),
    }


@bp.post("/security/people/<code>/roles")
@requires(Permission.ROLES_MANAGE)
@freshly
def ask_role(code: str) -> Answer:
    """Ask that the person be given a role."""
    person, form = orders.person_in_scope(code, acting()), RoleOrderForm()
    if not form.validate():
        return _person_page(person, give=form), 422
    try:
        with unit_of_work():
            order = services.ask_role(
                person, _new_role(form), reason=form.reason.data or "", by=acting(), at=clock.real_now()
            )
    except DomainError as error:
        status = show_beside(form, error)
        return _person_page(orders.person_in_scope(code, acting()), give=form), status
    return _asked(order)


def _new_role(form: RoleOrderForm) -> services.NewRole:
    return services.NewRole(
        role=Role(form.role.data),
        region_code=queries.region(form.region_code.data or "").code,
        organisation_id=_organisation_id((form.organisation.data or "").strip()),
        starts_on=form.starts_on.data or clock.today(),
        ends_on=form.ends_on.data,
    )


def _organisation_id(slug: str) -> int | None:
    if not slug:
        return None
    try:
        return queries.organisation_within(slug, acting()).id
    except NotFoundError as error:
        raise InvalidError(
            _l("There is no organisation of this short name within your region. Check every character of it."),
            field="organisation",
        ) from error


@bp.post("/security/people/<code>/factors")
@requires(Permission.ROLES_MANAGE)
@freshly
def ask_factor_reset(code: str) -> Answer:
    """Ask that the second factors of the person be reset."""
    person, form = orders.person_in_scope(code, acting()), ResetOrderForm(prefix="reset-")
    if not form.validate():
        return _person_page(person, reset=form), 422
    try:
        with unit_of_work():
            order = services.ask_factor_reset(person, reason=form.reason.data or "", by=acting(), at=clock.real_now())
    except DomainError as error:
        status = show_beside(form, error)
        return _person_page(orders.person_in_scope(code, acting()), reset=form), status
    return _asked(order)


@bp.get("/security/roles/<code>")
@requires(Permission.ROLES_MANAGE)
def end_role_page(code: str) -> str:
    """Show a role and ask with which day it shall end."""
    return _end_page(_membership(code), EndOrderForm(ends_on=clock.today()))


def _membership(code: str) -> Membership:
    return orders.membership_in_scope(code, acting(), clock.today())


def _end_page(membership: Membership, form: EndOrderForm) -> str:
    person = orders.person_in_scope(queries.code_of(membership.person_id), acting())
    _looked(person, Subject("person", person.code))
    return render_template(
        "accounts/end_role.html", form=form, person=person, membership=membership, line=_role_line(membership)
    )


@bp.post("/security/roles/<code>")
@requires(Permission.ROLES_MANAGE)
@freshly
def ask_end(code: str) -> Answer:
    """Ask that the role end."""
    membership, form = _membership(code), EndOrderForm()
    if not form.validate():
        return _end_page(membership, form), 422
    try:
        with unit_of_work():
            last, why = form.ends_on.data or clock.today(), form.reason.data or ""
            order = services.ask_end(membership, last_day=last, reason=why, by=acting(), at=clock.real_now())
    except DomainError as error:
        status = show_beside(form, error)
        return _end_page(_membership(code), form), status
    return _asked(order)


def _asked(order: SecurityOrder) -> Response:
    flash(_("The order waits for a second security administrator."), "good")
    return redirect(url_for("accounts.order", code=order.code))


@bp.get("/security/orders/<code>")
@requires(Permission.ROLES_MANAGE)
def order(code: str) -> str:
    """Show an order, and what one may do about it."""
    return _order_page(code, WithdrawForm(formdata=None))


def _order_page(code: str, form: WithdrawForm) -> str:
    found = orders.order(code, acting())
    _looked(found.person, Subject("security_order", found.code))
    return render_template(
        "accounts/order.html",
        order=found,
        form=form,
        what=ORDER_LABELS[found.kind],
        state=state_label(found.state),
        tone=STATES[found.state],
        role=_role_of(found),
        where=scope_label(found.membership) if found.membership else None,
        asked=None if found.person_id == acting().person_id else services.text_asked(found),
        document=IDENTITY_LABELS[found.identity_kind] if found.identity_kind else None,
        stands=standing(found),
        names=queries.names_of([found.asked_by_id, found.decided_by_id]),
        entries=timeline_of(found),
        asker=found.asked_by_id == acting().person_id,
        concerned=found.person_id == acting().person_id,
    )


def standing(order: SecurityOrder) -> str | None:
    """Return what stands now of what an order corrects, masked."""
    field = {OrderKind.CORRECT_PHONE: "phone", OrderKind.CORRECT_EMAIL: "email"}.get(order.kind, "identity")
    return services.masked_data(order.person)[field] if order.person.data_key else None


def timeline_of(order: SecurityOrder) -> list[dict[str, object]]:
    """Return what happened to an order, the latest first."""
    names = queries.names_of([order.asked_by_id, order.decided_by_id])
    entries: list[dict[str, object]] = [
        {"at": order.asked_at, "who": names.get(order.asked_by_id), "text": _("Asked for"), "reason": order.reason}
    ]
    if order.decided_at:
        who = names.get(order.decided_by_id or order.asked_by_id)
        why = orders.why_withdrawn(order) if order.state is OrderState.WITHDRAWN else None
        entries.insert(0, {"at": order.decided_at, "who": who, "text": state_label(order.state), "reason": why})
    return entries


@bp.post("/security/orders/<code>/withdraw")
@requires(Permission.ROLES_MANAGE)
@freshly
def withdraw_order(code: str) -> Answer:
    """Take one's own order back."""
    back = url_for("accounts.order", code=code)
    return take_back(lambda: orders.order(code, acting()), lambda form: _order_page(code, form), back)


def take_back(find: Callable[[], SecurityOrder], page: Callable[[WithdrawForm], str], back: str) -> Answer:
    """Withdraw an order for who asked for it, with the reason; without one the page says so beside the field."""
    form = WithdrawForm()
    services.check_asker(find(), acting())
    if not form.validate():
        return page(form), 422
    with unit_of_work():
        services.withdraw(find(), reason=form.reason.data or "", by=acting(), at=clock.real_now())
    flash(_("Withdrawn. Nothing was changed."), "good")
    return redirect(back)


@bp.post("/security/orders/<code>/<act>")
@requires(Permission.ROLES_MANAGE)
@freshly
def decide_order(code: str, act: str) -> Response:
    """Carry an order out or refuse it."""
    acts = {"carry-out": services.carry_out, "refuse": services.refuse}
    with unit_of_work():
        found = orders.order(code, acting())
        if act not in acts:
            raise orders.missing()
        acts[act](found, by=acting(), at=clock.real_now())
    flash(_("The order is settled: %(state)s.", state=state_label(found.state)), "good")
    return redirect(url_for("accounts.order", code=code))
