"""Notifying: whoever holds a published certificate is told once, on the site and by mail as chosen, and finds it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select

from app.core.db import session
from app.core.events import Event
from app.credentials.models import Batch, Certificate
from app.credentials.queries import steps as reads
from app.credentials.services import rows
from app.credentials.states import DOCUMENT
from app.desk import services as desk
from app.desk.services import documents

CHUNK = 100
"""Each brings some eighty rows by which it is found."""


class Untold(NamedTuple):
    """A published certificate whose holder was not told yet."""

    id: int
    code: str


def next_untold(batch: Batch, after: int, at: datetime) -> list[Untold]:
    """Return the next published certificates of a batch behind a key whose holders were not told."""
    del at
    ready = (Certificate.published_at.is_not(None), Certificate.notified_at.is_(None))
    found = reads.columns_after(batch.id, after, CHUNK, (Certificate.id, Certificate.code), *ready)
    return [Untold(key, code) for key, code in found]


def tell(batch: Batch, untold: Sequence[Untold], at: datetime) -> None:
    """Make the notices of their publication, and let them be found, each once however often this is tried."""
    del batch
    codes = [one.code for one in untold]
    happened = select(Event).where(
        Event.subject_type == "certificate",
        Event.subject_code.in_(codes),
        Event.kind == "credentials.published",
    )
    desk.tell_all(session.scalars(happened.order_by(Event.id)).all())
    documents.refresh(DOCUMENT, codes)
    rows.stamp([one.id for one in untold], "notified_at", at)
