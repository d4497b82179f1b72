"""A blueprint as a file, TOML or JSON, read and written; docs/blueprints.md describes the format."""

import json
import re
import tomllib
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, ValidationError

from app.assessment.exams.rules.blueprint import Exposure, Number, Points, PointsRule, Seconds, Strict, Tolerance
from app.core.errors import InvalidError
from app.core.text import _l
from app.items.states import CognitiveLevel, ItemType

MOST_BYTES = 256 * 1024
BARE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
Name = Annotated[str, Field(min_length=1, max_length=200)]


class BlueprintFile(Strict):
    """What a blueprint file says; `enemies` are pairs of item codes beyond those declared for the bank."""

    bank: Name
    name_zh: Name
    name_en: Name
    level: Annotated[str, Field(min_length=1, max_length=64)]
    cells: Annotated[dict[str, dict[CognitiveLevel, Number]], Field(min_length=1)]
    points_per_item: Points = Decimal(1)
    minutes: Annotated[int, Field(gt=0, le=600)]
    difficulty_target: Annotated[Decimal, Field(gt=0, lt=1)]
    cut_score: Annotated[Decimal, Field(ge=0, decimal_places=2)]
    points: PointsRule = PointsRule()
    types: dict[ItemType, Number] = Field(default_factory=dict)
    seconds: dict[ItemType, Seconds] = Field(default_factory=dict)
    expected_seconds: Annotated[int, Field(gt=0, le=36000)] | None = None
    tolerance: Tolerance = Tolerance()
    exposure: Exposure | None = None
    enemies: tuple[tuple[str, str], ...] = ()


def read(data: bytes) -> BlueprintFile:
    """Read a blueprint file; raises InvalidError with the place and what is wrong there."""
    if len(data) > MOST_BYTES:
        raise InvalidError(_l("A blueprint file has at most 256 kB."), field="file")
    try:
        return BlueprintFile.model_validate(_parsed(data.decode("utf-8-sig")))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidError(
            _l("The blueprint file is wrong at “%(place)s”: %(why)s", place=place, why=first["msg"]), field="file"
        ) from error
    except (UnicodeDecodeError, ValueError) as error:
        raise InvalidError(
            _l("The blueprint file is neither TOML nor JSON in UTF-8: %(why)s", why=str(error)), field="file"
        ) from error


def _parsed(text: str) -> Any:  # noqa: ANN401 - whatever the file holds; the model refuses what it does not know
    if text.lstrip().startswith("{"):
        return json.loads(text, parse_float=Decimal)
    return tomllib.loads(text, parse_float=Decimal)


def written(file: BlueprintFile, kind: str) -> str:
    """Return a blueprint as a file of a kind, `toml` or `json`; reading it gives an equal blueprint."""
    told = file.model_dump(mode="json", exclude_defaults=True)
    if kind == "json":
        return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
    return "\n".join(_toml(told, ())) + "\n"


def _toml(table: dict[str, Any], path: tuple[str, ...]) -> list[str]:
    """Return the lines of a table: its own values first, then the tables within."""
    own = [f"{_key(name)} = {_value(value)}" for name, value in table.items() if not isinstance(value, dict)]
    lines = ["", f"[{'.'.join(map(_key, path))}]", *own] if path and own else own
    for name, value in table.items():
        if isinstance(value, dict):
            lines += _toml(value, (*path, name))
    return lines


def _key(name: str) -> str:
    return name if BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:  # noqa: ANN401 - a text, a whole number, or a list of lists of texts
    """Write a value: JSON writes them as TOML does, but for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
