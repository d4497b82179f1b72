"""The course of the demo and two cohorts: one of last spring, one that is learning now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook

from app.accounts import queries as accounts
from app.accounts.models import Person
from app.accounts.rules.identity import check_digit
from app.accounts.services import open_field
from app.cli.demo.step import CONTENT, Demo, acting_as
from app.core import clock
from app.courses import demo as courses

FOLDER = CONTENT / "courses" / "junior-foundation"
ROSTER = CONTENT / "rosters" / "junior-40.xlsx"
# zh: invented records are named in Chinese
SPRING = "2026年春季初级班"
SPRING_AGAIN = "2026年春季初级班（{}班）"
PLACES = 40
SPRING_AT = datetime(2026, 3, 9, 9, 0, tzinfo=clock.SHANGHAI)
NOW_LEARNING = "初级滚动班"
BEGAN_DAYS_AGO = 42
HEADER = ("姓名", "证件类型", "证件号码", "手机", "邮箱", "单位")
RESIDENT_ID, EMPLOYER = "居民身份证", "泉城智造科技有限公司"
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = ("明远", "思齐", "子衿", "若水", "文渊", "景行", "清扬", "知微", "立言", "乐之", "怀瑾", "望舒", "嘉树")
LEARNERS = (("trainee", 4), ("trainee2", 10), ("trainee3", 0))
"""Demo sign-ins of the present cohort, and how many of the ten lessons each has finished."""


@dataclass(frozen=True, slots=True)
class _Class:
    name: str
    roster: Path
    at: datetime
    lessons: Sequence[int] | None = None
    base: str = "base"
    lecturer: Person | None = None


def load_spring(demo: Demo) -> int:
    """Load the course and last spring's cohort; at a scale of n, n - 1 more of invented people."""
    made = _load(_Class(SPRING, ROSTER, SPRING_AT))
    with TemporaryDirectory() as folder:
        roster = Path(folder) / "roster.xlsx"
        for number in range(2, demo.scale + 1):
            roster.write_bytes(_workbook(invented(number, PLACES)))
            made += _load(_Class(SPRING_AGAIN.format(number), roster, SPRING_AT))
    return made


def load_present(demo: Demo) -> int:
    """Load the cohort that is learning now, with the demo's own trainees."""
    del demo
    with TemporaryDirectory() as folder:
        roster = Path(folder) / "roster.xlsx"
        roster.write_bytes(_roster())
        began = clock.now() - timedelta(days=BEGAN_DAYS_AGO)
        return _load(_Class(NOW_LEARNING, roster, began, [lessons for _name, lessons in LEARNERS]))


def load_class(
    name: str,
    people: Sequence[tuple[str | None, ...]],
    at: datetime,
    *,
    base: str = "base",
    lecturer: Person | None = None,
) -> int:
    """Load one more class of the course that has completed it, at the base of a sign-in with a lecturer of it."""
    with TemporaryDirectory() as folder:
        roster = Path(folder) / "roster.xlsx"
        roster.write_bytes(_workbook(people))
        return _load(_Class(name, roster, at, base=base, lecturer=lecturer))


def _load(one: _Class) -> int:
    lecturer = one.lecturer or accounts.person(acting_as("lecturer").person_code)
    return courses.load(
        course_folder=FOLDER,
        roster=one.roster,
        name=one.name,
        author=acting_as("author"),
        base=acting_as(one.base),
        lecturers=[lecturer],
        at=one.at,
        lessons_of=one.lessons,
    )


def _roster() -> bytes:
    rows = []
    for sign_in, _lessons in LEARNERS:
        person = accounts.person(acting_as(sign_in).person_code)
        fields = [open_field(person, f"person.{field}") for field in ("identity", "phone", "email")]
        rows.append((person.name, RESIDENT_ID, *fields, EMPLOYER))
    return _workbook(rows)


def invented(number: int, places: int) -> list[tuple[str | None, ...]]:
    """Return the roster rows of a further class: people whose numbers (born in June 1900) nobody holds.

    The same class always has the same people, so that a second run finds them again.
    """
    rows: list[tuple[str | None, ...]] = []
    for place in range(number * places, (number + 1) * places):
        day, serial = divmod(place, 999)
        identity = f"370102190006{day + 1:02d}{serial + 1:03d}"
        name = SURNAMES[place % len(SURNAMES)] + GIVEN[place // len(SURNAMES) % len(GIVEN)]
        contacts = (f"196{place:08d}", f"learner{place}@demo.example")
        rows.append((name, RESIDENT_ID, identity + check_digit(identity), *contacts, EMPLOYER))
    return rows


def _workbook(rows: Iterable[tuple[str | None, ...]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.append(HEADER)
    for row in rows:
        sheet.append(row)
    target = BytesIO()
    book.save(target)
    return target.getvalue()
