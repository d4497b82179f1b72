"""Receipts are summed for each invoice: by instalments it is paid in full, in part, or more than once over."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.evidence.rules import checks
from app.evidence.rules import payments as rules
from app.evidence.rules.checks import REASONS, examine
from app.evidence.rules.papers import Paper, Setting
from app.evidence.rules.payments import Paid, payments
from app.evidence.states import Kind
from app.rulebook.verdicts import Line, Outcome
from tests.factories.evidence import AGENT, FIELDS, SELLER
from tests.unit.evidence.test_checks import CONTRACT, DAYS, INVOICE, PARAMS, REGISTRATION, paper

NONE = Decimal(0)
CENTS = st.integers(1, 50)


def invoice(code: str, amount: int, **fields: str) -> Paper:
    written = {**FIELDS[Kind.INVOICE], **fields}
    return paper(Kind.INVOICE, code=code, number=f"NO{code.upper()}", amount=Decimal(amount), fields=written)


def receipt(code: str, amount: int, *, day: int = 0, **fields: str) -> Paper:
    written = {**FIELDS[Kind.RECEIPT], **fields}
    on = DAYS[Kind.RECEIPT] + timedelta(days=day)
    return paper(Kind.RECEIPT, code=code, number=f"hd-{code}", amount=Decimal(amount), happened_on=on, fields=written)


def pays(invoices: list[Paper], receipts: list[Paper]) -> dict[str, str]:
    return {code: one.code for code, one in payments(invoices, receipts, tolerance=NONE).items()}


def paid(invoices: list[Paper], receipts: list[Paper]) -> dict[str, Paid]:
    return rules.paid(invoices, receipts, payments(invoices, receipts, tolerance=NONE))


def lines(*papers: Paper, record: Paper = CONTRACT) -> dict[str, Line]:
    setting = Setting(record, CONTRACT, (REGISTRATION, *papers), claimed=Decimal(100))
    found = examine(setting, PARAMS, pack="p", tag="t").lines
    assert all(str(REASONS[line.reason]) % line.params for line in found)
    return {line.reason: line for line in found}


def test_an_invoice_paid_in_instalments_is_paid() -> None:
    parts = (receipt("a", 100_000), receipt("b", 50_000, day=9))

    for record in (CONTRACT, INVOICE, *parts):
        found = lines(INVOICE, *parts, record=record)["invoice_paid"]
        assert (found.outcome, found.evidence) == (Outcome.MET, "100000 + 50000 / 150000.00")


def test_what_is_not_paid_yet_leaves_the_record_open_and_is_told() -> None:
    found = lines(INVOICE, receipt("a", 100_000))["invoice_part"]

    assert (found.outcome, found.params["open"]) == (Outcome.UNKNOWN, "50000.00")


def test_two_receipts_that_pay_one_invoice_twice_over_are_both_named() -> None:
    found = lines(INVOICE, receipt("a", 150_000), receipt("b", 150_000))["invoice_over"]

    assert (found.outcome, found.params["receipts"]) == (Outcome.NOT_MET, "hd-a, hd-b")


@pytest.mark.parametrize(
    ("amount", "reason"),
    [(149_998, "invoice_part"), (149_999, "invoice_paid"), (150_001, "invoice_paid"), (150_002, "invoice_over")],
)
def test_the_tolerance_is_that_of_the_sum(amount: int, reason: str) -> None:
    found = lines(INVOICE, receipt("a", 50_000), receipt("b", amount - 50_000))

    assert {one for one in found if one.startswith("invoice_p") or one == "invoice_over"} - {"invoice_parties"} == {
        reason
    }


def test_receipts_are_laid_out_so_that_no_invoice_is_overpaid() -> None:
    invoices = [invoice("x", 100), invoice("y", 70)]
    receipts = [receipt("a", 60), receipt("b", 50), receipt("c", 40), receipt("d", 20)]

    assert pays(invoices, receipts) == {"a": "x", "b": "y", "c": "x", "d": "y"}


def test_a_receipt_pays_an_invoice_between_its_own_parties() -> None:
    invoices = [invoice("x", 100, seller_name=SELLER), invoice("y", 90, seller_name=AGENT)]

    assert pays(invoices, [receipt("a", 100, payee_name=SELLER), receipt("b", 90, payee_name=AGENT)]) == {
        "a": "x",
        "b": "y",
    }
    assert pays(invoices, [receipt("a", 90, payee_name="别的公司")]) == {"a": "y"}


def test_a_receipt_that_names_its_invoice_pays_that_one_or_none() -> None:
    invoices = [invoice("x", 100), invoice("y", 100)]

    assert pays(invoices, [receipt("a", 100, invoice_number="NO-Y")]) == {"a": "y"}
    assert pays(invoices, [receipt("a", 100, invoice_number="no-y"), receipt("b", 100)]) == {"a": "y", "b": "x"}
    assert pays(invoices, [receipt("a", 100, invoice_number="no-z")]) == {}
    assert lines(INVOICE, receipt("a", 1, invoice_number="no-z"))["receipt_invoice"].outcome is Outcome.UNKNOWN


def test_without_an_invoice_nothing_is_paid() -> None:
    assert pays([], [receipt("a", 100)]) == {}
    assert paid([INVOICE], []) == {}
    assert lines(receipt("a", 1))["receipt_invoice"].outcome is Outcome.UNKNOWN


def test_too_many_receipts_are_laid_out_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    invoices = [invoice("x", 100), invoice("y", 70)]
    receipts = [receipt("a", 60), receipt("b", 50), receipt("c", 40), receipt("d", 20)]
    monkeypatch.setattr(rules, "MOST_LAID", 3)

    assert set(pays(invoices, receipts)) == {"a", "b", "c", "d"}
    monkeypatch.setattr(rules, "MOST_LAID", 40)
    monkeypatch.setattr(rules, "MOST_TRIES", 1)
    assert set(pays(invoices, receipts)) == {"a", "b", "c", "d"}


class Counted:
    """Stands in for a function and counts how often it is called."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> None:
        self.given, self.times = getattr(module, name), 0
        monkeypatch.setattr(module, name, self)

    def __call__(self, *args: object, **named: object) -> object:
        self.times += 1
        return self.given(*args, **named)


def test_receipts_of_more_than_is_owed_are_not_laid_out_in_every_way(monkeypatch: pytest.MonkeyPatch) -> None:
    laid = Counted(monkeypatch, rules, "_laid")
    invoices = [invoice(f"i{place}", 100) for place in range(7)]
    receipts = [receipt(f"r{place}", 100) for place in range(8)]

    assert len(pays(invoices, receipts)) == len(receipts)
    assert laid.times == 0
    named = [receipt("n", 100, invoice_number="NOI0"), *receipts[:7]]
    assert len(pays(invoices, named)) == len(named)
    assert laid.times == 0, "what is named has taken its part"
    assert set(pays(invoices, receipts[:7]).values()) == {one.code for one in invoices}
    assert laid.times == 8


def test_of_invoices_that_are_alike_one_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    laid = Counted(monkeypatch, rules, "_laid")

    pays([invoice(f"i{place}", 100) for place in range(6)], [receipt(f"r{place}", 60) for place in range(7)])

    assert laid.times == 7, "one for each receipt until the last finds no place"


def test_invoices_of_other_parties_are_not_alike() -> None:
    invoices = [invoice("x", 100, seller_name=SELLER), invoice("y", 100, seller_name=AGENT)]
    receipts = [receipt("a", 80, payee_name="别的公司"), receipt("b", 60, payee_name=SELLER)]

    assert pays(invoices, receipts) == {"a": "y", "b": "x"}


def test_receipts_are_laid_out_once_for_all_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    laid = Counted(monkeypatch, checks, "payments")

    lines(INVOICE, invoice("y", 7), receipt("a", 100_000), receipt("b", 50_000), receipt("c", 7))
    assert laid.times == 1
    lines(INVOICE, record=REGISTRATION)
    assert laid.times == 1, "a certificate asks for no payments"


@given(st.lists(st.lists(CENTS, min_size=1, max_size=3), min_size=1, max_size=4), st.randoms())
def test_whatever_is_paid_in_parts_is_found_paid_in_any_order(parts: list[list[int]], chance: Random) -> None:
    invoices = [invoice(f"i{place}", sum(one)) for place, one in enumerate(parts)]
    receipts = [receipt(f"r{place}", amount) for place, amount in enumerate(part for one in parts for part in one)]
    chance.shuffle(receipts)

    found = paid(invoices, receipts)

    assert {code: one.open for code, one in found.items()} == {one.code: NONE for one in invoices}


@given(st.lists(CENTS, min_size=1, max_size=3), st.lists(CENTS, min_size=1, max_size=5))
def test_no_receipt_is_lost_and_an_overpaid_sum_shows_somewhere(owed: list[int], given_: list[int]) -> None:
    invoices = [invoice(f"i{place}", amount) for place, amount in enumerate(owed)]
    receipts = [receipt(f"r{place}", amount) for place, amount in enumerate(given_)]

    found = paid(invoices, receipts)

    assert sum((one.total for one in found.values()), NONE) == sum(given_)
    if sum(given_) > sum(owed):
        assert any(one.open < 0 for one in found.values())


def test_an_amount_that_a_paper_does_not_state_counts_as_nothing() -> None:
    bare = replace(INVOICE, amount=None)

    assert paid([bare], [receipt("a", 5)])[bare.code].open == Decimal(-5)
