"""Reads of blueprints and papers within the actor's organisation and region."""

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.access import held_by
from app.assessment.exams.models import Blueprint, Paper, PaperItem
from app.assessment.exams.queries.pages import Page, paged
from app.assessment.exams.rules.assembly import Candidate
from app.assessment.exams.rules.marking import KeyedItem
from app.assessment.exams.rules.order import Sheet, movable
from app.assessment.exams.rules.papers import Leaf
from app.assessment.exams.states import PaperState
from app.core.access import Actor
from app.core.db import session
from app.core.errors import NotFoundError
from app.core.text import _l
from app.items.models import Item, ItemBank, ItemVersion
from app.items.rules.bodies import Body, options_of
from app.items.states import ItemState, Purpose


@dataclass(frozen=True, slots=True)
class SheetItem:
    """One place of a paper with what the pinned version says."""

    position: int
    points: Decimal
    code: str
    version: ItemVersion

    def leaf(self) -> Leaf:
        """Return what the content hash covers."""
        return Leaf(self.position, self.version.content_hash, self.points)

    def sheet(self) -> Sheet:
        """Return what the order of a candidate's paper needs."""
        options = self.version.options
        texts = [str(option["text"]) for option in options]
        return Sheet(
            self.position, tuple(str(option["key"]) for option in options), movable(self.version.type.value, texts)
        )

    def keyed(self) -> KeyedItem:
        """Return what marking needs."""
        return KeyedItem(
            self.position,
            self.version.type,
            frozenset(str(key) for key in self.version.key),
            self.points,
            self.version.module,
            options_of(self.version.options),
            Body.from_json(self.version.body or {}),
        )


def banks(actor: Actor) -> list[ItemBank]:
    """Return the exam banks of the actor's organisation."""
    query = select(ItemBank).where(ItemBank.purpose == Purpose.EXAM).order_by(ItemBank.code)
    if actor.organisation_id is not None:
        query = query.where(ItemBank.organisation_id == actor.organisation_id)
    return list(session.scalars(query))


def bank(code: str, actor: Actor) -> ItemBank:
    """Return one of those banks; raises NotFoundError."""
    for found in banks(actor):
        if found.code == code:
            return found
    raise NotFoundError(_l("There is no such item bank of your organisation."))


def approved(bank_id: int) -> list[Candidate]:
    """Return the approved items of a bank in their present versions."""
    query = (
        select(ItemVersion.id, ItemVersion.module, ItemVersion.level, ItemVersion.difficulty, ItemVersion.content_hash)
        .join(Item, (Item.id == ItemVersion.item_id) & (Item.number == ItemVersion.number))
        .where(Item.bank_id == bank_id, Item.state == ItemState.APPROVED)
        .order_by(ItemVersion.id)
    )
    return [
        Candidate(version_id, module, level.value, difficulty, content)
        for version_id, module, level, difficulty, content in session.execute(query)
    ]


def blueprints(actor: Actor, page: int) -> Page[Blueprint]:
    """List the blueprints, latest first."""
    return paged(_blueprints(actor).order_by(Blueprint.id.desc()), page)


def blueprint(code: str, actor: Actor) -> Blueprint:
    """Return one blueprint; raises NotFoundError."""
    found = session.scalar(_blueprints(actor).where(Blueprint.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such blueprint within what you may see."))
    return found


def papers_of(found: Blueprint) -> list[Paper]:
    """Return the papers assembled for a blueprint, first to last."""
    return list(session.scalars(select(Paper).where(Paper.blueprint_id == found.id).order_by(Paper.number)))


def next_number(blueprint_id: int) -> int:
    """Return the number of the next paper of a blueprint."""
    return (session.scalar(select(func.max(Paper.number)).where(Paper.blueprint_id == blueprint_id)) or 0) + 1


def paper(code: str, actor: Actor) -> Paper:
    """Return one paper with its blueprint; raises NotFoundError."""
    found = session.scalar(_papers(actor).where(Paper.code == code))
    if found is None:
        raise NotFoundError(_l("There is no such paper within what you may see."))
    return found


def frozen_papers(actor: Actor) -> list[Paper]:
    """Return the frozen papers a session may use, latest first."""
    query = _papers(actor).where(Paper.state == PaperState.FROZEN).order_by(Paper.id.desc())
    return list(session.scalars(query))


def sheet_of(paper_id: int) -> list[SheetItem]:
    """Return the places of a paper in order, with their pinned versions, in one statement."""
    query = (
        select(PaperItem.position, PaperItem.points, Item.code, ItemVersion)
        .join(ItemVersion, ItemVersion.id == PaperItem.item_version_id)
        .join(Item, Item.id == ItemVersion.item_id)
        .where(PaperItem.paper_id == paper_id)
        .order_by(PaperItem.position)
    )
    return [SheetItem(*row) for row in session.execute(query)]


def _blueprints(actor: Actor) -> Select[Blueprint]:
    return select(Blueprint).where(held_by(Blueprint.organisation_id, Blueprint.region_code, actor))


def _papers(actor: Actor) -> Select[Paper]:
    return (
        select(Paper)
        .join(Paper.blueprint)
        .options(joinedload(Paper.blueprint))
        .where(held_by(Blueprint.organisation_id, Blueprint.region_code, actor))
    )
