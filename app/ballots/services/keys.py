"""The three trustees make the key: each joins, deals and confirms; a complaint or the chair starts it over."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.ballots import queries
from app.ballots.models import Ballot, BallotTrustee
from app.ballots.queries.counting import ceremony_of, lines_of, manifest_of
from app.ballots.rules.keys import check_deal, check_join, confirm_words, election_of, public_share
from app.ballots.rules.proofs import check_key
from app.ballots.services.subjects import subject, titles, url
from app.ballots.services.trustees import ask_trustees, refuse_restricted
from app.ballots.states import BALLOT, BallotState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, InvalidError
from app.core.text import _l
from app.desk import services as desk

Sent = Mapping[str, Any]


def _standing(found: Ballot, by: Actor, sent: Sent, *, at: datetime) -> tuple[Ballot, BallotTrustee]:
    """Return the ballot under lock and the acting trustee, who may serve; refuses what was made for another key."""
    standing = queries.locked(found)
    trustee = queries.trustee_of(standing, by)
    session.refresh(trustee)
    refuse_restricted(by, at=at)
    if standing.state is not BallotState.KEYS or sent.get("ceremony") != standing.ceremony:
        raise ConflictError(_l("The key is no longer being made, or was started over. Reload to see where it is."))
    return standing, trustee


def join(found: Ballot, *, sent: Sent, by: Actor, at: datetime) -> None:
    """Publish a trustee's exchange key; the same again changes nothing, another one is refused."""
    standing, trustee = _standing(found, by, sent, at=at)
    check_join(ceremony_of(standing), trustee.place, sent.get("exchange"), sent.get("proof"))
    if trustee.exchange == sent["exchange"]:
        return
    if trustee.exchange is not None:
        raise ConflictError(
            _l("You have taken part already with another key file. Use that file, or ask the chair to start over.")
        )
    trustee.exchange = sent["exchange"]
    trustee.exchange_proof = "".join(sent["proof"])
    session.flush()
    _told("joined", standing, trustee, by=by, at=at)


def deal(found: Ballot, *, sent: Sent, by: Actor, at: datetime) -> None:
    """Publish a trustee's commitments and the sealed shares for the other two, once all three have joined."""
    standing, trustee = _standing(found, by, sent, at=at)
    if any(one.exchange is None for one in standing.trustees):
        raise ConflictError(_l("The other trustees have not all joined yet. Come back when they have."))
    check_deal(ceremony_of(standing), trustee.place, sent)
    if trustee.dealt is not None:
        if trustee.dealt["commitments"] == sent["commitments"]:
            return
        raise ConflictError(
            _l("You have taken part already with another key file. Use that file, or ask the chair to start over.")
        )
    trustee.dealt = {key: sent[key] for key in ("commitments", "proof", "shares")}
    session.flush()
    _told("dealt", standing, trustee, by=by, at=at)


def confirm(found: Ballot, *, sent: Sent, by: Actor, at: datetime) -> None:
    """Record the proof that a trustee holds their complete share; the third proof completes the key."""
    standing, trustee = _standing(found, by, sent, at=at)
    if any(one.dealt is None for one in standing.trustees):
        raise ConflictError(_l("The other trustees have not all sent their shares yet. Come back when they have."))
    election = election_of(manifest_of(standing))
    held = public_share(trustee.place, lines_of(standing))
    check_key("confirm", confirm_words(election.fingerprint, trustee.place), held, sent.get("proof"))
    if trustee.confirm_proof is not None:
        return
    trustee.confirm_proof = "".join(sent["proof"])
    session.flush()
    _told("confirmed", standing, trustee, by=by, at=at)
    if all(one.confirm_proof is not None for one in standing.trustees):
        BALLOT.move(standing, "key", key=election.key.text, fingerprint=election.fingerprint)
        session.flush()
        data = {"fingerprint": election.fingerprint, "key": election.key.text}
        events.record("ballots.keyed", subject(standing), by=None, at=at, data=data)
        desk.close_todos(subject(standing), at=at, kind="ballots.restart")
        desk.open_todo(
            "ballots.open",
            subject(standing),
            url=url(standing),
            at=at,
            person_id=standing.chair_id,
            params=titles(standing),
        )
    ask_trustees(standing, at=at)


def complain(found: Ballot, *, sent: Sent, by: Actor, at: datetime) -> None:
    """Record that a share did not fit what its dealer committed to; the key cannot be completed after that."""
    standing, trustee = _standing(found, by, sent, at=at)
    against = sent.get("against")
    others = {one.place for one in standing.trustees} - {trustee.place}
    if not isinstance(against, list) or not against or not set(against) <= others:
        raise InvalidError(_l("Name the trustees whose shares do not fit."), field="against")
    trustee.complaint = sorted(against)
    session.flush()
    data = {"place": trustee.place, "against": sorted(against)}
    events.record("ballots.complained", subject(standing), by=by, at=at, data=data)
    desk.open_todo(
        "ballots.restart",
        subject(standing),
        url=url(standing),
        at=at,
        person_id=standing.chair_id,
        params=titles(standing),
    )


def restart(found: Ballot, *, by: Actor, at: datetime) -> None:
    """Throw away what the trustees published and let them make the key again; never once a vote was opened."""
    standing = queries.locked(found)
    refuse_restricted(by, at=at)
    BALLOT.move(standing, "restart", ceremony=standing.ceremony + 1, key=None, fingerprint=None)
    for one in standing.trustees:
        session.refresh(one)
        one.exchange = one.exchange_proof = one.dealt = one.confirm_proof = one.complaint = None
    session.flush()
    desk.close_todos(subject(standing), at=at)
    events.record("ballots.restarted", subject(standing), by=by, at=at, data={"ceremony": standing.ceremony})
    ask_trustees(standing, at=at)


def _told(act: str, standing: Ballot, trustee: BallotTrustee, *, by: Actor, at: datetime) -> None:
    events.record(f"ballots.trustee_{act}", subject(standing), by=by, at=at, data={"place": trustee.place})
