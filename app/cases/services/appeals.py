"""Until when a decision may be taken further: kept when its notice is sent, started earlier by a proof of delivery."""

from datetime import date, datetime

from sqlalchemy import select

from app.cases.models import AppealPeriod, Case, Notice
from app.cases.queries import cases as queries
from app.cases.queries import notices, rungs
from app.cases.queries.notices import Served
from app.cases.rules.clocks import MOST_DAYS
from app.cases.services import authors
from app.core.access import Actor
from app.core.calendar import published
from app.core.clock import day_of
from app.core.db import session
from app.rulebook import queries as rulebook

CHUNK = 200
STILL_RUN = 2 * MOST_DAYS
"""No appeal period is longer, in calendar days, than twice the most working days that clocks may set."""


def keep_period(case: Case, notice: Notice, *, since: date, on: date) -> None:
    """Keep until when the addressee of a decision may take it further, by the clocks of a day.

    Nothing is kept where no rung is above, no time is set, or the decision was taken further already.
    """
    pack = rungs.pack_above(case, on)
    due = rungs.ends_on(case, pack, since, published()) if pack is not None else None
    if pack is None or due is None or queries.next_of(case) is not None:
        return
    session.add(
        AppealPeriod(
            notice_id=notice.id,
            rule_pack=pack.code,
            ends_on=due.day,
            provisional=due.provisional,
        )
    )
    session.flush()
    session.expire(notice, ["appeal"])


def start_with_proof(case: Case, served: Served, delivered_on: date) -> None:
    """Let the time to take a decision further count from a proof that is earlier than the day from which it counted."""
    kept = served.notice.appeal
    if kept is None or delivered_on >= served.delivered_on:
        return
    due = rungs.ends_on(case, rulebook.by_code(kept.rule_pack), delivered_on, published())
    if due is not None:
        kept.ends_on, kept.provisional = due
        session.flush()


def appeal_until(case: Case, by: Actor | None, *, on: date) -> date | None:
    """Return the last day for a party to take a decision further, None where none is set or they are no party.

    `by` is None for who complained without an account. A decision from before such days were kept is counted by the
    clocks of the day it is asked on, and so is one of the days when no notice went to who had no account.
    """
    served = notices.decision_served(case, by, author=by is None or authors.is_author(case, by))
    if served is not None and served.notice.appeal is not None:
        return served.notice.appeal.ends_on
    since = served.delivered_on if served is not None else None
    if since is None and by is None and case.decided_at is not None:
        since = day_of(case.decided_at)
    pack = rungs.pack_above(case, on)
    due = rungs.ends_on(case, pack, since, published()) if pack is not None and since is not None else None
    return due.day if due is not None else None


def keep_older(*, after: int, at: datetime) -> int | None:
    """Keep the days of the next decisions from before they were kept; return the last key done, None after the end."""
    today = day_of(at)
    query = (
        select(Notice, Case)
        .join(Case, Case.id == Notice.case_id)
        .outerjoin(AppealPeriod, AppealPeriod.notice_id == Notice.id)
        .where(
            Notice.id > after,
            Notice.kind.in_(notices.ENDS),
            Notice.sent_on >= date.fromordinal(today.toordinal() - STILL_RUN),
            AppealPeriod.id.is_(None),
        )
    )
    rows = session.execute(query.order_by(Notice.id).limit(CHUNK)).all()
    for notice, case in rows:
        keep_period(case, notice, since=notices.served(case, notice).delivered_on, on=today)
    return rows[-1][0].id if rows else None
