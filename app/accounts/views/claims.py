"""Claims to a record: made by anybody, decided by whoever brought the record in."""

from flask import flash, redirect, render_template, url_for

from app.accounts.access import Permission
from app.accounts.rights_forms import ClaimForm
from app.accounts.rules.identity import mask_identity
from app.accounts.services import claims as claiming
from app.accounts.services import open_field
from app.accounts.states import IDENTITY_LABELS, IdentityKind
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.doors import count_try, here
from app.core import clock
from app.core.access import acting, public, requires
from app.core.access_log import Purpose, looked_up
from app.core.config import settings
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.events import Subject
from app.core.text import _
from app.web.refusals import show_beside


@bp.get("/claim")
@public
def claim() -> str:
    """Ask who one is."""
    return render_template("accounts/claim.html", form=ClaimForm())


@bp.post("/claim")
@public
def make_claim() -> Answer:
    """Note a claim and answer every one alike."""
    form = ClaimForm()
    if not form.validate():
        return render_template("accounts/claim.html", form=form), 422
    try:
        count_try("claim", here())
        with unit_of_work():
            claiming.claim(
                name=form.name.data or "",
                kind=IdentityKind(form.identity_kind.data),
                number=form.identity_number.data or "",
                on=clock.today(),
                at=clock.now(),
            )
    except DomainError as error:
        status = show_beside(form, error)
        return render_template("accounts/claim.html", form=form), status
    return render_template("accounts/claimed.html")


@bp.get("/people/claims")
@requires(Permission.CLAIMS)
def claims() -> str:
    """List the claims that wait for one's organisation."""
    rows = claiming.open_claims(acting())
    people = [row.person_id for row in rows]
    looked_up(people, by=acting(), purpose=Purpose.ADMINISTRATION, record=Subject("claim", "list"))
    numbers = {row.id: mask_identity(open_field(row.person, "person.identity") or "-----") for row in rows}
    return render_template("accounts/claims.html", rows=rows, numbers=numbers, documents=IDENTITY_LABELS)


@bp.post("/people/claims/<code>/<decision>")
@requires(Permission.CLAIMS)
def decide_claim(code: str, decision: str) -> Answer:
    """Accept a claim and show the link once, or refuse it."""
    with unit_of_work():
        made = claiming.claim_of(code, acting())
        token = claiming.decide_claim(
            made, accept=decision == "accept", by=acting(), at=clock.now(), real_at=clock.real_now()
        )
    if token is None:
        flash(_("The claim is refused."), "good")
        return redirect(url_for("accounts.claims"))
    link = f"{settings().public_url}/invitation/{token}"
    return render_template("accounts/claim_accepted.html", name=made.person.name, link=link)
