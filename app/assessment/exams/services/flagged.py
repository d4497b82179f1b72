"""Items that their statistics flag: back to the reviewers of their bank, who keep or retire them with a reason."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.accounts.states import Role
from app.assessment.exams.models import ExamSession, ItemFlag, Paper, StatisticsRun
from app.assessment.exams.queries import papers
from app.assessment.exams.services.subjects import named, of_flags
from app.assessment.exams.statistics_states import ITEM_FLAG, FlagState
from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ForbiddenError
from app.core.text import _l
from app.desk import services as desk
from app.items import queries as items
from app.items import services as items_services
from app.items.models import Item, ItemBank
from app.items.states import ItemState

TODO = "exams.flagged_items"


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


def _decide(found: ItemFlag, move: str, *, reason: str, by: Actor, at: datetime) -> Item:
    item = session.get_one(Item, found.version.item_id)
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
