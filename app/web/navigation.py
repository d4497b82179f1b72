"""The entries of the menus, from what the rooms declare and the acting role may open."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app, g, request, url_for

from app.core.access import Actor, current_actor
from app.core.room import NavItem, Room

FEW = 9
"""A menu of so many entries is read at a glance."""
MENU = "account_menu"
COUNTS = "nav_counts"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a menu as the templates show it."""

    label: str
    url: str
    icon: str
    active: bool
    count: int | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Entries that stand together; those without a group have no label and are always open."""

    label: str
    entries: list[Entry]

    @property
    def open(self) -> bool:
        """Tell whether the current page lies in it."""
        return any(entry.active for entry in self.entries)

    @property
    def count(self) -> int:
        """Return the sum of the numbers beside its entries."""
        return sum(entry.count or 0 for entry in self.entries)


def offer_account_link(app: Flask, item: NavItem) -> None:
    """Put a link into the account menu; a room calls it from its `start`."""
    app.extensions.setdefault(MENU, []).append(item)


def count_with(app: Flask, loader: Callable[[], dict[str, int]]) -> None:
    """Set who tells the numbers beside menu entries, by endpoint (what waits for me)."""
    app.extensions[COUNTS] = loader


def lies_under(endpoint: str) -> None:
    """Say under which entry the page lies that is shown, where its address begins like another one's."""
    g.nav_under = endpoint


def for_actor() -> list[Entry]:
    """Return the main navigation of the acting role, empty for the public."""
    actor = current_actor()
    if actor is None or actor.limited_to is not None:
        return []
    loader = current_app.extensions.get(COUNTS)
    counts = loader() if loader is not None else {}
    return _entries([item for item in _declared() if _may_see(item, actor)], counts)


def grouped(entries: list[Entry]) -> list[Group]:
    """Put entries under the names of their groups, first those without one; few entries need no groups.

    A group of one entry is no group.
    """
    sizes = Counter(entry.group for entry in entries)
    found: dict[str, list[Entry]] = {"": []}
    for entry in entries:
        own = entry.group if len(entries) > FEW and sizes[entry.group] > 1 else ""
        found.setdefault(own, []).append(entry)
    return [Group(label, listed) for label, listed in found.items() if listed]


def for_public() -> list[Entry]:
    """Return the navigation of the public pages: what needs no permission."""
    return _entries([item for item in _declared() if item.permission is None], {})


def for_account() -> list[Entry]:
    """Return the links of the account menu."""
    items = cast("list[NavItem]", current_app.extensions.get(MENU, []))
    actor = current_actor()
    return _entries([item for item in items if actor and _allowed(item, actor)], {})


def _allowed(item: NavItem, actor: Actor) -> bool:
    return actor.limited_to is None and (item.permission is None or actor.may(item.permission))


def _may_see(item: NavItem, actor: Actor) -> bool:
    return item.permission is not None and actor.may(item.permission)


def _declared() -> list[NavItem]:
    listed = cast("tuple[Room, ...]", current_app.extensions.get("rooms", ()))
    items = (item for room in listed for item in room.navigation)
    return [item for item in items if item.endpoint in current_app.view_functions]


def _entries(items: list[NavItem], counts: dict[str, int]) -> list[Entry]:
    ordered = sorted(items, key=lambda item: item.order)
    urls = [url_for(item.endpoint) for item in ordered]
    here = _here_of(urls)
    return [
        Entry(str(item.label), url, item.icon, url == here, counts.get(item.endpoint), str(item.group))
        for item, url in zip(ordered, urls, strict=True)
    ]


def _here_of(urls: list[str]) -> str | None:
    """Return the longest entry that the current page lies under, by its address or by what its view said."""
    path = url_for(g.nav_under) if "nav_under" in g else request.path
    under = [url for url in urls if path == url or path.startswith(url.rstrip("/") + "/")]
    within = [url for url in under if url != "/" or path == "/"]
    return max(within, key=len, default=None)
