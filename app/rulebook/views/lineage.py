"""Pages that set packs side by side: which region inherits from which, and the difference of two packs."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from flask import render_template, request

from app.accounts.models import Region
from app.accounts.queries import names_of
from app.core import clock
from app.core.access import current_actor, public
from app.core.errors import InvalidError
from app.core.text import _, _l, pick
from app.rulebook import queries
from app.rulebook.access import may_see_drafts
from app.rulebook.forms import CompareForm, LineageForm
from app.rulebook.models import RulePack
from app.rulebook.rules.differences import Difference, compare, entries
from app.rulebook.rules.lineage import Branch, codes_of, regions_of, states, steps, tree
from app.rulebook.rules.packs import chain
from app.rulebook.views.blueprint import bp
from app.rulebook.views.words import phrases_of


@bp.get("/lineage")
@public
def lineage() -> str:
    """Show which pack a region inherits from which, on a day."""
    form = _lineage_form()
    on = form.on.data or clock.today()
    packs = queries.published(form.kind.data)
    asked = queries.region_named(form.region.data) if form.region.data else None
    regions = queries.region_names(codes_of(packs) | set(chain(asked.code) if asked else ()))
    root = tree(packs, on, regions)
    if form.region.data and asked is None:
        form.region.errors = [_("There is no such region. Give its full name or its six digits.")]
    return render_template(
        "rulebook/lineage.html",
        form=form,
        on=on,
        kind=queries.kind(form.kind.data),
        rows=list(_rows(root, regions, on)),
        origins={one.id: one for one in packs},
        steps=[step for step in steps(packs, asked.code, on) if step.region_code in regions] if asked else [],
        asked=asked,
        regions=regions,
        apart=len(regions_of(root)),
    )


def _lineage_form() -> Any:  # noqa: ANN401 - WTForms has no types
    form = LineageForm(request.args, meta={"csrf": False})
    known = queries.kinds()
    form.kind.choices = [(name, one.label) for name, one in known.items()]
    if form.kind.data not in known:
        form.kind.data = "award" if "award" in known else next(iter(known))
    form.validate()
    if form.on.data is None:
        form.on.data = clock.today()
    return form


def _rows(branch: Branch, regions: dict[str, Region], on: date, depth: int = 0) -> Iterator[dict[str, Any]]:
    """Yield the regions of a tree in order with their depth, as the page lists them."""
    yield {"depth": depth, "branch": branch, "region": regions.get(branch.region_code), "states": states(branch, on)}
    for below in branch.below:
        yield from _rows(below, regions, on, depth + 1)


@bp.get("/<code>/compare")
@public
def compared(code: str) -> str:
    """Show two packs of one kind side by side, value by value."""
    actor = current_actor()
    right = queries.pack(code, actor)
    others = queries.comparable(right, actor)
    form = CompareForm(request.args, meta={"csrf": False})
    form.left.choices = [(one.code, f"{pick(one.name_zh, one.name_en)} · {one.code}") for one in others]
    asked = form.left.data if form.left.data not in {None, "None"} else ""
    left = queries.pack(asked, actor) if asked else next(iter(others), None)
    if left is not None and left.kind != right.kind:
        raise InvalidError(_l("Packs of two kinds have no values in common. Choose a pack of the same kind."))
    form.left.data = left.code if left else None
    return render_template(
        "rulebook/compare.html",
        form=form,
        left=left,
        right=right,
        differences=_head(left, right) + _values(left, right) if left else [],
        who=_who(left, right) if left and may_see_drafts(actor) else {},
        regions=queries.region_names({one.region_code for one in (left, right) if one}),
    )


def _values(left: RulePack, right: RulePack) -> list[Difference]:
    say = phrases_of(queries.kind(right.kind)).unnumbered
    return compare(entries(queries.params(left), say), entries(queries.params(right), say))


def _head(left: RulePack, right: RulePack) -> list[Difference]:
    """Compare what stands above the parameters: name, validity, tag and source."""
    pairs = zip(_head_values(left), _head_values(right), strict=True)
    return [Difference((was[0],), was[1], now[1]) for was, now in pairs if was[1] != now[1]]


def _head_values(pack: RulePack) -> list[tuple[str, str]]:
    source = pack.source
    return [
        (_("Rule pack"), pick(pack.name_zh, pack.name_en)),
        (_("From"), pack.starts_on.isoformat()),
        (_("Until"), pack.ends_on.isoformat() if pack.ends_on else _("no end set")),
        (_("Binding"), _("Official") if pack.tag == "official" else _("Sample value")),
        (_("Source"), pick(source["title_zh"], source["title_en"])),
        (_("How it was read"), pick(source["citation_zh"], source["citation_en"])),
    ]


def _who(left: RulePack, right: RulePack) -> dict[int, str]:
    ids = [one for pack in (left, right) for one in (pack.drafted_by_id, pack.proposed_by_id, pack.published_by_id)]
    return names_of(ids)
