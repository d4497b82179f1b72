"""What an item version asks, reduced to what a candidate may see of it: never key, tolerance or rubric."""

from dataclasses import dataclass

from app.items.models import ItemVersion


@dataclass(frozen=True, slots=True)
class Asked:
    """What an item or a sub-item asks: options under their own letters; a case has `parts` and its material as stem."""

    type: str
    stem: str
    options: tuple[tuple[str, str], ...] = ()
    prompts: tuple[str, ...] = ()
    blanks: int = 0
    unit: str = ""
    unit_asked: bool = False
    parts: tuple["Asked", ...] = ()


def asked(version: ItemVersion) -> Asked:
    """Return what a version asks."""
    options = tuple((str(option["key"]), str(option["text"])) for option in version.options)
    return Asked(version.type.value, version.stem, options)
