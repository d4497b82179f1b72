"""The parameters of the rule kind `exam_conduct`: kinds of conduct and what each brings."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.core.errors import InvalidError, Text
from app.core.text import _l, pick
from app.rulebook.facts import FactKind, Facts, FactType
from app.rulebook.kinds import Binding, Label, needed
from app.rulebook.verdicts import Line, Outcome, Verdict

KIND = "exam_conduct"
REASONS: dict[str, Text] = {"exams.consequence": _l("The rule knows the conduct and sets its consequence: %(name)s")}
KINDS = (
    FactKind(
        "conduct.code",
        _l("Code of the conduct"),
        FactType.TEXT,
        _l("as two invigilators recorded it"),
    ),
)


class Void(StrEnum):
    """Which results are void: of that subject, or of all subjects sat on that day."""

    SUBJECT = "subject"
    ALL = "all"


class Consequence(BaseModel):
    """What a conduct brings: which results are void, and for how many years nobody lets the person sit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Label(_l("Code"), _l("Small letters, such as all_void."))] = Field(min_length=1, max_length=64)
    name_zh: Annotated[str, Label(_l("Name in Chinese"))]
    name_en: Annotated[str, Label(_l("Name in English"))]
    void: Annotated[Void, Label(_l("Results that are void"))]
    years: Annotated[int, Label(_l("Kept from exams for"), _l("0 where it is not."), unit=_l("years"))] = Field(ge=0)
    long_term: Annotated[bool, Label(_l("Kept from exams without an end"))] = False

    @property
    def restricts(self) -> bool:
        """Tell whether the person may not sit for a time."""
        return self.long_term or self.years > 0

    def last_day(self, first: date) -> date | None:
        """Return the last day of the restriction that starts on a day, None where it has no end."""
        if self.long_term:
            return None
        return _years_later(first, self.years)


def _years_later(day: date, years: int) -> date:
    """Return the day before the same day so many years later; after 29 February it is 28 February."""
    later = date(day.year + years, 3, 1) if (day.month, day.day) == (2, 29) else day.replace(year=day.year + years)
    return date.fromordinal(later.toordinal() - 1)


class Conduct(BaseModel):
    """A kind of conduct and the consequence it brings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: Annotated[str, Label(_l("Code"), _l("Small letters, such as all_void."))] = Field(min_length=1, max_length=64)
    name_zh: Annotated[str, Label(_l("Name in Chinese"))]
    name_en: Annotated[str, Label(_l("Name in English"))]
    consequence: Annotated[str, Label(_l("Code of its consequence"))]


class ConductRule(BaseModel):
    """The parameters of a pack of kind `exam_conduct`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hearing_days: Annotated[int, Label(_l("The candidate may speak within"), unit=_l("working days"))] = Field(
        ge=1, le=60
    )
    similarity: Annotated[
        str | None,
        Label(_l("Conduct of answers confirmed to be alike"), _l("Left empty, a confirmed similarity opens no case.")),
    ] = None
    consequences: Annotated[tuple[Consequence, ...], Label(_l("Consequences"))] = Field(min_length=1)
    conducts: Annotated[tuple[Conduct, ...], Label(_l("Kinds of conduct"))] = Field(min_length=1)

    @model_validator(mode="after")
    def _known(self) -> "ConductRule":
        codes = {one.code for one in self.consequences}
        if any(one.consequence not in codes for one in self.conducts):
            raise ValueError(_l("names a consequence that it does not set"))
        if self.similarity is not None and self.similarity not in {one.code for one in self.conducts}:
            raise ValueError(_l("names a conduct that it does not know"))
        return self

    def conduct(self, code: str) -> Conduct:
        """Return a kind of conduct; raises InvalidError where the pack does not know it."""
        for one in self.conducts:
            if one.code == code:
                return one
        raise InvalidError(_l("Choose a conduct that the rule in force knows."), field="conduct")

    def of(self, code: str) -> Consequence:
        """Return the consequence that a conduct brings; raises InvalidError for an unknown one."""
        wanted = self.conduct(code).consequence
        return next(one for one in self.consequences if one.code == wanted)


def sentences(rule: ConductRule) -> list[Text]:
    """Say the parameters in plain sentences."""
    named = {one.code: pick(one.name_zh, one.name_en) for one in rule.consequences}
    return [
        _l("The candidate may speak within %(days)d working days of the notice.", days=rule.hearing_days),
        *(_consequence(one) for one in rule.consequences),
        *(
            _l(
                "“%(conduct)s” brings “%(consequence)s”.",
                conduct=pick(one.name_zh, one.name_en),
                consequence=named[one.consequence],
            )
            for one in rule.conducts
        ),
    ]


def _consequence(one: Consequence) -> Text:
    name = pick(one.name_zh, one.name_en)
    if one.long_term:
        return _l("“%(name)s”: no exam may be sat until the record is lifted.", name=name)
    if one.years:
        return _l("“%(name)s”: no exam may be sat for %(years)d years.", name=name, years=one.years)
    return _l("“%(name)s”: later exams may be sat.", name=name)


def judge(params: ConductRule, facts: Facts, on: date, binding: Binding) -> Verdict:
    """Judge a conduct under a pack: which consequence it brings; raises InvalidError for an unknown conduct."""
    del on
    found = params.of(str(needed(facts, "conduct.code")))
    line = Line(
        "exams.consequence",
        Outcome.MET,
        {"name": pick(found.name_zh, found.name_en)},
        evidence=found.code,
        rule=binding.pack,
    )
    return Verdict(
        (line,), pack=binding.pack, tag=binding.tag, source_zh=binding.source_zh, source_en=binding.source_en
    )
