"""Reading a pack file and choosing the pack in force; pure functions."""

import tomllib
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Annotated, Any, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from app.core.errors import InvalidError
from app.core.text import _l
from app.rulebook.facts import Catalogue
from app.rulebook.kinds import Label
from app.rulebook.models import RulePack
from app.rulebook.rules import criteria
from app.rulebook.states import Tag
from app.rulebook.verdicts import Outcome
from app.rulebook.wording import WrongFields, path_of, place_in_toml

NATION = "100000"
SERIES = r"^[a-z0-9][a-z0-9-]{1,50}$"


UNCONFIRMED = frozenset({"C", "G"})
"""Marks of sources that nobody has confirmed: a weak source, or none at all."""


class Source(BaseModel):
    """Where a rule comes from, and what of it is confirmed.

    `tag` says how it was read: A in the law itself, B in press or a verbatim repost, C in a weak source, G not at all.
    """

    model_config = ConfigDict(extra="forbid")

    title_zh: Annotated[str, Label(_l("Title of the source (Chinese)"))] = Field(min_length=1)
    title_en: Annotated[str, Label(_l("Title of the source (English)"))] = Field(min_length=1)
    issuer_zh: Annotated[str, Label(_l("Issued by (Chinese)"))] = Field(min_length=1)
    issuer_en: Annotated[str, Label(_l("Issued by (English)"))] = Field(min_length=1)
    citation_zh: Annotated[str, Label(_l("Where it was read (Chinese)"), _l("Number and day of the document."))] = ""
    citation_en: Annotated[str, Label(_l("Where it was read (English)"))] = ""
    tag: Annotated[str, Label(_l("How sure"), _l("A read in the law, B in press, C weak, G not confirmed."))] = ""
    note_zh: Annotated[str, Label(_l("Note (Chinese)"))] = ""
    note_en: Annotated[str, Label(_l("Note (English)"))] = ""

    @property
    def named(self) -> bool:
        """Tell whether the document is named with its number or place in both languages and is confirmed."""
        return bool(self.citation_zh.strip() and self.citation_en.strip()) and self.tag not in UNCONFIRMED


class Case(BaseModel):
    """A test case of a pack: facts in, the verdict that is expected out, and where given that of each condition."""

    model_config = ConfigDict(extra="forbid")

    name_zh: Annotated[str, Label(_l("Case (Chinese)"))] = Field(min_length=1, max_length=200)
    name_en: Annotated[str, Label(_l("Case (English)"))] = Field(min_length=1, max_length=200)
    on: Annotated[date, Label(_l("Judged on"))]
    facts: Annotated[dict[str, Any], Label(_l("Facts of the case"), _l("One a line: name of the fact = value."))] = (
        Field(default_factory=dict)
    )
    expected: Annotated[Outcome, Label(_l("Expected verdict"))]
    lines: Annotated[list[Outcome], Label(_l("Expected of each condition"))] = Field(default_factory=list)


class PackFile(BaseModel):
    """A rule pack as it is written in a TOML file."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(min_length=1, max_length=64)
    code: str = Field(pattern=SERIES)
    name_zh: Annotated[str, Label(_l("Name (Chinese)"))] = Field(min_length=1, max_length=200)
    name_en: Annotated[str, Label(_l("Name (English)"))] = Field(min_length=1, max_length=200)
    region: str = Field(pattern=r"^\d{6}$")
    starts_on: Annotated[date, Label(_l("From"), _l("The first day on which it binds."))]
    ends_on: Annotated[date | None, Label(_l("Until"), _l("Leave empty where no end is set."))] = None
    tag: Annotated[Tag, Label(_l("Binding"))]
    source: Annotated[Source, Label(_l("Source"))]
    params: dict[str, Any]
    cases: Annotated[list[Case], Label(_l("Test cases"))] = Field(default_factory=list, max_length=100)

    @model_validator(mode="after")
    def _official_has_a_source(self) -> "PackFile":
        if self.tag is Tag.OFFICIAL and not self.source.named:
            raise ValueError(
                _l("only a pack whose source is named with number and day in both languages may be tagged official")
            )
        return self

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
    except RecursionError as error:
        raise InvalidError(_l("The file nests too deeply. Divide its conditions."), field="file") from error
    except ValidationError as error:
        raise invalid(error) from error


def as_stored(value: Any) -> Any:  # noqa: ANN401 - whatever TOML holds
    """Return what TOML holds as JSON can keep it: days in ISO form."""
    if isinstance(value, dict):
        return {key: as_stored(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [as_stored(one) for one in value]
    return value.isoformat() if isinstance(value, date) else value


def check_params(model: type[BaseModel], params: dict[str, Any]) -> BaseModel:
    """Type the parameters; raises InvalidError naming each wrong one."""
    try:
        return model.model_validate(params)
    except ValidationError as error:
        raise invalid(error, "params") from error


def check_facts(params: BaseModel, catalogue: Catalogue) -> None:
    """Check every criteria tree among parameters against the catalogue; raises InvalidError naming the place."""
    for path, tree in trees(params):
        try:
            criteria.check_tree(tree, catalogue)
        except ValueError as error:
            raise InvalidError(
                _l(
                    "The pack does not fit its kind: %(where)s. Correct these fields.",
                    where=_l("%(place)s, %(reason)s", place=path_of(("params", *path)), reason=error.args[0]),
                ),
                field="file",
            ) from error


def trees(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], criteria.Node]]:  # noqa: ANN401 - TOML of any shape
    """Yield the criteria trees among parameters with the place they stand at."""
    if isinstance(value, (*criteria.GROUPS, *criteria.TYPES_OF, criteria.Points)):
        yield path, cast("criteria.Node", value)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from trees(getattr(value, name), (*path, name))
    elif isinstance(value, list | tuple):
        for place, one in enumerate(value):
            yield from trees(one, (*path, place))


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


def nearest_first(region_code: str, *others: str) -> Callable[[RulePack], tuple[int, int, int]]:
    """Return the order of packs for a region or one below: nearest region first, then latest start, then revision.

    Packs of other regions come after all of those, in the order for the regions given.
    """
    order = list(dict.fromkeys(code for region in (region_code, *others) for code in chain(region)))
    return lambda pack: (order.index(pack.region_code), -pack.starts_on.toordinal(), -pack.revision)


def choose(packs: Iterable[RulePack], region_code: str) -> RulePack | None:
    """Choose among packs in force the first in the order for a region."""
    return min(packs, key=nearest_first(region_code), default=None)
