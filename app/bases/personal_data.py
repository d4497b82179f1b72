"""What the bases room keeps of a person: the applications they made for their organisation."""

from collections.abc import Iterable

from sqlalchemy import select

from app.accounts.models import Organisation
from app.bases.models import TrainingBase
from app.core.columns import JsonObject
from app.core.personal_data import rows
from app.core.room import PersonalData
from app.core.text import _l


def _applications(person_id: int) -> Iterable[JsonObject]:
    told = select(
        TrainingBase.code,
        Organisation.name_zh.label("organisation"),
        TrainingBase.region_code,
        TrainingBase.state,
        TrainingBase.applied_at.label("asked_at"),
    ).join(Organisation, Organisation.id == TrainingBase.organisation_id)
    return rows(told.where(TrainingBase.applied_by_id == person_id).order_by(TrainingBase.id))


PERSONAL_DATA = (
    PersonalData(
        "base_applications",
        _l("Applications I made for a base"),
        _applications,
        columns=("training_base.applied_by_id",),
    ),
)
