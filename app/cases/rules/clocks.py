"""Clocks of cases in working days: the parameters of the pack `case_clock`, and the days counted from them."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.cases.states import INSTANCE_LABELS, Instance
from app.core.calendar import Deadline, Published, add_working_days, working_days_between
from app.core.errors import InvalidError, Text
from app.core.text import _l
from app.rulebook.kinds import Label

ACCEPT, DECIDE = "accept", "decide"
MOST_DAYS = 250


class Mask(StrEnum):
    """How much of a name a public notice shows."""

    FULL = "full"
    MIDDLE = "middle"
    SURNAME = "surname"


MASK_LABELS: dict[Mask, Text] = {
    Mask.FULL: _l("full names"),
    Mask.MIDDLE: _l("names with the middle masked"),
    Mask.SURNAME: _l("the family name only"),
}


class Step(BaseModel):
    """The clocks of one kind of case at one rung, in working days.

    `object_within` is the time to raise it, counted from the day the decision complained of was delivered.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[str, Label(_l("Kind of case"), _l("Such as cases.complaint."))] = Field(min_length=1, max_length=64)
    instance: Annotated[Instance, Label(_l("Instance"), words=INSTANCE_LABELS)]
    accept_in: Annotated[int, Label(_l("Accepted within"), unit=_l("working days"))] = Field(ge=1, le=MOST_DAYS)
    decide_in: Annotated[int, Label(_l("Decided within"), unit=_l("working days"))] = Field(ge=1, le=MOST_DAYS)
    object_within: Annotated[
        int | None, Label(_l("Raised within, after the decision complained of was delivered"), unit=_l("working days"))
    ] = Field(default=None, ge=1, le=MOST_DAYS)


class When(StrEnum):
    """Whether a publicity period runs before a decision takes effect, or follows it."""

    BEFORE = "before"
    AFTER = "after"


WHEN_LABELS: dict[When, Text] = {
    When.BEFORE: _l("before the decision takes effect"),
    When.AFTER: _l("after the decision"),
}


class Period(BaseModel):
    """A publicity period of one kind, in working days."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Annotated[str, Label(_l("Kind of publicity"), _l("Such as titles.result."))] = Field(
        min_length=1, max_length=64
    )
    days: Annotated[int, Label(_l("Publicity lasts"), unit=_l("working days"))] = Field(ge=1, le=MOST_DAYS)
    when: Annotated[When, Label(_l("Before or after the decision takes effect"), words=WHEN_LABELS)] = When.AFTER
    mask: Annotated[Mask, Label(_l("How much of a name is shown"), words=MASK_LABELS)] = Mask.MIDDLE


class CaseClock(BaseModel):
    """Every clock of a region's cases; each kind and rung stands in it once.

    `supply_within` is the time to supply materials, counted from the day they were asked for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    deemed_after: Annotated[int, Label(_l("A notice counts as delivered after"), unit=_l("working days"))] = Field(
        ge=1, le=MOST_DAYS
    )
    supply_within: Annotated[int | None, Label(_l("Materials are supplied within"), unit=_l("working days"))] = Field(
        default=None, ge=1, le=MOST_DAYS
    )
    steps: Annotated[tuple[Step, ...], Label(_l("Clocks of cases"))] = Field(min_length=1)
    publicity: Annotated[tuple[Period, ...], Label(_l("Publicity periods"))] = ()

    @model_validator(mode="after")
    def _once(self) -> "CaseClock":
        steps = [(step.kind, step.instance) for step in self.steps]
        periods = [period.kind for period in self.publicity]
        if len(set(steps)) < len(steps) or len(set(periods)) < len(periods):
            raise ValueError(_l("names a kind twice"))
        return self


class Clock(NamedTuple):
    """A running clock: which step, its last day, whether it has run out, and whether it stands still."""

    step: str
    due: date
    overdue: bool
    stopped: bool


def step_of(clock: CaseClock, kind: str, instance: Instance) -> Step:
    """Return the clocks of a kind at a rung; raises InvalidError where the pack says nothing of it."""
    for step in clock.steps:
        if (step.kind, step.instance) == (kind, instance):
            return step
    raise InvalidError(
        _l("The rule pack in force sets no clock for this kind of case. The authority must publish one first.")
    )


def period_of(clock: CaseClock, kind: str) -> Period | None:
    """Return the publicity period of a kind, None where the pack demands none."""
    return next((period for period in clock.publicity if period.kind == kind), None)


def resumed(due: date, stopped_on: date, until: date, known: Published) -> Deadline:
    """Return the last day after a stop: as many working days later as the clock stood still."""
    return add_working_days(due, working_days_between(stopped_on, until, known), known)


def counted(start: date, within: int, stops: Iterable[tuple[date, date]], known: Published) -> Deadline:
    """Return the last day of a clock of so many working days over the stops it had, the first one first."""
    due = add_working_days(start, within, known)
    for stopped_on, until in stops:
        due = resumed(due.day, stopped_on, until, known)
    return due


def sentences(clock: CaseClock) -> list[Text]:
    """Say a pack in plain sentences."""
    said: list[Text] = [
        _l("A notice counts as delivered after %(days)s working days at the latest.", days=clock.deemed_after)
    ]
    if clock.supply_within is not None:
        said.append(_l("Materials asked for are supplied within %(days)s working days.", days=clock.supply_within))
    for step in clock.steps:
        said.append(
            _l(
                "%(kind)s, %(instance)s: accepted within %(accept)s working days, decided within %(decide)s.",
                kind=step.kind,
                instance=INSTANCE_LABELS[step.instance],
                accept=step.accept_in,
                decide=step.decide_in,
            )
        )
        if step.object_within is not None:
            said.append(
                _l(
                    "%(kind)s, %(instance)s: to be raised within %(days)s working days.",
                    kind=step.kind,
                    instance=INSTANCE_LABELS[step.instance],
                    days=step.object_within,
                )
            )
    said += [
        _l(
            "Publicity of %(kind)s: %(days)s working days, %(mask)s, %(when)s.",
            kind=period.kind,
            days=period.days,
            mask=MASK_LABELS[period.mask],
            when=WHEN_LABELS[period.when],
        )
        for period in clock.publicity
    ]
    return said
