"""What the page of a sitting reported, as plain sentences with their times, and between them what was answered.

Sentences say what happened and how long it lasted, never what it means: a window is left for many reasons.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from app.assessment.exams.rules.answered import said
from app.assessment.exams.signal_kinds import SignalKind
from app.core.errors import Text
from app.core.text import LazyString, _l

ENDS = {
    SignalKind.SHOWN: SignalKind.HIDDEN,
    SignalKind.FOCUSED: SignalKind.BLURRED,
    SignalKind.ONLINE: SignalKind.OFFLINE,
    SignalKind.FULLSCREEN: SignalKind.WINDOWED,
}
"""What begins and is ended by each kind."""
LASTED: dict[SignalKind, Text] = {
    SignalKind.HIDDEN: _l("The page was hidden for %(time)s (minutes, seconds)."),
    SignalKind.BLURRED: _l("The window was left for %(time)s (minutes, seconds)."),
    SignalKind.OFFLINE: _l("The network was away for %(time)s (minutes, seconds)."),
    SignalKind.WINDOWED: _l("The full screen was left for %(time)s (minutes, seconds)."),
}
ALONE: dict[SignalKind, Text] = {
    SignalKind.OPENED: _l("The page was opened on a screen of %(screen)s."),
    SignalKind.HIDDEN: _l("The page was hidden; when it was shown again was not reported."),
    SignalKind.SHOWN: _l("The page was shown again; when it was hidden was not reported."),
    SignalKind.BLURRED: _l("The window was left; when it was entered again was not reported."),
    SignalKind.FOCUSED: _l("The window was entered again; when it was left was not reported."),
    SignalKind.OFFLINE: _l("The network was lost; when it came back was not reported."),
    SignalKind.ONLINE: _l("The network was back; when it was lost was not reported."),
    SignalKind.FULLSCREEN: _l("The full screen was entered."),
    SignalKind.WINDOWED: _l("The full screen was left; when it was entered again was not reported."),
    SignalKind.PASTED: _l("Text of %(characters)s characters was pasted."),
    SignalKind.COPIED: _l("Text of %(characters)s characters was copied."),
    SignalKind.ADDRESS: _l("The page was open from the network address %(address)s."),
}
AT_PLACE: dict[SignalKind, Text] = {
    SignalKind.PASTED: _l("Text of %(characters)s characters was pasted into question %(place)s."),
    SignalKind.COPIED: _l("Text of %(characters)s characters was copied from question %(place)s."),
}
COUNTED: dict[SignalKind, Text] = {
    SignalKind.HIDDEN: _l("Page hidden: %(count)s times, %(time)s in all (minutes, seconds)"),
    SignalKind.BLURRED: _l("Window left: %(count)s times, %(time)s in all (minutes, seconds)"),
    SignalKind.OFFLINE: _l("Network away: %(count)s times, %(time)s in all (minutes, seconds)"),
    SignalKind.WINDOWED: _l("Full screen left: %(count)s times, %(time)s in all (minutes, seconds)"),
    SignalKind.PASTED: _l("Text pasted: %(count)s times, %(characters)s characters in all"),
    SignalKind.COPIED: _l("Text copied: %(count)s times, %(characters)s characters in all"),
}
SAVED = _l("Answer to question %(place)s saved")
ADDRESSES = _l("Network addresses from which the page was open: %(count)s")


@dataclass(frozen=True, slots=True)
class Reported:
    """One signal: its kind, when it happened, on which page, with what detail."""

    kind: SignalKind
    at: datetime
    page: str = ""
    address: str | None = None
    detail: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that was reported; `lasted` where its end was reported too."""

    first: Reported
    lasted: timedelta | None = None

    @property
    def text(self) -> Text:
        """Return it as a sentence."""
        kind, detail = self.first.kind, self.first.detail or {}
        if self.lasted is not None:
            return filled(LASTED[kind], {"time": clock(self.lasted)})
        sentences = AT_PLACE if detail.get("place") and kind in AT_PLACE else ALONE
        told = {"screen": "–", "characters": "–", **detail, "address": self.first.address or "–"}
        return filled(sentences[kind], told)


@dataclass(frozen=True, slots=True)
class Saved:
    """One answer as it was saved: the place as shown, when, and what."""

    place: int
    at: datetime
    value: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the chronicle: a sentence, and the answer where it tells of one."""

    at: datetime
    text: Text
    answer: str | None = None


def filled(words: Text, figures: Mapping[str, Any]) -> Text:
    """Return a sentence with its figures, said in the language of whoever reads it."""
    return LazyString(lambda: str(words) % figures)


def clock(lasted: timedelta) -> str:
    """Return a span as minutes and seconds: 75 seconds are 1:15."""
    minutes, seconds = divmod(round(lasted.total_seconds()), 60)
    return f"{minutes}:{seconds:02d}"


def happenings(reported: Iterable[Reported]) -> list[Happening]:
    """Join what began and what ended it on the same page; in the order of their times.

    What ends before it began, as a page with a wrong clock may say, is told as two things.
    """
    found: list[Happening] = []
    begun: dict[tuple[str, SignalKind], int] = {}
    for one in sorted(reported, key=lambda signal: signal.at):
        began = begun.pop((one.page, ENDS[one.kind]), None) if one.kind in ENDS else None
        if began is not None:
            first = found[began].first
            found[began] = Happening(first, one.at - first.at)
            continue
        if one.kind in LASTED:
            begun[one.page, one.kind] = len(found)
        found.append(Happening(one))
    return found


def summary(found: Sequence[Happening]) -> list[Text]:
    """Return how often each kind of thing happened, and how long or how much it was in all."""
    told: list[Text] = []
    for kind, sentence in COUNTED.items():
        mine = [one for one in found if one.first.kind is kind]
        lasted = sum((one.lasted for one in mine if one.lasted), timedelta())
        characters = sum(int((one.first.detail or {}).get("characters", 0)) for one in mine)
        if mine:
            told.append(filled(sentence, {"count": len(mine), "time": clock(lasted), "characters": characters}))
    addresses = {one.first.address for one in found if one.first.address}
    return [*told, filled(ADDRESSES, {"count": len(addresses)})] if addresses else told


def chronicle(found: Iterable[Happening], saved: Iterable[Saved]) -> list[Line]:
    """Return happenings and answers in the order of their times.

    Of an answer saved again while nothing else happened only the last is told, and one that says the same again is not.
    """
    lines: list[Line] = []
    before: dict[int, str] = {}
    open_place: int | None = None
    entries: list[tuple[datetime, Happening | Saved]] = [(one.first.at, one) for one in found]
    entries += [(one.at, one) for one in saved]
    for at, one in sorted(entries, key=_instant):
        if isinstance(one, Happening):
            lines.append(Line(at, one.text))
            open_place = None
            continue
        answer = said(one.value)
        if answer == before.get(one.place, said({})):
            continue
        before[one.place] = answer
        line = Line(at, filled(SAVED, {"place": one.place}), answer)
        lines[len(lines) - (open_place == one.place) :] = [line]
        open_place = one.place
    return lines


def _instant(entry: tuple[datetime, Happening | Saved]) -> datetime:
    return entry[0]
