"""Cases that the rooms above let an office put before drawn experts."""

from collections.abc import Sequence
from datetime import datetime

from app.core.access import Actor
from app.core.errors import InvalidError
from app.core.room import rooms
from app.core.text import _l
from app.panels.models.draws import Panel
from app.panels.models.pools import ExpertPool
from app.panels.services.draws import Offered, Plan, plan_panel


def offered(actor: Actor) -> list[Offered]:
    """Return the cases that the actor's office may put before drawn experts, as the rooms give them."""
    return [one for room in rooms() for give in room.panel_cases for one in give(actor)]


def plan(pool: ExpertPool, wanted: Plan, chosen: Sequence[str], *, by: Actor, at: datetime) -> Panel:
    """Plan a panel for chosen cases among those offered; who is known to have a conflict is recused at once.

    Raises InvalidError naming the field, among others where a case is no longer offered.
    """
    known = {one.code: one for one in offered(by)}
    if not set(chosen) <= set(known):
        raise InvalidError(_l("One of these cases no longer waits for experts. Choose again."), field="cases")
    cases = [known[code] for code in dict.fromkeys(chosen)]
    return plan_panel(
        pool,
        wanted,
        cases=[one.given for one in cases],
        conflicts=[conflict for one in cases for conflict in one.conflicts],
        by=by,
        at=at,
    )
