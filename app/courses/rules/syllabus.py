"""The rule kind `syllabus` (培训大纲): levels, modules, their class hours and topics."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import InvalidError, Text
from app.core.text import _l, pick
from app.rulebook.kinds import Label

NOTHING = Decimal(0)


class Part(BaseModel):
    """Something of the syllabus with a code and a name in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    code: Annotated[str, Label(_l("Short code"), _l("Small letters, digits and hyphens."))] = Field(
        pattern=r"^[a-z0-9][a-z0-9-]{0,63}$"
    )
    name_zh: Annotated[str, Label(_l("Name (Chinese)"))] = Field(min_length=1, max_length=200)
    name_en: Annotated[str, Label(_l("Name (English)"))] = Field(min_length=1, max_length=200)

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return pick(self.name_zh, self.name_en)


class Topic(Part):
    """One topic of a module."""


class Module(Part):
    """A module (模块) and the class hours a trainee must collect in it."""

    required: Annotated[bool, Label(_l("Required module"))]
    required_hours: Annotated[Decimal, Label(_l("Hours of the module"), unit=_l("class hours"))] = Field(
        ge=0, le=1000, decimal_places=2
    )
    topics: Annotated[tuple[Topic, ...], Label(_l("Topics"))] = ()


class Level(Part):
    """A level of technology managers and its modules; one without modules trains nobody yet."""

    rank: Annotated[int, Label(_l("Rank of the level"), _l("1 is the lowest."))] = Field(ge=1, le=9)
    adaptable: Annotated[bool, Label(_l("A region may adapt the modules"))]
    modules: Annotated[tuple[Module, ...], Label(_l("Modules"))] = ()


class Syllabus(BaseModel):
    """What each level must learn, in class hours a module."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    minutes_per_class_hour: Annotated[int, Label(_l("One class hour lasts"), unit=_l("minutes"))] = Field(ge=1, le=120)
    quiz_pass_share: Annotated[
        Decimal, Label(_l("Share of right items that passes a quiz"), _l("Such as 0.6 for sixty in a hundred."))
    ] = Field(default=Decimal("0.6"), gt=0, le=1)
    levels: Annotated[tuple[Level, ...], Label(_l("Levels"))] = Field(min_length=1)


def level_of(syllabus: Syllabus, code: str) -> Level:
    """Return a level of the syllabus; raises InvalidError where it says nothing of the level."""
    for level in syllabus.levels:
        if level.code == code and level.modules:
            return level
    raise InvalidError(_l("The syllabus in force sets no modules for this level. Your authority must publish them."))


def required_by(level: Level) -> dict[str, Decimal]:
    """Return the class hours that each required module asks for."""
    return {module.code: module.required_hours for module in level.modules if module.required}


def lacking(required: Mapping[str, Decimal], offered: Mapping[str, Decimal]) -> dict[str, Decimal]:
    """Return the hours that are still missing, by module; empty where everything is met."""
    gaps = {code: hours - offered.get(code, NOTHING) for code, hours in required.items()}
    return {code: gap for code, gap in gaps.items() if gap > NOTHING}


def counted(required: Mapping[str, Decimal], collected: Mapping[str, Decimal]) -> Decimal:
    """Return the hours that count towards the requirement: none beyond what a module asks for."""
    return sum((min(hours, collected.get(code, NOTHING)) for code, hours in required.items()), NOTHING)


class ModuleProgress(NamedTuple):
    """Where a trainee stands in a module: class hours collected of those required (0 where optional)."""

    code: str
    name: str
    collected: Decimal
    required: Decimal


def progress(level: Level, collected: Mapping[str, Decimal]) -> list[ModuleProgress]:
    """Return the modules of a level with the hours collected in each."""
    return [
        ModuleProgress(
            module.code,
            module.name,
            tidy(collected.get(module.code, NOTHING)),
            tidy(module.required_hours if module.required else NOTHING),
        )
        for module in level.modules
    ]


def tidy(hours: Decimal) -> Decimal:
    """Return the same number without trailing zeros, as people write class hours."""
    return Decimal(_plain(hours))


def sentences(syllabus: Syllabus) -> list[Text]:
    """Say the syllabus in plain sentences."""
    said: list[Text] = [
        _l("One class hour lasts %(minutes)s minutes.", minutes=syllabus.minutes_per_class_hour),
        _l("A lesson quiz is passed with %(share)s of its items right.", share=_percent(syllabus.quiz_pass_share)),
    ]
    for level in syllabus.levels:
        said += _of_level(level)
    return said


def _of_level(level: Level) -> list[Text]:
    if not level.modules:
        return [_l("%(level)s: modules and class hours are not set yet.", level=level.name)]
    said: list[Text] = [
        _l(
            "%(level)s: %(hours)s class hours in %(count)s required modules.",
            level=level.name,
            hours=_plain(sum(required_by(level).values(), NOTHING)),
            count=len(required_by(level)),
        ),
        _l("%(level)s: a region may adapt the modules.", level=level.name)
        if level.adaptable
        else _l("%(level)s: a region may not leave out a required module.", level=level.name),
    ]
    return said + [_of_module(level, module) for module in level.modules]


def _of_module(level: Level, module: Module) -> Text:
    sentence = (
        _l("%(level)s, module “%(module)s”: at least %(hours)s class hours. Topics: %(topics)s.")
        if module.required
        else _l("%(level)s, module “%(module)s”: optional, %(hours)s class hours. Topics: %(topics)s.")
    )
    topics = str(_l("; ")).join(topic.name for topic in module.topics)
    return str(sentence) % {
        "level": level.name,
        "module": module.name,
        "hours": _plain(module.required_hours),
        "topics": topics,
    }


def _percent(share: Decimal) -> str:
    return f"{_plain(share * 100)}%"


def _plain(value: Decimal) -> str:
    written = f"{value:f}"
    return written.rstrip("0").rstrip(".") if "." in written else written
