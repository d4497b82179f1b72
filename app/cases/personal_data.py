"""What the case room keeps of a person: cases they raised or are party to, notices, files, restrictions."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, Executable, SelectBase, or_, select

from app.accounts.models import Person
from app.accounts.services.merging import ids_of
from app.cases.models import (
    CASE_TYPE,
    RESTRICTION_TYPE,
    Case,
    CaseBarred,
    CaseFile,
    DeclaredRelation,
    Notice,
    Restriction,
)
from app.cases.queries.restrictions import holding
from app.cases.services.erasing import erase_texts, raised_by_person
from app.cases.states import ENDED_STATES, CaseState
from app.core import clock
from app.core.columns import JsonObject
from app.core.personal_data import NO_END, PURPOSE_NOT_ACHIEVED, rows
from app.core.room import HoldKind, PersonalData
from app.core.shredding import TextKey, opened
from app.core.text import _l
from app.rulebook.rules.evaluating import months_later

OPEN = (CaseState.RAISED, CaseState.ACCEPTED, CaseState.WAITING)
SUE_WITHIN_MONTHS = 6
SUE = _l("Administrative Litigation Law, art. 46: suit within six months of learning of the decision")
UNDER_CASE = (TextKey.subject_type == CASE_TYPE) & (TextKey.subject_code == Case.code)
UNDER_RESTRICTION = (TextKey.subject_type == RESTRICTION_TYPE) & (TextKey.subject_code == Restriction.code)


def _raised(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Case.code,
        Case.number.label("case"),
        Case.kind,
        Case.instance,
        Case.state,
        Case.about_zh.label("about"),
        Case.facts_kept.label("facts"),
        Case.raised_at,
        Case.decide_by,
        Case.decided_at,
        Case.outcome,
        Case.reasons_kept.label("reason"),
        TextKey.wrapped_key.label("wrapped"),
    ).outerjoin(TextKey, UNDER_CASE)
    return _opened(told.where(raised_by_person(person_id)).order_by(Case.id), CASE_TYPE)


def _opened(told: Executable, subject_type: str, code: str = "code") -> Iterable[JsonObject]:
    """Yield rows with the texts of their record opened by its key; `code` names the field with the record's code."""
    for row in rows(told):
        wrapped = row.pop("wrapped")
        yield {
            name: opened(value, wrapped, subject_type, str(row[code])) if isinstance(value, str) else value
            for name, value in row.items()
        }


def _relations(person_id: int) -> Iterable[JsonObject]:
    told = (
        select(
            Case.code,
            DeclaredRelation.kind.label("relation"),
            DeclaredRelation.name_kept.label("name"),
            TextKey.wrapped_key.label("wrapped"),
        )
        .join(Case, Case.id == DeclaredRelation.case_id)
        .outerjoin(TextKey, UNDER_CASE)
    )
    mine = told.where(Case.raised_by_id == person_id).order_by(DeclaredRelation.id)
    return _opened(mine, CASE_TYPE)


def _about(person_id: int) -> Iterable[JsonObject]:
    """Tell of cases about the person without what another said in them: the file shows that to the parties."""
    told = select(
        Case.code,
        Case.number.label("case"),
        Case.kind,
        Case.instance,
        Case.state,
        Case.about_zh.label("about"),
        Case.raised_at,
        Case.decided_at,
        Case.outcome,
    )
    mine = told.where(Case.person_id == person_id, Case.state != CaseState.DRAFT, ~raised_by_person(person_id))
    return rows(mine.order_by(Case.id))


def _files(person_id: int) -> Iterable[JsonObject]:
    told = (
        select(
            Case.code,
            CaseFile.title_kept.label("name"),
            CaseFile.added_at.label("at"),
            TextKey.wrapped_key.label("wrapped"),
        )
        .join(Case, Case.id == CaseFile.case_id)
        .outerjoin(TextKey, UNDER_CASE)
    )
    own = told.where(raised_by_person(person_id), CaseFile.by_officer.is_(False))
    return _opened(own.order_by(CaseFile.id), CASE_TYPE)


def _notices(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Notice.code,
        Notice.kind,
        Notice.text,
        Notice.sent_on,
        Notice.deemed_on,
        Case.code.label("subject_code"),
        TextKey.wrapped_key.label("wrapped"),
    ).join(Case, Case.id == Notice.case_id)
    own = told.outerjoin(TextKey, UNDER_CASE).where(Notice.to_person_id.in_(ids_of(person_id)))
    return _opened(own.order_by(Notice.id), CASE_TYPE, "subject_code")


def _restrictions(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Restriction.code,
        Restriction.kind,
        Restriction.starts_on,
        Restriction.ends_on,
        Restriction.determination,
        Restriction.reason_kept.label("reason"),
        TextKey.wrapped_key.label("wrapped"),
    ).outerjoin(TextKey, UNDER_RESTRICTION)
    own = told.where(Restriction.person_id.in_(ids_of(person_id)))
    return _opened(own.order_by(Restriction.id), RESTRICTION_TYPE)


def _barred(person_id: int) -> Iterable[JsonObject]:
    told = select(Case.code, CaseBarred.why.label("reason")).join(Case, Case.id == CaseBarred.case_id)
    return rows(told.where(CaseBarred.person_id.in_(ids_of(person_id))).order_by(CaseBarred.id))


def _party(person_id: int) -> ColumnElement[bool]:
    return or_(Case.person_id == person_id, raised_by_person(person_id))


def _open_cases(person_id: int, on: date) -> SelectBase:
    """Keep who is party to an open case."""
    del on
    return select(Case.number, NO_END).where(Case.state.in_(OPEN), _party(person_id))


def _before_court(person_id: int, on: date) -> SelectBase:
    """Keep a decided case while the parties may still sue about it: six months from the decision."""
    del on
    return select(Case.number, Case.decided_at).where(
        Case.state.in_(ENDED_STATES), Case.decided_at.is_not(None), _party(person_id)
    )


def _end_of_suing(decided_on: date) -> date:
    return months_later(decided_on, SUE_WITHIN_MONTHS)


def _forget(person_id: int) -> None:
    erase_texts(person_id, at=clock.now())


def _binding(person_id: int, on: date) -> SelectBase:
    """Keep whom a restriction binds: it may not end by an erasure."""
    ids = select(Person.id).where(or_(Person.id == person_id, Person.merged_into_id == person_id))
    return select(Restriction.code, Restriction.ends_on).where(Restriction.person_id.in_(ids), holding(on))


PERSONAL_DATA = (
    PersonalData(
        "cases",
        _l("Cases I raised"),
        _raised,
        holds=(
            HoldKind(_l("Your part in the open case %(code)s"), PURPOSE_NOT_ACHIEVED, _open_cases),
            HoldKind(
                _l("What was written in the case %(code)s, which a court may still hear"),
                SUE,
                _before_court,
                until=_end_of_suing,
            ),
            HoldKind(_l("Name and document for the restriction %(code)s in force"), PURPOSE_NOT_ACHIEVED, _binding),
        ),
        forget=_forget,
        columns=("case_record.raised_by_id",),
        fields={
            "case": _l("Case number"),
            "instance": _l("Instance"),
            "about": _l("About"),
            "facts": _l("What I said"),
            "raised_at": _l("Raised on"),
            "decide_by": _l("To be decided by"),
        },
    ),
    PersonalData(
        "cases_about_me",
        _l("Cases about me"),
        _about,
        columns=("case_record.person_id",),
        fields={
            "case": _l("Case number"),
            "instance": _l("Instance"),
            "about": _l("About"),
            "raised_at": _l("Raised on"),
        },
    ),
    PersonalData(
        "declared_relations",
        _l("People and bodies that I named in declarations"),
        _relations,
        fields={"relation": _l("What binds me")},
    ),
    PersonalData("case_files", _l("Exhibits of my cases"), _files),
    PersonalData(
        "case_notices",
        _l("Notices of cases to me"),
        _notices,
        columns=("case_notice.to_person_id",),
        fields={"text": _l("Text"), "sent_on": _l("Sent on"), "deemed_on": _l("Counts as delivered on")},
    ),
    PersonalData(
        "restrictions",
        _l("Restrictions on me"),
        _restrictions,
        columns=("restriction.person_id",),
        fields={"determination": _l("By which decision")},
    ),
    PersonalData("barred", _l("Cases I may not decide"), _barred, columns=("case_barred.person_id",)),
)
UNTOLD = {
    "declared_relation.other_id": "Who must not judge a person because they are bound to them is told to nobody: "
    "experts are not named to those they judge.",
}
