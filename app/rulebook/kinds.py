"""What a room declares of a kind of rule: typed parameters, read out in plain sentences, and how it judges."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement

from app.core.calendar import Deadline, Published
from app.core.columns import JsonObject
from app.core.errors import InvalidError, Text
from app.core.events import Subject
from app.core.text import _l
from app.rulebook.facts import FactKind, Facts, Value
from app.rulebook.verdicts import Line, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Label:
    """What a parameter is called, its hint and its unit; stands in the `Annotated` metadata of a model's field.

    `words` say the values of a closed list.
    """

    text: Text
    hint: Text = ""
    unit: Text = ""
    words: Mapping[str, Text] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Binding:
    """The pack a verdict stands on, as the verdict and each of its lines name it."""

    pack: str
    tag: str
    source_zh: str = ""
    source_en: str = ""


Judge = Callable[[Any, Facts, date, Binding], Verdict]
"""Pure: typed parameters, facts, the day that is judged and the pack's name in, the verdict out."""


@dataclass(frozen=True, slots=True)
class RuleKind:
    """A kind of rule pack: its parameters as a model, and the sentences that say them.

    A kind that decides declares `judge`: then packs carry test cases and past decisions can be replayed. `facts`
    are those that only decisions of this kind see, beside the catalogue; `reasons` words the lines of its verdicts.
    A pack of a `proven` kind is proposed once a test case of its own is met and another is not. Of a `national` kind no
    region has rules of its own. Where packs define levels of technology managers (`names_levels`), their parameters
    hold `levels`, each with `code`, `name_zh` and `name_en`.
    """

    name: str
    label: Text
    model: type[BaseModel]
    sentences: Callable[[Any], list[Text]]
    judge: Judge | None = None
    facts: tuple[FactKind, ...] = ()
    reasons: Mapping[str, Text] = field(default_factory=dict)
    national: bool = False
    proven: bool = False
    names_levels: bool = False


def _nothing(row: Any) -> JsonObject:  # noqa: ANN401 - a row has the type its room declares
    del row
    return {}


@dataclass(frozen=True, slots=True)
class Kept:
    """Where a counted day is kept: `stands` reads it from its row, `write(row, day, at)` keeps another."""

    stands: Callable[[Any], Deadline]
    write: Callable[[Any, Deadline, datetime], None]


def in_column(name: str) -> Kept:
    """Keep a day in a column that says nothing of whether the holidays until then are known."""

    def write(row: Any, due: Deadline, at: datetime) -> None:  # noqa: ANN401 - a row has the type its room declares
        del at
        setattr(row, name, due.day)

    return Kept(lambda row: Deadline(getattr(row, name), provisional=False), write)


@dataclass(frozen=True, slots=True)
class CountedDay:
    """A kept day that was counted in working days, and is counted anew once the holidays of a year are entered.

    `waits(since)` is which rows of `model` still run until it, where it is not before `since`; `counted` what its start
    and its number of working days make of it now, None where no rule says. `event` says about `subject` what changed,
    with `about` beside the days; `todo` waits until the same day. Until a day that was `told` a party may act: it never
    becomes earlier.
    """

    name: str
    model: type[Any]
    subject: Callable[[Any], Subject]
    waits: Callable[[date], ColumnElement[bool]]
    counted: Callable[[Any, Published], Deadline | None]
    kept: Kept
    event: str
    told: bool
    todo: str = ""
    about: Callable[[Any], JsonObject] = _nothing


UNDECIDED = "rulebook.undecided"
"""The reason of a verdict where a pack sets nothing for the case, or a fact it needs was not given."""


def judged(kind: RuleKind, params: BaseModel, facts: Facts, on: date, *, binding: Binding) -> Verdict:
    """Judge facts under typed parameters; unknown where the pack is silent or a needed fact is missing."""
    try:
        if kind.judge is not None:
            return kind.judge(params, facts, on, binding)
    except InvalidError:
        pass
    return Verdict((Line(UNDECIDED, Outcome.UNKNOWN, rule=binding.pack),), pack=binding.pack, tag=binding.tag)


def needed(facts: Facts, name: str) -> Value:
    """Return the value of a fact without which nothing can be judged; raises InvalidError."""
    if name not in facts:
        raise InvalidError(_l("The fact “%(name)s” is needed.", name=name))
    return facts[name].value


def known(facts: Facts, name: str) -> Any:  # noqa: ANN401 - the value has the type its kind declares
    """Return the value of a fact, None where it is unknown."""
    return facts[name].value if name in facts else None
