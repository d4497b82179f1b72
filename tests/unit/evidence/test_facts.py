"""What each kind of record adds to the facts of a person, and from when to when it does."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from app.evidence.facts import typed
from app.evidence.rules.facts import Claim, EvidenceFacts, summed
from app.evidence.states import Kind
from app.rulebook.facts import Fact

ON, KNOWN = date(2026, 6, 1), datetime(2026, 6, 1, 8, tzinfo=UTC)
CLAIM = Claim(Kind.SERVICE, ON, KNOWN, None)


def of(*claims: Claim) -> EvidenceFacts:
    return summed(claims, on=ON, known_at=KNOWN)


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (Kind.SERVICE, EvidenceFacts(services_count=2)),
        (Kind.WORK, EvidenceFacts(works_count=2)),
        (Kind.AWARD, EvidenceFacts(awards_count=2)),
        (Kind.INVOICE, EvidenceFacts()),
        (Kind.REGISTRATION, EvidenceFacts()),
    ],
)
def test_services_works_and_awards_are_counted_and_papers_of_a_contract_are_not(
    kind: Kind, facts: EvidenceFacts
) -> None:
    assert of(replace(CLAIM, kind=kind), replace(CLAIM, kind=kind)) == facts


def test_a_patent_operated_twice_is_one_patent() -> None:
    patents = [replace(CLAIM, kind=Kind.PATENT, number=number) for number in ("a", "b", "a")]

    assert of(*patents) == EvidenceFacts(patents_count=2)


def test_contracts_count_with_their_share_rounded_down_to_the_fen() -> None:
    whole = replace(CLAIM, kind=Kind.CONTRACT, amount=Decimal(1000), technology_amount=Decimal(900), share=Decimal(100))
    third = replace(whole, share=Decimal("33.33"), amount=Decimal("0.99"), technology_amount=None)

    assert of(whole, third, replace(whole, share=None)) == EvidenceFacts(
        contracts_amount=Decimal("1000.32"), contracts_technology_amount=Decimal("900.00"), contracts_count=3
    )


def test_hours_are_those_of_trainings_alone() -> None:
    training = replace(CLAIM, kind=Kind.TRAINING, hours=Decimal("1.50"))

    assert of(training, training, replace(training, hours=None)) == EvidenceFacts(training_hours_given=Decimal("3.00"))
    assert of(replace(training, kind=Kind.SERVICE)).training_hours_given == 0


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ({}, True),
        ({"happened_on": ON + timedelta(days=1)}, False),
        ({"known_from": KNOWN + timedelta(seconds=1)}, False),
        ({"known_until": KNOWN}, False),
        ({"known_until": KNOWN + timedelta(seconds=1)}, True),
    ],
)
def test_a_record_counts_from_its_day_and_as_long_as_it_is_known(changed: dict[str, date], counts: bool) -> None:
    assert (of(replace(CLAIM, **changed)).services_count == 1) is counts  # type: ignore[arg-type]


def test_a_fact_for_criteria_is_dated_and_names_its_latest_records() -> None:
    """It has held since the latest record that counts; what happens later, or is of another kind, changes nothing."""
    days = [ON - timedelta(days=days) for days in (40, 30, 20, 10)]
    contracts = [
        replace(CLAIM, kind=Kind.CONTRACT, happened_on=day, number=f"HT-{place}")
        for place, day in enumerate(reversed(days))
    ]
    later = replace(CLAIM, kind=Kind.CONTRACT, happened_on=ON + timedelta(days=1), number="HT-9")
    facts = typed(summed([*contracts, later, CLAIM], on=ON, known_at=KNOWN))

    assert facts["contracts.count"] == Fact(Decimal(4), since=days[-1], source="…, HT-2, HT-1, HT-0")
    assert facts["services.count"] == Fact(Decimal(1), since=ON)
    assert facts["awards.count"] == Fact(Decimal(0))
