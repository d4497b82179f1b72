"""Pages of one item, and the review of one or many."""

from flask import Response, flash, redirect, render_template, request, url_for

from app.accounts.queries import names_of
from app.core import clock, files
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.text import _, _n
from app.desk.queries import timeline_entries
from app.items import queries, services
from app.items.access import Permission
from app.items.forms import CommentForm, FilterForm, ReasonForm, RevisionForm
from app.items.models import Item, ItemBank
from app.items.rules.texts import PICTURES
from app.items.services.review import Reviewed
from app.items.states import ITEM, OPINION_LABELS, Opinion
from app.items.views import reading
from app.items.views.banks import LABELS
from app.items.views.blueprint import Answer, bp


@bp.get("/<bank>/item/<code>")
@requires(Permission.VIEW)
def item(bank: str, code: str) -> str:
    """Show what an item says, where it comes from and what happened to it."""
    found = queries.bank(bank, acting())
    return item_page(found, queries.item(found, code))


def item_page(
    bank: ItemBank,
    found: Item,
    *,
    retiring: ReasonForm | None = None,
    revision: RevisionForm | None = None,
    comment: CommentForm | None = None,
) -> str:
    """Return the page of an item, with a form that was filled in wrongly where there is one."""
    written = {found.author_id, *(version.created_by_id for version in found.versions)}
    said = queries.said_of(found)
    now = [one for one in said if one.number == found.number and one.opinion is not None]
    return render_template(
        "items/item.html",
        bank=bank,
        item=found,
        version=found.versions[-1],
        asked=reading.shown(found.versions[-1], url_for("items.file", bank=bank.code, code=found.code, digest="")),
        names=names_of([*written, found.approved_by_id, *(one.person_id for one in said)]),
        said=said,
        accepted=[one for one in now if one.opinion is Opinion.ACCEPT],
        reviewed=any(one.person_id == acting().person_id for one in now),
        opinions=OPINION_LABELS,
        own=acting().person_id in written,
        moves={move.name for move in ITEM.available(found.state)} if acting().may(Permission.REVIEW) else set(),
        entries=timeline_entries(services.of_item(bank, found.code)),
        form=retiring or ReasonForm(formdata=None),
        revision=revision or RevisionForm(formdata=None),
        comment=comment or CommentForm(formdata=None),
        modules=queries.modules_of(bank).labels,
        **LABELS,
    )


@bp.get("/<bank>/item/<code>/files/<digest>")
@requires(Permission.VIEW)
def file(bank: str, code: str, digest: str) -> Answer:
    """Send a picture or attachment of an item; what is no picture is never opened in the browser."""
    kept = queries.file_of(queries.item(queries.bank(bank, acting()), code), digest)
    response = Response(files.load(kept), mimetype=kept.media_type)
    if kept.media_type not in PICTURES:
        response.headers["Content-Disposition"] = "attachment"
    return response


@bp.post("/<bank>/item/<code>/approve")
@requires(Permission.REVIEW)
def approve(bank: str, code: str) -> Answer:
    """Approve one item."""
    with unit_of_work():
        found = queries.bank(bank, acting())
        done = services.approve(found, [queries.item(found, code)], by=acting(), at=clock.now())
    if done.approved:
        flash(_("Approved. Papers and quizzes may use the item now."), "good")
    else:
        flash(_("Accepted. Another reviewer must accept it too."), "good")
    return redirect(url_for("items.item", bank=bank, code=code))


@bp.post("/<bank>/item/<code>/retire")
@requires(Permission.REVIEW)
def retire(bank: str, code: str) -> Answer:
    """Retire one item with a reason."""
    form = ReasonForm()
    if not form.validate():
        found = queries.bank(bank, acting())
        return item_page(found, queries.item(found, code), retiring=form), 422
    with unit_of_work():
        found = queries.bank(bank, acting())
        services.retire(found, queries.item(found, code), reason=form.reason.data or "", by=acting(), at=clock.now())
    flash(
        _("Retired with your reason. Where a frozen paper holds the item, its examiners decide on that paper."), "good"
    )
    return redirect(url_for("items.item", bank=bank, code=code))


@bp.post("/<bank>/approve")
@requires(Permission.REVIEW)
def approve_chosen(bank: str) -> Answer:
    """Approve the items ticked in the list."""
    chosen = set(request.form.getlist("item"))
    with unit_of_work():
        found = queries.bank(bank, acting())
        done = services.approve(found, queries.items_by_codes(found, chosen), by=acting(), at=clock.now())
    _say(done)
    return redirect(url_for("items.bank", bank=bank, **_filter(found).choice().given()))


def _filter(bank: ItemBank) -> FilterForm:
    return FilterForm(request.args, queries.modules_of(bank).labels)


@bp.get("/<bank>/approve-all")
@requires(Permission.REVIEW)
def confirm_all(bank: str) -> str:
    """Ask before every draft of a filtered list is approved."""
    found = queries.bank(bank, acting())
    form = _filter(found)
    choice = form.choice()
    return render_template(
        "items/approve_all.html",
        bank=found,
        form=form,
        choice=choice,
        waiting=queries.count_approvable(found, acting(), choice),
        modules=queries.modules_of(found).labels,
        **LABELS,
    )


@bp.post("/<bank>/approve-all")
@requires(Permission.REVIEW)
def approve_all(bank: str) -> Answer:
    """Approve every draft of a filtered list, if it is still as long as the one that was confirmed."""
    expected = request.form.get("expected", 0, type=int)
    with unit_of_work():
        found = queries.bank(bank, acting())
        choice = _filter(found).choice()
        done = services.approve_choice(found, choice, expected=expected, by=acting(), at=clock.now())
    _say(done)
    return redirect(url_for("items.bank", bank=bank))


def _say(done: Reviewed) -> None:
    if done.approved:
        flash(_n("%(num)s item approved.", "%(num)s items approved.", done.approved), "good")
    elif done.accepted:
        accepted = done.accepted
        flash(
            _n("%(num)s item waits for another reviewer.", "%(num)s items wait for another reviewer.", accepted), "good"
        )
    else:
        flash(_("No item was ticked, so nothing was approved."), "waiting")
