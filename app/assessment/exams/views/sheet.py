"""The paper as one candidate sees it: places in their order, what each asks, what was last saved."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from markupsafe import Markup

from app.assessment.exams.models import Attempt
from app.assessment.exams.queries.papers import SheetItem
from app.assessment.exams.queries.sittings import Kept
from app.assessment.exams.rules import ordering
from app.assessment.exams.rules.answered import State, state_of
from app.assessment.exams.rules.order import LETTERS, Place, from_json
from app.assessment.exams.rules.timing import HEARTBEAT
from app.assessment.exams.views.asked import Asked, asked
from app.core.errors import Text
from app.core.text import _, _l
from app.items.rules.responses import BLANK_LIMIT, TEXT_LIMIT

KINDS: dict[str, Text] = {
    "single": _l("One answer"),
    "multiple": _l("One or more answers"),
    "true_false": _l("True or false"),
    "blank": _l("Fill in the blanks"),
    "numeric": _l("Numeric answer"),
    "matching": _l("Matching"),
    "ordering": _l("Ordering"),
    "short_answer": _l("Short answer"),
    "essay": _l("Essay"),
    "case": _l("Case with sub-items"),
}
STATE_WORDS: dict[State, Text] = {
    State.ANSWERED: _l("answered"),
    State.PARTLY: _l("partly answered"),
    State.OPEN: _l("not answered"),
}
TIMERS: dict[str, int] = {"beat": HEARTBEAT // timedelta(milliseconds=1)}
"""Milliseconds after which the page acts, where its script has none of its own or others are wanted."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option under the letter it is shown by, and its rank before anybody moved it."""

    letter: str
    text: Markup
    rank: int


@dataclass(frozen=True, slots=True)
class Part:
    """What is answered at once: an item, or a sub-item of a case; `name` begins the names of its fields."""

    name: str
    type: str
    stem: Markup
    options: tuple[Option, ...]
    prompts: tuple[Markup, ...]
    blanks: int
    unit: str
    unit_asked: bool
    given: Mapping[str, Any] = field(default_factory=dict)
    text_limit: int = TEXT_LIMIT
    blank_limit: int = BLANK_LIMIT

    @property
    def kind(self) -> Text:
        """Return how it is answered, in words."""
        return KINDS[self.type]

    @property
    def arranged(self) -> list[Option]:
        """Return the options in the order the candidate gave them, else as shown."""
        order = list(self.given.get("order") or [])
        return sorted(self.options, key=lambda one: order.index(one.letter) if one.letter in order else one.rank)

    @property
    def letters(self) -> tuple[str, ...]:
        """Return the letters of the options."""
        return tuple(one.letter for one in self.options)

    @property
    def ranks(self) -> dict[str, str]:
        """Return the place of each entry of an ordering, as a form without scripts shows it."""
        return ordering.ranks_of(self.given, self.letters)

    @property
    def rank_problems(self) -> dict[str, Text]:
        """Return what is wrong with such places, by letter."""
        return ordering.problems(self.ranks)

    @property
    def fields(self) -> int:
        """Return how many fields there are to fill in."""
        return {"blank": self.blanks, "matching": len(self.prompts), "numeric": 1 + self.unit_asked}.get(self.type, 1)


@dataclass(frozen=True, slots=True)
class ShownPlace:
    """One place as shown: an item is one part; a case has material and several."""

    number: int
    kind: Text
    points: str
    material: Markup | None
    parts: tuple[Part, ...]
    review: bool

    @property
    def state(self) -> State:
        """Tell whether the place is answered, partly or not."""
        states = {state_of(part.given, part.fields) for part in self.parts}
        return states.pop() if len(states) == 1 else State.PARTLY


def places_of(found: Attempt, sheet: Sequence[SheetItem], kept: Mapping[int, Kept], files: str) -> list[ShownPlace]:
    """Return the places of a sitting in the order shown to this candidate; `files` is the address of kept files."""
    by_position = {one.position: one for one in sheet}
    return [
        _shown(number, by_position[place.position], place, kept=kept.get(number), files=files)
        for number, place in enumerate(from_json(found.order), start=1)
    ]


def sums_of(places: Sequence[ShownPlace]) -> dict[str, int]:
    """Count the places by how they stand; which were seen is known to the device alone."""
    counts = Counter(place.state.value for place in places)
    marked = sum(place.review for place in places)
    return {**{state.value: counts[state.value] for state in State}, "unseen": 0, "marked": marked}


def _shown(number: int, item: SheetItem, place: Place, *, kept: Kept | None, files: str) -> ShownPlace:
    what = asked(item.version, files)
    given: Mapping[str, Any] = kept.response if kept else {}
    name = f"a{number}"
    answers = given.get("parts") or [] if what.parts else [given]
    parts = [(name, what)] if not what.parts else [(f"{name}-{at}", one) for at, one in enumerate(what.parts, start=1)]
    return ShownPlace(
        number=number,
        kind=KINDS[what.type],
        points=f"{item.points.normalize():f}",
        material=what.stem if what.parts else None,
        parts=tuple(
            _part(
                part_name,
                one,
                place.part(at + 1) if what.parts else place,
                answers[at] if at < len(answers) else None,
            )
            for at, (part_name, one) in enumerate(parts)
        ),
        review=kept.review if kept else False,
    )


def _part(name: str, what: Asked, place: Place, given: Mapping[str, Any] | None) -> Part:
    """Show options under the letters of this candidate's order, or under their own where none was drawn."""
    texts = dict(what.options)
    keys = (place.keys or tuple(texts)) if what.options else ()
    return Part(
        name=name,
        type=what.type,
        stem=what.stem,
        options=tuple(Option(LETTERS[rank], texts[key], rank) for rank, key in enumerate(keys)),
        prompts=what.prompts,
        blanks=what.blanks,
        unit=what.unit,
        unit_asked=what.unit_asked,
        given=given or {},
    )


def words() -> dict[str, str]:
    """Return the sentences that the script of the page says."""
    said = {
        "saved": _("Saved on the server {time}"),
        "offline": _("No connection. What you answer is kept on this device"),
        "saving": _("Saving"),
        "kept": _("Kept on this device, will be sent: {n}"),
        "resending": _("Sending again: {n}"),
        "page_only": _("Not saved yet: {n}. Kept only while this page is open; sent again by itself"),
        "resent": _("Connection back. Everything kept here was sent again and is saved"),
        "insecure": _(
            "This browser keeps nothing on the device (no secure connection, or a private window). Answers are safe"
            " once they are saved on the server; do not close the page before."
        ),
        "taken_over": _(
            "This sitting was opened on another page or device. Only the page opened last writes; this one stopped."
        ),
        "take_back": _("Write here again"),
        "late": _("Time is up. What you typed before the deadline is sent now; nothing more can be typed."),
        "submitted": _("This sitting has been handed in."),
        "signed_out": _("Your sign-in has ended. Sign in again in another tab; what you answered is kept here."),
        "unsent": _("Not handed in yet: answers wait to be sent. Handing in follows by itself once they are saved."),
        "minutes_left": _("{n} minutes left"),
        "extended": _("Your time was extended by {n} minutes"),
        "resumed": _("The exam goes on"),
        "pause_reason": _("The invigilator has paused the exam."),
        "go_on": _("I have read this"),
        "comma": _(", "),
        **_left(),
    }
    return {name: str(text) for name, text in said.items()}


def _left() -> dict[str, Text]:
    """Return what is said of answers that could not be saved as usual."""
    return {
        "left_merged": _("Taken into your sitting, marked as typed at this page: question {places}."),
        "left_kept": _(
            "Arrived after the deadline and kept apart; two persons decide whether they count: question {places}."
        ),
        "left_apart": _("Kept apart, because a newer answer to the same question is saved: question {places}."),
        "left_superseded": _("Not used, because a newer answer is saved: question {places}."),
        "left_waiting": _(
            "{n} answers typed here have not reached the server. They are kept on this device and sent as soon as the"
            " connection is back; open this page again then."
        ),
    }
