"""Search: what a person finds within what they may see, ranked, grouped by kind."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from app.accounts.queries import ids_of
from app.core.access import Actor
from app.core.errors import Text
from app.core.text import pick
from app.desk.queries import postings
from app.desk.queries.documents import document_kinds
from app.desk.rules import ranking
from app.desk.rules.ranking import score, text_of
from app.desk.rules.reading import Plan, Query, near_plans, near_words, plans, read
from app.desk.rules.realms import Range, ranges_of

PER_PAGE = 20
PER_KIND = 5
SUGGESTED = 8
FEW = 3
"""With fewer good hits than these, slips of the pen are allowed for."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One found document as pages show it; `parts` cuts the title into what the query says and the rest."""

    kind: str
    kind_label: Text
    code: str
    title: str
    parts: list[tuple[str, bool]]
    below: str
    url: str


@dataclass(frozen=True, slots=True)
class Group:
    """The hits of one kind: how many, and those shown."""

    kind: str
    label: Text
    total: int
    hits: list[Hit]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search found: groups by their best hit; `more` says that not every hit was looked at."""

    text: str
    total: int
    groups: list[Group]
    more: bool


@dataclass(frozen=True, slots=True)
class Page:
    """One page of one kind, as `ui.pagination` reads it; `more` as in `Answer`."""

    rows: list[Hit]
    page: int
    pages: int
    total: int
    more: bool


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document with its points."""

    points: float
    id: int
    kind: str
    code: str
    title_zh: str
    title_en: str
    words: str
    url: str


def search(actor: Actor | None, typed: str) -> Answer:
    """Find documents of every kind; the best of each kind are shown. At most five statements."""
    query = read(typed)
    ranked, more = _ranked(actor, query, ranges_of(actor, document_kinds()))
    by_kind: dict[str, list[Ranked]] = {}
    for one in ranked:
        by_kind.setdefault(one.kind, []).append(one)
    groups = [
        Group(kind, document_kinds()[kind].label, len(found), _hits(query, found[:PER_KIND]))
        for kind, found in by_kind.items()
    ]
    return Answer(query.text, len(ranked), groups, more)


def search_kind(actor: Actor | None, typed: str, kind: str, *, page: int = 1) -> Page:
    """Find documents of one kind, page by page; a page beyond the last gives the last."""
    query = read(typed)
    ranges = [one for one in ranges_of(actor, document_kinds()) if one.kind == kind]
    ranked, more = _ranked(actor, query, ranges)
    pages = max(-(-len(ranked) // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    return Page(_hits(query, ranked[(wanted - 1) * PER_PAGE : wanted * PER_PAGE]), wanted, pages, len(ranked), more)


def suggest(actor: Actor | None, typed: str) -> list[Hit]:
    """Return the best few hits of any kind."""
    query = read(typed)
    ranked, _more = _ranked(actor, query, ranges_of(actor, document_kinds()))
    return _hits(query, ranked[:SUGGESTED])


def people_in(hits: Iterable[Hit]) -> list[int]:
    """Return the ids of the people among hits: nobody is asked for where no hit is a person."""
    kinds = document_kinds()
    codes = [hit.code for hit in hits if kinds[hit.kind].person]
    return ids_of(codes) if codes else []


def _ranked(actor: Actor | None, query: Query, ranges: list[Range]) -> tuple[list[Ranked], bool]:
    wanted = [plan[: postings.MOST_TOKENS] for plan in plans(query)]
    ranked, more = _found(query, wanted, ranges, identifier=query.identifier)
    if len(ranked) < FEW and query.terms:
        slips = chain.from_iterable(plan for found in near_words(query).values() for plan in found)
        loose = near_plans(query, postings.occurring(slips, ranges))
        near, _common = _found(query, [plan[: postings.MOST_TOKENS] for plan in loose], ranges)
        ranked = sorted({one.id: one for one in (*near, *ranked)}.values(), key=_order)
    return _among(actor, ranked), more


def _among(actor: Actor | None, ranked: list[Ranked]) -> list[Ranked]:
    """Leave out what the row scope of a room does not show the actor, where no form of scope says it."""
    unseen: set[int] = set()
    for name, kind in document_kinds().items():
        asked = {one.code: one.id for one in ranked if one.kind == name}
        if kind.among is not None and actor is not None and asked:
            seen = kind.among(actor, asked)
            unseen |= {key for code, key in asked.items() if code not in seen}
    return [one for one in ranked if one.id not in unseen]


def _found(
    query: Query, wanted: list[Plan], ranges: list[Range], identifier: str | None = None
) -> tuple[list[Ranked], bool]:
    counted = postings.counts(chain.from_iterable(wanted), ranges)
    rows, cut = postings.found(wanted, ranges, counted, identifier)
    ranked = [
        Ranked(points, id_, kind, code, title_zh, title_en, words, url)
        for id_, kind, code, title_zh, title_en, words, identifiers, url, _most in rows
        if (points := score(query, text_of(title_zh, title_en, words, tuple(identifiers)))) > 0
    ]
    return sorted(ranked, key=_order), cut or postings.capped(wanted, ranges, counted)


def _order(one: Ranked) -> tuple[float, int]:
    """Put the most points first, among equals what was indexed last."""
    return -one.points, -one.id


def _hits(query: Query, ranked: list[Ranked]) -> list[Hit]:
    kinds = document_kinds()
    return [
        Hit(
            kind=one.kind,
            kind_label=kinds[one.kind].label,
            code=one.code,
            title=(title := pick(one.title_zh, one.title_en)),
            parts=ranking.marked(query, title),
            below=one.words,
            url=one.url,
        )
        for one in ranked
    ]
