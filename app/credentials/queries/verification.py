"""Reads of verification: what comes near to a number that was typed."""

from collections.abc import Collection

from sqlalchemy import select

from app.core.db import session
from app.credentials.models import ERASED, Certificate, LogEntry, PublicLeaf
from app.credentials.queries.records import PUBLIC_STATES
from app.credentials.states import NEW_BYTES

MOST_NEAR = 20
IssueLeaf = tuple[bytes, bool]
"""The last entry of the public log that tells of a certificate's published bytes, and whether it is sealed."""


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


def issue_leaf(certificate_id: int) -> IssueLeaf | None:
    """Return what the public log tells of the issue of a certificate, None where that is nothing."""
    return issue_leaves([certificate_id]).get(certificate_id)


def issue_leaves(certificate_ids: Collection[int]) -> dict[int, IssueLeaf]:
    """Return what the public log tells of the issue of each of some certificates; one is sealed under a signed root."""
    rows = session.execute(
        select(LogEntry.certificate_id, LogEntry.data, PublicLeaf.number)
        .outerjoin(PublicLeaf, PublicLeaf.entry_id == LogEntry.id)
        .where(LogEntry.certificate_id.in_(certificate_ids), LogEntry.act.in_(NEW_BYTES))
        .order_by(LogEntry.id)
    )
    return {key: (data.encode(), number is not None) for key, data, number in rows if key is not None}
