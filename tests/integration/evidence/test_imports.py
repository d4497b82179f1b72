"""An organisation imports evidence of its people from a file: staged, every bad row reported, all rows or none."""

from collections.abc import Callable
from io import BytesIO

import pytest
from flask.testing import FlaskClient
from openpyxl import Workbook, load_workbook
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import Organisation, Person
from app.accounts.services.people import open_field
from app.accounts.states import Role
from app.core.db import session
from app.desk.queries import todos_of
from app.evidence.models import Evidence, EvidenceImport, EvidenceImportRow
from app.evidence.states import Entry, ImportState, Kind, State
from tests.factories.accounts import JINAN, Member, make_member, make_organisation
from tests.factories.evidence import CONTRACT, NUMBER, make_checker, make_declared, make_owner

BrowserOf = Callable[[Member], FlaskClient]
SERVICES = "姓名,证件号码,服务内容,服务类型,服务对象,完成日期\n"
HEADINGS = {
    "title": "合同名称",
    "number": "合同登记编号",
    "type": "合同类型",
    "seller_name": "卖方",
    "seller_code": "卖方统一社会信用代码",
    "buyer_name": "买方",
    "buyer_code": "买方统一社会信用代码",
    "amount": "合同金额",
    "technology_amount": "技术交易额",
    "signed_on": "签订日期",
    "role": "角色",
    "share": "贡献比例",
}


@pytest.fixture(name="body")
def _body(owner: Member) -> Organisation:
    del owner
    return make_organisation(slug="quancheng", region=JINAN, name_zh="泉城智造")


@pytest.fixture(name="staff")
def _staff(body: Organisation) -> list[Member]:
    return [make_member(Role.TRAINEE, JINAN, body) for _place in range(2)]


@pytest.fixture(name="browser")
def _browser(body: Organisation, browser_of: BrowserOf) -> FlaskClient:
    return browser_of(make_member(Role.EMPLOYER, JINAN, body))


def document(person: Person) -> str:
    return open_field(person, "person.identity") or ""


def row(member: Member, title: str = "需求对接", **changed: str) -> str:
    cells = {"name": member.person.name, "number": document(member.person), "type": "供需对接", "day": "2025-09-01"}
    cells |= changed
    return f"{cells['name']},{cells['number']},{title},{cells['type']},某公司,{cells['day']}\n"


def upload(browser: FlaskClient, text: str | bytes, kind: str = "service", name: str = "业绩.csv") -> TestResponse:
    data = text.encode() if isinstance(text, str) else text
    return browser.post("/evidence/organisation/import", data={"kind": kind, "file": (BytesIO(data), name)})


def contracts(*rows: tuple[Member, dict[str, object]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(["姓名", "证件号码", *HEADINGS.values()])
    for member, changed in rows:
        cells = {**CONTRACT, **changed}
        sheet.append([member.person.name, document(member.person), *(cells[name] for name in HEADINGS)])
    packed = BytesIO()
    book.save(packed)
    return packed.getvalue()


def problems() -> dict[int, list[str]]:
    rows = session.scalars(select(EvidenceImportRow).order_by(EvidenceImportRow.line))
    return {one.line: [problem["reason"] for problem in one.problems] for one in rows}


def test_a_good_file_is_taken_over_whole_and_each_person_is_asked(browser: FlaskClient, staff: list[Member]) -> None:
    staged = upload(browser, SERVICES + row(staff[0]) + row(staff[1]))
    assert session.scalars(select(Evidence)).all() == []
    page = browser.get(staged.location).text
    assert "导入全部2行" in page
    assert document(staff[0].person) not in page

    done = browser.post(f"{staged.location}/commit")
    repeated = browser.post(f"{staged.location}/commit")

    made = session.scalars(select(Evidence).order_by(Evidence.id)).all()
    assert (done.location, repeated.location) == ("/evidence/organisation", "/evidence/organisation")
    assert [(one.person_id, one.entry, one.state) for one in made] == [
        (member.person.id, Entry.IMPORT, State.DECLARED) for member in staff
    ]
    assert [todo.kind for todo in todos_of(staff[0].actor)] == ["evidence.accept"]
    assert "业绩.csv" in browser.get("/evidence/organisation").text


def test_one_bad_row_keeps_the_whole_file_out(browser: FlaskClient, staff: list[Member]) -> None:
    staged = upload(browser, SERVICES + row(staff[0]) + row(staff[1], day="去年"))

    refused = browser.post(f"{staged.location}/commit")

    assert refused.status_code == 422
    assert "有1行存在问题" in refused.text
    assert session.scalars(select(Evidence)).all() == []
    assert "不是有效日期" in browser.get(f"{staged.location}?show=bad").text
    assert "不是有效日期" in browser.get(f"{staged.location}/problems.csv").get_data(as_text=True)


def test_every_problem_of_every_row_is_reported(browser: FlaskClient, staff: list[Member]) -> None:
    outsider = make_owner()
    text = SERVICES + "".join(
        (
            row(outsider),
            row(staff[0], name="别人"),
            row(staff[0], number=""),
            row(staff[0], title="", type="魔法", day="2999-01-01"),
        )
    )

    upload(browser, text)

    assert problems() == {
        2: ["person_unknown"],
        3: ["name_differs"],
        4: ["missing"],
        5: ["missing", "not_a_choice", "in_future"],
    }


def test_shares_of_a_contract_are_added_up_within_the_file_and_with_the_ledger(
    browser: FlaskClient, staff: list[Member]
) -> None:
    make_declared(Kind.CONTRACT, make_owner(), share="30")
    other = "2026370102000088"
    data = contracts(
        (staff[0], {"share": "50"}),
        (staff[1], {"share": "20.01"}),
        (staff[0], {"share": "10"}),
        (staff[1], {"number": other, "share": 100}),
    )

    upload(browser, data, "contract", "合同.xlsx")

    assert problems() == {2: [], 3: ["over_whole"], 4: ["twice"], 5: []}


def test_what_a_person_declared_already_is_not_imported_again(browser: FlaskClient, staff: list[Member]) -> None:
    make_declared(Kind.CONTRACT, staff[0], share="10")

    upload(browser, contracts((staff[0], {"share": "10"})), "contract", "合同.xlsx")

    assert problems() == {2: ["declared"]}


def test_a_number_that_the_sheet_rounded_is_asked_for_as_text(browser: FlaskClient, staff: list[Member]) -> None:
    upload(browser, contracts((staff[0], {"number": 2026370102000001})), "contract", "合同.xlsx")

    assert problems() == {2: ["rounded"]}


def test_a_ledger_that_changed_meanwhile_refuses_the_whole_file(browser: FlaskClient, staff: list[Member]) -> None:
    staged = upload(browser, contracts((staff[0], {"share": "80"})), "contract", "合同.xlsx")
    make_declared(Kind.CONTRACT, make_owner(), share="30")

    refused = browser.post(f"{staged.location}/commit")

    assert refused.status_code == 409
    assert "第2行" in refused.text
    found = session.scalars(select(EvidenceImport)).one()
    assert (found.state, found.decided_at) == (ImportState.STAGED, None)
    assert len(session.scalars(select(Evidence)).all()) == 1


def test_a_repeated_upload_is_the_same_import_and_another_takes_its_place(
    browser: FlaskClient, staff: list[Member]
) -> None:
    text = SERVICES + row(staff[0])
    first, again = upload(browser, text), upload(browser, text)
    other = upload(browser, SERVICES + row(staff[1]))

    assert first.location == again.location != other.location
    states = [one.state for one in session.scalars(select(EvidenceImport).order_by(EvidenceImport.id))]
    assert states == [ImportState.DISCARDED, ImportState.STAGED]
    assert browser.post(f"{other.location}/discard").location == "/evidence/organisation"
    assert browser.post(f"{other.location}/discard").status_code == 409


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK broken", "无法读取该工作簿"),
        ("没有表头\n甲,乙\n".encode(), "没有找到表头"),
        (SERVICES.encode(), "文件只有表头"),
        (SERVICES.replace("服务类型", "服务名称").encode() + b"a,b,c,d,e,f\n", "有两列含义相同"),
        (b"\x00\x01\xff\xfe\x00", "既不是工作簿"),
        (b"", "文件为空"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_change(browser: FlaskClient, data: bytes, says: str) -> None:
    response = upload(browser, data)

    assert response.status_code == 422
    assert says in response.text, response.text[response.text.find("error-summary") :][:600]


def test_a_file_in_gbk_is_read_and_too_many_rows_are_not(browser: FlaskClient, staff: list[Member]) -> None:
    assert upload(browser, (SERVICES + row(staff[0])).encode("gbk")).status_code == 302
    assert upload(browser, SERVICES + row(staff[0]) * 2001).status_code == 422


@pytest.mark.parametrize("kind", list(Kind))
def test_each_kind_has_a_template_that_reads_back(browser: FlaskClient, kind: Kind) -> None:
    answer = browser.get(f"/evidence/organisation/import/template/{kind}.xlsx")

    headings = [cell.value for cell in load_workbook(BytesIO(answer.data)).worksheets[0][1]]
    assert headings[:2] == ["姓名", "证件号码"]
    assert len(set(headings)) == len(headings) > 4


def test_another_organisation_sees_no_import(browser: FlaskClient, staff: list[Member], browser_of: BrowserOf) -> None:
    staged = upload(browser, SERVICES + row(staff[0]))
    other = browser_of(make_member(Role.EMPLOYER, JINAN, make_organisation(region=JINAN)))

    assert other.get(staged.location).status_code == 404
    assert other.post(f"{staged.location}/commit").status_code == 404


def test_an_import_without_a_file_is_refused(browser: FlaskClient) -> None:
    assert browser.get("/evidence/organisation/import").status_code == 200
    assert browser.post("/evidence/organisation/import", data={"kind": "service"}).status_code == 422


def test_an_administrator_without_an_organisation_imports_nothing(owner: Member, browser_of: BrowserOf) -> None:
    del owner
    response = upload(browser_of(make_member(Role.EMPLOYER, JINAN)), SERVICES + "a,b,c,d,e,f\n")

    assert response.status_code == 403


def test_an_imported_contract_is_checked_like_any_other(browser: FlaskClient, staff: list[Member]) -> None:
    staged = upload(browser, contracts((staff[0], {"share": "80"})), "contract", "合同.xlsx")
    browser.post(f"{staged.location}/commit")

    made = session.scalars(select(Evidence)).one()
    assert (made.number, made.standing) == (NUMBER, "unknown")
    assert not todos_of(make_checker().actor)
