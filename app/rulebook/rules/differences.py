"""The difference of two packs, value by value, in words; pure functions."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any, cast

from pydantic import BaseModel

from app.core.errors import Text
from app.core.text import pick
from app.rulebook.facts import written
from app.rulebook.rules.criteria import Node
from app.rulebook.rules.fields import Field, Shape, fields_of

KEYS = ("code", "level", "name_en", "name")
Say = Callable[[Node], list[str]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a pack: where it stands in words, the value as written, its unit; a flag is true or false."""

    path: tuple[str, ...]
    label: tuple[Text, ...]
    value: str
    unit: Text = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs; None where only one of the packs has it."""

    label: tuple[Text, ...]
    left: str | None
    right: str | None
    unit: Text = ""


def entries(params: BaseModel, say: Say) -> list[Entry]:
    """Return the values of parameters one by one; `say` puts a criteria tree into sentences."""
    return list(_entries(params, say, (), ()))


def _entries(model: BaseModel, say: Say, path: tuple[str, ...], label: tuple[Text, ...]) -> Iterator[Entry]:
    for field in fields_of(type(model)):
        value = getattr(model, field.name)
        below, words = (*path, field.name), (*label, field.label)
        if value is None:
            continue
        if field.shape is Shape.TREE:
            for sentence in say(cast("Node", value)):
                yield Entry((*below, sentence), words, sentence)
        elif field.shape is Shape.MODEL:
            yield from _entries(value, say, below, words)
        elif field.shape is Shape.MODELS:
            for key, name, one in _keyed(value):
                yield from _entries(one, say, (*below, key), (*words, name))
        else:
            yield Entry(below, words, _value(field, value), field.unit)


def _keyed(models: Sequence[BaseModel]) -> Iterator[tuple[str, Text, BaseModel]]:
    """Name the entries of a list by what identifies them, so that one added in the middle shifts none."""
    for place, one in enumerate(models, 1):
        key = next((str(getattr(one, name)) for name in KEYS if getattr(one, name, None)), str(place))
        zh, en = getattr(one, "name_zh", "") or key, getattr(one, "name_en", "") or key
        yield key, pick(zh, en), one


def _value(field: Field, value: Any) -> str:  # noqa: ANN401 - a value of any shape
    if field.shape is Shape.LINES:
        return ", ".join(str(one) for one in value)
    if field.shape is Shape.PAIRS:
        return ", ".join(f"{key} = {one}" for key, one in cast("Mapping[str, object]", value).items())
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else written(value)


def compare(left: Sequence[Entry], right: Sequence[Entry]) -> list[Difference]:
    """Return what differs between two packs in the order of the right one; what only the left one has stands there."""
    found: list[Difference] = []
    matcher = SequenceMatcher(
        a=[(one.path, one.value) for one in left], b=[(one.path, one.value) for one in right], autojunk=False
    )
    for tag, left_from, left_to, right_from, right_to in matcher.get_opcodes():
        if tag != "equal":
            found += _paired(left[left_from:left_to], right[right_from:right_to])
    return found


def _paired(left: Sequence[Entry], right: Sequence[Entry]) -> Iterator[Difference]:
    """Pair the values of one stretch by where they stand; sentences of a tree by their order."""
    old = {_place(one): one for one in left}
    matched = [(old.pop(_place(one), None), one) for one in right]
    loose = [one for was, one in matched if was is None]
    pairs = {id(one): was for was, one in zip_longest(_alike(old, loose), loose) if one is not None}
    used = {id(was) for was in pairs.values() if was is not None}
    for was, one in matched:
        before = was or pairs.get(id(one))
        yield Difference(one.label, before.value if before else None, one.value, one.unit)
    for was in old.values():
        if id(was) not in used:
            yield Difference(was.label, was.value, None, was.unit)


def _place(one: Entry) -> tuple[str, ...]:
    return one.path


def _alike(old: Mapping[tuple[str, ...], Entry], loose: Sequence[Entry]) -> list[Entry]:
    """Return the sentences of a tree that were replaced: they stand under the same label."""
    labels = {tuple(str(word) for word in one.label) for one in loose if one.path[-1] == one.value}
    same = [one for one in old.values() if one.path[-1] == one.value]
    return [one for one in same if tuple(str(word) for word in one.label) in labels]
