"""Reads of blueprints and papers within the actor's organisation and region."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import joinedload

from app.assessment.exams.access import held_by
from app.assessment.exams.models import Blueprint, ExamSession, Paper, PaperDoubt, PaperItem, PaperSeal
from app.assessment.exams.queries.pages import Page, paged
from app.assessment.exams.rules.assembly import Candidate
from app.assessment.exams.rules.order import Sheet, movable
from app.assessment.exams.rules.papers import Leaf, SealedPlace, sheets_of, unsealed
from app.assessment.exams.rules.rulings import KeyedItem
from app.assessment.exams.states import PaperFate, PaperState, SessionState
from app.core import clock, crypto
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError, NotFoundError
from app.core.jobs import Job, JobState
from app.core.text import _l
from app.items.access import of_own_organisation
from app.items.models import Item, ItemBank, ItemVersion
from app.items.rules import bodies
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
        asked = bodies.asked(self.version)
        parts = tuple(_keys(part) if _moves(part) else () for part in asked.body.parts)
        return Sheet(self.position, _keys(asked), _moves(asked), parts if any(parts) else ())

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


def _keys(asked: bodies.Part) -> tuple[str, ...]:
    return tuple(option.key for option in asked.options)


def _moves(asked: bodies.Part) -> bool:
    return movable(asked.type.value, (option.text for option in asked.options))


def banks(actor: Actor) -> list[ItemBank]:
    """Return the exam banks of the actor's organisation."""
    query = select(ItemBank).where(ItemBank.purpose == Purpose.EXAM, of_own_organisation(actor))
    return list(session.scalars(query.order_by(ItemBank.code)))


def bank(code: str, actor: Actor) -> ItemBank:
    """Return one of those banks; raises NotFoundError."""
    for found in banks(actor):
        if found.code == code:
            return found
    raise NotFoundError(_l("There is no such item bank of your organisation."))


def approved(bank_id: int) -> list[Candidate]:
    """Return the approved items of a bank in their present versions."""
    query = (
        select(
            ItemVersion.id,
            ItemVersion.module,
            ItemVersion.level,
            ItemVersion.difficulty,
            ItemVersion.content_hash,
            Item.id,
            Item.code,
            ItemVersion.type,
        )
        .join(Item, (Item.id == ItemVersion.item_id) & (Item.number == ItemVersion.number))
        .where(Item.bank_id == bank_id, Item.state == ItemState.APPROVED)
        .order_by(ItemVersion.id)
    )
    return [
        Candidate(version_id, module, level.value, difficulty, content, item_id, code, kind.value)
        for version_id, module, level, difficulty, content, item_id, code, kind in session.execute(query)
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


def bank_code(found: Blueprint) -> str:
    """Return the code of the bank that a blueprint draws from."""
    return session.get_one(ItemBank, found.bank_id).code


def blueprint_by_code(code: str) -> Blueprint:
    """Return a blueprint whoever holds it, for jobs and commands."""
    return session.scalars(select(Blueprint).where(Blueprint.code == code)).one()


def papers_of(found: Blueprint) -> list[Paper]:
    """Return the papers assembled for a blueprint, first to last."""
    return list(session.scalars(select(Paper).where(Paper.blueprint_id == found.id).order_by(Paper.number)))


def assembly_job(found: Blueprint) -> Job | None:
    """Return the last work that drew papers for a blueprint, while it runs or told why it could not."""
    query = select(Job).where(Job.key.startswith(f"exams.assemble:{found.code}:", autoescape=True))
    last = session.scalars(query.order_by(Job.id.desc()).limit(1)).first()
    return last if last is not None and (last.state is not JobState.DONE or "unmet" in last.result) else None


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
    query = _papers(actor).where(Paper.state == PaperState.FROZEN, ~is_set_aside()).order_by(Paper.id.desc())
    return list(session.scalars(query))


def is_set_aside() -> ColumnElement[bool]:
    """Return the condition that a paper was set aside."""
    aside = select(PaperDoubt.id).where(PaperDoubt.paper_id == Paper.id, PaperDoubt.fate == PaperFate.SET_ASIDE)
    return aside.exists()


def sheet_of(paper_id: int) -> list[SheetItem]:
    """Return the places of a paper in order, with their pinned versions.

    Of a sealed paper they are told from the opening of the window of a prepared session on; raises ForbiddenError
    before it.
    """
    rows = session.execute(_sheet().where(PaperItem.paper_id == paper_id).order_by(PaperItem.position))
    return [SheetItem(*row) for row in rows] or _in_window(paper_id)


def _sheet() -> Select[int, Decimal, str, ItemVersion]:
    return (
        select(PaperItem.position, PaperItem.points, Item.code, ItemVersion)
        .join(ItemVersion, ItemVersion.id == PaperItem.item_version_id)
        .join(Item, Item.id == ItemVersion.item_id)
    )


def _in_window(paper_id: int) -> list[SheetItem]:
    """Read a sealed paper whose window has opened but whose opening is not recorded yet; nothing is written."""
    found = seal_of(paper_id)
    if found is None:
        return []
    if not window_open(paper_id, clock.now()):
        raise ForbiddenError(
            _l("This paper is sealed. It opens with the window of its session, or when two people release it.")
        )
    places, _seed = unsealed_content(found, session.get_one(Paper, paper_id))
    query = select(ItemVersion.id, Item.code, ItemVersion).join(Item, Item.id == ItemVersion.item_id)
    wanted = [one.version_id for one in places]
    known = {key: (code, version) for key, code, version in session.execute(query.where(ItemVersion.id.in_(wanted)))}
    return [SheetItem(one.position, one.points, *known[one.version_id]) for one in places]


def seal_of(paper_id: int) -> PaperSeal | None:
    """Return the seal of a frozen paper; None for drafts."""
    return session.scalar(select(PaperSeal).where(PaperSeal.paper_id == paper_id))


def window_open(paper_id: int, at: datetime) -> bool:
    """Tell whether the window of a prepared session on a paper has opened."""
    query = select(ExamSession.id).where(
        ExamSession.paper_id == paper_id, ExamSession.state != SessionState.PLANNED, ExamSession.opens_at <= at
    )
    return session.scalar(query.limit(1)) is not None


def unsealed_content(found: PaperSeal, paper: Paper) -> tuple[list[SealedPlace], int | None]:
    """Decrypt a sealed paper: its places and seed; whoever calls it answers for the release of the key."""
    text = crypto.unseal(crypto.unwrap_key(found.wrapped_key), found.sealed, sealed_for(paper))
    return unsealed(text)


def sealed_for(paper: Paper) -> str:
    """Return what binds a ciphertext to its paper and to the hash that two people signed."""
    return f"paper:{paper.code}:{paper.content_hash}"


def outline_of(paper_id: int) -> list[Sheet]:
    """Return what the preparation of sittings needs of a paper; a sealed one stays sealed."""
    found = seal_of(paper_id)
    if found is not None:
        return sheets_of(found.outline)
    return [place.sheet() for place in sheet_of(paper_id)]


def sealed_papers(at: datetime) -> list[tuple[Paper, PaperSeal, str]]:
    """Return the sealed papers whose window has opened, with the code of a session that opened them."""
    query = (
        select(Paper, PaperSeal, func.min(ExamSession.code))
        .join(PaperSeal, PaperSeal.paper_id == Paper.id)
        .join(ExamSession, ExamSession.paper_id == Paper.id)
        .where(PaperSeal.opened_at.is_(None), ExamSession.state != SessionState.PLANNED, ExamSession.opens_at <= at)
        .group_by(Paper.id, PaperSeal.id)
        .order_by(Paper.id)
    )
    return [(paper, found, code) for paper, found, code in session.execute(query)]


def versions_on(codes: Sequence[str]) -> set[int]:
    """Return the item versions on papers, by the codes of the papers."""
    query = select(PaperItem.item_version_id).join(Paper, Paper.id == PaperItem.paper_id)
    return set(session.scalars(query.where(Paper.code.in_(codes))))


def versions_of_drafts(blueprint_id: int) -> set[int]:
    """Return the item versions on the papers of a blueprint that are not sealed."""
    query = select(PaperItem.item_version_id).join(Paper, Paper.id == PaperItem.paper_id)
    return set(session.scalars(query.where(Paper.blueprint_id == blueprint_id)))


def _blueprints(actor: Actor) -> Select[Blueprint]:
    return select(Blueprint).where(held_by(Blueprint.organisation_id, Blueprint.region_code, actor))


def _papers(actor: Actor) -> Select[Paper]:
    return (
        select(Paper)
        .join(Paper.blueprint)
        .options(joinedload(Paper.blueprint))
        .where(held_by(Blueprint.organisation_id, Blueprint.region_code, actor))
    )
