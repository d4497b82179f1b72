"""Instants as credentials write them: UTC, whole seconds, a trailing Z."""

import re
from datetime import UTC, datetime

SHAPE = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)


class InstantError(ValueError):
    """The text is not an instant in the one form that is accepted."""


def write_instant(instant: datetime) -> str:
    """Write an aware instant as `2026-11-23T08:00:00Z`; raises InstantError for a naive one."""
    if instant.tzinfo is None:
        msg = "an instant needs its time zone"
        raise InstantError(msg)
    return instant.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def read_instant(text: object) -> datetime:
    """Read `2026-11-23T08:00:00Z`; raises InstantError for every other form."""
    if not isinstance(text, str) or SHAPE.fullmatch(text) is None:
        msg = "not an instant"
        raise InstantError(msg)
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        msg = "not an instant"
        raise InstantError(msg) from error
