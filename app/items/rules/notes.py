"""What is said about an item beside what it asks, as names with values: how each kind of file carries it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.items.rules.content import CODE, BadItemError, ItemContent, Refusals
from app.items.rules.reasons import Reason, because, without
from app.items.rules.words import ModuleWords
from app.items.states import Credit, ItemType

TEXTS = ("module", "level", "difficulty", "topic", "law", "article")
KNOWN = {*TEXTS, "version", "read", "credit", "type", "id"}
ROOTS = re.compile(r"\$\w+\$|top", re.IGNORECASE)
"""How Moodle begins the path of a category, which says nothing of its items."""


@dataclass
class Notes:
    """What a file says of one item beside what it asks, and what of all that it says the item is kept without.

    A note that no reader asks for is one of the latter, so that none is dropped unseen.
    """

    said: dict[str, str] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)
    lost: list[Reason] = field(default_factory=list)

    def get(self, name: str, default: str = "") -> str:
        """Return a note by its name."""
        self.asked.add(name)
        return self.said.get(name, default)

    @property
    def ours(self) -> bool:
        """Tell whether the notes are those that our own files carry, which state a rule of credit if there is one."""
        return "level" in self.said

    def lose(self, what: str, said: object = "") -> None:
        """Tell what the item is kept without."""
        told = without(what, said)
        if told not in self.lost:
            self.lost.append(told)

    def left(self) -> list[Reason]:
        """Return everything that the item is kept without; asked once it has been read."""
        for name, said in self.said.items():
            if name not in self.asked and said:
                self.lose("what:tag", f"{name}={said}")
        return self.lost


def coefficient(value: Decimal) -> str:
    """Write a difficulty coefficient with two places, or more where it has more."""
    return f"{value:.2f}" if value == round(value, 2) else f"{value.normalize():f}"


def notes_of(item: ItemContent) -> dict[str, str]:
    """Return what is said about an item; the rule of credit and the type only where a file would not tell them."""
    said = {
        "module": item.module,
        "level": item.level.value,
        "difficulty": coefficient(item.difficulty),
        "topic": item.topic,
        "law": item.law,
        "article": item.article,
        "version": item.edition,
        "read": "yes" if item.source_read else "no",
    }
    if item.body.credit:
        said["credit"] = item.body.credit.value
    if item.type is ItemType.SHORT_ANSWER:
        said["type"] = item.type.value
    return said


def given_of(notes: Notes, stem: str, refused: Refusals, **names: str) -> dict[str, Any]:
    """Return the metadata of an item as building takes it; `names` are what else the file calls it, by what they are.

    The code is the note `id`, or the first name that can be one. Another name is lost, unless the stem begins so.
    """
    code = notes.get("id") or next((name for name in names.values() if CODE.fullmatch(name)), "")
    for what, name in names.items():
        if name not in {"", code} and not _squeezed(stem).startswith(_squeezed(name.rstrip(".…"))):
            notes.lose(f"what:{what}", name)
    return {
        "code": code,
        **{name: notes.get(name) for name in TEXTS},
        "edition": notes.get("version"),
        "read": refused.take(lambda: _read(notes.get("read")), False),  # noqa: FBT003 - what an unread mark says
    }


def _squeezed(text: str) -> str:
    return "".join(text.split())


def take_category(path: str, notes: Notes, modules: ModuleWords) -> None:
    """Take the module that a category names, where the item names none; the rest of the path is lost."""
    parts = [part.strip() for part in path.split("/") if part.strip()]
    for part in parts:
        module = modules.code_of(part)
        if module is not None and modules.code_of(notes.said.setdefault("module", module)) == module:
            continue
        if not ROOTS.fullmatch(part) and part != notes.said.get("topic"):
            notes.lose("what:category", path)


def _read(text: str) -> bool:
    if text.lower() not in {"", "yes", "no"}:
        raise BadItemError(because("read_mark", value=text))
    return text.lower() == "yes"


def credit_of(notes: Notes, name: str = "credit") -> Credit | None:
    """Return the rule of credit that the notes name; raises BadItemError for one there is not."""
    text = notes.get(name)
    if text and text not in set(Credit):
        raise BadItemError(because("credit", credit=text))
    return Credit(text) if text else None


def written_type(notes: Notes) -> ItemType:
    """Return whether what is answered by a text is a short answer or an essay."""
    return ItemType.SHORT_ANSWER if notes.get("type") == ItemType.SHORT_ANSWER else ItemType.ESSAY


def from_tags(tags: Iterable[str]) -> Notes:
    """Read tags such as `module=policy`; those without a name we know are the topic, unless one of them says it."""
    notes = Notes()
    topics = []
    for tag in tags:
        name, found, value = (part.strip() for part in tag.partition("="))
        if found and name in KNOWN:
            if notes.said.setdefault(name, value) != value:
                notes.lose("what:tag", tag)
        elif tag.strip():
            topics.append(tag.strip())
    topic = ", ".join(topics)
    if topic and notes.said.setdefault("topic", topic) != topic:
        notes.lose("what:tag", topic)
    return notes


WHOLE = Decimal(100)
EVEN = Decimal(1)


def rule_of(right: Sequence[Decimal], wrong: Sequence[Decimal], notes: Notes, name: str = "credit") -> Credit | None:
    """Return the rule of credit of a multiple choice, by its note or by what its options earn of the whole, in percent.

    `name` is that of the note. Wrong options that take back what a right one earns are `net`, those that take back all
    are `share`; other weights are lost, for the exam then decides. An item with notes of ours leaves its rule to them.
    """
    ours = notes.ours
    share = WHOLE / len(right)
    net = bool(wrong) and all(abs(-one - share) <= EVEN for one in wrong)
    annul = bool(wrong) and all(one <= -WHOLE + EVEN for one in wrong)
    credit = credit_of(notes, name)
    if credit is None and not ours and len(right) > 1:
        credit = Credit.NET if net else Credit.SHARE if annul else None
    held = (net if credit is Credit.NET else annul) if any(wrong) else ours or credit or len(right) == 1
    if not held:
        notes.lose("what:weights", ", ".join(f"{one.normalize():f}%" for one in (*right, *wrong)))
    return credit


def lose_penalties(wrong: Sequence[Decimal], notes: Notes) -> None:
    """Note that wrong answers, by their shares in percent, take something back, as in a multiple choice only."""
    if any(wrong):
        notes.lose("what:weights", ", ".join(f"{share.normalize():f}%" for share in wrong))
