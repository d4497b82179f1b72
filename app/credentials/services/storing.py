"""Storing: an approved request becomes a certificate with an address and a place in a status list, unsigned."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, case, delete, insert, literal, select, update

from app.core import events
from app.core.columns import JsonList, JsonObject, new_code
from app.core.config import settings
from app.core.db import session
from app.credentials.models import Batch, Certificate, CertificateRequest, IssuingBody, StatusList
from app.credentials.queries import steps as reads
from app.credentials.rules.drawing import draw_indexes
from app.credentials.rules.openbadge import Certificate as Facts
from app.credentials.rules.openbadge import StatusEntry, build_credential
from app.credentials.rules.status_list import LENGTH, PURPOSE, set_bits
from app.credentials.services.drafts import digest_of, draft_of, fields_of, template_of
from app.credentials.services.status_lists import list_url, open_beside
from app.credentials.services.subjects import of_batch
from app.credentials.services.waiting import let_prepare
from app.credentials.states import CertificateState, RequestState

CHUNK = 200
FULL = LENGTH // 2
"""Indexes are drawn at random, so a list is closed at half: draws stay few and strangers stay mixed."""
CHANGED: JsonList = [{"code": "changed-after-lint", "params": {}}]


@dataclass(frozen=True, slots=True)
class Drafted:
    """A certificate before it has an address and a place; `facts` is None where they are not what was linted."""

    id: int
    columns: JsonObject
    facts: Facts | None


def draft(batch: Batch, after: int, at: datetime) -> list[Drafted]:
    """Make ready the next requests of a batch behind a key that have no certificate yet."""
    requests = reads.requests_after(batch.id, after, CHUNK, unstored=True)
    return [_drafted(one, batch, at) for one in requests]


def _drafted(request: CertificateRequest, batch: Batch, at: datetime) -> Drafted:
    facts = draft_of(request, batch.body, settings().public_url)
    changed = batch.digest is not None and digest_of(facts) != request.linted_digest
    if changed or request.withdrawn_at is not None:
        return Drafted(request.id, {}, None)
    columns = {
        "code": new_code(),
        "request_id": request.id,
        "batch_id": batch.id,
        "body_id": batch.body_id,
        "kind": request.kind,
        "person_id": request.person_id,
        "organisation_id": request.organisation_id,
        "template_version_id": template_of(request).id,
        "level": fields_of(request).level,
        "number": facts.number,
        "fields": request.fields,
        "valid_from": facts.valid_from,
        "valid_until": facts.valid_until,
        "state": CertificateState.STORED,
        "version": 1,
        "stored_at": at,
        "replaces_id": request.replaces_id,
        "succession": request.succession,
    }
    return Drafted(request.id, columns, facts)


def store(batch: Batch, drafted: Sequence[Drafted], at: datetime) -> None:
    """Keep the certificates with their addresses and places; who is not what was linted goes back to wait."""
    good = [(one.columns, one.facts) for one in drafted if one.facts is not None]
    while good:
        listed = current_list(batch.body, at=at)
        part, good = good[: FULL - listed.used], good[FULL - listed.used :]
        indexes = draw_indexes(len(part), partial(reads.taken_indexes, listed.id))
        session.execute(
            insert(Certificate),
            [_placed(columns, facts, listed, index) for (columns, facts), index in zip(part, indexes, strict=True)],
        )
        taken = update(StatusList).where(StatusList.id == listed.id).values(used=StatusList.used + len(part))
        session.execute(taken.execution_options(synchronize_session=False))
        session.expire(listed)
    take_back(batch, {one.id: CHANGED for one in drafted if one.facts is None}, at=at)


def _placed(columns: JsonObject, facts: Facts, listed: StatusList, index: int) -> JsonObject:
    url = f"{settings().public_url}/credentials/{columns['code']}"
    whole = replace(facts, url=url, status=StatusEntry(list_url(listed), index))
    return {
        **columns,
        "status_list_id": listed.id,
        "status_index": index,
        "document": build_credential(whole),
    }


def current_list(body: IssuingBody, *, at: datetime) -> StatusList:
    """Return the list that new certificates of a body go into, locked; a full one is followed by a fresh one."""
    query = select(StatusList).where(StatusList.body_id == body.id, StatusList.used < FULL)
    found = session.scalars(query.order_by(StatusList.id).limit(1).with_for_update(of=StatusList)).first()
    if found is not None:
        return found
    opened = StatusList(body_id=body.id, purpose=PURPOSE, bits=set_bits([]), changed_at=at)
    session.add(opened)
    session.flush()
    open_beside(opened, at=at)
    return opened


def leaving() -> dict[str, ColumnElement[Any] | None]:
    """Return what a request becomes that leaves its batch: open, or withdrawn where it is not to be certified."""
    taken, kind = CertificateRequest.withdrawn_at.is_not(None), CertificateRequest.state.type
    return {
        "state": case((taken, literal(RequestState.WITHDRAWN, kind)), else_=literal(RequestState.OPEN, kind)),
        "closed_in_id": case((taken, CertificateRequest.batch_id), else_=None),
        "batch_id": None,
        "template_version_id": None,
        "lint_passed": None,
    }


def take_back(batch: Batch, findings: Mapping[int, JsonList], *, at: datetime) -> None:
    """Let requests leave their batch with what was found, by their keys; what was stored of them is dropped.

    They wait again, or are closed where they were withdrawn. Nothing of them is in the public log yet.
    """
    if not findings:
        return
    unlogged = (Certificate.request_id.in_(findings), Certificate.logged_at.is_(None))
    session.execute(delete(Certificate).where(*unlogged).execution_options(synchronize_session=False))
    session.execute(update(CertificateRequest), [{"id": key, "findings": found} for key, found in findings.items()])
    mine = CertificateRequest.id.in_(findings)
    session.execute(
        update(CertificateRequest).where(mine).values(leaving()).execution_options(synchronize_session=False)
    )
    closed = reads.count_withdrawn(findings)
    batch.size -= len(findings)
    batch.left_out += len(findings)
    session.flush()
    if closed:
        events.record("credentials.rows_closed", of_batch(batch), by=None, at=at, data={"count": closed})
    if waiting := len(findings) - closed:
        why = sorted({one["code"] for found in findings.values() for one in found})
        data = {"count": waiting, "findings": why}
        events.record("credentials.rows_kept_out", of_batch(batch), by=None, at=at, data=data)
        let_prepare(batch.body, at=at)
