"""What can be found: pushed by rooms in the transaction of the change, withdrawn with what it stood for."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from app.core.clock import real_now
from app.core.columns import JsonObject
from app.core.db import Base, session
from app.core.events import Event, Subject
from app.core.room import Subscriber
from app.desk.kinds import Document
from app.desk.models import SearchDocument, SearchIdentifier, SearchPosting
from app.desk.queries.documents import document_kinds
from app.desk.rules.realms import realm
from app.desk.rules.tokens import identifier, of_document

LONGEST_TITLE = 200
Place = tuple[Any, int, int]


def index(document: Document) -> None:
    """Let people find a record, or find it by what it says now; once a kind and subject."""
    index_all([document])


def index_all(documents: Iterable[Document]) -> None:
    """Let people find several records of one kind; only what changed is written.

    Raises ValueError for a kind that no room declares, or a form of scope that the kind does not name.
    """
    listed = {document.subject.code: document for document in documents}
    if not listed:
        return
    kind = next(iter(listed.values())).kind
    _check(kind, listed.values())
    known = {row.subject_code: row for row in _rows_of(kind, listed)}
    before = {code: (_postings(row), _identifiers(row)) for code, row in known.items()}
    for code, row in known.items():
        for name, value in _said(listed[code]).items():
            setattr(row, name, value)
    rows = [*known.values(), *_added([document for code, document in listed.items() if code not in known])]
    session.flush()
    none: tuple[set[Place], set[Place]] = (set(), set())
    for model, part, now in ((SearchPosting, 0, _postings), (SearchIdentifier, 1, _identifiers)):
        old = {(row.id, place) for row in rows for place in before.get(row.subject_code, none)[part]}
        new = {(row.id, place) for row in rows for place in now(row)}
        _remove(model, old - new)
        _add(model, new - old)


def refresh(kind: str, codes: Iterable[str]) -> None:
    """Make the documents of records anew from what they are now; who is no longer to be found is withdrawn."""
    wanted = set(codes)
    made = [*document_kinds()[kind].of(wanted)]
    index_all(made)
    gone = wanted - {document.subject.code for document in made}
    if gone:
        query = select(SearchDocument).where(SearchDocument.kind == kind, SearchDocument.subject_code.in_(gone))
        withdraw_rows(session.scalars(query).all())


def listeners() -> Iterator[Subscriber]:
    """Yield what keeps each document kind up to date: its events, in their own transactions."""
    for name, kind in document_kinds().items():
        for event in kind.on:
            hear_all = partial(_hear_all, name)
            yield Subscriber(event, f"desk.index.{name}", partial(_hear, name), now=True, handle_all=hear_all)


def _hear(kind: str, happened: Event) -> None:
    _hear_all(kind, [happened])


def _hear_all(kind: str, happened: Sequence[Event]) -> None:
    refresh(kind, [one.subject_code for one in happened])


def _check(kind: str, documents: Iterable[Document]) -> None:
    declared = document_kinds().get(kind)
    if declared is None:
        msg = f"no room declares documents of the kind {kind}"
        raise ValueError(msg)
    for document in documents:
        strange = {scope.form for scope in document.scopes} - set(declared.forms)
        if strange or document.kind != kind:
            msg = f"a document of the kind {document.kind} under {strange or kind}"
            raise ValueError(msg)


def _rows_of(kind: str, codes: Collection[str]) -> Sequence[SearchDocument]:
    query = select(SearchDocument).where(SearchDocument.kind == kind, SearchDocument.subject_code.in_(codes))
    return session.scalars(query).all()


def _added(documents: Sequence[Document]) -> Sequence[SearchDocument]:
    """Write documents that are not known yet, all of one kind, and return their rows."""
    if not documents:
        return ()
    kind = documents[0].kind
    keys = [{"kind": kind, "subject_code": document.subject.code} for document in documents]
    session.execute(insert(SearchDocument), [key | _said(one) for key, one in zip(keys, documents, strict=True)])
    return _rows_of(kind, {document.subject.code for document in documents})


def _said(document: Document) -> JsonObject:
    """Return what a row says of a document, by column."""
    return {
        "subject_type": document.subject.type,
        "title_zh": document.title_zh[:LONGEST_TITLE],
        "title_en": document.title_en[:LONGEST_TITLE],
        "words": document.words,
        "url": document.url,
        "identifiers": list(document.identifiers),
        "scopes": [[realm(document.kind, scope.form), scope.key] for scope in document.scopes],
        "indexed_at": real_now(),
    }


def _postings(row: SearchDocument) -> set[Place]:
    tokens = of_document(row.title_zh, row.title_en, row.words)
    return {(one, place, key) for one in tokens for place, key in row.scopes}


def _identifiers(row: SearchDocument) -> set[Place]:
    kept = {identifier(one)[:64].encode() for one in row.identifiers} - {b""}
    return {(one, place, key) for one in kept for place, key in row.scopes}


def _columns(model: type[Base]) -> tuple[str, str, str, str]:
    first = "token" if model is SearchPosting else "identifier"
    return first, "realm", "key", "document_id"


def _rows(model: type[Base], places: Iterable[tuple[int, Place]]) -> list[dict[str, Any]]:
    names = _columns(model)
    return [dict(zip(names, (*place, row_id), strict=True)) for row_id, place in sorted(places)]


def _add(model: type[Base], places: set[tuple[int, Place]]) -> None:
    if places:
        session.connection().execute(insert(model), _rows(model, places))


def _remove(model: type[Base], places: set[tuple[int, Place]]) -> None:
    if not places:
        return
    table = model.__table__
    condition = [table.c[name] == bindparam(f"b_{name}") for name in _columns(model)]
    rows = [{f"b_{name}": value for name, value in row.items()} for row in _rows(model, places)]
    session.connection().execute(delete(model).where(*condition), rows)


def withdraw(kind: str, subject: Subject) -> None:
    """Let nobody find a record any more: its row and every token go in this transaction."""
    query = select(SearchDocument).where(SearchDocument.kind == kind, SearchDocument.subject_code == subject.code)
    withdraw_rows(session.scalars(query).all())


def withdraw_rows(rows: Sequence[SearchDocument]) -> None:
    """Remove documents with everything that leads to them."""
    _remove(SearchPosting, {(row.id, place) for row in rows for place in _postings(row)})
    _remove(SearchIdentifier, {(row.id, place) for row in rows for place in _identifiers(row)})
    if rows:
        session.execute(delete(SearchDocument).where(SearchDocument.id.in_([row.id for row in rows])))


def withdraw_older(kind: str, *, than: datetime, limit: int) -> int:
    """Withdraw some documents of a kind that were not made anew since an instant of security time; return how many."""
    query = select(SearchDocument).where(SearchDocument.kind == kind, SearchDocument.indexed_at < than)
    rows = session.scalars(query.order_by(SearchDocument.id).limit(limit)).all()
    withdraw_rows(rows)
    return len(rows)
