"""What an authority sets for committees, draws and rubrics; typed parameters of the rule packs."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.accounts.states import Kin
from app.core.errors import Text
from app.core.text import _l, pick
from app.panels.states import COMPOSITION_LABELS, TITLE_LABELS, Composition, Title
from app.rulebook.kinds import Label
from app.rulebook.verdicts import Line, Outcome, Verdict

REASONS: dict[str, Text] = {
    "odd": _l("The number of members is odd: %(size)s"),
    "size": _l("The committee has at least %(least)s members: %(size)s"),
    "chair": _l("Exactly one member is the chair"),
    "serving": _l("The term of every member is in force"),
}


class CommitteeSize(BaseModel):
    """The least number of experts of a committee of one level and composition."""

    model_config = ConfigDict(extra="forbid")

    level: Annotated[Title, Label(_l("Level of title"), words=TITLE_LABELS)]
    composition: Annotated[Composition, Label(_l("Composition"), words=COMPOSITION_LABELS)]
    least: Annotated[int, Label(_l("Fewest experts"), unit=_l("persons"))] = Field(ge=1, le=199)


class CommitteeRules(BaseModel):
    """Parameters of a rule pack of the kind `committee_rules`.

    Sizes, terms and filing follow MOHRSS Order 40 (2019); quorum and quotas are the authority's own.
    """

    model_config = ConfigDict(extra="forbid")

    sizes: Annotated[list[CommitteeSize], Label(_l("Sizes of committees"))] = Field(min_length=1)
    odd: Annotated[bool, Label(_l("The number of experts is odd"))]
    term_years: Annotated[int, Label(_l("Term of an expert at most"), unit=_l("years"))] = Field(ge=1, le=3)
    filing_years: Annotated[int, Label(_l("Filing of a committee holds at most"), unit=_l("years"))] = Field(ge=1, le=3)
    quorum_of: Annotated[int, Label(_l("Quorum: so many"))] = Field(ge=1, le=10)
    quorum_in: Annotated[int, Label(_l("Quorum: out of so many"))] = Field(ge=1, le=10)
    witnesses: Annotated[int, Label(_l("Fewest witnesses of a draw"), unit=_l("persons"))] = Field(ge=2, le=9)
    reveal_hours: Annotated[int, Label(_l("Secrets are revealed within"), unit=_l("hours"))] = Field(ge=1, le=720)
    per_unit: Annotated[int, Label(_l("At most of one unit on a panel"), unit=_l("persons"))] = Field(ge=1, le=50)
    regions: Annotated[int, Label(_l("A panel comes from at least so many regions"))] = Field(ge=1, le=34)
    bars_whole: Annotated[bool, Label(_l("Experts of the body above an organisation concerned do not judge"))] = True
    bars_parts: Annotated[bool, Label(_l("Experts of a part of an organisation concerned do not judge"))] = True
    bars_siblings: Annotated[
        bool,
        Label(
            _l("Experts of another part of the same whole do not judge"),
            _l("An authority is no such whole: bodies under it have nothing else in common."),
        ),
    ] = True

    @model_validator(mode="after")
    def _quorum_is_a_share(self) -> Self:
        if self.quorum_of > self.quorum_in:
            raise ValueError(_l("the quorum is more than all members"))
        return self

    def least(self, level: Title, composition: Composition) -> int:
        """Return the least size of a committee; 1 where the pack is silent."""
        sizes = (one.least for one in self.sizes if (one.level, one.composition) == (level, composition))
        return next(sizes, 1)

    def barred_kin(self) -> frozenset[Kin]:
        """Return which relations between organisations keep an expert from judging."""
        said = {Kin.WHOLE: self.bars_whole, Kin.PART: self.bars_parts, Kin.SIBLING: self.bars_siblings}
        return frozenset(kin for kin, bars in said.items() if bars)

    def quorum(self, members: int) -> int:
        """Return how many members must attend: the share, rounded up."""
        return -(-members * self.quorum_of // self.quorum_in)


def committee_sentences(rules: CommitteeRules) -> list[Text]:
    """Say the parameters in plain sentences."""
    sizes: list[Text] = [
        _l(
            "A committee for %(level)s, %(composition)s, has at least %(least)s experts.",
            level=TITLE_LABELS[one.level],
            composition=COMPOSITION_LABELS[one.composition],
            least=one.least,
        )
        for one in rules.sizes
    ]
    odd: list[Text] = [_l("The number of experts is odd.")] if rules.odd else []
    return [
        *sizes,
        *odd,
        _l("An expert serves at most %(years)s years before a new admission.", years=rules.term_years),
        _l("The filing of a committee holds at most %(years)s years.", years=rules.filing_years),
        _l("A meeting needs %(of)s of %(of_all)s of the members.", of=rules.quorum_of, of_all=rules.quorum_in),
        _l("A draw has at least %(count)s witnesses.", count=rules.witnesses),
        _l("A secret is revealed within %(hours)s hours, or the attempt is void.", hours=rules.reveal_hours),
        _l("A panel holds at most %(count)s experts of one unit.", count=rules.per_unit),
        _l(
            "A panel comes from at least %(count)s regions: provinces in a pool of the nation, cities in one of a "
            "province, counties in one of a city.",
            count=rules.regions,
        ),
        *(KIN_SENTENCES[kin] for kin in Kin if kin in rules.barred_kin()),
    ]


KIN_SENTENCES: dict[Kin, Text] = {
    Kin.WHOLE: _l("Who belongs to the body of which an organisation concerned is a part does not judge."),
    Kin.PART: _l("Who belongs to a part of an organisation concerned does not judge."),
    Kin.SIBLING: _l(
        "Who belongs to another part of the body above an organisation concerned does not judge, unless that body is "
        "an authority."
    ),
}


class Dimension(BaseModel):
    """One dimension of a rubric: whole or half points from 0 to `most`, counted with `weight`."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Label(_l("Short name of the dimension"), _l("Small letters, digits and underscores."))] = (
        Field(pattern=r"^[a-z][a-z0-9_]{1,30}$")
    )
    name_zh: Annotated[str, Label(_l("Name (Chinese)"))] = Field(min_length=1, max_length=60)
    name_en: Annotated[str, Label(_l("Name (English)"))] = Field(min_length=1, max_length=60)
    asks_zh: Annotated[str, Label(_l("What it asks (Chinese)"))] = Field(min_length=1, max_length=300)
    asks_en: Annotated[str, Label(_l("What it asks (English)"))] = Field(min_length=1, max_length=300)
    most: Annotated[Decimal, Label(_l("Most points"), unit=_l("points"))] = Field(gt=0, le=1000, decimal_places=2)
    weight: Annotated[Decimal, Label(_l("Weight"), _l("All weights together are 1."))] = Field(
        gt=0, le=1, decimal_places=6
    )


class Rubric(BaseModel):
    """Parameters of a rule pack of the kind `rubric`: what is scored, when a reason is due, how scores join.

    A reason is due for each score; with `reason_each` off only up to `low` and from `high` of the most.
    """

    model_config = ConfigDict(extra="forbid")

    purpose: Annotated[str, Label(_l("Used for"), _l("title for applications, inspection for bases."))] = Field(
        pattern=r"^[a-z][a-z_]{1,40}$"
    )
    dimensions: Annotated[list[Dimension], Label(_l("Dimensions"))] = Field(min_length=1, max_length=20)
    step: Annotated[Decimal, Label(_l("Points in steps of"), unit=_l("points"))] = Field(gt=0, le=10, decimal_places=2)
    low: Annotated[
        Decimal, Label(_l("Low scores: up to this share of the most"), _l("Only where not every score needs a reason."))
    ] = Field(ge=0, le=1, decimal_places=2)
    high: Annotated[
        Decimal, Label(_l("High scores: from this share of the most"), _l("Only where not every score needs a reason."))
    ] = Field(ge=0, le=1, decimal_places=2)
    reason_each: Annotated[bool, Label(_l("Every score needs a reason"))] = True
    reason_length: Annotated[int, Label(_l("Shortest reason"), unit=_l("characters"))] = Field(ge=1, le=500)
    trim_each_side: Annotated[
        int, Label(_l("Highest and lowest totals left out of the mean"), _l("0 leaves none out."))
    ] = Field(ge=0, le=5)
    outlier_over: Annotated[Decimal, Label(_l("Modified z-score over which a total is flagged"))] = Field(
        gt=0, le=100, decimal_places=2
    )

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if sum(one.weight for one in self.dimensions) != 1:
            raise ValueError(_l("the weights of the dimensions do not add up to 1"))
        if len({one.code for one in self.dimensions}) != len(self.dimensions):
            raise ValueError(_l("two dimensions share a code"))
        return self


def rubric_sentences(rubric: Rubric) -> list[Text]:
    """Say the parameters in plain sentences."""
    dimensions: list[Text] = [
        _l(
            "%(name)s: 0 to %(most)s points, weight %(weight)s.",
            name=pick(one.name_zh, one.name_en),
            most=f"{one.most:f}",
            weight=f"{one.weight:f}",
        )
        for one in rubric.dimensions
    ]
    return [
        *dimensions,
        _reasons(rubric),
        _l("The %(count)s highest and lowest totals of a case are left out of the mean.", count=rubric.trim_each_side),
        _l(
            "A total whose modified z-score is over %(limit)s is flagged (Iglewicz and Hoaglin 1993).",
            limit=f"{rubric.outlier_over:f}",
        ),
    ]


def _reasons(rubric: Rubric) -> Text:
    if rubric.reason_each:
        return _l("Every score needs a reason of %(length)s characters.", length=rubric.reason_length)
    return _l(
        "Scores up to %(low)s or from %(high)s of the most need a reason of %(length)s characters.",
        low=f"{rubric.low:f}",
        high=f"{rubric.high:f}",
        length=rubric.reason_length,
    )


def last_day(first: date, years: int) -> date:
    """Return the last day of a term of whole years."""
    month, day = (3, 1) if (first.month, first.day) == (2, 29) else (first.month, first.day)
    return date(first.year + years, month, day) - timedelta(days=1)


def committee_verdict(
    rules: CommitteeRules, *, level: Title, composition: Composition, size: int, chairs: int, serving: int, pack: str
) -> Verdict:
    """Return whether a committee may be filed, condition by condition."""
    least = rules.least(level, composition)
    lines = [
        Line("size", _outcome(size >= least), {"least": str(least), "size": str(size)}, rule=pack),
        Line("chair", _outcome(chairs == 1), rule=pack),
        Line("serving", _outcome(serving == size), evidence=f"{serving} / {size}", rule=pack),
    ]
    if rules.odd:
        lines.insert(0, Line("odd", _outcome(size % 2 == 1), {"size": str(size)}, rule=pack))
    return Verdict(tuple(lines), pack=pack)


def _outcome(met: bool) -> Outcome:  # noqa: FBT001 - one fact, one word
    return Outcome.MET if met else Outcome.NOT_MET
