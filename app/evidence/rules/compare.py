"""A contract and its papers side by side, with what does not match marked; pure functions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from app.core.errors import Text
from app.core.text import _l
from app.evidence.rules.numbers import tidy_name
from app.evidence.rules.papers import Paper
from app.evidence.states import Kind

FROM = {Kind.CONTRACT: "buyer_name", Kind.INVOICE: "buyer_name", Kind.RECEIPT: "payer_name"}
TO = {Kind.CONTRACT: "seller_name", Kind.INVOICE: "seller_name", Kind.RECEIPT: "payee_name"}
PARTIES = ("seller_name", "buyer_name", "agent_name")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of one paper and whether it fits the contract; None where nothing is compared."""

    value: str | Decimal | date | None
    fits: bool | None = None


@dataclass(frozen=True, slots=True)
class CompareRow:
    """One thing that papers state, a cell for each paper, the contract first."""

    label: Text
    kind: str
    cells: tuple[Cell, ...]


def side_by_side(contract: Paper, papers: Sequence[Paper]) -> list[CompareRow]:
    """Return what contract and papers state, row by row; amounts in yuan."""
    columns = (contract, *papers)
    return [
        CompareRow(_l("Number on the paper"), "text", tuple(_number(contract, one) for one in columns)),
        CompareRow(_l("Amount"), "money", tuple(_amount(contract, one) for one in columns)),
        CompareRow(_l("Day"), "day", tuple(_day(contract, one) for one in columns)),
        CompareRow(_l("From whom"), "text", tuple(_party(contract, one, FROM) for one in columns)),
        CompareRow(_l("To whom"), "text", tuple(_party(contract, one, TO) for one in columns)),
    ]


def _number(contract: Paper, paper: Paper) -> Cell:
    return Cell(paper.number, contract.number == paper.number if paper.kind is Kind.REGISTRATION else None)


def _amount(contract: Paper, paper: Paper) -> Cell:
    if paper is contract or paper.amount is None or contract.amount is None:
        return Cell(paper.amount)
    same = paper.amount == contract.amount
    return Cell(paper.amount, same if paper.kind is Kind.REGISTRATION else paper.amount <= contract.amount)


def _day(contract: Paper, paper: Paper) -> Cell:
    return Cell(paper.happened_on, None if paper is contract else contract.happened_on <= paper.happened_on)


def _party(contract: Paper, paper: Paper, names: dict[Kind, str]) -> Cell:
    name = paper.text(names.get(paper.kind, ""))
    if paper is contract or not name:
        return Cell(name or None)
    parties = {tidy_name(contract.text(one)) for one in PARTIES}
    return Cell(name, tidy_name(name) in parties)
