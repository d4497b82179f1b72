"""What evidence says of a person on a day as known at an instant; pure functions."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal

from app.evidence.states import Kind

FEN = Decimal("0.01")
WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Claim:
    """What the ledger holds of one checked record: when it happened, from when to when it was known."""

    kind: Kind
    happened_on: date
    known_from: datetime
    known_until: datetime | None
    amount: Decimal | None = None
    technology_amount: Decimal | None = None
    share: Decimal | None = None
    hours: Decimal | None = None
    number: str | None = None

    def counts(self, on: date, known_at: datetime) -> bool:
        """Tell whether the record had happened by a day and was known at an instant."""
        ended = self.known_until is not None and self.known_until <= known_at
        return self.happened_on <= on and self.known_from <= known_at and not ended


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """Facts of a person; amounts in yuan by the person's share, rounded down to the fen, hours exact."""

    contracts_amount: Decimal = Decimal("0.00")
    contracts_technology_amount: Decimal = Decimal("0.00")
    contracts_count: int = 0
    services_count: int = 0
    patents_count: int = 0
    works_count: int = 0
    awards_count: int = 0
    training_hours_given: Decimal = Decimal("0.00")
    last_on: Mapping[Kind, date] = field(default_factory=dict, compare=False)
    """The day of the latest record of each kind that counts: since then its facts are what they are."""
    numbers: Mapping[Kind, Sequence[str]] = field(default_factory=dict, compare=False)
    """The numbers of the records of each kind that count, in the order of their days."""

    def by_code(self) -> dict[str, Decimal | int]:
        """Return the facts under the codes of the fact catalogue."""
        return {
            "contracts.amount": self.contracts_amount,
            "contracts.technology_amount": self.contracts_technology_amount,
            "contracts.count": self.contracts_count,
            "services.count": self.services_count,
            "patents.count": self.patents_count,
            "works.count": self.works_count,
            "awards.count": self.awards_count,
            "training.hours_given": self.training_hours_given,
        }


def summed(claims: Iterable[Claim], *, on: date, known_at: datetime) -> EvidenceFacts:
    """Return the facts of one person's claims on a day, as known at an instant.

    A patent operated twice is one patent; every other record counts for itself. More evidence never lowers a fact.
    """
    counted = [claim for claim in claims if claim.counts(on, known_at)]
    counted.sort(key=lambda claim: claim.happened_on)
    contracts = [claim for claim in counted if claim.kind is Kind.CONTRACT]
    patents = {claim.number for claim in counted if claim.kind is Kind.PATENT}
    return EvidenceFacts(
        contracts_amount=_by_share((claim.amount, claim.share) for claim in contracts),
        contracts_technology_amount=_by_share((claim.technology_amount, claim.share) for claim in contracts),
        contracts_count=len(contracts),
        services_count=_count(counted, Kind.SERVICE),
        patents_count=len(patents),
        works_count=_count(counted, Kind.WORK),
        awards_count=_count(counted, Kind.AWARD),
        training_hours_given=sum(
            (claim.hours or Decimal(0) for claim in counted if claim.kind is Kind.TRAINING), Decimal("0.00")
        ),
        last_on={claim.kind: claim.happened_on for claim in counted},
        numbers={kind: _numbers(counted, kind) for kind in Kind},
    )


def _numbers(claims: Iterable[Claim], kind: Kind) -> tuple[str, ...]:
    """Return each number once."""
    return tuple(dict.fromkeys(claim.number for claim in claims if claim.kind is kind and claim.number))


def _count(claims: Iterable[Claim], kind: Kind) -> int:
    return sum(claim.kind is kind for claim in claims)


def _by_share(parts: Iterable[tuple[Decimal | None, Decimal | None]]) -> Decimal:
    total = sum(((amount or Decimal(0)) * (share or Decimal(0)) / WHOLE for amount, share in parts), Decimal(0))
    return total.quantize(FEN, ROUND_DOWN)
