"""The page under a share link: what the holder chose to show, with the state of the certificate as it is now."""

from flask import Response, make_response, render_template, request

from app.accounts.rules.agents import device_name
from app.core import clock
from app.core.access import current_actor, public
from app.core.access_log import Purpose, looked_up
from app.core.db import unit_of_work
from app.credentials import verification, wording
from app.credentials import wording_holders as words
from app.credentials.guessers import LINKS, count_guesses
from app.credentials.models import Certificate, ShareLink
from app.credentials.queries import sharing as queries
from app.credentials.queries.records import Holder
from app.credentials.rules import sharing as rules
from app.credentials.rules.openbadge import read_certificate
from app.credentials.services import sharing as services
from app.credentials.states import SharedField
from app.credentials.views.blueprint import bp

QUIET = {
    "X-Robots-Tag": "noindex, nofollow, noarchive, nosnippet",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store, private",
}
"""The address is a secret: no engine lists it, no page that is opened from here learns it, no cache keeps it."""


@bp.get("/s/<secret>")
@public
def shared(secret: str) -> Response:
    """Show what a link shares; an ended link and one that never was answer alike."""
    real = clock.real_now()
    link = queries.open_link(secret, real)
    found = queries.shared_by(link.id) if link else []
    if link is None or not found:
        count_guesses(1, door=LINKS)
        return _quiet(render_template("credentials/shared_gone.html"), 404)
    page = render_template(
        "credentials/shared.html", link=link, parts=[_part(one, link) for one in found], at=clock.now()
    )
    _note(link)
    return _quiet(page)


def _note(link: ShareLink) -> None:
    """Note who looked: of a stranger only when and with what; the holder's own looks are not counted."""
    actor, holder = current_actor(), Holder(link.person_id, link.organisation_id)
    if request.method != "GET" or (actor is not None and services.acts_for(holder, actor)):
        return
    people = [] if holder.person_id is None else [holder.person_id]
    looked_up(people, by=actor, purpose=Purpose.VERIFICATION, record=services.subject(link))
    with unit_of_work():
        services.viewed(link.id, device_name(request.user_agent.string), real=clock.real_now())


def _part(certificate: Certificate, link: ShareLink) -> dict[str, object]:
    """Return one certificate as the page shows it: nothing that was not chosen reaches the template."""
    facts = read_certificate(certificate.document)
    fields = rules.chosen_fields(link.fields)
    return {
        "name": facts.holder.name,
        "kind": wording.KINDS[certificate.kind],
        "standing": wording.STANDINGS[verification.standing(certificate, clock.now())],
        "revoked_at": certificate.revoked_at,
        "suspended_at": certificate.suspended_at if certificate.suspended(clock.now()) else None,
        "suspended_for": wording.SUSPENSION_REASONS.get(certificate.suspended_for or ""),
        "reason": wording.REASONS.get(certificate.revoked_for or ""),
        "entries": words.shared_entries(rules.shown_values(facts, fields)),
        "withheld": words.listed(rules.withheld(facts, fields)),
        "code": certificate.code if rules.opens_everything(fields) and SharedField.NUMBER in fields else None,
    }


def _quiet(page: str, status: int = 200) -> Response:
    response = make_response(page, status)
    response.headers.update(QUIET)
    return response
