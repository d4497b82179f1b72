"""The shares of the managers of one registered contract: together never more than the whole."""

from decimal import Decimal

from sqlalchemy import select

from app.core.db import session
from app.core.errors import InvalidError
from app.core.text import _l
from app.evidence.models import ContractShare, Evidence
from app.evidence.rules.checks import WHOLE
from app.evidence.rules.shares import claimed_together
from app.evidence.states import LIVE, Kind


def claim(evidence: Evidence, number: str, share: Decimal) -> None:
    """Claim a share of a registered contract for a record about to be declared.

    Raises InvalidError for the field `share` where the others leave less, for `number` where the person
    claims the contract already in another record.
    """
    row = _locked(number)
    others = _claims(number, but=evidence)
    if any(one.person_id == evidence.person_id and one.series != evidence.series for one in others):
        raise InvalidError(_l("You have declared this contract already. Correct that record instead."), field="number")
    claimed = claimed_together([*((one.series, one.share or Decimal(0)) for one in others), (evidence.series, share)])
    if claimed > WHOLE:
        left = WHOLE - claimed_together((one.series, one.share or Decimal(0)) for one in others)
        raise InvalidError(
            _l(
                "Others claim shares of this contract: at most %(left)s per cent are left. Agree on the shares first.",
                left=left,
            ),
            field="share",
        )
    row.claimed = claimed
    session.flush()


def recount(evidence: Evidence) -> None:
    """Count the claims on a contract again after one of them ended."""
    if evidence.kind is not Kind.CONTRACT or not evidence.number:
        return
    session.flush()
    row = _locked(evidence.number)
    row.claimed = claimed_together((one.series, one.share or Decimal(0)) for one in _claims(evidence.number))
    session.flush()


def _locked(number: str) -> ContractShare:
    """Return the row of a contract, locked until the transaction ends; two first claims at once make a conflict."""
    query = select(ContractShare).where(ContractShare.number == number).with_for_update()
    row = session.scalar(query.execution_options(populate_existing=True))
    if row is None:
        row = ContractShare(number=number, claimed=Decimal(0))
        session.add(row)
        session.flush()
    return row


def _claims(number: str, *, but: Evidence | None = None) -> list[Evidence]:
    query = select(Evidence).where(Evidence.kind == Kind.CONTRACT, Evidence.number == number, Evidence.state.in_(LIVE))
    return [one for one in session.scalars(query) if but is None or one.id != but.id]
