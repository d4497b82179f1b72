"""A training base with its lecturer, a small course, cohorts, rosters and trainees for tests."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.accounts.actors import actor_of
from app.accounts.models import Membership, Organisation, Person
from app.accounts.rules.identity import check_digit
from app.accounts.states import Role
from app.bases.models import TrainingBase
from app.bases.states import BaseState
from app.core.db import session, unit_of_work
from app.core.lazily import lazily
from app.courses import services
from app.courses.models import Cohort, Course, Enrolment
from app.courses.queries import cohorts as queries
from app.courses.queries import learning, rosters
from tests.factories.accounts import LIXIA, MADE_AT, Member, make_member, make_organisation
from tests.factories.exams import make_pack
from tests.worlds import built_once

if TYPE_CHECKING:
    import openpyxl
else:
    openpyxl = lazily("openpyxl")  # the bench measures the memory of a process that makes no workbook

START = date(2026, 3, 2)
END = date(2026, 6, 30)
BEFORE = datetime(2026, 2, 20, 2, tzinfo=UTC)
DURING = datetime(2026, 3, 10, 2, tzinfo=UTC)
MODULES = ("general", "policy", "practice", "capability")
HOURS = {"general": "2.0", "policy": "3.5", "practice": "3.5", "capability": "2.0"}
MINUTES = 10
HEADINGS = ("姓名", "证件类型", "证件号码", "手机", "邮箱", "单位")
_numbers = count(1)


@dataclass(frozen=True)
class School:
    """An accredited base, who runs it and teaches there, and a course of four lessons."""

    organisation: Organisation
    base: Member
    lecturer: Member
    course: Course


def make_course_folder(folder: Path) -> Path:
    """Write a small course: one lesson a module, two quiz items each, a drawing in the first."""
    (folder / "figures").mkdir(parents=True)
    (folder / "figures" / "road.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 320"><title>路</title></svg>', encoding="utf-8"
    )
    head = (
        'code = "small"\nversion = "1"\ntitle_zh = "小课程"\ntitle_en = "Small course"\nlevel = "junior"\n'
        'summary_zh = "四课。"\nsummary_en = "Four lessons."\n'
    )
    lessons = []
    for number, module in enumerate(MODULES, start=1):
        code = f"S0{number}"
        lessons.append(
            f'[[lessons]]\ncode = "{code}"\ntitle_zh = "第{number}讲"\ntitle_en = "Lecture {number}"\n'
            f'module = "{module}"\nclass_hours = "{HOURS[module]}"\nminimum_minutes = {MINUTES}\n'
            f'file = "{code}.md"\nquiz = "{code}.gift"\n'
            '[[lessons.objectives]]\ntopic = "t"\ntext_zh = "会做"\ntext_en = "Can do it"\n'
            '[[lessons.sources]]\nlaw = "民法典"\narticle = "843"\nversion = "2021"\nread = true\n'
        )
        drawing = "![一条路](figures/road.svg)\n\n" if number == 1 else ""
        (folder / f"{code}.md").write_text(
            f"{drawing}正文<script>alert(1)</script>。\n\n| 甲 | 乙 |\n|---|---|\n| 一 | 二 |\n", encoding="utf-8"
        )
        (folder / f"{code}.gift").write_text(_quiz(code, module), encoding="utf-8")
    (folder / "course.toml").write_text(head + "\n".join(lessons), encoding="utf-8")
    return folder


def _quiz(code: str, module: str) -> str:
    tags = f"[tag:module={module}] [tag:level=apply] [tag:difficulty=0.6] [tag:topic=题] [tag:read=yes]"
    return (
        f"// [id:{code}-1] {tags}\n::{code}-1::{code}第一题，正确的是（ ）。{{\n"
        "=对的一\n~错的一\n####因为如此一。\n}\n\n"
        f"// [id:{code}-2] {tags}\n::{code}-2::{code}第二题，正确的有（ ）。{{\n"
        "~%50%对的二\n~%50%对的三\n~%-100%错的二\n####因为如此二。\n}\n"
    )


def make_base(*, accredited: bool = True, region: str = LIXIA) -> tuple[Organisation, Member, Member]:
    """Make a base with an administrator and a lecturer; accredited for the junior level, or still applying."""
    organisation = make_organisation(region=region)
    base = make_member(Role.BASE, region, organisation)
    lecturer = make_member(Role.LECTURER, region, organisation)
    regulator = make_member(Role.REGULATOR)
    with unit_of_work():
        session.add(
            TrainingBase(
                organisation_id=organisation.id,
                region_code=region,
                state=BaseState.ACCREDITED if accredited else BaseState.APPLIED,
                levels=["junior"],
                address_zh="测试路一号",
                address_en="1 Test Road",
                capacity=5000,
                applied_at=MADE_AT,
                accredited_on=date(2020, 1, 1) if accredited else None,
                accredited_until=date(2030, 1, 1) if accredited else None,
                decided_by_id=regulator.person.id if accredited else None,
                decided_at=MADE_AT if accredited else None,
                reason="符合条件" if accredited else None,
            )
        )
    return organisation, base, lecturer


@built_once
def make_school() -> School:
    """Make an accredited base under the published syllabus, with the small course loaded."""
    make_pack("syllabus", "syllabus-junior-sample.toml")
    organisation, base, lecturer = make_base()
    author = make_member(Role.AUTHOR, organisation=organisation)
    with TemporaryDirectory() as folder, unit_of_work():
        course = services.load_course(make_course_folder(Path(folder)), by=author.actor, at=MADE_AT)
    return School(organisation, base, lecturer, course)


@built_once
def make_cohort(school: School, *, capacity: int = 100, opened: bool = True) -> Cohort:
    """Plan a cohort of a school, and open it."""
    with unit_of_work():
        cohort = services.plan_cohort(
            queries.course(school.course.code),
            name=f"测试班{next(_numbers)}",
            starts_on=START,
            ends_on=END,
            capacity=capacity,
            lecturers=[school.lecturer.person],
            by=school.base.actor,
            at=BEFORE,
        )
        if opened:
            services.open_cohort(cohort, by=school.base.actor, at=BEFORE)
    return cohort


def roster_rows(number: int, start: int = 0) -> list[list[str]]:
    """Return good roster rows of people who do not exist yet."""
    return [
        [f"学员{place}", "居民身份证", document_number(place), f"138{place:08d}", f"t{place}@demo.example", "测试单位"]
        for place in range(start, start + number)
    ]


def document_number(place: int) -> str:
    """Return a formally valid number of the test range: Qingdao, born on 1 January of some year."""
    first = f"370202{1900 + place // 1000}0101{place % 1000:03d}"
    return first + check_digit(first)


def xlsx(rows: Iterable[Sequence[object]], headings: Sequence[str] = HEADINGS) -> bytes:
    """Return rows as an xlsx file."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(list(headings))
    for row in rows:
        sheet.append(list(row))
    packed = io.BytesIO()
    book.save(packed)
    return packed.getvalue()


def enrol(school: School, cohort: Cohort, number: int = 1) -> list[Enrolment]:
    """Invite people by a roster, through the services."""
    start = next(_numbers) * 50
    with unit_of_work():
        found = queries.own_cohort(cohort.code, school.base.actor)
        read = services.read_roster(xlsx(roster_rows(number, start)), "名单.xlsx")
        roster = services.stage_roster(found, read, by=school.base.actor, at=BEFORE)
        services.commit_roster(found, roster, only_good=False, by=school.base.actor, at=BEFORE)
        return rosters.made(roster)


def trainee_of(enrolment: Enrolment) -> Member:
    """Return the trainee of an enrolment."""
    person = session.get_one(Person, enrolment.person_id)
    query = select(Membership).where(Membership.person_id == person.id, Membership.role == Role.TRAINEE)
    membership = session.scalars(query).one()
    return Member(person, membership, actor_of(person, membership))


def make_trainee(school: School, cohort: Cohort) -> tuple[Member, Enrolment]:
    """Make a trainee who has confirmed the enrolment."""
    enrolment = enrol(school, cohort)[0]
    member = trainee_of(enrolment)
    with unit_of_work():
        own = learning.own_enrolment(enrolment.code, member.actor)
        services.confirm(own, by=member.actor, at=BEFORE)
    return member, enrolment


def later(minutes: int) -> datetime:
    """Return an instant some minutes into the lessons."""
    return DURING + timedelta(minutes=minutes)
