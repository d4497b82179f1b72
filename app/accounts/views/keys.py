"""Keys for the programs of one's organisation: listed, made, shown once, revoked."""

from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.accounts import key_queries as queries
from app.accounts import organisation_queries as organisations
from app.accounts import services
from app.accounts.access import Permission
from app.accounts.keyed import AccessKey
from app.accounts.models import Organisation
from app.accounts.organisation_forms import KeyForm
from app.accounts.queries import names_of
from app.accounts.queries import organisation as organisation_by_id
from app.accounts.services.access_keys import USES_A_MINUTE, Terms
from app.accounts.views.blueprint import Answer, bp
from app.accounts.views.confirm import freshly
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError, ForbiddenError, NotFoundError, Text
from app.core.events import Event
from app.core.text import _, _l
from app.web.refusals import show_beside


@bp.get("/organisations/mine/keys")
@requires(Permission.ACCESS_KEYS)
def own_keys() -> Response:
    """Lead to the keys of the organisation that one acts for."""
    own = acting().organisation_id
    if own is None:
        raise NotFoundError(_l("Your role belongs to no organisation."))
    return redirect(url_for("accounts.keys", slug=organisation_by_id(own).slug))


@bp.get("/organisations/<slug>/keys")
@requires(Permission.ACCESS_KEYS)
def keys(slug: str) -> str:
    """List the keys of the programs of one's organisation."""
    found = _own(slug)
    return render_template(
        "accounts/keys.html",
        organisation=found,
        page=queries.keys_of(found, number=request.args.get("page", 1, type=int)),
        purposes=queries.purposes(),
        state=_state,
        shown=queries.second_factor_shown(acting()),
    )


def _own(slug: str) -> Organisation:
    found = organisations.organisation_of(acting(), slug)
    if found.id != acting().organisation_id:
        raise NotFoundError(_l("There is no such record within what you may see."))
    return found


def _state(key: AccessKey) -> str:
    """Return in one word whether a key opens something today."""
    at: datetime = clock.real_now()
    if key.ended_at is not None:
        return "revoked"
    if key.expires_at <= at:
        return "expired"
    return "live" if key.membership.holds_on(clock.today()) else "orphan"


@bp.get("/organisations/<slug>/keys/new")
@requires(Permission.ACCESS_KEYS)
@freshly
def new_key(slug: str) -> str:
    """Ask which program the key is for."""
    return _form_page(_own(slug), _offered(KeyForm()))


def _offered(form: KeyForm) -> KeyForm:
    form.offer({name: label for name, label in queries.purposes().items() if acting().may(name)})
    return form


def _form_page(found: Organisation, form: KeyForm) -> str:
    shown = queries.second_factor_shown(acting())
    return render_template("accounts/key_form.html", organisation=found, form=form, shown=shown)


@bp.post("/organisations/<slug>/keys/new")
@requires(Permission.ACCESS_KEYS)
@freshly
def make_key(slug: str) -> Answer:
    """Make a key and show it, this once."""
    form = _offered(KeyForm())
    if not form.validate():
        return _form_page(_own(slug), form), 422
    try:
        with unit_of_work():
            found, terms = _own(slug), Terms(form.name.data or "", form.purpose.data, form.days.data)
            _check_second_factor()
            key, text = services.make_key(found, terms, by=acting(), at=clock.real_now())
    except DomainError as error:
        status = show_beside(form, error)
        return _form_page(_own(slug), form), status
    return render_template(
        "accounts/key_made.html", organisation=found, key=key, text=text, purpose=queries.purposes()[key.purpose]
    )


def _check_second_factor() -> None:
    if not queries.second_factor_shown(acting()):
        raise ForbiddenError(
            _l("A key is made by somebody who signed in with a second factor. Set one up in your account first.")
        )


@bp.get("/organisations/<slug>/keys/<code>")
@requires(Permission.ACCESS_KEYS)
def key(slug: str, code: str) -> str:
    """Show a key: what it opens, until when, what was done with it."""
    found = _own(slug)
    one = queries.key_in(found, code)
    return render_template(
        "accounts/key.html",
        organisation=found,
        key=one,
        purpose=queries.purposes().get(one.purpose, one.purpose),
        state=_state(one),
        entries=_entries(one),
        a_minute=USES_A_MINUTE,
    )


def _entries(one: AccessKey) -> list[dict[str, object]]:
    happened = queries.happened(one)
    names = names_of([event.actor_id for event in happened])
    return [
        {
            "at": event.at,
            "text": _said(event),
            "who": None if event.kind == "accounts.key_used" else names.get(event.actor_id or 0),
        }
        for event in happened
    ]


def _said(event: Event) -> Text:
    if event.kind == "accounts.key_made":
        return _l("Key made")
    if event.kind == "accounts.key_revoked":
        return _l("Key revoked")
    if not event.data.get("record"):
        return _l("Used, refused with %(status)s", status=event.data["status"])
    if event.data.get("repeated"):
        return _l("Repeated; the record %(code)s stands already", code=event.data["record"])
    return _l("Used; the record %(code)s was entered", code=event.data["record"])


@bp.post("/organisations/<slug>/keys/<code>/revoke")
@requires(Permission.ACCESS_KEYS)
@freshly
def revoke_key(slug: str, code: str) -> Response:
    """Revoke a key at once."""
    with unit_of_work():
        found = _own(slug)
        services.end_key(queries.key_in(found, code), found, by=acting(), at=clock.real_now())
    flash(_("The key opens nothing any more."), "good")
    return redirect(url_for("accounts.key", slug=slug, code=code))
