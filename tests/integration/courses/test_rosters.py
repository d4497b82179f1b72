"""Rosters: every problem beside its row, taken over all or none or the good ones, once."""

import io
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event, func, select
from werkzeug.test import TestResponse

from app.accounts.models import Invitation, Person
from app.accounts.staged import PeopleRow
from app.core.db import db, session, unit_of_work
from app.courses import services
from app.courses.models import Cohort, Enrolment
from app.courses.queries import cohorts
from app.courses.queries.rosters import places_left, roster
from app.courses.rules.roster import SENTENCES
from app.courses.services import rosters as services_of_rosters
from app.courses.services.enrolments import invite
from app.desk.models import Notice, SearchDocument
from tests.factories.courses import DURING, HEADINGS, School, document_number, enrol, make_cohort, roster_rows, xlsx
from tests.submit import submit

Browser = Callable[..., FlaskClient]
COMMIT = "-- commit"


@pytest.fixture
def browser(school: School, browser_of: Browser) -> FlaskClient:
    return browser_of(school.base)


@pytest.fixture
def cohort(school: School) -> Cohort:
    return make_cohort(school)


def upload(browser: FlaskClient, cohort: Cohort, data: bytes, name: str = "名单.xlsx") -> TestResponse:
    return submit(browser, f"/cohorts/{cohort.code}/roster", file=(io.BytesIO(data), name))


def count(model: type) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def csv(rows: Sequence[Sequence[str]], encoding: str, headings: Sequence[str] = HEADINGS) -> bytes:
    return "\r\n".join(",".join(row) for row in [headings, *rows]).encode(encoding)


def test_forty_good_rows_become_forty_invitations(browser: FlaskClient, cohort: Cohort) -> None:
    before = count(Person)
    staged = upload(browser, cohort, xlsx(roster_rows(40)))
    assert staged.status_code == 302, staged.text
    page = browser.get(staged.location).text
    assert "邀请全部40人" in page
    assert document_number(0) not in page, "numbers are masked"
    assert count(Enrolment) == 0, "nobody is invited before the base decides"
    done = submit(browser, f"{staged.location}/commit", page=staged.location, rows="all")
    assert done.location.endswith("/invitations")
    assert count(Enrolment) == 40
    assert count(Person) == before + 40
    slips = browser.get(done.location).text
    assert slips.count("/invitation/") == 40
    sheet = load_workbook(io.BytesIO(browser.get(f"/cohorts/{cohort.code}/invitations.xlsx").data)).active
    assert sheet is not None
    assert sheet.max_row == 41
    assert session.scalars(select(PeopleRow.identity_sealed)).all() == [None] * 40, "what was staged is gone"


def test_a_double_click_invites_once(browser: FlaskClient, cohort: Cohort) -> None:
    staged = upload(browser, cohort, xlsx(roster_rows(3)))
    first = submit(browser, f"{staged.location}/commit", page=staged.location, rows="all")
    again = submit(browser, f"{staged.location}/commit", page="/cohorts/new", rows="all")
    assert (first.status_code, again.status_code) == (302, 302)
    assert (count(Enrolment), count(Invitation)) == (3, 3)


def test_the_same_file_waits_once_and_then_finds_everybody_in(browser: FlaskClient, cohort: Cohort) -> None:
    data = xlsx(roster_rows(3))
    first, second = upload(browser, cohort, data), upload(browser, cohort, data)
    assert first.location == second.location
    submit(browser, f"{first.location}/commit", page=first.location, rows="all")
    third = upload(browser, cohort, data)
    assert browser.get(third.location).text.count("此人已在本班次") == 3


def test_every_problem_stands_beside_its_row(school: School, browser: FlaskClient) -> None:
    cohort = make_cohort(school, capacity=2)
    enrol(school, cohort)
    good = roster_rows(3, start=9000)
    number = document_number(9100)
    slip = number[:-1] + ("0" if number[-1] != "0" else "1")
    rows: list[list[object]] = [
        ["", "居民身份证", document_number(9200), "", "", ""],
        ["钱一", "军官证", document_number(9201), "", "", ""],
        ["钱二", "", "", "", "", ""],
        ["钱三", "", slip, "", "", ""],
        ["钱四", "", "123", "", "", ""],
        ["钱五", "", 370102190001010000, "", "", ""],
        ["钱六", "护照", "??", "", "", ""],
        ["钱七", "", document_number(9207), "12345", "not-mail", ""],
        [*good[0]],
        ["钱八", "", document_number(9000), "", "", ""],
        ["钱九", "", document_number(9209), good[0][3], good[0][4], ""],
        [*good[1]],
    ]
    staged = upload(browser, cohort, xlsx(rows))
    page = browser.get(f"{staged.location}?show=bad").text
    reasons = (
        "name_missing kind_unknown number_missing number_check number_form number_rounded number_wrong phone_wrong"
        " email_wrong number_twice phone_twice email_twice over_capacity"
    )
    found = {one["reason"] for row in session.scalars(select(PeopleRow)) for one in row.problems}
    assert found == set(reasons.split())
    assert "末位" in page
    assert "邀请全部" not in page
    refused = submit(browser, f"{staged.location}/commit", page=staged.location, rows="all")
    assert refused.status_code == 422
    assert count(Enrolment) == 1
    report = browser.get(f"{staged.location}/problems.xlsx").data
    sheet = load_workbook(io.BytesIO(report)).active
    assert sheet is not None
    assert sheet.max_row == 12
    submit(browser, f"{staged.location}/commit", page=staged.location, rows="good")
    assert count(Enrolment) == 2


def test_people_known_under_other_facts_are_told(school: School, browser: FlaskClient, cohort: Cohort) -> None:
    other = make_cohort(school)
    rows = roster_rows(2, start=7000)
    first = upload(browser, other, xlsx(rows))
    submit(browser, f"{first.location}/commit", page=first.location, rows="all")
    changed = [
        ["另名", "", rows[0][2], "", "", ""],
        ["新人", "", document_number(7100), rows[0][3], rows[1][4], ""],
        [*rows[1][:3], "", "", ""],
    ]
    staged = upload(browser, cohort, xlsx(changed))
    found = [one["reason"] for row in session.scalars(select(PeopleRow)) for one in row.problems]
    assert found == ["name_differs", "phone_taken", "email_taken"]
    assert "平台已有此人" in browser.get(staged.location).text


def test_a_long_roster_is_checked_by_a_job_and_reports_each_bad_one(
    school: School, browser: FlaskClient, run_jobs: Callable[[], int]
) -> None:
    cohort = make_cohort(school, capacity=5000)
    rows = roster_rows(1200)
    for row in rows[::20]:
        row[2] = row[2][:-1] + "?"
    staged = upload(browser, cohort, xlsx(rows))
    assert "已核对" in browser.get(staged.location).text
    early = submit(browser, f"{staged.location}/commit", page=staged.location, rows="good")
    assert early.status_code == 409, "nothing is taken over before all rows are checked"
    run_jobs()
    bad = session.scalars(select(PeopleRow).where(PeopleRow.good.is_(False)).order_by(PeopleRow.line)).all()
    assert [row.line for row in bad] == [place + 2 for place in range(0, 1200, 20)]
    page = browser.get(f"{staged.location}?show=bad&page=2")
    assert page.status_code == 200
    done = submit(browser, f"{staged.location}/commit", page=staged.location, rows="good")
    assert done.status_code == 302
    assert (count(Enrolment), count(Invitation)) == (1140, 0), "places are there at once, links follow"
    run_jobs()
    assert count(Invitation) == 1140
    assert set(session.scalars(select(PeopleRow.identity_sealed))) == {None}, "what was staged is gone"


def take_over(browser: FlaskClient, cohort: Cohort, rows: int, *, start: int) -> None:
    staged = upload(browser, cohort, xlsx(roster_rows(rows, start=start)))
    assert submit(browser, f"{staged.location}/commit", page=staged.location, rows="all").status_code == 302


def test_a_roster_of_three_times_the_length_takes_no_more_statements(
    school: School,
    browser: FlaskClient,
    count_statements: Callable[[], list[str]],
    run_jobs: Callable[[], int],
) -> None:
    take_over(browser, make_cohort(school), 1, start=100)
    run_jobs()

    sent = count_statements()
    take_over(browser, make_cohort(school), 15, start=1000)
    run_jobs()
    short = [*sent]
    count_statements()
    take_over(browser, make_cohort(school), 45, start=2000)
    run_jobs()

    assert len(sent) == len(short), Counter(one[:90] for one in sent) - Counter(one[:90] for one in short)
    told = select(func.count()).select_from(Notice).where(Notice.kind == "courses.invited")
    assert session.scalar(told) == 61, "each of them is told"
    found = select(func.count(func.distinct(SearchDocument.subject_code))).where(
        SearchDocument.kind == "accounts.person"
    )
    assert (session.scalar(found) or 0) >= 61, "and can be found"


def test_people_and_places_of_a_long_roster_are_written_in_transactions_of_their_own(
    browser: FlaskClient,
    cohort: Cohort,
    count_statements: Callable[[], list[str]],
    run_jobs: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(services_of_rosters, "AT_ONCE", 10)
    staged = upload(browser, cohort, xlsx(roster_rows(12)))
    run_jobs()
    sent = count_statements()
    event.listen(db.engine, "commit", mark := lambda _connection: sent.append(COMMIT))
    try:
        submit(browser, f"{staged.location}/commit", page=staged.location, rows="all")
    finally:
        event.remove(db.engine, "commit", mark)

    written = [
        {table for table in ("person", "enrolment") if f"INSERT INTO {table} " in part}
        for part in "\n".join(sent).split(COMMIT)
    ]
    assert [tables for tables in written if tables] == [{"person"}, {"enrolment"}]
    assert (count(Enrolment), count(Invitation)) == (12, 0)


def test_who_was_taken_over_holds_their_place_until_they_are_given_it(
    school: School, browser: FlaskClient, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services_of_rosters, "AT_ONCE", 10)
    cohort = make_cohort(school, capacity=12)
    staged = upload(browser, cohort, xlsx(roster_rows(12)))
    run_jobs()

    # when the people were taken over and nothing more could be done
    code = staged.location.rsplit("/", 1)[1]
    with unit_of_work():
        found = cohorts.own_cohort(cohort.code, school.base.actor)
        services.commit_roster(found, roster(found, code), only_good=False, by=school.base.actor, at=DURING)

    # then their places are held, and the page says so
    assert (count(Enrolment), places_left(cohort)) == (0, 0)
    page = browser.get(staged.location).text
    assert "正在为名单上的学员安排名额" in page
    assert "/commit" not in page
    again = submit(browser, f"{staged.location}/discard", page="/cohorts/new")
    assert again.status_code == 409

    # and the job gives them, to all of them, once
    run_jobs()
    assert (count(Enrolment), count(Invitation), places_left(cohort)) == (12, 12, 0)
    submit(browser, f"{staged.location}/commit", page="/cohorts/new", rows="all")
    assert (count(Enrolment), count(Invitation)) == (12, 12)


def test_who_got_a_place_by_another_way_meanwhile_keeps_it(
    school: School, cohort: Cohort, browser: FlaskClient, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services_of_rosters, "AT_ONCE", 10)
    staged = upload(browser, cohort, xlsx(roster_rows(12)))
    run_jobs()
    code = staged.location.rsplit("/", 1)[1]
    with unit_of_work():
        found = cohorts.own_cohort(cohort.code, school.base.actor)
        services.commit_roster(found, roster(found, code), only_good=False, by=school.base.actor, at=DURING)
        first = session.scalars(select(Person).where(Person.name == roster_rows(1)[0][0])).one()
        invite(found, first, employer=None, by=school.base.actor, at=DURING)

    run_jobs()

    assert count(Enrolment) == 12


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_csv_comes_in_what_offices_save(browser: FlaskClient, cohort: Cohort, encoding: str) -> None:
    data = csv(
        roster_rows(2), encoding, ("学员姓名*", "证件类型", "身份证号（必填）", "手机号码", "电子邮箱", "工作单位")
    )
    staged = upload(browser, cohort, data, "名单.csv")
    assert staged.status_code == 302, staged.text
    assert "邀请全部2人" in browser.get(staged.location).text


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "空"),
        (b"PK\x03\x04 no workbook", "无法读取该工作簿"),
        (b"\xff\xff\x00\x01", "既不是工作簿"),
        ("甲,乙\n一,二".encode(), "没有找到表头"),
        ("姓名,证件号码\n".encode(), "没有学员"),
        ("姓名,证件号码,身份证号\n甲,1,2".encode(), "含义相同"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_change(
    browser: FlaskClient, cohort: Cohort, data: bytes, said: str
) -> None:
    refused = upload(browser, cohort, data)
    assert refused.status_code == 422
    assert said in refused.text


def test_a_discarded_roster_invites_nobody(browser: FlaskClient, cohort: Cohort) -> None:
    staged = upload(browser, cohort, xlsx(roster_rows(2)))
    done = submit(browser, f"{staged.location}/discard", page=staged.location)
    assert done.status_code == 302
    refused = submit(browser, f"{staged.location}/commit", page="/cohorts/new", rows="all")
    assert refused.status_code in {409, 422}
    assert count(Enrolment) == 0


def test_the_template_has_the_headings_that_are_read(browser: FlaskClient) -> None:
    sheet = load_workbook(io.BytesIO(browser.get("/cohorts/roster-template.xlsx").data)).active
    assert sheet is not None
    assert tuple(cell.value for cell in sheet[1]) == HEADINGS
    assert sheet["C2"].number_format == "@"


def test_every_reason_has_its_words() -> None:
    assert all(str(sentence) for sentence in SENTENCES.values())


def test_a_formula_in_a_name_stays_text(browser: FlaskClient, cohort: Cohort) -> None:
    rows = roster_rows(1)
    rows[0][0] = '=HYPERLINK("http://x")'
    staged = upload(browser, cohort, csv_of(rows), "名单.csv")
    submit(browser, f"{staged.location}/commit", page=staged.location, rows="all")
    listed = browser.get(f"/cohorts/{cohort.code}/trainees.csv").data.decode("utf-8-sig")
    assert "'=HYPERLINK" in listed


def csv_of(rows: Sequence[Sequence[str]]) -> bytes:
    return "\n".join(
        ",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in [HEADINGS, *rows]
    ).encode()
