"""The checks of evidence, one line each: met, not met, or unknown while a paper is missing; pure functions."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from functools import cached_property

from app.core.errors import Text
from app.core.text import _l
from app.evidence.rules.numbers import credit_code_holds, patent_number_holds, tidy_name
from app.evidence.rules.papers import Paper, Setting
from app.evidence.rules.params import CheckParams
from app.evidence.rules.payments import Paid, paid, payments, same_parties
from app.evidence.states import PAPERS, Answer, Kind
from app.rulebook.verdicts import Line, Outcome, Verdict

CREDIT_STANDARD = "GB 32100-2015"
PATENT_STANDARD = "ZC 0006-2003"
WHOLE = Decimal(100)
SEPARATOR = ", "

REASONS: dict[str, Text] = {
    "file": _l("A file of the paper is attached"),
    "file_once": _l("The file stands under no other record"),
    "code_seller": _l("The credit code of the provider fits its check character"),
    "code_buyer": _l("The credit code of the receiver fits its check character"),
    "code_agent": _l("The credit code of the intermediary fits its check character"),
    "code_client": _l("The credit code of the client fits its check character"),
    "patent_number": _l("The patent number fits its check digit"),
    "number_form": _l("The registered contract number has %(digits)s digits"),
    "claimed_once": _l("The person claims this number once"),
    "served_once": _l("The paper serves one contract only"),
    "shares": _l("The shares of all managers of the contract are together at most 100 per cent: %(claimed)s"),
    "linked": _l("The paper is linked to its contract"),
    "has_registration": _l("The contract registration certificate is linked"),
    "has_invoice": _l("A service-fee invoice is linked"),
    "has_receipt": _l("A bank receipt is linked"),
    "registration_number": _l("Contract and registration certificate bear the same number"),
    "registration_amount": _l("Contract and registration certificate state the same amount"),
    "registration_date": _l("The contract was signed before it was registered"),
    "invoice_total": _l("The invoices together are not above the contract amount"),
    "invoice_parties": _l("Buyer and seller of the invoice %(number)s are parties of the contract"),
    "invoice_date": _l("The invoice %(number)s was issued after the contract was signed"),
    "receipt_amount": _l("The receipt %(number)s equals an invoice within %(yuan)s yuan"),
    "receipt_invoice": _l("The receipt %(number)s pays a linked invoice"),
    "invoice_paid": _l("The receipts of the invoice %(number)s come to its amount within %(yuan)s yuan"),
    "invoice_part": _l("The invoice %(number)s is paid in full: %(open)s yuan are still open"),
    "invoice_over": _l("The receipts of the invoice %(number)s are together not above it: %(receipts)s"),
    "receipt_parties": _l("The receipt %(number)s is from the buyer to the seller of its invoice"),
    "receipt_date": _l("The receipt %(number)s follows its invoice within %(days)s days"),
    "counterparty": _l("The counterparty confirmed the record"),
}
"""What each line says; `receipt_amount` stands in verdicts kept from before receipts were summed."""
NEEDED = {
    Kind.REGISTRATION: "has_registration",
    Kind.INVOICE: "has_invoice",
    Kind.RECEIPT: "has_receipt",
}
CODES = {
    "seller_code": "code_seller",
    "buyer_code": "code_buyer",
    "agent_code": "code_agent",
    "client_code": "code_client",
}
OTHERS = frozenset({"file_once", "served_once"})
"""Where these are not met, the evidence is the codes of other records, which may be anybody's."""
AMOUNTS = frozenset(
    {"registration_amount", "invoice_total", "receipt_amount", "invoice_paid", "invoice_part", "invoice_over"}
)
"""Where the evidence is amounts in yuan."""
PARTIES = ("seller_name", "buyer_name", "agent_name")


@dataclass(frozen=True)
class Bundle:
    """A contract with its papers, and what its receipts pay: laid out once for all lines, where any asks for it."""

    contract: Paper
    setting: Setting
    params: CheckParams

    @cached_property
    def pays(self) -> Mapping[str, Paper]:
        """Return by the code of each receipt the invoice that it pays."""
        invoices, receipts = self.setting.linked(Kind.INVOICE), self.setting.linked(Kind.RECEIPT)
        return payments(invoices, receipts, tolerance=self.params.receipt_tolerance_yuan)

    @cached_property
    def paid(self) -> Mapping[str, Paid]:
        """Return by the code of each invoice what pays it."""
        return paid(self.setting.linked(Kind.INVOICE), self.setting.linked(Kind.RECEIPT), self.pays)


def examine(setting: Setting, params: CheckParams, *, pack: str, tag: str) -> Verdict:
    """Return the verdict on a record in its surroundings, condition by condition."""
    lines = [*_of_itself(setting, params), *_of_numbers(setting), *_of_papers(setting, params)]
    if setting.record.kind in params.counterparty_kinds:
        lines.append(_counterparty(setting))
    return Verdict(lines=tuple(_under(line, pack) for line in lines), pack=pack, tag=tag)


def standing(verdict: Verdict) -> Outcome:
    """Return the worst outcome of a verdict: one line not met fails all, one unknown leaves all open."""
    found = {line.outcome for line in verdict.lines}
    for outcome in (Outcome.NOT_MET, Outcome.UNKNOWN):
        if outcome in found:
            return outcome
    return Outcome.MET


def others(verdict: Verdict) -> set[str]:
    """Return the codes of other records that a verdict names."""
    return {code for line in verdict.lines if _names_others(line) for code in line.evidence.split(SEPARATOR)}


def naming(verdict: Verdict, seen: frozenset[str]) -> Verdict:
    """Return a verdict that names of other records only those whose codes are among `seen`."""
    return replace(verdict, lines=tuple(_naming(line, seen) for line in verdict.lines))


def _names_others(line: Line) -> bool:
    return line.reason in OTHERS and line.outcome is Outcome.NOT_MET


def _naming(line: Line, seen: frozenset[str]) -> Line:
    if not _names_others(line):
        return line
    return replace(line, evidence=SEPARATOR.join(code for code in line.evidence.split(SEPARATOR) if code in seen))


def _under(line: Line, pack: str) -> Line:
    return Line(line.reason, line.outcome, line.params, line.evidence, pack, line.source)


def _line(
    reason: str,
    met: bool | None,  # noqa: FBT001 - what the line is about
    evidence: str = "",
    source: str = "",
    **params: object,
) -> Line:
    outcome = Outcome.UNKNOWN if met is None else Outcome.MET if met else Outcome.NOT_MET
    return Line(reason, outcome, {name: str(value) for name, value in params.items()}, evidence, source=source)


def _of_itself(setting: Setting, params: CheckParams) -> Iterator[Line]:
    """Check what the record says alone: its file, the check digits of its numbers."""
    record = setting.record
    if params.files_needed:
        yield _line("file", bool(record.files) or None)
    if record.files:
        yield _line("file_once", not setting.twins, SEPARATOR.join(setting.twins))
    for name, reason in CODES.items():
        code = record.text(name)
        if code:
            yield _line(reason, credit_code_holds(code), code, CREDIT_STANDARD)
    if record.kind is Kind.PATENT:
        yield _line("patent_number", patent_number_holds(record.number), record.number, PATENT_STANDARD)
    digits = params.contract_number_digits
    if digits and record.kind in {Kind.CONTRACT, Kind.REGISTRATION}:
        fits = record.number.isdecimal() and len(record.number) == digits
        yield _line("number_form", fits, record.number, digits=digits)


def _of_numbers(setting: Setting) -> Iterator[Line]:
    """Check that a number is claimed once by a person, serves one contract, and is shared out at most whole."""
    record = setting.record
    if not record.number:
        return
    own = [rival.code for rival in setting.rivals if rival.same_person]
    yield _line("claimed_once", not own, SEPARATOR.join(own) or record.number)
    if record.kind in PAPERS and setting.contract is not None:
        contract = setting.contract
        elsewhere = [
            rival.code for rival in setting.rivals if rival.contract_number and rival.contract_number != contract.number
        ]
        yield _line("served_once", not elsewhere, SEPARATOR.join(elsewhere) or record.number)
    if record.kind is Kind.CONTRACT:
        yield _line("shares", setting.claimed <= WHOLE, record.number, claimed=setting.claimed)


def _of_papers(setting: Setting, params: CheckParams) -> Iterator[Line]:
    """Check the contract against its papers; a paper sees the lines about itself."""
    record, contract = setting.record, setting.contract
    if record.kind in PAPERS:
        yield _line("linked", True if contract else None, contract.number if contract else "")
    if contract is None:
        return
    if record.kind is Kind.CONTRACT:
        for kind in params.needed_papers:
            papers = setting.linked(kind)
            yield _line(NEEDED[kind], True if papers else None, ", ".join(paper.number for paper in papers))
    if record.kind in {Kind.CONTRACT, Kind.INVOICE} and setting.linked(Kind.INVOICE):
        yield _invoice_total(contract, setting.linked(Kind.INVOICE))
    bundle = Bundle(contract, setting, params)
    for paper in setting.papers:
        if record.kind is Kind.CONTRACT or record.code == paper.code:
            yield from BETWEEN[paper.kind](paper, bundle)


def _invoice_total(contract: Paper, invoices: Iterable[Paper]) -> Line:
    total = sum((invoice.amount or Decimal(0) for invoice in invoices), Decimal(0))
    return _line("invoice_total", total <= (contract.amount or Decimal(0)), f"{total} / {contract.amount}")


def _registration(paper: Paper, bundle: Bundle) -> Iterator[Line]:
    contract = bundle.contract
    yield _line("registration_number", contract.number == paper.number, f"{contract.number} / {paper.number}")
    yield _line("registration_amount", contract.amount == paper.amount, f"{contract.amount} / {paper.amount}")
    yield _line(
        "registration_date", contract.happened_on <= paper.happened_on, f"{contract.happened_on} / {paper.happened_on}"
    )


def _invoice(paper: Paper, bundle: Bundle) -> Iterator[Line]:
    contract = bundle.contract
    parties = {tidy_name(contract.text(name)) for name in PARTIES if contract.text(name)}
    named = (paper.text("buyer_name"), paper.text("seller_name"))
    met = all(tidy_name(name) in parties for name in named)
    yield _line("invoice_parties", met, " / ".join(named), number=paper.number)
    dates = f"{contract.happened_on} / {paper.happened_on}"
    yield _line("invoice_date", contract.happened_on <= paper.happened_on, dates, number=paper.number)
    yield from _payment(paper, bundle)


def _receipt(paper: Paper, bundle: Bundle) -> Iterator[Line]:
    invoice = bundle.pays.get(paper.code)
    window = timedelta(days=bundle.params.receipt_within_days)
    yield _line(
        "receipt_invoice", True if invoice else None, invoice.number if invoice else paper.number, number=paper.number
    )
    yield _line(
        "receipt_parties",
        None if invoice is None else same_parties(paper, invoice),
        f"{paper.text('payer_name')} / {paper.text('payee_name')}",
        number=paper.number,
    )
    yield _line(
        "receipt_date",
        None if invoice is None else timedelta(0) <= paper.happened_on - invoice.happened_on <= window,
        f"{invoice.happened_on} / {paper.happened_on}" if invoice else f"{paper.happened_on}",
        number=paper.number,
        days=bundle.params.receipt_within_days,
    )
    if invoice is not None and bundle.setting.record.kind is Kind.RECEIPT:
        yield from _payment(invoice, bundle)


def _payment(invoice: Paper, bundle: Bundle) -> Iterator[Line]:
    """Say what the receipts of an invoice come to: its amount, a part of it, or more than it."""
    tolerance = bundle.params.receipt_tolerance_yuan
    found = bundle.paid.get(invoice.code)
    if found is None:
        return
    sums = f"{' + '.join(str(one.amount) for one in found.receipts)} / {invoice.amount}"
    if found.open > tolerance:
        yield _line("invoice_part", None, sums, number=invoice.number, open=found.open)
    elif found.open < -tolerance:
        numbers = SEPARATOR.join(one.number for one in found.receipts)
        yield _line("invoice_over", met=False, evidence=sums, number=invoice.number, receipts=numbers)
    else:
        yield _line("invoice_paid", met=True, evidence=sums, number=invoice.number, yuan=tolerance)


BETWEEN: dict[Kind, Callable[[Paper, Bundle], Iterator[Line]]] = {
    Kind.REGISTRATION: _registration,
    Kind.INVOICE: _invoice,
    Kind.RECEIPT: _receipt,
}


def _counterparty(setting: Setting) -> Line:
    met = None if setting.answer is None else setting.answer is Answer.CONFIRMED
    return _line("counterparty", met)
