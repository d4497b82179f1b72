"""The parameters of the rule kind `exam`: pass share, minutes, eligibility; and how they read."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.assessment.exams.rules import equating_rule, marking_rule, waiting_rule
from app.assessment.exams.rules.equating_rule import EquatingRule
from app.assessment.exams.rules.marking_rule import MarkingRule
from app.assessment.exams.rules.waiting_rule import WaitingRule
from app.core.errors import InvalidError, Text
from app.core.text import _l
from app.rulebook.kinds import Label
from app.rulebook.terms import LEVELS


class LevelRule(BaseModel):
    """What holds for the exam of one level."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: Annotated[str, Label(_l("Code of the level"), _l("Small letters, such as junior."))]
    pass_share: Annotated[
        Decimal, Label(_l("Cut score as a share of the points"), _l("Such as 0.6 for sixty in a hundred."))
    ] = Field(gt=0, le=1)
    least_minutes: Annotated[int, Label(_l("Shortest exam"), unit=_l("minutes"))] = Field(gt=0)
    most_minutes: Annotated[int, Label(_l("Longest exam"), unit=_l("minutes"))] = Field(gt=0)
    least_items: Annotated[int, Label(_l("Fewest items of a paper"), unit=_l("items"))] = Field(gt=0)
    course_completed: Annotated[bool, Label(_l("The course must be completed"))]
    hours_met: Annotated[bool, Label(_l("The class hours of every module must be met"))]
    cool_off_days: Annotated[int, Label(_l("Between two exams at least"), unit=_l("days"))] = Field(ge=0)
    late_entry_minutes: Annotated[
        int,
        Label(_l("At a venue nobody enters later than"), _l("0 where the rule sets no limit."), unit=_l("minutes")),
    ] = Field(default=0, ge=0)
    no_hand_in_minutes: Annotated[
        int,
        Label(_l("At a venue nobody hands in within the first"), _l("0 where it sets none."), unit=_l("minutes")),
    ] = Field(default=0, ge=0)
    freeze_minutes: Annotated[int, Label(_l("Editing is frozen before the window opens for"), unit=_l("minutes"))] = (
        Field(default=30, ge=0)
    )
    waiting: Annotated[WaitingRule, Label(_l("Waiting list"))] = WaitingRule()
    marking: Annotated[MarkingRule, Label(_l("Marking"))] = MarkingRule()
    equating: Annotated[EquatingRule, Label(_l("Equating"))] = EquatingRule()

    @model_validator(mode="after")
    def _ordered(self) -> "LevelRule":
        if self.least_minutes > self.most_minutes:
            raise ValueError("least_minutes is above most_minutes")
        return self


class ExamRule(BaseModel):
    """The parameters of a pack of kind `exam`, one entry a level."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    levels: Annotated[tuple[LevelRule, ...], Label(_l("Levels"))] = Field(min_length=1)

    def of(self, level: str) -> LevelRule:
        """Return what holds for a level; raises InvalidError where the pack says nothing of it."""
        for rule in self.levels:
            if rule.level == level:
                return rule
        raise InvalidError(
            _l("No exam rule is in force for this level. Ask the regulator to publish one."), field="level"
        )


def sentences(rule: ExamRule, named: Mapping[str, Text] = LEVELS) -> list[Text]:
    """Say the parameters in plain sentences; levels are called as they are `named`."""
    return [said for one in rule.levels for said in _level_sentences(one, named.get(one.level, one.level))]


def _level_sentences(rule: LevelRule, level: Text) -> list[Text]:
    said: list[Text] = [
        _l(
            "Level %(level)s: the cut score is at least %(share)s %% of the points of the paper.",
            level=level,
            share=f"{rule.pass_share * 100:f}".rstrip("0").rstrip("."),
        ),
        _l(
            "Level %(level)s: a paper has at least %(items)d items and lasts %(least)d to %(most)d minutes.",
            level=level,
            items=rule.least_items,
            least=rule.least_minutes,
            most=rule.most_minutes,
        ),
    ]
    if rule.course_completed:
        said.append(
            _l(
                "Level %(level)s: a candidate has completed the course of this level.",
                level=level,
            )
        )
    if rule.hours_met:
        said.append(
            _l(
                "Level %(level)s: the class hours of every required module are met.",
                level=level,
            )
        )
    if rule.cool_off_days:
        said.append(
            _l(
                "Level %(level)s: at least %(days)d days lie between two exams of one person.",
                level=level,
                days=rule.cool_off_days,
            )
        )
    waits = waiting_rule.sentences(rule.waiting, level)
    marks = marking_rule.sentences(rule.marking, level)
    return [*said, *_venue_sentences(rule, level), *waits, *marks, *equating_rule.sentences(rule.equating, level)]


def _venue_sentences(rule: LevelRule, level: Text) -> list[Text]:
    """Say what holds around the window: entry, handing in, editing."""
    said: list[Text] = []
    if rule.late_entry_minutes:
        said.append(
            _l(
                "Level %(level)s: at a venue nobody starts later than %(minutes)d minutes after the opening.",
                level=level,
                minutes=rule.late_entry_minutes,
            )
        )
    if rule.no_hand_in_minutes:
        said.append(
            _l(
                "Level %(level)s: at a venue nobody hands in within the first %(minutes)d minutes.",
                level=level,
                minutes=rule.no_hand_in_minutes,
            )
        )
    return [
        *said,
        _l(
            "Level %(level)s: a session cannot be edited from %(minutes)d minutes before it opens until it has closed.",
            level=level,
            minutes=rule.freeze_minutes,
        ),
    ]
