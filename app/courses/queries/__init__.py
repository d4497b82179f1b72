"""Reads of the courses room."""

from app.courses.queries.training import (
    class_hours_since,
    completed,
    completed_enrolments,
    hours_by_module,
    level_in,
    required_hours,
    syllabus_of,
    trained_by,
)

__all__ = [
    "class_hours_since",
    "completed",
    "completed_enrolments",
    "hours_by_module",
    "level_in",
    "required_hours",
    "syllabus_of",
    "trained_by",
]
