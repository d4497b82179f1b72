"""Asking for Safe Exam Browser in a session, or no longer; both only while nobody's paper is prepared."""

import base64
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import delete

from app.assessment.exams.models import ExamSession, SebConfiguration
from app.assessment.exams.queries.seb import of_session as configuration_of
from app.assessment.exams.rules import seb
from app.assessment.exams.services.subjects import of_session
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError
from app.core.text import _l

SALT = "examKeySalt"
SALT_BYTES = 32


def require_seb(
    found: ExamSession, *, start_url: str, quit_url: str, quit_password: str, by: Actor, at: datetime
) -> SebConfiguration:
    """Let a session be sat in Safe Exam Browser alone, under settings made for it.

    Raises ConflictError once the papers are being prepared, or where it is asked for already.
    """
    _refuse_late(found)
    if configuration_of(found.id) is not None:
        raise ConflictError(_l("This session asks for Safe Exam Browser already."))
    settings = seb.settings_of(
        start_url=start_url, quit_url=quit_url, salt=secrets.token_bytes(SALT_BYTES), quit_password=quit_password
    )
    made = SebConfiguration(
        session_id=found.id,
        settings={**settings, SALT: base64.b64encode(settings[SALT]).decode()},
        config_key=seb.config_key(settings),
        required_by_id=by.person_id,
        required_at=at,
    )
    session.add(made)
    events.record("exams.seb_required", of_session(found), by=by, at=at, data={"config_key": made.config_key})
    return made


def waive_seb(found: ExamSession, *, by: Actor, at: datetime) -> None:
    """Let any browser do again; raises ConflictError once the papers are being prepared."""
    _refuse_late(found)
    session.execute(delete(SebConfiguration).where(SebConfiguration.session_id == found.id))
    events.record("exams.seb_waived", of_session(found), by=by, at=at)


def settings_of(made: SebConfiguration) -> dict[str, Any]:
    """Return the settings as the configuration file holds them."""
    return {**made.settings, SALT: base64.b64decode(made.settings[SALT])}


def _refuse_late(found: ExamSession) -> None:
    if found.prepared_at is not None:
        raise ConflictError(
            _l(
                "The papers are prepared, so the browser can no longer be changed: candidates rely on what they were"
                " told."
            )
        )
