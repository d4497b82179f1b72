"""When a ballot can go on although some of its trustees may not serve as experts."""

import pytest

from app.ballots.rules import keys
from app.ballots.rules.group import GENERATOR, ORDER, RefusedError
from app.ballots.rules.trustees import Keeper, held_up
from app.ballots.states import BallotState

pytestmark = pytest.mark.one_database

KEYS, READY, OPEN, CLOSED = BallotState.KEYS, BallotState.READY, BallotState.OPEN, BallotState.CLOSED


def keepers(*barred: int, confirmed: tuple[int, ...] = (), opened: tuple[int, ...] = ()) -> list[Keeper]:
    return [Keeper(place, place in barred, place in confirmed, place in opened) for place in (1, 2, 3)]


@pytest.mark.parametrize(
    ("state", "held", "those"),
    [
        (CLOSED, False, keepers()),
        # two of three open the tally, whoever is missing
        (CLOSED, False, keepers(1)),
        (CLOSED, False, keepers(3)),
        (CLOSED, True, keepers(1, 2)),
        (CLOSED, True, keepers(1, 2, 3)),
        # a part that was handed in counts
        (CLOSED, False, keepers(1, 2, opened=(1,))),
        (CLOSED, True, keepers(1, 2, 3, opened=(1,))),
        # the key needs all three, unless the part is made
        (KEYS, False, keepers()),
        (KEYS, True, keepers(2)),
        (KEYS, False, keepers(2, confirmed=(2,))),
        # nobody but the chair opens and closes the vote
        (KEYS, True, keepers(1, confirmed=(1,))),
        (READY, True, keepers(1)),
        (OPEN, True, keepers(1)),
        (OPEN, False, keepers(2)),
        (READY, True, keepers(2, 3)),
        # over
        (BallotState.DECIDED, False, keepers(1, 2, 3)),
        (BallotState.CALLED_OFF, False, keepers(1, 2, 3)),
    ],
)
def test_a_ballot_is_held_up_where_nobody_can_take_its_next_step(
    state: BallotState, held: bool, those: list[Keeper]
) -> None:
    assert held_up(state, those) is held


def test_trustees_whose_parts_cancel_out_make_no_key() -> None:
    """Else everybody could read the votes: the key would be that of the secret nought."""
    lines = [[GENERATOR * 5, GENERATOR], [GENERATOR * (ORDER - 5), GENERATOR * (ORDER - 1)]]

    with pytest.raises(RefusedError, match="identity"):
        keys.public_key(lines)
    with pytest.raises(RefusedError, match="identity"):
        keys.public_share(1, lines)
