"""Facts of people from the ledger: on a day, as known at an instant, for many people at once."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import select

from app.core.db import session
from app.evidence.models import Evidence, on_day
from app.evidence.rules.facts import Claim, EvidenceFacts, summed

BATCH = 500


def facts_of(person_ids: Iterable[int], on: date, known_at: datetime) -> dict[int, EvidenceFacts]:
    """Return the facts of people: what had happened by `on` and was checked and standing at `known_at`.

    One statement for every 500 people; people without evidence have facts of zero. What was corrected or
    withdrawn later still counts for an earlier `known_at`, so an old answer can be given again.
    """
    wanted = sorted(set(person_ids))
    claims: defaultdict[int, list[Claim]] = defaultdict(list)
    for evidence in _checked(wanted):
        claims[evidence.person_id].append(as_claim(evidence))
    return {person_id: summed(claims[person_id], on=on, known_at=known_at) for person_id in wanted}


def _checked(person_ids: list[int]) -> Iterator[Evidence]:
    for start in range(0, len(person_ids), BATCH):
        part = person_ids[start : start + BATCH]
        query = select(Evidence).where(Evidence.person_id.in_(part), Evidence.checked_at.is_not(None))
        yield from session.scalars(query.order_by(Evidence.id))


def as_claim(evidence: Evidence) -> Claim:
    """Return what a checked record claims, and from when to when the ledger held it."""
    if evidence.checked_at is None:
        msg = "only a checked record claims a fact"
        raise ValueError(msg)
    technology = evidence.text("technology_amount")
    return Claim(
        kind=evidence.kind,
        happened_on=on_day(evidence),
        known_from=evidence.checked_at,
        known_until=evidence.ended_at,
        amount=evidence.amount,
        technology_amount=Decimal(technology) if technology else None,
        share=evidence.share,
        hours=evidence.hours,
        number=evidence.number,
    )
