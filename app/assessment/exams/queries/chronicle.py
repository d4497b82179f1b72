"""Reads of what happened around a sitting: what its page reported, and the answers between."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.access import held_by
from app.assessment.exams.models import (
    AnswerSave,
    Attempt,
    ConductRecord,
    ExamSession,
    Registration,
    SittingSignal,
)
from app.assessment.exams.queries.pages import Page
from app.assessment.exams.queries.signals import address_of
from app.assessment.exams.rules.chronicle import Line, Reported, Saved, chronicle, happenings, summary
from app.assessment.exams.signal_kinds import cut
from app.cases.kinds import Told
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError, Text
from app.core.text import _l

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Chronicle:
    """One page of what happened around a sitting, and all of it in figures."""

    summary: list[Text]
    page: Page[Line]


def of_conduct(code: str) -> ColumnElement[bool]:
    """Return the condition that a sitting is the one that a conduct record is about."""
    about = select(ConductRecord.registration_id).where(ConductRecord.code == code)
    return Attempt.registration_id.in_(about)


def of_code(code: str) -> ColumnElement[bool]:
    """Return the condition that a sitting has a code."""
    return Attempt.code == code


def told(sitting: ColumnElement[bool], *, url: str = "", alert: Text = "") -> Told:
    """Return what the page of a sitting reported, as it stands beside a case or a record: one statement."""
    reported = _reported_of(sitting)
    found = happenings(reported)
    return Told(
        title=_l("What the page of the sitting recorded"),
        note=_l(
            "Records for people to read, not findings: a pasted text may be the candidate’s own, and a window is left "
            "for many reasons. The times are those of the candidate’s page by the server’s clock."
        ),
        alert=alert,
        summary=[*summary(found), *_cut(reported)],
        lines=[(one.first.at, one.text) for one in found],
        link=_l("All of it, beside the answers"),
        url=url,
    )


def _reported_of(sitting: ColumnElement[bool]) -> list[Reported]:
    query = (
        select(SittingSignal)
        .join(Attempt, Attempt.id == SittingSignal.attempt_id)
        .where(sitting)
        .order_by(SittingSignal.id)
    )
    return [_reported(one) for one in session.scalars(query)]


def _cut(reported: Iterable[Reported]) -> list[Text]:
    return cut(Counter(one.kind for one in reported))


def _reported(one: SittingSignal) -> Reported:
    address = address_of(one.address_sealed, one.address_key)
    return Reported(one.kind, one.client_at or one.received_at, one.page, address, one.detail)


def read(found: Attempt, page: int) -> Chronicle:
    """Return a page of what happened around a sitting and what was answered between: two statements."""
    mine = Attempt.id == found.id
    reported = _reported_of(mine)
    seen = happenings(reported)
    saves = session.execute(
        select(AnswerSave.position, AnswerSave.client_at, AnswerSave.saved_at, AnswerSave.value)
        .where(AnswerSave.attempt_id == found.id)
        .order_by(AnswerSave.id)
    )
    lines = chronicle(seen, [Saved(row.position, _typed(row.client_at, row.saved_at), row.value) for row in saves])
    pages = max(-(-len(lines) // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    shown = Page(lines[(wanted - 1) * PER_PAGE : wanted * PER_PAGE], wanted, pages, len(lines))
    return Chronicle([*summary(seen), *_cut(reported)], shown)


def _typed(client_at: datetime | None, saved_at: datetime) -> datetime:
    """Return when an answer was given: by the candidate's page, never after the server had it."""
    return min(client_at, saved_at) if client_at else saved_at


def ended(sitting: ColumnElement[bool], actor: Actor | None = None) -> Attempt:
    """Return a sitting that has ended, with session and candidate; for an actor, within organisation and region.

    Raises NotFoundError, for a sitting that goes on as well: nobody reads answers while they are given.
    """
    query = (
        select(Attempt)
        .join(Attempt.session)
        .options(joinedload(Attempt.session), joinedload(Attempt.registration).joinedload(Registration.person))
        .where(sitting, Attempt.submitted_at.is_not(None))
    )
    if actor is not None:
        query = query.where(held_by(ExamSession.organisation_id, ExamSession.region_code, actor))
    found = session.scalar(query)
    if found is None:
        raise NotFoundError(_l("There is no such sitting that has ended within what you may see."))
    return found
