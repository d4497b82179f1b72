"""A verdict of criteria on a page: each condition with its mark, what was seen and where, and what is still missing."""

import re
from datetime import date
from decimal import Decimal

import pytest
from flask import Flask, render_template_string

from app.core.text import speaking
from app.rulebook.facts import Fact
from app.rulebook.kinds import Binding
from app.rulebook.phrases import Phrases
from app.rulebook.rules.evaluating import judge
from tests.unit.rulebook.trees import CATALOGUE, ON, READ

pytestmark = pytest.mark.one_database

TREE = {
    "node": "all",
    "of": [
        {"node": "number", "fact": "work.services", "value": 15, "near": 2},
        {"node": "years", "fact": "work.since", "at_least": 5},
        {"node": "flag", "fact": "work.passed"},
        {"node": "number", "fact": "work.papers", "value": 9},
    ],
}
FACTS = {
    "work.services": Fact(Decimal(14), source="FW-7"),
    "work.since": Fact(date(2010, 1, 1), source="LD-3"),
    "work.papers": Fact(Decimal(1)),
}
NAME = Binding("criteria.1", "sample", "省厅文件", "Provincial document")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh_CN", ("4项条件中已满足1项", "接近", " 满足 ", "未知", "未满足", "省厅文件", "还缺")),
        ("en", ("1 of 4 conditions met", "Near", "Met", "Unknown", "Not met", "Provincial document", "Still missing")),
    ],
)
def test_each_condition_says_how_it_came_out_on_what_and_under_which_rule(
    app: Flask, language: str, said: tuple[str, ...]
) -> None:
    verdict = judge(READ.validate_python(TREE), FACTS, ON, NAME)
    with app.test_request_context(), speaking(language):
        shown = Phrases(CATALOGUE).shown(verdict, "X")
        page = render_template_string(
            "{% import 'rulebook/verdict.html' as verdicts %}{{ verdicts.nested(shown) }}", shown=shown
        )

    text = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    for one in (*said, "criteria.1", "FW-7", "LD-3"):
        assert one in text, one
