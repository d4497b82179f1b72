"""Whether a model takes a value for one of its fields, whatever stands in the others."""

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError


def takes(model: type[BaseModel], name: str, value: object) -> bool:
    """Tell whether the bounds of a field let a value pass."""
    field = model.model_fields[name]
    bounded: Any = Annotated[field.annotation, field]
    adapter: TypeAdapter[Any] = TypeAdapter(bounded)
    try:
        adapter.validate_python(value)
    except ValidationError:
        return False
    return True


def misjudged(model: type[BaseModel], name: str, held: Iterable[object], refused: Iterable[object]) -> list[object]:
    """Return the values that a field refuses though it should hold them, and those it holds though it should not."""
    wrong = [value for value in held if not takes(model, name, value)]
    return wrong + [value for value in refused if takes(model, name, value)]


def is_closed(model: type[BaseModel]) -> bool:
    """Tell whether a model refuses a field it does not know."""
    try:
        model.model_validate({"no_such_field": 1})
    except ValidationError as error:
        return any(one["type"] == "extra_forbidden" for one in error.errors())
    return False
