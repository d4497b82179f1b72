"""What is asked wherever an office sets experts to work together."""

from collections.abc import Iterable
from datetime import date

from app.ballots.states import SERVE
from app.cases.queries import restrictions
from app.core.errors import ForbiddenError
from app.core.text import _l
from app.panels.models.pools import PoolExpert

ENDED = _l(
    "You are suspended from the expert pool, or your term does not hold on this day. The office can nominate you "
    "again, and the authority admits you or ends the suspension."
)


def refuse_ended(expert: PoolExpert, *, on: date) -> None:
    """Raise ForbiddenError for an expert who is suspended or whose term does not hold on a day."""
    if not expert.serves_on(on):
        raise ForbiddenError(ENDED, code="ended")


def refuse_all_ended(experts: Iterable[PoolExpert], *, on: date) -> None:
    """Raise ForbiddenError that names every expert who is suspended or whose term does not hold on a day."""
    ended = [one.person.name for one in experts if not one.serves_on(on)]
    if ended:
        raise ForbiddenError(
            _l(
                "Suspended, or without a term that holds on this day: %(names)s. Recuse them from the cases, so that "
                "substitutes take their seats.",
                names=", ".join(ended),
            ),
            code="ended",
        )


def may_serve(expert: PoolExpert, *, on: date) -> bool:
    """Tell whether an expert may take a seat on a day: not suspended, in their term, and not restricted."""
    return expert.serves_on(on) and not restrictions.in_force(SERVE, person_id=expert.person_id, on=on)


def refuse_restricted(experts: Iterable[PoolExpert], *, on: date) -> None:
    """Raise ForbiddenError that names every expert who may not serve on a day, each with the decision behind it."""
    restrictions.refuse_restricted_people(SERVE, [one.person_id for one in experts], on=on)
