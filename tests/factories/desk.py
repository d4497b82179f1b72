"""What waits on all desks, and what the states of records ask for, for tests that compare the two."""

from sqlalchemy import select

from app.core.db import session
from app.core.events import Subject
from app.core.room import rooms
from app.desk.kinds import Expected
from app.desk.models import Todo


def waiting() -> set[Expected]:
    """Return the to-dos that are open."""
    return {
        Expected(
            row.kind,
            Subject(row.subject_type, row.subject_code),
            row.person_id,
            row.role,
            row.organisation_id,
            row.region_code,
        )
        for row in session.scalars(select(Todo).where(Todo.closed_at.is_(None)))
    }


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of records, of every room."""
    return {one for room in rooms() for source in room.todo_sources for one in source()}


def kinds_waiting() -> set[str]:
    """Return the kinds of what waits, which must be what the states of the records ask for."""
    assert waiting() == expected()
    return {one.kind for one in waiting()}
