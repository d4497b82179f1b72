"""The bounds of course files, syllabi and tables, and who sees and does what with cohorts."""

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from openpyxl import load_workbook
from pydantic import BaseModel

from app.accounts.states import Role
from app.core import spreadsheets
from app.core.access import Actor
from app.core.states import Lifecycle
from app.courses import states
from app.courses.access import GRANTS, Permission, runs
from app.courses.models import Cohort
from app.courses.rules import lesson_text
from app.courses.rules.course_file import CourseFile, LessonEntry, LessonSource, Objective
from app.courses.rules.syllabus import Level, Module, Syllabus, Topic, tidy
from tests.bounds import is_closed, misjudged

pytestmark = pytest.mark.one_database

TITLE: tuple[list[object], list[object]] = (["x", "x" * 200], ["", "x" * 201])


@pytest.mark.parametrize(
    ("model", "name", "held", "refused"),
    [
        (Objective, "text_zh", ["x"], [""]),
        (Objective, "text_en", ["x"], [""]),
        (LessonSource, "law", ["x"], [""]),
        *((model, name, *TITLE) for model in (LessonEntry, CourseFile) for name in ("title_zh", "title_en")),
        *((model, name, *TITLE) for model in (Topic, Module, Level) for name in ("name_zh", "name_en")),
        (LessonEntry, "class_hours", ["0.01", 100], [0, "100.01", "0.001"]),
        (LessonEntry, "minimum_minutes", [0, 600], [-1, 601]),
        (CourseFile, "lessons", [], [[]]),
        (Module, "required_hours", [0, 1000, "0.01"], [-1, "1000.01", "0.001"]),
        (Level, "rank", [1, 9], [0, 10]),
        (Syllabus, "minutes_per_class_hour", [1, 120], [0, 121]),
        (Syllabus, "quiz_pass_share", ["0.01", 1], [0, "1.01"]),
        (Syllabus, "levels", [], [[]]),
    ],
)
def test_courses_and_syllabi_are_taken_within_their_bounds(
    model: type[BaseModel], name: str, held: list[object], refused: list[object]
) -> None:
    assert misjudged(model, name, held, refused) == []
    assert is_closed(model)


def test_a_table_has_a_bold_head_wide_columns_and_rows_to_type_text_in() -> None:
    packed = spreadsheets.to_xlsx([["姓名", "学时"], ["=1", 2.5]], "表" * 40, text_rows=2)
    sheet = load_workbook(io.BytesIO(packed)).worksheets[0]

    assert (sheet.title, sheet.freeze_panes) == ("表" * 31, "A2")
    assert [sheet.cell(row, 1).font.bold for row in (1, 2)] == [True, False]
    assert (sheet["A2"].value, sheet["B2"].value) == ("'=1", 2.5)
    assert [sheet.column_dimensions[letter].width for letter in "AB"] == [24, 24]
    assert [sheet.cell(row, 1).number_format for row in (2, 3, 4, 5)] == ["@", "@", "@", "General"]
    assert load_workbook(io.BytesIO(spreadsheets.to_xlsx([["a"]], "t"))).worksheets[0]["A2"].number_format == "General"
    assert spreadsheets.inert("\n1") == "'\n1"


def test_a_lesson_shows_known_figures_and_no_markup_of_its_own() -> None:
    figures = {"a.png": {"width": 3, "height": 4}}
    shown = lesson_text.render('<b>x</b>\n\n![图"<>&](figures/a.png) ![无](figures/b.png)', figures, "/f/")

    assert '<img class="figure" src="/f/a.png" alt="图&quot;&lt;&gt;&amp;" width="3" height="4"' in shown
    assert "&lt;b&gt;" in shown
    assert "无" in shown
    assert lesson_text.figure_names("![a](figures/a.png) [b](figures/b.png) ![c](c.png)") == ["a.png"]
    assert str(tidy(Decimal("1.50"))) == "1.5"


@pytest.mark.parametrize(
    ("lifecycle", "moves"),
    [
        (states.COHORT, {"open": "planned", "close": "open"}),
        (states.ENROLMENT, {"enrol": "invited", "complete": "enrolled", "withdraw": "invited enrolled"}),
        (states.ROSTER, {"check": "checking", "commit": "staged", "discard": "checking staged"}),
    ],
    ids=lambda one: one.name if isinstance(one, Lifecycle) else "",
)
def test_from_where_each_record_may_move(lifecycle: Lifecycle[Any], moves: Mapping[str, str]) -> None:
    assert {name: {one.value for one in move.sources} for name, move in lifecycle.moves.items()} == {
        name: set(sources.split()) for name, sources in moves.items()
    }


def test_a_base_runs_its_own_cohorts() -> None:
    told = {Role.BASE: "view run", Role.LECTURER: "view teach", Role.REGULATOR: "view oversee", Role.TRAINEE: "learn"}
    own = Cohort(base_organisation_id=7)

    def actor(organisation: int, *permissions: Permission) -> Actor:
        return Actor(1, "p1", "王敏", Role.BASE, "", frozenset(permissions), organisation_id=organisation)

    assert {role: set(given) for role, given in GRANTS.items()} == {
        role: {Permission(f"courses.{name}") for name in names.split()} for role, names in told.items()
    }
    assert [runs(one, own) for one in (actor(7, Permission.RUN), actor(8, Permission.RUN), actor(7))] == [
        True,
        False,
        False,
    ]
