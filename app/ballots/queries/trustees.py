"""Trustees of ballots: which of them a restriction keeps from acting, and who may end a ballot that cannot go on."""

from sqlalchemy import select

from app.accounts.states import Role
from app.ballots.access import Permission
from app.ballots.models import Ballot, BallotTrustee
from app.ballots.queries.records import may_conduct, watches
from app.ballots.rules import trustees
from app.ballots.rules.trustees import Keeper
from app.ballots.states import SERVE
from app.cases.models import Restriction
from app.cases.queries import restrictions
from app.core.access import Actor
from app.core.clock import today
from app.core.db import session


def keeper_of(one: BallotTrustee) -> Keeper:
    """Return a trustee as the rules read them."""
    return Keeper(one.place, one.barred, one.confirm_proof is not None, one.opened_at is not None)


def held_up(found: Ballot) -> bool:
    """Tell whether a ballot cannot go on because trustees may not serve as experts."""
    return trustees.held_up(found.state, [keeper_of(one) for one in found.trustees])


def barred_from(found: Ballot, actor: Actor) -> Restriction | None:
    """Return the restriction that keeps the actor from acting as trustee or chair of a ballot, None without one."""
    if not any(one.barred for one in found.trustees if one.person_id == actor.person_id):
        return None
    return next(iter(restrictions.in_force(SERVE, person_id=actor.person_id, on=today())), None)


def may_call_off(found: Ballot, actor: Actor) -> bool:
    """Tell whether the actor may end a ballot: its chair, and its office once it cannot go on."""
    if not actor.may(Permission.CALL_OFF):
        return False
    return may_conduct(found, actor) or (actor.role == Role.SECRETARY and held_up(found) and _of_office(found, actor))


def _of_office(found: Ballot, actor: Actor) -> bool:
    return session.scalar(select(Ballot.id).where(Ballot.id == found.id, watches(actor))) is not None
