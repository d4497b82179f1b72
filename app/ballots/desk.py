"""What the ballots room puts on desks: to-dos that follow from the states of its records, and notices to voters."""

from collections.abc import Iterator

from sqlalchemy import and_, or_, select

from app.accounts.models import Person
from app.ballots.models import Ballot, BallotTrustee, BallotVote, BallotVoter
from app.ballots.queries import held_up, proxies_owed
from app.ballots.states import BallotState
from app.core.db import session
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk.kinds import Expected, NoticeKind, Told


def expected() -> set[Expected]:
    """Return the to-dos that follow from the states of ballots, of their trustees and of who has voted."""
    return {*_chairs(), *_trustees(), *_held_up(), *_voters(), *_proxies()}


def _chairs() -> Iterator[Expected]:
    """A complete key waits to be used, one with a complaint to be made again."""
    query = (
        select(Ballot.code, Ballot.chair_id, Ballot.state, BallotTrustee.complaint)
        .join(BallotTrustee, BallotTrustee.ballot_id == Ballot.id)
        .where(Ballot.state.in_([BallotState.KEYS, BallotState.READY]))
    )
    for code, chair_id, state, complaint in session.execute(query):
        if state is BallotState.READY:
            yield Expected("ballots.open", Subject("ballot", code), person_id=chair_id)
        elif complaint:
            yield Expected("ballots.restart", Subject("ballot", code), person_id=chair_id)


def _trustees() -> Iterator[Expected]:
    """A trustee who may act owes a part of the key while it is made, of the tally once the vote is closed."""
    query = (
        select(Ballot.code, Ballot.state, BallotTrustee.person_id)
        .join(Ballot, Ballot.id == BallotTrustee.ballot_id)
        .where(
            ~BallotTrustee.barred,
            or_(
                and_(Ballot.state == BallotState.KEYS, BallotTrustee.confirm_proof.is_(None)),
                and_(Ballot.state == BallotState.CLOSED, BallotTrustee.opened_at.is_(None)),
            ),
        )
    )
    for code, state, person_id in session.execute(query):
        kind = "ballots.key" if state is BallotState.KEYS else "ballots.tally"
        yield Expected(kind, Subject("ballot", code), person_id=person_id)


def _held_up() -> Iterator[Expected]:
    """A ballot that cannot go on for want of trustees waits for whoever called it."""
    barred = select(BallotTrustee.ballot_id).where(BallotTrustee.barred)
    for found in session.scalars(select(Ballot).where(Ballot.id.in_(barred), Ballot.called_by_id.is_not(None))):
        if held_up(found):
            yield Expected("ballots.held_up", Subject("ballot", found.code), person_id=found.called_by_id)


def _voters() -> Iterator[Expected]:
    """An open vote waits for who attends, may vote on something and has not voted."""
    voted = select(BallotVote.id).where(BallotVote.voter_id == BallotVoter.id)
    query = (
        select(Ballot.code, BallotVoter.person_id)
        .join(Ballot, Ballot.id == BallotVoter.ballot_id)
        .where(
            Ballot.state == BallotState.OPEN,
            BallotVoter.attending,
            BallotVoter.open_questions > 0,
            ~voted.exists(),
        )
    )
    for code, person_id in session.execute(query):
        yield Expected("ballots.vote", Subject("ballot", code), person_id=person_id)


def _proxies() -> Iterator[Expected]:
    """An open vote waits for who attends and has not yet voted for everybody who named them."""
    for code, person_id in session.execute(proxies_owed(Ballot.state == BallotState.OPEN)):
        yield Expected("ballots.vote_for", Subject("ballot", code), person_id=person_id)


def _voting(happened: Event) -> list[Told]:
    """Return who attends and may vote on something; who is recused from every question hears nothing."""
    query = (
        select(BallotVoter.person_id, Ballot.title_zh, Ballot.title_en)
        .join(Ballot, Ballot.id == BallotVoter.ballot_id)
        .where(Ballot.code == happened.subject_code, BallotVoter.attending, BallotVoter.open_questions > 0)
    )
    url = f"/ballots/{happened.subject_code}"
    rows = session.execute(query)
    return [Told(person_id, url, {"ballot_zh": zh, "ballot_en": en}) for person_id, zh, en in rows]


def _named(happened: Event) -> list[Told]:
    """Return the proxy who was named."""
    query = (
        select(Person.id, Ballot.title_zh, Ballot.title_en)
        .join(BallotVoter, BallotVoter.proxy_id == Person.id)
        .join(Ballot, Ballot.id == BallotVoter.ballot_id)
        .where(Ballot.code == happened.subject_code, Person.code == happened.data["proxy"])
    )
    url = f"/ballots/{happened.subject_code}"
    rows = session.execute(query.distinct())
    return [Told(person_id, url, {"ballot_zh": zh, "ballot_en": en}) for person_id, zh, en in rows]


SENTENCES = {
    "ballots.opened": (_l("A vote is open"), _l("The vote is open: %(ballot)s.")),
    "ballots.called_off": (_l("A vote was called off"), _l("The vote was called off: %(ballot)s. Read the reason.")),
}
NOTICES = (
    *(
        NoticeKind(event, event, label=label, sentence=sentence, told=_voting, mail=True)
        for event, (label, sentence) in SENTENCES.items()
    ),
    NoticeKind(
        "ballots.proxy",
        "ballots.proxy",
        label=_l("Somebody named you as proxy"),
        sentence=_l("A voter who is absent named you as proxy: %(ballot)s. Vote for them on its page."),
        told=_named,
        mail=True,
    ),
)
