"""Papers of people whose data was erased: forgotten with it, and taken off the disk once the erasure stands."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select, union, update

from app.core import events, files
from app.core.db import session
from app.core.events import Event
from app.core.files import StoredFile
from app.credentials.models import Certificate, EarlierCredential, EarlierPaper
from app.credentials.services.subjects import of_certificate

ERASED_EVENT = "credentials.papers_erased"
EARLIER: tuple[Any, ...] = (EarlierPaper, EarlierCredential)


def forget_papers(person_id: int, *, at: datetime) -> None:
    """Let the certificates of a person have no PDF any more, earlier ones included; the event says which ones went."""
    for certificate, digests in _papers(person_id):
        data = {"sha256": digests}
        events.record(ERASED_EVENT, of_certificate(certificate), by=None, at=at, data=data)
    held = select(Certificate.id).where(Certificate.person_id == person_id)
    for table in EARLIER:
        session.execute(update(table).where(table.certificate_id.in_(held)).values(pdf_file_id=None))
    session.execute(update(Certificate).where(Certificate.person_id == person_id).values(pdf_file_id=None))


def _papers(person_id: int) -> Iterator[tuple[Certificate, list[str]]]:
    own = Certificate.person_id == person_id
    kept = [select(Certificate.id, Certificate.pdf_file_id).where(own)]
    kept += [
        select(table.certificate_id, table.pdf_file_id)
        .join(Certificate, Certificate.id == table.certificate_id)
        .where(own)
        for table in EARLIER
    ]
    every = union(*kept).subquery()
    query = select(every.c.id, StoredFile.sha256).join(StoredFile, StoredFile.id == every.c.pdf_file_id)
    found = session.execute(query.order_by(every.c.id, StoredFile.sha256)).all()
    for key, rows in groupby(found, key=lambda row: row.id):
        yield session.get_one(Certificate, key), [row.sha256 for row in rows]


def destroy_papers(event: Event) -> None:
    """Take erased papers off the disk, where nothing else needs them."""
    for stored in session.scalars(select(StoredFile).where(StoredFile.sha256.in_(event.data["sha256"]))):
        files.destroy(stored)
