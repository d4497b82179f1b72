"""Applications that an office may put before drawn experts, and who among the experts must not judge them."""

from sqlalchemy.orm import joinedload

from app.assessment.titles import conflicts, queries
from app.assessment.titles.access import Permission
from app.assessment.titles.models import TitleApplication, TitleRound
from app.assessment.titles.states import ApplicationState, RoundState
from app.core.access import Actor
from app.core.db import session
from app.panels.services.draws import CaseGiven, Known, Offered
from app.panels.states import Conflict

MOST = 200
BEFORE_THE_VOTE = (RoundState.OPEN, RoundState.REVIEW)


def offered(actor: Actor) -> list[Offered]:
    """Return the accepted applications of the actor's office before their vote, at most 200: two statements."""
    if not actor.may(Permission.ORGANISE):
        return []
    query = (
        queries.visible(actor)
        .where(TitleApplication.state == ApplicationState.ACCEPTED, TitleRound.state.in_(BEFORE_THE_VOTE))
        .options(joinedload(TitleApplication.round), joinedload(TitleApplication.person))
        .order_by(TitleApplication.id)
        .limit(MOST)
    )
    waiting = list(session.scalars(query))
    known = conflicts.against([one.person_id for one in waiting])
    return [_offered(one, known[one.person_id]) for one in waiting]


def _offered(one: TitleApplication, known: list[Known]) -> Offered:
    name = one.person.name
    given = CaseGiven(queries.subject(one), f"{name} · {one.round.name_zh}", f"{name} · {one.round.name_en}")
    return Offered(given, [*known, (one.person_id, Conflict.UNIT, "title_application.person")])
