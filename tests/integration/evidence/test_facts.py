"""Facts of people are read on a day as known at an instant, for many people at once."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from app.core.db import unit_of_work
from app.evidence import facts as evidence_facts
from app.evidence import services
from app.evidence.queries import facts_of
from app.evidence.rules.facts import EvidenceFacts
from app.evidence.states import Kind
from app.rulebook import queries as rulebook
from app.rulebook.facts import Fact
from tests.factories.accounts import Member
from tests.factories.evidence import AT, again, check, make_checked, make_declared, make_owner, patent_number

DAY = timedelta(days=1)
LATE = date(2026, 3, 1)


def test_each_kind_counts_once_it_is_checked(owner: Member) -> None:
    for kind in (Kind.SERVICE, Kind.WORK, Kind.AWARD, Kind.CONTRACT):
        make_checked(kind, owner)
    make_checked(Kind.TRAINING, owner, hours="8")
    make_checked(Kind.TRAINING, owner, hours="2.5")
    for operation in ("licence", "pledge"):
        make_checked(Kind.PATENT, make_owner(), operation=operation)
    make_checked(Kind.PATENT, owner, number=patent_number(9))
    make_declared(Kind.SERVICE, owner)

    facts = facts_of([owner.person.id], LATE, AT)[owner.person.id]

    assert facts.by_code() == {
        "contracts.amount": Decimal("3000000.00"),
        "contracts.technology_amount": Decimal("2520000.00"),
        "contracts.count": 1,
        "services.count": 1,
        "patents.count": 1,
        "works.count": 1,
        "awards.count": 1,
        "training.hours_given": Decimal("10.50"),
    }


def test_many_people_are_read_in_one_statement(owner: Member, count_statements: Callable[[], list[str]]) -> None:
    people = [owner, *(make_owner() for _place in range(4))]
    for person in people[:-1]:
        make_checked(Kind.WORK, person)

    ids = [one.person.id for one in people]
    sent = count_statements()
    found = facts_of(ids, LATE, AT)

    assert len([statement for statement in sent if statement.startswith("SELECT")]) == 1
    assert [found[person_id].works_count for person_id in ids] == [1, 1, 1, 1, 0]
    assert found[ids[-1]] == EvidenceFacts()


def test_what_happens_later_does_not_count_yet(owner: Member) -> None:
    make_checked(Kind.SERVICE, owner, ended_on="2025-09-01")

    def count(on: date, known: timedelta = DAY) -> int:
        return facts_of([owner.person.id], on, AT + known)[owner.person.id].services_count

    assert (count(date(2025, 8, 31)), count(date(2025, 9, 1))) == (0, 1)
    assert count(LATE, -DAY) == 0


def test_the_past_is_answered_as_it_was_known_after_corrections_and_withdrawals(owner: Member, checker: Member) -> None:
    made = make_checked(Kind.TRAINING, owner, hours="8")
    with unit_of_work():
        new = services.correct(again(made), by=owner.actor, at=AT + DAY)
        new.details = {**new.details, "hours": "6"}
        services.declare(new, by=owner.actor, at=AT + DAY)
    check(new, checker, at=AT + 2 * DAY)
    with unit_of_work():
        services.withdraw(again(new), reason="班次取消", by=owner.actor, at=AT + 4 * DAY)

    def hours(days: int) -> Decimal:
        return facts_of([owner.person.id], LATE, AT + days * DAY)[owner.person.id].training_hours_given

    assert [hours(days) for days in range(-1, 6)] == [0, 8, 8, 6, 6, 0, 0]


def test_criteria_name_the_facts_of_checked_evidence_in_the_catalogue(owner: Member) -> None:
    make_checked(Kind.CONTRACT, owner)
    make_declared(Kind.SERVICE, owner)
    names = frozenset({"contracts.amount", "services.count"})

    found = rulebook.facts_of([owner.person.id], names, on=LATE, known_at=AT)

    assert found[owner.person.id] == {
        "contracts.amount": Fact(Decimal("3000000.00"), since=date(2025, 6, 10), source="2026370102000001"),
        "services.count": Fact(Decimal(0)),
    }
    assert {one.name for one in evidence_facts.KINDS} == set(EvidenceFacts().by_code())
