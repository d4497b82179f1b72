"""Pages on which an item is written: a new one, or the next version of a draft or of what was sent back."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for

from app.core import clock
from app.core.access import acting, requires
from app.core.db import unit_of_work
from app.core.errors import ConflictError, DomainError, Text
from app.core.text import _, _l
from app.items import queries, services
from app.items.access import Permission
from app.items.forms import TypeForm, WrittenForm, asked_anew, filled, item_form, part_types, tell
from app.items.models import Item, ItemBank
from app.items.states import TYPE_LABELS, ItemType
from app.items.views.blueprint import Answer, bp
from app.items.views.enclosing import attached

ADD, DROP, ATTACH = "add", "drop-", "attach"
"""What the buttons of the page say beside the one that keeps the item."""
FIRST_PARTS = (ItemType.SINGLE,)
NAMED = 5
"""So many items of nearly the same wording are named at most, the nearest first."""


@bp.get("/<bank>/write")
@requires(Permission.IMPORT)
def write(bank: str) -> str:
    """Show the page of a new item of the type that the address names."""
    found = queries.bank(bank, acting())
    kind = _kind()
    parts = FIRST_PARTS if kind is ItemType.CASE else ()
    form_class = item_form(kind, queries.modules_of(found).labels, new=True, parts=parts)
    form = form_class(formdata=None, data={"parts": ",".join(parts), "part1-points": "1"})
    return _page(found, None, kind, form)


def _kind() -> ItemType:
    """Return the type that the address names, a single choice where it names none that can be written."""
    given = request.args.get("type", "")
    return next((one for one in ItemType if one == given), ItemType.SINGLE)


def _page(bank: ItemBank, item: Item | None, kind: ItemType, form: WrittenForm) -> str:
    return render_template(
        "items/write.html",
        bank=bank,
        item=item,
        kind=kind,
        form=form,
        choose=TypeForm(data={"type": kind.value}),
        types=TYPE_LABELS,
    )


@bp.post("/<bank>/write")
@requires(Permission.IMPORT)
def keep_new(bank: str) -> Answer:
    """Keep a new item as a draft."""
    found, kind = queries.bank(bank, acting()), _kind()
    return _answer(found, None, kind)


def _answer(bank: ItemBank, item: Item | None, kind: ItemType) -> Answer:
    """Do what the pressed button says: add or drop a sub-item, add a file, or keep what was written."""
    new, act, modules = item is None, request.form.get("act", ""), _modules(bank, item)
    form = item_form(kind, modules, new=new, parts=_posted_parts(kind))()
    if kind is ItemType.CASE and (act == ADD or act.startswith(DROP)):
        if form["enclosed"].data and not attached(bank, form):
            return _page(bank, item, kind, form), 422
        dropped = act.removeprefix(DROP)
        left = None if act == ADD else int(dropped) if dropped.isdecimal() else 0
        return _page(bank, item, kind, asked_anew(form, kind, modules, new=new, left=left))
    if act == ATTACH or form["enclosed"].data:
        added = attached(bank, form)
        if act == ATTACH or not added:
            return _page(bank, item, kind, form), 200 if added else 422
    return _keep(bank, item, kind, form)


def _modules(bank: ItemBank, item: Item | None) -> Mapping[str, Text]:
    """Return the modules that an item may name; one that it names already stays among them."""
    modules = queries.modules_of(bank)
    named = [] if item is None else [item.versions[-1].module]
    return modules.labels | {module: modules.name(module) for module in named}


def _posted_parts(kind: ItemType) -> list[ItemType]:
    return part_types(WrittenForm().parts) if kind is ItemType.CASE else []


def _written(form: WrittenForm, item: Item | None, kind: ItemType) -> services.Written:
    cells = form.cells() if item is None else {**form.cells(), "code": item.code}
    return services.Written(kind, cells, form.sub_items())


def _keep(bank: ItemBank, item: Item | None, kind: ItemType, form: WrittenForm) -> Answer:
    written = _written(form, item, kind)
    if not form.validate():
        tell(form, services.faults(bank, written, item=item))
        return _page(bank, item, kind, form), 422
    try:
        with unit_of_work():
            _refuse_late(form, item)
            code = services.save_item(bank, written, item=item, by=acting(), at=clock.now())
    except DomainError as error:
        tell(form, error.faults if isinstance(error, services.ItemRefusedError) else [(error.field or "", str(error))])
        return _page(bank, item, kind, form), error.status
    flash(_("Kept. It waits for its reviewers."), "good")
    _tell_alike(bank, code)
    return redirect(url_for("items.item", bank=bank.code, code=code))


def _tell_alike(bank: ItemBank, code: str) -> None:
    """Warn of items that say nearly the same; what was written stays."""
    near = queries.alike_to(bank, code)
    if near:
        listed = str(_(", ")).join(f"{one.second} ({one.percent}%)" for one in near[:NAMED])
        flash(_("Nearly the same wording: %(items)s. Look whether they ask the same.", items=listed), "waiting")


def _refuse_late(form: WrittenForm, item: Item | None) -> None:
    if item is not None and form.number.data != str(item.number):
        raise ConflictError(
            _l("Version %(number)s was kept meanwhile. Open the item in another tab and compare.", number=item.number)
        )


@bp.get("/<bank>/item/<code>/edit")
@requires(Permission.IMPORT)
def edit(bank: str, code: str) -> str:
    """Show the latest version of an item in the form in which it is written."""
    found = queries.bank(bank, acting())
    item = queries.item(found, code)
    return _page(found, item, item.versions[-1].type, filled(item, _modules(found, item)))


@bp.post("/<bank>/item/<code>/edit")
@requires(Permission.IMPORT)
def keep_version(bank: str, code: str) -> Answer:
    """Keep the next version of an item."""
    found = queries.bank(bank, acting())
    item = queries.item(found, code)
    return _answer(found, item, item.versions[-1].type)
