"""What the case room keeps of a person: cases they raised or are party to, notices, files, restrictions."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, SelectBase, or_, select

from app.accounts.models import Person
from app.accounts.services.merging import ids_of
from app.cases.access import AUTHOR
from app.cases.models import Case, CaseAuthor, CaseBarred, CaseFile, Notice, Restriction
from app.cases.queries.restrictions import holding
from app.cases.states import CaseState
from app.core.columns import JsonObject
from app.core.crypto import blind_indexes
from app.core.db import session
from app.core.personal_data import NO_END, PURPOSE_NOT_ACHIEVED, rows
from app.core.room import HoldKind, PersonalData
from app.core.text import _l

OPEN = (CaseState.RAISED, CaseState.ACCEPTED, CaseState.WAITING)


def _raised_by(person_id: int) -> ColumnElement[bool]:
    """Return the condition that a person raised a case, openly or protected, under any code they ever had."""
    codes = session.scalars(select(Person.code).where(or_(Person.id == person_id, Person.merged_into_id == person_id)))
    indexes = [index for code in codes for index in blind_indexes(code, AUTHOR)]
    protected = select(CaseAuthor.case_id).where(CaseAuthor.author_index.in_(indexes))
    return or_(Case.raised_by_id == person_id, Case.id.in_(protected))


def _raised(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Case.code,
        Case.kind,
        Case.instance,
        Case.state,
        Case.about_zh.label("about"),
        Case.facts,
        Case.raised_at,
        Case.decide_by,
        Case.decided_at,
        Case.outcome,
        Case.reasons.label("reason"),
    )
    return rows(told.where(_raised_by(person_id)).order_by(Case.id))


def _about(person_id: int) -> Iterable[JsonObject]:
    """Tell of cases about the person without what another said in them: the file shows that to the parties."""
    told = select(
        Case.code,
        Case.kind,
        Case.instance,
        Case.state,
        Case.about_zh.label("about"),
        Case.raised_at,
        Case.decided_at,
        Case.outcome,
    )
    mine = told.where(Case.person_id == person_id, Case.state != CaseState.DRAFT, ~_raised_by(person_id))
    return rows(mine.order_by(Case.id))


def _files(person_id: int) -> Iterable[JsonObject]:
    told = select(Case.code, CaseFile.title.label("name"), CaseFile.added_at.label("at")).join(
        Case, Case.id == CaseFile.case_id
    )
    return rows(told.where(_raised_by(person_id), CaseFile.by_officer.is_(False)).order_by(CaseFile.id))


def _notices(person_id: int) -> Iterable[JsonObject]:
    told = select(Notice.code, Notice.kind, Notice.text, Notice.sent_on, Notice.deemed_on)
    return rows(told.where(Notice.to_person_id.in_(ids_of(person_id))).order_by(Notice.id))


def _restrictions(person_id: int) -> Iterable[JsonObject]:
    told = select(
        Restriction.code,
        Restriction.kind,
        Restriction.starts_on,
        Restriction.ends_on,
        Restriction.determination,
        Restriction.reason,
    )
    return rows(told.where(Restriction.person_id.in_(ids_of(person_id))).order_by(Restriction.id))


def _barred(person_id: int) -> Iterable[JsonObject]:
    told = select(Case.code, CaseBarred.why.label("reason")).join(Case, Case.id == CaseBarred.case_id)
    return rows(told.where(CaseBarred.person_id.in_(ids_of(person_id))).order_by(CaseBarred.id))


def _open_cases(person_id: int, on: date) -> SelectBase:
    """Keep who is party to an open case."""
    del on
    party = or_(Case.person_id == person_id, _raised_by(person_id))
    return select(Case.code, NO_END).where(Case.state.in_(OPEN), party)


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
            HoldKind(_l("Name and document for the restriction %(code)s in force"), PURPOSE_NOT_ACHIEVED, _binding),
        ),
        columns=("case_record.raised_by_id",),
        fields={
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
        fields={"instance": _l("Instance"), "about": _l("About"), "raised_at": _l("Raised on")},
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
