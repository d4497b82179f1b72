"""Files of a record, and the papers linked to a contract."""

from datetime import datetime

from sqlalchemy import delete, select

from app.core import events, files
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.core.uploads import media_type_of
from app.evidence.access import handles
from app.evidence.models import Evidence, EvidenceFile, EvidenceLink
from app.evidence.queries.records import bundle_of, contracts_to_link, file
from app.evidence.services.subjects import of_evidence
from app.evidence.services.verdicts import refresh
from app.evidence.states import LIVE, OPEN, PAPERS, State

MOST_FILES = 10


def attach(evidence: Evidence, data: bytes, *, name: str, by: Actor, at: datetime) -> EvidenceFile:
    """Attach a file to a draft or to a record that waits; the same content is attached once.

    Raises InvalidError for the field `file`, ConflictError where the record is decided on.
    """
    _check_handles(evidence, by)
    if evidence.state not in {State.DRAFT, *OPEN}:
        raise ConflictError(_l("Files belong to what was checked. Correct the record to add one."))
    media_type = media_type_of(data)
    stored = files.store(data, name=name, media_type=media_type)
    query = select(EvidenceFile).where(EvidenceFile.evidence_id == evidence.id)
    attached = list(session.scalars(query))
    known = next((one for one in attached if one.file_id == stored.id), None)
    if known is not None:
        return known
    if len(attached) >= MOST_FILES:
        raise InvalidError(_l("A record holds at most %(count)s files.", count=MOST_FILES), field="file")
    made = EvidenceFile(
        evidence_id=evidence.id, file_id=stored.id, name=name[:200], attached_by_id=by.person_id, attached_at=at
    )
    session.add(made)
    session.flush()
    if evidence.state in LIVE:
        events.record("evidence.attached", of_evidence(evidence), by=by, at=at, data={"sha256": stored.sha256})
        refresh(evidence, at=at)
    return made


def detach(evidence: Evidence, sha256: str, *, by: Actor) -> None:
    """Take a file from a draft; raises NotFoundError for no file of it, ConflictError once the record is declared."""
    found = file(evidence, sha256)
    _check_handles(evidence, by)
    if evidence.state is not State.DRAFT:
        raise ConflictError(_l("A declared record keeps its files. Correct it by a new version."))
    session.execute(delete(EvidenceFile).where(EvidenceFile.id == found.id))


def link(paper: Evidence, contract_series: str, *, by: Actor, at: datetime) -> None:
    """Link a registration, invoice or receipt to a contract of the same person; repeated, it changes nothing.

    Raises InvalidError for the field `contract` where there is no such contract, ConflictError where the paper
    belongs to a contract that was checked.
    """
    _check_handles(paper, by)
    if paper.kind not in PAPERS or paper.state not in LIVE:
        raise ConflictError(_l("Registrations, invoices and receipts that are declared are linked to a contract."))
    contracts = {one.series: one for one in contracts_to_link(paper.person_id)}
    contract = contracts.get(contract_series)
    if contract is None:
        raise InvalidError(_l("Choose one of the contracts that are declared."), field="contract")
    earlier = bundle_of(paper).contract
    if earlier is not None and earlier.series == contract_series:
        return
    if earlier is not None:
        unlink(paper, by=by, at=at)
    join(contract, paper, by=by, at=at)
    refresh(paper, at=at)


def join(contract: Evidence, paper: Evidence, *, by: Actor, at: datetime) -> None:
    """Write the link of a paper that has none, with its event."""
    known = select(EvidenceLink.id).where(EvidenceLink.paper_series == paper.series)
    if session.scalar(known) is not None:
        return
    session.add(
        EvidenceLink(
            contract_series=contract.series, paper_series=paper.series, linked_by_id=by.person_id, linked_at=at
        )
    )
    session.flush()
    events.record("evidence.linked", of_evidence(paper), by=by, at=at, data={"contract": contract.code})


def unlink(paper: Evidence, *, by: Actor, at: datetime) -> None:
    """Part a paper from its contract; raises ConflictError where the contract was checked with it."""
    _check_handles(paper, by)
    contract = bundle_of(paper).contract
    if contract is None:
        return
    if contract.state is State.CHECKED:
        raise ConflictError(_l("The contract was checked with this paper. Withdraw or correct the paper instead."))
    session.execute(delete(EvidenceLink).where(EvidenceLink.paper_series == paper.series))
    events.record("evidence.unlinked", of_evidence(paper), by=by, at=at, data={"contract": contract.code})
    refresh(paper, at=at, also=[contract])


def _check_handles(evidence: Evidence, by: Actor) -> None:
    if not handles(by, evidence):
        raise ForbiddenError(_l("The person whom the record is about handles its papers, or whoever entered it."))
