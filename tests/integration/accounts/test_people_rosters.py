"""A security administrator adds people from a roster on the page: every row reported, all or only the good, once."""

import io
from collections.abc import Callable, Sequence

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.accounts.models import Membership, Person
from app.accounts.services import people_rosters
from app.accounts.staged import PeopleImport, PeopleRow
from app.accounts.states import Role
from app.core import staging
from app.core.access_log import AccessLook
from app.core.db import session
from app.core.events import Event
from app.core.jobs import Job
from tests.factories.accounts import GUANGDONG, JINAN, NATION, SHANDONG, Member, make_member, make_person
from tests.factories.courses import HEADINGS, document_number, roster_rows, xlsx
from tests.submit import submit

pytestmark = pytest.mark.one_database

BrowserOf = Callable[[Member], FlaskClient]
PAGE = "/people/rosters"


@pytest.fixture(name="administrator")
def _administrator(app: Flask) -> Member:
    del app
    return make_member(Role.SECADMIN, SHANDONG)


@pytest.fixture(name="browser")
def _browser(administrator: Member, browser_of: BrowserOf) -> FlaskClient:
    return browser_of(administrator)


def upload(browser: FlaskClient, data: bytes, name: str = "名单.xlsx") -> TestResponse:
    return submit(browser, PAGE, file=(io.BytesIO(data), name))


def csv(rows: Sequence[Sequence[str]], encoding: str) -> bytes:
    return "\r\n".join(",".join(row) for row in [HEADINGS, *rows]).encode(encoding)


def people() -> int:
    return session.scalar(select(func.count()).select_from(Person)) or 0


def kinds(staged: PeopleImport) -> list[str]:
    query = select(Event.kind).where(Event.subject_code == staged.code).order_by(Event.id)
    return list(session.scalars(query))


def only() -> PeopleImport:
    session.expire_all()
    return session.scalars(select(PeopleImport)).one()


def looks() -> list[int]:
    return list(session.scalars(select(AccessLook.person_id).order_by(AccessLook.id)))


def bad(rows: list[list[str]]) -> list[list[str]]:
    rows[-1][2] = "123"
    return rows


def test_good_rows_become_people_without_a_role_once_the_administrator_decides(browser: FlaskClient) -> None:
    before, roles = people(), session.scalar(select(func.count()).select_from(Membership))
    staged = upload(browser, xlsx(roster_rows(3)))
    page = browser.get(staged.location).text
    assert "导入全部3人" in page
    assert document_number(0) not in page, "numbers are masked"
    assert people() == before, "nobody is added before the decision"

    done = submit(browser, f"{staged.location}/commit", page=staged.location, rows="all")
    again = browser.post(f"{staged.location}/commit", data={"rows": "all"})

    assert (done.location, again.location) == (staged.location, staged.location)
    assert people() == before + 3
    assert session.scalar(select(func.count()).select_from(Membership)) == roles
    assert set(session.scalars(select(PeopleRow.identity_sealed))) == {None}, "what was staged is gone"
    assert kinds(only()) == ["accounts.roster_staged", "accounts.roster_committed"]
    added = select(func.count()).select_from(Event).where(Event.kind == "accounts.person_added")
    assert (session.scalar(added) or 0) >= 3


def test_one_bad_row_keeps_all_out_until_only_the_good_are_chosen(browser: FlaskClient) -> None:
    before = people()
    staged = upload(browser, xlsx(bad(roster_rows(3))))
    page = browser.get(staged.location).text
    assert "导入全部3人" not in page
    assert "仅导入2行可用数据" in page

    refused = browser.post(f"{staged.location}/commit", data={"rows": "all"})
    assert (refused.status_code, people()) == (422, before)
    assert "有问题" in refused.text
    shown = browser.get(f"{staged.location}?show=bad").text
    assert ("学员2" in shown, "学员0" in shown) == (True, False)
    submit(browser, f"{staged.location}/commit", page=staged.location, rows="good")

    assert people() == before + 2


def test_the_report_tells_what_became_of_every_row(browser: FlaskClient) -> None:
    known = make_person(name="学员0", number=document_number(0))
    staged = upload(browser, xlsx(bad(roster_rows(3))))
    submit(browser, f"{staged.location}/commit", page=staged.location, rows="good")

    sheet = load_workbook(io.BytesIO(browser.get(f"{staged.location}/report.xlsx").data)).active
    assert sheet is not None
    _head, *rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert [row[0] for row in rows] == [2, 3, 4]
    assert [str(row[3])[:2] for row in rows] == ["可用", "新增", "未导"]
    assert rows[0][4] == known.code
    assert session.scalars(select(Person).where(Person.code == rows[1][4])).one().name == "学员1"
    assert rows[2][4] == ""
    assert rows[2][5]
    only_bad = load_workbook(io.BytesIO(browser.get(f"{staged.location}/report.xlsx?show=bad").data)).active
    assert only_bad is not None
    assert only_bad.max_row == 2


@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "gb18030", "gbk", "xlsx"])
def test_names_come_from_the_file_to_the_preview_the_report_and_the_register_as_offices_save_them(
    browser: FlaskClient, form: str
) -> None:
    rare = "刘洋" if form == "gbk" else "张䶮𬎆"  # GBK has no place for the last two, GB 18030 four bytes for one
    rows = roster_rows(2)
    rows[0][0], rows[1][0] = rare, "欧阳敏"
    data = xlsx(rows) if form == "xlsx" else csv(rows, form)

    staged = upload(browser, data, "名单.xlsx" if form == "xlsx" else "名单.csv")
    page = browser.get(staged.location).text
    submit(browser, f"{staged.location}/commit", page=staged.location, rows="all")

    sheet = load_workbook(io.BytesIO(browser.get(f"{staged.location}/report.xlsx").data)).active
    assert sheet is not None
    _head, *told = sheet.iter_rows(values_only=True)
    assert [(name in page, row[1]) for name, row in zip((rare, "欧阳敏"), told, strict=True)] == [
        (True, rare),
        (True, "欧阳敏"),
    ]
    assert {str(row[3])[:2] for row in told} == {"新增"}
    added = session.scalars(select(Person.name).where(Person.code.in_([row[4] for row in told])))
    assert set(added) == {rare, "欧阳敏"}


def test_both_templates_read_back(browser: FlaskClient) -> None:
    sheet = load_workbook(io.BytesIO(browser.get(f"{PAGE}/template.xlsx").data)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == list(HEADINGS)
    text = browser.get(f"{PAGE}/template.csv").data
    assert text.decode("utf-8-sig").strip().split(",") == list(HEADINGS)


@pytest.mark.parametrize(("data", "says"), [(b"PK broken", "无法读取"), (b"a,b\n1,2\n", "没有找到"), (b"", "")])
def test_a_file_that_is_no_roster_is_refused(browser: FlaskClient, data: bytes, says: str) -> None:
    response = upload(browser, data, "x.csv")
    assert response.status_code == 422
    assert says in response.text
    assert session.scalars(select(PeopleImport)).all() == []


def test_the_same_file_waits_once_and_a_discarded_one_is_gone(browser: FlaskClient) -> None:
    data = xlsx(roster_rows(2))
    first, second = upload(browser, data), upload(browser, data)
    assert first.location == second.location
    assert "名单.xlsx" in browser.get(PAGE).text

    done = submit(browser, f"{first.location}/discard", page=first.location)
    assert done.location == PAGE
    assert "名单.xlsx" not in browser.get(PAGE).text
    assert browser.post(f"{first.location}/discard").status_code == 409
    assert browser.post(f"{first.location}/commit").status_code == 409
    assert set(session.scalars(select(PeopleRow.data_key))) == {None}
    assert upload(browser, data).location != first.location
    assert kinds(session.scalars(select(PeopleImport).order_by(PeopleImport.id)).first() or only())[-1:] == [
        "accounts.roster_discarded"
    ]


def test_a_roster_that_was_taken_over_is_not_discarded(browser: FlaskClient) -> None:
    staged = upload(browser, xlsx(roster_rows(1)))
    submit(browser, f"{staged.location}/commit", page=staged.location, rows="all")
    assert browser.post(f"{staged.location}/discard").status_code == 409


def test_somebody_added_meanwhile_stops_the_whole_list(browser: FlaskClient) -> None:
    staged = upload(browser, xlsx(roster_rows(2)))
    make_person(number=document_number(1))
    before = people()
    refused = browser.post(f"{staged.location}/commit", data={"rows": "all"})
    assert (refused.status_code, people()) == (409, before)


def test_only_administrators_of_the_region_see_a_roster(
    browser: FlaskClient, browser_of: BrowserOf, sign_in: Callable[..., FlaskClient]
) -> None:
    staged = upload(browser, xlsx(roster_rows(1)))
    elsewhere, below = (browser_of(make_member(Role.SECADMIN, region)) for region in (GUANGDONG, JINAN))
    above = browser_of(make_member(Role.SECADMIN, NATION))

    for stranger in (elsewhere, below):
        assert stranger.get(staged.location).status_code == 404
        assert stranger.get(f"{staged.location}/report.xlsx").status_code == 404
        assert stranger.post(f"{staged.location}/commit").status_code == 404
        assert stranger.post(f"{staged.location}/discard").status_code == 404
        assert "名单.xlsx" not in stranger.get(PAGE).text
    assert above.get(staged.location).status_code == 200
    for role in (Role.REGULATOR, Role.BASE, Role.SYSADMIN, Role.TRAINEE):
        assert sign_in(role, SHANDONG).get(PAGE).status_code == 403


def test_a_long_roster_is_checked_and_followed_up_by_jobs_that_one_may_leave(
    browser: FlaskClient, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_rosters, "AT_ONCE", 1)
    monkeypatch.setattr(staging, "BLOCK_ROWS", 2)
    before = people()
    staged = upload(browser, xlsx(roster_rows(3)))
    page = browser.get(staged.location).text
    assert "正在逐行核对" in page
    assert browser.post(f"{staged.location}/commit").status_code == 409, "it is not checked yet"
    run_jobs()
    assert "导入全部3人" in browser.get(staged.location).text

    submit(browser, f"{staged.location}/commit", page=staged.location, rows="all")
    assert people() == before + 3
    assert "正在逐人留痕" in browser.get(staged.location).text
    run_jobs()
    assert "由两名安全管理员" in browser.get(staged.location).text
    assert set(session.scalars(select(PeopleRow.data_key))) == {None}
    assert {job.state.value for job in session.scalars(select(Job))} == {"done"}
    assert {job.done for job in session.scalars(select(Job))} == {3}


def test_a_long_roster_discarded_while_it_is_checked_stays_so(
    browser: FlaskClient, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_rosters, "AT_ONCE", 1)
    staged = upload(browser, xlsx(roster_rows(3)))
    submit(browser, f"{staged.location}/discard", page=staged.location)
    run_jobs()
    assert only().checked_at is None
    assert only().discarded_at is not None
    assert kinds(only()) == ["accounts.roster_discarded"]


def test_contacts_that_differ_from_what_is_kept_are_told_on_the_row_and_change_nothing(browser: FlaskClient) -> None:
    known = make_person(name="学员0", number=document_number(0), phone="13912345678", email="kept@demo.example")
    kept = (known.phone_index, known.email_index)
    rows = roster_rows(2)
    rows[0][HEADINGS.index("手机")], rows[0][HEADINGS.index("邮箱")] = "13800138000", "new@demo.example"
    staged = upload(browser, xlsx(rows))
    page = browser.get(staged.location).text
    assert "+86139****5678" in page
    assert "k***@demo.example" in page
    assert "13912345678" not in page, "masked"
    assert looks() == [known.id], "the person reads who saw it"
    browser.get(f"{staged.location}/report.xlsx")
    assert looks() == [known.id, known.id]
    assert (only().good, only().bad) == (2, 0), "the row is taken over all the same"
    submit(browser, f"{staged.location}/commit", page=staged.location, rows="all")
    session.expire_all()
    person = session.get_one(Person, known.id)
    assert (person.phone_index, person.email_index) == kept


def test_whoever_gives_another_name_is_told_nothing_of_what_is_kept(browser: FlaskClient) -> None:
    make_person(name="另一人", number=document_number(0), phone="13912345678")
    rows = roster_rows(1)
    rows[0][HEADINGS.index("手机")] = "13800138000"
    staged = upload(browser, xlsx(rows))
    assert "5678" not in browser.get(staged.location).text
    assert only().bad == 1
    assert looks() == []


def test_what_is_kept_already_is_no_remark(browser: FlaskClient) -> None:
    make_person(name="学员0", number=document_number(0), phone="13912345678", email="kept@demo.example")
    rows = roster_rows(1)
    rows[0][HEADINGS.index("手机")], rows[0][HEADINGS.index("邮箱")] = "139 1234 5678", "Kept@demo.example"
    upload(browser, xlsx(rows))
    assert session.scalars(select(PeopleRow)).one().problems == []
