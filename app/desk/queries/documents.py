"""Which kinds of documents the rooms declare."""

from typing import cast

from app.core.room import rooms
from app.desk.kinds import DocumentKind


def document_kinds() -> dict[str, DocumentKind]:
    """Return every kind of document by name, in the order of the rooms."""
    return {name: cast("DocumentKind", kind) for room in rooms() for name, kind in room.documents.items()}
