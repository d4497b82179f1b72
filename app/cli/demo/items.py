"""The item banks of the demo: imported by their author, accepted by two reviewers, and two drafts still in review."""

import tomllib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from app.accounts import queries as accounts
from app.cli.demo.moved import moved_to
from app.cli.demo.step import CONTENT, MADE_AT, Demo, acting_as
from app.core.access import Actor
from app.core.db import unit_of_work
from app.items import demo as items
from app.items import queries, services
from app.items.models import ItemBank
from app.items.rules.building import lettered
from app.items.rules.content import ItemContent
from app.items.states import CognitiveLevel, ItemType

BODY = "exam-centre"


def load(demo: Demo) -> int:
    """Import the four files of the bank by the command, and the items that show every type into a bank of their own."""
    del demo
    body, author = accounts.organisation(BODY).id, acting_as("author")
    reviewers = (acting_as("reviewer"), acting_as("reviewer2"))
    folder = CONTENT / "items"
    with moved_to(MADE_AT):
        taken = items.load(folder, organisation_id=body, author=author, reviewers=reviewers, at=MADE_AT)
    taken += items.load_types(folder / "types", organisation_id=body, author=author, reviewers=reviewers, at=MADE_AT)
    return taken + _load_reviews(author, reviewers)


def _load_reviews(author: Actor, reviewers: Sequence[Actor]) -> int:
    """Put two drafts into review: one reviewer accepts the one and sends the other back with a comment."""
    listed: list[dict[str, Any]] = tomllib.loads((CONTENT / "demo" / "reviews.toml").read_text("utf-8"))["items"]
    with unit_of_work():
        bank = queries.bank_by_code(items.TYPES_BANK)
        new = [_content(one) for one in listed]
        if not services.import_items(bank, new, by=author, at=MADE_AT).imported:
            return 0
        for one in listed:
            _say(bank, one, reviewers)
    return len(listed)


def _content(one: dict[str, Any]) -> ItemContent:
    return ItemContent(
        code=one["code"],
        type=ItemType.SINGLE,
        stem=one["stem"],
        options=lettered(one["options"]),
        key=frozenset(one["key"]),
        explanation=one["explanation"],
        module="policy",
        level=CognitiveLevel.UNDERSTAND,
        difficulty=Decimal("0.60"),
        law=one["law"],
    )


def _say(bank: ItemBank, one: dict[str, Any], reviewers: Sequence[Actor]) -> None:
    item, (first, second) = queries.item(bank, one["code"]), reviewers
    if "comment" in one:
        services.comment(bank, item, words=one["comment"], by=second, at=MADE_AT)
    if "revision" in one:
        services.ask_revision(bank, item, words=one["revision"], by=first, at=MADE_AT)
    if one.get("accepted"):
        services.approve(bank, [item], by=first, at=MADE_AT)
