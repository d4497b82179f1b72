"""What is said about an item beside what it asks, as names with values: how each kind of file carries it."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from app.items.rules.content import CODE, BadItemError, ItemContent
from app.items.rules.reasons import because
from app.items.states import Credit, ItemType

TEXTS = ("module", "level", "difficulty", "topic", "law", "article")


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


def given_of(notes: Mapping[str, str], *names: str) -> dict[str, Any]:
    """Return the metadata of an item as building takes it; the code is the note `id`, or a name that can be one."""
    code = notes.get("id") or next((name for name in names if CODE.fullmatch(name)), "")
    return {
        "code": code,
        **{name: notes.get(name, "") for name in TEXTS},
        "edition": notes.get("version", ""),
        "read": _read(notes.get("read", "")),
    }


def _read(text: str) -> bool:
    if text.lower() not in {"", "yes", "no"}:
        raise BadItemError(because("read_mark", value=text))
    return text.lower() == "yes"


def credit_of(notes: Mapping[str, str], name: str = "credit") -> Credit | None:
    """Return the rule of credit that the notes name; raises BadItemError for one there is not."""
    text = notes.get(name, "")
    if text and text not in set(Credit):
        raise BadItemError(because("credit", credit=text))
    return Credit(text) if text else None


def written_type(notes: Mapping[str, str]) -> ItemType:
    """Return whether what is answered by a text is a short answer or an essay."""
    return ItemType.SHORT_ANSWER if notes.get("type") == ItemType.SHORT_ANSWER else ItemType.ESSAY


def from_tags(tags: Iterable[str]) -> dict[str, str]:
    """Read tags such as `module=policy`; those without a name are the topic."""
    notes: dict[str, str] = {}
    topics = []
    for tag in tags:
        name, found, value = tag.partition("=")
        if found and name.strip() in {*TEXTS, "version", "read", "credit", "type", "id"}:
            notes.setdefault(name.strip(), value.strip())
        elif tag.strip():
            topics.append(tag.strip())
    if topics:
        notes.setdefault("topic", ", ".join(topics))
    return notes
