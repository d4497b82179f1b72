"""The names that every template knows without being handed them."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Flask, current_app, request, url_for
from jinja2 import pass_context
from markupsafe import Markup, escape

from app.core.access import current_actor
from app.core.config import settings
from app.core.text import pick
from app.web import formats, navigation

THEME_COOKIE = "theme"
THEMES = ("auto", "light", "dark")
CELL = re.compile(r"<t[dh](?=[\s>])")
DAY = re.compile(r"\s*\d{4}年\d{1,2}月\d{1,2}日")  # zh: how a date begins
PLAIN_DAY = re.compile(r"(?![^>]*class=)[^>]*>" + DAY.pattern)
"""A Chinese date, which a narrow column would break anywhere."""


def theme() -> str:
    """Return the chosen appearance: auto, light or dark."""
    chosen = request.cookies.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"


def here() -> str:
    """Return the path to come back to after a switch or a sign-in."""
    return request.full_path.rstrip("?") if request.method == "GET" else "/"


def url_with(**changes: str | int | None) -> str:
    """Return this page's address with changed query values; None drops one."""
    query: dict[str, Any] = {**request.args.to_dict(flat=False), **changes}
    kept = {name: value for name, value in query.items() if value is not None}
    return url_for(request.endpoint or "", **(request.view_args or {}), **kept)


def url_if(endpoint: str, code: str | None = None) -> str | None:
    """Return the address of a page that a room may or may not offer; of one record with its code."""
    return url_for(endpoint, code=code) if endpoint in current_app.view_functions else None


def sort_state(key: str) -> str | None:
    """Return `ascending` or `descending` if this page is sorted by the column."""
    return {key: "ascending", f"-{key}": "descending"}.get(request.args.get("sort", ""))


def chart_rows(spec: dict[str, Any]) -> list[list[Any]]:
    """Return the rows of a chart's table: the category, then each series' value."""
    columns = [series["data"] for series in spec["series"]]
    return [list(row) for row in zip(spec["categories"], *columns, strict=True)]


def only(rows: Sequence[Mapping[str, Any]], key: str) -> object:
    """Return what all rows say, None where they say different things or nothing."""
    said = {row.get(key) or None for row in rows}
    return said.pop() if len(said) == 1 else None


def labelled(cells: Markup, columns: Sequence[dict[str, Any]]) -> Markup:
    """Give the cells of a row written by hand the labels of their columns, which phones show beside them."""
    labels = iter(columns)

    def label(cell: re.Match[str]) -> str:
        column = next(labels, None)
        day = ' class="day"' if PLAIN_DAY.match(cells, cell.end()) else ""
        return (
            f"{cell.group()}{day}" if column is None else f'{cell.group()}{day} data-label="{escape(column["label"])}"'
        )

    return Markup(CELL.sub(label, cells))  # noqa: S704 - the cells were escaped where they were written


def is_day(value: object) -> bool:
    """Tell whether a cell begins with a Chinese date."""
    return DAY.match(str(value)) is not None


def demo_mode() -> bool:
    """Tell whether the data is invented and the page should say so."""
    return settings().demo


def _each_time(write: Callable[..., str]) -> Callable[..., str]:
    """Keep Jinja from applying a filter to a constant once, at compile time, in whichever language came first."""

    @pass_context
    def apply(_context: object, *values: object, **options: object) -> str:
        return write(*values, **options)

    return apply


def init_app(app: Flask) -> None:
    """Register filters, functions and the values of each page."""
    app.jinja_env.filters.update({name: _each_time(write) for name, write in formats.FILTERS.items()})
    app.jinja_env.tests["day"] = is_day
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    for function in (theme, here, url_with, url_if, sort_state, chart_rows, only, labelled, demo_mode, pick):
        app.add_template_global(function)
    app.add_template_global(navigation.for_public, "public_nav")
    app.add_template_global(navigation.for_account, "account_links")
    app.context_processor(_page)


def _page() -> dict[str, Any]:
    return {"actor": current_actor(), "nav": navigation.for_actor(), "nav_groups": navigation.grouped}
