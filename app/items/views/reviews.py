"""What reviewers do beside accepting: ask for a revision, comment, look at items that are alike."""

from flask import flash, redirect, render_template, request, url_for

from app.accounts.queries import names_of
from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import DomainError, NotFoundError
from app.core.text import _, _l
from app.items import queries, services
from app.items.access import Permission
from app.items.forms import ClearForm, CommentForm, RevisionForm
from app.items.models import Item, ItemBank
from app.items.queries import AlikePair
from app.items.states import STATE_LABELS
from app.items.views import reading
from app.items.views.blueprint import Answer, bp
from app.items.views.items import item_page
from app.web.refusals import show_beside

PAIRS = 8
"""So many pairs stand on a page, each with both items in full."""


@bp.post("/<bank>/item/<code>/revision")
@requires(Permission.REVIEW)
def ask_revision(bank: str, code: str) -> Answer:
    """Send an item back to its author."""
    form = RevisionForm()
    found = queries.bank(bank, acting())
    if not form.validate():
        return item_page(found, queries.item(found, code), revision=form), 422
    try:
        with unit_of_work():
            services.ask_revision(
                found, queries.item(found, code), words=form.words.data or "", by=acting(), at=clock.now()
            )
    except DomainError as error:
        status = show_beside(form, error)
        return item_page(found, queries.item(found, code), revision=form), status
    flash(_("Sent back. The author sees what to change."), "good")
    return redirect(url_for("items.item", bank=bank, code=code))


@bp.post("/<bank>/item/<code>/comment")
@requires(Permission.VIEW)
def comment(bank: str, code: str) -> Answer:
    """Comment on an item."""
    form = CommentForm()
    found = queries.bank(bank, acting())
    if not form.validate():
        return item_page(found, queries.item(found, code), comment=form), 422
    with unit_of_work():
        services.comment(found, queries.item(found, code), words=form.comment.data or "", by=acting(), at=clock.now())
    flash(_("Your comment is kept."), "good")
    return redirect(url_for("items.item", bank=bank, code=code))


@bp.get("/<bank>/alike")
@requires(Permission.VIEW)
def alike(bank: str) -> str:
    """List the items of a bank that look alike."""
    return _alike_page(queries.bank(bank, acting()), ClearForm(formdata=None))


def _alike_page(bank: ItemBank, form: ClearForm) -> str:
    page = queries.page_of(queries.alike(bank), request.args.get("page", 1, type=int), PAIRS)
    items = [item for pair in page.rows for item in (pair.first, pair.second)]
    latest = queries.latest_of([item.id for item in items])
    return render_template(
        "items/alike.html",
        bank=bank,
        page=page,
        asked={
            item.id: reading.shown(latest[item.id], url_for("items.file", bank=bank.code, code=item.code, digest=""))
            for item in items
        },
        names=names_of([item.author_id for item in items]),
        form=form,
        chosen=(form.first.data, form.second.data),
        states=STATE_LABELS,
    )


@bp.post("/<bank>/alike")
@requires(Permission.REVIEW)
def clear_alike(bank: str) -> Answer:
    """Note that two items ask different things."""
    form = ClearForm()
    found = queries.bank(bank, acting())
    if not form.validate():
        return _alike_page(found, form), 422
    pair = _pair(found, request.form.get("first", ""), request.form.get("second", ""))
    with unit_of_work():
        services.clear_alike(found, pair.first, pair.second, words=form.words.data or "", by=acting(), at=clock.now())
    flash(_("Noted. The two are shown again when one of them gets a new version."), "good")
    return redirect(url_for("items.alike", bank=bank))


def _pair(bank: ItemBank, first: str, second: str) -> AlikePair:
    found: dict[str, Item] = {one.code: one for one in queries.items_by_codes(bank, {first, second})}
    if first not in found or second not in found:
        raise NotFoundError(_l("There is no such item in this bank."))
    return AlikePair(found[first], found[second], 0)
