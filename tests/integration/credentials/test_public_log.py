"""Every issue and change of a certificate is a leaf of a public log that anyone recomputes and nobody mends."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text, update

from app.accounts.models import Person
from app.core import sealing
from app.core.clock import real_now
from app.core.db import db, session, unit_of_work
from app.core.errors import ConflictError
from app.core.events import Event, record
from app.core.room import rooms
from app.credentials import services
from app.credentials.models import ERASED, PUBLIC_LOG, Certificate, LogEntry, PublicLeaf
from app.credentials.queries import log as reads
from app.credentials.queries import log_audit
from app.credentials.rules import tlog
from app.credentials.services import log
from app.credentials.services.issuing import subject
from app.credentials.states import LogAct, RevocationReason
from tests.factories.accounts import make_person
from tests.factories.credentials import ISSUED_AT, Office, issue
from tests.integration.credentials import second_log

TOLD = {"act", "at", "credential", "issuer", "v"}


@pytest.fixture(name="certificate")
def _certificate(office: Office) -> Certificate:
    return issue(office, make_person(name="张三"))


@pytest.fixture(name="fetch")
def _fetch(client: FlaskClient) -> second_log.Fetch:
    def get(path: str) -> bytes:
        answer = client.get(path)
        assert answer.status_code == 200, path
        return answer.data

    return get


def revoke(certificate: Certificate, office: Office) -> None:
    with unit_of_work():
        services.revoke(
            session.get_one(Certificate, certificate.id),
            reason=RevocationReason.ISSUED_IN_ERROR,
            note="",
            by=office.first.actor,
            at=ISSUED_AT,
        )


def entries_of(certificate: Certificate) -> list[dict[str, object]]:
    query = select(LogEntry.data).where(LogEntry.certificate_id == certificate.id).order_by(LogEntry.id)
    return [json.loads(one) for one in session.scalars(query)]


def faults() -> dict[str, str]:
    return {one.name.removeprefix("certificates."): one.detail for one in log_audit.audit() if not one.passed}


def fill(certificate: Certificate, count: int) -> None:
    """Add entries to the log beyond what one certificate gives."""
    with unit_of_work():
        rows = [
            {
                "certificate_id": certificate.id,
                "act": LogAct.REINSTATE,
                "data": f"filler {n}",
                "recorded_at": real_now(),
            }
            for n in range(count)
        ]
        session.execute(insert(LogEntry), rows)


def test_issue_and_revocation_are_leaves_without_personal_data(certificate: Certificate, office: Office) -> None:
    revoke(certificate, office)

    issued, revoked = entries_of(certificate)

    digest = hashlib.sha256((certificate.credential or "").encode()).hexdigest()
    assert (issued["v"], issued["act"], issued["credential"], issued["issuer"]) == (1, "issue", digest, office.body.did)
    assert (revoked["act"], revoked["at"]) == ("revoke", "2026-06-01T02:00:00Z")
    assert revoked["credential"] == digest
    assert set(issued) == set(revoked) == TOLD
    assert certificate.code not in json.dumps([issued, revoked])


def test_an_issue_is_noted_once_and_only_within_the_act(certificate: Certificate) -> None:
    with pytest.raises(ConflictError), unit_of_work():
        log.note(session.get_one(Certificate, certificate.id), LogAct.ISSUE, at=ISSUED_AT)
    with pytest.raises(RuntimeError):
        log.note(certificate, LogAct.SUSPEND, at=ISSUED_AT)

    assert [one["act"] for one in entries_of(certificate)] == ["issue"]


def test_the_log_is_sealed_at_the_end_of_a_batch_and_each_minute(certificate: Certificate, office: Office) -> None:
    assert reads.proof_of(certificate) is not None

    revoke(certificate, office)
    assert sealing.waiting_since(PUBLIC_LOG) is not None
    periodic = {one.name: one for room in rooms() for one in room.periodic}["credentials.seal_log"]
    periodic.run()

    last = reads.latest()
    assert last
    assert (periodic.seconds, last.size) == (60, 2)
    assert sealing.waiting_since(PUBLIC_LOG) is None


def test_a_stranger_recomputes_the_whole_log_over_http(
    certificate: Certificate, office: Office, fetch: second_log.Fetch
) -> None:
    """Only addresses of the C2SP forms are used, by a program that shares no code with ours."""
    revoke(certificate, office)
    fill(certificate, 300)
    log.seal()
    key = fetch("/log/key").decode()

    size, root = second_log.checkpoint(fetch("/log/checkpoint"), key)

    entries = second_log.entries(fetch, size)
    leaves = [second_log.leaf(one) for one in entries]
    assert size == 302
    assert second_log.hashes(fetch, 0, size) == leaves
    assert second_log.root(leaves) == root
    assert second_log.hashes(fetch, 1, size // 256) == [second_log.root(leaves[:256])]
    assert {json.loads(one)["act"] for one in entries[:2]} == {"issue", "revoke"}


def test_a_certificate_proves_itself_with_the_key_of_the_log_alone(
    certificate: Certificate, fetch: second_log.Fetch
) -> None:
    fill(certificate, 20)
    log.seal()
    proof = fetch(f"/credentials/{certificate.code}.tlog-proof").decode()

    entry = second_log.follow(proof, fetch("/log/key").decode())

    published = fetch(f"/credentials/{certificate.code}.json")
    assert json.loads(entry)["credential"] == hashlib.sha256(published).hexdigest()
    head = tlog.verify_tlog_proof(proof, entry, sealing.log_signer(PUBLIC_LOG).public_key)
    assert (head.origin, head.size) == ("localhost:8000/log", 21)


def test_a_certificate_waits_for_the_seal(office: Office, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "seal", lambda: 0)
    certificate = issue(office)

    answer = client.get(f"/credentials/{certificate.code}.tlog-proof")

    assert answer.status_code == 404
    assert reads.proof_of(certificate) is None


def test_tiles_never_change_and_any_site_may_read_them(certificate: Certificate, client: FlaskClient) -> None:
    fill(certificate, 255)
    log.seal()

    full, part = client.get("/log/tile/0/000"), client.get("/log/tile/0/000.p/5")

    assert len(full.data) == 8192
    assert full.data.startswith(part.data)
    for answer in (full, part, client.get("/log/tile/entries/000"), client.get("/log/tile/1/000.p/1")):
        assert answer.status_code == 200
        assert answer.content_type == "application/octet-stream"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
    checkpoint = client.get("/log/checkpoint")
    assert checkpoint.content_type == "text/plain; charset=utf-8"
    assert checkpoint.headers["Cache-Control"] == "public, max-age=5"
    assert checkpoint.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.one_database
def test_what_the_log_does_not_have_is_not_there_and_not_kept(certificate: Certificate, client: FlaskClient) -> None:
    assert certificate.credential
    beyond = ("0/001", "0/000", "0/000.p/2", "1/000", "1/000.p/1", "entries/000", "entries/000.p/2")
    wrong = ("64/000", "00/000", "x/000", "0/0", "0/000.p/0", "0/000.p/256", "0/x000/000", "entries/x")

    for path in (*beyond, *wrong):
        answer = client.get(f"/log/tile/{path}")
        assert answer.status_code == 404, path
        assert "max-age" not in answer.headers.get("Cache-Control", "")


def test_an_empty_log_has_a_checkpoint_of_no_leaves(app: Flask, client: FlaskClient) -> None:
    del app
    size, root = second_log.checkpoint(client.get("/log/checkpoint").data, client.get("/log/key").text)

    assert (size, root) == (0, hashlib.sha256().digest())
    assert "The log is empty" in client.get("/log", headers={"Accept-Language": "en"}).text


@pytest.mark.one_database
def test_a_page_explains_the_log(certificate: Certificate, client: FlaskClient) -> None:
    assert certificate.credential
    page = client.get("/log", headers={"Accept-Language": "en"}).text

    assert client.get("/log/checkpoint").text.split("\n")[2] in page
    assert client.get("/log/key").text.strip() in page


def by_force(statement: str) -> None:
    """Change what triggers and keys protect, as somebody could who owns the database; a rollback takes it back."""
    session.rollback()
    if db.engine.dialect.name == "sqlite":
        session.execute(text("PRAGMA defer_foreign_keys = 1"))
        for name in session.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            session.execute(text(f"DROP TRIGGER {name}"))
        session.execute(text(statement))
    else:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement.replace("X'72'", "'r'::bytea")))


TAMPERED = (
    (
        "UPDATE certificate_log_entry SET data = replace(data, 'did:web', 'did:key') WHERE act = 'issue'",
        "leaves",
        "of leaf 0 was changed",
    ),
    ("UPDATE certificate_log_leaf SET hash = X'72' WHERE number = 1", "leaves", "of leaf 1 was changed"),
    ("DELETE FROM certificate_log_leaf WHERE number = 0", "leaves", "leaf 0 is missing"),
    ("UPDATE log_node SET hash = X'72' WHERE log = 'certificates'", "nodes", "node 0 of level 8 differs"),
    ("UPDATE log_checkpoint SET root = X'72' WHERE size = 302", "checkpoints", "beside the root over 302 leaves"),
    ("UPDATE log_checkpoint SET frontier = X'72' WHERE size = 302", "checkpoints", "beside the root over 302 leaves"),
    ("UPDATE log_checkpoint SET size = 301 WHERE size = 302", "checkpoints", "root has 301 leaves, the log 302"),
    (
        "UPDATE log_checkpoint SET note = replace(note, '302', '303') WHERE size = 302",
        "checkpoints",
        "the signature of the root over 302 leaves does not hold",
    ),
    (
        "UPDATE certificate SET credential = replace(credential, 'validFrom', 'validfrom')",
        "issued",
        "is not what was logged",
    ),
    ("UPDATE certificate SET credential = ''", "issued", "nobody erased it"),
    ("UPDATE issuing_body SET did = 'did:web:another'", "issued", "was logged for another issuer"),
    ("UPDATE certificate_log_entry SET data = 'x' WHERE act = 'issue'", "issued", "cannot be read"),
    ("DELETE FROM certificate_log_entry WHERE act = 'issue'", "issued", "was published without a leaf"),
    ("DELETE FROM certificate_log_entry WHERE act = 'revoke'", "changed", "has no leaf"),
    ("DELETE FROM event WHERE kind = 'credentials.revoked'", "changed", "which was never recorded"),
    (
        "UPDATE certificate SET state = 'published', revoked_at = NULL, revoked_for = NULL",
        "changed",
        "differ about its revocation",
    ),
)


def test_the_audit_names_what_was_tampered_with(certificate: Certificate, office: Office) -> None:
    """Leaf, tree, checkpoint and certificate, each touched by somebody who owns the database."""
    revoke(certificate, office)
    fill(certificate, 300)
    log.seal()
    assert set(faults()) == {"changed"}, "the filling was never recorded"

    for statement, check, found in TAMPERED:
        by_force(statement)
        assert found in faults()[check], statement
        session.rollback()


def test_the_audit_lets_a_true_log_pass(certificate: Certificate, office: Office) -> None:
    revoke(certificate, office)
    log.seal()

    assert faults() == {}
    assert [one.name for one in log_audit.audit()] == [
        f"certificates.{name}" for name in ("leaves", "nodes", "checkpoints", "sealed", "issued", "changed", "keys")
    ]


def test_an_erased_holder_is_no_fault_and_can_still_be_revoked(certificate: Certificate, office: Office) -> None:
    """The digest of what was published outlives the document: a leaf of a later change names the same one."""
    log.seal()
    with unit_of_work():
        session.execute(update(Certificate).values(credential=ERASED))
        session.execute(
            update(Person).where(Person.id == certificate.person_id).values(erased_at=ISSUED_AT, data_key=None)
        )

    revoke(certificate, office)

    issued, revoked = entries_of(certificate)
    assert issued["credential"] == revoked["credential"]
    log.seal()
    assert faults() == {}


def test_a_change_that_was_recorded_without_a_leaf_is_told(certificate: Certificate) -> None:
    with unit_of_work():
        record("credentials.suspended", subject(certificate), by=None, at=ISSUED_AT)

    assert f"the suspend of certificate {certificate.code} has no leaf" in faults()["changed"]


def test_what_waits_too_long_for_the_seal_is_told(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(certificate, 2)
    monkeypatch.setattr("app.core.audit.SEALED_WITHIN", timedelta(seconds=-5))

    assert faults()["sealed"] == "2 entries were never sealed"


def test_a_certificate_made_with_a_stolen_key_has_no_place_before_the_theft(
    certificate: Certificate, office: Office
) -> None:
    """Whoever holds a signing key can write any date into a credential, but not into the roots that others kept."""
    log.seal()
    before = reads.latest()
    assert before
    late = issue(office)
    log.seal()

    kept = before.note
    number = session.scalar(select(PublicLeaf.number).join(LogEntry).where(LogEntry.certificate_id == late.id))
    assert number is not None
    assert number >= before.size
    assert {one.name: one.passed for one in log_audit.audit(kept)}["certificates.earlier checkpoint"]
    assert certificate.valid_from == late.valid_from


def test_the_commands_cover_both_logs(certificate: Certificate, office: Office, app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    revoke(certificate, office)
    event = session.scalar(select(Event.code).where(Event.kind == "credentials.revoked"))
    kept = tmp_path / "checkpoint"

    sealed = json.loads(run(args=["log", "seal", "--json"]).stdout)
    shown = json.loads(run(args=["log", "checkpoint", "--log", "certificates", "--out", str(kept), "--json"]).stdout)
    of_event = json.loads(run(args=["log", "prove", str(event), "--json"]).stdout)
    of_certificate = json.loads(run(args=["log", "prove", certificate.code, "--json"]).stdout)
    checked = run(args=["log", "audit", "--since", str(kept), "--json"])

    assert sealed["certificates"] == 1
    assert shown["origin"] == "localhost:8000/log"
    assert shown["logs"]["audit"]["origin"] == "localhost:8000/log/audit"
    assert kept.read_text() == shown["checkpoint"]
    assert of_event["checkpoint"] == shown["logs"]["audit"]["checkpoint"]
    assert second_log.follow(of_certificate["proof"], shown["key"]).decode() == of_certificate["entry"]
    names = {one["name"] for one in json.loads(checked.stdout)["checks"]}
    assert {"events", "certificates.leaves", "certificates.issued", "certificates.earlier checkpoint"} <= names
    assert json.loads(checked.stdout)["valid"] is True
    assert run(args=["log", "prove", certificate.code]).stdout.startswith("c2sp.org/tlog-proof@v1\n")
    with unit_of_work():
        session.execute(update(Certificate).values(credential="{}"))
    assert run(args=["log", "audit"]).exit_code == 1
