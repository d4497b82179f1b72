"""Which receipt pays which invoice, and what the receipts of an invoice come to; pure functions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.evidence.rules.numbers import same_invoice, tidy, tidy_name
from app.evidence.rules.papers import Paper

PAID_NUMBER = "invoice_number"
"""The field of a receipt that names the invoice it pays."""
Parties = tuple[str, str]
REMITTED: Parties = ("payer_name", "payee_name")
INVOICED: Parties = ("buyer_name", "seller_name")
"""The fields that name who pays and who is paid."""
MOST_TRIES = 5_000
MOST_LAID = 40
"""So many receipts are laid out in every way, more of them one after the other."""


@dataclass(frozen=True, slots=True)
class Paid:
    """An invoice with the receipts that pay it."""

    invoice: Paper
    receipts: tuple[Paper, ...]

    @property
    def total(self) -> Decimal:
        """Return what the receipts come to."""
        return sum((amount_of(one) for one in self.receipts), Decimal(0))

    @property
    def open(self) -> Decimal:
        """Return what is not paid yet, below nothing where more was paid."""
        return amount_of(self.invoice) - self.total


def amount_of(paper: Paper) -> Decimal:
    """Return the amount of a paper, nothing where it states none."""
    return paper.amount or Decimal(0)


def payments(invoices: Sequence[Paper], receipts: Sequence[Paper], *, tolerance: Decimal) -> dict[str, Paper]:
    """Return by the code of each receipt the invoice that it pays; a receipt that pays none is left out.

    One that names its invoice pays that invoice and no other. The rest is laid out, the greatest first and each where
    it fits best between the same parties, so that no invoice is overpaid if that can be done; what then fits nowhere
    pays the invoice nearest in amount.
    """
    named = {one.code: _named(one, invoices) for one in receipts if one.text(PAID_NUMBER)}
    sure = {code: invoice for code, invoice in named.items() if invoice is not None}
    left = {one.code: amount_of(one) + tolerance for one in invoices}
    for one in receipts:
        if one.code in sure:
            left[sure[one.code].code] -= amount_of(one)
    free = sorted(
        (one for one in receipts if one.code not in named), key=lambda one: (-amount_of(one), one.happened_on, one.code)
    )
    if not invoices:
        return sure
    among = _among(free, invoices)
    room = sum((max(one, Decimal(0)) for one in left.values()), Decimal(0))
    fits = len(free) <= MOST_LAID and sum(map(amount_of, free)) <= room
    laid = _laid(free, among, left, iter(range(MOST_TRIES))) if fits else None
    return sure | (_one_by_one(free, among, left) if laid is None else laid)


def paid(invoices: Iterable[Paper], receipts: Iterable[Paper], pays: Mapping[str, Paper]) -> dict[str, Paid]:
    """Return by the code of each invoice that any receipt pays what pays it, in the order of days."""
    given: dict[str, list[Paper]] = {}
    for one in sorted(receipts, key=lambda one: (one.happened_on, one.code)):
        if one.code in pays:
            given.setdefault(pays[one.code].code, []).append(one)
    return {one.code: Paid(one, tuple(given[one.code])) for one in invoices if one.code in given}


def _named(receipt: Paper, invoices: Iterable[Paper]) -> Paper | None:
    number = tidy(receipt.text(PAID_NUMBER))
    fits = (one for one in invoices if same_invoice(("", number), (tidy(one.text("invoice_code")), one.number)))
    return next(fits, None)


def _among(receipts: Iterable[Paper], invoices: Sequence[Paper]) -> dict[str, Sequence[Paper]]:
    """Return by the code of each receipt the invoices between its parties, all where there is none."""
    between: dict[Parties, list[Paper]] = {}
    for one in invoices:
        between.setdefault(_parties(one, INVOICED), []).append(one)
    return {one.code: between.get(_parties(one, REMITTED), invoices) for one in receipts}


def _laid(
    free: Sequence[Paper], among: Mapping[str, Sequence[Paper]], left: Mapping[str, Decimal], tries: Iterator[int]
) -> dict[str, Paper] | None:
    """Lay out receipts so that no invoice is overpaid; None where it cannot be done, or took too many tries.

    Of invoices between the same parties with as much left, one is tried: what fails with it fails with the others.
    """
    if not free:
        return {}
    first, rest = free[0], free[1:]
    tried = set[tuple[Decimal, Parties]]()
    for invoice in _by_fit(first, among[first.code], left):
        if left[invoice.code] < amount_of(first):
            return None
        alike = left[invoice.code], _parties(invoice, INVOICED)
        if alike in tried:
            continue
        if next(tries, None) is None:
            return None
        tried.add(alike)
        after = {**left, invoice.code: left[invoice.code] - amount_of(first)}
        found = _laid(rest, among, after, tries)
        if found is not None:
            return {first.code: invoice, **found}
    return None


def _one_by_one(
    free: Iterable[Paper], among: Mapping[str, Sequence[Paper]], left: Mapping[str, Decimal]
) -> dict[str, Paper]:
    """Lay out receipts one after the other: where one fits best, else to the invoice nearest in amount."""
    open_, found = dict(left), dict[str, Paper]()
    for one in free:
        invoice = _by_fit(one, among[one.code], open_)[0]
        found[one.code] = invoice
        open_[invoice.code] -= amount_of(one)
    return found


def _by_fit(receipt: Paper, invoices: Iterable[Paper], left: Mapping[str, Decimal]) -> list[Paper]:
    """Return the invoices that a receipt may pay, the best fit first."""

    def fit(one: Paper) -> tuple[bool, Decimal, int, str]:
        rest = left[one.code] - amount_of(receipt)
        over = rest < 0
        apart = abs(amount_of(receipt) - amount_of(one)) if over else rest
        return over, apart, abs((receipt.happened_on - one.happened_on).days), one.code

    return sorted(invoices, key=fit)


def same_parties(receipt: Paper, invoice: Paper) -> bool:
    """Tell whether a receipt is from the buyer to the seller of an invoice."""
    return _parties(receipt, REMITTED) == _parties(invoice, INVOICED)


def _parties(paper: Paper, fields: Parties) -> Parties:
    payer, payee = fields
    return tidy_name(paper.text(payer)), tidy_name(paper.text(payee))
