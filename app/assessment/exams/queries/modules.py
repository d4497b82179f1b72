"""The modules that blueprints are planned by: those of a syllabus pack, by its names."""

from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from app.assessment.exams.models import Blueprint, ExamSession, Paper
from app.core.db import session
from app.core.errors import InvalidError, Text
from app.courses.rules.syllabus import Level, Syllabus
from app.rulebook import queries as rulebook
from app.rulebook.models import RulePack
from app.rulebook.terms import MODULES

SYLLABUS = "syllabus"


@dataclass(frozen=True, slots=True)
class Modules:
    """Names by code in the order of the syllabus, and the codes of each level that it sets any for.

    Without a pack they are the modules of the national syllabus, at every level.
    """

    pack: str | None = None
    names: dict[str, Text] = field(default_factory=lambda: dict(MODULES))
    of_level: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, Text]:
        """Return what every module is called; one that the syllabus does not name shows by its national name."""
        return {**MODULES, **self.names}

    def name(self, module: str) -> Text:
        """Return what a module is called, its code where nobody named it."""
        return self.labels.get(module, module)

    def beyond(self, level: str, modules: list[str]) -> list[str]:
        """Return which of the modules the syllabus does not have at a level.

        Items name the national modules. A level whose modules are all a region's own holds none of them, so there the
        syllabus bounds nothing.
        """
        allowed = self.of_level.get(level)
        return (
            []
            if allowed is None or allowed.isdisjoint(MODULES)
            else [module for module in modules if module not in allowed]
        )


def in_force(region_code: str | None, on: date) -> Modules:
    """Return the modules of the syllabus that binds a region on a day."""
    if region_code is None:
        return Modules()
    try:
        return _of(rulebook.in_force(SYLLABUS, region_code, on))
    except InvalidError:
        return Modules()


def of_blueprint(found: Blueprint) -> Modules:
    """Return the modules that a blueprint was drafted under, whatever has been published since."""
    return Modules() if found.syllabus_pack is None else _of(rulebook.by_code(found.syllabus_pack))


def level_of_session(found: ExamSession) -> Level | None:
    """Return the level of a session as the syllabus of its paper defines it, None where no syllabus does."""
    query = (
        select(Blueprint.syllabus_pack)
        .join(Paper, Paper.blueprint_id == Blueprint.id)
        .where(Paper.id == found.paper_id, Blueprint.syllabus_pack.is_not(None))
    )
    pack = session.scalar(query)
    levels = Syllabus.model_validate(rulebook.by_code(pack).params).levels if pack else ()
    return next((one for one in levels if one.code == found.level), None)


def _of(pack: RulePack) -> Modules:
    levels = Syllabus.model_validate(pack.params).levels
    names: dict[str, Text] = {module.code: module.name for level in levels for module in level.modules}
    of_level = {level.code: frozenset(one.code for one in level.modules) for level in levels if level.modules}
    return Modules(pack.code, names or dict(MODULES), of_level)
