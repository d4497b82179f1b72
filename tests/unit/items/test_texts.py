"""Texts of items are written once and reused: what a page shows is what the text says, with that page's files."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.items.rules import texts

pytestmark = pytest.mark.one_database

FILE = "0" * 64
MARKUP = st.text(alphabet="ab [](!)|*_$\\:-\n甲", max_size=60)


@given(MARKUP | MARKUP.map(lambda text: f"{text}![图](stored:{FILE}){text}"), st.sampled_from(["/one/", "/two/", None]))
def test_a_text_written_again_is_what_the_parser_writes(text: str, base: str | None) -> None:
    fresh = texts._PARSER.render(text, {"base": base, "gaps": 0})
    fresh_inline = texts._PARSER.renderInline(text, {"base": base, "gaps": 0})

    assert [texts.render(text, base), texts.render(text, base)] == [fresh, fresh]
    assert [texts.render_inline(text, base), texts.render_inline(text, base)] == [fresh_inline, fresh_inline]


def test_each_page_links_its_own_address_of_a_file_and_gaps_count_from_one_each_time() -> None:
    text = f"___与___，见[附件](stored:{FILE})"

    pages = [texts.render(text, base) for base in ("/exams/a/", "/items/b/", "/exams/a/")]

    assert [f'href="/exams/a/{FILE}"' in page for page in pages] == [True, False, True]
    assert f'href="/items/b/{FILE}"' in pages[1]
    assert all(page.count("__1__") == page.count("__2__") == 1 for page in pages)


def test_no_line_ends_within_the_brackets_that_an_answer_belongs_in() -> None:
    stem = "该项目应当（ ）后实施（见附件 A）。"

    assert texts.render_inline(stem) == "该项目应当（\u00a0\u00a0）后实施（见附件 A）。"
    assert texts.in_words(stem) == stem
