"""Reads of verification: what comes near to a number that was typed."""

from collections.abc import Collection

from sqlalchemy import select

from app.core.db import session
from app.credentials.models import ERASED, Certificate, LogEntry, PublicLeaf
from app.credentials.queries.records import PUBLIC_STATES
from app.credentials.states import NEW_BYTES

MOST_NEAR = 20


def with_numbers(numbers: Collection[str]) -> list[Certificate]:
    """Return some certificates that anyone may be shown and that bear one of the numbers."""
    if not numbers:
        return []
    query = (
        select(Certificate)
        .where(Certificate.number.in_(numbers), Certificate.state.in_(PUBLIC_STATES), Certificate.credential != ERASED)
        .order_by(Certificate.id.desc())
        .limit(MOST_NEAR)
    )
    return list(session.scalars(query))


def issue_leaf(certificate_id: int) -> tuple[bytes, bool] | None:
    """Return the last entry of the public log that tells of a certificate's published bytes, None where it has none.

    Beside it stands whether it is sealed, that is a leaf under a signed root.
    """
    found = session.execute(
        select(LogEntry.data, PublicLeaf.number)
        .outerjoin(PublicLeaf, PublicLeaf.entry_id == LogEntry.id)
        .where(LogEntry.certificate_id == certificate_id, LogEntry.act.in_(NEW_BYTES))
        .order_by(LogEntry.id.desc())
        .limit(1)
    ).first()
    return None if found is None else (found.data.encode(), found.number is not None)
