"""Whether what a certificate says is what the room that decided the fact keeps: each room declares what it keeps."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.credentials.rules.lint import Finding
from app.credentials.states import CertificateKind

NOT_KEPT = "fact-not-kept"
"""A warning: no office of this system decided the fact, so whoever approves vouches for it."""


@dataclass(frozen=True, slots=True)
class Fact:
    """What a room keeps of a record that is certified, or what a request says of it.

    `level`, `number`, `hours`, `entries` (values by their keys) and `words` are None where the room keeps none;
    `stands` is false once the record does not count any more.
    """

    person_id: int | None = None
    organisation_id: int | None = None
    level: str | None = None
    number: str | None = None
    stands: bool = True
    hours: Decimal | None = None
    entries: Mapping[str, str] | None = None
    words: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Certified:
    """A kind of record that a room has certified: `source` as its requests name it, and which kind of certificate.

    `known(codes)` reads what the room keeps under the codes of sources, in few statements, without what it never had.
    """

    source: str
    kind: CertificateKind
    known: Callable[[Collection[str]], Mapping[str, Fact]]


def judge(said: Fact, known: Fact | None) -> list[Finding]:
    """Return why a certificate would say something else than the room that keeps the fact."""
    if known is None:
        return [Finding("fact-unknown")]
    if not known.stands:
        return [Finding("fact-ended")]
    if (said.person_id, said.organisation_id) != (known.person_id, known.organisation_id):
        return [Finding("fact-holder")]
    found = []
    if known.level is not None and said.level != known.level:
        found.append(Finding("fact-level"))
    if known.number is not None and said.number != known.number:
        found.append(Finding("fact-number", {"number": known.number}))
    return [*found, *_counted(said, known)]


def _counted(said: Fact, known: Fact) -> list[Finding]:
    """Return where hours or values differ from what the room counts now."""
    if known.hours is not None and said.hours != known.hours:
        return [Finding("fact-hours", {"said": _shown(said.hours), "hours": _shown(known.hours)})]
    same_entries = known.entries is None or said.entries == known.entries
    same_words = known.words is None or said.words == known.words
    return [] if same_entries and same_words else [Finding("fact-values")]


def _shown(hours: Decimal | None) -> str:
    return f"{hours.normalize():f}" if hours is not None else "0"
