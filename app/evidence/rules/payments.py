"""Which receipt pays which invoice, and what the receipts of an invoice come to; pure functions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from app.evidence.rules.numbers import same_invoice, tidy, tidy_name
from app.evidence.rules.papers import Paper

PAID_NUMBER = "invoice_number"
"""The field of a receipt that names the invoice it pays."""
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
    laid = _laid(free, invoices, left, iter(range(MOST_TRIES))) if len(free) <= MOST_LAID else None
    return sure | (_one_by_one(free, invoices, left) if laid is None else laid)


def paid(invoices: Sequence[Paper], receipts: Sequence[Paper], *, tolerance: Decimal) -> dict[str, Paid]:
    """Return by the code of each invoice that any receipt pays what pays it, in the order of days."""
    pays = payments(invoices, receipts, tolerance=tolerance)
    given: dict[str, list[Paper]] = {}
    for one in sorted(receipts, key=lambda one: (one.happened_on, one.code)):
        if one.code in pays:
            given.setdefault(pays[one.code].code, []).append(one)
    return {one.code: Paid(one, tuple(given[one.code])) for one in invoices if one.code in given}


def _named(receipt: Paper, invoices: Iterable[Paper]) -> Paper | None:
    number = tidy(receipt.text(PAID_NUMBER))
    fits = (one for one in invoices if same_invoice(("", number), (tidy(one.text("invoice_code")), one.number)))
    return next(fits, None)


def _laid(
    free: Sequence[Paper], invoices: Sequence[Paper], left: Mapping[str, Decimal], tries: Iterator[int]
) -> dict[str, Paper] | None:
    """Lay out receipts so that no invoice is overpaid; None where it cannot be done, or took too many tries."""
    if not free:
        return {}
    first, rest = free[0], free[1:]
    for invoice in _by_fit(first, invoices, left):
        if left[invoice.code] < amount_of(first) or next(tries, None) is None:
            return None
        after = {**left, invoice.code: left[invoice.code] - amount_of(first)}
        found = _laid(rest, invoices, after, tries)
        if found is not None:
            return {first.code: invoice, **found}
    return None


def _one_by_one(free: Iterable[Paper], invoices: Sequence[Paper], left: Mapping[str, Decimal]) -> dict[str, Paper]:
    """Lay out receipts one after the other: where one fits best, else to the invoice nearest in amount."""
    open_, found = dict(left), dict[str, Paper]()
    for one in free:
        invoice = next(iter(_by_fit(one, invoices, open_)))
        found[one.code] = invoice
        open_[invoice.code] -= amount_of(one)
    return found


def _by_fit(receipt: Paper, invoices: Iterable[Paper], left: Mapping[str, Decimal]) -> list[Paper]:
    """Return the invoices between the parties of a receipt, all where there is none, the best fit first."""
    among = list(invoices)
    alike = [one for one in among if same_parties(receipt, one)] or among

    def fit(one: Paper) -> tuple[bool, Decimal, int, str]:
        rest = left[one.code] - amount_of(receipt)
        over = rest < 0
        apart = abs(amount_of(receipt) - amount_of(one)) if over else rest
        return over, apart, abs((receipt.happened_on - one.happened_on).days), one.code

    return sorted(alike, key=fit)


def same_parties(receipt: Paper, invoice: Paper) -> bool:
    """Tell whether a receipt is from the buyer to the seller of an invoice."""
    pairs = (("payer_name", "buyer_name"), ("payee_name", "seller_name"))
    return all(tidy_name(receipt.text(one)) == tidy_name(invoice.text(other)) for one, other in pairs)
