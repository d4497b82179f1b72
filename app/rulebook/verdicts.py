"""Verdicts that explain themselves line by line; stored with the decision they carried."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from app.core.errors import Text
from app.core.text import pick
from app.web.formats import day

DAY = re.compile(r"(?<![\w-])\d{4}-\d\d-\d\d(?![\w-])")
"""A day inside what a condition was judged by."""


class Outcome(StrEnum):
    """How a condition came out."""

    MET = "met"
    NEAR = "near"
    NOT_MET = "not"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Line:
    """One condition: a reason code with parameters, rendered when shown.

    A condition made of others carries them as `lines`. One that people named carries both names. An `optional`
    one is shown and decides nothing.
    """

    reason: str
    outcome: Outcome
    params: dict[str, str] = field(default_factory=dict)
    evidence: str = ""
    rule: str = ""
    source: str = ""
    lines: "tuple[Line, ...]" = ()
    name_zh: str = ""
    name_en: str = ""
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The conditions of a decision and the pack that set them; met when every line is met.

    `source_zh` and `source_en` name the document behind the pack; a line may name one of its own.
    """

    lines: tuple[Line, ...]
    pack: str = ""
    tag: str = ""
    source_zh: str = ""
    source_en: str = ""

    @property
    def met(self) -> bool:
        """Tell whether every condition is met."""
        return self.outcome is Outcome.MET

    @property
    def outcome(self) -> Outcome:
        """Return how the whole came out: the worst of its conditions, what is not met before what is unknown."""
        outcomes = {line.outcome for line in self.lines if not line.optional}
        return next((one for one in WORST_FIRST if one in outcomes), Outcome.MET)

    def to_json(self) -> dict[str, Any]:
        """Return what a decision stores."""
        return {
            "pack": self.pack,
            "tag": self.tag,
            "source_zh": self.source_zh,
            "source_en": self.source_en,
            "lines": [_line_to_json(line) for line in self.lines],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Verdict":
        """Read a stored verdict back."""
        return cls(
            lines=tuple(_line_from_json(line) for line in data["lines"]),
            pack=data["pack"],
            tag=data["tag"],
            source_zh=data.get("source_zh", ""),
            source_en=data.get("source_en", ""),
        )


WORST_FIRST = (Outcome.NOT_MET, Outcome.UNKNOWN, Outcome.NEAR)
NESTED_ONLY = ("lines", "name_zh", "name_en", "optional")


def _line_to_json(line: Line) -> dict[str, Any]:
    stored: dict[str, Any] = {
        "reason": line.reason,
        "outcome": line.outcome.value,
        "params": line.params,
        "evidence": line.evidence,
        "rule": line.rule,
        "source": line.source,
        "lines": [_line_to_json(one) for one in line.lines],
        "name_zh": line.name_zh,
        "name_en": line.name_en,
        "optional": line.optional,
    }
    return {key: value for key, value in stored.items() if value or key not in NESTED_ONLY}


def _line_from_json(data: Mapping[str, Any]) -> Line:
    nested = tuple(_line_from_json(one) for one in data.get("lines", ()))
    return Line(**{**data, "outcome": Outcome(data["outcome"]), "lines": nested})


def rendered(verdict: Verdict, texts: Mapping[str, Text]) -> list[dict[str, str]]:
    """Return the lines for the page, reasons in the reader's language from a room's `texts`."""
    return [
        {
            "text": str(texts[line.reason]) % line.params,
            "outcome": line.outcome.value,
            "evidence": DAY.sub(lambda found: day(date.fromisoformat(found[0])), line.evidence),
            "rule": line.rule,
            "source": line.source or pick(verdict.source_zh, verdict.source_en),
        }
        for line in verdict.lines
    ]
