"""Reading a pack file and choosing the pack in force; pure functions."""

import tomllib
from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from app.core.errors import InvalidError
from app.core.text import _l
from app.rulebook.models import RulePack
from app.rulebook.states import Tag
from app.rulebook.wording import WrongFields, place_in_toml

NATION = "100000"


class Source(BaseModel):
    """Where a rule comes from, and what of it is confirmed."""

    model_config = ConfigDict(extra="forbid")

    title_zh: str = Field(min_length=1)
    title_en: str = Field(min_length=1)
    issuer_zh: str = Field(min_length=1)
    issuer_en: str = Field(min_length=1)
    citation_zh: str = ""
    citation_en: str = ""
    tag: str = ""
    note_zh: str = ""
    note_en: str = ""


class PackFile(BaseModel):
    """A rule pack as it is written in a TOML file."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(min_length=1, max_length=64)
    code: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,50}$")
    name_zh: str = Field(min_length=1, max_length=200)
    name_en: str = Field(min_length=1, max_length=200)
    region: str = Field(pattern=r"^\d{6}$")
    starts_on: date
    ends_on: date | None = None
    tag: Tag
    source: Source
    params: dict[str, Any]

    @field_validator("ends_on")
    @classmethod
    def _not_before_it_starts(cls, ends_on: date | None, given: ValidationInfo) -> date | None:
        starts_on = given.data.get("starts_on")
        if ends_on is not None and starts_on is not None and ends_on < starts_on:
            raise ValueError(_l("lies before the first day"))
        return ends_on


def decode(data: bytes) -> str:
    """Return the text of a pack file; raises InvalidError where it is not UTF-8."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidError(_l("The file is not UTF-8 text. Save it as UTF-8."), field="file") from error


def read(text: str) -> PackFile:
    """Read a pack file; raises InvalidError naming the line or the field that is wrong."""
    try:
        return PackFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidError(
            _l("The file is not valid TOML: %(where)s. Correct that place.", where=place_in_toml(error)),
            field="file",
        ) from error
    except ValidationError as error:
        raise invalid(error) from error


def check_params(model: type[BaseModel], params: dict[str, Any]) -> BaseModel:
    """Type the parameters; raises InvalidError naming each wrong one."""
    try:
        return model.model_validate(params)
    except ValidationError as error:
        raise invalid(error, "params") from error


def invalid(error: ValidationError, *within: str) -> InvalidError:
    """Say in one sentence which fields are wrong and why; `within` is the table they stand in."""
    return InvalidError(
        _l(
            "The pack does not fit its kind: %(where)s. Correct these fields.",
            where=WrongFields(error.errors(), within),
        ),
        field="file",
    )


def chain(region_code: str) -> list[str]:
    """Return a region and those above it, nearest first, by GB/T 2260 prefixes."""
    steps = [region_code, f"{region_code[:4]}00", f"{region_code[:2]}0000", NATION]
    return list(dict.fromkeys(steps))


def choose(packs: Iterable[RulePack], region_code: str) -> RulePack | None:
    """Choose among packs in force: nearest region first, then latest start, then revision."""
    order = chain(region_code)
    return min(
        packs,
        key=lambda pack: (
            order.index(pack.region_code),
            -pack.starts_on.toordinal(),
            -pack.revision,
        ),
        default=None,
    )
