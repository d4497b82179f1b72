"""Reads of links to counterparties."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from app.core.crypto import digest_token
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.evidence.models import CounterpartyRequest, Evidence
from app.evidence.rules.fields import FIELDS, Field
from app.evidence.states import LIVE, Kind

DAY = timedelta(days=1)
PARTY_FIELDS = {
    Kind.CONTRACT: ("buyer_name", "seller_name", "agent_name"),
    Kind.INVOICE: ("buyer_name", "seller_name"),
    Kind.RECEIPT: ("payer_name", "payee_name"),
    Kind.SERVICE: ("client_name",),
    Kind.TRAINING: ("organiser",),
}
"""The fields that name another party, who can be asked."""
CONCERNS = {
    Kind.CONTRACT: (
        "title",
        "number",
        "type",
        "seller_name",
        "buyer_name",
        "agent_name",
        "amount",
        "signed_on",
        "role",
    ),
    Kind.INVOICE: ("number", "buyer_name", "seller_name", "amount", "issued_on"),
    Kind.RECEIPT: ("reference", "payer_name", "payee_name", "amount", "paid_on"),
    Kind.SERVICE: ("title", "type", "client_name", "started_on", "ended_on"),
    Kind.TRAINING: ("title", "cohort", "organiser", "hours", "given_on"),
}
"""What the other party sees: the deal as it was theirs, nothing of shares, files or other papers."""


class Asked(NamedTuple):
    """An open link and the record it is about, with its person."""

    request: CounterpartyRequest
    evidence: Evidence


def open_request(token: str, at: datetime) -> Asked:
    """Return what an open link is about; `at` is security time. Raises NotFoundError where it opens nothing."""
    query = (
        select(CounterpartyRequest, Evidence)
        .join(Evidence, Evidence.id == CounterpartyRequest.evidence_id)
        .join(Evidence.person)
        .options(contains_eager(Evidence.person))
        .where(
            CounterpartyRequest.token == digest_token(token),
            CounterpartyRequest.answered_at.is_(None),
            CounterpartyRequest.ended_at.is_(None),
            CounterpartyRequest.expires_at > at,
            Evidence.state.in_(LIVE),
        )
    )
    found = session.execute(query).first()
    if found is None:
        raise NotFoundError(
            _l("This link was answered already or has run out. Ask the technology manager to send a new one.")
        )
    return Asked(*found)


def by_code(code: str) -> Asked:
    """Return a request with its record and person, whatever became of it."""
    query = (
        select(CounterpartyRequest, Evidence)
        .join(Evidence, Evidence.id == CounterpartyRequest.evidence_id)
        .join(Evidence.person)
        .options(contains_eager(Evidence.person))
        .where(CounterpartyRequest.code == code)
    )
    return Asked(*session.execute(query).one())


def requests_of(evidence_id: int) -> list[CounterpartyRequest]:
    """Return the links that were sent about a record, the latest first."""
    query = select(CounterpartyRequest).where(CounterpartyRequest.evidence_id == evidence_id)
    return list(session.scalars(query.order_by(CounterpartyRequest.id.desc())))


def sent_lately(evidence_id: int, at: datetime) -> int:
    """Return how many links were sent about a record within the last 24 hours."""
    query = select(func.count()).where(
        CounterpartyRequest.evidence_id == evidence_id, CounterpartyRequest.sent_at > at - DAY
    )
    return session.scalar(query) or 0


def parties(evidence: Evidence) -> list[str]:
    """Return the names of the parties of a record that can be asked, each once."""
    names = (evidence.text(name) for name in PARTY_FIELDS.get(evidence.kind, ()))
    return list(dict.fromkeys(name for name in names if name))


def concerning(evidence: Evidence) -> list[Field]:
    """Return the fields of a record that the counterparty sees."""
    shown = CONCERNS.get(evidence.kind, ())
    return [field for field in FIELDS[evidence.kind] if field.name in shown]
