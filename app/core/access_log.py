"""Who looked up or opened the record of another person: when, under which role, for what.

Kept for good, and at least the five years that the field's rules of data ask for: the table is append-only. A view says
whom it shows with `looked_up`; the rows are written when the page is made, in their own short transaction, the one
write that a GET may cause. If they cannot be written, the page is not shown.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask import Flask, g, has_request_context
from sqlalchemy import CheckConstraint, Index, insert
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.wrappers import Response

from app.core import clock
from app.core.access import Actor
from app.core.columns import PK, BigKey, Instant, OptionalShort, Short
from app.core.db import Base, session, unit_of_work
from app.core.errors import Text
from app.core.events import Subject, append_only
from app.core.text import _l


class Purpose(StrEnum):
    """Why somebody looks at a person's record."""

    ADMINISTRATION = "administration"
    TRAINING = "training"
    EXAMINATION = "examination"
    CERTIFICATION = "certification"
    VERIFICATION = "verification"
    SUPERVISION = "supervision"


PURPOSE_LABELS: dict[Purpose, Text] = {
    Purpose.ADMINISTRATION: _l("Administration of people and roles"),
    Purpose.TRAINING: _l("Running a training"),
    Purpose.EXAMINATION: _l("Running an exam"),
    Purpose.CERTIFICATION: _l("Deciding on a level or issuing a certificate"),
    Purpose.VERIFICATION: _l("Checking a certificate"),
    Purpose.SUPERVISION: _l("Supervision"),
}


class AccessLook(Base):
    """One look at a person's record by another; ids only. `at` is domain time, `recorded_at` security time."""

    __tablename__ = "access_look"
    __table_args__ = (
        CheckConstraint("person_id <> viewer_id", name="another"),
        Index("ix_access_look_person", "person_id", "id"),
        Index("ix_access_look_viewer", "viewer_id", "id"),
    )

    id: Mapped[PK]
    person_id: Mapped[int] = mapped_column(BigKey)
    viewer_id: Mapped[int] = mapped_column(BigKey)
    role: Mapped[OptionalShort]
    organisation_id: Mapped[int | None] = mapped_column(BigKey)
    region_code: Mapped[OptionalShort]
    purpose: Mapped[Purpose]
    record_type: Mapped[Short]
    record_code: Mapped[Short]
    at: Mapped[Instant]
    recorded_at: Mapped[Instant] = mapped_column(default=clock.real_now)


append_only(AccessLook)


@dataclass(frozen=True, slots=True)
class _Look:
    person_id: int
    by: Actor
    purpose: Purpose
    record: Subject
    at: datetime


def looked_up(person_ids: Iterable[int], *, by: Actor | None, purpose: Purpose, record: Subject) -> None:
    """Note that the actor sees records of these people; their own, and looks of the public, leave no row.

    Within a request the rows are written when the page is made, elsewhere at once.
    """
    if by is None:
        return
    at = clock.now()
    looks = [
        _Look(person_id, by, purpose, record, at)
        for person_id in dict.fromkeys(person_ids)
        if person_id != by.person_id
    ]
    if has_request_context():
        g.setdefault("looks", []).extend(looks)
    else:
        _write(looks)


def init_app(app: Flask) -> None:
    """Write the looks of each request before its page leaves."""
    app.after_request(_write_of_request)


def _write_of_request(response: Response) -> Response:
    write_looks()
    return response


def write_looks() -> None:
    """Write what this request has looked at so far."""
    looks = g.pop("looks", None)
    if looks:
        _write(looks)


def _write(looks: list[_Look]) -> None:
    rows = [
        {
            "person_id": look.person_id,
            "viewer_id": look.by.person_id,
            "role": look.by.role or None,
            "organisation_id": look.by.organisation_id,
            "region_code": look.by.region_code,
            "purpose": look.purpose,
            "record_type": look.record.type,
            "record_code": look.record.code,
            "at": look.at,
        }
        for look in dict.fromkeys(looks)
    ]
    if rows:
        with unit_of_work():
            session.execute(insert(AccessLook), rows)
