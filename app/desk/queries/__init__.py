"""Reads of the desk."""

from app.desk.queries.todos import (
    EVERYTHING,
    Happened,
    Waiting,
    Wanted,
    count_todos,
    followed_by,
    in_words,
    inbox,
    inbox_page,
    timeline_entries,
    todos_of,
)

__all__ = [
    "EVERYTHING",
    "Happened",
    "Waiting",
    "Wanted",
    "count_todos",
    "followed_by",
    "in_words",
    "inbox",
    "inbox_page",
    "timeline_entries",
    "todos_of",
]
