"""The other party of a deal confirms or disputes it through a link that is sent once, opens once and runs out."""

from datetime import datetime, timedelta

from sqlalchemy import update

from app.accounts.models import Person
from app.accounts.queries import EMAIL
from app.accounts.rules.contacts import clean_email
from app.accounts.states import Role
from app.core import events
from app.core.access import Actor
from app.core.crypto import blind_indexes, digest_token, new_token, seal, unseal, unwrap_key
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError, TooManyError
from app.core.text import _l
from app.desk import services as desk
from app.evidence.access import handles
from app.evidence.models import CounterpartyRequest, Evidence
from app.evidence.queries import counterparty as queries
from app.evidence.services.subjects import checks_in_force, of_evidence
from app.evidence.services.verdicts import refresh
from app.evidence.states import EVIDENCE, OPEN, Answer, State

ADDRESS = "counterparty.email"
TOKEN = "counterparty.token"  # noqa: S105 - what a sealed field is for


def ask(evidence: Evidence, *, party: str, email: str, by: Actor, at: datetime, real: datetime) -> CounterpartyRequest:
    """Send a link to one party of a declared record; an earlier open link ends.

    `at` is domain time, `real` security time. Raises InvalidError for the fields `party` and `email`,
    ForbiddenError for anyone who does not handle the record, TooManyError where today's links are sent.
    """
    _check_asks(evidence, by)
    params, pack = checks_in_force(evidence.region_code, at)
    if party not in queries.parties(evidence):
        raise InvalidError(_l("Choose one of the parties that the record names."), field="party")
    if queries.sent_lately(evidence.id, real) >= params.links_a_day:
        raise TooManyError(
            _l("%(count)s links were sent within 24 hours. Send the next one tomorrow.", count=params.links_a_day)
        )
    address = clean_email(email)
    _check_another_person(evidence, address, by)
    end_links(evidence, real)
    token = new_token()
    key = _key(evidence)
    request = CounterpartyRequest(
        evidence_id=evidence.id,
        token=digest_token(token),
        party=party,
        email_sealed=seal(key, address, ADDRESS),
        token_sealed=seal(key, token, TOKEN),
        asked_by_id=by.person_id,
        sent_at=real,
        expires_at=real + timedelta(days=params.link_open_days),
    )
    session.add(request)
    session.flush()
    data = {"request": request.code}
    events.record("evidence.counterparty_asked", of_evidence(evidence), by=by, at=at, data=data, rule=pack.code)
    return request


def _check_asks(evidence: Evidence, by: Actor) -> None:
    if not handles(by, evidence):
        raise ForbiddenError(_l("The person whom the record is about asks its counterparty, or whoever entered it."))
    if evidence.state not in OPEN:
        raise ConflictError(_l("A counterparty is asked while the record waits for its check."))


def _check_another_person(evidence: Evidence, address: str, by: Actor) -> None:
    """Refuse an address that belongs to the person themselves or to who asks: that is no other party."""
    indexes = blind_indexes(address, EMAIL)
    for person_id in {evidence.person_id, evidence.entered_by_id, by.person_id}:
        if session.get_one(Person, person_id).email_index in indexes:
            raise InvalidError(_l("This is your own address. Give one of the counterparty."), field="email")


def _key(evidence: Evidence) -> bytes:
    key = session.get_one(Person, evidence.person_id).data_key
    if key is None:
        raise ConflictError(_l("The personal data of this person was erased."))
    return unwrap_key(key)


def end_links(evidence: Evidence, real: datetime) -> None:
    """Let the open links about a record end; their addresses go."""
    session.execute(
        update(CounterpartyRequest)
        .where(
            CounterpartyRequest.evidence_id == evidence.id,
            CounterpartyRequest.answered_at.is_(None),
            CounterpartyRequest.ended_at.is_(None),
        )
        .values(ended_at=real, email_sealed=None, token_sealed=None)
    )


def letter_of(request: CounterpartyRequest, evidence: Evidence) -> tuple[str, str] | None:
    """Return address and token of a link that was not mailed yet, None where it was or has ended."""
    if request.email_sealed is None or request.token_sealed is None:
        return None
    key = _key(evidence)
    return unseal(key, request.email_sealed, ADDRESS), unseal(key, request.token_sealed, TOKEN)


def mailed(request: CounterpartyRequest, *, real: datetime) -> None:
    """Note that the letter went; nobody here can read its link any more."""
    request.token_sealed = None
    request.mailed_at = real
    session.flush()


def answer(asked: queries.Asked, *, said: Answer, reason: str, at: datetime, real: datetime) -> None:
    """Let the counterparty confirm or dispute a record, once; a dispute needs its reason.

    Raises InvalidError for the field `reason`, ConflictError where the link was answered meanwhile.
    """
    request, evidence = asked
    if said is Answer.DISPUTED and not reason.strip():
        raise InvalidError(_l("Say what is not right, so that it can be looked into."), field="reason")
    spent = session.execute(
        update(CounterpartyRequest)
        .where(CounterpartyRequest.id == request.id, CounterpartyRequest.answered_at.is_(None))
        .values(answered_at=real, answer=said, reason=reason.strip() or None, email_sealed=None, token_sealed=None)
        .returning(CounterpartyRequest.id)
    ).first()
    if spent is None:
        raise ConflictError(_l("This link was answered already. Thank you."))
    kind = "evidence.counterparty_confirmed" if said is Answer.CONFIRMED else "evidence.counterparty_disputed"
    events.record(kind, of_evidence(evidence), by=None, at=at, data={"request": request.code})
    if said is Answer.CONFIRMED:
        _confirm(evidence, at)
    else:
        _dispute(evidence, at)
    refresh(evidence, at=at)


def _confirm(evidence: Evidence, at: datetime) -> None:
    if evidence.state is State.DECLARED and evidence.accepted_at is not None:
        EVIDENCE.move(evidence, "confirm", confirmed_at=at)
        session.flush()


def _dispute(evidence: Evidence, at: datetime) -> None:
    evidence.disputed_at = at
    session.flush()
    desk.open_todo(
        "evidence.disputed",
        of_evidence(evidence),
        url=f"/evidence/{evidence.code}",
        at=at,
        role=Role.CREDIT,
        region_code=evidence.region_code,
        params={"title": evidence.title},
    )
