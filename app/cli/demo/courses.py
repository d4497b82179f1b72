"""The course of the demo and two cohorts: one of last spring, one that is learning now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook

from app.accounts import queries as accounts
from app.accounts.services import open_field
from app.cli.demo.step import CONTENT, Demo, acting_as
from app.core import clock
from app.courses import demo as courses

FOLDER = CONTENT / "courses" / "junior-foundation"
ROSTER = CONTENT / "rosters" / "junior-40.xlsx"
# zh: invented records are named in Chinese
SPRING = "2026年春季初级班"
SPRING_AT = datetime(2026, 3, 9, 9, 0, tzinfo=clock.SHANGHAI)
NOW_LEARNING = "初级滚动班"
BEGAN_DAYS_AGO = 42
HEADER = ("姓名", "证件类型", "证件号码", "手机", "邮箱", "单位")
LEARNERS = (("trainee", 4), ("trainee2", 10), ("trainee3", 0))
"""Demo sign-ins of the present cohort, and how many of the ten lessons each has finished."""


@dataclass(frozen=True, slots=True)
class _Class:
    name: str
    roster: Path
    at: datetime
    lessons: Sequence[int] | None = None


def load_spring(demo: Demo) -> int:
    """Load the course and last spring's cohort."""
    del demo
    return _load(_Class(SPRING, ROSTER, SPRING_AT))


def load_present(demo: Demo) -> int:
    """Load the cohort that is learning now, with the demo's own trainees."""
    del demo
    with TemporaryDirectory() as folder:
        roster = Path(folder) / "roster.xlsx"
        roster.write_bytes(_roster())
        began = clock.real_now() - timedelta(days=BEGAN_DAYS_AGO)
        return _load(_Class(NOW_LEARNING, roster, began, [lessons for _name, lessons in LEARNERS]))


def _load(one: _Class) -> int:
    lecturer = acting_as("lecturer")
    return courses.load(
        course_folder=FOLDER,
        roster=one.roster,
        name=one.name,
        author=acting_as("author"),
        base=acting_as("base"),
        lecturers=[accounts.person(lecturer.person_code)],
        at=one.at,
        lessons_of=one.lessons,
    )


def _roster() -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADER)
    for sign_in, _lessons in LEARNERS:
        person = accounts.person(acting_as(sign_in).person_code)
        fields = [open_field(person, f"person.{field}") for field in ("identity", "phone", "email")]
        sheet.append((person.name, "居民身份证", *fields, "泉城智造科技有限公司"))
    target = BytesIO()
    book.save(target)
    return target.getvalue()
