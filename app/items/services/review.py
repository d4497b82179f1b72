"""Review: as many reviewers as a bank asks accept a version that none of them wrote; or one asks for a revision."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import insert

from app.core import events
from app.core.access import Actor
from app.core.db import session
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.text import _l
from app.desk import services as desk
from app.items import queries
from app.items.models import AlikeCleared, Item, ItemBank, ItemComment, ItemReview
from app.items.queries import Choice
from app.items.services.subjects import of_bank, of_item
from app.items.states import ITEM, ItemState, Opinion

NAMED = 5
REVIEW, REVISE = "items.review", "items.revise"


class Reviewed(NamedTuple):
    """What an acceptance did: how many versions were accepted, and how many of them are approved by it."""

    accepted: int
    approved: int


def approve(bank: ItemBank, items: Sequence[Item], *, by: Actor, at: datetime) -> Reviewed:
    """Accept the latest version of drafts; the acceptance that a bank still asked for approves it.

    Nobody accepts what they wrote, nor the same version twice. Raises ForbiddenError naming the items whose author
    asks, ConflictError for an item that is no draft or that the actor reviewed already.
    """
    _refuse_unreviewable(items, by)
    if items:
        session.execute(insert(ItemReview), [_opinion(item, Opinion.ACCEPT, by=by, at=at) for item in items])
    accepted = queries.acceptances([item.id for item in items])
    approved = [item for item in items if accepted.get(item.id, 0) >= bank.reviewers]
    for item in approved:
        ITEM.move(item, "approve", approved_by_id=by.person_id, approved_at=at)
    session.flush()
    done = {item.id for item in approved}
    _note(bank, "items.approved", approved, by=by, at=at)
    _note(bank, "items.accepted", [item for item in items if item.id not in done], by=by, at=at)
    _close_when_done(bank, at)
    return Reviewed(len(items), len(approved))


def _note(bank: ItemBank, kind: str, items: Sequence[Item], *, by: Actor, at: datetime) -> None:
    facts = [(of_item(bank, item.code), {"version": item.number}) for item in items]
    events.record_many(kind, facts, by=by, at=at)


def _opinion(item: Item, opinion: Opinion, *, by: Actor, at: datetime, words: str | None = None) -> dict[str, object]:
    return {
        "item_id": item.id,
        "number": item.number,
        "reviewer_id": by.person_id,
        "opinion": opinion,
        "words": words,
        "at": at,
    }


def _refuse_unreviewable(items: Sequence[Item], by: Actor) -> None:
    _refuse_own(items, by)
    for item in items:
        if item.state is not ItemState.DRAFT:
            raise ConflictError(_l("%(code)s is no draft any more. Reload the page.", code=item.code))
    again = queries.reviewed_by(by.person_id, [item.id for item in items])
    twice = [item.code for item in items if item.id in again]
    if twice:
        raise ConflictError(
            _l("You reviewed this version of %(codes)s already.", codes=", ".join(sorted(twice)[:NAMED]))
        )


def approve_choice(bank: ItemBank, choice: Choice, *, expected: int, by: Actor, at: datetime) -> Reviewed:
    """Accept every draft that a choice leaves and the actor neither wrote nor reviewed.

    Raises ConflictError where their number is no longer the one that was confirmed.
    """
    items = queries.approvable(bank, by, choice)
    if len(items) != expected:
        raise ConflictError(
            _l(
                "The list has changed: it now holds %(now)s drafts, not %(then)s. Look at it again.",
                now=len(items),
                then=expected,
            )
        )
    return approve(bank, items, by=by, at=at)


def _refuse_own(items: Sequence[Item], by: Actor) -> None:
    written = queries.authors_of([item.id for item in items])
    own = [item.code for item in items if by.person_id in {item.author_id, *written.get(item.id, ())}]
    if own:
        raise ForbiddenError(_l("You wrote %(codes)s. Another person must approve them.", codes=", ".join(own[:NAMED])))


def ask_revision(bank: ItemBank, item: Item, *, words: str, by: Actor, at: datetime) -> None:
    """Send an item back to its author, saying what to change; an approved one is not drawn meanwhile.

    Papers that hold the version keep it. Raises ForbiddenError for the author, ConflictError where it was sent back.
    """
    _refuse_own([item], by)
    if item.id not in queries.reviewed_by(by.person_id, [item.id]):
        session.execute(insert(ItemReview), [_opinion(item, Opinion.REVISE, by=by, at=at, words=words)])
    else:
        session.add(ItemComment(item_id=item.id, number=item.number, person_id=by.person_id, words=words, at=at))
    ITEM.move(item, "revise", approved_by_id=None, approved_at=None)
    session.flush()
    events.record("items.revision_asked", of_item(bank, item.code), by=by, at=at, data={"version": item.number})
    desk.open_todo(
        REVISE,
        of_item(bank, item.code),
        url=f"/items/{bank.code}/item/{item.code}",
        at=at,
        person_id=item.author_id,
        params={"item": item.code},
    )
    _close_when_done(bank, at)


def comment(bank: ItemBank, item: Item, *, words: str, by: Actor, at: datetime) -> None:
    """Say something about the latest version of an item; everybody who may see the bank reads it."""
    session.add(ItemComment(item_id=item.id, number=item.number, person_id=by.person_id, words=words, at=at))
    session.flush()
    events.record("items.commented", of_item(bank, item.code), by=by, at=at, data={"version": item.number})


def clear_alike(bank: ItemBank, first: Item, second: Item, *, words: str, by: Actor, at: datetime) -> None:
    """Note that two items that look alike ask different things; a new version of either is looked at again.

    Raises InvalidError for one and the same item.
    """
    if first.id == second.id:
        raise InvalidError(_l("These are one and the same item."))
    low, high = sorted((first, second), key=lambda one: one.id)
    found = {"low_id": low.id, "low_number": low.number, "high_id": high.id, "high_number": high.number}
    if queries.is_cleared(**found):
        return
    session.add(AlikeCleared(**found, cleared_by_id=by.person_id, words=words, at=at))
    session.flush()
    for one, other in ((low, high), (high, low)):
        events.record("items.alike_cleared", of_item(bank, one.code), by=by, at=at, data={"other": other.code})


def retire(bank: ItemBank, item: Item, *, reason: str, by: Actor, at: datetime) -> None:
    """Take an item out of use with a reason; papers that pin it keep it."""
    ITEM.move(item, "retire")
    session.flush()
    events.record("items.retired", of_item(bank, item.code), by=by, at=at, reason=reason)
    desk.close_todos(of_item(bank, item.code), kind=REVISE, at=at)
    _close_when_done(bank, at)


def _close_when_done(bank: ItemBank, at: datetime) -> None:
    if queries.drafts_left(bank.id) == 0:
        desk.close_todos(of_bank(bank), kind=REVIEW, at=at)
