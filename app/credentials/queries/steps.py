"""Reads of batches for their steps, some rows at a time and no query a row, and for the pages about them."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from app.core.db import session
from app.core.jobs import Job
from app.credentials.models import Batch, Certificate, CertificateRequest
from app.credentials.queries.body_orders import is_distrusted
from app.credentials.queries.records import Holder, holders
from app.credentials.states import (
    CertificateKind,
    CertificateState,
    ReissueReason,
    RequestState,
    RevocationReason,
    Succession,
)

PER_PAGE = 50
NO_DIGEST = b""


class Page(NamedTuple):
    """One page of requests, as `ui.pagination` reads it."""

    rows: list[CertificateRequest]
    page: int
    pages: int
    total: int


def lint_key(batch_code: str) -> str:
    """Return the key under which a batch is linted once."""
    return f"credentials.lint.{batch_code}"


def job_with(key: str) -> Job | None:
    """Return the job with a key, None before it was started."""
    return session.scalar(select(Job).where(Job.key == key))


def requests_after(batch_id: int, after: int, limit: int, *, unstored: bool = False) -> list[CertificateRequest]:
    """Return the next requests of a batch behind a key, with their holders; `unstored` those without a certificate."""
    query = (
        select(CertificateRequest)
        .options(*holders())
        .where(CertificateRequest.batch_id == batch_id, CertificateRequest.id > after)
    )
    if unstored:
        stored = select(Certificate.id).where(Certificate.request_id == CertificateRequest.id)
        query = query.where(~stored.exists())
    return list(session.scalars(query.order_by(CertificateRequest.id).limit(limit)))


def certificates_after(batch_id: int, after: int, limit: int, *conditions: ColumnElement[bool]) -> list[Certificate]:
    """Return the next certificates of a batch behind a key that fulfil the conditions of a step."""
    query = select(Certificate).where(Certificate.batch_id == batch_id, Certificate.id > after, *conditions)
    return list(session.scalars(query.order_by(Certificate.id).limit(limit)))


Columns = tuple[InstrumentedAttribute[Any], ...]


def columns_after(
    batch_id: int, after: int, limit: int, columns: Columns, *conditions: ColumnElement[bool]
) -> list[tuple[Any, ...]]:
    """Return some columns of the next certificates of a batch, for steps that need no more of them."""
    query = select(*columns).where(Certificate.batch_id == batch_id, Certificate.id > after, *conditions)
    return [tuple(row) for row in session.execute(query.order_by(Certificate.id).limit(limit))]


def certificates_with(certificate_ids: Collection[int]) -> list[Certificate]:
    """Return certificates by their keys, as they stand now."""
    query = select(Certificate).where(Certificate.id.in_(certificate_ids)).order_by(Certificate.id)
    return list(session.scalars(query.execution_options(populate_existing=True)))


def requests_with(request_ids: Collection[int]) -> list[CertificateRequest]:
    """Return requests by their keys."""
    return list(session.scalars(select(CertificateRequest).where(CertificateRequest.id.in_(request_ids))))


def first_in_batch(batch_id: int, person_ids: Collection[int]) -> dict[tuple[int | None, str], int]:
    """Return the first request of a batch for each of some people and levels."""
    query = (
        select(CertificateRequest.id, CertificateRequest.person_id, CertificateRequest.fields)
        .where(CertificateRequest.batch_id == batch_id, CertificateRequest.person_id.in_(person_ids))
        .order_by(CertificateRequest.id.desc())
    )
    return {(person_id, str(fields.get("level"))): key for key, person_id, fields in session.execute(query)}


class Standing(NamedTuple):
    """A certificate that stands: its key, and whether it is signed."""

    id: int
    signed: bool


def standing_of(
    person_ids: Collection[int], kind: CertificateKind, at: datetime
) -> dict[tuple[int | None, str], list[Standing]]:
    """Return the standing certificates of a kind that some people hold, by person and level."""
    query = select(Certificate.person_id, Certificate.level, Certificate.id, Certificate.state).where(
        Certificate.person_id.in_(person_ids),
        Certificate.kind == kind,
        Certificate.state != CertificateState.REVOKED,
        or_(Certificate.valid_until.is_(None), Certificate.valid_until > at),
    )
    found: dict[tuple[int | None, str], list[Standing]] = {}
    for person_id, level, key, state in session.execute(query):
        found.setdefault((person_id, str(level)), []).append(Standing(key, state is not CertificateState.STORED))
    return found


def taken_indexes(list_id: int, indexes: Collection[int]) -> set[int]:
    """Return which of some indexes of a list a certificate holds."""
    query = select(Certificate.status_index).where(
        Certificate.status_list_id == list_id, Certificate.status_index.in_(indexes)
    )
    return set(session.scalars(query))


def faults(batch_id: int) -> int:
    """Return how many requests of a batch did not pass lint."""
    return _count(CertificateRequest.batch_id == batch_id, CertificateRequest.lint_passed.is_(False))


def digests(batch_id: int) -> Iterator[bytes]:
    """Yield the digests of what was linted in a batch, in the order of its requests."""
    query = (
        select(CertificateRequest.linted_digest)
        .where(CertificateRequest.batch_id == batch_id)
        .order_by(CertificateRequest.id)
        .execution_options(yield_per=5000)
    )
    return (one or NO_DIGEST for one in session.scalars(query))


def holders_of(batch_id: int) -> list[Holder]:
    """Return whom a batch certifies."""
    return _holders(CertificateRequest.batch_id == batch_id)


def holders_waiting(body_id: int, kind: CertificateKind, *conditions: ColumnElement[bool]) -> list[Holder]:
    """Return for whom requests of a kind wait that fulfil some conditions."""
    return _holders(*_waiting(body_id, kind), *conditions)


def _holders(*conditions: ColumnElement[bool]) -> list[Holder]:
    query = select(CertificateRequest.person_id, CertificateRequest.organisation_id).where(*conditions)
    return [Holder(person_id, organisation_id) for person_id, organisation_id in session.execute(query)]


def anything_withdrawn(batch_id: int) -> bool:
    """Tell whether a fact of a batch was taken back by the room that asked."""
    query = select(CertificateRequest.id).where(
        CertificateRequest.batch_id == batch_id, CertificateRequest.withdrawn_at.is_not(None)
    )
    return session.scalar(query.limit(1)) is not None


def count_withdrawn(request_ids: Collection[int]) -> int:
    """Return how many of some requests are no longer to be certified."""
    return _count(CertificateRequest.id.in_(request_ids), CertificateRequest.withdrawn_at.is_not(None))


class Unlogged(NamedTuple):
    """A certificate that may still leave its batch: its request, its holder, and whether the request was closed."""

    id: int
    request_id: int
    holder: Holder
    withdrawn: bool


def unlogged(certificate_ids: Collection[int]) -> list[Unlogged]:
    """Return for whom some certificates are, and which are no longer to be issued: one statement."""
    taken = CertificateRequest.withdrawn_at.is_not(None)
    query = (
        select(Certificate.id, Certificate.request_id, Certificate.person_id, Certificate.organisation_id, taken)
        .join(CertificateRequest, CertificateRequest.id == Certificate.request_id)
        .where(Certificate.id.in_(certificate_ids))
    )
    return [
        Unlogged(key, request_id, Holder(person_id, organisation_id), withdrawn)
        for key, request_id, person_id, organisation_id, withdrawn in session.execute(query)
    ]


def hold_certificates(certificate_ids: Collection[int]) -> None:
    """Lock certificates until the transaction ends: what is read after it was committed before or waits for us."""
    query = select(Certificate.id).where(Certificate.id.in_(certificate_ids)).order_by(Certificate.id)
    session.execute(query.with_for_update(of=Certificate)).all()


class Standpoint(NamedTuple):
    """What decides whether a certificate counts once it is published: its request, and the one it follows."""

    id: int
    withdrawn_for: RevocationReason | None
    succession: Succession | None
    because: ReissueReason | None
    former: str | None
    former_revoked_for: RevocationReason | None
    distrusted: bool


def standing_of_requests(certificate_ids: Collection[int]) -> list[Standpoint]:
    """Return what decides on some certificates, in one statement."""
    former = aliased(Certificate)
    query = (
        select(
            Certificate.id,
            CertificateRequest.withdrawn_for,
            Certificate.succession,
            CertificateRequest.because,
            former.code,
            former.revoked_for,
            is_distrusted(),
        )
        .join(CertificateRequest, CertificateRequest.id == Certificate.request_id)
        .outerjoin(former, former.id == Certificate.replaces_id)
        .where(Certificate.id.in_(certificate_ids))
    )
    return [Standpoint(*row) for row in session.execute(query.order_by(Certificate.id))]


def batch_of(request: CertificateRequest) -> Batch | None:
    """Return the batch that a request is in, None where it is in none."""
    return None if request.batch_id is None else session.get(Batch, request.batch_id)


def closed_in(batch_id: int, limit: int = PER_PAGE) -> list[CertificateRequest]:
    """Return the latest requests that were closed while they were in a batch, with their holders."""
    query = select(CertificateRequest).options(*holders()).where(CertificateRequest.closed_in_id == batch_id)
    return list(session.scalars(query.order_by(CertificateRequest.withdrawn_at.desc()).limit(limit)))


def _waiting(body_id: int, kind: CertificateKind | None = None) -> tuple[ColumnElement[bool], ...]:
    own = (CertificateRequest.body_id == body_id, CertificateRequest.state == RequestState.OPEN)
    return own if kind is None else (*own, CertificateRequest.kind == kind)


def anyone_waits(body_id: int) -> bool:
    """Tell whether a request waits at a body."""
    return session.scalar(select(CertificateRequest.id).where(*_waiting(body_id)).limit(1)) is not None


def waiting_kinds(body_id: int) -> dict[CertificateKind, int]:
    """Return how many requests of each kind wait at a body."""
    query = select(CertificateRequest.kind, func.count()).where(*_waiting(body_id))
    return dict(session.execute(query.group_by(CertificateRequest.kind)).all())


class WaitingFact(NamedTuple):
    """What requests that wait have in common as far as an authority to issue goes; `first_day` is an ISO day."""

    kind: CertificateKind
    level: str | None
    first_day: str

    @property
    def condition(self) -> ColumnElement[bool]:
        """Return whether a request is one of those."""
        same = (column.is_not_distinct_from(value) for column, value in zip(_fact_columns(), self, strict=True))
        return and_(*same)


def _fact_columns() -> tuple[ColumnElement[Any], ...]:
    level, first_day = (CertificateRequest.fields[name].as_string() for name in ("level", "valid_from"))
    return CertificateRequest.kind.expression, level, first_day


def waiting_facts(body_id: int, kind: CertificateKind | None = None) -> list[WaitingFact]:
    """Return what waits at a body, each kind, level and first day once."""
    query = select(*_fact_columns()).where(*_waiting(body_id, kind)).distinct()
    return sorted((WaitingFact(*row) for row in session.execute(query)), key=str)


def waiting_page(body_id: int, page: int) -> Page:
    """Return a page of the requests that wait at a body, the oldest first."""
    return _page(_waiting(body_id), page)


def taken_back(body_id: int) -> list[CertificateRequest]:
    """Return the rows of request files that a body took back, the latest first; no more than a list shows."""
    rows = (
        select(CertificateRequest)
        .options(*holders())
        .where(
            CertificateRequest.body_id == body_id,
            CertificateRequest.state == RequestState.DECLINED,
            CertificateRequest.replaces_id.is_(None),
        )
    )
    return list(session.scalars(rows.order_by(CertificateRequest.declined_at.desc()).limit(PER_PAGE)))


def request_page(batch_id: int, page: int, *, only_faults: bool = False) -> Page:
    """Return a page of the requests of a batch, or of those only that did not pass lint."""
    own: tuple[ColumnElement[bool], ...] = (CertificateRequest.batch_id == batch_id,)
    return _page((*own, CertificateRequest.lint_passed.is_(False)) if only_faults else own, page)


def _page(conditions: tuple[ColumnElement[bool], ...], page: int) -> Page:
    shown = max(page, 1)
    rows, total = _rows(conditions, shown)
    if not rows and shown > 1:  # beyond the last page
        shown = max(-(-_count(*conditions) // PER_PAGE), 1)
        rows, total = _rows(conditions, shown)
    return Page(rows, shown, max(-(-total // PER_PAGE), 1), total)


def _rows(conditions: tuple[ColumnElement[bool], ...], page: int) -> tuple[list[CertificateRequest], int]:
    """Return the rows of a page, and how many there are in all: one statement."""
    total = select(func.count()).select_from(CertificateRequest).where(*conditions).scalar_subquery()
    query = select(CertificateRequest, total).options(*holders()).where(*conditions).order_by(CertificateRequest.id)
    found = session.execute(query.limit(PER_PAGE).offset((page - 1) * PER_PAGE)).all()
    return [row for row, _total in found], found[0][1] if found else 0


def _count(*conditions: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(CertificateRequest).where(*conditions)) or 0


def certificates_for(requests: Collection[CertificateRequest]) -> dict[int, Certificate]:
    """Return the certificates of some requests by the request's key."""
    query = select(Certificate).where(Certificate.request_id.in_([one.id for one in requests]))
    return {one.request_id: one for one in session.scalars(query)}


def published(batch_id: int) -> int:
    """Return how many certificates of a batch were published and their holders told."""
    query = select(func.count()).select_from(Certificate)
    done = (Certificate.published_at.is_not(None), Certificate.notified_at.is_not(None))
    return session.scalar(query.where(Certificate.batch_id == batch_id, *done)) or 0
