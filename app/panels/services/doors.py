"""What is asked wherever an office sets experts to work together."""

from collections.abc import Iterable
from datetime import date

from app.ballots.states import SERVE
from app.cases.queries import restrictions
from app.panels.models.pools import PoolExpert


def refuse_restricted(experts: Iterable[PoolExpert], *, on: date) -> None:
    """Raise ForbiddenError that names every expert who may not serve on a day, each with the decision behind it."""
    restrictions.refuse_restricted_people(SERVE, [one.person_id for one in experts], on=on)
