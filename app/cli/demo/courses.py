"""The course of the demo."""

from sqlalchemy import func, select

from app.cli.demo.step import CONTENT, MADE_AT, Demo, acting_as
from app.core.db import session, unit_of_work
from app.courses.models import Course
from app.courses.services import load_course

COURSES = CONTENT / "courses"


def load(demo: Demo) -> int:
    """Load every course folder."""
    del demo
    with unit_of_work():
        before = _count()
        for folder in sorted(path for path in COURSES.iterdir() if path.is_dir()):
            load_course(folder, by=acting_as("author"), at=MADE_AT)
        return _count() - before


def _count() -> int:
    return session.scalar(select(func.count()).select_from(Course)) or 0
