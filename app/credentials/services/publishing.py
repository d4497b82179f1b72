"""Publishing: from now on anyone sees and verifies a certificate; rooms above hear of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.core import events, failpoints
from app.core.columns import JsonObject
from app.core.db import session
from app.core.events import Subject
from app.credentials.models import Batch, Certificate
from app.credentials.queries import steps as reads
from app.credentials.services import rows
from app.credentials.services.closing import fallen_among
from app.credentials.services.issuing import source_data, subject
from app.credentials.services.revocation import Revoking, publish_revoked
from app.credentials.services.rows import Changed
from app.credentials.states import CERTIFICATE, CertificateState
from app.desk.services.notices import NAME as NOTICES

CHUNK = 200


@dataclass(frozen=True, slots=True)
class Published:
    """What is written of a certificate that is published, and what its event says."""

    id: int
    row: Changed
    about: Subject
    data: JsonObject


def publish(certificate: Certificate, *, at: datetime) -> None:
    """Let anyone see and verify a certificate; the schema refuses one that is not logged."""
    CERTIFICATE.move(certificate, "publish", published_at=at)


def publish_next(batch: Batch, after: int, at: datetime) -> list[Published]:
    """Make ready the next rendered certificates of a batch behind a key."""
    ready = (Certificate.state == CertificateState.SIGNED, Certificate.rendered_at.is_not(None))
    waiting = reads.certificates_after(batch.id, after, CHUNK, *ready)
    requests = {one.id: one for one in reads.requests_with([one.request_id for one in waiting])}
    made = []
    for certificate in waiting:
        data = source_data(certificate, requests[certificate.request_id])
        session.expunge(certificate)
        publish(certificate, at=at)
        made.append(Published(certificate.id, rows.changed(certificate), subject(certificate), data))
    return made


def keep(batch: Batch, published: Sequence[Published], at: datetime) -> None:
    """Publish them, with the event of each; who holds them is told in a step of its own.

    What was closed since the public log told of it is published as revoked: it never counts.
    """
    del batch
    fallen = fallen_among([one.id for one in published])
    standing = [one for one in published if one.id not in fallen]
    rows.write([one.row for one in standing])
    failpoints.reach("mid_chunk")
    about = [(one.about, one.data) for one in standing]
    events.record_many("credentials.published", about, by=None, at=at, untold={NOTICES})
    if fallen:
        found = reads.certificates_with(fallen)
        publish_revoked([Revoking(one, fallen[one.id].reason, fallen[one.id].former) for one in found], at=at)
