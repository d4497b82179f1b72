"""A deal is paid as it comes in: by instalments, not twice over, and an invoice is known by its code and number."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.evidence.states import Kind
from tests.factories.accounts import Member
from tests.factories.evidence import AT, again, make_bundle, make_declared, make_owner
from tests.integration.evidence.test_checking import outcomes

BrowserOf = Callable[[Member], FlaskClient]
ON_PAPER = {"number": "00812345", "invoice_code": "3700221130"}


def test_instalments_are_summed_until_the_invoice_is_paid(owner: Member, browser_of: BrowserOf) -> None:
    contract = make_declared(Kind.CONTRACT, owner)
    for kind in (Kind.REGISTRATION, Kind.INVOICE):
        make_declared(kind, owner, contract=contract.series)

    make_declared(Kind.RECEIPT, owner, contract=contract.series, reference="HD1", amount="100000.00")
    assert again(contract).standing == "unknown"
    assert "尚有50000.00元未到账" in browser_of(owner).get(f"/evidence/{contract.code}").text

    make_declared(Kind.RECEIPT, owner, contract=contract.series, reference="HD2", amount="50000.00")
    assert again(contract).standing == "met"


def test_a_receipt_that_pays_an_invoice_a_second_time_is_found(owner: Member, browser_of: BrowserOf) -> None:
    made = make_bundle(owner)
    contract = made[Kind.CONTRACT]

    second = make_declared(Kind.RECEIPT, owner, contract=contract.series, reference="HD202507100002")

    assert {outcomes(one)["invoice_over"] for one in (contract, made[Kind.INVOICE], second)} == {"not"}
    assert "HD202507100001, HD202507100002" in browser_of(owner).get(f"/evidence/{contract.code}").text


@pytest.mark.parametrize(
    ("fields", "served"),
    [
        (ON_PAPER, "not"),
        ({"number": "370022113000812345", "invoice_code": ""}, "not"),
        ({**ON_PAPER, "invoice_code": "3700221131"}, "met"),
    ],
)
def test_an_invoice_on_paper_is_used_once_by_its_code_and_number(
    owner: Member, fields: dict[str, str], served: str
) -> None:
    contract, colleague = make_declared(Kind.CONTRACT, owner), make_owner()
    first = make_declared(Kind.INVOICE, owner, contract=contract.series, by=None, at=AT, **ON_PAPER)
    other = make_declared(Kind.CONTRACT, colleague, number="2026370102000002")

    second = make_declared(Kind.INVOICE, colleague, contract=other.series, by=None, at=AT, **fields)

    assert outcomes(first)["served_once"] == outcomes(second)["served_once"] == served


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        ("00812345", "", "须连同发票代码识别"),
        ("00812345", "12345", "10位或12位"),
        ("25372000000012345678", "3700221130", "没有发票代码"),
    ],
)
def test_a_code_that_does_not_belong_to_the_number_is_said_beside_it(
    owner: Member, browser_of: BrowserOf, number: str, code: str, said: str
) -> None:
    data = {"number": number, "invoice_code": code, "buyer_name": "买方", "seller_name": "卖方", "amount": "1"}

    response = browser_of(owner).post(
        "/evidence/new/invoice", data={**data, "issued_on": "2025-07-01", "act": "declare"}
    )

    assert response.status_code == 422
    assert said in response.text
