"""Figures with the reference they were taken beside."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One figure: the median of its runs, and the same of its reference in the same run."""

    value: float
    unit: str
    reference: float | None = None
    reference_is: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the shape that others read."""
        ratio = round(self.value / self.reference, 2) if self.reference else None
        return {
            "value": self.value,
            "reference": self.reference,
            "reference_is": self.reference_is,
            "ratio": ratio,
            "unit": self.unit,
        }


@dataclass
class Figures:
    """What a benchmark found, what the `run` was (candidates, seed), lines that explain it, what must not have been."""

    found: dict[str, Figure] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    run: dict[str, int | str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return every figure by name."""
        return {name: figure.as_json() for name, figure in self.found.items()}

    def table(self) -> str:
        """Return the figures as text."""
        lines = [*self.notes, ""]
        for name, figure in self.found.items():
            beside = f"  beside {figure.reference:g} ({figure.reference_is})" if figure.reference else ""
            lines.append(f"{name:24}{figure.value:>10g} {figure.unit}{beside}")
        return "\n".join(lines)
