"""An exam body with bank, rule pack, trained people, papers and sessions for tests."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from hashlib import sha256
from itertools import count, cycle
from pathlib import Path

from babel.support import NullTranslations
from sqlalchemy import select

from app.accounts.models import Organisation, Person
from app.accounts.states import OrganisationKind, Role
from app.assessment.exams.models import Attempt, Blueprint, ExamSession, Paper
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import sessions as sessions_queries
from app.assessment.exams.queries import sittings as sittings_queries
from app.assessment.exams.services import papers, results, sealing, sessions, sitting
from app.assessment.exams.services.answers import Answer, Writer
from app.assessment.exams.services.drafts import Draft
from app.assessment.exams.services.sessions import Plan
from app.core import jobs
from app.core.db import session, unit_of_work
from app.courses.models import ClassHour, Cohort, Course, Enrolment, Lesson
from app.courses.states import CohortState, EnrolmentState
from app.items.models import Item, ItemBank, ItemVersion
from app.items.states import CognitiveLevel, ItemState, ItemType, Purpose
from app.rulebook.models import RulePack
from app.rulebook.states import PackState, Tag
from app.settings import ROOT
from app.web.catalogues import load
from tests.factories.accounts import LONG_AGO, MADE_AT, NATION, SHANDONG, Member, make_member, make_organisation
from tests.factories.kinds import content
from tests.worlds import built_once

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
OPENS = NOW + timedelta(hours=1)
CLOSES = OPENS + timedelta(hours=2)
MINUTES = 60
MODULES = ("general", "policy", "practice", "capability")
CELLS = {(module, "recall"): 2 for module in MODULES} | {(module, "apply"): 1 for module in MODULES}
ITEMS = sum(CELLS.values())
CHOICES = (ItemType.SINGLE, ItemType.MULTIPLE, ItemType.TRUE_FALSE)
_numbers = count(1)


@dataclass(frozen=True)
class House:
    """An exam body with two examiners and a full bank, under published rules."""

    body: Organisation
    examiner: Member
    examiner2: Member
    bank: ItemBank


@cache
def _words() -> NullTranslations:
    return load("zh_CN")


def said(message: str, **params: object) -> str:
    """Return what a Chinese page says for a message, whatever words the catalogue chose."""
    text = _words().gettext(message)
    return text % params if params else text


def make_pack(kind: str, file: str) -> RulePack:
    """Publish a shipped pack as two regulators would, without them; once."""
    text = (Path(ROOT) / "content" / "rules" / file).read_text("utf-8")
    given = tomllib.loads(text)
    known = session.scalar(select(RulePack).where(RulePack.kind == kind))
    if known is not None:
        return known
    one, two = make_member(Role.REGULATOR, NATION), make_member(Role.REGULATOR, NATION)
    with unit_of_work():
        pack = RulePack(
            code=f"{given['code']}.1",
            series=given["code"],
            kind=kind,
            region_code=given["region"],
            name_zh=given["name_zh"],
            name_en=given["name_en"],
            starts_on=given["starts_on"],
            tag=Tag(given["tag"]),
            source=given["source"],
            params=given["params"],
            text=text,
            state=PackState.PUBLISHED,
            drafted_at=MADE_AT,
            proposed_by_id=one.person.id,
            proposed_at=MADE_AT,
            published_by_id=two.person.id,
            published_at=MADE_AT,
        )
        session.add(pack)
        return pack


STEM = "下列关于技术合同的说法，哪一项正确？"
"""What every choice asks after its number; tests of what is shown ask something richer."""


def make_bank(body: Organisation, *, per_cell: int = 3, of_types: Sequence[ItemType] = CHOICES) -> ItemBank:
    """Make a bank of approved items: `per_cell` for each module and cognitive level."""
    author, reviewer = make_member(Role.AUTHOR, organisation=body), make_member(Role.REVIEWER, organisation=body)
    kinds = cycle(of_types)
    with unit_of_work():
        bank = ItemBank(
            code=f"bank-{next(_numbers)}",
            name_zh="测试题库",
            name_en="Test bank",
            organisation_id=body.id,
            purpose=Purpose.EXAM,
            reviewers=1,
            created_at=MADE_AT,
        )
        session.add(bank)
        session.flush()
        for module in MODULES:
            for level in CognitiveLevel:
                for _ in range(per_cell):
                    _add_item(bank, module, level, next(kinds), author=author, reviewer=reviewer)
    return bank


def _add_item(
    bank: ItemBank, module: str, level: CognitiveLevel, kind: ItemType, *, author: Member, reviewer: Member
) -> None:
    number = next(_numbers)
    item = Item(
        bank_id=bank.id,
        code=f"JJ-{number:04d}",
        state=ItemState.APPROVED,
        author_id=author.person.id,
        created_at=MADE_AT,
        approved_by_id=reviewer.person.id,
        approved_at=MADE_AT,
    )
    session.add(item)
    session.flush()
    keys = "AB" if kind is ItemType.TRUE_FALSE else "ABCD"
    stem = f"第{number}题：{STEM}"
    said: dict[str, object] = {
        "stem": stem,
        "options": [{"key": key, "text": f"选项{key}（第{number}题）"} for key in keys],
        "key": ["A", "C"] if kind is ItemType.MULTIPLE else ["B"],
    }
    session.add(
        ItemVersion(
            item_id=item.id,
            number=1,
            **(said if kind in CHOICES else content(kind, number)),
            type=kind,
            module=module,
            level=level,
            difficulty=Decimal(40 + number % 50) / 100,
            source_read=True,
            content_hash=sha256(stem.encode()).hexdigest(),
            created_at=MADE_AT,
        )
    )


@built_once
def make_house(*, per_cell: int = 3, of_types: Sequence[ItemType] = CHOICES) -> House:
    """Make an exam body of Shandong with everything an exam needs."""
    make_pack("exam", "exam-junior-sample.toml")
    body = make_organisation(kind=OrganisationKind.EXAM_BODY, name_zh="测试考试机构", name_en="Test exam body")
    return House(
        body,
        make_member(Role.EXAMINER, organisation=body),
        make_member(Role.EXAMINER, organisation=body),
        make_bank(body, per_cell=per_cell, of_types=of_types),
    )


def make_draft(**changes: object) -> Draft:
    """Make a blueprint's draft of twelve items that the sample rule allows."""
    given: dict[str, object] = {
        "name_zh": "初级卷",
        "name_en": "Junior paper",
        "level": "junior",
        "cells": CELLS,
        "points_per_item": Decimal("2.5"),
        "minutes": MINUTES,
        "difficulty_target": Decimal("0.65"),
        "cut_score": Decimal(18),
    }
    return Draft(**{**given, **changes})  # type: ignore[arg-type]


def make_blueprint(house: House, **changes: object) -> Blueprint:
    """Draft a blueprint as the first examiner."""
    with unit_of_work():
        return papers.draft_blueprint(bank=house.bank, draft=make_draft(**changes), by=house.examiner.actor, at=NOW)


@built_once
def make_paper(house: House, *, seed: int = 7) -> Paper:
    """Assemble a paper as the first examiner."""
    blueprint = make_blueprint(house)
    with unit_of_work():
        paper = papers.assemble_paper(blueprint, by=house.examiner.actor, at=NOW, seed=seed)
    return papers_queries.paper(paper.code, house.examiner.actor)


@built_once
def make_frozen_paper(house: House) -> Paper:
    """Assemble a paper, sign it as the first examiner and let the second freeze it."""
    code = make_signed_paper(house).code
    with unit_of_work():
        paper = papers_queries.paper(code, house.examiner2.actor)
        sealing.freeze_paper(paper, by=house.examiner2.actor, at=NOW)
    return paper


def make_signed_paper(house: House) -> Paper:
    """Assemble a paper and sign it as the first examiner."""
    code = make_paper(house).code
    with unit_of_work():
        paper = papers_queries.paper(code, house.examiner.actor)
        sealing.sign_paper(paper, by=house.examiner.actor, at=NOW)
    return paper


def make_plan(**changes: object) -> Plan:
    """Make the plan of a session that opens in an hour."""
    given: dict[str, object] = {
        "name_zh": "三月场",
        "name_en": "March session",
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "minutes": MINUTES,
        "region_code": SHANDONG,
    }
    return Plan(**{**given, **changes})  # type: ignore[arg-type]


@built_once
def make_session(house: House, **changes: object) -> ExamSession:
    """Plan a session on a frozen paper as the first examiner."""
    code = make_frozen_paper(house).code
    with unit_of_work():
        paper = papers_queries.paper(code, house.examiner.actor)
        return sessions.create_session(paper=paper, plan=make_plan(**changes), by=house.examiner.actor, at=NOW)


@built_once
def make_cohort(region: str = SHANDONG) -> Cohort:
    """Make an open cohort of a junior course with one lesson in each module."""
    pack = make_pack("syllabus", "syllabus-junior-sample.toml")
    base = make_organisation(region=region)
    staff = make_member(Role.BASE, region, base)
    with unit_of_work():
        course = Course(
            code=f"course-{next(_numbers)}",
            level="junior",
            title_zh="初级基础",
            title_en="Junior foundation",
            summary_zh="",
            summary_en="",
            loaded_at=MADE_AT,
        )
        session.add(course)
        session.flush()
        session.add_all(_lesson(course, place, module) for place, module in enumerate(MODULES, start=1))
        cohort = Cohort(
            base_organisation_id=base.id,
            region_code=region,
            course_id=course.id,
            syllabus_pack_id=pack.id,
            name=f"班次{next(_numbers)}",
            starts_on=LONG_AGO,
            ends_on=date(2026, 12, 31),
            capacity=100,
            state=CohortState.OPEN,
            created_by_id=staff.person.id,
            created_at=MADE_AT,
            opened_by_id=staff.person.id,
        )
        session.add(cohort)
    return cohort


def _lesson(course: Course, place: int, module: str) -> Lesson:
    return Lesson(
        course_id=course.id,
        code=f"L{place:02d}",
        position=place,
        title_zh="一课",
        title_en="A lesson",
        module=module,
        hours=Decimal(10),
        minimum_minutes=0,
        objectives=[],
        body="",
        content_hash="none",
        figures={},
        quiz=[],
        sources=[],
    )


def make_trainee(cohort: Cohort, *, completed: bool = True, hours: int = 10, person: Person | None = None) -> Member:
    """Enrol a trainee who has collected `hours` in each module and, if said so, completed the course."""
    trainee = make_member(Role.TRAINEE, cohort.region_code, person=person)
    with unit_of_work():
        enrolment = Enrolment(
            cohort_id=cohort.id,
            person_id=trainee.person.id,
            state=EnrolmentState.COMPLETED if completed else EnrolmentState.ENROLLED,
            invited_at=MADE_AT,
            invited_by_id=cohort.created_by_id,
            enrolled_at=MADE_AT,
            completed_at=MADE_AT if completed else None,
        )
        session.add(enrolment)
        session.flush()
        lessons = session.scalars(select(Lesson).where(Lesson.course_id == cohort.course_id))
        session.add_all(
            ClassHour(
                enrolment_id=enrolment.id,
                lesson_id=lesson.id,
                module=lesson.module,
                hours=Decimal(hours),
                at=MADE_AT,
            )
            for lesson in lessons
        )
    return trainee


@built_once
def make_prepared(house: House, *, candidates: int = 1, **changes: object) -> tuple[ExamSession, list[Member]]:
    """Plan a session, register completed trainees and prepare their papers."""
    planned = make_session(house, **changes)
    cohort = make_cohort()
    trainees = [make_trainee(cohort) for _ in range(candidates)]
    prepare(house, planned)
    return planned, trainees


def prepare(house: House, planned: ExamSession) -> None:
    """Register who is eligible and run the preparation."""
    with unit_of_work():
        found = sessions_queries.exam_session(planned.code, house.examiner.actor)
        sessions.register_eligible(found, by=house.examiner.actor, at=NOW)
        sessions.ask_to_prepare(found, by=house.examiner.actor, at=NOW)
    jobs.work()


def attempt_of(member: Member) -> Attempt:
    """Return the one sitting of a trainee as it is now."""
    query = select(Attempt).where(Attempt.person_id == member.person.id).execution_options(populate_existing=True)
    return session.scalars(query).one()


def start(member: Member, at: datetime = OPENS) -> Writer:
    """Start a trainee's sitting and let a page hold it."""
    code = attempt_of(member).code
    writer = Writer(code, "page-of-tests", member.actor)
    with unit_of_work():
        sitting.start(sitting_of(member), by=member.actor, at=at)
        sitting.take_over(writer, at=at)
    return writer


def sitting_of(member: Member) -> Attempt:
    """Return the trainee's sitting as the pages read it."""
    return sittings_queries.own_attempt(attempt_of(member).code, member.actor)


def answer(
    position: int, sequence: int = 1, choice: str = "A", *, review: bool = False, at: datetime | None = None
) -> Answer:
    """Make an answer as a page would send it."""
    return Answer(position, sequence, {"choice": list(choice)}, review, at)


def release(house: House, found: ExamSession, *, at: datetime) -> None:
    """Mark, propose and release a session whose window has closed."""
    code = found.code
    with unit_of_work():
        sitting.collect(at=at)
        results.ask_to_mark(sessions_queries.exam_session(code, house.examiner.actor), by=house.examiner.actor, at=at)
    jobs.work()
    with unit_of_work():
        held = sessions_queries.exam_session(code, house.examiner.actor)
        results.propose_release(held, by=house.examiner.actor, at=at)
    with unit_of_work():
        held = sessions_queries.exam_session(code, house.examiner2.actor)
        results.release(held, by=house.examiner2.actor, at=at)
    jobs.work()
