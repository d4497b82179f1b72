"""What becomes of evidence where two records of one human being are joined."""

from sqlalchemy import select

from app.accounts.services.merging import sealed_anew
from app.core.db import session
from app.evidence.models import CounterpartyRequest, Evidence
from app.evidence.services.counterparty import ADDRESS, TOKEN


def seal_requests(kept_id: int, gone_id: int) -> None:
    """Seal the addresses of counterparties anew under the key of the record that stays."""
    query = select(CounterpartyRequest).join(Evidence, Evidence.id == CounterpartyRequest.evidence_id)
    for request in session.scalars(query.where(Evidence.person_id == gone_id)):
        request.email_sealed = sealed_anew(request.email_sealed, ADDRESS, kept_id=kept_id, gone_id=gone_id)
        request.token_sealed = sealed_anew(request.token_sealed, TOKEN, kept_id=kept_id, gone_id=gone_id)


MERGES = {"evidence.person_id": seal_requests}
