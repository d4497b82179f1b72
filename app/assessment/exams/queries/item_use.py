"""Reads of how often the items of a bank were used and seen, and how they did last."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, Subquery, func, select

from app.assessment.exams.models import Attempt, ExamSession, ItemStatistic, Paper, PaperItem, StatisticsRun
from app.assessment.exams.queries.pages import PER_PAGE, Page
from app.assessment.exams.states import SessionState
from app.core.db import session
from app.items.models import Item, ItemVersion
from app.items.states import ItemState

MANY = 3
SORTS = ("uses", "seen", "last", "facility", "code")


class Use(NamedTuple):
    """An item with the papers that hold it, the sessions it was sat in, who saw it, and its latest figures."""

    item_id: int
    code: str
    state: ItemState
    papers: int
    sessions: int
    seen: int
    last: datetime | None
    facility: float | None
    discrimination: float | None


def uses(bank_id: int, at: datetime, *, sort: str, page: int) -> Page[Use]:
    """List the items of a bank that are not retired, most used first or by another of SORTS."""
    query = _uses(bank_id, at, sort)
    total = session.scalar(select(func.count()).select_from(_items(bank_id).subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    rows = session.execute(query.limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page([Use(*row) for row in rows], wanted, pages, total)


def all_uses(bank_id: int, at: datetime) -> list[Use]:
    """Return every item of a bank that is not retired with its use, by code."""
    return [Use(*row) for row in session.execute(_uses(bank_id, at, "code"))]


def spread(bank_id: int, at: datetime) -> Mapping[int, int]:
    """Count the items that were sat in no session, in one, in two ... `MANY` or more."""
    sat = _sat(bank_id, at)
    times = func.coalesce(sat.c.sessions, 0).label("times")
    query = (
        select(times, func.count())
        .select_from(Item)
        .outerjoin(sat, sat.c.item_id == Item.id)
        .where(Item.bank_id == bank_id, Item.state != ItemState.RETIRED)
        .group_by(times)
    )
    counted = dict.fromkeys(range(MANY + 1), 0)
    for number, items in session.execute(query):
        counted[min(number, MANY)] += items
    return counted


def _items(bank_id: int) -> Select[int]:
    return select(Item.id).where(Item.bank_id == bank_id, Item.state != ItemState.RETIRED)


def _uses(bank_id: int, at: datetime, sort: str) -> Select[Any]:
    sat, held, stat = _sat(bank_id, at), _held(bank_id), _latest(bank_id)
    sessions, seen = func.coalesce(sat.c.sessions, 0), func.coalesce(sat.c.seen, 0)
    query = (
        select(
            Item.id,
            Item.code,
            Item.state,
            func.coalesce(held.c.papers, 0),
            sessions,
            seen,
            sat.c.last,
            stat.c.facility,
            stat.c.discrimination,
        )
        .outerjoin(sat, sat.c.item_id == Item.id)
        .outerjoin(held, held.c.item_id == Item.id)
        .outerjoin(stat, (stat.c.item_id == Item.id) & (stat.c.place == 1))
        .where(Item.bank_id == bank_id, Item.state != ItemState.RETIRED)
    )
    orders: Mapping[str, ColumnElement[object]] = {
        "uses": sessions.desc(),
        "seen": seen.desc(),
        "last": sat.c.last.desc().nulls_last(),
        "facility": stat.c.facility.asc().nulls_last(),
    }
    chosen = [orders[sort]] if sort in orders else []
    return query.order_by(*chosen, Item.code)


def _sat(bank_id: int, at: datetime) -> Subquery:
    """Count the sessions that have opened and those who began them, item by item.

    Rehearsals count: whoever sits one sees its items. Papers that are still sealed do not.
    """
    began = (
        select(Attempt.session_id, func.count().label("people"))
        .where(Attempt.started_at.is_not(None))
        .group_by(Attempt.session_id)
        .subquery()
    )
    return (
        select(
            ItemVersion.item_id,
            func.count(func.distinct(ExamSession.id)).label("sessions"),
            func.sum(func.coalesce(began.c.people, 0)).label("seen"),
            func.max(ExamSession.opens_at).label("last"),
        )
        .join(PaperItem, PaperItem.item_version_id == ItemVersion.id)
        .join(ExamSession, ExamSession.paper_id == PaperItem.paper_id)
        .join(Item, Item.id == ItemVersion.item_id)
        .outerjoin(began, began.c.session_id == ExamSession.id)
        .where(
            Item.bank_id == bank_id,
            ExamSession.state != SessionState.PLANNED,
            ExamSession.opens_at <= at,
        )
        .group_by(ItemVersion.item_id)
        .subquery()
    )


def _held(bank_id: int) -> Subquery:
    return (
        select(ItemVersion.item_id, func.count(func.distinct(Paper.id)).label("papers"))
        .join(PaperItem, PaperItem.item_version_id == ItemVersion.id)
        .join(Paper, Paper.id == PaperItem.paper_id)
        .join(Item, Item.id == ItemVersion.item_id)
        .where(Item.bank_id == bank_id)
        .group_by(ItemVersion.item_id)
        .subquery()
    )


def _latest(bank_id: int) -> Subquery:
    """Number the figures of each item, the latest computation first."""
    place = func.row_number().over(
        partition_by=ItemVersion.item_id, order_by=(StatisticsRun.computed_at.desc(), ItemStatistic.id.desc())
    )
    return (
        select(ItemVersion.item_id, ItemStatistic.facility, ItemStatistic.discrimination, place.label("place"))
        .join(ItemVersion, ItemVersion.id == ItemStatistic.item_version_id)
        .join(Item, Item.id == ItemVersion.item_id)
        .join(StatisticsRun, StatisticsRun.id == ItemStatistic.run_id)
        .where(Item.bank_id == bank_id)
        .subquery()
    )
