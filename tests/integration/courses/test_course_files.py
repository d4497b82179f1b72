"""A course folder is loaded whole or not at all: what is wrong is named with its file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import InvalidError
from app.courses import services
from app.courses.models import Course, Lesson
from app.courses.services.course_files import DRAWING_LIMIT
from app.items.models import ItemBank
from tests.factories.accounts import MADE_AT, Member, make_member
from tests.factories.courses import School, make_course_folder

pytestmark = pytest.mark.one_database

Change = Callable[[Path], object]
LONG = "a-course-with-a-long-code"


@pytest.fixture
def author(school: School) -> Member:
    return make_member(Role.AUTHOR, organisation=school.organisation)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_course_folder(tmp_path / "course")


def load(folder: Path, by: Member) -> Course:
    with unit_of_work():
        return services.load_course(folder, by=by.actor, at=MADE_AT)


def replaced(name: str, old: str, new: str) -> Change:
    """Change a file of the folder."""

    def change(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), "utf-8")

    return change


def written(name: str, text: str) -> Change:
    return lambda folder: (folder / name).write_text(text, "utf-8")


@pytest.mark.parametrize(
    ("change", "name", "said"),
    [
        (lambda folder: (folder / "S02.md").unlink(), "S02.md", ""),
        (lambda folder: (folder / "S02.md").write_bytes(b"\xff\xfe\xff"), "S02.md", ""),
        (written("S03.gift", "// nothing\n"), "S03.gift", "文件中没有试题"),
        (written("S03.gift", "::Q-1::一加一等于？{#2}\n"), "S03.gift", "课后测验只能使用选择题和判断题，不能使用Q-1"),
        (written("S03.gift", "::Q-1::没有写完{\n"), "S03.gift", ""),
        (written("figures/road.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>"), "road.svg", "没有viewBox"),
        (written("figures/road.svg", "<svg viewBox='0 0 9 9'>"), "road.svg", ""),
        (
            written("figures/road.svg", f"<svg viewBox='0 0 9 9'><!--{'x' * DRAWING_LIMIT}--></svg>"),
            "road.svg",
            "超过512 KB",
        ),
        (replaced("course.toml", '[[lessons]]\ncode = "S04"', '[[lessons]]\ncode = "S09"'), "course.toml", "S04"),
    ],
    ids=[
        "a text is missing",
        "a text is not UTF-8",
        "a quiz without items",
        "a quiz that asks for a number",
        "a quiz cut short",
        "a drawing without a size",
        "a drawing cut short",
        "a drawing too large",
        "a lesson that was there before",
    ],
)
def test_a_folder_with_a_fault_changes_nothing_and_names_the_file(
    folder: Path, author: Member, change: Change, name: str, said: str
) -> None:
    before = session.execute(select(Lesson.code, Lesson.content_hash)).all()
    change(folder)
    replaced("course.toml", 'title_zh = "第1讲"', 'title_zh = "改过的第1讲"')(folder)

    with pytest.raises(InvalidError) as refused:
        load(folder, author)

    session.rollback()
    assert name in str(refused.value)
    assert said in str(refused.value)
    assert session.execute(select(Lesson.code, Lesson.content_hash)).all() == before


def test_only_the_lesson_that_differs_is_written_anew(folder: Path, author: Member) -> None:
    before = dict(session.execute(select(Lesson.code, Lesson.content_hash)).all())
    replaced("S02.md", "正文", "新的正文")(folder)

    load(folder, author)

    after = dict(session.execute(select(Lesson.code, Lesson.content_hash)).all())
    assert [code for code in before if before[code] != after[code]] == ["S02"]


def test_the_quizzes_of_a_course_go_to_one_bank_of_the_author_s_organisation(folder: Path, author: Member) -> None:
    replaced("course.toml", 'code = "small"', f'code = "{LONG}"')(folder)
    for number in range(1, 5):
        for name in ("course.toml", f"S0{number}.gift"):
            replaced(name, f"S0{number}", f"L0{number}")(folder)
        for kind in ("md", "gift"):
            (folder / f"S0{number}.{kind}").rename(folder / f"L0{number}.{kind}")

    with pytest.raises(InvalidError):
        load(folder, make_member(Role.AUTHOR))
    session.rollback()
    course = load(folder, author)

    bank = session.get_one(ItemBank, course.quiz_bank_id)
    assert (bank.organisation_id, len(bank.code)) == (author.actor.organisation_id, 20)
    assert bank.code.startswith("Q-A-COURSE-WI-")
