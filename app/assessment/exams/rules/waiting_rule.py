"""What an authority sets for the waiting list of a full session: whether there is one, its order, days to answer."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import Text
from app.core.text import _l
from app.rulebook.kinds import Label


class WaitingOrder(StrEnum):
    """Who comes first: who applied first, or who never sat an exam of the level before who did."""

    TIME = "time"
    FIRST_SITTING = "first_sitting"


class WaitingRule(BaseModel):
    """How a full session is waited for. The values that stand where a pack is silent are samples of ours, no law."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kept: Annotated[bool, Label(_l("A full session takes a waiting list"))] = True
    order: Annotated[
        WaitingOrder,
        Label(
            _l("Order of the waiting list"),
            _l("time: who applied first; first_sitting: who never sat an exam of the level before who did."),
        ),
    ] = WaitingOrder.TIME
    answer_days: Annotated[
        int, Label(_l("A seat that is offered is kept for"), _l("Working days after the offer."), unit=_l("days"))
    ] = Field(default=2, ge=1, le=10)

    def rank(self, *, sat_before: bool) -> int:
        """Return the rank of an applicant: lower comes first, the time of application decides among equals."""
        return int(sat_before and self.order is WaitingOrder.FIRST_SITTING)


def sentences(rule: WaitingRule, level: Text) -> list[Text]:
    """Say the parameters in plain sentences."""
    if not rule.kept:
        return [_l("Level %(level)s: a full session takes no waiting list.", level=level)]
    order = {
        WaitingOrder.TIME: _l(
            "Level %(level)s: a full session takes a waiting list in the order of application.", level=level
        ),
        WaitingOrder.FIRST_SITTING: _l(
            "Level %(level)s: on the waiting list who never sat an exam of the level comes first, then who applied "
            "first.",
            level=level,
        ),
    }
    days = _l(
        "Level %(level)s: a free seat is offered to the next for %(days)d working days.",
        level=level,
        days=rule.answer_days,
    )
    return [order[rule.order], days]
