"""One page of a list."""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, select

from app.core.db import session

Record = TypeVar("Record")
PER_PAGE = 25


@dataclass(frozen=True, slots=True)
class Page(Generic[Record]):
    """One page of a list, as `ui.pagination` reads it."""

    rows: list[Record]
    page: int
    pages: int
    total: int


def page_of(query: Select[Any], order: tuple[Any, ...], page: int) -> Page[Any]:
    """Return a page of a query; one beyond the last gives the last."""
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    rows = session.scalars(query.order_by(*order).limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page(list(rows), wanted, pages, total)
