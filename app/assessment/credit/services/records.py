"""Records about a person: entered by one officer, confirmed by a second, corrected, withdrawn."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from app.accounts.models import Person
from app.accounts.states import Role
from app.assessment.credit.access import works_on
from app.assessment.credit.models import CreditRecord
from app.assessment.credit.queries import doubts, ratings
from app.assessment.credit.queries import records as queries
from app.assessment.credit.queries.packs import RepairPacks
from app.assessment.credit.services import sanctions
from app.assessment.credit.services.ratings import rerate
from app.assessment.credit.states import RECORD, Gravity, Polarity, RecordState
from app.core import events
from app.core.access import Actor
from app.core.clock import day_of
from app.core.columns import new_code
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.files import StoredFile
from app.core.text import _l
from app.desk import services as desk
from app.evidence import services as evidence
from app.evidence.queries.uses import evidence_used_by, once_used_by
from app.evidence.states import LIVE

WHO = _l("A credit officer of the region does this, and nobody about themselves.")


@dataclass(frozen=True, slots=True)
class Entry:
    """What an officer enters: the fields of a dishonesty record (Shanghai, 2024), or those of a positive one."""

    polarity: Polarity
    gravity: Gravity | None
    conduct: str
    result: str
    deciding_body: str
    basis: str
    effective_on: date
    sanction_until: date | None = None
    publish_anyway: bool = False


def enter(
    person: Person,
    entry: Entry,
    file: StoredFile,
    *,
    token: str,
    corrects: CreditRecord | None = None,
    rests_on: Sequence[str] = (),
    by: Actor,
    at: datetime,
) -> CreditRecord:
    """Enter a record for a second officer to confirm; a repeated request returns the first.

    `rests_on` are codes of checked evidence of the person. Raises ForbiddenError for who may not, InvalidError naming
    the field, ConflictError where the record to correct has ended or is being corrected already.
    """
    known = queries.by_token(token)
    if known is not None:
        return known
    region = corrects.region_code if corrects else by.region_code
    if region is None or not works_on(by, region, person.id):
        raise ForbiddenError(WHO)
    _check(entry, day_of(at))
    _check_correctable(corrects, person)
    record = CreditRecord(
        token=token,
        person_id=person.id,
        region_code=region,
        file_id=file.id,
        corrects_id=corrects.id if corrects else None,
        entered_by_id=by.person_id,
        entered_at=at,
        **asdict(entry),
    )
    session.add(record)
    session.flush()
    _rest_on(record, rests_on, by=by, at=at)
    events.record("credit.entered", queries.subject(record), by=by, at=at, data={"file": file.sha256})
    desk.open_todo(
        "credit.confirm",
        queries.subject(record),
        url=f"/credit/records/{record.code}",
        at=at,
        role=Role.CREDIT,
        region_code=region,
        not_person_id=by.person_id,
        params={"conduct": record.conduct},
    )
    return record


def _rest_on(record: CreditRecord, codes: Sequence[str], *, by: Actor, at: datetime) -> None:
    """Note which evidence the record rests on; a record uses none of it up, so each has a purpose of its own."""
    known = doubts.checked_evidence(codes, record.person_id)
    missing = [one for one in codes if one not in known]
    if missing:
        raise InvalidError(
            _l("This person has no checked record of evidence with the code “%(code)s”.", code=missing[0]),
            field="evidence",
        )
    for one in known.values():
        evidence.use(one.id, queries.subject(record), f"{queries.TYPE}:{record.code}", at, by=by)


def _check(entry: Entry, today: date) -> None:
    if (entry.polarity is Polarity.NEGATIVE) != (entry.gravity is not None):
        raise InvalidError(_l("Choose a class for a negative record, and none for a positive one."), field="gravity")
    if entry.effective_on > today:
        raise InvalidError(_l("The determination takes effect later. Enter it from that day on."), field="effective_on")
    if entry.sanction_until is not None and entry.sanction_until < entry.effective_on:
        raise InvalidError(_l("The period ends before it starts. Choose a later day."), field="sanction_until")
    if entry.publish_anyway and entry.gravity is not Gravity.MINOR:
        raise InvalidError(_l("Only a minor record needs this; others are published by rule."), field="publish_anyway")


def _check_correctable(corrects: CreditRecord | None, person: Person) -> None:
    if corrects is None:
        return
    if corrects.person_id != person.id:
        raise InvalidError(_l("A correction is about the same person."), field="number")
    if corrects.state is not RecordState.CONFIRMED or queries.correction_of(corrects) is not None:
        raise ConflictError(_l("This record has ended, or a correction of it waits already. Reload its page."))


def confirm(record: CreditRecord, *, by: Actor, at: datetime) -> None:
    """Confirm a record as the second officer: it is known and used from now on, and its person is told.

    A correction ends what it replaces; a serious record restricts. Raises ForbiddenError for who entered it.
    """
    _check_second(record, by)
    _check_evidence(record)
    if record.gravity is not None:
        RepairPacks(at).on(record.region_code, day_of(at))
    RECORD.move(record, "confirm", decided_by_id=by.person_id, decided_at=at)
    session.flush()
    data = {"file": record.file.sha256, "corrects": record.corrects_id is not None}
    events.record("credit.confirmed", queries.subject(record), by=by, at=at, data=data)
    desk.close_todos(queries.subject(record), at=at)
    if record.corrects_id is not None:
        _end_corrected(session.get_one(CreditRecord, record.corrects_id), by=by, at=at)
    sanctions.impose(record, by=by, at=at)
    if record.corrects_id is not None and ratings.latest(record.person_id) is not None:
        rerate(session.get_one(Person, record.person_id), at=at)


def _check_second(record: CreditRecord, by: Actor) -> None:
    if not works_on(by, record.region_code, record.person_id):
        raise ForbiddenError(WHO)
    if record.entered_by_id == by.person_id:
        raise ForbiddenError(_l("You entered this record, so another credit officer decides on it."))


def _check_evidence(record: CreditRecord) -> None:
    """Refuse a record whose evidence was withdrawn or replaced before it was confirmed."""
    ended = [one for one in evidence_used_by(queries.subject(record)) if one.state not in LIVE]
    if ended:
        raise ConflictError(
            _l(
                "The evidence “%(title)s” was withdrawn or replaced meanwhile. Do not confirm the record; it is "
                "entered again on what stands.",
                title=ended[0].title,
            )
        )


def _end_corrected(old: CreditRecord, *, by: Actor, at: datetime) -> None:
    RECORD.move(old, "correct", ended_at=at)
    session.flush()
    events.record("credit.corrected", queries.subject(old), by=by, at=at)
    sanctions.lift(old, reason=str(_l("Replaced by a correction")), at=at)


def reject(record: CreditRecord, *, reason: str, by: Actor, at: datetime) -> None:
    """Not confirm a record, with the reason that the first officer reads; it never counts."""
    _check_second(record, by)
    if not reason.strip():
        raise InvalidError(_l("Give the reason."), field="reason")
    RECORD.move(record, "reject", decided_by_id=by.person_id, decided_at=at, reason=reason)
    session.flush()
    events.record("credit.rejected", queries.subject(record), by=by, at=at, reason=reason)
    desk.close_todos(queries.subject(record), at=at)


def withdraw(record: CreditRecord, *, reason: str, by: Actor | None, at: datetime) -> None:
    """Withdraw a record after an upheld objection, or as two officers agreed: no longer published or used.

    What it brought is lifted, and its person is rated again.
    """
    RECORD.move(record, "withdraw", ended_at=at)
    session.flush()
    events.record("credit.withdrawn", queries.subject(record), by=by, at=at, reason=reason)
    desk.close_todos(queries.subject(record), at=at)
    sanctions.lift(record, reason=reason, at=at)
    if ratings.latest(record.person_id) is not None:
        rerate(session.get_one(Person, record.person_id), at=at)


KEPT = (
    "person_id",
    "region_code",
    "polarity",
    "gravity",
    "conduct",
    "result",
    "deciding_body",
    "basis",
    "effective_on",
    "sanction_until",
    "publish_anyway",
    "file_id",
    "entered_by_id",
    "entered_at",
    "decided_by_id",
)


def reinstate(record: CreditRecord, *, by: Actor, at: datetime) -> CreditRecord:
    """Enter a withdrawn record anew, confirmed by the same two officers, after a higher rung reversed the decision.

    What was known between the withdrawal and now stays as it was.
    """
    if record.state is not RecordState.WITHDRAWN:
        raise ConflictError(_l("This record was not withdrawn, so there is nothing to take back."))
    copy = CreditRecord(
        token=new_code(),
        corrects_id=record.id,
        state=RecordState.CONFIRMED,
        decided_at=at,
        **{name: getattr(record, name) for name in KEPT},
    )
    session.add(copy)
    session.flush()
    data = {"reinstates": record.code}
    events.record("credit.confirmed", queries.subject(copy), by=by, at=at, data=data)
    for one in once_used_by(queries.subject(record)):
        evidence.use(one.id, queries.subject(copy), f"{queries.TYPE}:{copy.code}", at, by=by)
    sanctions.impose(copy, by=by, at=at)
    return copy
