"""How the names of exhibits end, by the kind of their content; pure functions."""

from mimetypes import guess_extension
from pathlib import PurePath

KEPT = {
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "txt": "text/plain",
    "csv": "text/csv",
    "json": "application/json",
    "html": "text/html",
    "htm": "text/html",
}
"""Kinds that are known by the ending of a name, since their content says nothing certain."""
SEEN = {"pdf": "application/pdf", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
"""Kinds that are known by their first bytes, whatever the name says."""


def ending_of(title: str, media_type: str) -> str:
    """Return how the name of a content ends: as its title does where that fits its kind, else as its kind usually does.

    A title may end in a day, or in the ending of a program: neither says what the content is.
    """
    fitting = [f".{ending}" for ending, kind in (KEPT | SEEN).items() if kind == media_type]
    suffix = PurePath(title).suffix.lower()
    return suffix if suffix in fitting else next(iter(fitting), guess_extension(media_type) or "")


def named_as(title: str, media_type: str) -> str:
    """Return under what name an exhibit is sent: its title, with the ending of its kind where it bears another."""
    ending = ending_of(title, media_type)
    return title if title.lower().endswith(ending) else title + ending
