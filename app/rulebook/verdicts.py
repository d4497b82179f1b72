"""Verdicts that explain themselves line by line; stored with the decision they carried."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.core.errors import Text


class Outcome(StrEnum):
    """How a condition came out."""

    MET = "met"
    NEAR = "near"
    NOT_MET = "not"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """One condition: a reason code with parameters, rendered when shown."""

    reason: str
    outcome: Outcome
    params: dict[str, str] = field(default_factory=dict)
    evidence: str = ""
    rule: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conditions of a decision and the pack that set them; met when every line is met."""

    lines: tuple[Line, ...]
    pack: str = ""
    tag: str = ""

    @property
    def met(self) -> bool:
        """Tell whether every condition is met."""
        return all(line.outcome is Outcome.MET for line in self.lines)

    def to_json(self) -> dict[str, Any]:
        """Return what a decision stores."""
        return {
            "pack": self.pack,
            "tag": self.tag,
            "lines": [
                {
                    "reason": line.reason,
                    "outcome": line.outcome.value,
                    "params": line.params,
                    "evidence": line.evidence,
                    "rule": line.rule,
                    "source": line.source,
                }
                for line in self.lines
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Verdict":
        """Read a stored verdict back."""
        lines = tuple(Line(**{**line, "outcome": Outcome(line["outcome"])}) for line in data["lines"])
        return cls(lines=lines, pack=data["pack"], tag=data["tag"])


def rendered(verdict: Verdict, texts: Mapping[str, Text]) -> list[dict[str, str]]:
    """Return the lines for the page, reasons in the reader's language from a room's `texts`."""
    return [
        {
            "text": str(texts[line.reason]) % line.params,
            "outcome": line.outcome.value,
            "evidence": line.evidence,
            "rule": line.rule,
            "source": line.source,
        }
        for line in verdict.lines
    ]
