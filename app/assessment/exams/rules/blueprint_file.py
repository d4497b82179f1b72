"""A blueprint as a file, TOML or JSON; docs/blueprints.md describes the format."""

import json
import tomllib
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field, ValidationError

from app.assessment.exams.rules.blueprint import Exposure, Number, Points, PointsRule, Strict, Tolerance
from app.core.errors import InvalidError
from app.core.text import _l

MOST_BYTES = 256 * 1024
Name = Annotated[str, Field(min_length=1, max_length=200)]


class BlueprintFile(Strict):
    """What a blueprint file says; `enemies` are pairs of item codes beyond those declared for the bank."""

    bank: Name
    name_zh: Name
    name_en: Name
    level: Annotated[str, Field(min_length=1, max_length=64)]
    cells: Annotated[dict[str, dict[str, Number]], Field(min_length=1)]
    points_per_item: Points = Decimal(1)
    minutes: Annotated[int, Field(gt=0, le=600)]
    difficulty_target: Annotated[Decimal, Field(gt=0, lt=1)]
    cut_score: Annotated[Decimal, Field(ge=0, decimal_places=2)]
    points: PointsRule = PointsRule()
    types: dict[str, Number] = Field(default_factory=dict)
    seconds: dict[str, Annotated[int, Field(gt=0, le=7200)]] = Field(default_factory=dict)
    expected_seconds: Annotated[int, Field(gt=0, le=36000)] | None = None
    tolerance: Tolerance = Tolerance()
    exposure: Exposure | None = None
    enemies: list[tuple[str, str]] = Field(default_factory=list)


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
