"""One's own data and rights: consents, a copy, erasure."""

from flask import Response as FileResponse
from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts.services import consents, erasure, exports
from app.accounts.views.blueprint import Answer, bp
from app.core import clock
from app.core.access import acting, signed_in
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _, language


@bp.get("/me/rights")
@signed_in
def own_rights() -> str:
    """Show what one agreed to, one's copies, and what erasure would mean."""
    return _page()


def _page(error: str = "") -> str:
    actor = acting()
    mine = consents.consents_of(actor.person_id)
    return render_template(
        "accounts/rights.html",
        purposes=consents.purposes(),
        standing={one.purpose: one for one in mine if one.withdrawn_at is None},
        past=[one for one in mine if one.withdrawn_at is not None],
        titles={one.name: one.title for one in consents.purposes()},
        exports=exports.exports_of(actor),
        now=clock.real_now(),
        erasure=erasure.open_erasure(actor.person_id),
        holds=erasure.holds_of(actor.person_id, clock.today()),
        error=error,
    )


@bp.post("/me/rights/consents/<purpose>/give")
@signed_in
def give_consent(purpose: str) -> Response:
    """Give a consent of one's own."""
    with unit_of_work():
        consents.give_consent(purpose, by=acting(), at=clock.now())
    flash(_("Your consent is noted. You can withdraw it here at any time."), "good")
    return redirect(url_for("accounts.own_rights"))


@bp.post("/me/rights/consents/<purpose>/withdraw")
@signed_in
def withdraw_consent(purpose: str) -> Response:
    """Withdraw a consent of one's own."""
    with unit_of_work():
        consents.withdraw_consent(purpose, by=acting(), at=clock.now())
    flash(_("Your consent is withdrawn."), "good")
    return redirect(url_for("accounts.own_rights"))


@bp.post("/me/rights/copy")
@signed_in
def request_copy() -> Response:
    """Ask for a copy of one's own data."""
    with unit_of_work():
        exports.request_export(language=language(), by=acting(), at=clock.real_now())
    flash(_("Your data is being collected. Look here again in a moment."), "good")
    return redirect(url_for("accounts.own_rights"))


@bp.post("/me/rights/copy/<code>")
@signed_in
def download_copy(code: str) -> Answer | FileResponse:
    """Hand the copy over, once."""
    try:
        with unit_of_work():
            packed = exports.take_export(code, by=acting(), at=clock.real_now())
    except DomainError as error:
        return _page(str(error)), error.status
    headers = {"Content-Disposition": "attachment; filename=jijing-my-data.zip", "Cache-Control": "no-store"}
    return FileResponse(packed, content_type="application/zip", headers=headers)


@bp.post("/me/rights/erasure")
@signed_in
def request_erasure() -> Response:
    """Ask for the erasure of one's own data."""
    with unit_of_work():
        erasure.request_erasure(by=acting(), at=clock.now())
    flash(_("Your request is noted. A second person decides on it; until then you can withdraw it."), "good")
    return redirect(url_for("accounts.own_rights"))


@bp.post("/me/rights/erasure/withdraw")
@signed_in
def withdraw_erasure() -> Answer:
    """Take one's own request back."""
    try:
        with unit_of_work():
            erasure.withdraw_erasure(by=acting(), at=clock.now())
    except DomainError as error:
        return _page(str(error)), error.status
    flash(_("Your request is withdrawn. Nothing was erased."), "good")
    return redirect(url_for("accounts.own_rights"))
