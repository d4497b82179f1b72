"""A holder's own pages: every certificate with its state and forms, the links that show them, and who looked."""

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import acting, signed_in
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
from app.credentials.views.blueprint import bp
from app.credentials.views.offered import downloads, picture
from app.credentials.wording_keys import seal_words
from app.desk.queries.looks import looks_under
from app.web.downloads import sent
from app.web.refusals import show_beside

Answer = str | Response | tuple[str, int]
PDF = "application/pdf"


@bp.get("/my/certificates")
@signed_in
def mine() -> str:
    """List one's own certificates with their state."""
    at, person = clock.now(), acting().person_id
    held = queries.held_by(person)
    return render_template(
        "credentials/mine.html",
        rows=[(one, verification.standing(one, at)) for one in held],
        at=at,
        holder=acting().name,
        verify=f"{settings().public_url}{url_for('credentials.verify_page')}",
        paper=paper.available(),
        title=words.title_of,
        standings=wording.STANDINGS,
        reasons=wording.REASONS,
        replaced=links.replacements(held),
        renamed=succession.renamed(one.id for one in held if one.state is CertificateState.PUBLISHED),
        links=links.open_links(person, clock.real_now()),
    )


@bp.get("/my/certificates.pdf")
@signed_in
def my_list() -> Response:
    """Send one's own certificates with their state as PDF, in both languages."""
    actor, at = acting(), clock.now()
    drawn = held_paper.draw(actor.name, queries.held_by(actor.person_id), at=at)
    return sent(drawn, f"{_('My certificates')}.pdf", PDF)


@bp.get("/my/certificates/<code>")
@signed_in
def my_certificate(code: str) -> str:
    """Show one's own certificate: the sheet, its state, its forms, the links that show it, who looked."""
    actor = acting()
    found = links.held(code, actor)
    at = clock.now()
    standing = verification.standing(found, at)
    return render_template(
        "credentials/my_certificate.html",
        record=found,
        at=at,
        address=f"{settings().public_url}{url_for('credentials.certificate', code=found.code)}",
        title=words.title_of,
        standing=wording.STANDINGS[standing],
        facts=read_certificate(found.document),
        entries=wording.entries_of(read_certificate(found.document)),
        reason=wording.REASONS.get(found.revoked_for or ""),
        advice=words.ADVICE.get(found.revoked_for or ""),
        replacement=links.replacements([found]).get(found.id),
        suspended_for=wording.SUSPENSION_REASONS.get(found.suspended_for or "") if standing == "suspended" else None,
        downloads=downloads(found),
        seal=seal_words(found),
        picture=picture(found),
        shared=links.shared_in(found.id, clock.real_now()),
        looks=looks_under(actor, links.looked_at(found)),
    )


@bp.get("/my/shares")
@signed_in
def shares() -> str:
    """List one's own links with how often each was looked at."""
    page = links.links(acting().person_id, page=request.args.get("page", 1, type=int))
    return render_template(
        "credentials/shares.html", page=page, states=words.LINK_STATES, state={one.id: _state(one) for one in page.rows}
    )


def _state(link: ShareLink) -> str:
    return link_state(expires_at=link.expires_at, revoked_at=link.revoked_at, at=clock.real_now()).value


@bp.get("/my/shares/new")
@signed_in
def new_share() -> str:
    """Show the form of a link."""
    return _form_page(share_form(_held(), request.args.get("certificate", "")))


def _held() -> list[Certificate]:
    return queries.held_by(acting().person_id)


def _form_page(form: ShareForm) -> str:
    return render_template("credentials/share_new.html", form=form)


@bp.post("/my/shares")
@signed_in
def share() -> Answer:
    """Make a link and show its address, this once."""
    held = _held()
    form = share_form(held)
    if not form.validate():
        return _form_page(form), 422
    try:
        with unit_of_work():
            at, real = clock.now(), clock.real_now()
            made = services.share(_chosen(form), number=form.asked_with, by=acting(), at=at, real=real)
    except DomainError as error:
        status = show_beside(form, error)
        return _form_page(form), status
    address = f"{settings().public_url}{url_for('credentials.shared', secret=made.secret)}"
    return render_template("credentials/share_made.html", link=made.link, address=address)


def _chosen(form: ShareForm) -> Chosen:
    certificates = [one for one in _held() if one.code in set(form.certificates.data or ())]
    fields = chosen_fields(form.fields.data or ())
    return Chosen(certificates, fields, (form.label.data or "").strip(), form.days.data)


@bp.get("/my/shares/<code>")
@signed_in
def my_share(code: str) -> str:
    """Show one's own link: what it shows, its state, and every look at it."""
    found = links.own_link(code, acting())
    return render_template(
        "credentials/share.html",
        link=found,
        state=words.LINK_STATES[_state(found)],
        certificates=links.shared_by(found.id),
        title=words.title_of,
        fields=words.listed(chosen_fields(found.fields)),
        page=links.views(found.id, page=request.args.get("page", 1, type=int)),
    )


@bp.post("/my/shares/<code>/revoke")
@signed_in
def revoke_share(code: str) -> Response:
    """End one's own link at once."""
    with unit_of_work():
        found = links.own_link(code, acting())
        services.revoke_link(found, by=acting(), at=clock.now(), real=clock.real_now())
    flash(_("Revoked. The link shows nothing from now on."), "good")
    return redirect(url_for("credentials.my_share", code=code))
