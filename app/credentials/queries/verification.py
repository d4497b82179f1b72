"""Reads of verification: what comes near to a number that was typed."""

from collections.abc import Collection

from sqlalchemy import select

from app.core.db import session
from app.credentials.models import ERASED, Certificate
from app.credentials.queries.records import PUBLIC_STATES

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
