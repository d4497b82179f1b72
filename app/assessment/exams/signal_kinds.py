"""What the page of a sitting reports, in words."""

from collections.abc import Mapping
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


MOST_OF_A_KIND = 500
"""So many of one kind a sitting keeps, the last batch counted whole: a page that reports without end must not fill the
disk, and must not crowd out what is of another kind. The script of the page reports no more either."""
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


def cut(counts: Mapping[SignalKind, int]) -> list[Text]:
    """Say of which kinds a sitting reported as many as are kept, so that later ones are not among them."""
    full = [kind for kind in SignalKind if counts.get(kind, 0) >= MOST_OF_A_KIND]
    return [_said(SIGNAL_LABELS[kind], counts[kind]) for kind in full]


def _said(label: Text, count: int) -> Text:
    return _l("%(kind)s: the first %(count)s are listed; a sitting keeps no more of a kind.", kind=label, count=count)
