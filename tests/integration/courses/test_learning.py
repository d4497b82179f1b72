"""Learning: reading time by the domain clock, quizzes with explanations, hours once, completion by itself."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, inspect, select, update

from app.accounts.states import Role
from app.core import files
from app.core.access import Actor
from app.core.db import session, unit_of_work
from app.core.errors import DomainError
from app.core.events import Event
from app.courses import demo, queries, services
from app.courses.models import ClassHour, Enrolment, LessonProgress, QuizTry
from app.courses.queries import cohorts, learning
from app.courses.states import EnrolmentState
from app.items.models import Item, ItemVersion
from app.settings import ROOT
from tests.factories.accounts import GUANGDONG, SHANDONG, Member, make_member
from tests.factories.courses import DURING, MINUTES, School, enrol, later, make_cohort, make_trainee, trainee_of
from tests.factories.pictures import png
from tests.submit import submit
from tests.worlds import built_once

Browser = Callable[..., FlaskClient]
Clock = Callable[[datetime], None]


@pytest.fixture
@built_once
def trained(school: School) -> tuple[Member, Enrolment]:
    return make_trainee(school, make_cohort(school))


def answers(enrolment: Enrolment, member: Member, lesson: str, *, right: bool = True) -> dict[str, Any]:
    own = learning.own_enrolment(enrolment.code, member.actor)
    items = learning.quiz(own.cohort.course, learning.lesson(own, lesson).quiz)
    wrong = {item.id: [option["key"] for option in item.options if option["key"] not in item.key] for item in items}
    return {f"item_{item.id}": list(item.key) if right else wrong[item.id][:1] for item in items}


def start(browser: FlaskClient, enrolment: Enrolment, lesson: str) -> str:
    address = f"/learning/{enrolment.code}/lessons/{lesson}"
    assert submit(browser, f"{address}/open", page=address).status_code == 302
    return address


def read_on(browser: FlaskClient, address: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(submit(browser, f"{address}/reading", page=address).data)
    return told


def collected() -> int:
    return session.scalar(select(func.count()).select_from(ClassHour)) or 0


def test_a_trainee_confirms_and_finds_the_course(school: School, browser_of: Browser) -> None:
    enrolment = enrol(school, make_cohort(school))[0]
    browser = browser_of(trainee_of(enrolment))
    assert "请确认报名" in browser.get("/home").text
    address = f"/learning/{enrolment.code}"
    assert "确认报名" in browser.get(address).text
    assert submit(browser, f"{address}/confirm", page=address).status_code == 302
    page = browser.get(address).text
    assert "继续学习第1课" in page
    assert "0 / 3.5" in page, "hours collected of those required"
    assert "学习课程：小课程" in browser.get("/home").text
    assert "小课程" in browser.get("/learning").text
    assert submit(browser, f"{address}/confirm", page=address).status_code == 409


def test_lessons_wait_for_the_confirmation(school: School, browser_of: Browser) -> None:
    enrolment = enrol(school, make_cohort(school))[0]
    browser = browser_of(trainee_of(enrolment))
    address = f"/learning/{enrolment.code}/lessons/S01"
    refused = submit(browser, f"{address}/open", page=address)
    assert refused.status_code == 409
    assert "请先确认报名" in refused.text


def test_a_lesson_shows_its_text_safely(trained: tuple[Member, Enrolment], browser_of: Browser) -> None:
    member, enrolment = trained
    browser = browser_of(member)
    address = start(browser, enrolment, "S01")
    page = browser.get(address).text
    assert "&lt;script&gt;" in page, "no HTML comes through"
    assert '<div class="table-scroll"' in page
    assert 'width="640" height="320"' in page
    drawing = browser.get(f"{address}/figures/road.svg")
    assert drawing.mimetype == "image/svg+xml"
    assert "sandbox" in drawing.headers["Content-Security-Policy"]
    drawing.close()
    for missing in ("figures/other.svg", "video.webm", "video.exe", "quiz/7"):
        assert browser.get(f"{address}/{missing}").status_code == 404
    assert browser.get(f"/learning/{enrolment.code}/lessons/S99").status_code == 404
    browser.set_cookie("lang", "en")
    assert "The text of this lesson is in Chinese" in browser.get(address).text
    for page_of in (f"{address}/quiz", f"/learning/{enrolment.code}", "/learning"):
        assert browser.get(page_of).status_code == 200


def test_another_trainee_opens_nothing_of_mine(
    school: School, trained: tuple[Member, Enrolment], browser_of: Browser
) -> None:
    _member, enrolment = trained
    stranger, _other = make_trainee(school, make_cohort(school))
    browser = browser_of(stranger)
    for path in ("", "/lessons/S01", "/lessons/S01/figures/road.svg", "/lessons/S01/quiz"):
        assert browser.get(f"/learning/{enrolment.code}{path}").status_code == 404


def test_a_quiz_failed_then_passed_collects_the_hours_once(
    trained: tuple[Member, Enrolment], browser_of: Browser, at_time: Clock
) -> None:
    member, enrolment = trained
    browser = browser_of(member)
    address = start(browser, enrolment, "S01")
    at_time(later(MINUTES + 1))
    quiz = f"{address}/quiz"
    assert submit(browser, quiz).status_code == 422, "every question wants an answer"
    failed = submit(browser, quiz, **answers(enrolment, member, "S01", right=False))
    page = browser.get(failed.location).text
    assert "尚未通过" in page
    assert "因为如此一" in page, "with the explanation"
    assert collected() == 0
    given = answers(enrolment, member, "S01")
    passed = submit(browser, quiz, **given)
    assert "本课学时已取得" in browser.get(passed.location).text
    submit(browser, quiz, **given)
    assert submit(browser, f"{address}/collect", page=quiz).status_code == 302
    assert collected() == 1
    assert queries.hours_by_module(enrolment.id) == {"general": Decimal(2)}
    assert session.scalar(select(func.count()).select_from(QuizTry)) == 3
    assert "2 / 2" in browser.get(f"/learning/{enrolment.code}").text


def test_hours_wait_until_the_least_time_is_read(
    trained: tuple[Member, Enrolment], browser_of: Browser, at_time: Clock
) -> None:
    member, enrolment = trained
    browser = browser_of(member)
    address = start(browser, enrolment, "S01")
    at_time(later(4) + timedelta(seconds=30))
    passed = submit(browser, f"{address}/quiz", **answers(enrolment, member, "S01"))
    assert "还需阅读6分钟" in browser.get(passed.location).text
    early = submit(browser, f"{address}/collect", page=address)
    assert early.status_code == 422
    assert collected() == 0
    at_time(later(11))
    assert submit(browser, f"{address}/collect", page=address).status_code == 302
    assert collected() == 1


def test_signs_of_reading_count_at_most_a_minute_each(
    trained: tuple[Member, Enrolment], browser_of: Browser, at_time: Clock
) -> None:
    member, enrolment = trained
    browser = browser_of(member)
    address = start(browser, enrolment, "S01")
    submit(browser, f"{address}/quiz", **answers(enrolment, member, "S01"))
    at_time(later(2))
    assert read_on(browser, address)["read"] == 1
    at_time(later(60))
    left = read_on(browser, address)
    assert left["read"] == 2, "an hour away is not an hour read"
    assert not left["collected"]
    for minute in range(62, 80, 2):
        at_time(later(minute))
        left = read_on(browser, address)
    assert left["collected"], "the hours come by themselves once both are met"
    assert collected() == 1


def test_lessons_count_within_the_days_of_the_cohort_only(
    trained: tuple[Member, Enrolment], browser_of: Browser, at_time: Clock
) -> None:
    member, enrolment = trained
    browser = browser_of(member)
    at_time(datetime(2026, 7, 1, 2, tzinfo=UTC))
    address = f"/learning/{enrolment.code}/lessons/S01"
    refused = submit(browser, f"{address}/open", page=address)
    assert refused.status_code == 409
    assert "2026-06-30" in refused.text


def finish(member: Member, enrolment: Enrolment, lessons: tuple[str, ...]) -> None:
    """Learn lessons through the services, each in its least time."""
    at = DURING
    for code in lessons:
        given = {int(name[5:]): keys for name, keys in answers(enrolment, member, code).items()}
        for step in ("open", "answer"):
            with unit_of_work():
                own = learning.own_enrolment(enrolment.code, member.actor)
                lesson = learning.lesson(own, code)
                if step == "open":
                    services.open_lesson(own, lesson, by=member.actor, at=at)
                else:
                    services.answer_quiz(own, lesson, given, by=member.actor, at=at + timedelta(minutes=MINUTES))
        at += timedelta(minutes=MINUTES)


def test_the_last_required_hour_completes_the_training(
    school: School, trained: tuple[Member, Enrolment], browser_of: Browser
) -> None:
    member, enrolment = trained
    finish(member, enrolment, ("S01", "S02", "S03"))
    assert queries.completed(member.person.id, "junior") is None
    finish(member, enrolment, ("S04",))
    session.expire_all()
    done = queries.completed(member.person.id, "junior")
    assert done is not None
    assert done.state is EnrolmentState.COMPLETED
    assert queries.required_hours(done.cohort) == queries.hours_by_module(enrolment.id)
    cohort = done.cohort.code
    event = session.scalars(select(Event).where(Event.kind == "courses.completed")).one()
    assert event.rule == "syllabus-junior-sample.1"
    assert "已结业" in browser_of(member).get(f"/learning/{enrolment.code}").text
    assert school.lecturer.person.id in queries.trained_by(enrolment.id)
    assert school.base.person.id in queries.trained_by(enrolment.id)
    assert "11" in browser_of(school.base).get(f"/cohorts/{cohort}").text


@pytest.mark.parametrize(("region", "seen"), [(SHANDONG, 1), (GUANGDONG, 0)])
def test_completed_enrolments_are_given_by_region(trained: tuple[Member, Enrolment], region: str, seen: int) -> None:
    member, enrolment = trained
    finish(member, enrolment, ("S01", "S02", "S03", "S04"))
    actor: Actor = make_member(Role.EXAMINER, region).actor
    assert len(session.scalars(queries.completed_enrolments("junior", actor)).all()) == seen


def test_a_withdrawn_trainee_learns_no_more(
    school: School, trained: tuple[Member, Enrolment], browser_of: Browser
) -> None:
    member, enrolment = trained
    with unit_of_work():
        found = learning.own_enrolment(enrolment.code, member.actor).cohort
        services.withdraw(
            found, cohorts.enrolment(enrolment.code, found), reason="离职", by=school.base.actor, at=DURING
        )
    address = f"/learning/{enrolment.code}/lessons/S01"
    assert submit(browser_of(member), f"{address}/open", page=address).status_code == 409


def test_a_stranger_may_not_act_for_a_trainee(school: School, trained: tuple[Member, Enrolment]) -> None:
    member, enrolment = trained
    own = learning.own_enrolment(enrolment.code, member.actor)
    with pytest.raises(DomainError):
        services.open_lesson(own, learning.lesson(own, "S01"), by=school.base.actor, at=DURING)
    assert session.scalar(select(func.count()).select_from(LessonProgress)) == 0


def test_learning_pages_cost_few_statements(
    trained: tuple[Member, Enrolment], browser_of: Browser, count_statements: Callable[[], list[str]]
) -> None:
    member, enrolment = trained
    browser = browser_of(member)
    address = start(browser, enrolment, "S01")
    for page in ("/learning", f"/learning/{enrolment.code}", address, f"{address}/quiz"):
        statements = count_statements()
        browser.get(page)
        assert len(statements) < 12, (page, statements)


def test_the_demo_loads_once_with_trainees_at_various_points(school: School, app: Flask) -> None:
    assert app.testing
    given: dict[str, Any] = {
        "course_folder": ROOT / "content" / "courses" / "junior-foundation",
        "roster": ROOT / "content" / "rosters" / "junior-40.xlsx",
        "name": "演示班",
        "author": make_member(Role.AUTHOR, organisation=school.organisation).actor,
        "base": school.base.actor,
        "lecturers": [school.lecturer.person],
        "at": DURING,
        "lessons_of": [10, 3] + [-1] * 38,
    }
    assert demo.load(**given) == 40
    assert demo.load(**given) == 0
    states = {row.state for row in session.scalars(select(Enrolment))}
    assert states == {EnrolmentState.COMPLETED, EnrolmentState.ENROLLED, EnrolmentState.INVITED}


STEM = "设 $x^2=4$，见下表与图：\n\n| 年份 | 收入 |\n|---|---|\n| 2025 | 120 |\n\n![流程图](stored:{picture})"


def reworded(enrolment: Enrolment, member: Member, picture: str, beside: str) -> ItemVersion:
    """Give the first question of a lesson a table, formulas and a picture, another one in its explanation."""
    own = learning.own_enrolment(enrolment.code, member.actor)
    was = learning.quiz(own.cohort.course, learning.lesson(own, "S01").quiz)[0]
    columns = {one.key: getattr(was, one.key) for one in inspect(ItemVersion).column_attrs if one.key != "id"}
    options = [{**one, "text": f"{one['text']} $\\frac{{1}}{{2}}$"} for one in was.options]
    changed = {
        "number": 2,
        "stem": STEM.format(picture=picture),
        "options": options,
        "explanation": f"因为 $y=1$。\n\n![说明图](stored:{beside})",
    }
    with unit_of_work():
        version = ItemVersion(**{**columns, **changed})
        session.add(version)
        session.execute(update(Item).where(Item.id == was.item_id).values(number=2))
    return version


def test_a_quiz_shows_tables_formulas_and_pictures_in_full_before_and_after_the_answer(
    trained: tuple[Member, Enrolment], browser_of: Browser
) -> None:
    member, enrolment = trained
    browser = browser_of(member)
    address = start(browser, enrolment, "S01")
    with unit_of_work():
        picture, beside, other = (
            files.store(png(shade), name="p.png", media_type="image/png").sha256 for shade in (10, 20, 30)
        )
    version = reworded(enrolment, member, picture, beside)
    field = f"item_{version.id}"
    session.rollback()

    page = browser.get(f"{address}/quiz").text

    shown = ("<math", "<table", 'alt="流程图"', f"{address}/quiz/files/{picture}", f'aria-describedby="{field}-stem')
    assert [text for text in shown if text not in page] == []
    assert page.count("<mfrac") == len(version.options), "options are rendered as well"
    assert "$" not in page.split("<main")[1]
    assert "因为" not in page
    sent = [browser.get(f"{address}/quiz/files/{one}") for one in (picture, beside, other)]
    assert [one.status_code for one in sent] == [200, 404, 404], "the explanation's picture comes with the answer"
    refused = submit(browser, f"{address}/quiz").text
    assert f'aria-describedby="{field}-stem {field}-error"' in refused

    result = submit(browser, f"{address}/quiz", **answers(enrolment, member, "S01", right=False)).location
    page = browser.get(result).text
    shown = ("<math", "<table", 'alt="流程图"', 'alt="说明图"', f"{address}/quiz/files/{beside}")
    assert [text for text in shown if text not in page] == []
    assert "$" not in page.split("<main")[1]
    assert browser.get(f"{address}/quiz/files/{beside}").status_code == 200
    stranger = browser_of(make_member(Role.TRAINEE))
    assert stranger.get(f"{address}/quiz/files/{picture}").status_code == 404
