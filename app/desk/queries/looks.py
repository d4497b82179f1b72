"""Reads of the access log: by the person who was looked at, and by the auditor of a region."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, SelectBase, func, or_, select, true

from app.accounts.access import within
from app.accounts.models import Organisation, Person
from app.accounts.queries import names_of
from app.accounts.states import ROLE_LABELS, Role
from app.core.access import Actor
from app.core.access_log import PURPOSE_LABELS, AccessLook, Purpose
from app.core.clock import SHANGHAI
from app.core.db import session
from app.core.errors import Text
from app.core.text import _l, pick

PER_PAGE = 50
RECORD_LABELS: dict[str, Text] = {
    "people": _l("List of people and roles"),
    "people_import": _l("Roster of people"),
    "cohort": _l("Trainees of a cohort"),
    "enrolment": _l("Training of a trainee"),
    "exam_session": _l("Candidates and results of an exam"),
    "attempt": _l("Sitting of an exam"),
    "award": _l("Award of a level"),
    "certificate": _l("Certificate"),
    "certificate_batch": _l("Batch of certificates"),
    "certificate_change": _l("Change of many certificates"),
    "certificate_list": _l("List of certificates"),
    "share_link": _l("Certificates under a share link"),
    "check_recruitment": _l("Check of a list by an employer: recruitment"),
    "check_position": _l("Check of a list by an employer: filling a position"),
    "check_project": _l("Check of a list by an employer: staffing a project"),
    "check_tender": _l("Check of a list by an employer: tender or application for funds"),
    "check_staff_report": _l("Check of a list by an employer: report to an authority"),
    "check_partner": _l("Check of a list by an employer: getting to know a partner"),
    "title_application": _l("Application for a title"),
    "title_round": _l("Applications of a round of title evaluation"),
    "title_withdrawal": _l("Withdrawal of a title"),
    "credit_record": _l("Credit record"),
    "credit_cycle": _l("Ratings of a cycle of credit evaluation"),
    "credit_desk": _l("List of credit records"),
    "credit_result": _l("Credit rating"),
    "credit_rating": _l("Credit rating"),
    "credit_repair": _l("Application for credit repair"),
    "similarity_pair": _l("Two sittings compared"),
    "extra_time": _l("Application for extra time"),
    "evidence": _l("Record of evidence"),
    "evidence_list": _l("List of records of evidence"),
    "case": _l("Objection, complaint or other case"),
    "restriction": _l("Restriction"),
    "restriction_list": _l("List of restrictions"),
    "sample_audit": _l("Sample audit of evidence"),
    "rule_replay": _l("Past decisions judged again under another rule pack"),
    "expert_pool": _l("Experts of a pool"),
    "pool_expert": _l("Entry in an expert pool"),
    "organisation": _l("Members of an organisation"),
    "claim": _l("Claim of a record"),
    "erasure": _l("Request for erasure"),
    "person_merge": _l("Two records proposed to be joined"),
    "name_correction": _l("Request to correct a name"),
    "person": _l("Page of a person"),
    "security_order": _l("Order that a second person carries out"),
    "search": _l("Search"),
}


JUDGES = frozenset({Role.EXPERT, Role.CHAIR, Role.MARKER, Role.ADJUDICATOR})
"""Who judges a person is not named to them: lists of experts are not public, and marking is blind."""
EVERYONE = true()


@dataclass(frozen=True, slots=True)
class Line:
    """One look in words."""

    at: datetime
    person: str
    viewer: str
    role: Text
    organisation: str
    purpose: Text
    record: Text


@dataclass(frozen=True, slots=True)
class Page:
    """One page of looks, as `ui.pagination` reads it."""

    rows: list[Line]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the log is looked for: part of the name of who looked or was looked at, why, between which days."""

    name: str = ""
    purpose: str = ""
    since: date | None = None
    until: date | None = None

    def condition(self, named: ColumnElement[bool] = EVERYONE) -> ColumnElement[bool]:
        """Return the condition on the rows; who is not `named` is not found by name either."""
        found: ColumnElement[bool] = true()
        if self.name.strip():
            people = select(Person.id).where(Person.name.contains(self.name.strip(), autoescape=True))
            found &= or_(AccessLook.person_id.in_(people), AccessLook.viewer_id.in_(people) & named)
        if self.purpose in set(Purpose):
            found &= AccessLook.purpose == Purpose(self.purpose)
        if self.since:
            found &= AccessLook.at >= _start(self.since)
        if self.until:
            found &= AccessLook.at < _start(self.until + timedelta(days=1))
        return found


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


EVERYTHING = Wanted()


def looks_at_me(actor: Actor, wanted: Wanted = EVERYTHING, *, page: int = 1) -> Page:
    """Return who looked the actor up, the latest first; who judges them by their role alone."""
    named = or_(AccessLook.role.is_(None), AccessLook.role.not_in(JUDGES))
    return _page(_at(actor) & wanted.condition(named), page, unnamed=JUDGES)


def _at(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that a look is at the actor, under any record that was joined into theirs."""
    mine = select(Person.id).where(or_(Person.id == actor.person_id, Person.merged_into_id == actor.person_id))
    return AccessLook.person_id.in_(mine)


def looks_under(actor: Actor, codes: SelectBase, limit: int = 10) -> list[Line]:
    """Return the latest looks at the actor under records whose codes are selected, in one statement."""
    query = (
        select(AccessLook, Person.name, Organisation.name_zh, Organisation.name_en)
        .outerjoin(Person, Person.id == AccessLook.viewer_id)
        .outerjoin(Organisation, Organisation.id == AccessLook.organisation_id)
        .where(_at(actor), AccessLook.record_code.in_(codes))
    )
    found = session.execute(query.order_by(AccessLook.id.desc()).limit(limit))
    return [
        _line(
            row, {row.viewer_id: name} if name else {}, {row.organisation_id or 0: pick(zh, en) if zh else ""}, JUDGES
        )
        for row, name, zh, en in found
    ]


def looks_in_scope(actor: Actor, wanted: Wanted = EVERYTHING, *, page: int = 1) -> Page:
    """Return the looks by those who act within the auditor's region, the latest first."""
    return _page(within(AccessLook.region_code, actor) & wanted.condition(), page)


def _page(condition: ColumnElement[bool], page: int, *, unnamed: Collection[str] = ()) -> Page:
    total = session.scalar(select(func.count()).select_from(AccessLook).where(condition)) or 0
    pages = max(-(-total // PER_PAGE), 1)
    shown = min(max(page, 1), pages)
    query = select(AccessLook).where(condition).order_by(AccessLook.id.desc())
    rows = session.scalars(query.limit(PER_PAGE).offset((shown - 1) * PER_PAGE)).all()
    names = names_of([key for row in rows for key in (row.person_id, row.viewer_id)])
    places = _organisations({row.organisation_id for row in rows if row.organisation_id})
    return Page([_line(row, names, places, unnamed) for row in rows], shown, pages, total)


def _organisations(ids: set[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = session.execute(
        select(Organisation.id, Organisation.name_zh, Organisation.name_en).where(Organisation.id.in_(ids))
    )
    return {key: pick(zh, en) for key, zh, en in rows}


def _line(row: AccessLook, names: dict[int, str], places: dict[int, str], unnamed: Collection[str]) -> Line:
    erased = str(_l("A person whose data was erased"))
    viewer = str(_l("Not named")) if row.role in unnamed else names.get(row.viewer_id, erased)
    return Line(
        at=row.at,
        person=names.get(row.person_id, erased),
        viewer=viewer,
        role=ROLE_LABELS[Role(row.role)] if row.role else _l("No role at present"),
        organisation=places.get(row.organisation_id or 0, ""),
        purpose=PURPOSE_LABELS[row.purpose],
        record=RECORD_LABELS.get(row.record_type, row.record_type),
    )
