"""Parameters of items for the information of papers."""

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import select

from app.assessment.exams.rules.information import Parameters, estimated
from app.core.db import session
from app.items.models import ItemVersion

BLOCK = 5000


def parameters_of(version_ids: Iterable[int]) -> dict[int, Parameters]:
    """Return the parameters of item versions, estimated from their difficulty coefficients."""
    wanted = list(version_ids)
    found: dict[int, Decimal] = {}
    for start in range(0, len(wanted), BLOCK):
        query = select(ItemVersion.id, ItemVersion.difficulty)
        rows = session.execute(query.where(ItemVersion.id.in_(wanted[start : start + BLOCK])))
        found |= dict(rows.all())
    return {version_id: estimated(difficulty) for version_id, difficulty in found.items()}
