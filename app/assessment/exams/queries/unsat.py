"""Reads of frozen papers that nobody has sat: which of them hold an item, and what was decided on them."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.models import Blueprint, ExamSession, Paper, PaperDoubt, PaperItem, PaperSeal
from app.assessment.exams.queries.papers import is_set_aside, unsealed_content
from app.assessment.exams.states import PaperState, SessionState
from app.core.db import session
from app.items.models import Item, ItemBank, ItemVersion


def unsat(at: datetime) -> ColumnElement[bool]:
    """Return the condition that a paper is frozen, not set aside, and that no window on it has opened."""
    opened = select(ExamSession.id).where(
        ExamSession.paper_id == Paper.id, ExamSession.state != SessionState.PLANNED, ExamSession.opens_at <= at
    )
    return (Paper.state == PaperState.FROZEN) & ~opened.exists() & ~is_set_aside()


def holding(bank_code: str, item_code: str, at: datetime) -> Iterator[Paper]:
    """Yield the frozen papers not yet sat that hold a version of an item.

    A sealed one is looked into in memory: whoever calls it tells nobody but its examiners that it holds the item, and
    not which.
    """
    versions = set(
        session.scalars(
            select(ItemVersion.id)
            .join(Item, Item.id == ItemVersion.item_id)
            .join(ItemBank, ItemBank.id == Item.bank_id)
            .where(ItemBank.code == bank_code, Item.code == item_code)
        )
    )
    query = (
        select(Paper, PaperSeal)
        .join(PaperSeal, PaperSeal.paper_id == Paper.id)
        .join(Paper.blueprint)
        .join(ItemBank, ItemBank.id == Blueprint.bank_id)
        .options(joinedload(Paper.blueprint))
        .where(ItemBank.code == bank_code, unsat(at))
        .order_by(Paper.id)
    )
    for paper, seal in session.execute(query).all():
        if versions & _versions_on(paper, seal):
            yield paper


def _versions_on(paper: Paper, seal: PaperSeal) -> set[int]:
    if seal.opened_at is None:
        places, _seed = unsealed_content(seal, paper)
        return {one.version_id for one in places}
    return set(session.scalars(select(PaperItem.item_version_id).where(PaperItem.paper_id == paper.id)))


def readable_uses(organisation_id: int, at: datetime) -> Select[int, int]:
    """Select each item once for each paper of a body that is frozen and not yet sat, and whose places can be read.

    Sealed papers have no places to read, so that what a new paper may not draw never tells what they hold.
    """
    return (
        select(ItemVersion.item_id, Paper.id)
        .join(PaperItem, PaperItem.item_version_id == ItemVersion.id)
        .join(Paper, Paper.id == PaperItem.paper_id)
        .join(Blueprint, Blueprint.id == Paper.blueprint_id)
        .where(Blueprint.organisation_id == organisation_id, unsat(at))
        .distinct()
    )


def doubt_of(paper: Paper) -> PaperDoubt | None:
    """Return the doubt about a paper that waits for a decision, else the last one; None where there was none."""
    query = select(PaperDoubt).where(PaperDoubt.paper_id == paper.id).order_by(PaperDoubt.id.desc())
    return session.scalars(query.limit(1)).first()


def seal_and_doubt(paper: Paper) -> tuple[PaperSeal | None, PaperDoubt | None]:
    """Return the seal of a paper and the last doubt about it in one statement; neither for a draft."""
    last = select(func.max(PaperDoubt.id)).where(PaperDoubt.paper_id == paper.id).correlate(None).scalar_subquery()
    query = select(PaperSeal, PaperDoubt).outerjoin(PaperDoubt, PaperDoubt.id == last)
    found = session.execute(query.where(PaperSeal.paper_id == paper.id)).first()
    return (found[0], found[1]) if found else (None, None)
