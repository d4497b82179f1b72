"""The parameters of the rule kind `exam_statistics`: when figures flag an item, a person, a pair; and how they read."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.assessment.exams.statistics_states import Control, Model
from app.core.errors import Text
from app.core.text import _l
from app.rulebook.kinds import Label

KIND = "exam_statistics"
Share = Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)]


class StatisticsRule(BaseModel):
    """The parameters of a pack of kind `exam_statistics`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    facility_low: Annotated[Share, Label(_l("Facility below which an item is flagged as hard"))]
    facility_high: Annotated[Share, Label(_l("Facility above which an item is flagged as easy"))]
    rest_low: Annotated[Share, Label(_l("Corrected point-biserial below which an item is flagged"))]
    option_least: Annotated[Share, Label(_l("Share below which a wrong option is flagged as unused"))]
    least_persons: Annotated[int, Label(_l("Fewest sittings to flag items on"), unit=_l("sittings"))] = Field(ge=2)
    least_rasch: Annotated[int, Label(_l("Fewest sittings for the Rasch model"), unit=_l("sittings"))] = Field(ge=10)
    least_2pl: Annotated[int, Label(_l("Fewest sittings for the 2PL model"), unit=_l("sittings"))] = Field(ge=50)
    least_group: Annotated[int, Label(_l("Fewest persons of a group that is compared"), unit=_l("persons"))] = Field(
        ge=5
    )
    person_fit: Annotated[
        Decimal,
        Label(_l("Person fit (lz) at or below which a sitting is shown"), _l("A negative number such as -2.")),
    ] = Field(lt=0, ge=-10, decimal_places=2)
    similarity_level: Annotated[
        Decimal, Label(_l("Level of the similarity indices after adjustment"), _l("Such as 0.01 for one in a hundred."))
    ] = Field(gt=0, le=Decimal("0.1"), decimal_places=6)
    similarity_needed: Annotated[int, Label(_l("Indices that must agree before a pair is listed"))] = Field(ge=1, le=3)
    similarity_control: Annotated[Control, Label(_l("How many comparisons are allowed for"))]
    experts: Annotated[int, Label(_l("Experts who must agree on a pair"), unit=_l("persons"))] = Field(ge=2, le=9)

    @model_validator(mode="after")
    def _ordered(self) -> "StatisticsRule":
        if self.facility_low >= self.facility_high:
            raise ValueError("facility_low is not below facility_high")
        if self.least_rasch > self.least_2pl:
            raise ValueError("least_rasch is above least_2pl")
        return self

    def model_for(self, persons: int) -> Model:
        """Return the richest model that so many sittings carry."""
        if persons >= self.least_2pl:
            return Model.TWO
        return Model.RASCH if persons >= self.least_rasch else Model.CTT


def sentences(rule: StatisticsRule) -> list[Text]:
    """Say the parameters in plain sentences."""
    return [
        _l(
            "From %(persons)d sittings on, an item is flagged where fewer than %(low)s or more than %(high)s answer it "
            "rightly, its corrected point-biserial is below %(rest)s, fewer than %(option)s choose a wrong option, or "
            "it favours a group strongly (class C).",
            persons=rule.least_persons,
            low=rule.facility_low,
            high=rule.facility_high,
            rest=rule.rest_low,
            option=rule.option_least,
        ),
        _l(
            "The Rasch model is fitted from %(rasch)d sittings on, the 2PL model from %(two)d.",
            rasch=rule.least_rasch,
            two=rule.least_2pl,
        ),
        _l("Groups of at least %(group)d persons are compared.", group=rule.least_group),
        _l("A sitting whose person fit lz is at most %(lz)s is shown, as evidence only.", lz=rule.person_fit),
        _l(
            "A pair of sittings is listed where at least %(needed)d of three similarity indices stay at or below "
            "%(level)s after adjustment (%(control)s).",
            needed=rule.similarity_needed,
            level=rule.similarity_level,
            control=rule.similarity_control.value,
        ),
        _l("A listed pair is decided when %(experts)d experts agree.", experts=rule.experts),
    ]
