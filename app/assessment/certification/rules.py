"""When a level is awarded, for how long, and under which number; pure functions."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import InvalidError, Text
from app.core.text import _l
from app.rulebook.kinds import Label
from app.rulebook.terms import LevelName
from app.rulebook.verdicts import Line, Outcome, Verdict

MONTHS = 12
NUMBER_FORM = "{prefix}{province}{year}{serial:6}{check}"
FORM = re.compile(
    r"(?P<head>\{prefix\}-?(?:\{province\}-?)?(?:\{year\}|\{yy\})-?)"
    r"\{serial:(?P<digits>[3-9])\}(?:(?P<dash>-?)(?P<check>\{check\}))?"
)
"""The parts of a unified number in their order, with hyphens between them or not; the check may be left out."""

REASONS: dict[str, Text] = {
    "training": _l("The training of the level is completed"),
    "passed": _l("The exam is passed: %(score)s points of %(max)s, cut score %(cut)s"),
    "recent": _l("The result is not older than %(months)s months"),
    "not_held": _l("The level is not held validly already"),
}


class AwardLevel(BaseModel):
    """What the authority sets for one level."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Label(_l("Code of the level"), _l("Small letters, such as junior."))] = Field(
        pattern=r"^[a-z]{2,20}$"
    )
    name_zh: Annotated[str, Label(_l("Name of the level (Chinese)"))] = Field(min_length=1)
    name_en: Annotated[str, Label(_l("Name of the level (English)"))] = Field(min_length=1)
    result_counts_months: Annotated[int, Label(_l("A result counts for"), unit=_l("months"))] = Field(ge=1, le=120)
    valid_years: Annotated[int, Label(_l("Years of validity"), unit=_l("years"))] = Field(ge=1, le=50)
    filed_centrally: Annotated[bool, Label(_l("The list is filed centrally"))]
    number_prefix: Annotated[str, Label(_l("Prefix of the unified number"), _l("Capital letters, such as JJC."))] = (
        Field(pattern=r"^[A-Z]{2,6}$")
    )
    number_form: Annotated[
        str,
        Label(
            _l("Form of the unified number"),
            _l("Such as {prefix}{province}{year}{serial:6}{check}; {yy} for two digits of the year, hyphens between."),
        ),
    ] = Field(default=NUMBER_FORM, pattern=f"^{FORM.pattern}$")


class AwardParams(BaseModel):
    """Parameters of a rule pack of the kind `award`."""

    model_config = ConfigDict(extra="forbid")

    levels: Annotated[list[AwardLevel], Label(_l("Levels"))] = Field(min_length=1)

    def level(self, code: str) -> AwardLevel:
        """Return what is set for a level; raises InvalidError where the pack is silent."""
        for level in self.levels:
            if level.code == code:
                return level
        raise InvalidError(_l("The rule pack sets nothing for this level. Its authority must add it."))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a candidate when the award is considered; scores are exact points.

    `trained_in` is the name of the cohort, `session_code` the number of the admission ticket,
    `held` the unified number of the same level where it is held validly.
    """

    trained_in: str | None
    completed_on: date | None
    session_code: str
    score: Decimal
    max_score: Decimal
    cut_score: Decimal
    released_on: date
    voided: bool = False
    held: str | None = None


def consider(facts: Facts, level: AwardLevel, *, on: date, pack: str, tag: str) -> Verdict:
    """Return the verdict on a candidate, condition by condition, with its evidence."""
    trained = facts.completed_on is not None
    passed = facts.score >= facts.cut_score and not facts.voided
    recent = on <= add_months(facts.released_on, level.result_counts_months)
    lines = (
        Line(
            "training",
            _outcome(met=trained),
            evidence=f"{facts.trained_in} · {facts.completed_on}" if trained else "",
            rule=pack,
        ),
        Line(
            "passed",
            _outcome(met=passed),
            params={
                "score": f"{facts.score:f}",
                "max": f"{facts.max_score:f}",
                "cut": f"{facts.cut_score:f}",
            },
            evidence=facts.session_code,
            rule=pack,
        ),
        Line(
            "recent",
            _outcome(met=recent),
            params={"months": str(level.result_counts_months)},
            evidence=facts.released_on.isoformat(),
            rule=pack,
        ),
        Line("not_held", _outcome(met=facts.held is None), evidence=facts.held or "", rule=pack),
    )
    return Verdict(lines=lines, pack=pack, tag=tag)


def _outcome(*, met: bool) -> Outcome:
    return Outcome.MET if met else Outcome.NOT_MET


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, the last day of a month that is too short."""
    total = day.year * MONTHS + day.month - 1 + months
    year, month = divmod(total, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_valid_day(first: date, years: int) -> date:
    """Return the last day of a validity of whole years that starts on `first`.

    From 29 February it runs to the end of February: the years are full on its last day.
    """
    end = add_months(first, years * MONTHS)
    return end if end.day < first.day else end - timedelta(days=1)


ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
NUMBER_MODULUS = 37


@dataclass(frozen=True, slots=True)
class NumberForm:
    """A form of unified numbers as it was read: its head, the digits of a serial, and what stands before the check.

    `check` is None where the form has no check character.
    """

    head: str
    digits: int
    check: str | None


def unified_number(level: AwardLevel, region_code: str, year: int, serial: int) -> str:
    """Return the first unified number from a serial on, in the form that the pack sets.

    A serial whose check character would be the sign `*` is passed over. Raises InvalidError where the serials of the
    form are used up.
    """
    form, head = _form(level), number_prefix(level, region_code, year)
    while serial < 10**form.digits:
        body = f"{head}{serial:0{form.digits}d}"
        check = check_value(body.replace("-", "")) if form.check is not None else None
        if check is None:
            return body
        if check < len(ALPHABET):
            return f"{body}{form.check}{ALPHABET[check]}"
        serial += 1
    raise InvalidError(_l("The unified numbers of this level, province and year are used up. Set a longer form."))


def _form(level: AwardLevel) -> NumberForm:
    found = FORM.fullmatch(level.number_form)
    if found is None:
        raise InvalidError(_l("The form of the unified number in the rule pack cannot be read."))
    return NumberForm(found["head"], int(found["digits"]), found["dash"] if found["check"] else None)


def number_prefix(level: AwardLevel, region_code: str, year: int) -> str:
    """Return what the unified numbers of a level, province and year begin with."""
    parts = {"prefix": level.number_prefix, "province": region_code[:2], "year": year, "yy": f"{year % 100:02d}"}
    return _form(level).head.format(**parts)


def serial_of(level: AwardLevel, number: str, prefix: str) -> int | None:
    """Return the serial in a number that begins with a prefix; None where it has another form than the pack sets."""
    form = _form(level)
    check = "" if form.check is None else rf"{form.check}[0-9A-Z]"
    found = re.fullmatch(rf"{re.escape(prefix)}([0-9]{{{form.digits}}}){check}", number)
    if found is None or (check and not is_unified_number(number.replace("-", ""))):
        return None
    return int(found[1])


def check_value(body: str) -> int:
    """Return the check value, 0 to 36, of ISO 7064 MOD 37-2: it finds every single error and transposition.

    The one-letter MOD 37,36 would miss some transpositions, such as 98 for 89.
    """
    value = 0
    for letter in body:
        value = (value + ALPHABET.index(letter)) * 2 % NUMBER_MODULUS
    return (1 - value) % NUMBER_MODULUS


def is_unified_number(text: str) -> bool:
    """Tell whether a text is well formed: known characters, the last one fitting the others."""
    body, last = text[:-1], text[-1:]
    return bool(body) and all(letter in ALPHABET for letter in text) and check_value(body) == ALPHABET.index(last)


def sentences(params: AwardParams) -> list[Text]:
    """Say a pack of the kind `award` in plain sentences."""
    return [
        _l(
            "%(level)s: training completed and exam passed; a result counts for %(months)s months; "
            "the award is valid for %(years)s years; %(filed)s.",
            level=LevelName(level.name_zh, level.name_en),
            months=level.result_counts_months,
            years=level.valid_years,
            filed=_l("the list is filed centrally") if level.filed_centrally else _l("central filing is not needed"),
        )
        for level in params.levels
    ]
