"""Whether a ballot can go on although some of its trustees may not serve as experts; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.ballots.rules.keys import THRESHOLD
from app.ballots.states import BallotState

CHAIR = 1


@dataclass(frozen=True, slots=True)
class Keeper:
    """A trustee: the place, whether a restriction keeps them from acting, and which of their acts are done."""

    place: int
    barred: bool
    confirmed: bool
    opened: bool

    @property
    def owes(self) -> bool:
        """Tell whether the key waits for an act that this trustee may not do."""
        return self.barred and not self.confirmed

    @property
    def opens(self) -> bool:
        """Tell whether the tally has this trustee's part or may still get it."""
        return self.opened or not self.barred


def held_up(state: BallotState, keepers: Sequence[Keeper]) -> bool:
    """Tell whether a ballot cannot go on: nobody conducts it, the key stays unmade, or too few may open the tally."""
    unconducted = any(one.barred for one in keepers if one.place == CHAIR)
    unopened = sum(one.opens for one in keepers) < THRESHOLD
    unmade = any(one.owes for one in keepers)
    return {
        BallotState.KEYS: unconducted or unmade,
        BallotState.READY: unconducted or unopened,
        BallotState.OPEN: unconducted or unopened,
        BallotState.CLOSED: unopened,
    }.get(state, False)
