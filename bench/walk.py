"""A walk through every address that the people of the demo may open, one route after another.

Each person starts at every route without a part to fill in that their access allows, and follows what the answers
names: links, forms, pictures, addresses in JSON. Routes that some found and others did not are then asked for by the
others with the same records. A bounded number of records a route is opened by each person, drawn by a fixed seed;
where a route is still unseen, which may hang on one record among many, more are opened.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect, Rule
from werkzeug.test import TestResponse

from app.core.access import KEY, access_of
from app.core.room import permissions_of

REFUSALS_PER_RECORD = 4
"""Addresses a person is refused at before a route counts as closed, for each record wanted."""
MORE = 12
"""Times as many records of a route are opened while one is looked for that nobody saw."""
LOOKING = 4
"""So many of a role look for it at most."""
NAMED = re.compile(r"""["'>](?:https?://localhost(?::\d+)?)?(/(?!/)[^"'\s<>\\]*)""")
PAGE = "text/html"
JSON = ("json", "/vc")
"""How the kinds of JSON end; credentials say `application/vc`."""
TYPED = {"credentials.new_change": "?act=suspend&every=1&standing=valid", "desk.search": "?q=%E6%B2%88"}
"""What a form of one's own page sends to the address behind it."""
# They change how the visitor itself sees every page after them
SWITCHES = {"web.set_language", "web.set_theme"}
DOORS = {"accounts.sign_in", "accounts.confirm", "accounts.second_factor"}
"""Where somebody is sent who may not see an address as they are."""


@dataclass(frozen=True)
class Visitor:
    """A person of the demo under one role, or the public, whose role is empty."""

    name: str
    role: str
    client: FlaskClient


@dataclass(frozen=True)
class Visit:
    """One address that answered a visitor: with a page, with a file of some kind, or by leading elsewhere."""

    visitor: Visitor
    endpoint: str
    path: str
    kind: str
    statements: int

    @property
    def is_page(self) -> bool:
        """Whether people read it as a page."""
        return self.kind == PAGE


@dataclass
class Walk:
    """What was visited so far, by whom, and which addresses of each route are known."""

    app: Flask
    counter: Counter[str]
    per_route: int
    visits: list[Visit] = field(default_factory=list)
    without: frozenset[str] = frozenset()
    """Routes that are not looked for."""
    known: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    asked: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def __post_init__(self) -> None:
        """Bind the map of routes once."""
        self.chance = random.Random(20260301)
        self.routes: MapAdapter = self.app.url_map.bind("localhost")
        self.open: dict[str, frozenset[str]] = {}

    def all(self, visitors: Sequence[Visitor]) -> None:
        """Let every visitor walk from where each may begin, then ask for what only others found, or nobody."""
        self.open = {one.name: frozenset(self._open_to(one)) for one in visitors}
        for visitor in visitors:
            self._walk(visitor, self._beginnings(self.open[visitor.name]))
        for visitor in visitors:
            seen = {one.endpoint for one in self.visits if one.visitor == visitor}
            missing = sorted(self.open[visitor.name] - seen)
            self._walk(visitor, [path for endpoint in missing for path in self._some(endpoint)])
        looking: Counter[str] = Counter()
        for visitor in visitors:
            unseen = self.open[visitor.name] & (self.unvisited() - self.without)
            if unseen and looking[visitor.role] < LOOKING:
                looking[visitor.role] += 1
                self._walk(visitor, [path for paths in self.known.values() for path in sorted(paths)], MORE)

    def reachable(self) -> set[str]:
        """The routes that some visitor's access allows."""
        return set().union(*self.open.values())

    def unvisited(self) -> set[str]:
        """The routes that nobody saw although somebody may."""
        return self.reachable() - {one.endpoint for one in self.visits}

    def _walk(self, visitor: Visitor, waiting: list[str], times: int = 1) -> None:
        """Open what waits in an order by chance, a few records a route, and what the answers name."""
        asked, most = self.asked[visitor.name], self.per_route * times
        opened: Counter[str] = Counter()
        refused: Counter[str] = Counter()
        while waiting:
            path = waiting.pop(self.chance.randrange(len(waiting)))
            endpoint = self._endpoint(path)
            if path in asked or endpoint not in self.open[visitor.name]:
                continue
            if opened[endpoint] >= most or refused[endpoint] >= REFUSALS_PER_RECORD * most:
                continue
            asked.add(path)
            answer = self._ask(visitor, endpoint, path)
            if answer is None:
                refused[endpoint] += 1
                continue
            opened[endpoint] += 1
            waiting += self._named(answer)

    def _ask(self, visitor: Visitor, endpoint: str, path: str) -> TestResponse | None:
        """Open an address and keep the visit; None where the visitor is refused, or sent to sign in or confirm."""
        self.counter.clear()
        answer = visitor.client.get(path)
        if answer.status_code >= HTTPStatus.BAD_REQUEST:
            return None
        leads_to = self._endpoint(answer.location) if answer.location else ""
        if leads_to in DOORS:
            return None
        kind = f"to {leads_to}" if leads_to else answer.mimetype or ""
        self.visits.append(Visit(visitor, endpoint, path, kind, self.counter["sql"]))
        return answer

    def _named(self, answer: TestResponse) -> Iterator[str]:
        """The addresses that an answer names, each remembered with its route."""
        if answer.location:
            yield answer.location
        if answer.mimetype != PAGE and not (answer.mimetype or "").endswith(JSON):
            return
        for path in dict.fromkeys(unescape(one) for one in NAMED.findall(answer.text)):
            endpoint = self._endpoint(path)
            if endpoint and endpoint not in SWITCHES:
                self.known[endpoint].add(path)
                yield path

    def _endpoint(self, path: str) -> str:
        """The route that an address is of; empty where it is none of ours."""
        try:
            return str(self.routes.match(urlsplit(path).path)[0])
        except (HTTPException, RequestRedirect):
            return ""

    def _open_to(self, visitor: Visitor) -> Iterator[str]:
        for rule in gets(self.app):
            access = access_of(self.app.view_functions[rule.endpoint])
            if access is None or access.kind == KEY:
                continue
            by_role = access.permission is None or access.permission in self._held(visitor)
            if access.kind == "public" or (visitor.role and by_role):
                yield rule.endpoint

    def _held(self, visitor: Visitor) -> frozenset[str]:
        with self.app.app_context():
            return permissions_of(visitor.role)

    def _beginnings(self, endpoints: Iterable[str]) -> list[str]:
        whole = {rule.endpoint: rule.rule for rule in gets(self.app) if not rule.arguments}
        plain = [whole[endpoint] for endpoint in sorted(endpoints) if endpoint in whole]
        return plain + [whole[one] + typed for one, typed in TYPED.items() if one in endpoints and one in whole]

    def _some(self, endpoint: str) -> list[str]:
        known = sorted(self.known[endpoint])
        return self.chance.sample(known, min(len(known), REFUSALS_PER_RECORD * self.per_route))


def gets(app: Flask) -> Iterator[Rule]:
    """Every route that answers a GET."""
    return (rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()))


def by_route(visits: Iterable[Visit]) -> Mapping[str, list[Visit]]:
    """The visits of each route, in the order they were made."""
    found: dict[str, list[Visit]] = defaultdict(list)
    for one in visits:
        found[one.endpoint].append(one)
    return found
