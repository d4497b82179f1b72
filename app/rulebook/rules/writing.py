"""Writing a pack back as the TOML file that people read, download and upload; pure functions."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from pydantic import BaseModel

BARE = re.compile(r"[A-Za-z0-9_-]+")
ESCAPES = {"\\": "\\\\", '"': '\\"', "\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r"}


def plain(model: BaseModel) -> dict[str, Any]:
    """Return a model as a file holds it: decimals as text, nothing that was left out or stands at its default."""
    return dict(_kept(model))


def _kept(model: BaseModel) -> Iterator[tuple[str, Any]]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        kind = name == "node"
        if value is None or (value == field.get_default(call_default_factory=True) and not kind):
            continue
        yield name, _plain(value)


def _plain(value: Any) -> Any:  # noqa: ANN401 - a value of any shape
    if isinstance(value, BaseModel):
        return plain(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.value if isinstance(value, Enum) else value


def to_toml(table: Mapping[str, Any]) -> str:
    """Return a table as TOML: plain values first, then tables, lists of tables last, in their own order."""
    return "\n".join(_table(table, ())).strip() + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    for key, value in table.items():
        if not _is_table(value) and not _is_tables(value):
            yield f"{_key(key)} = {_value(value)}"
    for key, value in table.items():
        below = (*path, key)
        if _is_table(value):
            yield from ("", f"[{_name(below)}]", *_table(value, below))
        elif _is_tables(value):
            for one in value:
                yield from ("", f"[[{_name(below)}]]", *_table(one, below))


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping)


def _is_tables(value: object) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and bool(value) and _is_table(value[0])


def _name(path: Sequence[str]) -> str:
    return ".".join(_key(step) for step in path)


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _text(key)


def _value(value: Any) -> str:  # noqa: ANN401 - a value of any shape
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(one) for one in value)}]"
    return str(value) if isinstance(value, int | float | date) else _text(str(value))


def _text(text: str) -> str:
    return f'"{"".join(_escaped(letter) for letter in text)}"'


def _escaped(letter: str) -> str:
    control = ord(letter) < ord(" ") or ord(letter) == 0x7F  # noqa: PLR2004 - DEL, which TOML forbids
    return ESCAPES.get(letter) or (f"\\u{ord(letter):04x}" if control else letter)
