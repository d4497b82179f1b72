"""How often the items of a bank were used: what is worn out, what was never seen."""

from datetime import datetime
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from app.assessment.exams.access import Permission
from app.assessment.exams.queries import item_use as queries
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries.item_use import MANY, SORTS
from app.assessment.exams.views.blueprint import bp
from app.core import clock
from app.core.access import acting, requires
from app.core.errors import NotFoundError
from app.core.spreadsheets import to_csv
from app.core.text import _, _l, pick
from app.items.models import ItemBank
from app.items.states import STATE_LABELS

CSV = "text/csv; charset=utf-8"
SORT_LABELS = dict(
    zip(
        SORTS,
        (_l("Most used"), _l("Most seen"), _l("Used last"), _l("Hardest in results"), _l("Code")),
        strict=True,
    )
)


@bp.get("/use")
@requires(Permission.BLUEPRINT)
def item_use() -> str:
    """Show the use of the items of a bank, the first one where the address names none."""
    banks = papers_queries.banks(acting())
    chosen = request.args.get("bank")
    found = next((one for one in banks if one.code == chosen), None if chosen else next(iter(banks), None))
    if chosen and found is None:
        raise NotFoundError(_l("There is no such item bank of your organisation."))
    tabs = [
        {
            "label": pick(one.name_zh, one.name_en),
            "url": url_for("exams.item_use", bank=one.code),
            "active": one is found,
        }
        for one in banks
    ]
    return render_template(
        "exams/item_use.html", bank=found, banks=banks, bank_tabs=tabs, **(_shown(found) if found else {})
    )


def _shown(bank: ItemBank) -> dict[str, Any]:
    at, asked = clock.now(), request.args.get("sort", "")
    sort = asked if asked in SORTS else SORTS[0]
    return {
        "page": queries.uses(bank.id, at, sort=sort, page=request.args.get("page", 1, type=int)),
        "sort": sort,
        "chart": _chart(bank, at),
        "tabs": [
            {
                "label": label,
                "url": url_for("exams.item_use", bank=bank.code, sort=name),
                "active": name == sort,
            }
            for name, label in SORT_LABELS.items()
        ],
        "states": STATE_LABELS,
    }


def _chart(bank: ItemBank, at: datetime) -> dict[str, Any]:
    counted = queries.spread(bank.id, at)
    names = [_("Never"), _("Once"), _("Twice"), _("%(number)s times or more", number=MANY)]
    return {
        "title": _("Items by the sessions they were sat in"),
        "type": "bar",
        "unit": _("items"),
        "categories": names,
        "series": [{"name": _("Items"), "data": [counted[number] for number in range(MANY + 1)]}],
    }


@bp.get("/use/<bank>.csv")
@requires(Permission.BLUEPRINT)
def item_use_csv(bank: str) -> Response:
    """Send the use of every item of a bank; what an item says is not in it."""
    found = papers_queries.bank(bank, acting())
    head = [_("Code"), _("State"), _("Papers"), _("Sessions"), _("Candidates"), _("Used last"), _("Facility")]
    lines: list[list[str | int | float]] = [
        [
            *(one.code, str(STATE_LABELS[one.state]), one.papers, one.sessions, one.seen),
            *(_day(one.last), _share(one.facility)),
        ]
        for one in queries.all_uses(found.id, clock.now())
    ]
    answer = make_response(to_csv([head, *lines]))
    answer.headers["Content-Type"] = CSV
    answer.headers["Content-Disposition"] = f'attachment; filename="use-{found.code}.csv"'
    return answer


def _day(moment: datetime | None) -> str:
    return f"{clock.day_of(moment)}" if moment else ""


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
