"""Score and grade of a person: the pack `credit_rating`.

Base, deductions, bonus and grades follow the credit evaluation of patent agencies (CNIPA, 2023) by analogy; no national
standard for technology managers is known, so every value is the authority's own.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.errors import InvalidError, Text
from app.core.text import _l, pick
from app.rulebook.facts import Fact, Facts, split, written
from app.rulebook.kinds import Binding, Label
from app.rulebook.verdicts import Line, Outcome, Verdict

KIND = "credit_rating"
NEGATIVE, POSITIVE = "credit.negative", "credit.positive"
ZERO, ONE = Decimal(0), Decimal(1)
Points = Annotated[Decimal, Field(max_digits=7, decimal_places=2)]


class Indicator(BaseModel):
    """Points for each `unit` of a fact, together at most `most`; negative points are deductions."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, Label(_l("Short name of the indicator"), _l("Small letters, digits and underscores."))] = (
        Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")
    )
    name_zh: Annotated[str, Label(_l("Name (Chinese)"))] = Field(min_length=1, max_length=100)
    name_en: Annotated[str, Label(_l("Name (English)"))] = Field(min_length=1, max_length=100)
    fact: Annotated[str, Label(_l("Fact of the catalogue"))] = Field(min_length=1, max_length=100)
    points: Annotated[Points, Label(_l("Points for each unit"), _l("Negative points are deductions."))]
    unit: Annotated[
        Annotated[Decimal, Field(gt=0, max_digits=14, decimal_places=2)], Label(_l("One unit is so much of the fact"))
    ] = ONE
    most: Annotated[Annotated[Points, Field(gt=0)], Label(_l("At most so many points together"))]

    @model_validator(mode="after")
    def _right_way(self) -> "Indicator":
        base, _parameter = split(self.fact)
        wrong = (base == NEGATIVE and self.points > ZERO) or (base == POSITIVE and self.points < ZERO)
        if self.points == ZERO or wrong:
            raise ValueError(_l("a negative record deducts points and a positive one adds them"))
        return self


class Grade(BaseModel):
    """A grade from a score on, and what it brings."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, Label(_l("Grade"), _l("Such as A or A+."))] = Field(pattern=r"^[A-Z][+-]?$")
    from_score: Annotated[Points, Label(_l("From a score of"))]
    effects_zh: Annotated[tuple[str, ...], Label(_l("What it brings (Chinese)"), _l("One a line."))] = ()
    effects_en: Annotated[tuple[str, ...], Label(_l("What it brings (English)"), _l("One a line."))] = ()

    @model_validator(mode="after")
    def _in_both_languages(self) -> "Grade":
        if len(self.effects_zh) != len(self.effects_en):
            raise ValueError(_l("says each effect in both languages"))
        return self

    @property
    def effects(self) -> list[str]:
        """Return the effects in the reader's language."""
        return [pick(zh, en) for zh, en in zip(self.effects_zh, self.effects_en, strict=True)]


class RatingParams(BaseModel):
    """Parameters of a pack of the kind `credit_rating`; `grades` from the best to the last, which starts at 0."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    base: Annotated[Annotated[Points, Field(ge=0)], Label(_l("Score everybody begins with"))]
    indicators: Annotated[tuple[Indicator, ...], Label(_l("Indicators"))] = Field(min_length=1)
    grades: Annotated[tuple[Grade, ...], Label(_l("Grades, from the best to the last"))] = Field(min_length=1)

    @model_validator(mode="after")
    def _ordered(self) -> "RatingParams":
        starts = [grade.from_score for grade in self.grades]
        if starts != sorted(set(starts), reverse=True) or starts[-1] != ZERO:
            raise ValueError(_l("lists grades from the best to the last, which starts at 0"))
        codes = [one.code for one in self.indicators]
        if len(set(codes)) < len(codes):
            raise ValueError(_l("names an indicator twice"))
        return self

    @property
    def facts(self) -> frozenset[str]:
        """Return the full names of the facts that are asked for."""
        return frozenset(one.fact for one in self.indicators)

    def grade(self, code: str) -> Grade | None:
        """Return a grade by its code, None where the pack has none of it."""
        return next((one for one in self.grades if one.code == code), None)


REASONS: dict[str, Text] = {
    "credit.base": _l("Every person starts with %(points)s points"),
    "credit.deduction": _l("%(points)s points for each %(unit)s of “%(fact)s”, at most %(most)s: %(earned)s"),
    "credit.bonus": _l("%(points)s points for each %(unit)s of “%(fact)s”, at most %(most)s: +%(earned)s"),
    "credit.total": _l("Score %(score)s, grade %(grade)s"),
}


def judge(params: RatingParams, facts: Facts, on: date, binding: Binding) -> Verdict:
    """Rate a person: one line for the base, each indicator and the total; an unknown fact gives no points.

    Deductions count in the verdict; a bonus is only shown.
    """
    del on
    lines = [_line(one, facts.get(one.fact), binding) for one in params.indicators]
    score = max(params.base + sum((Decimal(line.params["earned"]) for line in lines), ZERO), ZERO)
    grade = next(one for one in params.grades if score >= one.from_score)
    first = Line("credit.base", Outcome.MET, {"points": written(params.base)}, rule=binding.pack)
    last = Line("credit.total", Outcome.MET, {"score": plain(score), "grade": grade.code}, rule=binding.pack)
    return Verdict(
        (first, *lines, last),
        pack=binding.pack,
        tag=binding.tag,
        source_zh=binding.source_zh,
        source_en=binding.source_en,
    )


def _line(one: Indicator, fact: Fact | None, binding: Binding) -> Line:
    earned = _earned(one, fact)
    bonus = one.points > ZERO
    return Line(
        "credit.bonus" if bonus else "credit.deduction",
        _outcome(fact, earned),
        {
            "fact": one.fact,
            "points": written(one.points),
            "unit": written(one.unit),
            "most": written(one.most),
            "earned": plain(earned),
            **({"got": written(fact.value)} if fact else {}),
        },
        evidence=fact.source if fact else "",
        rule=binding.pack,
        name_zh=one.name_zh,
        name_en=one.name_en,
        optional=bonus,
    )


def plain(number: Decimal) -> str:
    """Return a number without needless zeros."""
    return written(number.normalize() + ZERO)  # mutant: to take 0 away is to add it


def _outcome(fact: Fact | None, earned: Decimal) -> Outcome:
    if fact is None:
        return Outcome.UNKNOWN
    return Outcome.NOT_MET if earned < ZERO else Outcome.MET


def _earned(one: Indicator, fact: Fact | None) -> Decimal:
    points = one.points * (_units(fact.value, one.unit) if fact else ZERO)
    return max(min(points, one.most), -one.most)


def _units(value: object, unit: Decimal) -> Decimal:
    """Return how many whole units a fact holds; a known day or word is one, a flag one where it is true."""
    if isinstance(value, bool):
        return ONE if value else ZERO
    return max(value, ZERO) // unit if isinstance(value, Decimal) else ONE


@dataclass(frozen=True, slots=True)
class Graded:
    """The score and grade that a verdict came to."""

    score: Decimal
    grade: str


def graded(verdict: Verdict) -> Graded:
    """Read score and grade from the last line of a verdict; raises InvalidError for one that rates nobody."""
    last = verdict.lines[-1]
    if last.reason != "credit.total":
        raise InvalidError(_l("This verdict holds no score. Rate the person again."))
    return Graded(Decimal(last.params["score"]), last.params["grade"])


def sentences(params: RatingParams) -> list[Text]:
    """Say a pack in plain sentences."""
    said: list[Text] = [_l("Every person starts with %(points)s points.", points=written(params.base))]
    said += [
        _l(
            "%(name)s: %(points)s points for each %(unit)s of “%(fact)s”, together at most %(most)s.",
            name=pick(one.name_zh, one.name_en),
            points=written(one.points),
            unit=written(one.unit),
            fact=one.fact,
            most=written(one.most),
        )
        for one in params.indicators
    ]
    return said + [
        _l("Grade %(grade)s from a score of %(score)s.", grade=one.code, score=written(one.from_score))
        for one in params.grades
    ]
