"""A distrusted key proves nothing from now on, and what it had signed is signed anew, once each."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.core import files, jobs
from app.core.clock import now
from app.core.columns import JsonObject
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from app.core.events import Event
from app.core.jobs import Job, JobState
from app.core.signing import Algorithm
from app.credentials import queries, services, verification
from app.credentials.models import Batch, Certificate, EarlierCredential, KeyOrder, LogEntry, PublicLeaf, SigningKey
from app.credentials.queries import delegations
from app.credentials.queries import keys as reads
from app.credentials.queries import log as log_reads
from app.credentials.queries.log_audit import audit
from app.credentials.queries.seals import fingerprint_of
from app.credentials.rules.instants import write_instant
from app.credentials.rules.jwt import JwtError, verify_jwt
from app.credentials.rules.tlog import digest_of, read_leaf, read_proof
from app.credentials.rules.verdict import CheckName, Result
from app.credentials.services import keys as orders
from app.credentials.services import rendering, rows, signing
from app.credentials.services.bodies import seal_of, signer_of
from app.credentials.services.keys import Drawn, Resigned
from app.credentials.services.log import note_key, seal
from app.credentials.services.rendering import Rendered
from app.credentials.services.status_lists import AnyList, edition_of, keep_signed, lists_of, signed_list
from app.credentials.states import KeyAct, KeyOrderState, LogAct, RevocationReason, SealLevel
from app.credentials.wording import sentence_of
from app.desk.models import Notice, NoticeDelivery
from app.desk.states import Channel
from tests.factories.accounts import MADE_AT, Member
from tests.factories.credentials import ISSUED_AT, Office, issue, make_office
from tests.factories.delegations import delegate

SINCE = ISSUED_AT - timedelta(days=2)
LATER = ISSUED_AT + timedelta(days=1)


def order_of(
    office: Office,
    algorithm: Algorithm = Algorithm.ED25519,
    act: KeyAct = KeyAct.COMPROMISE,
    since: datetime | None = SINCE,
) -> KeyOrder:
    with unit_of_work():
        key = queries.signing_key(office.body.id, algorithm)
        return orders.ask_key_order(key, act, reason="Seen", since=since, by=office.first.actor, at=LATER)


def carry_out(office: Office, order: KeyOrder) -> None:
    with unit_of_work():
        orders.carry_out(reads.key_order(order.code, office.second.actor), by=office.second.actor, at=LATER)


def compromised(office: Office, algorithm: Algorithm = Algorithm.ED25519) -> KeyOrder:
    order = order_of(office, algorithm)
    carry_out(office, order)
    return order


def fresh(certificate: Certificate) -> Certificate:
    session.expire_all()
    return session.get_one(Certificate, certificate.id)


def test_what_a_distrusted_key_signed_is_signed_anew(office: Office) -> None:
    certificate = issue(office)
    before, old_key = str(certificate.credential), certificate.key_id

    compromised(office)
    old = verification.verify_document(before.encode(), at=LATER).verdict
    jobs.work()

    after = fresh(certificate)
    signature = old.check(CheckName.SIGNATURE)
    assert signature.code == "key-revoked"
    assert "http" not in sentence_of(signature)
    assert after.key_id != old_key
    assert json.loads(str(after.credential))["id"] == json.loads(before)["id"]
    assert after.document == certificate.document
    assert verification.verify_certificate(after, at=LATER).valid
    kept = reads.earlier_of(after.id)
    assert [(one.credential, one.key_id) for one in kept] == [(before, old_key)]
    told = session.scalars(select(Notice).where(Notice.kind == "credentials.resigned")).one()
    assert (told.person_id, told.subject_code) == (certificate.person_id, certificate.code)
    assert told.url == f"/my/certificates/{certificate.code}#files", "it leads to the file to download again"
    sent = session.scalars(select(NoticeDelivery.channel).where(NoticeDelivery.notice_id == told.id)).all()
    assert Channel.MAIL in sent, "what the holder kept no longer verifies"


def test_the_did_document_says_since_when(office: Office) -> None:
    old = signer_of(office.body)
    compromised(office)
    document = queries.did_document(office.body)
    listed = {one["id"].partition("#")[2]: one for one in document["verificationMethod"]}
    assert listed[old.key_id]["revoked"] == "2026-05-30T02:00:00Z"
    assert not any(one.endswith(old.key_id) for one in document["assertionMethod"])
    assert signer_of(office.body).key_id != old.key_id


def test_the_log_tells_of_the_new_signature(office: Office) -> None:
    """A proof of the certificate proves the bytes that are published now."""
    certificate = issue(office)
    seal()
    compromised(office)
    jobs.work()
    seal()
    session.rollback()

    proof = log_reads.proof_of(fresh(certificate))

    assert proof is not None
    leaf = read_leaf(read_proof(proof).extra)
    assert leaf.act == "resign"
    assert leaf.credential == digest_of(str(fresh(certificate).credential).encode())
    assert [one for one in audit() if not one.passed] == []


def test_revoked_certificates_are_left_and_the_drill_counts_first(office: Office) -> None:
    first, second = issue(office), issue(office)
    with unit_of_work():
        services.revoke(
            session.get_one(Certificate, second.id),
            reason=RevocationReason.EXAM_BREACH,
            note="",
            by=office.first.actor,
            at=ISSUED_AT,
        )
    before = fresh(second).credential

    reach = orders.reach_of(queries.signing_key(office.body.id))
    compromised(office)
    jobs.work()

    assert (reach.certificates, reach.left_alone, reach.status_lists, reach.endorsements) == (1, 1, 2, 0)
    assert fresh(second).credential == before
    assert reads.earlier_of(second.id) == []
    assert len(reads.earlier_of(first.id)) == 1


@pytest.mark.parametrize("algorithm", [Algorithm.ED25519, Algorithm.P256])
def test_what_was_signed_while_its_key_was_compromised_is_signed_again(office: Office, algorithm: Algorithm) -> None:
    """A step signs under no lock; what it brings under a key that is distrusted by then is not kept."""
    certificate = issue(office)
    columns: JsonObject = {"key_id": certificate.key_id, "jwt_key_id": certificate.jwt_key_id}
    brought = [rows.Changed(certificate.id, certificate.version, columns)]

    compromised(office, algorithm)

    batch = session.get_one(Batch, certificate.batch_id)
    with pytest.raises(rows.MovedOnError, match="compromised"), unit_of_work():
        signing.keep(batch, brought, LATER)
    under_new = {"key_id": signer_of(office.body).key_id, "jwt_key_id": signer_of(office.body, Algorithm.P256).key_id}
    with unit_of_work():
        signing.keep(batch, [rows.Changed(certificate.id, certificate.version, under_new)], LATER)


def test_what_was_sealed_while_its_key_was_compromised_is_drawn_again(office: Office) -> None:
    certificate = issue(office)
    batch, under = session.get_one(Batch, certificate.batch_id), fingerprint_of(seal_of(office.body).certificate)
    drawn = Rendered(certificate.id, certificate.version, certificate.code, b"%PDF-1.7", SealLevel.BASIC, under)

    compromised(office, Algorithm.RSA)

    with pytest.raises(rows.MovedOnError, match="compromised"), unit_of_work():
        rendering.keep(batch, [drawn], LATER)


@pytest.mark.usefixtures("with_paper")
def test_a_pdf_from_before_the_compromise_of_its_seal_says_so(office: Office) -> None:
    certificate = issue(office)
    stored = queries.pdf_of(certificate)
    assert stored is not None
    before = files.load(stored)

    compromised(office, Algorithm.RSA)

    found = verification.verify_document(before, at=LATER).verdict
    assert found.check(CheckName.SIGNATURE).result is Result.PASS
    assert found.check(CheckName.SEAL).code == "seal-key-revoked"


def every_list(office: Office) -> list[AnyList]:
    """Return the lists of a body as readers get them, after they were kept signed."""
    with unit_of_work():
        for one in lists_of(office.body.id):
            assert keep_signed(one, at=LATER)
    return lists_of(office.body.id)


def test_lists_and_endorsements_are_signed_anew_before_the_first_certificate(office: Office) -> None:
    """All certificates rest on both lists and on what the authority said of others; signing those anew takes long."""
    below = make_office(slug="below", platform=False)
    given = delegate(office, below.body)
    certificate = issue(office)
    assert len(every_list(office)) == 2

    compromised(office)
    session.expire_all()

    method = signer_of(office.body).key_id
    endorsement = delegations.endorsement_of(delegations.delegation(given.code))
    for document in (endorsement, *(signed_list(one) for one in lists_of(office.body.id))):
        assert document["proof"]["verificationMethod"].endswith(method)
    assert not str(fresh(certificate).key_id).endswith(method)
    jobs.work()
    session.expire_all()
    assert all(method in str(one.credential) for one in lists_of(office.body.id))


def test_lists_are_signed_anew_as_jwt_with_the_key_of_tokens(office: Office) -> None:
    issue(office)
    before = [edition_of(one, jwt=True).text for one in every_list(office)]

    compromised(office, Algorithm.P256)
    session.expire_all()

    now_read = [edition_of(one, jwt=True).text for one in lists_of(office.body.id)]
    for old, new in zip(before, now_read, strict=True):
        assert verify_jwt(new, queries.did_document(office.body))["id"]
        with pytest.raises(JwtError):
            verify_jwt(old, queries.did_document(office.body))
    jobs.work()
    session.expire_all()
    assert all(one.jwt for one in lists_of(office.body.id))


@pytest.mark.parametrize("algorithm", [Algorithm.P256, Algorithm.RSA])
def test_each_key_takes_only_what_it_signed(office: Office, algorithm: Algorithm) -> None:
    """A JWT and QR code for P-256, the PDF for RSA; the credential itself stays byte for byte."""
    certificate = issue(office)
    credential, jwt, qr = certificate.credential, certificate.jwt, certificate.qr

    compromised(office, algorithm)
    jobs.work()

    after = fresh(certificate)
    assert after.credential == credential
    assert (after.jwt != jwt) is (algorithm is Algorithm.P256)
    assert (after.qr != qr) is (algorithm is Algorithm.P256)
    assert verify_jwt(str(after.jwt), queries.did_document(office.body))["id"]
    assert verification.verify_certificate(after, at=LATER).valid


def test_a_killed_job_signs_each_once(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    certificates = [issue(office) for _one in range(3)]
    order = compromised(office)
    monkeypatch.setattr("app.credentials.key_jobs.AT_ONCE", 1)
    done, signed = orders.keep_resigned, []

    def killed(made: Resigned, drawn: Drawn | None, given: KeyOrder, *, at: datetime) -> None:
        done(made, drawn, given, at=at)
        signed.append(made.code)
        if len(signed) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(orders, "keep_resigned", killed)
    with pytest.raises(KeyboardInterrupt):
        jobs.work()
    session.rollback()
    monkeypatch.setattr(orders, "keep_resigned", done)
    with unit_of_work():
        session.execute(update(Job).values(due_at=datetime(2020, 1, 1, tzinfo=UTC)))
    jobs.work()

    session.expire_all()
    job = reads.resign_job(reads.order_with(order.code))
    assert job is not None
    assert (job.state, job.done, job.total) == (JobState.DONE, 3, 3)
    rows = session.scalars(select(EarlierCredential.certificate_id)).all()
    assert sorted(rows) == sorted(one.id for one in certificates)
    assert all(verification.verify_certificate(fresh(one), at=LATER).valid for one in certificates)


def test_two_people_order(office: Office) -> None:
    order = order_of(office)
    with pytest.raises(ForbiddenError), unit_of_work():
        orders.carry_out(reads.order_with(order.code), by=office.first.actor, at=LATER)
    with pytest.raises(ConflictError):
        order_of(office)
    values = {"state": "carried_out", "decided_by_id": KeyOrder.asked_by_id, "decided_at": LATER}
    with pytest.raises(ConflictError), unit_of_work():
        session.execute(update(KeyOrder).where(KeyOrder.id == order.id).values(values))
    with unit_of_work():
        orders.refuse(reads.order_with(order.code), by=office.second.actor, at=LATER)
    assert reads.order_with(order.code).state is KeyOrderState.REFUSED
    assert queries.signing_key(office.body.id).revoked_at is None


def test_others_order_nothing(office: Office) -> None:
    other = make_office(slug="other-centre", platform=False)
    order = order_of(office)
    with pytest.raises(NotFoundError):
        reads.key_order(order.code, other.first.actor)
    with pytest.raises(ForbiddenError), unit_of_work():
        orders.carry_out(reads.order_with(order.code), by=other.second.actor, at=LATER)


@pytest.mark.parametrize("since", [None, MADE_AT - timedelta(days=1), LATER + timedelta(seconds=1)])
def test_a_compromise_has_a_beginning(office: Office, since: datetime | None) -> None:
    with pytest.raises(InvalidError):
        order_of(office, since=since)


def test_a_retired_key_may_be_distrusted_but_not_rotated(office: Office) -> None:
    """Its successor goes on; the certificates that the retired one signed are signed anew."""
    certificate = issue(office)
    rotation = order_of(office, act=KeyAct.ROTATE)
    carry_out(office, rotation)
    old = session.scalars(select(SigningKey).where(SigningKey.key_id == certificate.key_id)).one()
    current = signer_of(office.body).key_id
    assert reads.resign_job(rotation) is None
    assert verification.verify_certificate(fresh(certificate), at=LATER).valid
    with pytest.raises(ConflictError), unit_of_work():
        orders.ask_key_order(old, KeyAct.ROTATE, reason="x", by=office.first.actor, at=LATER)
    with unit_of_work():
        order = orders.ask_key_order(
            session.merge(old), KeyAct.COMPROMISE, reason="x", since=SINCE, by=office.first.actor, at=LATER
        )
    carry_out(office, order)
    jobs.work()
    assert signer_of(office.body).key_id == current == fresh(certificate).key_id
    with pytest.raises(ConflictError), unit_of_work():
        orders.ask_key_order(
            session.merge(old), KeyAct.COMPROMISE, reason="x", since=SINCE, by=office.first.actor, at=LATER
        )


def test_every_act_is_an_event(office: Office) -> None:
    issue(office)
    compromised(office)
    jobs.work()
    kinds = set(session.scalars(select(Event.kind)))
    assert kinds >= {
        "credentials.key_order_asked",
        "credentials.key_order_carried_out",
        "credentials.key_revoked",
        "credentials.resigned",
        "credentials.resign_finished",
    }


def test_pages_of_keys(office: Office, browser_of: Callable[[Member], FlaskClient]) -> None:
    first, second = browser_of(office.first), browser_of(office.second)
    key = queries.signing_key(office.body.id).key_id
    moment = now().strftime("%Y-%m-%dT%H:%M")
    given = {"key": key, "act": "compromise", "reason": "Seen", "since": "2001-01-01T08:00"}

    assert key[:20] in first.get("/issuing/keys").text
    assert first.post("/issuing/keys/orders", data={}).status_code == 422
    assert first.post("/issuing/keys/orders", data=given).status_code == 422
    assert first.post("/issuing/keys/orders", data={**given, "since": moment}).status_code == 302
    order = reads.key_orders(office.body.id)[0]
    page = f"/issuing/keys/orders/{order.code}"
    assert "carry-out" not in first.get(page).text
    assert "carry-out" in second.get(page).text
    assert first.post(f"{page}/carry-out").status_code == 403
    assert second.post(f"{page}/carry-out").status_code == 302
    assert second.get(page).status_code == 200
    current = queries.signing_key(office.body.id).key_id
    assert first.post("/issuing/keys/orders", data={**given, "key": current, "act": "rotate"}).status_code == 302
    rotation = reads.key_orders(office.body.id)[0]
    assert second.post(f"/issuing/keys/orders/{rotation.code}/refuse").status_code == 302
    assert first.get("/issuing/keys").status_code == 200


def test_commands_of_keys(app: Flask, office: Office) -> None:
    def run(*words: str) -> tuple[int, dict[str, object]]:
        done = app.test_cli_runner().invoke(args=["credentials", "keys", *words, "--json"])
        return done.exit_code, json.loads(done.stdout) if done.stdout.startswith("{") else {}

    issue(office)
    people = ("--by", office.first.person.code, "--confirmed-by", office.second.person.code, "--reason", "Due")
    _code, listed = run("list", "sample-centre")
    key = queries.signing_key(office.body.id).key_id
    assert key in str(listed)
    assert run("check") == (0, {"keys": 3, "unusable": []})
    assert run("complete") == (0, {"made": 0})
    assert run("compromise", "sample-centre", key, "--dry-run")[1]["certificates"] == 1
    assert queries.signing_key(office.body.id).key_id == key
    assert run("compromise", "sample-centre", key)[0] == 1
    assert run("rotate", "sample-centre", "--algorithm", "ES256", *people)[0] == 0
    assert run("rotate", "sample-centre", "--by", "nobody", *people[2:])[0] == 1
    since = ("--since", now().date().isoformat())
    with unit_of_work():
        session.execute(update(SigningKey).values(created_at=MADE_AT))
    code, told = run("compromise", "sample-centre", key, *since, *people)
    assert (code, told["certificates"]) == (0, 1)
    assert queries.signing_key(office.body.id).key_id != key


def told_of_keys() -> list[dict[str, str]]:
    query = select(LogEntry.data).where(LogEntry.key_id.is_not(None)).order_by(LogEntry.id)
    return [json.loads(one) for one in session.scalars(query)]


def key_faults() -> str:
    return next(one.detail for one in audit() if one.name == "certificates.keys")


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_the_public_log_tells_of_each_compromise(office: Office, algorithm: Algorithm) -> None:
    """Whatever the key signed: its leaf says since when it is distrusted, and names no people."""
    key = queries.signing_key(office.body.id, algorithm)
    compromised(office, algorithm)

    retired, revoked = told_of_keys()

    about = {"v": 1, "key": key.key_id, "issuer": office.body.did, "at": write_instant(LATER)}
    assert retired == {**about, "act": "retire_key"}
    assert revoked == {**about, "act": "revoke_key", "since": write_instant(SINCE)}
    seal()
    assert session.scalar(select(func.count()).select_from(PublicLeaf)) == 2
    assert [one.name for one in audit() if not one.passed] == []


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_the_public_log_tells_of_each_rotation_once(office: Office, algorithm: Algorithm) -> None:
    key = queries.signing_key(office.body.id, algorithm)
    carry_out(office, order_of(office, algorithm, KeyAct.ROTATE, None))

    assert [(one["act"], one["key"]) for one in told_of_keys()] == [("retire_key", key.key_id)]
    assert key_faults() == ""
    with pytest.raises(ConflictError), unit_of_work():
        note_key(session.merge(key), LogAct.RETIRE_KEY, issuer=office.body.did, at=LATER)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"revoked_at": None}, "says otherwise"),
        ({"revoked_at": SINCE - timedelta(days=1)}, "says otherwise"),
        ({"retired_at": LATER + timedelta(days=1)}, "says otherwise"),
    ],
)
def test_the_audit_sees_a_register_that_says_otherwise_than_the_log(
    office: Office, change: dict[str, datetime | None], said: str
) -> None:
    compromised(office, Algorithm.P256)
    assert key_faults() == ""

    with unit_of_work():
        session.execute(update(SigningKey).where(SigningKey.revoked_at.is_not(None)).values(change))

    assert said in key_faults()


@pytest.mark.usefixtures("office")
def test_the_audit_sees_a_key_that_was_retired_past_the_log() -> None:
    with unit_of_work():
        session.execute(update(SigningKey).values(retired_at=LATER))

    assert "has no leaf" in key_faults()
