"""Reads of credit records: one's own, those of a region, the public list; with what follows from their dates."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, func, or_, select

from app.accounts.models import Person
from app.assessment.credit.access import seen
from app.assessment.credit.models import CreditDoubt, CreditRecord, CreditRepair
from app.assessment.credit.queries.packs import RepairPacks
from app.assessment.credit.rules.periods import Span
from app.assessment.credit.states import KNOWN_STATES, DoubtState, Gravity, Polarity, RecordState, RepairState
from app.cases.models import Case
from app.cases.states import OPEN_STATES
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.events import Subject
from app.core.text import _l
from app.rulebook.facts import Fact, Question

PER_PAGE = 25
EXPORT_ROWS = 5000
PUBLIC_ROWS = 2000
TYPE = "credit_record"
OBJECTION = "credit.objection"
NO_SUCH: tuple[str, ...] = ("",)


class Page(NamedTuple):
    """One page of records."""

    rows: list[CreditRecord]
    page: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer looks for: state, class, words of the record or its person."""

    state: str = ""
    gravity: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Life:
    """A record on a day: its span where it is negative, whether it is published, used, disputed."""

    record: CreditRecord
    span: Span | None
    published: bool
    used: bool
    disputed: bool

    @property
    def code(self) -> str:
        """Return the code of the record."""
        return self.record.code


def subject(record: CreditRecord) -> Subject:
    """Name a record in events, to-dos and cases."""
    return Subject(TYPE, record.code)


def desk(actor: Actor, wanted: Wanted, *, page: int = 1) -> Page:
    """List the records of the actor's region, those that wait first, then the latest."""
    query = _wanted(actor, wanted)
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    number = min(max(page, 1), pages)
    order = (CreditRecord.state != RecordState.ENTERED, CreditRecord.id.desc())
    rows = session.scalars(query.order_by(*order).limit(PER_PAGE).offset((number - 1) * PER_PAGE))
    return Page(list(rows), number, pages, total)


def export(actor: Actor, wanted: Wanted) -> list[CreditRecord]:
    """Return the same list whole, for a file; at most EXPORT_ROWS."""
    query = _wanted(actor, wanted).order_by(CreditRecord.id.desc()).limit(EXPORT_ROWS)
    return list(session.scalars(query))


def _wanted(actor: Actor, wanted: Wanted) -> Select[CreditRecord]:
    query = select(CreditRecord).join(CreditRecord.person).where(seen(actor))
    if wanted.state in set(RecordState):
        query = query.where(CreditRecord.state == RecordState(wanted.state))
    if wanted.gravity in set(Gravity):
        query = query.where(CreditRecord.gravity == Gravity(wanted.gravity))
    elif wanted.gravity == Polarity.POSITIVE:
        query = query.where(CreditRecord.polarity == Polarity.POSITIVE)
    if text := wanted.text.strip():
        columns = (Person.name, CreditRecord.conduct, CreditRecord.basis, CreditRecord.deciding_body)
        query = query.where(or_(*(column.contains(text, autoescape=True) for column in columns)))
    return query


def record(code: str, actor: Actor) -> CreditRecord:
    """Return one record; raises NotFoundError outside of what the actor may see."""
    found = session.scalar(select(CreditRecord).where(CreditRecord.code == code, seen(actor)))
    if found is None:
        raise NotFoundError(_l("There is no such credit record within what you may see."))
    return found


def by_code(code: str) -> CreditRecord:
    """Return a record for work without an actor; raises NotFoundError."""
    found = session.scalar(select(CreditRecord).where(CreditRecord.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such credit record."))
    return found


def by_token(token: str) -> CreditRecord | None:
    """Return the record that a request entered before, so that a repeated request enters none."""
    return session.scalar(select(CreditRecord).where(CreditRecord.token == token))


def correction_of(found: CreditRecord) -> CreditRecord | None:
    """Return the correction of a record that waits or was confirmed, None where there is none."""
    return session.scalars(_corrections(found).order_by(CreditRecord.id.desc()).limit(1)).first()


def _corrections(found: CreditRecord) -> Select[CreditRecord]:
    return select(CreditRecord).where(CreditRecord.corrects_id == found.id, CreditRecord.state != RecordState.REJECTED)


def own(actor: Actor) -> list[CreditRecord]:
    """Return the confirmed records of the person who asks, the latest first."""
    query = select(CreditRecord).where(CreditRecord.person_id == actor.person_id, CreditRecord.state.in_(KNOWN_STATES))
    return list(session.scalars(query.order_by(CreditRecord.id.desc())))


def lives(
    rows: Sequence[CreditRecord], *, on: date, known_at: datetime, disputed: set[str] | None = None
) -> list[Life]:
    """Return what the dates make of records on a day: two statements for all, one where `disputed` is known."""
    if not rows:
        return []
    packs = RepairPacks(known_at)
    marked = disputed_codes([row.code for row in rows]) if disputed is None else disputed
    return [_life(row, packs, on, disputed=row.code in marked) for row in rows]


def _life(row: CreditRecord, packs: RepairPacks, on: date, *, disputed: bool) -> Life:
    ended = row.repaired_on is not None and row.repaired_on <= on
    standing = row.state in {RecordState.CONFIRMED, RecordState.REPAIRED} and not ended
    if row.gravity is None:
        runs = row.effective_on <= on and (row.sanction_until is None or row.sanction_until >= on)
        return Life(row, None, published=False, used=standing and runs, disputed=disputed)
    span = packs.span(row.region_code, row.effective_on, row.gravity, on)
    used = standing and span.covers(on)
    return Life(row, span, published=used and (span.published or row.publish_anyway), used=used, disputed=disputed)


def disputed_codes(codes: Sequence[str]) -> set[str]:
    """Return which records an open objection disputes: marked from the moment it is raised."""
    return set(session.scalars(_disputed(codes)))


def _disputed(codes: Sequence[str]) -> Select[str]:
    return select(Case.subject_code).where(
        Case.kind == OBJECTION,
        Case.subject_type == TYPE,
        Case.subject_code.in_(codes or NO_SUCH),
        Case.state.in_(OPEN_STATES),
    )


class Marks(NamedTuple):
    """Whether an open objection disputes a record, whether a correction of it waits or was confirmed, a second look."""

    disputed: bool
    corrected: bool
    doubt: CreditDoubt | None


def marks(found: CreditRecord) -> Marks:
    """Return what stands beside a record: one statement."""
    query = select(_disputed([found.code]).exists(), _corrections(found).correlate(None).exists(), CreditDoubt)
    query = query.select_from(CreditRecord).outerjoin(CreditDoubt, unsettled(CreditRecord.id))
    return Marks(*session.execute(query.where(CreditRecord.id == found.id)).one())


def unsettled(record_id: SQLColumnExpression[int] | int) -> ColumnElement[bool]:
    """Return the condition that a second look at a record is not settled; there is one at most."""
    return (CreditDoubt.record_id == record_id) & (CreditDoubt.state != DoubtState.SETTLED)


def published(*, on: date, known_at: datetime, text: str = "", page: int = 1) -> tuple[list[Life], Page]:
    """Return a page of what is published on a day, the latest determination first.

    At most PUBLIC_ROWS confirmed records are looked at; those past their maximum are left out by their dates.
    """
    query = select(CreditRecord).where(
        CreditRecord.polarity == Polarity.NEGATIVE,
        CreditRecord.state == RecordState.CONFIRMED,
        CreditRecord.effective_on <= on,
    )
    if wanted := text.strip():
        columns = (CreditRecord.conduct, CreditRecord.deciding_body, CreditRecord.basis)
        query = query.where(or_(*(column.contains(wanted, autoescape=True) for column in columns)))
    rows = session.scalars(query.order_by(CreditRecord.effective_on.desc(), CreditRecord.id.desc()).limit(PUBLIC_ROWS))
    shown = [one for one in lives(list(rows), on=on, known_at=known_at) if one.published]
    pages = max(-(-len(shown) // PER_PAGE), 1)
    number = min(max(page, 1), pages)
    cut = shown[(number - 1) * PER_PAGE : number * PER_PAGE]
    return cut, Page([one.record for one in cut], number, pages, len(shown))


# ---- facts as known at an instant


def in_use(person_ids: Iterable[int], *, on: date, known_at: datetime) -> Mapping[int, list[CreditRecord]]:
    """Return the records that count for people on a day as known at an instant: two statements.

    What was corrected, withdrawn or repaired later still counts for an earlier `known_at`.
    """
    query = select(CreditRecord).where(
        CreditRecord.person_id.in_(set(person_ids) or {0}),
        CreditRecord.state.in_(KNOWN_STATES),
        CreditRecord.decided_at <= known_at,
        or_(CreditRecord.ended_at.is_(None), CreditRecord.ended_at > known_at),
        or_(CreditRecord.repaired_on.is_(None), CreditRecord.repaired_on > on, CreditRecord.repaired_at > known_at),
        CreditRecord.effective_on <= on,
    )
    packs = RepairPacks(known_at)
    found: defaultdict[int, list[CreditRecord]] = defaultdict(list)
    for row in session.scalars(query.order_by(CreditRecord.id)):
        if _runs(row, packs, on):
            found[row.person_id].append(row)
    return found


def _runs(row: CreditRecord, packs: RepairPacks, on: date) -> bool:
    if row.gravity is None:
        return row.sanction_until is None or row.sanction_until >= on
    return packs.span(row.region_code, row.effective_on, row.gravity, on).covers(on)


def facts(question: Question) -> Mapping[int, Mapping[str, Fact]]:
    """Give how many negative records of each class and positive records count for people."""
    found = in_use(question.subjects, on=question.on, known_at=question.known_at)
    return {person_id: _counted(found.get(person_id, [])) for person_id in question.subjects}


def _counted(rows: Sequence[CreditRecord]) -> dict[str, Fact]:
    named = {
        f"credit.negative[{gravity.value}]": [row for row in rows if row.gravity is gravity] for gravity in Gravity
    }
    named["credit.positive"] = [row for row in rows if row.gravity is None]
    return {name: _fact(counted) for name, counted in named.items()}


def _fact(rows: Sequence[CreditRecord]) -> Fact:
    since = min((row.effective_on for row in rows), default=None)
    return Fact(Decimal(len(rows)), since, ", ".join(row.code for row in rows))


# ---- repair


def repairs_of(found: CreditRecord) -> list[CreditRepair]:
    """Return the applications for repair of a record, the latest first."""
    query = select(CreditRepair).where(CreditRepair.record_id == found.id)
    return list(session.scalars(query.order_by(CreditRepair.id.desc())))


def repair(code: str, actor: Actor) -> tuple[CreditRepair, CreditRecord]:
    """Return an application with its record; raises NotFoundError outside of what the actor may see."""
    query = select(CreditRepair, CreditRecord).join(CreditRecord, CreditRecord.id == CreditRepair.record_id)
    found = session.execute(query.where(CreditRepair.code == code, seen(actor))).first()
    if found is None:
        raise NotFoundError(_l("There is no such application for repair within what you may see."))
    return found[0], found[1]


def waits_for_repair(person_id: int) -> bool:
    """Tell whether an application of a person waits for a decision."""
    query = select(CreditRepair.id).where(
        CreditRepair.asked_by_id == person_id, CreditRepair.state == RepairState.APPLIED
    )
    return session.scalar(query.limit(1)) is not None


def open_repair(found: CreditRecord) -> CreditRepair | None:
    """Return the application that waits for a decision, None where there is none."""
    query = select(CreditRepair).where(CreditRepair.record_id == found.id, CreditRepair.state == RepairState.APPLIED)
    return session.scalar(query)
