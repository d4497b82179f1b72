"""The fields of a record as its pages show them: typed, labelled, in the order of the form."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from app.core.errors import Text
from app.evidence.models import Evidence
from app.evidence.rules.fields import FIELDS, Field, FieldType

Value = str | Decimal | date | Text
FIGURES = frozenset({FieldType.MONEY, FieldType.PERCENT, FieldType.HOURS})


class Shown(NamedTuple):
    """A field with its value, None where it was not given; `type` says how the value is written."""

    label: Text
    type: str
    value: Value | None


def shown(record: Evidence, fields: Iterable[Field] | None = None) -> list[Shown]:
    """Return the fields of a record; a draft shows them as typed."""
    return [_shown(one, record) for one in fields or FIELDS[record.kind]]


def _shown(field: Field, record: Evidence) -> Shown:
    text = record.text(field.name)
    if not text:
        return Shown(field.label, "text", None)
    if field.type is FieldType.CHOICE:
        return Shown(field.label, "choice", dict(field.choices).get(text, text))
    if record.declared_at is None:
        return Shown(field.label, "text", text)
    if field.type is FieldType.DAY:
        return Shown(field.label, "day", date.fromisoformat(text))
    if field.type in FIGURES:
        return Shown(field.label, field.type.value, Decimal(text))
    return Shown(field.label, field.type.value, text)
