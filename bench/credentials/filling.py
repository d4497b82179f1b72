"""Many certificates put into the tables of a fresh SQLite database: really signed, by several processes at once.

Each is built, signed and noted for the public log by the code that the product uses; only the rows are put into the
tables in bulk, with keys that are known beforehand. Nobody would miss the database after a power cut, so it is not
written through to the disk while it is filled.
"""

import json
import os
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from itertools import chain, islice, repeat
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple, cast

from sqlalchemy import Table, Text, bindparam, event, func, insert, select

from app.accounts.models import Person
from app.core.columns import JsonObject, new_code
from app.core.config import settings
from app.core.db import Base, db, end_read, session, unit_of_work
from app.core.signing import Algorithm, open_signer
from app.credentials import queries
from app.credentials.models import Batch, Certificate, CertificateRequest
from app.credentials.rules.document import write_document
from app.credentials.rules.openbadge import Certificate as Facts
from app.credentials.rules.openbadge import Holder, StatusEntry, build_credential
from app.credentials.rules.proof import sign_document
from app.credentials.rules.status_list import LENGTH
from app.credentials.rules.tlog import digest_of
from app.credentials.services import log, storing
from app.credentials.services.drafts import draft_of, fields_of, template_of
from app.credentials.services.log import Noted
from app.credentials.services.status_lists import list_url
from app.credentials.states import BatchState, CertificateKind, CertificateState, LogAct, RequestState
from bench.credentials import crowd
from tests.factories.accounts import MADE_AT
from tests.factories.credentials import ISSUED_AT, Office, fields

AT_ONCE = 4096
"""Certificates a transaction; sixteen of these fill a status list as far as the product fills it."""
AHEAD = 2
"""Blocks that each process has waiting, so that it need not wait for the tables."""
STEPS = ("stored_at", "linted_at", "signed_at", "logged_at", "rendered_at", "published_at", "notified_at")
PRAGMAS = ("synchronous = OFF", "cache_size = -1000000")


class Place(NamedTuple):
    """What is a certificate's own: its place among all, its code, and its index in the status list."""

    place: int
    code: str
    listed_at: int

    @property
    def number(self) -> str:
        """Return its unified number."""
        return f"TM37{self.place:08d}"


@dataclass(frozen=True)
class Block:
    """What one process signs at a time: what all share, the folder and name of the key, and what is each one's own."""

    facts: Facts
    key: tuple[Path, str]
    base: str
    list_id: int
    list_url: str
    places: list[Place]


class Signed(NamedTuple):
    """A document and its credential, both as they are kept."""

    document: str
    credential: str


@dataclass(frozen=True)
class Rows:
    """The columns that all rows share, and the first free keys of people, requests and certificates."""

    request: JsonObject
    certificate: JsonObject
    given: JsonObject
    did: str
    keys: tuple[int, int, int]


def issue(office: Office, size: int) -> list[str]:
    """Issue as many certificates to as many people, really signed; return their codes."""
    _write_fast()
    with unit_of_work():
        batch = _batch(session.merge(office.body).id, office, size)
        pattern = CertificateRequest(kind=batch.kind, code=new_code(), fields=fields())
        facts = draft_of(pattern, batch.body, settings().public_url)
        rows = _rows(batch, pattern, facts)
        key = Path(settings().key_store), queries.signing_key(batch.body_id, Algorithm.ED25519).store_name
    codes: list[str] = []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        blocks = _blocks(batch, facts, key, size)
        waiting: list[tuple[Block, Future[tuple[Signed, ...]]]] = []
        for count in chain([AHEAD * (os.cpu_count() or 1)], repeat(1)):
            waiting += [(one, processes.submit(sign, one)) for one in islice(blocks, count)]
            if not waiting:
                return codes
            block, signed = waiting.pop(0)
            _keep(rows, block, signed.result())
            codes += [one.code for one in block.places]
    return codes


def _write_fast() -> None:
    """Let this process fill the database without waiting for the disk; servers open it as the product does."""

    def prepare(connection: Any, _record: object) -> None:  # noqa: ANN401 - DBAPI is untyped
        for one in PRAGMAS:
            connection.execute(f"PRAGMA {one}")

    event.listen(db.engine, "connect", prepare)
    end_read()
    db.engine.dispose()


def _batch(body_id: int, office: Office, size: int) -> Batch:
    batch = Batch(
        body_id=body_id,
        kind=CertificateKind.CAPABILITY,
        state=BatchState.ISSUED,
        size=size,
        prepared_by_id=office.first.person.id,
        prepared_at=MADE_AT,
        linted_at=MADE_AT,
        approved_by_id=office.second.person.id,
        approved_at=MADE_AT,
        issued_at=ISSUED_AT,
    )
    session.add(batch)
    session.flush()
    session.refresh(batch)
    return batch


def _rows(batch: Batch, pattern: CertificateRequest, facts: Facts) -> Rows:
    shared = {"kind": batch.kind, "body_id": batch.body_id, "batch_id": batch.id}
    person, request, certificate = (
        (session.scalar(select(func.max(key))) or 0) + 1 for key in (Person.id, CertificateRequest.id, Certificate.id)
    )
    return Rows(
        {
            **shared,
            "source_type": "request_file",
            "state": RequestState.BATCHED,
            "findings": [],
            "requested_at": MADE_AT,
        },
        {
            **shared,
            "level": fields_of(pattern).level,
            "template_version_id": template_of(pattern).id,
            "valid_from": facts.valid_from,
            "valid_until": facts.valid_until,
            "state": CertificateState.PUBLISHED,
            "key_id": queries.signing_key(batch.body_id, Algorithm.ED25519).key_id,
            "version": 1,
            **dict.fromkeys(STEPS, ISSUED_AT),
        },
        pattern.fields,
        batch.body.did,
        (person, request, certificate),
    )


def _blocks(batch: Batch, facts: Facts, key: tuple[Path, str], size: int) -> Iterator[Block]:
    """Yield what is to be signed, in lists that are filled as the product fills them, at random places."""
    for first in range(0, size, storing.FULL):
        count = min(storing.FULL, size - first)
        with unit_of_work():
            listed = storing.current_list(batch.body, at=ISSUED_AT)
            listed.used += count
            url = list_url(listed)
        indexes = random.sample(range(LENGTH), count)
        for begin in range(0, count, AT_ONCE):
            places = [
                Place(first + place, new_code(), indexes[place]) for place in range(begin, min(begin + AT_ONCE, count))
            ]
            yield Block(facts, key, settings().public_url, listed.id, url, places)


def sign(block: Block) -> tuple[Signed, ...]:
    """Build and sign the certificates of a block, in a process of its own."""
    signer = open_signer(*block.key)
    found = []
    for one in block.places:
        document = build_credential(
            replace(
                block.facts,
                url=f"{block.base}/credentials/{one.code}",
                holder=Holder(crowd.name_of(one.place)),
                status=StatusEntry(block.list_url, one.listed_at),
                number=one.number,
            )
        )
        signed = sign_document(document, signer, created=ISSUED_AT)
        found.append(Signed(json.dumps(document), write_document(signed)))
    return tuple(found)


def _keep(rows: Rows, block: Block, signed: Sequence[Signed]) -> None:
    """Put a block into the tables: people, requests, certificates, and what the public log is told of them."""
    people, requests, certificates, noted = [], [], [], []
    for one, made in zip(block.places, signed, strict=True):
        person, request, key = (first + one.place for first in rows.keys)
        own = {"person_id": person, "fields": json.dumps({**rows.given, "number": one.number})}
        people.append({"id": person, "code": new_code(), "name": crowd.name_of(one.place), "created_at": MADE_AT})
        requests.append({**rows.request, **own, "id": request, "code": new_code(), "source_code": f"award-{one.place}"})
        certificates.append(
            {
                **rows.certificate,
                **own,
                **made._asdict(),
                "id": key,
                "code": one.code,
                "request_id": request,
                "number": one.number,
                "status_list_id": block.list_id,
                "status_index": one.listed_at,
            }
        )
        noted.append(Noted(key, digest_of(made.credential.encode()), rows.did))
    with unit_of_work():
        _insert(Person, people)
        _insert(CertificateRequest, requests, "fields")
        _insert(Certificate, certificates, "fields", "document")
        log.note_rows(noted, LogAct.ISSUE, at=ISSUED_AT)


def _insert(model: type[Base], rows: list[JsonObject], *written: str) -> None:
    """Insert rows; the columns that are written as JSON already are taken as they are."""
    values = {name: bindparam(name, type_=Text()) for name in written}
    session.connection().execute(insert(cast("Table", model.__table__)).values(values), rows)
