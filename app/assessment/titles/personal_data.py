"""What the titles room keeps of a person."""

from collections.abc import Iterable

from sqlalchemy import select

from app.assessment.titles.models import TitleApplication, TitleAward
from app.core.columns import JsonObject
from app.core.db import session
from app.core.room import PersonalData
from app.core.text import _l


def _applications(person_id: int) -> Iterable[JsonObject]:
    query = select(TitleApplication).where(TitleApplication.person_id == person_id).order_by(TitleApplication.id)
    for row in session.scalars(query):
        yield {
            "code": row.code,
            "round": row.round.name_zh,
            "state": row.state,
            "declared": row.declared,
            "verdict": row.verdict,
            "submitted": row.submitted_at,
            "decided": row.decided_at,
            "reason": row.reason,
        }


def _titles(person_id: int) -> Iterable[JsonObject]:
    query = select(TitleAward).where(TitleAward.person_id == person_id).order_by(TitleAward.id)
    for row in session.scalars(query):
        yield {"number": row.number, "title": row.title_zh, "level": row.level, "since": row.awarded_on}


PERSONAL_DATA = (
    PersonalData("title_applications", _l("My applications for titles"), _applications),
    PersonalData("titles", _l("My titles"), _titles),
)
