"""What a distrusted key had signed is signed and sealed anew outside of the transaction that keeps it."""

import pytest
from sqlalchemy import select, update

from app.core import files, jobs
from app.core.db import session, unit_of_work, writing
from app.core.files import StoredFile
from app.core.signing import Algorithm
from app.credentials import verification
from app.credentials.models import Certificate, EarlierCredential, SigningKey
from app.credentials.queries import keys as reads
from app.credentials.services import keys as orders
from app.credentials.services import rows
from app.credentials.services.keys import Drawn
from app.credentials.states import SealLevel
from tests.factories.credentials import ISSUED_AT, Office, issue
from tests.integration.credentials.test_compromise import LATER, compromised, fresh


def test_papers_are_sealed_anew_under_no_write_lock(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """A time-stamp authority that does not answer keeps nobody from writing."""
    certificate = issue(office)
    with unit_of_work():
        kept = files.store(b"%PDF-1.7 before", name="before.pdf", media_type="application/pdf")
        row = session.get_one(Certificate, certificate.id)
        row.pdf_file_id, row.seal_level, row.rendered_at = kept.id, SealLevel.BASIC, ISSUED_AT
        earlier = kept.id
    compromised(office)
    held: list[bool] = []

    def sealed(drawn: Certificate, **_given: object) -> bytes:
        held.append(writing())
        return f"%PDF-1.7 {drawn.key_id}".encode()

    monkeypatch.setattr("app.credentials.paper.available", lambda: True)
    monkeypatch.setattr("app.credentials.paper.certificate_pdf", sealed)
    jobs.work()

    after = fresh(certificate)
    assert held == [False]
    assert after.pdf_file_id not in {None, earlier}
    assert files.load(session.get_one(StoredFile, after.pdf_file_id)) == f"%PDF-1.7 {after.key_id}".encode()
    assert session.scalars(select(EarlierCredential.pdf_file_id)).all() == [earlier]


def test_a_certificate_that_changed_while_it_was_signed_anew_is_signed_once_more(office: Office) -> None:
    certificate = issue(office)
    order = compromised(office)
    made = orders.sign_anew(reads.to_resign(reads.order_with(order.code), 1)[0], order, at=LATER)
    with unit_of_work():
        session.execute(update(Certificate).values(version=Certificate.version + 1))

    with pytest.raises(rows.MovedOnError), unit_of_work():
        orders.keep_resigned(made, None, reads.order_with(order.code), at=LATER)
    jobs.work()
    assert verification.verify_certificate(fresh(certificate), at=LATER).valid


def test_a_paper_under_a_seal_key_that_was_compromised_meanwhile_is_not_kept(office: Office) -> None:
    issue(office)
    order = compromised(office)
    made = orders.sign_anew(reads.to_resign(reads.order_with(order.code), 1)[0], order, at=LATER)
    with unit_of_work():
        seal = session.scalars(select(SigningKey).where(SigningKey.algorithm == Algorithm.RSA)).one()
        seal.retired_at = seal.revoked_at = ISSUED_AT
        drawn = Drawn(b"%PDF-1.7 sealed", SealLevel.BASIC, seal.certificate or b"")

    with pytest.raises(rows.MovedOnError), unit_of_work():
        orders.keep_resigned(made, drawn, reads.order_with(order.code), at=LATER)
    assert session.scalars(select(EarlierCredential)).all() == []
