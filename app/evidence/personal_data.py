"""What the evidence ledger keeps of a person: their records with files and links, and what relies on them."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import SelectBase, delete, exists, select, update

from app.core.columns import JsonObject
from app.core.db import session
from app.core.personal_data import NO_END, PURPOSE_NOT_ACHIEVED, rows
from app.core.room import HoldKind, PersonalData
from app.core.text import _l
from app.evidence.models import CounterpartyRequest, Evidence, EvidenceFile, EvidenceImportRow, EvidenceUse

ERASED = "-"


def _records(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Evidence.code,
        Evidence.kind,
        Evidence.state,
        Evidence.title,
        Evidence.number,
        Evidence.happened_on,
        Evidence.amount,
        Evidence.share,
        Evidence.hours,
        Evidence.details,
        Evidence.region_code,
        Evidence.declared_at,
        Evidence.checked_at,
        Evidence.reason,
    )
    return rows(told.where(Evidence.person_id == person_id).order_by(Evidence.id))


def _files(person_id: int) -> Iterable[JsonObject]:
    told = select(Evidence.code, EvidenceFile.name, EvidenceFile.attached_at.label("at")).join(
        Evidence, Evidence.id == EvidenceFile.evidence_id
    )
    return rows(told.where(Evidence.person_id == person_id).order_by(EvidenceFile.id))


def _uses(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Evidence.code,
        EvidenceUse.purpose,
        EvidenceUse.subject_type,
        EvidenceUse.subject_code,
        EvidenceUse.part.label("share"),
        EvidenceUse.used_at.label("at"),
        EvidenceUse.released_at,
    ).join(Evidence, Evidence.id == EvidenceUse.evidence_id)
    return rows(told.where(Evidence.person_id == person_id).order_by(EvidenceUse.id))


def _asked(person_id: int) -> Iterable[JsonObject]:
    """Tell when a counterparty was asked and what it answered; its name and address are not the person's."""
    told = select(
        Evidence.code,
        CounterpartyRequest.sent_at.label("asked_at"),
        CounterpartyRequest.answer.label("outcome"),
        CounterpartyRequest.answered_at.label("at"),
    ).join(Evidence, Evidence.id == CounterpartyRequest.evidence_id)
    return rows(told.where(Evidence.person_id == person_id).order_by(CounterpartyRequest.id))


def _entered(person_id: int) -> Iterable[JsonObject]:
    told = select(EvidenceImportRow.line, EvidenceImportRow.name, EvidenceImportRow.masked, EvidenceImportRow.details)
    return rows(told.where(EvidenceImportRow.person_id == person_id).order_by(EvidenceImportRow.id))


def _held(person_id: int, on: date) -> SelectBase:
    """Keep whose record it is while a decision relies on it; a use that is released holds nothing."""
    del on
    relied = exists().where(EvidenceUse.evidence_id == Evidence.id, EvidenceUse.released_at.is_(None))
    return select(Evidence.code, NO_END).where(Evidence.person_id == person_id, relied)


def _forget(person_id: int) -> None:
    """Clear names in uploaded files and take the attached files off; a declared record keeps its figures."""
    session.execute(
        update(EvidenceImportRow)
        .where(EvidenceImportRow.person_id == person_id)
        .values(name=ERASED, masked=ERASED, details={})
    )
    own = select(Evidence.id).where(Evidence.person_id == person_id)
    session.execute(
        delete(EvidenceFile).where(EvidenceFile.evidence_id.in_(own)).execution_options(synchronize_session=False)
    )


PERSONAL_DATA = (
    PersonalData(
        "evidence",
        _l("My records of evidence"),
        _records,
        holds=(HoldKind(_l("Your record %(code)s, which a decision relies on"), PURPOSE_NOT_ACHIEVED, _held),),
        forget=_forget,
        columns=("evidence.person_id",),
        fields={
            "title": _l("Title"),
            "happened_on": _l("Day"),
            "amount": _l("Amount"),
            "share": _l("Share"),
            "hours": _l("Hours"),
            "details": _l("Content"),
            "declared_at": _l("Declared on"),
            "checked_at": _l("Checked on"),
        },
    ),
    PersonalData("evidence_files", _l("Files of my records"), _files),
    PersonalData(
        "evidence_uses",
        _l("What relies on my records"),
        _uses,
        fields={"share": _l("Share"), "released_at": _l("No longer used since")},
    ),
    PersonalData("counterparties", _l("Confirmations asked of counterparties"), _asked),
    PersonalData(
        "evidence_imports",
        _l("What my organisation entered for me"),
        _entered,
        columns=("evidence_import_row.person_id",),
        fields={"line": _l("Line"), "masked": _l("Document"), "details": _l("Content")},
    ),
)
UNTOLD = {"sample_item.assigned_to_id": "an assignment of work; what came of it is an act of the person"}
