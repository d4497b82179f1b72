"""Applications that an office may put before drawn experts, and who among the experts must not judge them."""

from collections import defaultdict

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import Membership
from app.accounts.states import Role
from app.assessment.titles import queries
from app.assessment.titles.access import Permission
from app.assessment.titles.models import TitleApplication, TitleRound
from app.assessment.titles.states import ApplicationState, RoundState
from app.core.access import Actor
from app.core.db import session
from app.panels.models.pools import PoolExpert
from app.panels.services.draws import CaseGiven, Offered

MOST = 200
SERVING = (Role.EXPERT, Role.CHAIR)
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
    colleagues = _colleagues([one.person_id for one in waiting])
    return [_offered(one, colleagues[one.person_id]) for one in waiting]


def _offered(one: TitleApplication, colleagues: set[int]) -> Offered:
    name = one.person.name
    given = CaseGiven(queries.subject(one), f"{name} · {one.round.name_zh}", f"{name} · {one.round.name_en}")
    barred = dict.fromkeys(colleagues, "membership")
    return Offered(given, {**barred, one.person_id: "title_application.person"})


def _colleagues(people: list[int]) -> dict[int, set[int]]:
    """Return by applicant the experts of any pool who hold a role in an organisation of theirs.

    To serve as an expert of an authority is no employment there.
    """
    theirs, others = aliased(Membership), aliased(Membership)
    query = (
        select(theirs.person_id, others.person_id)
        .join(others, others.organisation_id == theirs.organisation_id)
        .join(PoolExpert, PoolExpert.person_id == others.person_id)
        .where(theirs.person_id.in_(people), theirs.organisation_id.is_not(None))
        .where(theirs.role.not_in(SERVING), others.role.not_in(SERVING))
        .distinct()
    )
    found: dict[int, set[int]] = defaultdict(set)
    for person, other in session.execute(query):
        found[person].add(other)
    return found
