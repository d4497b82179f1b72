"""Items that their statistics flag: back to the reviewers of their bank, who keep, send back or retire them.

What is sent back is drawn for no new paper until a version of it is approved anew; the version that was used never
changes. The flag closes by itself: with that approval, or with the retirement of the item.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload

from app.accounts.states import Role
from app.assessment.exams.models import ExamSession, ItemFlag, Paper, PaperItem, StatisticsRun
from app.assessment.exams.queries import papers
from app.assessment.exams.services.subjects import named, of_flags
from app.assessment.exams.statistics_states import ITEM_FLAG, FlagState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError
from app.core.events import Event, Subject
from app.core.text import _l
from app.desk import services as desk
from app.items import queries as items
from app.items import services as items_services
from app.items.models import Item, ItemBank, ItemVersion
from app.items.states import ItemState

TODO = "exams.flagged_items"
NOT_DRAWN = (ItemState.REVISION, ItemState.RETIRED)


def open_flags(found: ExamSession, run: StatisticsRun, listed: Mapping[int, list[str]], *, at: datetime) -> int:
    """Open a flag for each place that has reasons, once a key; ask the reviewers of the bank; return how many."""
    known = set(
        session.scalars(
            select(ItemFlag.item_version_id).where(ItemFlag.session_id == found.id, ItemFlag.key_hash == run.key_hash)
        )
    )
    places = [one for one in papers.sheet_of(found.paper_id) if one.position in listed and one.version.id not in known]
    bank = _bank(found)
    for place in places:
        reasons = listed[place.position]
        session.add(
            ItemFlag(
                session_id=found.id,
                run_id=run.id,
                key_hash=run.key_hash,
                position=place.position,
                item_version_id=place.version.id,
                reasons=reasons,
                opened_at=at,
            )
        )
        facts = {"session": found.code, "position": place.position, "reasons": ", ".join(reasons)}
        events.record("exams.item_flagged", items_services.of_item(bank, place.code), by=None, at=at, data=facts)
    session.flush()
    if places:
        desk.open_todo(
            TODO,
            of_flags(found),
            url=f"/exams/flags/{found.code}",
            at=at,
            role=Role.REVIEWER,
            organisation_id=bank.organisation_id,
            params=named(found, "session"),
        )
    return len(places)


def _bank(found: ExamSession) -> ItemBank:
    query = select(Paper).options(joinedload(Paper.blueprint)).where(Paper.id == found.paper_id)
    return session.get_one(ItemBank, session.scalars(query).one().blueprint.bank_id)


def keep(found: ItemFlag, *, reason: str, by: Actor, at: datetime) -> None:
    """Keep a flagged item as it is; raises ForbiddenError for who wrote it."""
    _decide(found, "keep", reason=reason, by=by, at=at)


def retire(found: ItemFlag, *, reason: str, by: Actor, at: datetime) -> None:
    """Take a flagged item out of use; papers that pin it keep it. Raises ForbiddenError for who wrote it."""
    item = _decide(found, "retire", reason=reason, by=by, at=at)
    if item.state is not ItemState.RETIRED:
        items_services.retire(_bank(found.session), item, reason=reason, by=by, at=at)


def send_back(found: ItemFlag, *, reason: str, by: Actor, at: datetime) -> None:
    """Send a flagged item back to its author with the reason; papers that pin it keep it.

    Raises ForbiddenError for who wrote it, ConflictError where it is retired or another version was written since.
    """
    item = session.get_one(Item, found.item_version.item_id)
    if item.state is ItemState.RETIRED:
        raise ConflictError(_l("The item is retired. Decide the flag by retiring it too."))
    if item.number != found.item_version.number:
        raise ConflictError(
            _l(
                "Version %(now)s was written since; these figures are of version %(then)s. Keep it with that reason.",
                now=item.number,
                then=found.item_version.number,
            )
        )
    _decide(found, "revise", reason=reason, by=by, at=at)
    if item.state is not ItemState.REVISION:
        items_services.ask_revision(_bank(found.session), item, words=reason, by=by, at=at)


def approved(happened: Event) -> None:
    """Close the flags of an item that was sent back with the version that its reviewers approved."""
    for found, item in _in_revision(happened.subject_code):
        query = select(ItemVersion.id).where(ItemVersion.item_id == item.id, ItemVersion.number == item.number)
        ITEM_FLAG.move(found, "close", closed_at=happened.at, closed_version_id=session.scalars(query).one())
        _closed(found, happened)


def dropped(happened: Event) -> None:
    """Close the flags of an item that was sent back and is retired instead."""
    for found, _item in _in_revision(happened.subject_code):
        ITEM_FLAG.move(found, "drop", closed_at=happened.at)
        _closed(found, happened)


def _in_revision(subject_code: str) -> list[tuple[ItemFlag, Item]]:
    bank, _slash, code = subject_code.rpartition("/")
    query = (
        select(ItemFlag, Item)
        .join(ItemFlag.session)
        .join(ItemVersion, ItemVersion.id == ItemFlag.item_version_id)
        .join(Item, Item.id == ItemVersion.item_id)
        .join(ItemBank, ItemBank.id == Item.bank_id)
        .options(contains_eager(ItemFlag.session))
        .where(ItemBank.code == bank, Item.code == code, ItemFlag.state == FlagState.REVISION)
        .order_by(ItemFlag.id)
    )
    return [(found, item) for found, item in session.execute(query)]


def _closed(found: ItemFlag, happened: Event) -> None:
    session.flush()
    facts = {"session": found.session.code, "state": found.state.value}
    about = Subject(happened.subject_type, happened.subject_code)
    events.record("exams.item_flag_closed", about, by=None, at=happened.at, data=facts)


def refuse_sent_back(paper: Paper) -> None:
    """Raise ConflictError, naming the places, where a paper holds what was sent back or retired.

    A draft is a new paper still.
    """
    flagged = select(ItemFlag.item_version_id).where(ItemFlag.state.in_((FlagState.REVISION, FlagState.REVISED)))
    query = (
        select(PaperItem.position)
        .join(ItemVersion, ItemVersion.id == PaperItem.item_version_id)
        .join(Item, Item.id == ItemVersion.item_id)
        .where(PaperItem.paper_id == paper.id, Item.state.in_(NOT_DRAWN) | ItemVersion.id.in_(flagged))
        .order_by(PaperItem.position)
    )
    places = list(session.scalars(query))
    if places:
        raise ConflictError(
            _l(
                "Items of the places %(places)s were sent back for revision or retired. Replace them by equivalent "
                "ones first.",
                places=", ".join(map(str, places)),
            )
        )


def _decide(found: ItemFlag, move: str, *, reason: str, by: Actor, at: datetime) -> Item:
    item = session.get_one(Item, found.item_version.item_id)
    if by.person_id in {item.author_id, *items.authors_of([item.id]).get(item.id, set())}:
        raise ForbiddenError(_l("You wrote this item. Another reviewer decides what its statistics mean."))
    ITEM_FLAG.move(found, move, decided_by_id=by.person_id, decided_at=at, reason=reason)
    session.flush()
    facts = {"session": found.session.code, "state": found.state.value}
    about = items_services.of_item(_bank(found.session), item.code)
    events.record("exams.item_flag_decided", about, by=by, at=at, reason=reason, data=facts)
    left = select(ItemFlag.id).where(ItemFlag.session_id == found.session_id, ItemFlag.state == FlagState.OPEN)
    if session.scalar(left.limit(1)) is None:
        desk.close_todos(of_flags(found.session), kind=TODO, at=at)
    return item
