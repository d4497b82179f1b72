"""Proxies (委托投票), where the rule pack lets an absent voter be represented by another voter who attends.

A proxy votes on what neither of the two is recused from. The vote stands under the voter's own name of the ballot; who
was represented is told, what was voted is not.
"""

from datetime import datetime

from sqlalchemy import select

from app.ballots import queries
from app.ballots.models import Ballot, BallotVoter
from app.ballots.services.subjects import subject, titles, url
from app.ballots.states import SERVE, BallotState
from app.cases.queries import restrictions
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import InvalidError
from app.core.text import _l
from app.desk import services as desk


def appoint_proxy(found: Ballot, proxy_id: int, *, by: Actor, at: datetime) -> None:
    """Let another voter (person id) vote for the acting one, who is absent.

    Raises ConflictError where the rules allow no proxies, the vote is over, or the voter attends or has voted,
    ForbiddenError where one of the two may not serve, InvalidError for a proxy who cannot vote for them.
    """
    standing, voter = _voter(found, by)
    proxy = _fit(standing, voter, proxy_id)
    restrictions.refuse_restricted_people(SERVE, [voter.person_id, proxy_id], on=day_of(at))
    if voter.proxy_id == proxy_id:
        return
    end_representation(standing, voter, by=by, at=at)
    voter.proxy_id = proxy_id
    session.flush()
    if not queries.questions_for(standing, voter):
        name = proxy.person.name
        raise InvalidError(
            _l("There is no question that both %(name)s and you may vote on. Choose somebody else.", name=name),
            field="proxy",
        )
    data = {"voter": by.person_code, "proxy": proxy.person.code}
    events.record("ballots.proxy", subject(standing), by=by, at=at, data=data)
    tell_proxy(standing, proxy_id, at=at)


def take_back_proxy(found: Ballot, *, by: Actor, at: datetime) -> None:
    """Let nobody vote for the acting voter any more; raises ConflictError as `appoint_proxy` does."""
    standing, voter = _voter(found, by)
    end_representation(standing, voter, by=by, at=at)


def _voter(found: Ballot, by: Actor) -> tuple[Ballot, BallotVoter]:
    """Return the ballot under lock and the acting voter; refuses where nothing of a proxy can change any more."""
    standing = queries.locked(found)
    voter = queries.own_seat(standing, by)
    refusal = queries.no_proxy_because(standing, voter)
    if refusal is not None:
        raise refusal
    return standing, voter


def _fit(standing: Ballot, voter: BallotVoter, proxy_id: int) -> BallotVoter:
    """Return the proxy as a voter; raises InvalidError for a stranger and for who is represented themselves."""
    query = select(BallotVoter).where(BallotVoter.ballot_id == standing.id, BallotVoter.person_id == proxy_id)
    proxy = session.scalar(query.execution_options(populate_existing=True))
    if proxy is None or proxy.id == voter.id:
        raise InvalidError(_l("Choose another voter of this ballot as the proxy."), field="proxy")
    if proxy.proxy_id is not None:
        name = proxy.person.name
        raise InvalidError(
            _l("%(name)s is absent and has a proxy already. Choose somebody who attends.", name=name), field="proxy"
        )
    return proxy


def end_representation(standing: Ballot, voter: BallotVoter, *, by: Actor | None, at: datetime) -> None:
    """Let nobody vote for a voter any more; nothing where nobody does."""
    before = voter.proxy_id
    if before is None:
        return
    voter.proxy_id = None
    session.flush()
    events.record("ballots.proxy_ended", subject(standing), by=by, at=at, data={"voter": voter.person.code})
    tell_proxy(standing, before, at=at)


def tell_proxy(standing: Ballot, person_id: int, *, at: datetime) -> None:
    """Let an open vote wait for who attends and was named as proxy, until they have voted for everybody."""
    if standing.state is BallotState.OPEN and queries.owes_as_proxy(standing, person_id):
        desk.open_todo(
            "ballots.vote_for",
            subject(standing),
            url=url(standing),
            at=at,
            person_id=person_id,
            params=titles(standing),
        )
    else:
        desk.close_todos(subject(standing), at=at, kind="ballots.vote_for", person_id=person_id)
