"""The shipped course holds what its syllabus asks for, and nothing in it is missing, broken or said twice."""

import re
import tomllib
from collections import Counter
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from defusedxml import ElementTree
from markdown_it import MarkdownIt

from app.items.rules import gift
from app.items.rules.content import ItemContent
from app.items.states import ItemType
from app.rulebook.rules import read

CONTENT = Path(__file__).resolve().parents[3] / "content"
FOLDER = CONTENT / "courses" / "junior-foundation"
COURSE: dict[str, Any] = tomllib.loads((FOLDER / "course.toml").read_text(encoding="utf-8"))
LESSONS: list[dict[str, Any]] = COURSE["lessons"]
PACK = read((CONTENT / "rules" / "syllabus-junior-sample.toml").read_text(encoding="utf-8"))
MODULES: list[dict[str, Any]] = next(
    level["modules"] for level in PACK.params["levels"] if level["code"] == COURSE["level"]
)
TOPICS = {topic["code"]: (module["code"], topic["name_zh"]) for module in MODULES for topic in module["topics"]}
FIGURES = sorted((FOLDER / "figures").glob("*.svg"))
MARKDOWN = MarkdownIt("commonmark").enable("table")
HAN = re.compile(r"[\u4e00-\u9fff]")
SVG = "{http://www.w3.org/2000/svg}"

each_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=[lesson["code"] for lesson in LESSONS])
each_figure = pytest.mark.parametrize("figure", FIGURES, ids=[figure.stem for figure in FIGURES])


def body(lesson: dict[str, Any]) -> str:
    return (FOLDER / lesson["file"]).read_text(encoding="utf-8")


def quiz(lesson: dict[str, Any]) -> list[ItemContent]:
    parsed = gift.parse((FOLDER / lesson["quiz"]).read_text(encoding="utf-8"))
    assert parsed.failures == []
    return parsed.items


def images(lesson: dict[str, Any]) -> list[tuple[str, str]]:
    inline = chain.from_iterable(token.children or [] for token in MARKDOWN.parse(body(lesson)))
    return [(str(token.attrs["src"]), token.content) for token in inline if token.type == "image"]


def test_the_course_follows_the_shipped_syllabus() -> None:
    assert COURSE["syllabus"] == PACK.code
    assert [lesson["code"] for lesson in LESSONS] == [f"L{number:02d}" for number in range(1, 11)]


def test_the_syllabus_says_that_its_hours_are_samples() -> None:
    assert PACK.tag == "sample"
    assert "sample values" in PACK.source.note_en
    assert [level["code"] for level in PACK.params["levels"]] == ["junior", "intermediate", "senior"]


def test_lessons_of_each_module_reach_its_required_hours() -> None:
    assert {module["code"] for module in MODULES} == {"general", "policy", "practice", "capability"}
    for module in MODULES:
        hours = sum(Decimal(lesson["class_hours"]) for lesson in LESSONS if lesson["module"] == module["code"])
        assert hours >= Decimal(module["required_hours"]) > 0


def test_every_topic_of_the_syllabus_is_an_objective_of_some_lesson() -> None:
    taught = {objective["topic"] for lesson in LESSONS for objective in lesson["objectives"]}
    assert taught == set(TOPICS)


@each_lesson
def test_objectives_name_topics_of_the_lessons_own_module(lesson: dict[str, Any]) -> None:
    assert lesson["objectives"]
    for objective in lesson["objectives"]:
        assert TOPICS[objective["topic"]][0] == lesson["module"]
        assert HAN.search(objective["text_zh"])
        assert not HAN.search(objective["text_en"])


@each_lesson
def test_minimum_time_fits_into_the_class_hours_it_counts_for(lesson: dict[str, Any]) -> None:
    longest = Decimal(lesson["class_hours"]) * PACK.params["minutes_per_class_hour"]
    assert longest / 2 <= lesson["minimum_minutes"] <= longest


@each_lesson
def test_a_lesson_is_long_enough_and_built_alike(lesson: dict[str, Any]) -> None:
    text = body(lesson)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert 1200 <= len(HAN.findall(text)) <= 2200
    assert not re.search(r"^# ", text, re.MULTILINE)
    assert any(heading.startswith(("例题", "案例")) for heading in headings)
    assert headings[-3:] == ["要点", "常见错误", "依据"]


@each_lesson
def test_no_emphasis_is_left_as_asterisks(lesson: dict[str, Any]) -> None:
    # CommonMark closes no emphasis between a full-width mark and a Han character.
    inline = chain.from_iterable(token.children or [] for token in MARKDOWN.parse(body(lesson)))
    assert not [token.content for token in inline if token.type == "text" and "*" in token.content]


@each_lesson
def test_a_lesson_has_figures_that_exist_with_telling_words(lesson: dict[str, Any]) -> None:
    found = images(lesson)
    assert found
    for source, words in found:
        assert (FOLDER / source) in FIGURES
        assert len(HAN.findall(words)) >= 20


def test_no_figure_is_left_unused() -> None:
    shown = {FOLDER / source for lesson in LESSONS for source, _ in images(lesson)}
    assert shown == set(FIGURES)


@each_figure
def test_a_figure_is_well_formed_named_and_without_script(figure: Path) -> None:
    root = ElementTree.fromstring(figure.read_text(encoding="utf-8"))
    title = root.find(f"{SVG}title")
    assert root.tag == f"{SVG}svg"
    assert root.get("role") == "img"
    assert root.get("viewBox")
    assert root.get("width") is None
    assert title is not None
    assert HAN.search(title.text or "")
    assert root.get("aria-labelledby") == title.get("id")
    # Neither script nor style: the policy of the pages allows no inline ones.
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        *("svg", "title", "g", "path", "rect", "circle", "text")
    }


def test_no_two_lessons_share_a_paragraph() -> None:
    paragraphs = [
        paragraph.strip()
        for lesson in LESSONS
        for paragraph in body(lesson).split("\n\n")
        if not paragraph.startswith("## ")
    ]
    assert [text for text, times in Counter(paragraphs).items() if times > 1] == []


@each_lesson
def test_a_quiz_has_at_least_four_explained_items_of_its_module(lesson: dict[str, Any]) -> None:
    items = quiz(lesson)
    topics = {name for module, name in TOPICS.values() if module == lesson["module"]}
    assert len(items) >= 4
    for item in items:
        assert item.code.startswith(f"JJ-Q{lesson['code'][1:]}-")
        assert item.module == lesson["module"]
        assert item.topic in topics
        assert item.explanation


def test_quiz_keys_are_spread_evenly() -> None:
    single = [item for lesson in LESSONS for item in quiz(lesson) if item.type == ItemType.SINGLE]
    keys = Counter(letter for item in single for letter in item.key)
    assert set(keys) == set("ABCD")
    assert max(keys.values()) - min(keys.values()) <= 3


@each_lesson
def test_sources_say_whether_they_were_read(lesson: dict[str, Any]) -> None:
    assert lesson["sources"]
    for source in lesson["sources"]:
        assert set(source) == {"law", "article", "version", "read"}
        assert isinstance(source["read"], bool)
        # An article may be cited only from a text that was read.
        assert source["read"] or not source["article"]


def test_the_film_of_a_lesson_lasts_between_one_minute_and_a_half() -> None:
    films = [lesson["video"] for lesson in LESSONS if "video" in lesson]
    assert films == ["video/L01.toml"]
    for film in films:
        board = tomllib.loads((FOLDER / film).read_text(encoding="utf-8"))
        assert 60 <= sum(scene["seconds"] for scene in board["scenes"]) <= 90
        assert all(scene["captions"] for scene in board["scenes"])
