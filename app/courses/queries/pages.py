"""Pages of lists."""

from typing import Generic, NamedTuple, TypeVar

Row = TypeVar("Row")
PER_PAGE = 50


class Page(NamedTuple, Generic[Row]):
    """One page of a list, as `ui.pagination` reads it."""

    rows: list[Row]
    page: int
    pages: int
    total: int


class Cut(NamedTuple):
    """Which part of a list a page shows."""

    page: int
    pages: int
    offset: int


def cut(total: int, page: int, per_page: int = PER_PAGE) -> Cut:
    """Return the part of a list of `total` rows for a page, moved into the list where it lies outside."""
    pages = max(-(-total // per_page), 1)
    shown = min(max(page, 1), pages)
    return Cut(shown, pages, (shown - 1) * per_page)
