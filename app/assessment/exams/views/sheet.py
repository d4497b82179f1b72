"""The paper as one candidate sees it: items and options in their order, with what was last saved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.assessment.exams.models import Attempt
from app.assessment.exams.queries.papers import SheetItem
from app.assessment.exams.queries.sittings import Kept
from app.assessment.exams.rules.order import Place, from_json
from app.core.errors import Text
from app.core.text import _, _l
from app.items.states import ItemType

KINDS: dict[ItemType, Text] = {
    ItemType.SINGLE: _l("One answer"),
    ItemType.MULTIPLE: _l("One or more answers"),
    ItemType.TRUE_FALSE: _l("True or false"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """An option under the letter it is shown by."""

    letter: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """One item as shown: `many` tells whether several options may be chosen."""

    number: int
    kind: Text
    stem: str
    points: str
    many: bool
    options: tuple[Option, ...]
    review: bool

    @property
    def answered(self) -> bool:
        """Tell whether an option is chosen."""
        return any(option.chosen for option in self.options)


def places_of(found: Attempt, sheet: Sequence[SheetItem], kept: Mapping[int, Kept]) -> list[ShownPlace]:
    """Return the places of a sitting in the order shown to this candidate."""
    by_position = {one.position: one for one in sheet}
    return [
        _shown(number, by_position[place.position], place, kept.get(number))
        for number, place in enumerate(from_json(found.order), start=1)
    ]


def _shown(number: int, item: SheetItem, place: Place, kept: Kept | None) -> ShownPlace:
    texts = {str(option["key"]): str(option["text"]) for option in item.version.options}
    chosen = set(kept.choice) if kept else set()
    return ShownPlace(
        number=number,
        kind=KINDS[item.version.type],
        stem=item.version.stem,
        points=f"{item.points.normalize():f}",
        many=item.version.type is ItemType.MULTIPLE,
        options=tuple(Option(place.letter(key), texts[key], place.letter(key) in chosen) for key in place.keys),
        review=kept.review if kept else False,
    )


def words() -> dict[str, str]:
    """Return the sentences that the script of the page says."""
    said = {
        "saved": _("All answers saved"),
        "saving": _("Saving"),
        "kept": _("Kept on this device: {n}. Not at the server yet; sent again by itself"),
        "page_only": _("Not saved yet: {n}. Kept only while this page is open; sent again by itself"),
        "resent": _("Connection back. Everything kept here was sent again and is saved"),
        "insecure": _("This page is not opened over a secure connection, so nothing is kept on this device."),
        "taken_over": _(
            "This sitting was opened on another page or device. Only the page opened last writes; this one stopped."
        ),
        "take_back": _("Write here again"),
        "late": _("Time is up. What was saved before the deadline is collected."),
        "submitted": _("This sitting has been handed in."),
        "signed_out": _("Your sign-in has ended. Sign in again in another tab; what you answered is kept here."),
        "superseded": _("Question {n} has a newer answer from another page; that one is shown."),
        "unsent": _("Not handed in yet: answers wait to be sent. Handing in follows by itself once they are saved."),
        "open_ones": _("Not answered: {n}. Marked for review: {m}. Hand in now? Nothing can be changed afterwards."),
        "all_answered": _(
            "Every question is answered. Marked for review: {m}. Hand in now? Nothing can be changed afterwards."
        ),
        "minutes_left": _("{n} minutes left"),
    }
    return {name: str(text) for name, text in said.items()}
