"""A level that packs of a region define is examined: offered for a blueprint there, refused without a rule, named."""

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.accounts.states import Role
from app.assessment.exams import ticket_paper
from app.assessment.exams.models import Blueprint, ExamSession, Registration
from app.assessment.exams.queries.modules import level_told
from app.assessment.exams.room import room
from app.assessment.exams.rules.parameters import ExamRule
from app.assessment.exams.ticket_paper import Ticket
from app.core.db import session, unit_of_work
from app.core.text import speaking
from app.desk.queries.todos import in_words
from app.rulebook import queries as rulebook
from app.rulebook import services
from app.rulebook.facts import kind_of, label_of
from app.rulebook.models import RulePack
from app.settings import ROOT
from app.web import pdf
from tests.factories.accounts import MADE_AT, SHANDONG, Member, make_member
from tests.factories.exams import House, make_cohort, make_house, make_prepared
from tests.factories.rulebook import AWARD_LEVELS, make_published
from tests.integration.exams.test_papers import grid
from tests.submit import submit

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
CHIEF = "首席技术经理人"
LEVEL = AWARD_LEVELS.replace("junior", "chief").replace("初级技术经纪人", CHIEF)
ENGLISH = LEVEL.replace("Junior technology broker", "Chief technology manager")


@pytest.fixture
def house(app: Flask) -> House:
    del app
    made = make_house()
    make_published(params=ENGLISH)
    return made


def publish_exam_rule() -> None:
    """Let the region say what an exam of its own level takes, with the values of the junior one."""
    text = (Path(ROOT) / "content" / "rules" / "exam-junior-sample.toml").read_text("utf-8")
    for before, after in (
        ("exam-junior-sample", "exam-chief"),
        ("100000", SHANDONG),
        ('level = "junior"', 'level = "chief"'),
    ):
        text = text.replace(before, after)
    publish(text)


def publish(text: str) -> None:
    first, second = make_member(Role.REGULATOR, SHANDONG), make_member(Role.REGULATOR, SHANDONG)
    with unit_of_work():
        pack = services.load_draft(text, by=first.actor, at=MADE_AT)
        services.propose(pack, by=first.actor, at=MADE_AT)
        services.publish(pack, by=second.actor, at=MADE_AT)


def rename(pack: RulePack) -> None:
    """Publish a syllabus that calls the junior level otherwise."""
    text = pack.text.replace("初级技术经纪人", "初级技术经理人").replace(
        "Junior technology broker", "Junior technology manager"
    )
    publish(text.replace('code = "syllabus-junior-sample"', 'code = "syllabus-renamed"').replace("100000", SHANDONG))


def test_a_blueprint_is_drafted_for_a_level_of_the_region_once_a_rule_says_how(
    house: House, browser_of: Browser
) -> None:
    browser, page = browser_of(house.examiner), f"/exams/blueprints/new?bank={house.bank.code}"
    assert CHIEF in browser.get(page).text
    refused = submit(browser, page, **grid(level="chief"))
    assert refused.status_code == 422
    assert "本等级没有生效的考试规则" in refused.text
    assert submit(browser, page, **grid(level="master")).status_code == 422

    publish_exam_rule()

    made = submit(browser, page, **grid(level="chief"))
    assert made.status_code == 302
    assert CHIEF in browser.get(made.location).text
    assert CHIEF in browser.get("/exams/blueprints").text
    assert f"{CHIEF}：合格线不低于" in browser.get("/rules/exam-chief.1").text


def test_a_session_and_its_tickets_name_the_level(
    house: House, browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ticket as the syllabus of the paper does, a page as the pack that defines the level."""
    found, _people = make_prepared(house)
    syllabus = session.get_one(RulePack, make_cohort().syllabus_pack_id)
    rename(syllabus)
    printed = ""

    def keep(html: str, **_given: object) -> bytes:
        nonlocal printed
        printed = html
        return b""

    monkeypatch.setattr(pdf, "render_pdf", keep)
    registration = session.scalars(select(Registration)).first()
    assert registration is not None
    held = session.get_one(ExamSession, found.id)
    rule = ExamRule.model_validate(rulebook.by_code(held.rule_pack).params).of("junior")

    ticket_paper.tickets_pdf(held, rule, [Ticket(registration, None, "secret")])
    assert "初级技术经纪人 junior technology broker" in printed
    with unit_of_work():
        session.execute(update(Blueprint).values(syllabus_pack="syllabus-renamed.1"))
    ticket_paper.tickets_pdf(held, rule, [Ticket(registration, None, "secret")])
    assert "初级技术经理人 Junior technology manager" in printed

    with unit_of_work():
        session.execute(update(ExamSession).values(level="chief"))
    browser = browser_of(house.examiner)
    assert CHIEF in browser.get(f"/exams/sessions/{found.code}").text
    assert CHIEF in browser.get("/exams/sessions").text
    with speaking("zh_CN"):
        said = in_words(room.todo_kinds["exams.mark_afresh"], level_told(held), room.codes["exams.mark_afresh"])
    assert said == f"请重新评阅答卷：等级{CHIEF}"


@pytest.mark.parametrize("fact", ["exam.passed", "exam.score", "level.held", "training.completed"])
def test_criteria_name_a_level_that_a_published_pack_defines_and_no_other(house: House, fact: str) -> None:
    del house
    known = rulebook.catalogue()
    with speaking("zh_CN"):
        assert CHIEF in label_of(f"{fact}[chief]", known)
    for level in ("chief", "junior"):
        assert kind_of(f"{fact}[{level}]", known).name == fact
    with pytest.raises(ValueError, match="junior, intermediate, senior, chief"):
        kind_of(f"{fact}[master]", known)
