"""Packs of the kind `criteria` for tests, and recorded decisions under them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

from app.core.db import unit_of_work
from app.core.events import Subject
from app.rulebook import queries, services
from app.rulebook.facts import Fact, Value
from app.rulebook.kinds import judged
from app.rulebook.models import DecisionRecord, RulePack
from app.rulebook.services import Decided
from tests.factories.accounts import LIXIA, make_person
from tests.factories.rulebook import make_published

DECIDED = datetime(2026, 3, 9, 2, 0, tzinfo=UTC)
ON = date(2026, 3, 9)
SERVICES = """
purpose_zh = "职称评审"
purpose_en = "Title evaluation"
level = "associate_senior"
series = "natural_science"

[params.tree]
node = "all"

[[params.tree.of]]
node = "number"
fact = "stated.services"
value = "{services}"
near = "2"

[[params.tree.of]]
node = "number"
fact = "stated.amount"
value = "5000000"
near = "500000"
"""
CASE = """
[[cases]]
name_zh = "刚好达到"
name_en = "Just reached"
on = 2026-06-01
expected = "met"
[cases.facts]
"stated.services" = 15
"stated.amount" = "5000000"
"""
FALLS_SHORT = """
[[cases]]
name_zh = "差得远"
name_en = "Far short"
on = 2026-06-01
expected = "not"
[cases.facts]
"stated.services" = 1
"stated.amount" = "1"
"""
_numbers = count(1)


def criteria(services_needed: int = 15, *, cases: str = CASE + FALLS_SHORT) -> str:
    """Write the parameters and test cases of a pack of the kind `criteria`."""
    return "\n[params]" + SERVICES.format(services=services_needed) + cases


def make_criteria(
    services_needed: int = 15, *, cases: str = CASE + FALLS_SHORT, code: str = "criteria-test"
) -> RulePack:
    """Publish a pack of the kind `criteria`."""
    return make_published(kind="criteria", code=code, params=criteria(services_needed, cases=cases))


def make_decision(
    pack: RulePack, given: Mapping[str, Value], *, at: datetime = DECIDED, subject: str | None = None
) -> DecisionRecord:
    """Judge facts under a pack and record the decision for a new person in Lixia."""
    facts = {name: Fact(Decimal(value) if isinstance(value, int) else value) for name, value in given.items()}
    person = make_person()
    with unit_of_work():
        name = queries.binding(pack)
        verdict = judged(queries.kind(pack.kind), queries.params(pack), facts, ON, binding=name)
        decided = Decided(
            subject=Subject("application", subject or f"application-{next(_numbers)}"),
            facts=facts,
            verdict=verdict,
            judged_on=ON,
            region_code=LIXIA,
            person_id=person.id,
        )
        return services.record_decision(pack.kind, decided, by=None, at=at)
