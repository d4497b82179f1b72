"""The rule kinds of titles: `title_scheme`, by which applications are judged, and `title_integrity`.

A scheme sets a series and level, its conditions and evidence; an integrity rule how long nobody may apply who lost a
title for a reason.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.assessment.certification.rules import ALPHABET, check_value
from app.assessment.titles.states import WITHDRAWAL_REASONS, WithdrawalReason
from app.core.errors import Text
from app.core.text import _l, pick
from app.evidence.states import KIND_LABELS, Kind
from app.panels.states import TITLE_LABELS, Title
from app.rulebook.facts import Catalogue, Fact, FactKind, Facts, FactType, split
from app.rulebook.kinds import Binding, Label
from app.rulebook.rules import evaluating
from app.rulebook.rules.criteria import Node, facts_named
from app.rulebook.verdicts import Line, Outcome, Verdict

SCHEME, INTEGRITY = "title_scheme", "title_integrity"
LEAST_PUBLICITY = 5
"""Working days that a result is public at least (MOHRSS Order 40 of 2019)."""
SERIAL_DIGITS = 5
RANK = (Title.INTERMEDIATE, Title.SENIOR, Title.FULL_SENIOR)
VOTE, APPROVE, ATTENDING = "titles.vote_passed", "titles.approve", "titles.attending"
BY_BALLOT = _l("the result of the secret ballot of the committee")
VOTE_FACTS = (
    FactKind(VOTE, _l("Secret ballot passed"), FactType.FLAG, BY_BALLOT),
    FactKind(APPROVE, _l("Votes to approve"), FactType.COUNT, BY_BALLOT),
    FactKind(ATTENDING, _l("Members attending"), FactType.COUNT, BY_BALLOT),
)
REASONS: Mapping[str, Text] = {
    "titles.vote": _l("Secret ballot of the committee: %(approve)s of %(attending)s attending approved"),
}
DECLARED = "declared"
"""The source of a fact that stands on the applicant's own word."""


class TitleScheme(BaseModel):
    """Parameters of a rule pack of the kind `title_scheme`.

    Whom an exclusion of the tree fits may not apply; `evidence` are the kinds of records that count.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    series_zh: Annotated[str, Label(_l("Series (Chinese)"))] = Field(min_length=1, max_length=100)
    series_en: Annotated[str, Label(_l("Series (English)"))] = Field(min_length=1, max_length=100)
    title_zh: Annotated[str, Label(_l("Title (Chinese)"))] = Field(min_length=1, max_length=100)
    title_en: Annotated[str, Label(_l("Title (English)"))] = Field(min_length=1, max_length=100)
    level: Annotated[Title, Label(_l("Level"))]
    evidence: Annotated[list[Kind], Label(_l("Kinds of evidence that count"), _l("One a line."))] = Field(min_length=1)
    publicity_days: Annotated[
        int, Label(_l("Working days that the result is public at least"), unit=_l("working days"))
    ] = Field(ge=LEAST_PUBLICITY, le=60)
    tree: Annotated[Node, Label(_l("Conditions"))]


class Bar(BaseModel):
    """How long nobody may apply for a title who lost one for a reason."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: Annotated[WithdrawalReason, Label(_l("Reason of the withdrawal"))]
    years: Annotated[int, Label(_l("No title may be applied for"), unit=_l("years"))] = Field(ge=1, le=20)

    def last_day(self, first: date) -> date:
        """Return the last day of a bar that begins on a day."""
        leap_day = (first.month, first.day) == (2, 29)
        later = first.replace(year=first.year + self.years, day=28 if leap_day else first.day)
        return later if leap_day else later - timedelta(days=1)


class TitleIntegrity(BaseModel):
    """Parameters of a rule pack of the kind `title_integrity`; a reason that it does not name brings no bar.

    Source: MOHRSS Order 40 of 2019 and the measures on supervision of 2024; the years differ by region and time.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    bars: Annotated[tuple[Bar, ...], Label(_l("Bars on new applications"))] = Field(min_length=1)

    @model_validator(mode="after")
    def _once(self) -> "TitleIntegrity":
        if len({one.reason for one in self.bars}) != len(self.bars):
            raise ValueError(_l("names a reason twice"))
        return self

    def bar_for(self, reason: WithdrawalReason) -> Bar | None:
        """Return the bar that a withdrawal for a reason brings, None where it brings none."""
        return next((one for one in self.bars if one.reason is reason), None)


def integrity_sentences(params: TitleIntegrity) -> list[Text]:
    """Say an integrity rule in plain sentences."""
    return [
        _l(
            "Title withdrawn because “%(reason)s”: no title may be applied for during %(years)d years from then on.",
            reason=WITHDRAWAL_REASONS[one.reason],
            years=one.years,
        )
        for one in params.bars
    ]


def judge(params: TitleScheme, facts: Facts, on: date, binding: Binding) -> Verdict:
    """Judge an application under a scheme; once the committee has voted, its vote is a condition beside the others."""
    verdict = evaluating.judge(params.tree, facts, on, binding)
    if VOTE not in facts:
        return verdict
    outcome = Outcome.MET if facts[VOTE].value is True else Outcome.NOT_MET
    counts = {"approve": f"{facts[APPROVE].value}", "attending": f"{facts[ATTENDING].value}"}
    vote = Line("titles.vote", outcome, counts, evidence=facts[VOTE].source, rule=binding.pack)
    return replace(verdict, lines=(*verdict.lines, vote))


def is_barred(lines: tuple[Line, ...]) -> bool:
    """Tell whether an exclusion fits, so that the person may not apply at all."""
    return any(
        (one.reason == "criteria.exclusion" and one.outcome is Outcome.NOT_MET) or is_barred(one.lines) for one in lines
    )


def declared_names(tree: Node, catalogue: Catalogue) -> list[str]:
    """Return the facts of a tree that only the applicant can state, in the order of the catalogue."""
    asked = facts_named(tree)
    order = list(catalogue)
    stated = [name for name in asked if not catalogue[split(name)[0]].given]
    return sorted(stated, key=lambda name: order.index(split(name)[0]))


def purpose_of(level: Title, year: int) -> str:
    """Return what evidence is used for: once a level and year, and again in another year."""
    return f"titles.{level.value}.{year}"


def may_review(committee: Title, level: Title) -> bool:
    """Tell whether a committee of one level may review titles of another: its own and lower ones."""
    return RANK.index(committee) >= RANK.index(level)


def number_prefix(region_code: str, year: int) -> str:
    """Return what the numbers of a province and year begin with."""
    return f"ZC{region_code[:2]}{year}"


def title_number(region_code: str, year: int, serial: int) -> str:
    """Return the first number from a serial on: prefix, serial and a check character (ISO 7064 MOD 37-2).

    A serial whose check character would be the sign `*` is passed over.
    """
    while True:
        body = f"{number_prefix(region_code, year)}{serial:0{SERIAL_DIGITS}d}"
        check = check_value(body)
        if check < len(ALPHABET):
            return body + ALPHABET[check]
        serial += 1


def declared(values: Mapping[str, Fact]) -> dict[str, Fact]:
    """Return facts as the applicant declared them, marked as such."""
    return {name: replace(fact, source=DECLARED) for name, fact in values.items()}


class _Both:
    """A bilingual text that is chosen when it is shown."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en

    def __str__(self) -> str:
        return pick(self.zh, self.en)


class _Kinds:
    """The names of kinds of evidence, joined when they are shown."""

    def __init__(self, kinds: list[Kind]) -> None:
        self.kinds = kinds

    def __str__(self) -> str:
        return str(_l(", ")).join(str(KIND_LABELS[one]) for one in self.kinds)


def head_sentences(params: TitleScheme) -> list[Text]:
    """Say what a scheme is for, in plain sentences; its conditions are said by the rulebook."""
    return [
        _l(
            "%(series)s, %(level)s: %(title)s.",
            series=_Both(params.series_zh, params.series_en),
            level=TITLE_LABELS[params.level],
            title=_Both(params.title_zh, params.title_en),
        ),
        _l("Evidence that counts: %(kinds)s.", kinds=_Kinds(params.evidence)),
        _l("The result is public for at least %(days)s working days.", days=params.publicity_days),
    ]
