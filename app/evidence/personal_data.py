"""What the evidence ledger keeps of a person: their records with files and links, and what relies on them."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, SelectBase, delete, exists, null, select, update

from app.core import clock
from app.core.columns import JsonObject
from app.core.db import Base, session
from app.core.personal_data import NO_END, PURPOSE_NOT_ACHIEVED, rows
from app.core.room import HoldKind, PersonalData
from app.core.shredding import destroy
from app.core.text import _l
from app.desk import services as desk
from app.evidence.models import CounterpartyRequest, Evidence, EvidenceFile, EvidenceImportRow, EvidenceUse, SampleItem
from app.evidence.rules.fields import FIELDS, FieldType
from app.evidence.services.subjects import EVIDENCE_TYPE

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
    """Clear names and whatever was written about the person; a declared record keeps its day, number and figures."""
    own = Evidence.person_id == person_id
    destroy(EVIDENCE_TYPE, select(Evidence.code).where(own), at=clock.now())
    for key, kind, details in session.execute(select(Evidence.id, Evidence.kind, Evidence.details).where(own)).all():
        figures = {one.name for one in FIELDS[kind] if one.type is not FieldType.TEXT}
        kept = {name: value for name, value in details.items() if name in figures}
        _clear(Evidence, Evidence.id == key, title=ERASED, details=kept, verdict=null(), checked_verdict=null())
    _clear(Evidence, own & Evidence.reason.is_not(None), reason=ERASED)
    records = select(Evidence.id).where(own)
    asked = CounterpartyRequest.evidence_id.in_(records)
    _clear(CounterpartyRequest, asked, party=ERASED, email_sealed=None, token_sealed=None)
    _clear(CounterpartyRequest, asked & CounterpartyRequest.reason.is_not(None), reason=ERASED)
    _clear(SampleItem, SampleItem.evidence_id.in_(records) & SampleItem.note.is_not(None), note=ERASED)
    desk.unname(EVIDENCE_TYPE, select(Evidence.code).where(own))
    session.execute(
        update(EvidenceImportRow)
        .where(EvidenceImportRow.person_id == person_id)
        .values(name=ERASED, masked=ERASED, details={})
    )
    session.execute(
        delete(EvidenceFile).where(EvidenceFile.evidence_id.in_(records)).execution_options(synchronize_session=False)
    )


def _clear(model: type[Base], which: ColumnElement[bool], **values: object) -> None:
    session.execute(update(model).where(which).values(**values).execution_options(synchronize_session=False))


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
