"""When a level is awarded, for how long, and under which number; pure functions."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import InvalidError, Text
from app.core.text import _l, pick
from app.rulebook.verdicts import Line, Outcome, Verdict

MONTHS = 12
SERIAL_DIGITS = 6

REASONS: dict[str, Text] = {
    "training": _l("The training of the level is completed"),
    "passed": _l("The exam is passed: %(score)s points of %(max)s, cut score %(cut)s"),
    "recent": _l("The result is not older than %(months)s months"),
}


class AwardLevel(BaseModel):
    """What the authority sets for one level."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=r"^[a-z]{2,20}$")
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    result_counts_months: int = Field(ge=1, le=120)
    valid_years: int = Field(ge=1, le=50)
    filed_centrally: bool
    number_prefix: str = Field(pattern=r"^[A-Z]{2,6}$")


class AwardParams(BaseModel):
    """Parameters of a rule pack of the kind `award`."""

    model_config = ConfigDict(extra="forbid")

    levels: list[AwardLevel] = Field(min_length=1)

    def level(self, code: str) -> AwardLevel:
        """Return what is set for a level; raises InvalidError where the pack is silent."""
        for level in self.levels:
            if level.code == code:
                return level
        raise InvalidError(_l("The rule pack sets nothing for this level. Its authority must add it."))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a candidate when the award is considered; scores are exact points."""

    training_code: str | None
    completed_on: date | None
    session_code: str
    score: Decimal
    max_score: Decimal
    cut_score: Decimal
    released_on: date


def consider(facts: Facts, level: AwardLevel, *, on: date, pack: str, tag: str) -> Verdict:
    """Return the verdict on a candidate, condition by condition, with its evidence."""
    trained = facts.completed_on is not None
    passed = facts.score >= facts.cut_score
    recent = on <= add_months(facts.released_on, level.result_counts_months)
    lines = (
        Line(
            "training",
            _outcome(met=trained),
            evidence=f"{facts.training_code} · {facts.completed_on}" if trained else "",
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
    )
    return Verdict(lines=lines, pack=pack, tag=tag)


def _outcome(*, met: bool) -> Outcome:
    return Outcome.MET if met else Outcome.NOT_MET


def add_months(day: date, months: int) -> date:
    """Return the same day `months` later, the last day of a month that is too short."""
    total = day.year * MONTHS + day.month - 1 + months
    year, month = divmod(total, MONTHS)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError


def last_valid_day(first: date, years: int) -> date:
    """Return the last day of a validity of whole years that starts on `first`."""
    end = add_months(first, years * MONTHS)
    return date.fromordinal(end.toordinal() - 1)


def unified_number(level: AwardLevel, region_code: str, year: int, serial: int) -> str:
    """Return a unified number: prefix, province, year, serial and a check character (ISO 7064, 37-36)."""
    body = f"{level.number_prefix}{region_code[:2]}{year}{serial:0{SERIAL_DIGITS}d}"
    return body + check_character(body)


ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def check_character(body: str) -> str:
    """Return the ISO 7064 MOD 37,36 check character: it finds every single error and transposition."""
    size = len(ALPHABET)
    product = size
    for letter in body:
        product = ((product + ALPHABET.index(letter)) % size or size) * 2 % (size + 1)
    return ALPHABET[(1 - product) % size]


def sentences(params: AwardParams) -> list[Text]:
    """Say a pack of the kind `award` in plain sentences."""
    return [
        _l(
            "%(level)s: training completed and exam passed; a result counts for %(months)s months; "
            "the award is valid for %(years)s years; %(filed)s.",
            level=_LevelName(level.name_zh, level.name_en),
            months=level.result_counts_months,
            years=level.valid_years,
            filed=_l("the list is filed centrally") if level.filed_centrally else _l("central filing is not needed"),
        )
        for level in params.levels
    ]


class _LevelName:
    """A bilingual name that is chosen when it is shown."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return pick(self.zh, self.en)
