"""What the system administrator sees of the machine: jobs, deliveries, settings; no word about a person."""

from typing import NamedTuple

from pydantic import SecretStr
from sqlalchemy import func, select

from app.core.config import settings
from app.core.db import db, session
from app.core.errors import NotFoundError, Text
from app.core.events import Outbox
from app.core.jobs import Job, JobState, last_work
from app.core.room import rooms
from app.core.text import _, _l

PAGE_LENGTH = 50


class JobPage(NamedTuple):
    """One page of jobs, as `ui.pagination` reads it."""

    rows: list[Job]
    page: int
    pages: int
    total: int


def job_page(*, state: JobState | None, number: int) -> JobPage:
    """Return a page of the jobs, the latest first."""
    listed = select(Job) if state is None else select(Job).where(Job.state == state)
    total = session.scalar(select(func.count()).select_from(listed.subquery())) or 0
    pages = max(-(-total // PAGE_LENGTH), 1)
    shown = min(max(number, 1), pages)
    rows = session.scalars(listed.order_by(Job.id.desc()).offset((shown - 1) * PAGE_LENGTH).limit(PAGE_LENGTH))
    return JobPage(list(rows), shown, pages, total)


def failed_job(code: str) -> Job:
    """Return a job that has failed; raises NotFoundError."""
    found = session.scalar(select(Job).where(Job.code == code, Job.state == JobState.FAILED))
    if found is None:
        raise NotFoundError(_l("There is no failed job with this code. It may run again already."))
    return found


def job_labels() -> dict[str, Text]:
    """Return what the rooms call their jobs."""
    return {kind.name: kind.label for room in rooms() for kind in room.jobs}


def error_kind(error: str | None) -> str:
    """Return the kind of an error without its words, which may name a person: they stand in the log."""
    first = (error or "").split(":")[0].split(".")[-1].strip()
    return first if first.isidentifier() and first.isascii() else _("Refused by a rule")


class Waiting(NamedTuple):
    """Deliveries of one subscriber that are not done, and how many of them failed before."""

    subscriber: str
    number: int
    failed: int


def waiting_deliveries() -> list[Waiting]:
    """Return what waits in the outbox, by subscriber."""
    failed = func.count().filter(Outbox.attempts > 0)
    query = select(Outbox.subscriber, func.count(), failed).where(Outbox.done_at.is_(None))
    return [Waiting(*row) for row in session.execute(query.group_by(Outbox.subscriber).order_by(Outbox.subscriber))]


def shown_settings() -> list[tuple[str, str]]:
    """Return the settings by name; of those that may hold a password or key, only whether they are set."""
    given = settings()
    return [
        ("DATABASE_URL", db.engine.dialect.name),
        ("PUBLIC_URL", given.public_url),
        ("REDIS_URL", _("set") if given.redis_url else _("not set")),
        ("FIELD_KEYS", str(len(given.field_key_list))),
        ("STORE_URL", given.store_url.split(":")[0]),
        ("MAIL_URL", _way(given.mail_url)),
        ("SMS_URL", _way(given.sms_url)),
        ("PASSWORD_PROFILE", given.password_profile),
        ("DEMO", _("yes") if given.demo else _("no")),
    ]


def _way(url: SecretStr | None) -> str:
    return url.get_secret_value().split(":")[0] if url else _("not set")


__all__ = ["error_kind", "failed_job", "job_labels", "job_page", "last_work", "shown_settings", "waiting_deliveries"]
