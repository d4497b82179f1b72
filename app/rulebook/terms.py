"""Words of the national syllabus (国家技术转移专业人员能力等级培训大纲, trial, 2020) that every room uses."""

from dataclasses import dataclass

from app.core.errors import Text
from app.core.text import _l, pick


@dataclass(frozen=True, slots=True)
class LevelName:
    """What a level, or a module, is called in both languages; as a text, in the reader's."""

    zh: str
    en: str

    def __str__(self) -> str:
        return pick(self.zh, self.en)

    @property
    def folded(self) -> tuple[str, str]:
        """Return the name for comparison: letter case makes no other one."""
        return self.zh, self.en.casefold()


MODULES: dict[str, Text] = {
    "general": _l("General knowledge"),
    "policy": _l("Policy and law"),
    "practice": _l("Practice"),
    "capability": _l("Capability"),
}
"""The four modules in the syllabus's order; syllabus packs may name others, see `queries.Modules`."""

LEVELS: dict[str, Text] = {
    "junior": _l("Junior"),
    "intermediate": _l("Intermediate"),
    "senior": _l("Senior"),
}
"""The three levels, as one calls them beside what they are levels of."""

LEVEL_NAMES: dict[str, Text] = {
    "junior": _l("Junior technology broker"),
    "intermediate": _l("Intermediate technology broker"),
    "senior": _l("Senior technology manager"),
}
"""The three levels as the syllabus names who holds them."""

TITLE_LEVELS: dict[str, Text] = {
    "junior": _l("Junior title"),
    "intermediate": _l("Intermediate title"),
    "associate_senior": _l("Associate senior title"),
    "full_senior": _l("Full senior title"),
}
"""Levels of professional titles (职称); a pack may name others, which show by their code."""

SERIES: dict[str, Text] = {
    "engineering": _l("Engineering"),
    "natural_science": _l("Natural science research"),
    "agriculture": _l("Agricultural technology"),
}
"""Series of titles (系列) in which technology transfer is evaluated; a pack may name others."""
