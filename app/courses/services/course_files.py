"""Courses: loaded from a folder of text, drawings and quizzes; loading again changes only what differs."""

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from app.core import events, files
from app.core.access import Actor
from app.core.db import session
from app.core.errors import InvalidError
from app.core.lazily import lazily
from app.core.text import _l
from app.courses.models import Course, Lesson
from app.courses.rules import course_file
from app.courses.rules.course_file import CourseFile, LessonEntry
from app.courses.rules.lesson_text import FIGURES, figure_names
from app.courses.services.subjects import of_course
from app.items.models import ItemBank
from app.items.rules.content import Defaults, Failure, ItemContent
from app.items.rules.gift import parse
from app.items.rules.planning import Planned
from app.items.services import ImportRefusedError, create_bank, import_items
from app.items.states import CHOICES, CognitiveLevel, Purpose

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = lazily("lxml.etree")

SVG = "image/svg+xml"
SHOWN = 5
LONGEST_COURSE_CODE = 18
DRAWING_LIMIT = 512 * 1024
QUIZ_DIFFICULTY = "0.7"
NUMBER = re.compile(r"[0-9.]+")


def load_course(folder: Path, *, by: Actor, at: datetime) -> Course:
    """Load a course folder: `course.toml`, the texts and quizzes it names, `figures/`.

    The quiz items go to the quiz bank of the actor's organisation, the actor being their author.
    Raises InvalidError naming the file and the place that is wrong; nothing is half loaded.
    """
    given = course_file.read(_text(folder / "course.toml"))
    quizzes = [_quiz(folder, lesson) for lesson in given.lessons]
    course = _course(given, by=by, at=at)
    bank = session.get_one(ItemBank, course.quiz_bank_id)
    _import(bank, [item for quiz in quizzes for item in quiz], by=by, at=at)
    changed = _lessons(course, folder, given, quizzes)
    if changed:
        course.loaded_at = at
        session.flush()
        events.record("courses.course_loaded", of_course(course), by=by, at=at, data={"version": given.version})
    return course


def _import(bank: ItemBank, items: Sequence[ItemContent], *, by: Actor, at: datetime) -> None:
    try:
        import_items(bank, items, by=by, at=at)
    except ImportRefusedError as error:
        raise _wrong("course.toml", _listed(error.report.failed)) from error


def _listed(failures: Sequence[Failure | Planned]) -> str:
    return "; ".join(f"{one.code or one.where}: {one.reason}" for one in failures[:SHOWN])


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path.name, str(error)) from error


def _wrong(name: str, where: str) -> InvalidError:
    return InvalidError(_l("%(file)s cannot be loaded: %(where)s", file=name, where=where), field="file")


def _quiz(folder: Path, lesson: LessonEntry) -> list[ItemContent]:
    """Read the quiz of a lesson; what its items do not say of themselves follows from the lesson."""
    defaults = Defaults(module=lesson.module, level=CognitiveLevel.UNDERSTAND, difficulty=QUIZ_DIFFICULTY)
    parsed = parse(_text(folder / lesson.quiz), defaults)
    if parsed.failures:
        raise _wrong(lesson.quiz, _listed(parsed.failures))
    if not parsed.items:
        raise _wrong(lesson.quiz, str(_l("The file holds no items.")))
    other = [item.code for item in parsed.items if item.type not in CHOICES]
    if other:
        raise _wrong(
            lesson.quiz, str(_l("A quiz holds choices and true/false items only, not %(code)s.", code=other[0]))
        )
    return parsed.items


def _course(given: CourseFile, *, by: Actor, at: datetime) -> Course:
    course = session.scalar(select(Course).where(Course.code == given.code))
    if course is None:
        course = Course(code=given.code, quiz_bank_id=_bank(given, by=by, at=at).id, loaded_at=at)
    course.level = given.level
    course.title_zh, course.title_en = given.title_zh, given.title_en
    course.summary_zh, course.summary_en = given.summary_zh, given.summary_en
    session.add(course)
    session.flush()
    return course


def _bank(given: CourseFile, *, by: Actor, at: datetime) -> ItemBank:
    code = _bank_code(given.code)
    known = session.scalar(select(ItemBank).where(ItemBank.code == code))
    if known is not None:
        return known
    if by.organisation_id is None:
        raise InvalidError(_l("Load the course under a role in the organisation that keeps its quizzes."))
    return create_bank(
        code=code,
        # zh: what a bank is called in Chinese is data, like its English name
        name_zh=f"{given.title_zh}测验",
        name_en=f"{given.title_en}: quizzes",
        organisation_id=by.organisation_id,
        purpose=Purpose.QUIZ,
        by=by,
        at=at,
    )


def _bank_code(code: str) -> str:
    """Return the code of a course's quiz bank, which has at most 20 capitals, digits and hyphens."""
    if len(code) <= LONGEST_COURSE_CODE:
        return f"Q-{code.upper()}"
    return f"Q-{code[:11].upper()}-{sha256(code.encode()).hexdigest()[:6].upper()}"


def _lessons(course: Course, folder: Path, given: CourseFile, quizzes: Sequence[Sequence[ItemContent]]) -> bool:
    """Write the lessons whose content differs; return whether any did."""
    known = {row.code: row for row in session.scalars(select(Lesson).where(Lesson.course_id == course.id))}
    gone = sorted(set(known) - {lesson.code for lesson in given.lessons})
    if gone:
        raise _wrong(
            "course.toml",
            str(_l("Lessons that trainees may have read cannot be left out: %(lessons)s.", lessons=", ".join(gone))),
        )
    changed = False
    for position, (entry, quiz) in enumerate(zip(given.lessons, quizzes, strict=True), start=1):
        columns = _columns(folder, entry, [item.code for item in quiz])
        columns["position"] = position
        columns["content_hash"] = _hash(columns)
        changed |= _write(course, known.get(entry.code), columns)
    return changed


def _columns(folder: Path, entry: LessonEntry, codes: list[str]) -> dict[str, Any]:
    body = _text(folder / entry.file)
    return {
        "code": entry.code,
        "title_zh": entry.title_zh,
        "title_en": entry.title_en,
        "module": entry.module,
        "hours": entry.class_hours,
        "minimum_minutes": entry.minimum_minutes,
        "objectives": [one.model_dump() for one in entry.objectives],
        "sources": [one.model_dump() for one in entry.sources],
        "body": body,
        "figures": {name: _figure(folder / FIGURES / name) for name in figure_names(body)},
        "video": f"{entry.code}.webm" if entry.video else None,
        "quiz": codes,
    }


def _figure(path: Path) -> dict[str, Any]:
    """Keep a drawing and return its hash and size."""
    text = _text(path)
    data = text.encode()
    width, height = _size(path.name, data)
    if len(data) > DRAWING_LIMIT:
        raise _wrong(path.name, str(_l("The drawing is larger than 512 KB.")))
    stored = files.store(data, name=path.name, media_type=SVG)
    return {"sha256": stored.sha256, "width": width, "height": height}


def _size(name: str, data: bytes) -> tuple[int, int]:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        box = NUMBER.findall(etree.fromstring(data, parser).get("viewBox", ""))
    except etree.XMLSyntaxError as error:
        raise _wrong(name, str(error)) from error
    if len(box) != len(("left", "top", "width", "height")):
        raise _wrong(name, str(_l("The drawing names no viewBox.")))
    return round(float(box[2])), round(float(box[3]))


def _hash(columns: dict[str, Any]) -> str:
    return sha256(repr(sorted(columns.items())).encode()).hexdigest()


def _write(course: Course, known: Lesson | None, columns: dict[str, Any]) -> bool:
    if known is not None and known.content_hash == columns["content_hash"]:
        return False
    lesson = known or Lesson(course_id=course.id)
    for name, value in columns.items():
        setattr(lesson, name, value)
    session.add(lesson)
    session.flush()
    return True
