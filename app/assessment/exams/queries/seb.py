"""Reads of the browser that a session asks for."""

from functools import lru_cache

from sqlalchemy import select

from app.assessment.exams.models import Attempt, SebConfiguration
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l


def of_session(session_id: int) -> SebConfiguration | None:
    """Return what a session asks of the browser, None where any will do."""
    return session.scalar(select(SebConfiguration).where(SebConfiguration.session_id == session_id))


def requirement(code: str) -> str | None:
    """Return the config key that requests of a sitting must match, None where any browser will do.

    Asked once a sitting and process: sittings exist only from the preparation on, and from then on nothing changes.
    A sitting that does not exist asks for nothing; whoever reads it says that it is not there.
    """
    try:
        return _requirement(code)
    except NotFoundError:
        return None


@lru_cache(maxsize=65536)
def _requirement(code: str) -> str | None:
    query = (
        select(SebConfiguration.config_key)
        .select_from(Attempt)
        .outerjoin(SebConfiguration, SebConfiguration.session_id == Attempt.session_id)
        .where(Attempt.code == code)
    )
    found = session.execute(query).first()
    if found is None:
        raise NotFoundError(_l("There is no such sitting of yours."))
    key: str | None = found.config_key
    return key
