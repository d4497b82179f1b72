"""One page of a list, counted and cut in two statements."""

from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import Select, func, select

from app.core.db import session

Record = TypeVar("Record")
PER_PAGE = 25


class Page(NamedTuple, Generic[Record]):
    """What a list shows: the rows of one page and how many there are."""

    rows: list[Record]
    page: int
    pages: int
    total: int


def paged(query: Select[Record], page: int) -> Page[Record]:
    """Return a page of an ordered query; pages count from 1."""
    total = session.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    pages, wanted = place_of(page, total)
    rows = session.scalars(query.limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page(list(rows), wanted, pages, total)


def place_of(page: int, total: int) -> tuple[int, int]:
    """Return how many pages so many rows fill, and which of them is shown: one beyond the last is the last."""
    pages = -(-total // PER_PAGE)
    return pages, min(max(page, 1), max(pages, 1))
