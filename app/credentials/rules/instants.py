"""Instants as credentials write them: UTC, whole seconds, a trailing Z."""

import re
from datetime import UTC, datetime
from functools import lru_cache

KEPT = 1024
"""Instants of one batch are alike, so the last ones are kept."""
SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


class InstantError(ValueError):
    """The text is not an instant in the one form that is accepted."""


def write_instant(instant: datetime) -> str:
    """Write an aware instant as `2026-11-23T08:00:00Z`; raises InstantError for a naive one."""
    if instant.tzinfo is None:
        msg = "an instant needs its time zone"
        raise InstantError(msg)
    return _written(instant)


def read_instant(text: object) -> datetime:
    """Read `2026-11-23T08:00:00Z`; raises InstantError for every other form."""
    found = _read(text) if isinstance(text, str) else None
    if found is None:
        msg = "not an instant"
        raise InstantError(msg)
    return found


@lru_cache(maxsize=KEPT)
def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


@lru_cache(maxsize=KEPT)
def _read(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if SHAPE.fullmatch(text) else None
    except ValueError:
        return None
