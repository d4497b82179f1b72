"""The appraisal of bases: two people open it, bases report, the region checks, the pack decides, two people confirm."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.states import Role
from app.bases.models import TrainingBase
from app.bases.states import BaseState
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.core.jobs import Job
from app.desk.queries import todos_of
from app.performance import queries, services
from app.performance.desk import expected
from app.performance.models import AppraisalCycle, BaseAppraisal
from app.performance.services.outcomes import publicity_passed, reopen
from app.performance.states import AppraisalState, CycleState, Grade
from app.rulebook.models import DecisionRecord
from tests.factories.accounts import GUANGDONG, JINAN, QINGDAO, SHANDONG, Member, make_member
from tests.factories.performance import (
    AT,
    PDF,
    SYSTEM,
    UNTIL,
    check,
    graded,
    make_base,
    make_cycle,
    make_system,
    only,
    report,
)
from tests.factories.rulebook import make_published

BrowserOf = Callable[[Member], FlaskClient]
At = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def _now(app: Flask, at_time: At) -> None:
    del app
    at_time(AT)
    make_system()


def todos(member: Member) -> list[str]:
    return [todo.url for todo in todos_of(member.actor)]


def settle(row: BaseAppraisal, by: Member, second: Member) -> BaseAppraisal:
    with unit_of_work():
        services.publish(row.cycle, by=by.actor, at=AT)
        services.confirm(row, reason="予以确认。", by=second.actor, at=AT)
    return row


# ---- opening ------------------------------------------------------------------------------------------------------


def test_two_people_open_a_cycle_and_every_accredited_base_of_the_region_is_asked(browser_of: BrowserOf) -> None:
    base, staff = make_base(JINAN)
    make_base(GUANGDONG)
    first, second = make_member(Role.REGULATOR, SHANDONG), make_member(Role.REGULATOR, SHANDONG)
    form = {"year": "2026", "report_until": UNTIL.isoformat()}

    opened = browser_of(first).post("/performance/cycles", data=form)
    cycle = session.scalars(select(AppraisalCycle)).one()
    assert opened.location == f"/performance/{cycle.code}"
    assert todos(second) == [f"/performance/{cycle.code}"]
    assert not todos(staff)
    assert browser_of(first).post(f"/performance/{cycle.code}/confirm").status_code == 403
    assert browser_of(second).post(f"/performance/{cycle.code}/confirm").status_code == 302

    row = only(cycle)
    assert (row.base_id, row.state, row.cycle.state) == (base.id, AppraisalState.REPORTING, CycleState.RUNNING)
    assert todos(staff) == [f"/performance/bases/{row.code}"]
    assert browser_of(second).post(f"/performance/{cycle.code}/confirm").status_code == 409


def test_a_cycle_is_refused_twice_in_the_past_without_pack_and_for_another_region() -> None:
    cycle, first, _ = make_cycle()
    other = make_member(Role.REGULATOR, GUANGDONG)
    city = make_member(Role.REGULATOR, JINAN)

    def opened(by: Member, region: str = SHANDONG, year: int = 2027, days: int = 9) -> None:
        with unit_of_work():
            until = AT.date() + timedelta(days=days)
            services.open_cycle(year=year, region_code=region, report_until=until, by=by.actor, at=AT)

    with pytest.raises(ConflictError):
        opened(first, year=cycle.year)
    with pytest.raises(InvalidError):
        opened(first, days=-1)
    with pytest.raises(InvalidError):
        opened(first, year=2024)
    with pytest.raises(InvalidError):
        opened(other, GUANGDONG)
    for by in (other, city):
        with pytest.raises(ForbiddenError):
            opened(by)


@pytest.mark.one_database
def test_a_pack_that_names_an_unknown_fact_opens_no_cycle() -> None:
    unknown = SYSTEM.replace("base.cohorts", "base.luck")
    make_published(kind="appraisal", code="appraisal-luck", region=GUANGDONG, params=unknown)
    with pytest.raises(InvalidError, match=r"base\.luck"):
        make_cycle(region=GUANGDONG)


def test_the_table_itself_demands_two_people(browser_of: BrowserOf) -> None:
    del browser_of
    cycle, first, _ = make_cycle()
    with pytest.raises(ConflictError, match="two_people"), unit_of_work():
        session.execute(
            update(AppraisalCycle).where(AppraisalCycle.id == cycle.id).values(confirmed_by_id=first.person.id)
        )


# ---- self-report --------------------------------------------------------------------------------------------------


def test_a_base_keeps_a_draft_attaches_files_and_submits_by_page(browser_of: BrowserOf) -> None:
    _, staff = make_base(JINAN)
    cycle, *_ = make_cycle()
    city = make_member(Role.REGULATOR, JINAN)
    code = only(cycle).code
    browser = browser_of(staff)
    path = f"/performance/bases/{code}/report"
    assert browser.get(path).status_code == 200

    kept = browser.post(path, data={"value-lecturers": "eight", "act": "keep"})
    assert kept.status_code == 302
    assert 'value="eight"' in browser.get(path).text
    refused = browser.post(path, data={"value-lecturers": "eight", "value-deals": "1.234", "act": "submit"})
    assert refused.status_code == 422
    assert "请填写数字。" in refused.text
    assert "最多两位小数。" in refused.text
    bare = browser.post(path, data={"value-lecturers": "8", "value-deals": "-1", "act": "submit"})
    assert "请附上证明该值的材料。" in bare.text
    assert "请填写0至999,999,999之间的数字。" in bare.text
    wrong = {"value-lecturers": "8", "file-lecturers": (BytesIO(b"GIF89a"), "a.gif"), "act": "submit"}
    assert browser.post(path, data=wrong).status_code == 422
    files = {f"file-{one}": (BytesIO(PDF), "证明.pdf") for one in ("lecturers", "deals")}
    sent = browser.post(path, data={"value-lecturers": "8", "value-deals": "2", **files, "act": "submit"})

    assert sent.location == f"/performance/bases/{code}"
    row = only(cycle)
    assert (row.state, row.answers) == (AppraisalState.SUBMITTED, {"lecturers": "8", "deals": "2"})
    assert todos(city) == [f"/performance/bases/{code}"]
    assert not todos(staff)
    page = browser.get(f"/performance/bases/{code}")
    assert "对自评报告进行属地核查" in page.text
    assert "证明.pdf" in page.text
    assert browser.get(f"/performance/bases/{code}/files/lecturers").data == PDF
    assert browser.get(f"/performance/bases/{code}/files/none").status_code == 404
    assert browser.post(path, data={"value-lecturers": "9", "act": "keep"}).status_code == 409
    assert "不能再改" in browser.get(path).text


def test_another_file_replaces_the_first_and_an_unknown_indicator_has_none() -> None:
    _, staff = make_base()
    row = only(make_cycle()[0])
    with unit_of_work():
        for data in (PDF, PDF + b"2"):
            services.attach(row, "deals", data, name="b.pdf", by=staff.actor, at=AT)
    assert queries.files_of(row)["deals"].file.size == len(PDF) + 1
    with pytest.raises(Exception, match="指标"), unit_of_work():
        services.attach(row, "cohorts", PDF, name="b.pdf", by=staff.actor, at=AT)


@pytest.mark.one_database
def test_another_base_and_another_region_see_nothing(browser_of: BrowserOf) -> None:
    make_base(JINAN)
    cycle, *_ = make_cycle()
    code = only(cycle).code
    _, stranger = make_base(QINGDAO)
    for member in (stranger, make_member(Role.REGULATOR, QINGDAO), make_member(Role.REGULATOR, GUANGDONG)):
        assert browser_of(member).get(f"/performance/bases/{code}").status_code == 404
    assert browser_of(stranger).post(f"/performance/bases/{code}/report", data={}).status_code == 404
    assert browser_of(make_member(Role.REGULATOR, GUANGDONG)).get(f"/performance/{cycle.code}").status_code == 404
    assert browser_of(stranger).get(f"/performance/{cycle.code}").status_code == 403
    assert browser_of(make_member(Role.TRAINEE)).get("/performance").status_code == 403


def test_the_local_check_confirms_or_returns_with_a_reason(browser_of: BrowserOf) -> None:
    _, staff = make_base(JINAN)
    cycle, first, _ = make_cycle()
    city = make_member(Role.REGULATOR, JINAN)
    path = f"/performance/bases/{report(only(cycle), staff).code}"
    browser = browser_of(city)

    assert browser.get(path).status_code == 200
    assert browser.post(f"{path}/decide/return", data={"return-reason": ""}).status_code == 422
    assert browser.post(f"{path}/decide/nonsense").status_code == 404
    assert browser.post(f"{path}/decide/return", data={"return-reason": "人数不符。"}).status_code == 302
    assert only(cycle).state is AppraisalState.REPORTING
    assert "人数不符。" in browser_of(staff).get(f"{path}/report").text
    assert todos(staff) == [path]
    report(only(cycle), staff)
    assert browser_of(staff).post(f"{path}/check").status_code == 403
    assert browser.post(f"{path}/check").status_code == 302
    assert only(cycle).state is AppraisalState.CHECKED
    assert todos(first) == [f"/performance/{cycle.code}"]
    assert browser.post(f"{path}/check").status_code == 409


def test_who_submitted_in_another_role_does_not_check() -> None:
    _, staff = make_base(JINAN)
    row = report(only(make_cycle()[0]), staff)
    both = make_member(Role.REGULATOR, JINAN, person=staff.person)
    for by in (both, make_member(Role.REGULATOR, QINGDAO)):
        with pytest.raises(ForbiddenError), unit_of_work():
            services.check(row, by=by.actor, at=AT)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.keep(row, {}, by=both.actor)


# ---- computation --------------------------------------------------------------------------------------------------


def test_the_computation_is_a_job_that_records_each_verdict_once(
    browser_of: BrowserOf, run_jobs: Callable[[], int]
) -> None:
    _, staff = make_base()
    cycle, first, second = make_cycle()
    browser = browser_of(first)
    assert browser.post(f"/performance/{cycle.code}/compute").status_code == 409
    check(report(only(cycle), staff, "8", "2"))

    for _ in range(2):
        assert browser.post(f"/performance/{cycle.code}/compute").status_code == 302
    assert session.scalars(select(Job)).one().total == 1
    assert browser.get(f"/performance/{cycle.code}").status_code == 200
    run_jobs()

    row = only(cycle)
    assert (row.state, row.score, row.grade) == (AppraisalState.GRADED, Decimal(90), Grade.EXCELLENT)
    record = session.scalars(select(DecisionRecord).where(DecisionRecord.kind == "appraisal")).one()
    assert (record.pack, record.subject_code) == (cycle.pack.code, row.code)
    assert record.facts["appraisal.reported[lecturers]"]["value"] == "8"
    assert record.facts["base.cohorts"]["value"] == "0"
    assert not [url for url in todos(second) if url == f"/performance/{cycle.code}"]
    page = browser.get(f"/performance/bases/{row.code}").text
    assert "权重0.6，计入总分48.00分" in page
    assert '<span class="condition-points number">48.00 / 60.00分</span>' in page
    assert "接近" not in page
    assert "90" in page


@pytest.mark.one_database
def test_the_command_prints_the_verdict_with_facts_pack_and_reasons(app: Flask) -> None:
    base, staff = make_base()
    make_cycle()
    row = check(report(only(session.scalars(select(AppraisalCycle)).one()), staff, "7"))
    runner = app.test_cli_runner()

    first = runner.invoke(args=["bases", "appraise", "--cycle", "2026", "--json"])
    again = runner.invoke(args=["bases", "appraise", "--cycle", "2026", "--region", SHANDONG, "--json"])
    told = json.loads(first.stdout)

    assert told == json.loads(again.stdout)
    [one] = told["bases"]
    assert (one["base"], one["score"], one["grade"], one["recorded"]) == (
        base.organisation.slug, "82.00", "good", True,
    )  # fmt: skip
    assert one["facts"]["appraisal.reported[lecturers]"]["value"] == "7"
    assert one["verdict"]["lines"][0]["params"]["gained"] == "42.00"
    assert one["pack"] == row.cycle.pack.code
    assert len(list(session.scalars(select(DecisionRecord)))) == 1
    assert "82.00 good graded" in runner.invoke(args=["bases", "appraise", "--cycle", "2026"]).stdout
    absent = runner.invoke(args=["bases", "appraise", "--cycle", "2025"])
    assert (absent.exit_code, absent.stdout) == (1, "")


@pytest.mark.one_database
def test_the_command_shows_what_would_come_out_before_the_check_and_records_nothing(app: Flask) -> None:
    make_base()
    make_cycle()
    told = json.loads(app.test_cli_runner().invoke(args=["bases", "appraise", "--cycle", "2026", "--json"]).stdout)

    assert [(one["state"], one["recorded"], one["score"]) for one in told["bases"]] == [("reporting", False, "40.00")]
    assert session.scalar(select(DecisionRecord)) is None


def test_a_pack_replaced_in_the_middle_changes_nothing_for_an_open_cycle() -> None:
    _, staff = make_base()
    cycle, *_ = make_cycle()
    make_system()
    row = graded(only(cycle), staff, "10")

    assert cycle.pack.code.endswith(".1")
    assert session.get_one(DecisionRecord, row.decision_id).pack == cycle.pack.code


def test_a_closed_year_is_judged_on_its_last_day_and_a_running_one_today() -> None:
    cycle = make_cycle()[0]
    assert cycle.judged_on(AT.date()) == AT.date()
    assert cycle.judged_on(datetime(2027, 2, 1, tzinfo=UTC).date()).isoformat() == "2026-12-31"


# ---- what follows -------------------------------------------------------------------------------------------------


def test_a_second_person_confirms_a_proposed_grade_and_the_cycle_closes(browser_of: BrowserOf) -> None:
    _, staff = make_base()
    cycle, first, second = make_cycle()
    assert browser_of(first).post(f"/performance/{cycle.code}/publish").status_code == 409
    graded(only(cycle), staff, "10")
    path = f"/performance/bases/{only(cycle).code}/decide/confirm"
    reason = {"confirm-reason": "予以确认。"}

    assert browser_of(first).post(f"/performance/{cycle.code}/publish").status_code == 302
    assert browser_of(first).post(path, data=reason).status_code == 403
    assert todos(second) == [path.removesuffix("/decide/confirm")]
    assert browser_of(second).post(path, data=reason).status_code == 302
    assert browser_of(second).post(path, data=reason).status_code == 409

    row = only(cycle)
    assert (row.state, row.grade, row.cycle.state) == (AppraisalState.CONFIRMED, Grade.EXCELLENT, CycleState.CLOSED)
    assert not todos(second)
    assert expected() == set()
    assert "优秀" in browser_of(staff).get("/performance").text


def test_who_checked_the_report_does_not_confirm_the_grade() -> None:
    _, staff = make_base()
    cycle, first, second = make_cycle()
    row = report(only(cycle), staff)
    with unit_of_work():
        services.check(row, by=second.actor, at=AT)
        services.grade(cycle, [row], by=None, at=AT)
    with pytest.raises(ForbiddenError):
        settle(row, first, second)


def test_a_fail_demands_rectification_by_a_day_and_a_review_settles_it(browser_of: BrowserOf) -> None:
    _, staff = make_base()
    cycle, first, second = make_cycle()
    row = settle(graded(only(cycle), staff, "0"), first, second)
    path = f"/performance/bases/{row.code}"
    assert (row.state, str(row.rectify_until)) == (AppraisalState.RECTIFYING, "2026-11-16")
    assert todos(staff) == [path]

    assert browser_of(staff).post(f"{path}/rectify", data={"report": ""}).status_code == 422
    assert browser_of(staff).post(f"{path}/rectify", data={"report": "已聘师资。"}).status_code == 302
    assert "已聘师资。" in browser_of(first).get(path).text
    demanded = browser_of(first).post(f"{path}/decide/demand", data={"demand-reason": "未附证明。"})
    assert demanded.status_code == 302
    assert only(cycle).state is AppraisalState.RECTIFYING
    assert "未附证明。" in browser_of(staff).get(path).text
    browser_of(staff).post(f"{path}/rectify", data={"report": "已附证明。"})
    assert browser_of(first).post(f"{path}/decide/accept", data={"accept-reason": "已落实。"}).status_code == 302

    row = only(cycle)
    assert (row.state, row.grade, row.cycle.state) == (AppraisalState.ACCEPTED, Grade.FAIL, CycleState.CLOSED)
    with pytest.raises(ForbiddenError), unit_of_work():
        services.rectify(row, report="x", by=first.actor, at=AT)


def failed_year(year: int, staff: Member) -> tuple[BaseAppraisal, Member, Member]:
    cycle, first, second = make_cycle(year)
    return settle(graded(only(cycle), staff, "0"), first, second), first, second


def test_a_second_consecutive_fail_proposes_the_exit_that_a_second_person_orders(browser_of: BrowserOf) -> None:
    base, staff = make_base()
    failed_year(2025, staff)
    row, first, second = failed_year(2026, staff)
    path = f"/performance/bases/{row.code}/decide/exit"
    assert row.state is AppraisalState.EXIT_PROPOSED
    assert path.removesuffix("/decide/exit") in todos(first)

    assert browser_of(second).post(path, data={"exit-reason": "连续两年不合格。"}).status_code == 403
    assert browser_of(first).get(path.removesuffix("/decide/exit")).status_code == 200
    assert browser_of(first).post(path, data={"exit-reason": "连续两年不合格。"}).status_code == 302

    session.expire_all()
    left = session.get_one(TrainingBase, base.id)
    assert (left.state, left.reason) == (BaseState.EXITED, "连续两年不合格。")
    assert session.get_one(BaseAppraisal, row.id).state is AppraisalState.EXITED
    assert "连续两年不合格。" in browser_of(staff).get(path.removesuffix("/decide/exit")).text


def test_a_pass_between_two_fails_brings_no_exit() -> None:
    _, staff = make_base()
    failed_year(2024 + 1, staff)
    cycle, first, second = make_cycle(2026)
    settle(graded(only(cycle), staff, "10"), first, second)
    row, *_ = failed_year(2027, staff)

    assert row.state is AppraisalState.RECTIFYING


def test_publicity_holds_the_confirmation_back_until_it_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    del monkeypatch
    _, staff = make_base()
    cycle, first, second = make_cycle()
    row = graded(only(cycle), staff, "10")
    with unit_of_work():
        services.publish(cycle, by=first.actor, at=AT)
        row.publicity, row.publicity_passed_at = "notice-code", None
    with pytest.raises(ConflictError), unit_of_work():
        services.confirm(row, reason="x", by=second.actor, at=AT)
    session.rollback()

    with unit_of_work():
        publicity_passed(row.code, "another-notice", at=AT)
        assert row.publicity_passed_at is None
        publicity_passed(row.code, "notice-code", at=AT)
        publicity_passed("nobody", "notice-code", at=AT)
    with unit_of_work():
        services.confirm(row, reason="x", by=second.actor, at=AT)
    assert row.state is AppraisalState.CONFIRMED


def test_an_upheld_objection_brings_the_base_back_to_its_computation() -> None:
    _, staff = make_base()
    cycle, first, _ = make_cycle()
    row = graded(only(cycle), staff, "10")
    with unit_of_work():
        services.publish(cycle, by=first.actor, at=AT)
        reopen(row.code, at=AT)
        reopen(row.code, at=AT)
    assert row.state is AppraisalState.CHECKED
    assert todos(first) == [f"/performance/{cycle.code}"]
    with unit_of_work():
        services.grade(cycle, [row], by=None, at=AT)
    former = session.scalars(select(DecisionRecord.supersedes_id).order_by(DecisionRecord.id.desc())).first()
    assert former is not None


# ---- pages --------------------------------------------------------------------------------------------------------


def test_the_table_filters_sorts_and_is_sent_as_csv(browser_of: BrowserOf) -> None:
    _, staff = make_base()
    cycle, first, _ = make_cycle()
    graded(only(cycle), staff, "5")
    browser = browser_of(first)
    path = f"/performance/{cycle.code}"

    assert f"/performance/bases/{only(cycle).code}" in browser.get(f"{path}?state=graded&grade=pass&sort=-score").text
    assert f"/performance/bases/{only(cycle).code}" not in browser.get(f"{path}?grade=good&sort=base").text
    for sought in ("nowhere", "%25", "_"):
        assert f"/performance/bases/{only(cycle).code}" not in browser.get(f"{path}?text={sought}&page=9").text
    sent = browser.get(f"{path}/table.csv")
    assert sent.mimetype == "text/csv"
    assert "测试培训基地,370000,70.00,合格,等次已计算" in sent.text
    assert browser.get("/performance").status_code == 200
    assert browser.post(f"{path}/nonsense").status_code == 404
    city = browser_of(make_member(Role.REGULATOR, JINAN))
    assert city.get(path).status_code == 200
    assert city.post(f"{path}/compute").status_code == 403
    assert city.get("/performance").status_code == 200


@pytest.mark.one_database
def test_a_wrong_cycle_form_keeps_what_was_typed(browser_of: BrowserOf) -> None:
    browser = browser_of(make_member(Role.REGULATOR, SHANDONG))

    wrong = browser.post("/performance/cycles", data={"year": "2026", "report_until": ""})
    past = browser.post("/performance/cycles", data={"year": "2026", "report_until": "2026-01-01"})

    assert (wrong.status_code, past.status_code) == (422, 422)
    assert 'value="2026"' in wrong.text
    assert "该日已过" in past.text


@pytest.mark.one_database
def test_a_base_reads_no_grade_before_it_is_proposed(browser_of: BrowserOf) -> None:
    _, staff = make_base()
    cycle, first, _ = make_cycle()
    row = graded(only(cycle), staff, "10")
    browser = browser_of(staff)
    assert "计入总分" not in browser.get(f"/performance/bases/{row.code}").text
    assert "优秀" not in browser.get("/performance").text
    with unit_of_work():
        services.publish(cycle, by=first.actor, at=AT)
    assert "计入总分" in browser.get(f"/performance/bases/{row.code}").text
