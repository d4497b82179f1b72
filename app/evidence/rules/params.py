"""The parameters of the rule kind `evidence_checks`, and the sentences that say them."""

from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.core.errors import Text
from app.core.text import _l
from app.evidence.states import KIND_LABELS, Kind
from app.rulebook.kinds import Label


class CheckParams(BaseModel):
    """What an authority sets for the checks of evidence.

    The whole of a contract's shares, the check digits and the order of days are no parameters: no authority
    can set them otherwise.
    """

    model_config = ConfigDict(extra="forbid")

    needed_papers: Annotated[
        list[Kind], Label(_l("Papers that a contract needs"), _l("One a line: registration, invoice, receipt."))
    ]
    files_needed: Annotated[bool, Label(_l("Every record needs a file of its paper"))]
    receipt_tolerance_yuan: Annotated[
        Decimal, Label(_l("Receipts may differ from their invoice by"), unit=_l("yuan"))
    ] = Field(ge=0, decimal_places=2)
    receipt_within_days: Annotated[int, Label(_l("A receipt follows its invoice within"), unit=_l("days"))] = Field(
        ge=1, le=3650
    )
    counterparty_kinds: Annotated[
        list[Kind], Label(_l("Kinds that the counterparty confirms"), _l("One a line, such as contract or service."))
    ]
    contract_number_digits: Annotated[
        int, Label(_l("Digits of a registered contract number"), _l("0 where they are not checked."))
    ] = Field(ge=0, le=64)
    link_open_days: Annotated[int, Label(_l("The link to the counterparty opens for"), unit=_l("days"))] = Field(
        ge=1, le=90
    )
    links_a_day: Annotated[int, Label(_l("Links sent to one counterparty a day at most"))] = Field(ge=1, le=20)
    check_within_working_days: Annotated[int, Label(_l("A record is checked within"), unit=_l("working days"))] = Field(
        ge=1, le=250
    )


def sentences(params: CheckParams) -> list[Text]:
    """Say what the pack sets, for people."""
    said: list[Text] = [
        _l("A record is checked within %(days)s working days.", days=params.check_within_working_days),
        _l(
            "The receipts of an invoice together may differ from it by at most %(yuan)s yuan.",
            yuan=params.receipt_tolerance_yuan,
        ),
        _l("A receipt follows its invoice within %(days)s days.", days=params.receipt_within_days),
        _l(
            "The link to the counterparty opens for %(days)s days and is sent at most %(times)s times a day.",
            days=params.link_open_days,
            times=params.links_a_day,
        ),
    ]
    said += [_l("A contract needs this paper: %(kind)s.", kind=KIND_LABELS[kind]) for kind in params.needed_papers]
    said += [
        _l("The counterparty is asked to confirm this kind: %(kind)s.", kind=KIND_LABELS[kind])
        for kind in params.counterparty_kinds
    ]
    if params.files_needed:
        said.append(_l("Every record needs a file of its paper."))
    if params.contract_number_digits:
        said.append(_l("A registered contract number has %(count)s digits.", count=params.contract_number_digits))
    return said
