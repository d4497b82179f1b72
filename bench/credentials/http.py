"""Verification by id over HTTP at a million certificates beside ten thousand, each on its own server, in turn.

Every certificate is really signed and logged as the product does it; only the rows are put into the tables in bulk.
Both servers run in production mode as they are shipped, two workers of two threads, each on its own SQLite database;
requests alternate between the two, so that whatever else the machine does meets both. What is asked is
`POST /api/v1/verify` with the code of a certificate chosen at random, answered only where every check that must pass
passed. Sizes come from BENCH_HTTP_SMALL, BENCH_HTTP_LARGE and BENCH_HTTP_REQUESTS.
"""

import json
import os
import random
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path

from sqlalchemy import insert, select, text

from app import create_app
from app.core.columns import JsonObject, new_code
from app.core.config import settings
from app.core.db import db, session, unit_of_work
from app.core.signing import Signer
from app.credentials.models import Batch, Certificate, CertificateRequest, StatusList
from app.credentials.rules.openbadge import Certificate as Facts
from app.credentials.rules.openbadge import StatusEntry, build_credential
from app.credentials.rules.proof import sign_document
from app.credentials.rules.tlog import digest_of
from app.credentials.services import log, storing
from app.credentials.services.bodies import signer_of
from app.credentials.services.drafts import draft_of, fields_of, template_of
from app.credentials.services.log import Noted
from app.credentials.services.status_lists import list_url
from app.credentials.states import BatchState, CertificateKind, CertificateState, LogAct, RequestState
from bench.credentials import crowd
from bench.figures import Figure, Figures
from scripts.processes import Installation, free_port
from tests.factories.accounts import MADE_AT
from tests.factories.credentials import ISSUED_AT, Office, fields

SMALL = int(os.environ.get("BENCH_HTTP_SMALL", "10000"))
LARGE = int(os.environ.get("BENCH_HTTP_LARGE", "1000000"))
REQUESTS = int(os.environ.get("BENCH_HTTP_REQUESTS", "1500"))
RUNS = 3
WARM_UP = 100
AT_ONCE = 5000
OK = 200
MOST = 1.3


@dataclass(frozen=True)
class Filled:
    """A server over a filled database, and the codes that can be asked for."""

    server: Installation
    codes: list[str]


@dataclass(frozen=True)
class Block:
    """What the certificates of one transaction share."""

    batch: Batch
    facts: Facts
    signer: Signer
    listed: StatusList


def add(figures: Figures) -> None:
    """Fill both databases, start both servers and ask them in turn."""
    with tempfile.TemporaryDirectory(prefix="jijing-bench-") as name:
        folder = Path(name)
        filled = [_filled(folder, size) for size in (SMALL, LARGE)]
        for one in filled:
            one.server.__enter__()
        try:
            for one in filled:
                _ask(one, WARM_UP)
            runs = [_interleaved(*filled) for _run in range(RUNS)]
        finally:
            for one in filled:
                one.server.stop()
    small, large = (statistics.median(run[place] for run in runs) for place in (0, 1))
    figures.found["verify_http_ms_10k"] = Figure(round(small, 2), "ms")
    figures.found["verify_http_ms_1m"] = Figure(round(large, 2), "ms", round(small, 2), f"at {SMALL} certificates")
    figures.notes.append(
        f"http: medians of {RUNS} runs of {REQUESTS} verifications by id at {SMALL} and at {LARGE} certificates, "
        f"in turn; the larger took {large / small:.2f} times as long (at most {MOST} is asked)"
    )


def _interleaved(small: Filled, large: Filled) -> tuple[float, float]:
    """Ask both servers in turn and return the median of each in milliseconds."""
    with _line(small) as first, _line(large) as second:
        pairs = [(_asked(first, small), _asked(second, large)) for _one in range(REQUESTS)]
    return statistics.median(one for one, _two in pairs), statistics.median(two for _one, two in pairs)


@contextmanager
def _line(filled: Filled) -> Iterator[HTTPConnection]:
    line = HTTPConnection("127.0.0.1", filled.server.port, timeout=60)
    yield line
    line.close()


def _ask(filled: Filled, count: int) -> None:
    with _line(filled) as line:
        for _one in range(count):
            _asked(line, filled)


def _asked(line: HTTPConnection, filled: Filled) -> float:
    """Verify one certificate chosen at random and return the milliseconds; raises where it is not valid."""
    body = json.dumps({"q": random.choice(filled.codes)})
    began = time.perf_counter()
    line.request("POST", "/api/v1/verify", body, {"Content-Type": "application/json"})
    answer = line.getresponse()
    said = answer.read()
    took = (time.perf_counter() - began) * 1000
    if answer.status != OK or not json.loads(said)["valid"]:
        msg = f"{answer.status}: {said[:500]!r}"
        raise RuntimeError(msg)
    return took


def _filled(folder: Path, size: int) -> Filled:
    port = free_port()
    site = crowd.site_in(folder, f"n{size}", port=port)
    app = create_app(site.settings)
    with app.app_context():
        office = crowd.open_office()
        codes = _issue(office, size)
        log.seal()
        if db.engine.dialect.name == "sqlite":
            session.execute(text("ANALYZE"))
        session.remove()
        db.engine.dispose()
    return Filled(Installation("127.0.0.1", port, site.environment), codes)


def _issue(office: Office, size: int) -> list[str]:
    """Issue as many certificates, really signed, some thousand a transaction; return their codes."""
    batch_id = _batch(office, size)
    signer = signer_of(office.body)
    codes: list[str] = []
    for first in range(0, size, AT_ONCE):
        person_ids = crowd.people(min(AT_ONCE, size - first))
        codes += _issue_some(session.get_one(Batch, batch_id), signer, person_ids)
    return codes


def _batch(office: Office, size: int) -> int:
    with unit_of_work():
        batch = Batch(
            body_id=office.body.id,
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
    return batch.id


def _issue_some(batch: Batch, signer: Signer, person_ids: Sequence[int]) -> list[str]:
    given = fields()
    with unit_of_work():
        request_ids = session.scalars(
            insert(CertificateRequest).returning(CertificateRequest.id, sort_by_parameter_order=True),
            [_request(batch, one, given) for one in person_ids],
        ).all()
        pattern = session.get_one(CertificateRequest, request_ids[0])
        session.refresh(pattern, ["person", "organisation", "template"])
        facts, template_id = draft_of(pattern, batch.body, settings().public_url), template_of(pattern).id
        level = fields_of(pattern).level
        listed = storing.current_list(batch.body, at=ISSUED_AT)
        # a list holds half of its places at most, so several of these blocks share one
        indexes = random.sample(sorted(set(range(131_072)) - _taken(listed)), len(person_ids))
        block = Block(batch, facts, signer, listed)
        rows = [
            _certificate(block, index, person_id, request_id)
            | {"level": level, "template_version_id": template_id, "fields": given}
            for index, person_id, request_id in zip(indexes, person_ids, request_ids, strict=True)
        ]
        ids = session.scalars(insert(Certificate).returning(Certificate.id, sort_by_parameter_order=True), rows).all()
        listed.used += len(rows)
        noted = [
            Noted(key, digest_of(row["credential"].encode()), batch.body.did)
            for key, row in zip(ids, rows, strict=True)
        ]
        log.note_rows(noted, LogAct.ISSUE, at=ISSUED_AT)
    session.expunge_all()
    return [row["code"] for row in rows]


def _taken(listed: StatusList) -> set[int]:
    query = select(Certificate.status_index).where(Certificate.status_list_id == listed.id)
    return set(session.scalars(query))


def _request(batch: Batch, person_id: int, given: JsonObject) -> JsonObject:
    return {
        "kind": batch.kind,
        "body_id": batch.body_id,
        "person_id": person_id,
        "source_type": "award",
        "source_code": f"award-{person_id}",
        "fields": given,
        "state": RequestState.BATCHED,
        "batch_id": batch.id,
        "requested_at": MADE_AT,
    }


def _certificate(block: Block, index: int, person_id: int, request_id: int) -> JsonObject:
    """Sign the certificate of one person and return its row."""
    code, number = new_code(), f"TM37{person_id:08d}"
    facts = replace(
        block.facts,
        url=f"{settings().public_url}/credentials/{code}",
        status=StatusEntry(list_url(block.listed), index),
        number=number,
    )
    document = build_credential(facts)
    signed = sign_document(document, block.signer, created=ISSUED_AT)
    steps = dict.fromkeys(
        ("stored_at", "linted_at", "signed_at", "logged_at", "rendered_at", "published_at", "notified_at"), ISSUED_AT
    )
    return {
        "code": code,
        "request_id": request_id,
        "batch_id": block.batch.id,
        "body_id": block.batch.body_id,
        "kind": block.batch.kind,
        "person_id": person_id,
        "number": number,
        "valid_from": facts.valid_from,
        "valid_until": facts.valid_until,
        "state": CertificateState.PUBLISHED,
        "status_list_id": block.listed.id,
        "status_index": index,
        "document": document,
        "credential": json.dumps(signed, ensure_ascii=False, separators=(",", ":")),
        "key_id": block.signer.key_id,
        "version": 1,
        **steps,
    }
