"""The checks line by line: what is met, what is not, and what is unknown while a paper is missing."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.evidence.rules.checks import REASONS, examine, standing
from app.evidence.rules.compare import side_by_side
from app.evidence.rules.papers import Paper, Rival, Setting
from app.evidence.rules.params import CheckParams, sentences
from app.evidence.rules.payments import payments
from app.evidence.states import Answer, Kind
from app.rulebook.verdicts import Outcome
from tests.factories.evidence import AGENT, BUYER, FIELDS, NUMBER, SELLER

PARAMS = CheckParams(
    needed_papers=[Kind.REGISTRATION, Kind.INVOICE, Kind.RECEIPT],
    files_needed=True,
    receipt_tolerance_yuan=Decimal("1.00"),
    receipt_within_days=30,
    counterparty_kinds=[Kind.CONTRACT],
    contract_number_digits=16,
    link_open_days=14,
    links_a_day=3,
    check_within_working_days=10,
)
DAYS = {
    Kind.CONTRACT: date(2025, 6, 10),
    Kind.REGISTRATION: date(2025, 6, 20),
    Kind.INVOICE: date(2025, 7, 1),
    Kind.RECEIPT: date(2025, 7, 10),
}
MET, NOT_MET, UNKNOWN = Outcome.MET, Outcome.NOT_MET, Outcome.UNKNOWN


def paper(kind: Kind, **changed: object) -> Paper:
    fields = FIELDS[kind]
    amount = Decimal(fields["amount"]) if "amount" in fields else None
    number = fields.get("number") or fields.get("reference") or ""
    day = DAYS.get(kind, date(2025, 6, 1))
    made = Paper(kind.value, kind, number, day, amount, fields, frozenset({kind.value}))
    return replace(made, **changed)  # type: ignore[arg-type]


CONTRACT, REGISTRATION = paper(Kind.CONTRACT), paper(Kind.REGISTRATION)
INVOICE, RECEIPT = paper(Kind.INVOICE), paper(Kind.RECEIPT)
WHOLE = Setting(CONTRACT, CONTRACT, (REGISTRATION, INVOICE, RECEIPT), claimed=Decimal(100), answer=Answer.CONFIRMED)


def outcomes(setting: Setting, params: CheckParams = PARAMS) -> dict[str, Outcome]:
    verdict = examine(setting, params, pack="checks-1", tag="sample")
    assert all(line.rule == "checks-1" for line in verdict.lines)
    assert all(str(REASONS[line.reason]) % line.params for line in verdict.lines)
    return {line.reason: line.outcome for line in verdict.lines}


def with_papers(*papers: Paper) -> Setting:
    return replace(WHOLE, papers=papers)


def test_a_whole_bundle_meets_every_condition() -> None:
    found = outcomes(WHOLE)

    assert set(found.values()) == {MET}
    assert len(found) == 22
    assert standing(examine(WHOLE, PARAMS, pack="p", tag="t")) is MET


@pytest.mark.parametrize(
    ("reason", "setting"),
    [
        ("has_registration", with_papers(INVOICE, RECEIPT)),
        ("has_invoice", with_papers(REGISTRATION, RECEIPT)),
        ("receipt_invoice", with_papers(REGISTRATION, RECEIPT)),
        ("receipt_parties", with_papers(REGISTRATION, RECEIPT)),
        ("receipt_date", with_papers(REGISTRATION, RECEIPT)),
        ("has_receipt", with_papers(REGISTRATION, INVOICE)),
        ("counterparty", replace(WHOLE, answer=None)),
        ("file", replace(WHOLE, record=paper(Kind.CONTRACT, files=frozenset()))),
        ("linked", Setting(INVOICE)),
    ],
)
def test_what_is_missing_is_unknown_and_not_failed(reason: str, setting: Setting) -> None:
    found = outcomes(setting)

    assert found[reason] is UNKNOWN
    assert NOT_MET not in found.values()
    assert standing(examine(setting, PARAMS, pack="p", tag="t")) is UNKNOWN


def invoice(**changed: object) -> Setting:
    made = paper(Kind.INVOICE, **changed)
    payment = {**FIELDS[Kind.RECEIPT], "payer_name": made.text("buyer_name"), "payee_name": made.text("seller_name")}
    paid = paper(Kind.RECEIPT, amount=made.amount, happened_on=made.happened_on, fields=payment)
    return with_papers(REGISTRATION, made, paid)


def receipt(**changed: object) -> Setting:
    return with_papers(REGISTRATION, INVOICE, paper(Kind.RECEIPT, **changed))


def registration(**changed: object) -> Setting:
    return with_papers(paper(Kind.REGISTRATION, **changed), INVOICE, RECEIPT)


def fields(kind: Kind, **changed: str) -> dict[str, str]:
    return {**FIELDS[kind], **changed}


@pytest.mark.parametrize(
    ("reason", "setting"),
    [
        ("registration_number", registration(number="2026370102000009")),
        ("registration_amount", registration(amount=Decimal("5000000.01"))),
        ("registration_date", registration(happened_on=DAYS[Kind.CONTRACT] - timedelta(days=1))),
        ("invoice_total", invoice(amount=Decimal("5000000.01"))),
        ("invoice_date", invoice(happened_on=DAYS[Kind.CONTRACT] - timedelta(days=1))),
        ("invoice_parties", invoice(fields=fields(Kind.INVOICE, buyer_name="别的公司"))),
        ("invoice_parties", invoice(fields=fields(Kind.INVOICE, seller_name="别的公司"))),
        ("invoice_over", receipt(amount=Decimal("150001.01"))),
        ("receipt_parties", receipt(fields=fields(Kind.RECEIPT, payer_name=SELLER))),
        ("receipt_parties", receipt(fields=fields(Kind.RECEIPT, payee_name=SELLER))),
        ("receipt_date", receipt(happened_on=DAYS[Kind.INVOICE] - timedelta(days=1))),
        ("receipt_date", receipt(happened_on=DAYS[Kind.INVOICE] + timedelta(days=31))),
        ("shares", replace(WHOLE, claimed=Decimal("100.01"))),
        ("claimed_once", replace(WHOLE, rivals=(Rival("x", same_person=True),))),
        ("counterparty", replace(WHOLE, answer=Answer.DISPUTED)),
        ("file_once", replace(WHOLE, twins=("other",))),
        ("code_seller", replace(WHOLE, record=paper(Kind.CONTRACT, fields=fields(Kind.CONTRACT, seller_code="1")))),
        ("code_buyer", replace(WHOLE, record=paper(Kind.CONTRACT, fields=fields(Kind.CONTRACT, buyer_code="1")))),
        ("code_agent", replace(WHOLE, record=paper(Kind.CONTRACT, fields=fields(Kind.CONTRACT, agent_code="1")))),
        ("number_form", replace(WHOLE, record=paper(Kind.CONTRACT, number="202637010200001"))),
        ("number_form", replace(WHOLE, record=paper(Kind.CONTRACT, number="A026370102000001"))),
        ("patent_number", Setting(paper(Kind.PATENT, number="202310000007.1"))),
        ("code_client", Setting(paper(Kind.SERVICE, fields=fields(Kind.SERVICE, client_code="1")))),
        ("served_once", replace(WHOLE, record=INVOICE, rivals=(Rival("x", same_person=False, contract_number="9"),))),
    ],
)
def test_each_mismatch_fails_its_own_line_only(reason: str, setting: Setting) -> None:
    found = outcomes(setting)

    assert {one for one, outcome in found.items() if outcome is NOT_MET} == {reason}
    assert standing(examine(setting, PARAMS, pack="p", tag="t")) is NOT_MET


@pytest.mark.parametrize(
    "setting",
    [
        registration(happened_on=DAYS[Kind.CONTRACT]),
        invoice(happened_on=DAYS[Kind.CONTRACT], fields=fields(Kind.INVOICE, buyer_name=f" {BUYER}")),
        receipt(amount=Decimal("150001.00")),
        receipt(amount=Decimal("149999.00")),
        receipt(happened_on=DAYS[Kind.INVOICE]),
        receipt(happened_on=DAYS[Kind.INVOICE] + timedelta(days=30)),
        replace(WHOLE, rivals=(Rival("x", same_person=False, contract_number=NUMBER),)),
    ],
)
def test_the_edges_of_the_rules_are_met(setting: Setting) -> None:
    assert set(outcomes(setting).values()) == {MET}


def test_invoices_may_come_to_the_whole_amount_of_the_contract() -> None:
    assert outcomes(invoice(amount=Decimal(5000000)))["invoice_total"] is MET


def test_the_number_of_a_registration_has_as_many_digits_as_that_of_its_contract() -> None:
    wrong = replace(WHOLE, record=paper(Kind.REGISTRATION, number="2026"))

    assert outcomes(wrong)["number_form"] is NOT_MET
    assert outcomes(replace(WHOLE, record=REGISTRATION))["number_form"] is MET


def test_a_paper_serves_another_contract_only_where_it_names_one() -> None:
    def served(*contracts: str) -> tuple[Outcome, str]:
        rivals = tuple(
            Rival(f"r{place}", same_person=False, contract_number=one) for place, one in enumerate(contracts)
        )
        lines = examine(replace(WHOLE, record=INVOICE, rivals=rivals), PARAMS, pack="p", tag="t").lines
        return next((line.outcome, line.evidence) for line in lines if line.reason == "served_once")

    assert served("", NUMBER) == (MET, INVOICE.number)
    assert served("", "2026370102000009", "2026370102000010") == (NOT_MET, "r1, r2")


def test_a_number_claimed_twice_names_the_other_records() -> None:
    rivals = tuple(Rival(code, same_person=True, contract_number=NUMBER) for code in ("x", "y"))
    lines = {line.reason: line for line in examine(replace(WHOLE, rivals=rivals), PARAMS, pack="p", tag="t").lines}

    assert (lines["claimed_once"].outcome, lines["claimed_once"].evidence) == (NOT_MET, "x, y")


def test_of_invoices_alike_a_receipt_pays_the_first_by_its_code() -> None:
    alike = [replace(INVOICE, code=code) for code in ("b", "a", "c")]

    assert payments(alike, [RECEIPT], tolerance=Decimal(0)) == {RECEIPT.code: alike[1]}


def test_a_paper_sees_the_lines_about_itself() -> None:
    found = set(outcomes(replace(WHOLE, record=RECEIPT)))

    lines = {"receipt_invoice", "receipt_parties", "receipt_date", "invoice_paid"}
    assert found == {"file", "file_once", "claimed_once", "served_once", "linked", *lines}
    assert "invoice_total" in outcomes(replace(WHOLE, record=INVOICE))
    assert "registration_number" in outcomes(replace(WHOLE, record=REGISTRATION))


def test_the_pack_says_what_is_needed() -> None:
    light = PARAMS.model_copy(
        update={"needed_papers": [], "files_needed": False, "counterparty_kinds": [], "contract_number_digits": 0}
    )
    alone = Setting(replace(CONTRACT, files=frozenset(), number="甲1"), CONTRACT, claimed=Decimal(60))

    assert set(outcomes(alone, light)) == {"code_seller", "code_buyer", "code_agent", "claimed_once", "shares"}
    assert len(sentences(light)) == 4
    assert len(sentences(PARAMS)) == 10


def test_a_receipt_pays_the_invoice_nearest_in_amount_then_in_time() -> None:
    near = paper(Kind.INVOICE, code="near", amount=Decimal(149_000))
    late = paper(Kind.INVOICE, code="late", happened_on=date(2025, 12, 1))

    for others in ([near, INVOICE], [late, INVOICE]):
        assert payments(others, [RECEIPT], tolerance=Decimal(0)) == {RECEIPT.code: INVOICE}


def test_papers_stand_side_by_side_with_what_does_not_fit_marked() -> None:
    wrong = paper(Kind.REGISTRATION, number="9", amount=Decimal(1), happened_on=date(2025, 1, 1))
    stranger = paper(Kind.INVOICE, fields=fields(Kind.INVOICE, seller_name="别的公司"), amount=Decimal(6_000_000))

    rows = side_by_side(CONTRACT, [wrong, stranger, RECEIPT])

    assert [[cell.fits for cell in row.cells] for row in rows] == [
        [None, False, None, None],
        [None, False, False, True],
        [None, False, True, True],
        [None, None, True, True],
        [None, None, False, True],
    ]
    assert [cell.value for cell in rows[4].cells] == [SELLER, None, "别的公司", AGENT]
    assert side_by_side(CONTRACT, [paper(Kind.INVOICE, amount=None)])[1].cells[1].fits is None


def test_beside_its_contract_an_invoice_of_the_same_day_over_the_whole_amount_fits() -> None:
    whole = paper(Kind.INVOICE, amount=CONTRACT.amount, happened_on=CONTRACT.happened_on)
    _number, amount, day, *_parties = side_by_side(CONTRACT, [whole])

    assert (amount.cells[1].fits, day.cells[1].fits) == (True, True)
