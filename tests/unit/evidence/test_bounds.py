"""The bounds of the checks, of what is typed of a paper, and of what a claim counts for."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.accounts.states import Role
from app.core.access import Actor
from app.core.states import Lifecycle
from app.evidence import states
from app.evidence.access import GRANTS, Permission, enters, handles, may_check, owns
from app.evidence.models import Evidence
from app.evidence.rules.facts import Claim, EvidenceFacts, summed
from app.evidence.rules.params import CheckParams
from app.evidence.rules.reading import read
from app.evidence.rules.shares import claimed_together
from app.evidence.states import Kind
from tests.bounds import is_closed, misjudged

pytestmark = pytest.mark.one_database

TODAY = date(2026, 11, 23)
AT = datetime(2026, 11, 23, tzinfo=UTC)
TRAINING = {"title": "课", "cohort": "班", "organiser": "中心", "hours": "8", "given_on": "2026-11-23"}
CONTRACT = {
    "title": "合同",
    "number": "1",
    "type": "transfer",
    "seller_name": "甲",
    "seller_code": "x",
    "buyer_name": "乙",
    "buyer_code": "x",
    "amount": "10",
    "technology_amount": "10",
    "signed_on": "2026-01-02",
    "role": "lead",
    "share": "50",
}


@pytest.mark.parametrize(
    ("name", "held", "refused"),
    [
        ("receipt_tolerance_yuan", [0, "0.01"], ["-0.01", "0.001"]),
        ("receipt_within_days", [1, 3650], [0, 3651]),
        ("contract_number_digits", [0, 64], [-1, 65]),
        ("link_open_days", [1, 90], [0, 91]),
        ("links_a_day", [1, 20], [0, 21]),
        ("check_within_working_days", [1, 250], [0, 251]),
    ],
)
def test_rules_of_checks_are_taken_within_their_bounds(name: str, held: list[object], refused: list[object]) -> None:
    assert misjudged(CheckParams, name, held, refused) == []
    assert is_closed(CheckParams)


@pytest.mark.parametrize(
    ("kind", "raw", "problems"),
    [
        (Kind.TRAINING, TRAINING, []),
        (Kind.TRAINING, TRAINING | {"hours": "2000"}, []),
        (Kind.TRAINING, TRAINING | {"hours": "2000.01"}, ["not_hours"]),
        (Kind.TRAINING, TRAINING | {"hours": "0"}, ["not_hours"]),
        (Kind.TRAINING, TRAINING | {"hours": "0.01"}, []),
        (Kind.TRAINING, TRAINING | {"hours": "0.001"}, ["not_hours"]),
        (Kind.TRAINING, TRAINING | {"given_on": "2026-11-24"}, ["in_future"]),
        (Kind.TRAINING, TRAINING | {"given_on": "20261123"}, []),
        (Kind.TRAINING, TRAINING | {"given_on": "2026年11月23日 上午"}, []),
        (Kind.TRAINING, TRAINING | {"title": "课" * 200}, []),
        (Kind.TRAINING, TRAINING | {"title": "课" * 201}, ["too_long"]),
        (Kind.TRAINING, TRAINING | {"cohort": ""}, ["missing"]),
        (Kind.CONTRACT, CONTRACT, []),
        (Kind.CONTRACT, CONTRACT | {"number": "1" * 64}, []),
        (Kind.CONTRACT, CONTRACT | {"number": "1" * 65}, ["too_long"]),
        (Kind.CONTRACT, CONTRACT | {"number": "--"}, ["missing"]),
        (Kind.CONTRACT, CONTRACT | {"share": "100"}, []),
        (Kind.CONTRACT, CONTRACT | {"share": "100.01"}, ["not_percent"]),
        (Kind.CONTRACT, CONTRACT | {"share": "0"}, ["not_percent"]),
        (Kind.CONTRACT, CONTRACT | {"share": "0.01%"}, []),
        (Kind.CONTRACT, CONTRACT | {"amount": "1000000000000"}, []),
        (Kind.CONTRACT, CONTRACT | {"amount": "1000000000000.01"}, ["not_money"]),
        (Kind.CONTRACT, CONTRACT | {"amount": "0", "technology_amount": "0"}, []),
        (Kind.CONTRACT, CONTRACT | {"technology_amount": "-1"}, ["not_money"]),
        (Kind.CONTRACT, CONTRACT | {"technology_amount": "NaN"}, ["not_money"]),
        (Kind.CONTRACT, CONTRACT | {"technology_amount": "10.01"}, ["above_whole"]),
        (Kind.CONTRACT, CONTRACT | {"ends_on": "2026-01-02"}, []),
        (Kind.CONTRACT, CONTRACT | {"ends_on": "2026-01-01"}, ["before_start"]),
        (Kind.CONTRACT, CONTRACT | {"type": "TRANSFER"}, []),
        (Kind.CONTRACT, CONTRACT | {"type": "barter"}, ["not_a_choice"]),
    ],
)
def test_what_is_typed_of_a_paper_is_taken_within_its_bounds(
    kind: Kind, raw: Mapping[str, str], problems: list[str]
) -> None:
    assert [one.reason for one in read(kind, raw, today=TODAY).problems] == problems


@pytest.mark.parametrize(
    ("happened", "since", "until", "counts"),
    [
        (TODAY, AT, None, True),
        (TODAY + timedelta(days=1), AT, None, False),
        (TODAY, AT + timedelta(seconds=1), None, False),
        (TODAY, AT, AT, False),
        (TODAY, AT, AT + timedelta(seconds=1), True),
    ],
)
def test_a_claim_counts_from_its_day_while_it_is_known(
    happened: date, since: datetime, until: datetime | None, counts: bool
) -> None:
    assert Claim(Kind.AWARD, happened, since, until).counts(TODAY, AT) is counts


def test_nothing_claimed_is_nothing_and_a_contract_counts_by_its_share() -> None:
    contract = Claim(Kind.CONTRACT, TODAY, AT, None, amount=Decimal("100.01"), share=Decimal(50))
    patent = Claim(Kind.PATENT, TODAY, AT, None, number="1")

    assert set(EvidenceFacts().by_code().values()) == {0}
    told = summed([contract, patent, patent, Claim(Kind.TRAINING, TODAY, AT, None)], on=TODAY, known_at=AT)
    assert (told.contracts_amount, told.contracts_count, told.patents_count) == (Decimal("50.00"), 1, 1)
    assert claimed_together([("a", Decimal(50)), ("a", Decimal(40)), ("b", Decimal(30))]) == 80


def person(number: int, *permissions: Permission, organisation: int | None = None) -> Actor:
    return Actor(
        number, "p", "王敏", Role.BASE, "", frozenset(permissions), region_code="370000", organisation_id=organisation
    )


def test_whoever_is_in_a_record_handles_it_and_does_not_check_it() -> None:
    record = Evidence(person_id=1, entered_by_id=2, organisation_id=7, region_code="370100")
    loose = Evidence(person_id=1, entered_by_id=2, organisation_id=None, region_code="370100")

    assert [owns(person(one), record) for one in (1, 2, 3)] == [True, False, False]
    assert [enters(person(one), record) for one in (1, 2, 3)] == [False, True, False]
    assert [handles(person(one), record) for one in (1, 2, 3)] == [True, True, False]
    assert enters(person(3, Permission.ENTER, organisation=7), record)
    assert not enters(person(3, Permission.ENTER, organisation=8), record)
    assert not enters(person(3, organisation=7), record)
    assert not enters(person(3, Permission.ENTER), loose)
    assert [may_check(person(one, Permission.CHECK), record) for one in (1, 2, 3)] == [False, False, True]
    assert not may_check(person(3), record)


def test_what_each_role_may_do_with_evidence() -> None:
    told = {
        Role.TRAINEE: "own",
        Role.LECTURER: "own",
        Role.EXPERT: "own",
        Role.EMPLOYER: "enter",
        Role.BASE: "enter",
        Role.CREDIT: "check audit",
        Role.REGULATOR: "check audit",
    }

    assert {role: set(given) for role, given in GRANTS.items()} == {
        role: {Permission(f"evidence.{name}") for name in names.split()} for role, names in told.items()
    }


@pytest.mark.parametrize(
    ("lifecycle", "moves"),
    [
        (
            states.EVIDENCE,
            {
                "declare": "draft",
                "confirm": "declared",
                "check": "declared confirmed",
                "reject": "declared confirmed",
                "withdraw": "declared confirmed checked",
                "supersede": "declared confirmed checked",
            },
        ),
        (states.IMPORT, {"commit": "staged", "discard": "staged"}),
    ],
    ids=lambda one: one.name if isinstance(one, Lifecycle) else "",
)
def test_from_where_each_record_may_move(lifecycle: Lifecycle[Any], moves: Mapping[str, str]) -> None:
    assert {name: {one.value for one in move.sources} for name, move in lifecycle.moves.items()} == {
        name: set(sources.split()) for name, sources in moves.items()
    }
    assert {Kind.REGISTRATION, Kind.INVOICE, Kind.RECEIPT} == states.PAPERS
