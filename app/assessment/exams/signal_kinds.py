"""What the page of a sitting reports, in words."""

from enum import StrEnum

from app.core.errors import Text
from app.core.text import _l


class SignalKind(StrEnum):
    """A kind of happening around the paper."""

    OPENED = "opened"
    HIDDEN = "hidden"
    SHOWN = "shown"
    BLURRED = "blurred"
    FOCUSED = "focused"
    PASTED = "pasted"
    COPIED = "copied"
    FULLSCREEN = "fullscreen"
    WINDOWED = "windowed"
    OFFLINE = "offline"
    ONLINE = "online"
    ADDRESS = "address"


NOTICED = (SignalKind.HIDDEN, SignalKind.BLURRED, SignalKind.PASTED)
"""What the live board counts for each candidate."""
SIGNAL_LABELS: dict[str, Text] = {
    SignalKind.OPENED: _l("Page opened"),
    SignalKind.HIDDEN: _l("Page hidden"),
    SignalKind.SHOWN: _l("Page shown again"),
    SignalKind.BLURRED: _l("Window left"),
    SignalKind.FOCUSED: _l("Back in the window"),
    SignalKind.PASTED: _l("Text pasted"),
    SignalKind.COPIED: _l("Text copied"),
    SignalKind.FULLSCREEN: _l("Full screen entered"),
    SignalKind.WINDOWED: _l("Full screen left"),
    SignalKind.OFFLINE: _l("Network lost"),
    SignalKind.ONLINE: _l("Network back"),
    SignalKind.ADDRESS: _l("Network address"),
}
