"""The page behind an invitation's link."""

from flask import flash, render_template

from app.accounts import queries, services
from app.accounts.forms import InvitationForm, password_hint
from app.accounts.models import Invitation
from app.accounts.rules.identity import mask_name
from app.accounts.states import IDENTITY_LABELS
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.doors import count_try, forgive_try
from app.accounts.views.sign_in import go_on
from app.core import clock
from app.core.access import public
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.web.refusals import show_beside


@bp.get("/invitation/<token>")
@public
def invitation(token: str) -> Answer:
    """Show for whom the link is, masked, and ask for proof and a password."""
    found = queries.invitation(token, clock.real_now())
    return _page(found, InvitationForm())


@bp.post("/invitation/<token>")
@public
def accept_invitation(token: str) -> Answer:
    """Make the account and go on as after a password."""
    found = queries.invitation(token, clock.real_now())
    form = InvitationForm()
    if not form.validate():
        return _page(found, form), 422
    try:
        _accept(token, found, form)
    except DomainError as error:
        status = show_beside(form, error)
        return _page(queries.invitation(token, clock.real_now()), form), status
    answer = go_on(queries.account_of_code(found.person.code), "/")
    flash(_("Your account is ready. Sign in with it from now on."), "good")
    return answer


def _accept(token: str, found: Invitation, form: InvitationForm) -> None:
    key = count_try("invitation", found.code)
    services.check_last_four(found, form.last_four.data or "")
    forgive_try("invitation", key)
    with unit_of_work():
        services.accept(
            queries.invitation(token, clock.real_now()),
            password=form.password.data or "",
            at=clock.real_now(),
        )


def _page(found: Invitation, form: InvitationForm) -> str:
    kind = found.person.identity_kind
    return render_template(
        "accounts/invitation.html",
        form=form,
        name=mask_name(found.person.name),
        document=IDENTITY_LABELS[kind] if kind else "",
        expires_at=found.expires_at,
        hint=password_hint(alone=not queries.is_staff(found.person.id, clock.today())),
    )
