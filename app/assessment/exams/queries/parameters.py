"""Parameters of items for the information of papers."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from app.assessment.exams.models import ItemCalibration
from app.assessment.exams.rules.information import CALIBRATED, Parameters, estimated
from app.core.db import session
from app.items.models import ItemVersion

BLOCK = 5000
FEWEST_PERSONS = 200
"""Fewer candidates tell less about an item than its author's estimate: the least that a 2PL is fitted to in practice
(R. J. de Ayala, The Theory and Practice of Item Response Theory, 2009, chapter 5)."""


def parameters_of(version_ids: Iterable[int]) -> dict[int, Parameters]:
    """Return the parameters of item versions: as last calibrated, else estimated from their difficulty coefficients."""
    wanted = list(version_ids)
    found: dict[int, Parameters] = {}
    for start in range(0, len(wanted), BLOCK):
        block = wanted[start : start + BLOCK]
        query = select(ItemVersion.id, ItemVersion.difficulty).where(ItemVersion.id.in_(block))
        found |= {version_id: estimated(difficulty) for version_id, difficulty in session.execute(query)}
        found |= _calibrated(block)
    return found


def _calibrated(version_ids: Sequence[int]) -> dict[int, Parameters]:
    latest = (
        select(func.max(ItemCalibration.id))
        .where(ItemCalibration.item_version_id.in_(version_ids), ItemCalibration.persons >= FEWEST_PERSONS)
        .group_by(ItemCalibration.item_version_id)
    )
    return {
        one.item_version_id: Parameters(one.a, one.b, one.c, CALIBRATED)
        for one in session.scalars(select(ItemCalibration).where(ItemCalibration.id.in_(latest)))
    }
