"""Pages of lists."""

from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Select, func, select

from app.core.db import session

Row = TypeVar("Row")
PER_PAGE = 25


class Page(NamedTuple, Generic[Row]):
    """One page of a list, as `ui.pagination` reads it."""

    rows: list[Row]
    page: int
    pages: int
    total: int


def page_of(query: Select[Any], order: tuple[Any, ...], page: int, per_page: int = PER_PAGE) -> Page[Any]:
    """Return a page of a query in an order; a page beyond the last gives the last: two statements."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages = max(-(-total // per_page), 1)
    shown = min(max(page, 1), pages)
    rows = session.scalars(query.order_by(*order).limit(per_page).offset((shown - 1) * per_page))
    return Page(list(rows), shown, pages, total)
