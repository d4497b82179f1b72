"""Pages of signing keys: every key with its state, orders by two people, the drill and its progress."""

from collections.abc import Sequence
from datetime import datetime

from flask import flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from app.accounts.queries import names_of
from app.core import clock, files
from app.core.access import acting, requires
from app.core.clock import SHANGHAI, real_now
from app.core.config import settings
from app.core.db import unit_of_work
from app.core.errors import DomainError
from app.core.signing import Algorithm
from app.core.text import _
from app.credentials import paper, queries, wording_keys
from app.credentials.access import Permission
from app.credentials.forms.keys import KeyOrderForm, SealCertificateForm
from app.credentials.models import KeyOrder, SigningKey
from app.credentials.queries import keys as reads
from app.credentials.queries import seals
from app.credentials.rules import chain as chains
from app.credentials.rules.sources import from_text
from app.credentials.services import bodies
from app.credentials.services import keys as services
from app.credentials.services.seal_ends import ends_soon, first_end
from app.credentials.states import KeyAct
from app.credentials.views.blueprint import bp
from app.credentials.wording_keys import proof_words
from app.desk.queries import timeline_entries
from app.web.downloads import sent

Answer = str | Response | tuple[str, int]
PEM = "application/x-pem-file"


@bp.get("/issuing/keys")
@requires(Permission.KEYS)
def keys() -> str:
    """Show every key of the body, the orders on them, and the form of an order."""
    return _keys_page(_order_form(), _certificate_form())


def _certificate_form() -> SealCertificateForm:
    return SealCertificateForm(prefix="seal")


def _order_form() -> KeyOrderForm:
    form = KeyOrderForm()
    held = reads.keys_of(queries.body_of(acting()).id)
    form.key.choices = [
        (one.key_id, f"{one.algorithm.value} · {one.key_id[:16]} · {wording_keys.key_state(one)[0]}")
        for one in held
        if one.revoked_at is None
    ]
    return form


def _keys_page(form: KeyOrderForm, certificate_form: SealCertificateForm) -> str:
    body = queries.body_of(acting())
    held = reads.keys_of(body.id)
    return render_template(
        "credentials/keys.html",
        body=body,
        form=form,
        certificate_form=certificate_form,
        keys=[(one, wording_keys.key_state(one)) for one in held],
        **_seal(held),
        orders=reads.key_orders(body.id),
        algorithms=wording_keys.ALGORITHMS,
        acts=wording_keys.ACTS,
        states=wording_keys.ORDER_STATES,
    )


def _seal(held: Sequence[SigningKey]) -> dict[str, object]:
    """Return the chain under which the body seals today, that of its key first, and what is known of each link."""
    now = real_now()
    key = next((one for one in held if one.algorithm is Algorithm.RSA and one.retired_at is None), None)
    if key is None:
        return {"seal": []}
    chain = seals.chain_of(key)
    kept = seals.proofs_of(key.id) if key.chain else {}
    told = [None if chains.is_root(one) else proof_words(kept.get(seals.fingerprint_of(one)), now) for one in chain]
    proven = seals.held(key, now)
    end = first_end(chain)
    return {
        "seal": list(zip(chains.links_of(chain), told, strict=True)),
        "own": key.chain is None,
        "proven": proven,
        "level": wording_keys.SEAL_LEVELS[paper.level_of(proven)],
        "timed": settings().tsa_url is not None,
        "ends": end if ends_soon(end, now) else None,
        "own_list": seals.list_path(queries.body_with(key.body_id).slug, key.key_id) if key.revocation_list else None,
        "may_ask": settings().revocation_url_list,
    }


@bp.get("/issuing/keys/seal-request.pem")
@requires(Permission.KEYS)
def seal_request() -> Response:
    """Send the request with which a certification authority is asked to certify the seal key."""
    body = queries.body_of(acting())
    request = bodies.request_of(queries.signing_key(body.id, Algorithm.RSA))
    return sent(request, f"{body.slug}-seal.csr.pem", PEM)


@bp.post("/issuing/keys/seal-certificate")
@requires(Permission.KEYS)
def ask_seal_certificate() -> Answer:
    """Ask that PDF files be sealed under the certificate of an authority; a second person decides."""
    form = _certificate_form()
    if not form.validate():
        return _keys_page(_order_form(), form), 422
    try:
        chain = files.read_limited(form.file.data.stream, chains.LARGEST).decode("utf-8", "replace")
        sources = services.checked_sources(crl=form.crl.data or "", ocsp=form.ocsp.data or "")
        with unit_of_work():
            key = queries.signing_key(queries.body_of(acting()).id, Algorithm.RSA)
            reason = form.reason.data or ""
            order = services.ask_key_order(
                key, KeyAct.CERTIFY, reason=reason, chain=chain, sources=sources, by=acting(), at=clock.now()
            )
    except DomainError as error:
        form[error.field if error.field in {"crl", "ocsp"} else "file"].errors = [str(error)]
        return _keys_page(_order_form(), form), error.status
    flash(_("Asked. Another issuer of your body decides on it."), "good")
    return redirect(url_for("credentials.key_order", code=order.code))


def _seal_order(form: SealCertificateForm) -> KeyOrder:
    chain = files.read_limited(form.file.data.stream, chains.LARGEST).decode("utf-8", "replace")
    sources = services.checked_sources(crl=form.crl.data or "", ocsp=form.ocsp.data or "")
    with unit_of_work():
        return services.ask_key_order(
            queries.signing_key(queries.body_of(acting()).id, Algorithm.RSA),
            KeyAct.CERTIFY,
            reason=form.reason.data or "",
            chain=chain,
            sources=sources,
            by=acting(),
            at=clock.now(),
        )


@bp.post("/issuing/keys/orders")
@requires(Permission.KEYS)
def ask_key_order() -> Answer:
    """Ask that a key be rotated or revoked; a second person decides."""
    form = _order_form()
    if not form.validate():
        return _keys_page(form, _certificate_form()), 422
    try:
        with unit_of_work():
            order = services.ask_key_order(
                reads.key_of(queries.body_of(acting()).id, form.key.data),
                KeyAct(form.act.data),
                reason=form.reason.data or "",
                since=_instant(form.since.data),
                by=acting(),
                at=clock.now(),
            )
    except DomainError as error:
        (form.since if form.act.data == KeyAct.COMPROMISE else form.key).errors = [str(error)]
        return _keys_page(form, _certificate_form()), error.status
    flash(_("Asked. Another issuer of your body decides on it."), "good")
    return redirect(url_for("credentials.key_order", code=order.code))


def _instant(given: datetime | None) -> datetime | None:
    return given.replace(tzinfo=SHANGHAI) if given else None


@bp.get("/issuing/keys/orders/<code>")
@requires(Permission.KEYS)
def key_order(code: str) -> str:
    """Show an order, what it would touch, and how far what follows from it is."""
    order = reads.key_order(code, acting())
    return render_template(
        "credentials/key_order.html",
        order=order,
        state=wording_keys.ORDER_STATES[order.state],
        act=wording_keys.ACTS[order.act],
        algorithm=wording_keys.ALGORITHMS[order.key.algorithm],
        reach=services.reach_of(order.key) if order.act is KeyAct.COMPROMISE else None,
        chain=[(one, None) for one in chains.links_of(chains.from_pem(order.chain))],
        sources=[(wording_keys.SOURCES[one.kind], one.url, "code") for one in from_text(order.sources)],
        job=reads.resign_job(order),
        mine=order.asked_by_id == acting().person_id,
        names=names_of([order.asked_by_id, order.decided_by_id]),
        entries=timeline_entries(services.subject(order)),
    )


@bp.post("/issuing/keys/orders/<code>/carry-out")
@requires(Permission.KEYS)
def carry_out_key_order(code: str) -> Response:
    """Carry out an order as the second person."""
    with unit_of_work():
        services.carry_out(reads.key_order(code, acting()), by=acting(), at=clock.now())
    flash(_("Carried out. The list of keys that everyone reads says so now."), "good")
    return redirect(url_for("credentials.key_order", code=code))


@bp.post("/issuing/keys/orders/<code>/refuse")
@requires(Permission.KEYS)
def refuse_key_order(code: str) -> Response:
    """Refuse an order as the second person."""
    with unit_of_work():
        services.refuse(reads.key_order(code, acting()), by=acting(), at=clock.now())
    flash(_("Refused. Nothing was changed."), "good")
    return redirect(url_for("credentials.keys"))
