"""Pages of the authority: what each body may issue, asked by one of its people and signed on the word of another."""

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts.queries import names_of
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError, InvalidError
from app.core.text import _, pick
from app.credentials import queries, wording_keys
from app.credentials.access import Permission
from app.credentials.forms.keys import DelegationForm, EndForm
from app.credentials.queries import body_orders
from app.credentials.queries import delegations as reads
from app.credentials.services import delegations as services
from app.credentials.states import CertificateKind
from app.credentials.views.blueprint import bp
from app.rulebook import queries as rulebook

Answer = str | Response | tuple[str, int]


@bp.get("/issuing/authority")
@requires(Permission.DELEGATE)
def authority() -> str:
    """Show what the authority lets each body issue, and the form to ask for more."""
    return _page(_form())


def _form() -> DelegationForm:
    form = DelegationForm()
    below = reads.bodies_below(reads.authority_of(acting()))
    form.body.choices = [("", _("Choose an issuing body"))] + [
        (one.slug, pick(one.name_zh, one.name_en)) for one in below if one.closed_at is None
    ]
    return form


def _page(form: DelegationForm) -> str:
    own, at, named = reads.authority_of(acting()), clock.now(), dict(rulebook.level_choices())
    form.levels.choices = list(named.items())
    rows = reads.delegations()
    return render_template(
        "credentials/authority.html",
        body=own,
        form=form,
        below=[(one, wording_keys.body_state(one)) for one in reads.bodies_below(own)],
        orders=body_orders.orders(),
        acts=wording_keys.BODY_ACT_NAMES,
        states=wording_keys.ORDER_STATES,
        rows=[(one, wording_keys.delegation_state(one, at), wording_keys.scope_words(one, named)) for one in rows],
        me=acting().person_id,
        names=names_of([one.asked_by_id for one in rows]),
    )


@bp.post("/issuing/authority")
@requires(Permission.DELEGATE)
def ask_delegation() -> Answer:
    """Ask that the authority let a body issue; a second person decides."""
    form = _form()
    if not form.validate():
        return _page(form), 422
    kinds, first_day = form.kinds.data or [], form.first_day.data or clock.today()
    try:
        with unit_of_work():
            services.ask_delegation(
                queries.issuing_body(form.body.data),
                kinds=[CertificateKind(one) for one in kinds],
                levels=form.levels.data or [],
                first_day=first_day,
                last_day=form.last_day.data,
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        beside = form[error.field] if error.field else form.last_day if isinstance(error, InvalidError) else form.body
        beside.errors = [str(error)]
        return _page(form), error.status
    flash(_("Asked. Another issuer of the authority decides on it."), "good")
    return redirect(url_for("credentials.authority"))


@bp.post("/issuing/authority/<code>/approve")
@requires(Permission.DELEGATE)
def approve_delegation(code: str) -> Response:
    """Let the authority sign a delegation, as the second person."""
    with unit_of_work():
        services.approve_delegation(reads.delegation_of(acting(), code), by=acting(), at=clock.now())
    flash(_("Signed and published. The body can issue within this scope."), "good")
    return redirect(url_for("credentials.authority"))


@bp.post("/issuing/authority/<code>/refuse")
@requires(Permission.DELEGATE)
def refuse_delegation(code: str) -> Response:
    """Refuse a delegation as the second person."""
    with unit_of_work():
        services.refuse_delegation(reads.delegation_of(acting(), code), by=acting(), at=clock.now())
    flash(_("Refused. Nothing was changed."), "good")
    return redirect(url_for("credentials.authority"))


@bp.get("/issuing/authority/<code>/end")
@requires(Permission.DELEGATE)
def ending(code: str) -> str:
    """Ask why a delegation ends."""
    return _ending(code, EndForm())


def _ending(code: str, form: EndForm) -> str:
    row = reads.delegation_of(acting(), code)
    return render_template("credentials/delegation_end.html", row=row, form=form)


@bp.post("/issuing/authority/<code>/end")
@requires(Permission.DELEGATE)
def end_delegation(code: str) -> Answer:
    """End a delegation at once."""
    form = EndForm()
    if not form.validate():
        return _ending(code, form), 422
    with unit_of_work():
        found = reads.delegation_of(acting(), code)
        services.end_delegation(found, reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(_("Ended. What the body issued before stays valid."), "good")
    return redirect(url_for("credentials.authority"))
