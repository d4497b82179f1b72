"""What an authority sets for marking: void items, regrades, tolerance, calibration; part of the `exam` pack."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.assessment.exams.states import LowerPolicy, VoidPolicy
from app.core.errors import Text
from app.core.text import _l
from app.rulebook.kinds import Label

HUNDRED = 100


class MarkingRule(BaseModel):
    """How answers are marked. The values that stand where a pack is silent are samples of ours, no law."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    void_policy: Annotated[
        VoidPolicy,
        Label(
            _l("A void item"),
            _l("everybody: all get its points; out: it leaves the total; answered: who answered it gets them."),
        ),
    ] = VoidPolicy.EVERYBODY
    lower_policy: Annotated[
        LowerPolicy,
        Label(_l("A new marking that would lower a result"), _l("higher: the better one stays; lower: the new one.")),
    ] = LowerPolicy.HIGHER
    tolerance_share: Annotated[
        Decimal, Label(_l("Two marks agree within this share of the points"), _l("Such as 0.2 for a fifth."))
    ] = Field(default=Decimal("0.2"), ge=0, le=1)
    seeds: Annotated[int, Label(_l("Papers of known mark before live marking"))] = Field(default=3, ge=0, le=20)
    seeds_agreed: Annotated[int, Label(_l("Of these the marker must agree on"))] = Field(default=2, ge=0, le=20)
    seed_every: Annotated[int, Label(_l("One paper of known mark among so many"))] = Field(default=10, ge=2, le=100)

    @model_validator(mode="after")
    def _possible(self) -> "MarkingRule":
        if self.seeds_agreed > self.seeds:
            raise ValueError("seeds_agreed is above seeds")
        return self

    def tolerance(self, points: Decimal) -> Decimal:
        """Return how far two marks of an answer worth `points` may lie apart."""
        return points * self.tolerance_share


def sentences(rule: MarkingRule, level: Text) -> list[Text]:
    """Say the parameters of marking for one level in plain sentences."""
    void = {
        VoidPolicy.EVERYBODY: _l("Level %(level)s: every candidate gets the points of a void item.", level=level),
        VoidPolicy.OUT: _l(
            "Level %(level)s: a void item leaves the total, and the cut score keeps its share of it.", level=level
        ),
        VoidPolicy.ANSWERED: _l("Level %(level)s: who answered a void item gets its points.", level=level),
    }
    lower = {
        LowerPolicy.HIGHER: _l(
            "Level %(level)s: a new marking never lowers a result; the better one stays.", level=level
        ),
        LowerPolicy.LOWER: _l("Level %(level)s: a new marking counts even where it lowers a result.", level=level),
    }
    share = f"{(rule.tolerance_share * HUNDRED).normalize():f}"
    return [
        void[rule.void_policy],
        lower[rule.lower_policy],
        _l(
            "Level %(level)s: two markers mark each answer; within %(share)s %% of its points the mean counts, "
            "beyond it a third person decides.",
            level=level,
            share=share,
        ),
        _l(
            "Level %(level)s: a marker agrees on %(agreed)d of %(seeds)d papers of known mark before marking live "
            "answers; one in %(every)d stays such a paper.",
            level=level,
            agreed=rule.seeds_agreed,
            seeds=rule.seeds,
            every=rule.seed_every,
        ),
    ]
