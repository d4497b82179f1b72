"""Reads of what records rest on, and of the second look at those whose evidence ended."""

from collections.abc import Sequence

from sqlalchemy import select

from app.assessment.credit.access import seen
from app.assessment.credit.models import CreditDoubt, CreditRecord
from app.assessment.credit.queries.records import NO_SUCH, unsettled
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.evidence.models import Evidence
from app.evidence.states import State

TYPE = "credit_doubt"


def open_doubt(record: CreditRecord) -> CreditDoubt | None:
    """Return the second look at a record that is not settled, None where there is none."""
    return session.scalar(select(CreditDoubt).where(unsettled(record.id)))


def doubt(code: str, actor: Actor) -> tuple[CreditDoubt, CreditRecord]:
    """Return a second look with its record; raises NotFoundError outside of what the actor may see."""
    query = select(CreditDoubt, CreditRecord).join(CreditRecord, CreditRecord.id == CreditDoubt.record_id)
    found = session.execute(query.where(CreditDoubt.code == code, seen(actor))).first()
    if found is None:
        raise NotFoundError(_l("There is no such record to look at again within what you may see."))
    return found[0], found[1]


def checked_evidence(codes: Sequence[str], person_id: int) -> dict[str, Evidence]:
    """Return the checked records of evidence of a person among some codes."""
    query = select(Evidence).where(
        Evidence.code.in_(codes or NO_SUCH), Evidence.person_id == person_id, Evidence.state == State.CHECKED
    )
    return {one.code: one for one in session.scalars(query)}
