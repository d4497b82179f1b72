"""The pages of a holder: every certificate with its state and forms, the links that show them, and who looked."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import acting
from app.core.config import settings
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.text import _
from app.credentials import held_paper, paper, queries, verification, wording
from app.credentials import wording_holders as words
from app.credentials.forms.holder import ShareForm, share_form
from app.credentials.models import Certificate, ShareLink
from app.credentials.queries import sharing as links
from app.credentials.rules.openbadge import read_certificate
from app.credentials.rules.sharing import chosen_fields, link_state
from app.credentials.services import sharing as services
from app.credentials.services import succession
from app.credentials.services.sharing import Chosen
from app.credentials.states import CertificateState
from app.credentials.views.offered import downloads, picture
from app.credentials.views.whose import Whose, page
from app.credentials.wording_keys import seal_words
from app.desk.queries.looks import looks_under
from app.web.downloads import sent
from app.web.refusals import show_beside

Answer = str | Response | tuple[str, int]
PDF = "application/pdf"


@page("/certificates")
def mine(whose: Whose) -> str:
    """List the certificates of a holder with their state."""
    at = clock.now()
    held = queries.held_by(whose.holder)
    return render_template(
        "credentials/mine.html",
        rows=[(one, verification.standing(one, at)) for one in held],
        at=at,
        whose=whose,
        verify=f"{settings().public_url}{url_for('credentials.verify_page')}",
        paper=paper.available(),
        title=words.title_of,
        standings=wording.STANDINGS,
        reasons=wording.REASONS,
        replaced=links.replacements(held),
        renamed=succession.renamed(one.id for one in held if one.state is CertificateState.PUBLISHED),
        links=links.open_links(whose.holder, clock.real_now()),
    )


@page("/certificates.pdf")
def my_list(whose: Whose) -> Response:
    """Send the certificates of a holder with their state as PDF, in both languages."""
    drawn = held_paper.draw(whose.name, queries.held_by(whose.holder), at=clock.now())
    return sent(drawn, f"{whose.words.title}.pdf", PDF)


@page("/certificates/<code>")
def my_certificate(whose: Whose, code: str) -> str:
    """Show a certificate to its holder: the sheet, its state, its forms, the links that show it, who looked."""
    found = links.held(code, whose.holder)
    at = clock.now()
    standing = verification.standing(found, at)
    return render_template(
        "credentials/my_certificate.html",
        record=found,
        whose=whose,
        at=at,
        address=f"{settings().public_url}{url_for('credentials.certificate', code=found.code)}",
        title=words.title_of,
        standing=wording.STANDINGS[standing],
        facts=read_certificate(found.document),
        entries=wording.entries_of(read_certificate(found.document)),
        reason=wording.REASONS.get(found.revoked_for or ""),
        advice=words.advice_of(found),
        replacement=links.replacements([found]).get(found.id),
        suspended_for=wording.SUSPENSION_REASONS.get(found.suspended_for or "") if standing == "suspended" else None,
        downloads=downloads(found),
        seal=seal_words(found),
        picture=picture(found),
        shared=links.shared_in(found.id, clock.real_now()),
        looks=_looks(whose, found),
    )


def _looks(whose: Whose, found: Certificate) -> Sequence[object]:
    """Return who looked: of an organisation only who checked a list is known, its certificate is no personal data."""
    if whose.personal:
        return looks_under(acting(), links.looked_at(found))
    return words.looks_of(links.checks_of(found))


@page("/shares")
def shares(whose: Whose) -> str:
    """List the links of a holder with how often each was looked at."""
    found = links.links(whose.holder, page=request.args.get("page", 1, type=int))
    state = {one.id: _state(one) for one in found.rows}
    return render_template("credentials/shares.html", whose=whose, page=found, states=words.LINK_STATES, state=state)


def _state(link: ShareLink) -> str:
    return link_state(expires_at=link.expires_at, revoked_at=link.revoked_at, at=clock.real_now()).value


@page("/shares/new")
def new_share(whose: Whose) -> str:
    """Show the form of a link."""
    return _form_page(whose, share_form(queries.held_by(whose.holder), request.args.get("certificate", "")))


def _form_page(whose: Whose, form: ShareForm) -> str:
    return render_template("credentials/share_new.html", whose=whose, form=form)


@page("/shares", post=True)
def share(whose: Whose) -> Answer:
    """Make a link and show its address, this once."""
    held = queries.held_by(whose.holder)
    form = share_form(held)
    if not form.validate():
        return _form_page(whose, form), 422
    try:
        with unit_of_work():
            at, real = clock.now(), clock.real_now()
            made = services.share(_chosen(whose, form), number=form.asked_with, by=acting(), at=at, real=real)
    except DomainError as error:
        status = show_beside(form, error)
        return _form_page(whose, form), status
    address = f"{settings().public_url}{url_for('credentials.shared', secret=made.secret)}"
    return render_template("credentials/share_made.html", whose=whose, link=made.link, address=address)


def _chosen(whose: Whose, form: ShareForm) -> Chosen:
    wanted = set(form.certificates.data or ())
    certificates = [one for one in queries.held_by(whose.holder) if one.code in wanted]
    fields = chosen_fields(form.fields.data or ())
    return Chosen(whose.holder, certificates, fields, (form.label.data or "").strip(), form.days.data)


@page("/shares/<code>")
def my_share(whose: Whose, code: str) -> str:
    """Show a link to its holder: what it shows, its state, and every look at it."""
    found = links.own_link(code, whose.holder)
    return render_template(
        "credentials/share.html",
        whose=whose,
        link=found,
        state=words.LINK_STATES[_state(found)],
        certificates=links.shared_by(found.id),
        title=words.title_of,
        fields=words.listed(chosen_fields(found.fields)),
        page=links.views(found.id, page=request.args.get("page", 1, type=int)),
    )


@page("/shares/<code>/revoke", post=True)
def revoke_share(whose: Whose, code: str) -> Response:
    """End a link of a holder at once."""
    with unit_of_work():
        found = links.own_link(code, whose.holder)
        services.revoke_link(found, by=acting(), at=clock.now(), real=clock.real_now())
    flash(_("Revoked. The link shows nothing from now on."), "good")
    return redirect(whose.to("my_share", code=code))
