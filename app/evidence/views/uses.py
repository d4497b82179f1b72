"""How uses of evidence are shown: by which record, since when, and what a withdrawal does to it."""

from collections.abc import Iterable
from typing import Any

from app.core.room import rooms
from app.core.text import _
from app.evidence.kinds import UseKind
from app.evidence.models import EvidenceUse


def _kinds() -> dict[str, UseKind]:
    """Return the kinds of record that rely on evidence, as the rooms declare them."""
    return {name: kind for room in rooms() for name, kind in room.evidence_uses.items()}


def shown(uses: Iterable[EvidenceUse], *, own: bool) -> list[dict[str, Any]]:
    """Return uses as rows of a table; each has its code, and for their person the page of it."""
    kinds = _kinds()
    return [_row(one, kinds.get(one.subject_type), own=own) for one in uses]


def _row(one: EvidenceUse, kind: UseKind | None, *, own: bool) -> dict[str, Any]:
    row: dict[str, Any] = {
        "subject": str(kind.label) if kind else _("A record of another room"),
        "undoes": str(kind.undoes) if kind else _("Whoever relies on it decides again."),
        "code": one.subject_code,
        "use": one,
    }
    return row | ({"url": kind.path.format(code=one.subject_code)} if own and kind else {})
