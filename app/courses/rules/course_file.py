"""The `course.toml` of a course folder, typed."""

import tomllib
from decimal import Decimal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from app.core.errors import InvalidError
from app.core.text import _l

CODE = r"^[A-Za-z0-9][A-Za-z0-9-]{0,50}$"
FILE = r"^[A-Za-z0-9][A-Za-z0-9_/-]*\.[a-z]+$"


class Objective(BaseModel):
    """What a trainee can do after a lesson, and the topic of the syllabus it serves."""

    model_config = ConfigDict(extra="forbid")

    topic: str
    text_zh: str = Field(min_length=1)
    text_en: str = Field(min_length=1)


class LessonSource(BaseModel):
    """A law or standard that a lesson rests on, and whether its text was read."""

    model_config = ConfigDict(extra="forbid")

    law: str = Field(min_length=1)
    article: str = ""
    version: str = ""
    read: bool


class LessonEntry(BaseModel):
    """A lesson: its files and what it counts."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=CODE)
    title_zh: str = Field(min_length=1, max_length=200)
    title_en: str = Field(min_length=1, max_length=200)
    module: str = Field(pattern=CODE)
    class_hours: Decimal = Field(gt=0, le=100, decimal_places=2)
    minimum_minutes: int = Field(ge=0, le=600)
    file: str = Field(pattern=FILE)
    quiz: str = Field(pattern=FILE)
    video: str | None = Field(default=None, pattern=FILE)
    objectives: list[Objective]
    sources: list[LessonSource] = []


class CourseFile(BaseModel):
    """A course as it is written in its folder."""

    model_config = ConfigDict(extra="forbid")

    code: str = Field(pattern=CODE)
    version: str = ""
    title_zh: str = Field(min_length=1, max_length=200)
    title_en: str = Field(min_length=1, max_length=200)
    level: str = Field(pattern=CODE)
    syllabus: str = ""
    summary_zh: str
    summary_en: str
    lessons: list[LessonEntry] = Field(min_length=1)


def read(text: str) -> CourseFile:
    """Read a course file; raises InvalidError naming the place that is wrong."""
    try:
        return CourseFile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise _wrong(str(error)) from error
    except ValidationError as error:
        where = "; ".join(f"{'.'.join(str(step) for step in one['loc'])}: {one['msg']}" for one in error.errors())
        raise _wrong(where) from error


def _wrong(where: str) -> InvalidError:
    return InvalidError(_l("course.toml cannot be read: %(where)s. Correct that place.", where=where), field="file")
