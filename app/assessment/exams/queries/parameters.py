"""Parameters of items for the information of papers."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from sqlalchemy import Select, func, select

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
        found |= {
            version_id: Parameters(one.a, one.b, one.c, CALIBRATED) if one else estimated(difficulty)
            for version_id, difficulty, one in session.execute(_last_calibrations(block))
        }
    return found


def _last_calibrations(version_ids: Sequence[int]) -> Select[int, Decimal, ItemCalibration | None]:
    """Select item versions with their difficulty coefficient and last calibration, if there was one."""
    latest = (
        select(func.max(ItemCalibration.id))
        .where(ItemCalibration.item_version_id.in_(version_ids), ItemCalibration.persons >= FEWEST_PERSONS)
        .group_by(ItemCalibration.item_version_id)
    )
    last = (ItemCalibration.item_version_id == ItemVersion.id) & ItemCalibration.id.in_(latest)
    return (
        select(ItemVersion.id, ItemVersion.difficulty, ItemCalibration)
        .outerjoin(ItemCalibration, last)
        .where(ItemVersion.id.in_(version_ids))
    )
