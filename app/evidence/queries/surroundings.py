"""What the checks need to know of a record: its contract and papers, rivals, files found elsewhere, answers."""

from collections import defaultdict
from decimal import Decimal

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import aliased

from app.core.db import session
from app.core.files import StoredFile
from app.evidence.models import ContractShare, CounterpartyRequest, Evidence, EvidenceFile, EvidenceLink, on_day
from app.evidence.queries.records import Bundle, bundle_of
from app.evidence.rules.numbers import invoice_spellings, same_invoice
from app.evidence.rules.papers import Paper, Rival, Setting
from app.evidence.states import LIVE, Answer, Kind


def setting_of(evidence: Evidence) -> Setting:
    """Return a declared record in its surroundings, for the checks."""
    bundle = bundle_of(evidence)
    hashes = _hashes([evidence, *bundle.records])
    papers = {one.id: as_paper(one, hashes[one.id]) for one in (evidence, *bundle.records)}
    return Setting(
        record=papers[evidence.id],
        contract=papers[bundle.contract.id] if bundle.contract else None,
        papers=tuple(papers[one.id] for one in bundle.papers),
        rivals=_rivals(evidence),
        twins=_twins(evidence, bundle),
        claimed=claimed(evidence.number or "") if evidence.kind is Kind.CONTRACT else Decimal(0),
        answer=_answer(evidence),
    )


def as_paper(evidence: Evidence, files: frozenset[str] = frozenset()) -> Paper:
    """Return a declared record as the checks see it."""
    return Paper(
        code=evidence.code,
        kind=evidence.kind,
        number=evidence.number or "",
        happened_on=on_day(evidence),
        amount=evidence.amount,
        fields={name: str(value) for name, value in evidence.details.items()},
        files=files,
    )


def _hashes(records: list[Evidence]) -> defaultdict[int, frozenset[str]]:
    query = (
        select(EvidenceFile.evidence_id, StoredFile.sha256)
        .join(StoredFile, StoredFile.id == EvidenceFile.file_id)
        .where(EvidenceFile.evidence_id.in_({one.id for one in records}))
    )
    found: defaultdict[int, frozenset[str]] = defaultdict(frozenset)
    for evidence_id, sha256 in session.execute(query):
        found[evidence_id] |= {sha256}
    return found


def _rivals(evidence: Evidence) -> tuple[Rival, ...]:
    if not evidence.number:
        return ()
    contract = aliased(Evidence)
    query = (
        select(Evidence, contract.number)
        .outerjoin(EvidenceLink, EvidenceLink.paper_series == Evidence.series)
        .outerjoin(contract, contract.code == EvidenceLink.contract_series)
        .where(
            Evidence.kind == evidence.kind,
            Evidence.number.in_(_spellings(evidence)),
            Evidence.series != evidence.series,
            Evidence.state.in_(LIVE),
        )
        .order_by(Evidence.id)
    )
    return tuple(
        Rival(one.code, one.person_id == evidence.person_id, number or "")
        for one, number in session.execute(query)
        if _same_paper(evidence, one)
    )


def _spellings(evidence: Evidence) -> set[str]:
    """Return the numbers under which the same paper may have been entered."""
    number = evidence.number or ""
    return invoice_spellings(evidence.text("invoice_code"), number) if evidence.kind is Kind.INVOICE else {number}


def _same_paper(one: Evidence, other: Evidence) -> bool:
    """Tell whether two records with numbers that may be one are about the same paper."""
    if one.kind is not Kind.INVOICE:
        return True
    first, second = ((row.text("invoice_code"), row.number or "") for row in (one, other))
    return same_invoice(first, second)


def _twins(evidence: Evidence, bundle: Bundle) -> tuple[str, ...]:
    """Return the codes of records elsewhere that hold a file of this one.

    The papers of one contract may lie in one file, and managers who share a contract hold the same paper.
    """
    own = select(EvidenceFile.file_id).where(EvidenceFile.evidence_id == evidence.id)
    shared = and_(Evidence.kind == evidence.kind, Evidence.number.is_not(None), Evidence.number == evidence.number)
    query = (
        select(Evidence.code)
        .join(EvidenceFile, EvidenceFile.evidence_id == Evidence.id)
        .where(
            EvidenceFile.file_id.in_(own),
            Evidence.state.in_(LIVE),
            Evidence.series.not_in({evidence.series, *(one.series for one in bundle.records)}),
            ~shared,
        )
        .distinct()
        .order_by(Evidence.code)
    )
    return tuple(session.scalars(query))


def _answer(evidence: Evidence) -> Answer | None:
    query = (
        select(CounterpartyRequest.answer)
        .join(Evidence, Evidence.id == CounterpartyRequest.evidence_id)
        .where(Evidence.id == evidence.id, CounterpartyRequest.answer.is_not(None))
    )
    return session.scalars(query.order_by(CounterpartyRequest.answered_at.desc()).limit(1)).first()


def claimed(number: str) -> Decimal:
    """Return what all managers of a registered contract claim together, in per cent."""
    query = select(ContractShare.claimed).where(ContractShare.number == number)
    return session.scalar(query) or Decimal(0)


def affected_by(evidence: Evidence) -> list[Evidence]:
    """Return the live records whose verdict a change of this one can alter, itself included while it lives."""
    bundle = bundle_of(evidence)
    own = select(EvidenceFile.file_id).where(EvidenceFile.evidence_id == evidence.id)
    holding = select(EvidenceFile.evidence_id).where(EvidenceFile.file_id.in_(own))
    conditions: list[ColumnElement[bool]] = [
        Evidence.series.in_({evidence.series, *(one.series for one in bundle.records)})
    ]
    conditions.append(Evidence.id.in_(holding))
    if evidence.number:
        conditions.append(and_(Evidence.kind == evidence.kind, Evidence.number.in_(_spellings(evidence))))
    query = select(Evidence).where(Evidence.state.in_(LIVE), or_(*conditions))
    return list(session.scalars(query.order_by(Evidence.id)))
