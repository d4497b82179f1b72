"""Evidence for tests: entered, declared, linked and checked as the product does."""

from datetime import UTC, datetime
from itertools import count

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.evidence import services
from app.evidence.models import Evidence
from app.evidence.rules.numbers import credit_check_character, patent_check_digit
from app.evidence.states import Entry, Kind
from app.rulebook.models import RulePack
from tests.factories.accounts import JINAN, NATION, SHANDONG, Member, make_member
from tests.factories.rulebook import make_published

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
PARAMS = """
[params]
needed_papers = ["registration", "invoice", "receipt"]
files_needed = {files}
receipt_tolerance_yuan = "1.00"
receipt_within_days = 365
counterparty_kinds = {counterparties}
contract_number_digits = 16
link_open_days = 14
links_a_day = 3
check_within_working_days = 10
"""
NUMBER = "2026370102000001"
SELLER, BUYER, AGENT = "齐州材料研究院", "历城智造有限公司", "泉城技术转移中心"
_serial = count(1)


def credit_code(place: int) -> str:
    """Return a formally valid unified social credit code that nobody holds."""
    first = f"91370102MADEM{place:04d}"
    return first + credit_check_character(first)


def patent_number(place: int) -> str:
    """Return a formally valid patent number."""
    digits = f"20231{place:07d}"
    return f"{digits}.{patent_check_digit(digits)}"


CONTRACT = {
    "title": "高强铝合金热处理工艺转让",
    "number": NUMBER,
    "type": "transfer",
    "seller_name": SELLER,
    "seller_code": credit_code(1),
    "buyer_name": BUYER,
    "buyer_code": credit_code(2),
    "agent_name": AGENT,
    "agent_code": credit_code(3),
    "amount": "5000000.00",
    "technology_amount": "4200000.00",
    "signed_on": "2025-06-10",
    "role": "lead",
    "share": "60",
}
FIELDS: dict[Kind, dict[str, str]] = {
    Kind.CONTRACT: CONTRACT,
    Kind.REGISTRATION: {
        "number": NUMBER,
        "office": "济南市技术市场管理办公室",
        "registered_on": "2025-06-20",
        "amount": "5000000.00",
    },
    Kind.INVOICE: {
        "number": "25372000000012345678",
        "buyer_name": BUYER,
        "seller_name": AGENT,
        "amount": "150000.00",
        "issued_on": "2025-07-01",
    },
    Kind.RECEIPT: {
        "reference": "HD202507100001",
        "payer_name": BUYER,
        "payee_name": AGENT,
        "amount": "150000.00",
        "paid_on": "2025-07-10",
    },
    Kind.SERVICE: {
        "title": "轴承企业技术需求对接",
        "type": "matching",
        "client_name": BUYER,
        "client_code": credit_code(2),
        "ended_on": "2025-09-01",
    },
    Kind.WORK: {
        "title": "概念验证中心运行机制研究",
        "type": "report",
        "place": "山东省科技厅",
        "published_on": "2025-05-05",
    },
    Kind.PATENT: {
        "title": "一种铝合金时效方法",
        "number": patent_number(7),
        "operation": "licence",
        "operated_on": "2025-08-08",
        "amount": "300000",
    },
    Kind.AWARD: {
        "title": "山东省技术转移先进个人",
        "body": "山东省科技厅",
        "level": "provincial",
        "awarded_on": "2025-12-01",
    },
    Kind.TRAINING: {
        "title": "技术合同登记实务",
        "cohort": "2025年秋季初级班",
        "organiser": "齐鲁技术转移培训基地",
        "hours": "8",
        "given_on": "2025-10-10",
    },
}


def publish_checks(*, files: bool = False, counterparties: str = "[]", region: str = NATION) -> RulePack:
    """Publish the checks; by default neither files nor counterparties are asked for."""
    params = PARAMS.replace("{files}", str(files).lower()).replace("{counterparties}", counterparties)
    return make_published(
        kind="evidence_checks", code=f"evidence-checks-{next(_serial)}", region=region, params=params, years=0
    )


def make_owner(region: str = JINAN) -> Member:
    """Make a technology manager."""
    return make_member(Role.TRAINEE, region)


def make_draft(kind: Kind, owner: Member, *, by: Member | None = None, at: datetime = AT, **fields: str) -> Evidence:
    """Keep a draft, by the person or by an administrator of an organisation."""
    actor = (by or owner).actor
    entry = Entry.ORGANISATION if by else Entry.PERSON
    place = services.Place(actor.region_code or "", entry, actor.organisation_id if by else None)
    with unit_of_work():
        return services.save_draft(kind, {**FIELDS[kind], **fields}, person=owner.person, place=place, by=actor, at=at)


def make_declared(kind: Kind, owner: Member, *, by: Member | None = None, at: datetime = AT, **fields: str) -> Evidence:
    """Declare a record of a kind."""
    draft = make_draft(kind, owner, by=by, at=at, **fields)
    with unit_of_work():
        return services.declare(draft, by=(by or owner).actor, at=at)


def make_bundle(owner: Member, **contract: str) -> dict[Kind, Evidence]:
    """Declare a contract with its registration certificate, invoice and receipt, linked."""
    made = {Kind.CONTRACT: make_declared(Kind.CONTRACT, owner, at=AT, by=None, **contract)}
    series = made[Kind.CONTRACT].series
    for kind in (Kind.REGISTRATION, Kind.INVOICE, Kind.RECEIPT):
        made[kind] = make_declared(kind, owner, contract=series)
    return made


def make_checker(region: str = SHANDONG, role: Role = Role.CREDIT) -> Member:
    """Make an officer who checks evidence."""
    return make_member(role, region)


def make_checked(
    kind: Kind,
    owner: Member,
    *,
    checker: Member | None = None,
    at: datetime = AT,
    note: str = "原件已核对。",
    **fields: str,
) -> Evidence:
    """Declare a record and let an officer check it."""
    record = make_declared(kind, owner, at=at, by=None, **fields)
    check(record, checker or make_checker(), at=at, note=note)
    return record


def check(record: Evidence, checker: Member, *, at: datetime = AT, note: str = "原件已核对。") -> None:
    """Let an officer check a record."""
    with unit_of_work():
        services.check(again(record), note=note, by=checker.actor, at=at)


def again(record: Evidence) -> Evidence:
    """Read a record once more."""
    return session.get_one(Evidence, record.id, populate_existing=True)
