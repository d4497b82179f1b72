"""The parameters of a kind as fields that people fill in, read from its model; pure functions."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.core.errors import Text
from app.rulebook.kinds import Label
from app.rulebook.rules.criteria import GROUPS, TYPES_OF, Points

NODES = frozenset({*GROUPS, *TYPES_OF, Points})


class Shape(StrEnum):
    """How a field is filled in."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    FLAG = "flag"
    DAY = "day"
    CHOICE = "choice"
    LINES = "lines"
    PAIRS = "pairs"
    MODEL = "model"
    MODELS = "models"
    TREE = "tree"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name in the file, what people call it, and how it is filled in."""

    name: str
    label: Text
    hint: Text
    unit: Text
    shape: Shape
    required: bool
    model: type[BaseModel] | None = None
    choices: tuple[str, ...] = ()
    words: Mapping[str, Text] = field(default_factory=dict, hash=False)


SCALARS: tuple[tuple[type, Shape], ...] = (
    (bool, Shape.FLAG),
    (int, Shape.INTEGER),
    (Decimal, Shape.DECIMAL),
    (date, Shape.DAY),
)


def fields_of(model: type[BaseModel]) -> list[Field]:
    """Return the fields of a model in its order."""
    return [_field(name, info) for name, info in model.model_fields.items()]


def _field(name: str, info: FieldInfo) -> Field:
    label = next((one for one in info.metadata if isinstance(one, Label)), Label(name.replace("_", " ")))
    shape, model, choices = _shape(info.annotation)
    return Field(name, label.text, label.hint, label.unit, shape, info.is_required(), model, choices, label.words)


def _shape(annotation: Any) -> tuple[Shape, type[BaseModel] | None, tuple[str, ...]]:  # noqa: ANN401 - a type form
    inner = _without_none(annotation)
    if set(get_args(inner)) >= NODES:
        return Shape.TREE, None, ()
    origin = get_origin(inner)
    if origin is Literal:
        return Shape.CHOICE, None, tuple(str(one) for one in get_args(inner))
    if origin in {tuple, list}:
        return _many(get_args(inner)[0])
    if origin is dict:
        return Shape.PAIRS, None, ()
    return _one(inner)


def _many(item: Any) -> tuple[Shape, type[BaseModel] | None, tuple[str, ...]]:  # noqa: ANN401 - a type form
    is_model = isinstance(item, type) and issubclass(item, BaseModel)
    return (Shape.MODELS, item, ()) if is_model else (Shape.LINES, None, ())


def _one(kind: Any) -> tuple[Shape, type[BaseModel] | None, tuple[str, ...]]:  # noqa: ANN401 - a type form
    if not isinstance(kind, type):
        return Shape.TEXT, None, ()
    if issubclass(kind, BaseModel):
        return Shape.MODEL, kind, ()
    if issubclass(kind, Enum):
        return Shape.CHOICE, None, tuple(str(one.value) for one in kind)
    return next((shape for base, shape in SCALARS if issubclass(kind, base)), Shape.TEXT), None, ()


def _without_none(annotation: Any) -> Any:  # noqa: ANN401 - a type form
    if get_origin(annotation) not in {Union, UnionType}:
        return annotation
    left = [one for one in get_args(annotation) if one is not NoneType]
    return left[0] if len(left) == 1 else annotation
