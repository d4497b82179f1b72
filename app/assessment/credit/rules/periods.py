"""How long a negative record is published and used, and when it can be repaired: the pack `credit_repair`.

NDRC Order 36 (in force from 2026-04-01) and Order 58 of 2023 before it, as read in secondary sources; how the classes
map to this field is a sample.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.assessment.credit.states import GRAVITY_LABELS, Gravity
from app.core.errors import Text
from app.core.text import _l
from app.rulebook.facts import Fact, FactKind, Facts, FactType
from app.rulebook.kinds import Binding, Label, known, needed
from app.rulebook.rules.evaluating import months_later
from app.rulebook.verdicts import Line, Outcome, Verdict

KIND = "credit_repair"
MOST_MONTHS = 120


class Condition(StrEnum):
    """What must hold before a record is repaired."""

    MINIMUM = "minimum"
    CORRECTED = "corrected"
    COMMITTED = "committed"


class ClassPeriod(BaseModel):
    """One class: whether it is published, from when on it can be repaired and when it stops, in months."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    gravity: Annotated[Gravity, Label(_l("Gravity of the record"), words=GRAVITY_LABELS)]
    published: Annotated[bool, Label(_l("It is published"))]
    minimum_months: Annotated[int, Label(_l("Shortest publicity before repair"), unit=_l("months"))] = Field(
        ge=0, le=MOST_MONTHS
    )
    maximum_months: Annotated[int, Label(_l("Longest publicity"), unit=_l("months"))] = Field(ge=1, le=MOST_MONTHS)

    @model_validator(mode="after")
    def _in_order(self) -> "ClassPeriod":
        if self.minimum_months > self.maximum_months:
            raise ValueError(_l("the minimum is longer than the maximum"))
        return self


class RepairParams(BaseModel):
    """Parameters of a pack of the kind `credit_repair`; `restrictions` are those that a serious record brings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    classes: Annotated[tuple[ClassPeriod, ...], Label(_l("Classes"))]
    conditions: Annotated[
        tuple[Condition, ...], Label(_l("Conditions of repair"), _l("One a line: minimum, corrected, committed."))
    ] = Field(min_length=1)
    restrictions: Annotated[
        tuple[str, ...], Label(_l("Restrictions that a serious record brings"), _l("One a line."))
    ] = ()

    @model_validator(mode="after")
    def _each_class_once(self) -> "RepairParams":
        if sorted(one.gravity for one in self.classes) != sorted(Gravity):
            raise ValueError(_l("sets each class exactly once"))
        return self

    def of(self, gravity: Gravity) -> ClassPeriod:
        """Return the periods of a class."""
        return next(one for one in self.classes if one.gravity is gravity)


class Span(NamedTuple):
    """The life of a negative record: from when it can be repaired, its last day, whether the class is published."""

    starts_on: date
    open_from: date
    last_day: date
    published: bool

    def covers(self, on: date) -> bool:
        """Tell whether the record is used on a day."""
        return self.starts_on <= on <= self.last_day


def span_of(determined_on: date, gravity: Gravity, packs: Sequence[RepairParams]) -> Span:
    """Return the life of a record under every pack in force since its determination.

    Where an order changed while the record ran, the shorter period holds, and what one of them does not publish is
    not published: a change never makes a running record worse. `packs` holds at least one.
    """
    periods = [pack.of(gravity) for pack in packs]
    least = min(one.minimum_months for one in periods)
    most = min(one.maximum_months for one in periods)
    return Span(
        determined_on,
        months_later(determined_on, min(least, most)),
        months_later(determined_on, most) - timedelta(days=1),
        all(one.published for one in periods),
    )


RECORDED = _l("as recorded when the application is decided")
CLASSES: dict[str, Text] = {gravity.value: label for gravity, label in GRAVITY_LABELS.items()}
KINDS = (
    FactKind("repair.class", _l("Class of the record"), FactType.CHOICE, RECORDED, choices=CLASSES),
    FactKind("repair.determined_on", _l("Day of the determination"), FactType.DATE, RECORDED),
    FactKind("repair.earlier_from", _l("Day from which an earlier rule allowed repair"), FactType.DATE, RECORDED),
    FactKind("repair.corrected", _l("Conduct corrected and duties done"), FactType.FLAG, RECORDED),
    FactKind("repair.committed", _l("Public credit commitment given"), FactType.FLAG, RECORDED),
)
REASONS: dict[str, Text] = {
    "repair.minimum": _l("The minimum publication period has been reached (repair possible from %(day)s)"),
    "repair.corrected": _l("The conduct is corrected and the duties are done"),
    "repair.committed": _l("A public credit commitment was given"),
}


def typed(*, span: Span, gravity: Gravity, corrected: bool, committed: bool) -> dict[str, Fact]:
    """Return the facts of an application as a decision stores them."""
    return {
        "repair.class": Fact(gravity.value),
        "repair.determined_on": Fact(span.starts_on),
        "repair.earlier_from": Fact(span.open_from),
        "repair.corrected": Fact(corrected),
        "repair.committed": Fact(committed),
    }


def judge(params: RepairParams, facts: Facts, on: date, binding: Binding) -> Verdict:
    """Judge an application for repair; raises InvalidError where the class or the day is not known."""
    gravity = Gravity(str(needed(facts, "repair.class")))
    determined_on = needed(facts, "repair.determined_on")
    assert isinstance(determined_on, date)  # noqa: S101 - the fact is a day
    possible = months_later(determined_on, params.of(gravity).minimum_months)
    possible = min(possible, known(facts, "repair.earlier_from") or possible)
    lines = {
        Condition.MINIMUM: Line("repair.minimum", _met(on >= possible), {"day": possible.isoformat()}),
        Condition.CORRECTED: Line("repair.corrected", _flag(facts, "repair.corrected")),
        Condition.COMMITTED: Line("repair.committed", _flag(facts, "repair.committed")),
    }
    return Verdict(
        tuple(_ruled(lines[one], binding) for one in params.conditions),
        pack=binding.pack,
        tag=binding.tag,
        source_zh=binding.source_zh,
        source_en=binding.source_en,
    )


def _met(yes: bool) -> Outcome:  # noqa: FBT001 - the answer of a comparison
    return Outcome.MET if yes else Outcome.NOT_MET


def _flag(facts: Facts, name: str) -> Outcome:
    return Outcome.UNKNOWN if name not in facts else _met(facts[name].value is True)


def _ruled(line: Line, binding: Binding) -> Line:
    return Line(line.reason, line.outcome, line.params, rule=binding.pack)


def sentences(params: RepairParams) -> list[Text]:
    """Say a pack in plain sentences."""
    said = [
        _l(
            "%(gravity)s: %(published)s, at most %(maximum)s months; repair possible after %(minimum)s months.",
            gravity=GRAVITY_LABELS[one.gravity],
            published=_l("published") if one.published else _l("normally not published"),
            maximum=one.maximum_months,
            minimum=one.minimum_months,
        )
        for one in params.classes
    ]
    return [*said, *(CONDITION_SENTENCES[one] for one in params.conditions)]


CONDITION_SENTENCES: dict[Condition, Text] = {
    Condition.MINIMUM: _l("Repair needs the minimum period to have passed since the determination."),
    Condition.CORRECTED: _l("Repair needs the conduct to be corrected and the duties to be done."),
    Condition.COMMITTED: _l("Repair needs a public credit commitment."),
}
