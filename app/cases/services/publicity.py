"""Publicity periods: opened by a room or an officer, objected to, told to the rooms above when they pass."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.accounts.states import Role
from app.cases.access import hears_objections
from app.cases.models import Publicity
from app.cases.queries import kinds
from app.cases.queries import notices as queries
from app.cases.rules.clocks import When, period_of
from app.cases.rules.masking import masked
from app.cases.rules.private import without_private
from app.cases.services.subjects import of_publicity
from app.core import events
from app.core.access import Actor
from app.core.calendar import add_working_days, published
from app.core.clock import day_of
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.events import Subject
from app.core.text import _l
from app.desk import services as desk
from app.rulebook import queries as rulebook

CORRECT, CORRECTED = "cases.correct", "cases.publicity_corrected"


@dataclass(frozen=True, slots=True)
class Announcement:
    """What everyone may read: title, body and names, masked before they are stored.

    Names are masked by the rule; of identity, mobile and card numbers and mail addresses in a text the beginning stays.
    """

    title_zh: str
    title_en: str
    body_zh: str
    body_en: str
    url: str
    names: Sequence[str] = ()


def open_publicity(
    kind: str,
    subject: Subject,
    said: Announcement,
    *,
    region_code: str,
    authority_region: str,
    decided_by_id: int | None,
    by: Actor | None,
    at: datetime,
) -> Publicity:
    """Open a publicity period of the days that the rules of the region demand; the same one is opened once.

    The first working day after today is its first counted day. Raises InvalidError where no rule in force
    demands publicity of this kind: ask `queries.kinds.publicity_demanded` first where that may be.
    """
    known, today = queries.publicity_of(kind, subject.type, subject.code), day_of(at)
    if known is not None and known.starts_on == today and known.revoked_at is None:
        return known
    demanded = kinds.publicity_demanded(kind, region_code, today)
    if demanded is None:
        raise InvalidError(_l("The rules in force demand no publicity of this kind. The authority must publish one."))
    pack, period = demanded
    due = add_working_days(today, period.days, published())
    row = Publicity(
        kind=kind,
        subject_type=subject.type,
        subject_code=subject.code,
        url=said.url,
        title_zh=without_private(said.title_zh),
        title_en=without_private(said.title_en),
        body_zh=without_private(said.body_zh),
        body_en=without_private(said.body_en),
        names=[masked(name, period.mask) for name in said.names],
        region_code=region_code,
        authority_region=authority_region,
        decided_by_id=decided_by_id,
        rule_pack=pack.code,
        starts_on=today,
        ends_on=due.day,
        provisional=due.provisional,
        opened_by_id=by.person_id if by else None,
        opened_at=at,
    )
    session.add(row)
    session.flush()
    events.record("cases.publicity_opened", of_publicity(row), by=by, at=at, rule=pack.code, data=_about(row))
    if known is not None:
        desk.close_todos(of_publicity(known), kind=CORRECT, at=at)
    return row


@dataclass(frozen=True, slots=True)
class Correction:
    """What a corrected notice says in place of the one that was taken off the board."""

    title_zh: str
    title_en: str
    body_zh: str
    body_en: str


def correct(row: Publicity, said: Correction, *, by: Actor, at: datetime) -> Publicity:
    """Open a notice that was taken off the board anew, corrected, for a whole period of the rules in force now.

    Names stay as the rule masked them. Objections to the wrong notice count for this one too. Raises ForbiddenError
    for another authority, ConflictError where the notice stands or a later one follows it already.
    """
    refuse_others(row, by)
    if row.revoked_at is None or queries.later(row) is not None:
        raise ConflictError(
            _l("Only a notice that was taken off the board is opened anew, and once. Its page leads to the later one.")
        )
    announced = Announcement(said.title_zh, said.title_en, said.body_zh, said.body_en, row.url, row.names)
    made = open_publicity(
        row.kind,
        Subject(row.subject_type, row.subject_code),
        announced,
        region_code=row.region_code,
        authority_region=row.authority_region,
        decided_by_id=row.decided_by_id,
        by=by,
        at=at,
    )
    events.record(CORRECTED, of_publicity(made), by=by, at=at, data={**_about(made), "corrects": row.code})
    return made


def leave_off(row: Publicity, *, reason: str, by: Actor, at: datetime) -> None:
    """Leave a notice off the board, with the reason: what it announced ended some other way, and nothing waits for it.

    A corrected one may still be opened, should it go on after all. The same again changes nothing. Raises
    ForbiddenError for another authority, ConflictError where the notice stands, a later one follows it, or it is left
    off for another reason.
    """
    refuse_others(row, by)
    if row.left_off_at is not None and row.left_off_reason == reason:
        return
    if row.revoked_at is None or row.left_off_at is not None or queries.later(row) is not None:
        raise ConflictError(
            _l("Only a notice that was taken off the board, and that no later one follows, is left off, and once.")
        )
    row.left_off_at, row.left_off_by_id, row.left_off_reason = at, by.person_id, reason
    session.flush()
    events.record("cases.publicity_left_off", of_publicity(row), by=by, at=at, reason=reason, data=_about(row))
    desk.close_todos(of_publicity(row), kind=CORRECT, at=at)


def binds(row: Publicity) -> bool:
    """Tell whether the decision takes effect only after this period, by the rule that opened it."""
    period = period_of(kinds.clock_of(rulebook.by_code(row.rule_pack)), row.kind)
    return period is not None and period.when is When.BEFORE


def _about(row: Publicity) -> dict[str, object]:
    return {"kind": row.kind, "subject_type": row.subject_type, "subject_code": row.subject_code}


def refuse_others(row: Publicity, by: Actor) -> None:
    """Refuse whoever is not of the authority that hears objections to a notice; raises ForbiddenError."""
    if not hears_objections(by, row):
        raise ForbiddenError(_l("The authority that hears objections to a public notice takes it off the board."))


def revoke(row: Publicity, *, reason: str, by: Actor, at: datetime) -> None:
    """Take a notice off the board before its time, with the reason; a corrected one is opened anew.

    Where the decision takes effect only after a whole period, the authority is asked for the corrected notice. Raises
    ForbiddenError for another authority, ConflictError once the period has passed.
    """
    refuse_others(row, by)
    if row.revoked_at is not None or row.ends_on < day_of(at):
        raise ConflictError(_l("This publicity period has ended already."))
    row.revoked_at, row.revoked_by_id, row.reason = at, by.person_id, reason
    session.flush()
    events.record("cases.publicity_revoked", of_publicity(row), by=by, at=at, reason=reason, data=_about(row))
    if binds(row):
        desk.open_todo(
            CORRECT,
            of_publicity(row),
            url=f"/notices/{row.code}",
            at=at,
            role=Role.REGULATOR,
            region_code=row.authority_region,
            params={"title_zh": row.title_zh, "title_en": row.title_en},
        )


def tell_if_passed(row: Publicity, *, at: datetime) -> bool:
    """Tell the rooms above that a period has passed, once, and only when no objection is open any more."""
    counted = queries.objections(row)
    if counted.open or row.told_at is not None or row.revoked_at is not None or row.ends_on >= day_of(at):
        return False
    row.told_at = at
    session.flush()
    events.record(
        "cases.publicity_ended",
        of_publicity(row),
        by=None,
        at=at,
        rule=row.rule_pack,
        data={**_about(row), "objections": counted.raised, "upheld": counted.upheld},
    )
    return True
