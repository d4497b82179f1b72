"""Reads of notices with their deliveries, and of the public notice board."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import aliased

from app.cases.models import Case, Delivery, Notice, Publicity
from app.cases.states import OPEN_STATES, NoticeKind, Outcome
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l

PER_PAGE = 20
ENDS = (NoticeKind.DECIDED, NoticeKind.DECLINED)
"""The notices of a decision, from whose delivery the time to take it further counts."""


@dataclass(frozen=True, slots=True)
class Served:
    """A notice with its proofs of delivery; `delivered_on` is the earliest proof or the deemed day."""

    notice: Notice
    deliveries: tuple[Delivery, ...]

    @property
    def delivered_on(self) -> date:
        """Return the day from which clocks count: the first proof, at the latest the day set by rule."""
        return min([one.delivered_on for one in self.deliveries] + [self.notice.deemed_on])

    @property
    def proved(self) -> bool:
        """Tell whether a proof stands, rather than the rule alone."""
        return any(one.delivered_on <= self.notice.deemed_on for one in self.deliveries)


class Page(NamedTuple):
    """One page of the notice board."""

    rows: list[Publicity]
    page: int
    pages: int
    total: int


def notices_of(case: Case) -> list[Served]:
    """Return the notices of a case in the order they were sent, with their deliveries: one statement."""
    rows = session.execute(
        select(Notice, Delivery)
        .outerjoin(Delivery, Delivery.notice_id == Notice.id)
        .where(Notice.case_id == case.id)
        .order_by(Notice.id, Delivery.id)
    )
    found: dict[int, tuple[Notice, list[Delivery]]] = {}
    for notice_, delivery in rows:
        kept = found.setdefault(notice_.id, (notice_, []))
        if delivery is not None:
            kept[1].append(delivery)
    return [Served(one, tuple(proofs)) for one, proofs in found.values()]


def served(case: Case, notice_: Notice) -> Served:
    """Return a notice of a case with its deliveries."""
    return next(one for one in notices_of(case) if one.notice.id == notice_.id)


def is_to(notice: Notice, actor: Actor | None, *, author: bool) -> bool:
    """Tell whether a notice is addressed to the actor; one without addressee is to the protected or nameless author."""
    if notice.to_person_id is None and notice.to_organisation_id is None:
        return author
    if actor is None:
        return False
    own_body = notice.to_organisation_id is not None and notice.to_organisation_id == actor.organisation_id
    return own_body or notice.standing_id == actor.person_id


def notice(case: Case, code: str) -> Notice:
    """Return a notice of a case; raises NotFoundError."""
    found = session.scalar(select(Notice).where(Notice.case_id == case.id, Notice.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such notice in this case."))
    return found


def decision_served(case: Case, actor: Actor | None, *, author: bool) -> Served | None:
    """Return the notice of the decision to the actor with its deliveries, None where they are no party.

    Without an actor it is asked for who raised the case without an account.
    """
    served = [one for one in notices_of(case) if one.notice.kind in ENDS and is_to(one.notice, actor, author=author)]
    return served[-1] if served else None


def running(on: date) -> ColumnElement[bool]:
    """Return the condition that a publicity period runs on a day."""
    return and_(Publicity.revoked_at.is_(None), Publicity.starts_on <= on, Publicity.ends_on >= on)


def board(*, archive: bool, on: date, text: str = "", page: int = 1) -> Page:
    """List the public notices: those whose period runs, or the archive of those that have passed."""
    passed = and_(Publicity.revoked_at.is_(None), Publicity.ends_on < on)
    query = select(Publicity).where(passed if archive else running(on))
    if text.strip():
        query = query.where(
            Publicity.title_zh.icontains(text.strip(), autoescape=True)
            | Publicity.title_en.icontains(text.strip(), autoescape=True)
        )
    total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
    pages = max(-(-total // PER_PAGE), 1)
    wanted = min(max(page, 1), pages)
    order = (Publicity.ends_on.desc(), Publicity.id.desc())
    rows = session.scalars(query.order_by(*order).limit(PER_PAGE).offset((wanted - 1) * PER_PAGE))
    return Page(list(rows), wanted, pages, total)


def publicity(code: str) -> Publicity:
    """Return a public notice, running, passed or revoked; raises NotFoundError."""
    found = session.scalar(select(Publicity).where(Publicity.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such public notice."))
    return found


def publicity_of(kind: str, subject_type: str, subject_code: str) -> Publicity | None:
    """Return the latest publicity period of a record, None where there was none."""
    query = select(Publicity).where(
        Publicity.kind == kind, Publicity.subject_type == subject_type, Publicity.subject_code == subject_code
    )
    return session.scalars(query.order_by(Publicity.id.desc()).limit(1)).first()


class Objections(NamedTuple):
    """How many objections and leads a publicity period drew, how many are open, how many were upheld."""

    raised: int
    open: int
    upheld: int


def objections(found: Publicity) -> Objections:
    """Count the objections to a public notice and to those that it corrects; drafts do not count."""
    said = or_(Case.publicity_id == found.id, Case.publicity_id.in_(_corrected_by(found)))
    query = select(Case.state, Case.outcome).where(said, Case.raised_at.is_not(None))
    rows = session.execute(query).all()
    waiting = sum(row.state in OPEN_STATES for row in rows)
    return Objections(len(rows), waiting, sum(row.outcome is Outcome.UPHELD for row in rows))


def _corrected_by(found: Publicity) -> Select[int]:
    """Select the notices of a record that were taken off the board since the last one that was not, before this."""
    earlier = Publicity.id < found.id, *_about(found)
    stood = select(func.coalesce(func.max(Publicity.id), 0)).where(*earlier, Publicity.revoked_at.is_(None))
    return select(Publicity.id).where(
        *earlier, Publicity.revoked_at.is_not(None), Publicity.id > stood.scalar_subquery()
    )


def _about(found: Publicity) -> tuple[ColumnElement[bool], ...]:
    return (
        Publicity.kind == found.kind,
        Publicity.subject_type == found.subject_type,
        Publicity.subject_code == found.subject_code,
    )


def later(found: Publicity) -> Publicity | None:
    """Return the latest notice of the same record after this one, None where there is none."""
    query = select(Publicity).where(*_about(found), Publicity.id > found.id)
    return session.scalars(query.order_by(Publicity.id.desc()).limit(1)).first()


def uncorrected() -> Select[Publicity]:
    """Select the notices that were taken off the board, not left off, and that no later one of their record follows."""
    later = aliased(Publicity)
    same = (
        later.kind == Publicity.kind,
        later.subject_type == Publicity.subject_type,
        later.subject_code == Publicity.subject_code,
    )
    follows = select(later.id).where(*same, later.id > Publicity.id)
    off = Publicity.revoked_at.is_not(None), Publicity.left_off_at.is_(None)
    return select(Publicity).where(*off, ~follows.exists())


def passed_untold(on: date) -> Select[Publicity]:
    """Select the periods that have passed and of which no room was told yet."""
    return select(Publicity).where(Publicity.ends_on < on, Publicity.told_at.is_(None), Publicity.revoked_at.is_(None))
