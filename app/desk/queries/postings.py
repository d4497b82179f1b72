"""The statements of search: written by hand, because one statement holds a part for each token and range.

They are made of numbers alone (digests, realms, keys), never of anything a person typed.
"""

from collections.abc import Iterable, Sequence

from sqlalchemy import JSON, Row, Text, bindparam, text
from sqlalchemy.types import LargeBinary

from app.core.db import session
from app.desk.rules.reading import Plan
from app.desk.rules.realms import Range

BOUND = 2000
"""Up to here occurrences are counted; a token beyond is common, and of it the newest `SCANNED` are looked at."""
SCANNED = 8000
FOUND = 400
LEAST_FOUND = 20
MOST_TOKENS = 8
MOST_SOURCES = 400
"""SQLite takes at most 500 parts in one statement."""
Counts = dict[tuple[int, Range], int]


def counts(tokens: Iterable[int], ranges: Sequence[Range]) -> Counts:
    """Count the documents of each token in each range, up to `BOUND`: one statement."""
    asked = [(token, one) for token in dict.fromkeys(tokens) for one in ranges]
    if not asked:
        return {}
    parts = (
        f"(SELECT count(*) FROM (SELECT 1 FROM search_posting p WHERE {_here(token, one)} LIMIT {BOUND}) c)"  # noqa: S608 - built of our own names, values are bound
        for token, one in asked
    )
    row = session.execute(text("SELECT " + ", ".join(parts))).one()
    return dict(zip(asked, row, strict=True))


def occurring(tokens: Iterable[int], ranges: Sequence[Range]) -> set[int]:
    """Return those of many tokens that occur in some range: one statement."""
    listed = ", ".join(f"({token})" for token in dict.fromkeys(tokens))
    if not listed or not ranges:
        return set()
    places = " OR ".join(f"({_within('p', one)})" for one in ranges)
    statement = (
        f"WITH v(t) AS (VALUES {listed}) SELECT v.t FROM v WHERE EXISTS "  # noqa: S608 - built of our own names, values are bound
        f"(SELECT 1 FROM search_posting p WHERE p.token = v.t AND ({places}))"
    )
    return set(session.scalars(text(statement)))


def found(
    plans: Sequence[Plan], ranges: Sequence[Range], counted: Counts, identifier: str | None = None
) -> tuple[Sequence[Row[int, str, str, str, str, str, list[str], str, int]], bool]:
    """Return the documents that a plan finds in a range, at most about `FOUND`, and whether more are left.

    One statement. Of each plan the rarest token leads and the others are looked up beside it.
    """
    made = (_source(plan, one, counted) for plan in plans for one in ranges)
    every = [source for source in made if source is not None]
    sources = every[:MOST_SOURCES]
    given = {}
    if identifier is not None:
        sources += [_identified(one) for one in ranges]
        begin = identifier.encode()
        given = {"begin": begin, "end": begin + b"\xff"}
    if not sources:
        return [], bool(every)
    limit = max(LEAST_FOUND, FOUND // len(sources))
    union = " UNION ALL ".join(
        f"SELECT *, {at} FROM ({source} LIMIT {limit}) f{at}"  # noqa: S608 - built of our own names, values are bound
        for at, source in enumerate(sources)
    )
    statement = text(
        f"WITH f(id, source) AS MATERIALIZED ({union}) "  # noqa: S608 - built of our own names, values are bound
        "SELECT id, kind, subject_code, title_zh, title_en, words, identifiers, url, "
        "(SELECT max(n) FROM (SELECT count(*) AS n FROM f GROUP BY source) g) AS most FROM search_document "
        "WHERE id IN (SELECT id FROM f) ORDER BY id DESC"
    )
    typed = statement.bindparams(*(bindparam(name, value, LargeBinary) for name, value in given.items()))
    rows = session.execute(typed.columns(words=Text, identifiers=JSON)).all()
    return rows, len(every) > MOST_SOURCES or (bool(rows) and rows[0].most >= limit)


def capped(plans: Sequence[Plan], ranges: Sequence[Range], counted: Counts) -> bool:
    """Tell whether some plan led by a common token was not followed to its end."""
    return any(min(counted[token, one] for token in plan) >= BOUND for plan in plans for one in ranges)


def _within(name: str, one: Range) -> str:
    keys = f"= {one.low}" if one.low == one.high else f"BETWEEN {one.low} AND {one.high}"
    return f"{name}.realm = {one.realm} AND {name}.key {keys}"


def _here(token: int, one: Range) -> str:
    return f"p.token = {token} AND {_within('p', one)}"


def _source(plan: Plan, one: Range, counted: Counts) -> str | None:
    """Return the statement that walks the rarest token of a plan; None where some token has no document here."""
    ordered = sorted(plan, key=lambda token: counted[token, one])
    rarest = counted[ordered[0], one]
    if rarest == 0:
        return None
    lead = f"SELECT p.key, p.document_id FROM search_posting p WHERE {_here(ordered[0], one)}"  # noqa: S608 - built of our own names, values are bound
    lead += " ORDER BY p.key DESC, p.document_id DESC"
    if rarest >= BOUND:
        lead += f" LIMIT {SCANNED}"
    beside = "".join(
        f" AND EXISTS (SELECT 1 FROM search_posting b WHERE b.token = {token} AND b.realm = {one.realm}"  # noqa: S608 - built of our own names, values are bound
        " AND b.key = a.key AND b.document_id = a.document_id)"
        for token in ordered[1:]
    )
    return f"SELECT a.document_id FROM ({lead}) a WHERE 1 = 1{beside}"  # noqa: S608 - built of our own names, values are bound


def _identified(one: Range) -> str:
    return (
        "SELECT p.document_id FROM search_identifier p "  # noqa: S608 - built of our own names, values are bound
        f"WHERE {_within('p', one)} AND p.identifier >= :begin AND p.identifier < :end ORDER BY p.identifier"
    )
