"""What the checks see of records: a contract with its papers, and who else claims the same; pure data."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.evidence.states import Answer, Kind


@dataclass(frozen=True, slots=True)
class Paper:
    """One declared record as the checks see it: its fields, and the hashes of its files."""

    code: str
    kind: Kind
    number: str
    happened_on: date
    amount: Decimal | None
    fields: Mapping[str, str]
    files: frozenset[str] = frozenset()

    def text(self, name: str) -> str:
        """Return a field as it was written, empty where it was not given."""
        return self.fields.get(name, "")


@dataclass(frozen=True, slots=True)
class Rival:
    """Another live record with the same number: whose it is, and the contract it serves."""

    code: str
    same_person: bool
    contract_number: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """A record in its surroundings: its contract and the papers of that, rivals, files found elsewhere, answers.

    `claimed` is what all managers of the contract claim together, in per cent.
    """

    record: Paper
    contract: Paper | None = None
    papers: tuple[Paper, ...] = ()
    rivals: tuple[Rival, ...] = ()
    twins: tuple[str, ...] = ()
    claimed: Decimal = Decimal(0)
    answer: Answer | None = None

    def linked(self, kind: Kind) -> tuple[Paper, ...]:
        """Return the papers of one kind that are linked to the contract."""
        return tuple(paper for paper in self.papers if paper.kind is kind)
