"""Closed lists of the desk."""

from enum import StrEnum

from app.core.errors import Text
from app.core.text import _l


class Channel(StrEnum):
    """How a notice reaches a person."""

    PAGE = "page"
    MAIL = "mail"
    SMS = "sms"


CHANNEL_LABELS: dict[Channel, Text] = {
    Channel.PAGE: _l("On this site"),
    Channel.MAIL: _l("By mail"),
    Channel.SMS: _l("By short message"),
}


class Rhythm(StrEnum):
    """When notices are mailed."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    WEEKLY = "weekly"


RHYTHM_LABELS: dict[Rhythm, Text] = {
    Rhythm.AT_ONCE: _l("Each at once"),
    Rhythm.DAILY: _l("Together, once a day"),
    Rhythm.WEEKLY: _l("Together, once a week"),
}

SILENT = "silent"
"""The outcome of a delivery that was given up because its notice fell silent, or was read before it left."""
