"""Facts of the ledger that criteria may name: what checked evidence says of people."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from app.core.text import _l
from app.evidence.queries import facts_of
from app.evidence.rules.facts import EvidenceFacts
from app.evidence.states import Kind
from app.rulebook.facts import Fact, FactKind, FactSource, FactType, Question

BY_SHARE = _l("the sum over checked contracts, each counted by the person's own share")
CHECKED = _l("the number of checked records")
KINDS = (
    FactKind("contracts.amount", _l("Amount of contracts facilitated"), FactType.MONEY, BY_SHARE),
    FactKind("contracts.technology_amount", _l("Technology amount of contracts facilitated"), FactType.MONEY, BY_SHARE),
    FactKind("contracts.count", _l("Contracts facilitated"), FactType.COUNT, CHECKED, unit=_l("contracts")),
    FactKind("services.count", _l("Services rendered, checked"), FactType.COUNT, CHECKED, unit=_l("services")),
    FactKind(
        "patents.count",
        _l("Patents operated"),
        FactType.COUNT,
        _l("the number of different patents in checked records"),
        unit=_l("patents"),
    ),
    FactKind("works.count", _l("Works"), FactType.COUNT, CHECKED, unit=_l("works")),
    FactKind("awards.count", _l("Awards"), FactType.COUNT, CHECKED, unit=_l("awards")),
    FactKind(
        "training.hours_given",
        _l("Class hours given"),
        FactType.DECIMAL,
        _l("the sum over checked records of training given"),
        unit=_l("class hours"),
    ),
)

COUNTED: dict[str, Kind] = {
    "contracts.amount": Kind.CONTRACT,
    "contracts.technology_amount": Kind.CONTRACT,
    "contracts.count": Kind.CONTRACT,
    "services.count": Kind.SERVICE,
    "patents.count": Kind.PATENT,
    "works.count": Kind.WORK,
    "awards.count": Kind.AWARD,
    "training.hours_given": Kind.TRAINING,
}
"""Records of which kind a fact counts."""


NAMED = 3
"""So many of its records a fact names; all of them stand in the list of evidence beside it."""


def typed(found: EvidenceFacts) -> dict[str, Fact]:
    """Return the facts of one person's evidence as criteria read them: since its latest record, from which ones."""
    return {
        code: Fact(Decimal(value), since=found.last_on.get(kind), source=_named(found.numbers.get(kind, ())))
        for code, value in found.by_code().items()
        for kind in (COUNTED[code],)
    }


def _named(numbers: Sequence[str]) -> str:
    """Name the latest few records."""
    return ", ".join(("…", *numbers[-NAMED:]) if len(numbers) > NAMED else numbers)


def give(question: Question) -> Mapping[int, Mapping[str, Fact]]:
    """Return what checked evidence says of people, in one statement for every 500 of them."""
    found = facts_of(question.subjects, question.on, question.known_at)
    return {person_id: typed(facts) for person_id, facts in found.items()}


SOURCE = FactSource(_l("Evidence records"), KINDS, give)
