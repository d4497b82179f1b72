"""The indicator system of an appraisal as a rule pack, and the judge that turns facts into a score and a grade.

Dimensions and self-evaluation follow the Shandong practice (2021 to 2023); veto indicators that cap the grade, bonus
points up to a full score of 105 and exit after two consecutive fails are the pattern of the appraisals of
tech-transfer institutions and incubators.
"""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.errors import Text
from app.core.text import _l, pick
from app.performance.states import DIMENSION_LABELS, GRADE_LABELS, Dimension, Grade
from app.rulebook.facts import Fact, FactKind, Facts, FactType, written
from app.rulebook.kinds import Binding, Label
from app.rulebook.verdicts import Line, Outcome, Verdict

KIND = "appraisal"
REPORTED = "appraisal.reported"
POINTS, UNKNOWN, VETO, BONUS, GRADE = (
    "performance.points", "performance.unknown", "performance.veto", "performance.bonus", "performance.grade",
)  # fmt: skip
FULL = Decimal(100)
HUNDREDTH = Decimal("0.01")
BEST_FIRST = tuple(Grade)


class Source(StrEnum):
    """Where the value of an indicator comes from."""

    COMPUTED = "computed"
    REPORTED = "reported"


class Strict(BaseModel):
    """Parameters that refuse what they do not know."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Measured(Strict):
    """A value with two names, computed from a fact of the base or reported by it with a file."""

    code: Annotated[str, Label(_l("Code"))] = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")
    name_zh: Annotated[str, Label(_l("Name (Chinese)"))] = Field(min_length=1, max_length=100)
    name_en: Annotated[str, Label(_l("Name (English)"))] = Field(min_length=1, max_length=100)
    source: Annotated[Source, Label(_l("Where the value comes from"), _l("computed or reported."))]
    fact: Annotated[str, Label(_l("Fact of the base"), _l("Of a computed value, such as base.enrolled."))] = ""
    unit_zh: Annotated[str, Label(_l("Unit (Chinese)"))] = ""
    unit_en: Annotated[str, Label(_l("Unit (English)"))] = ""

    @model_validator(mode="after")
    def _fact_where_computed(self) -> "Measured":
        if (self.source is Source.COMPUTED) != self.fact.startswith("base."):
            raise ValueError(
                _l("a computed value names its fact, such as base.enrolled, and a reported one names none")
            )
        return self

    @property
    def fact_name(self) -> str:
        """Return the full name of the fact that gives the value."""
        return self.fact or f"{REPORTED}[{self.code}]"


class Indicator(Measured):
    """An indicator: no points at `zero_at`, all 100 at `full_at`, in proportion between; less is better if lower."""

    dimension: Annotated[Dimension, Label(_l("Dimension"))]
    weight: Annotated[Decimal, Label(_l("Weight"), _l("An exact decimal; all weights sum to 1."))] = Field(gt=0, le=1)
    zero_at: Annotated[Decimal, Label(_l("No points at"))]
    full_at: Annotated[Decimal, Label(_l("Full points at"))]

    @model_validator(mode="after")
    def _two_ends(self) -> "Indicator":
        if self.zero_at == self.full_at:
            raise ValueError(_l("no points and full points must be at different values"))
        return self

    def points(self, value: Decimal) -> Decimal:
        """Return the points of a value, 0 to 100 to two places, half up."""
        share = (value - self.zero_at) / (self.full_at - self.zero_at)
        return (min(max(share, Decimal(0)), Decimal(1)) * FULL).quantize(HUNDREDTH, ROUND_HALF_UP)


class Veto(Measured):
    """A veto indicator: a value below `at_least` caps the grade, whatever the rest; an unknown value caps too."""

    at_least: Annotated[Decimal, Label(_l("At least"))]
    cap: Annotated[Grade, Label(_l("Best grade if not met"))]


class Bonus(Measured):
    """Points on top: so many for each unit of the value, at most `most`."""

    each: Annotated[Decimal, Label(_l("Points for each"))] = Field(gt=0)
    most: Annotated[Decimal, Label(_l("Points at most"))] = Field(gt=0)

    def points(self, value: Decimal) -> Decimal:
        """Return the bonus points of a value, to two places, half up."""
        return min(max(value, Decimal(0)) * self.each, self.most).quantize(HUNDREDTH, ROUND_HALF_UP)


class Limits(Strict):
    """The lowest score of each grade above fail."""

    excellent: Annotated[Decimal, Label(_l("Excellent from"), unit=_l("points"))]
    good: Annotated[Decimal, Label(_l("Good from"), unit=_l("points"))]
    passed: Annotated[Decimal, Label(_l("Pass from"), unit=_l("points"))] = Field(gt=0)

    @model_validator(mode="after")
    def _falling(self) -> "Limits":
        if not FULL >= self.excellent > self.good > self.passed:
            raise ValueError(_l("the limits must fall from excellent to pass and not be above 100"))
        return self

    def of(self, score: Decimal) -> Grade:
        """Return the grade of a score."""
        if score >= self.excellent:
            return Grade.EXCELLENT
        if score >= self.good:
            return Grade.GOOD
        return Grade.PASS if score >= self.passed else Grade.FAIL


class Appraisal(Strict):
    """Parameters of a rule pack of the kind `appraisal`."""

    indicators: Annotated[tuple[Indicator, ...], Label(_l("Indicators"))] = Field(min_length=1, max_length=60)
    vetoes: Annotated[tuple[Veto, ...], Label(_l("Veto indicators"))] = ()
    bonuses: Annotated[tuple[Bonus, ...], Label(_l("Bonus points"))] = ()
    limits: Annotated[Limits, Label(_l("Grades"))]
    full_score: Annotated[Decimal, Label(_l("Full score with bonus"), unit=_l("points"))] = Field(ge=100, le=200)
    rectify_days: Annotated[int, Label(_l("Time for rectification"), unit=_l("working days"))] = Field(ge=1, le=250)
    fails_to_exit: Annotated[int, Label(_l("Consecutive fails that end in exit"))] = Field(ge=2, le=5)

    @model_validator(mode="after")
    def _whole(self) -> "Appraisal":
        total = sum((one.weight for one in self.indicators), Decimal(0))
        if total != 1:
            raise ValueError(_l("the weights sum to %(total)s and must sum to 1", total=f"{total:f}"))
        codes = [one.code for one in self.measured]
        if len(set(codes)) < len(codes):
            raise ValueError(_l("two indicators share a code"))
        return self

    @property
    def measured(self) -> tuple[Measured, ...]:
        """Return everything that has a value: indicators, vetoes, bonuses."""
        return (*self.indicators, *self.vetoes, *self.bonuses)

    @property
    def reported(self) -> tuple[Measured, ...]:
        """Return what the base reports itself, each with a file."""
        return tuple(one for one in self.measured if one.source is Source.REPORTED)

    @property
    def facts(self) -> frozenset[str]:
        """Return the facts of the base that are asked for."""
        return frozenset(one.fact for one in self.measured if one.source is Source.COMPUTED)


FACTS = (
    FactKind(
        REPORTED,
        _l("Self-reported: “%(parameter)s”"),
        FactType.DECIMAL,
        _l("as the base reported it with a file and the local authority checked it"),
        parameter=_l("code of the indicator"),
    ),
)
REASONS: dict[str, Text] = {
    POINTS: _l("%(value)s gives %(points)s of 100 points (none at %(zero)s, all at %(full)s); "
               "weight %(weight)s, so %(gained)s points of the score."),
    UNKNOWN: _l("No value is known, so there are no points; weight %(weight)s."),
    VETO: _l("Veto indicator: %(value)s, at least %(at_least)s; if not met, the grade is at best “%(cap)s”."),
    BONUS: _l("Bonus: %(value)s gives %(points)s points, at most %(most)s."),
    GRADE: _l("Score %(score)s of at most %(most)s; grade “%(grade)s”."),
}  # fmt: skip
MISSING = "?"


def _value(one: Measured, facts: Facts) -> Decimal | None:
    value = facts[one.fact_name].value if one.fact_name in facts else None
    return value if isinstance(value, Decimal) else None


def _origin(one: Measured, facts: Facts) -> dict[str, str]:
    """Return the record that a value was read from, where its fact names one."""
    source = facts[one.fact_name].source if one.fact_name in facts else ""
    return {"origin": source} if source else {}


def _line(one: Measured, reason: str, outcome: Outcome, binding: Binding, **params: str) -> Line:
    return Line(
        reason, outcome, params, evidence=one.fact_name, rule=binding.pack, name_zh=one.name_zh, name_en=one.name_en,
        optional=True,
    )  # fmt: skip


def _scored(one: Indicator, facts: Facts, binding: Binding) -> tuple[Line, Decimal]:
    value = _value(one, facts)
    if value is None:
        return _line(one, UNKNOWN, Outcome.UNKNOWN, binding, weight=f"{one.weight:f}"), Decimal(0)
    points = one.points(value)
    gained = points * one.weight
    outcome = Outcome.MET if points == FULL else Outcome.NEAR if points else Outcome.NOT_MET
    said = {
        "value": written(value), "points": f"{points:f}", "zero": f"{one.zero_at:f}", "full": f"{one.full_at:f}",
        "weight": f"{one.weight:f}", "gained": f"{gained.quantize(HUNDREDTH, ROUND_HALF_UP):f}",
        **_origin(one, facts),
    }  # fmt: skip
    return _line(one, POINTS, outcome, binding, **said), gained


def _vetoed(one: Veto, facts: Facts, binding: Binding) -> Line:
    value = _value(one, facts)
    met = value is not None and value >= one.at_least
    said = {
        "value": MISSING if value is None else written(value),
        "at_least": f"{one.at_least:f}",
        "cap": one.cap.value,
        **_origin(one, facts),
    }
    return _line(one, VETO, Outcome.MET if met else Outcome.NOT_MET, binding, **said)


def _added(one: Bonus, facts: Facts, binding: Binding) -> tuple[Line, Decimal]:
    value = _value(one, facts)
    points = one.points(value or Decimal(0))
    said = {
        "value": MISSING if value is None else written(value), "points": f"{points:f}", "most": f"{one.most:f}",
        **_origin(one, facts),
    }  # fmt: skip
    return _line(one, BONUS, Outcome.MET if points else Outcome.NEAR, binding, **said), points


def judge(params: Appraisal, facts: Facts, on: date, binding: Binding) -> Verdict:
    """Return the score and grade of a base, line by line; met where the grade is pass or better.

    The score is the weighted sum of the points plus the bonus, at most the full score, to two places.
    """
    del on
    scored = [_scored(one, facts, binding) for one in params.indicators]
    added = [_added(one, facts, binding) for one in params.bonuses]
    vetoes = [_vetoed(one, facts, binding) for one in params.vetoes]
    total = sum((gained for _, gained in (*scored, *added)), Decimal(0))
    score = min(total, params.full_score).quantize(HUNDREDTH, ROUND_HALF_UP)
    caps = [Grade(line.params["cap"]) for line in vetoes if line.outcome is not Outcome.MET]
    grade = max((params.limits.of(score), *caps), key=BEST_FIRST.index)
    said = {"score": f"{score:f}", "most": f"{params.full_score:f}", "grade": grade.value}
    last = Line(GRADE, Outcome.NOT_MET if grade is Grade.FAIL else Outcome.MET, said, rule=binding.pack)
    lines = (*(line for line, _ in scored), *vetoes, *(line for line, _ in added), last)
    return Verdict(lines, binding.pack, binding.tag, binding.source_zh, binding.source_en)


def result(verdict: Verdict) -> tuple[Decimal, Grade]:
    """Return the score and the grade that a verdict of this kind came to."""
    said = verdict.lines[-1].params
    return Decimal(said["score"]), Grade(said["grade"])


def reported(params: Appraisal, answers: dict[str, str], on: date) -> dict[str, Fact]:
    """Return the self-reported values as facts; what is not answered is unknown."""
    return {one.fact_name: Fact(Decimal(answers[one.code]), on) for one in params.reported if answers.get(one.code)}


def sentences(params: Appraisal) -> list[Text]:
    """Say the parameters in plain sentences."""
    said: list[Text] = [
        _l("%(dimension)s: “%(name)s” weighs %(weight)s; no points at %(zero)s, all at %(full)s.",
           dimension=DIMENSION_LABELS[one.dimension], name=pick(one.name_zh, one.name_en), weight=f"{one.weight:f}",
           zero=f"{one.zero_at:f}", full=f"{one.full_at:f}")
        for one in params.indicators
    ]  # fmt: skip
    said += [
        _l("Veto: “%(name)s” below %(at_least)s caps the grade at “%(cap)s”.", name=pick(one.name_zh, one.name_en),
           at_least=f"{one.at_least:f}", cap=GRADE_LABELS[one.cap])
        for one in params.vetoes
    ]  # fmt: skip
    said += [
        _l("Bonus: “%(name)s” adds %(each)s each, at most %(most)s.", name=pick(one.name_zh, one.name_en),
           each=f"{one.each:f}", most=f"{one.most:f}")
        for one in params.bonuses
    ]  # fmt: skip
    return [
        *said,
        _l("Excellent from %(excellent)s, good from %(good)s, pass from %(passed)s points of at most %(most)s.",
           excellent=f"{params.limits.excellent:f}", good=f"{params.limits.good:f}",
           passed=f"{params.limits.passed:f}", most=f"{params.full_score:f}"),
        _l("A failed base rectifies within %(days)s working days; %(fails)s consecutive fails end in exit.",
           days=params.rectify_days, fails=params.fails_to_exit),
    ]  # fmt: skip
