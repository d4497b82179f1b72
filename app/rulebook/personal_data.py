"""What the rulebook keeps of a person: decisions about them, and drafts that they are typing."""

from collections.abc import Iterable

from sqlalchemy import delete, select

from app.accounts.services.merging import ids_of
from app.core.columns import JsonObject
from app.core.db import session
from app.core.personal_data import rows
from app.core.room import PersonalData
from app.core.text import _l
from app.rulebook.models import DecisionRecord, PackEdit, PackStart, RulePack


def _decisions(person_id: int) -> Iterable[JsonObject]:
    told = select(
        DecisionRecord.code,
        DecisionRecord.kind,
        DecisionRecord.subject_type,
        DecisionRecord.subject_code,
        DecisionRecord.region_code,
        DecisionRecord.pack,
        DecisionRecord.tag,
        DecisionRecord.judged_on,
        DecisionRecord.facts,
        DecisionRecord.verdict,
        DecisionRecord.outcome,
        DecisionRecord.decided_at,
    )
    return rows(told.where(DecisionRecord.person_id.in_(ids_of(person_id))).order_by(DecisionRecord.id))


def _edits(person_id: int) -> Iterable[JsonObject]:
    told = select(RulePack.code.label("pack"), PackEdit.typed, PackEdit.changed_at.label("at"))
    mine = told.join(RulePack, RulePack.id == PackEdit.pack_id).where(PackEdit.person_id == person_id)
    yield from rows(mine.order_by(PackEdit.id))
    begun = select(PackStart.series.label("pack"), PackStart.typed, PackStart.changed_at.label("at"))
    yield from rows(begun.where(PackStart.person_id == person_id).order_by(PackStart.id))


def _forget(person_id: int) -> None:
    for model in (PackEdit, PackStart):
        session.execute(delete(model).where(model.person_id == person_id))


def one_edit(kept_id: int, gone_id: int) -> None:
    """Drop what the record that goes was typing on a pack that the one that stays is typing on too."""
    typing = select(PackEdit.pack_id).where(PackEdit.person_id == kept_id)
    for row in session.scalars(select(PackEdit).where(PackEdit.person_id == gone_id, PackEdit.pack_id.in_(typing))):
        session.delete(row)


def one_start(kept_id: int, gone_id: int) -> None:
    """Drop what the record that goes has begun under a code that the one that stays has begun too."""
    begun = select(PackStart.series).where(PackStart.person_id == kept_id)
    for row in session.scalars(select(PackStart).where(PackStart.person_id == gone_id, PackStart.series.in_(begun))):
        session.delete(row)


PERSONAL_DATA = (
    PersonalData(
        "decisions",
        _l("Decisions about me"),
        _decisions,
        columns=("decision_record.person_id",),
        fields={
            "pack": _l("Rule pack"),
            "tag": _l("Tag"),
            "judged_on": _l("Judged as of"),
            "facts": _l("Facts the decision saw"),
            "verdict": _l("Conditions"),
        },
    ),
    PersonalData(
        "pack_edits",
        _l("Drafts of rule packs I am typing"),
        _edits,
        forget=_forget,
        columns=("pack_edit.person_id", "pack_start.person_id"),
        fields={"pack": _l("Rule pack"), "typed": _l("Content")},
    ),
)
MERGES = {"pack_edit.person_id": one_edit, "pack_start.person_id": one_start}
