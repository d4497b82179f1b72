"""Every type of item without scripts: what a plain form sends is what the history keeps and the page shows again."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.assessment.exams.queries.papers import sheet_of
from app.assessment.exams.queries.sittings import Kept, kept
from app.assessment.exams.rules.order import from_json
from app.core.db import session
from app.items.rules.bodies import Body, Part
from app.items.rules.responses import read_response
from app.items.states import CognitiveLevel, ItemType
from tests.factories import exams as factories
from tests.factories import kinds
from tests.factories.accounts import Member
from tests.factories.exams import MODULES, OPENS, attempt_of, make_house, make_prepared, said, sitting_of
from tests.submit import submit

pytestmark = pytest.mark.one_database

CELLS = {(module, level.value): 1 for module in MODULES for level in CognitiveLevel}
TEXT = "依据《民法典》\r\n第八百四十三条。"
WRITTEN = {"text": "依据《民法典》\n第八百四十三条。"}


class Plain:
    """A candidate whose browser runs no scripts, before a paper with every type of item."""

    def __init__(self, candidate: Member, browser: FlaskClient) -> None:
        self.candidate, self.browser = candidate, browser
        self.address = f"/sit/{attempt_of(candidate).code}"
        sat = sitting_of(candidate)
        types = {one.position: one.version.type for one in sheet_of(sat.session.paper_id)}
        self.places = {types[place.position]: at for at, place in enumerate(from_json(sat.order), start=1)}
        session.rollback()
        submit(browser, f"{self.address}/start", page=self.address)

    def send(self, **fields: str) -> None:
        """Send the paper with fields named by type of item, such as `blank_1` for the first blank."""
        named = {}
        for name, value in fields.items():
            kind, _mark, part = name.rpartition("__")
            at = f"a{self.places[ItemType(kind or part)]}"
            named[f"{at}-{part}" if kind else at] = value
        assert submit(self.browser, f"{self.address}/form", page=self.address, **named).status_code == 302

    def kept(self) -> dict[ItemType, Kept]:
        answers = kept(attempt_of(self.candidate).id)
        session.rollback()
        return {kind: answers[place] for kind, place in self.places.items() if place in answers}


@pytest.fixture(name="plain")
def _plain(
    app: Flask,
    at_time: Callable[[datetime], None],
    browser_of: Callable[[Member], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
) -> Plain:
    del app
    monkeypatch.setattr(factories, "CELLS", CELLS)
    monkeypatch.setattr(factories, "make_draft", partial(factories.make_draft, cut_score=Decimal(24)))
    _planned, trainees = make_prepared(make_house(per_cell=1, of_types=list(ItemType)))
    at_time(OPENS)
    return Plain(trainees[0], browser_of(trainees[0]))


def test_each_type_is_kept_in_the_shape_that_is_marked(plain: Plain) -> None:
    plain.send(
        multiple="A", blank__1="技术开发", blank__2="技术转让", numeric__number="12.5", numeric__unit="万元",
        matching__1="B", short_answer__text=TEXT, essay__text=TEXT,
    )  # fmt: skip

    given = {kind: one.response for kind, one in plain.kept().items()}
    assert given == {
        ItemType.MULTIPLE: {"choice": ["A"]},
        ItemType.BLANK: {"blanks": ["技术开发", "技术转让"]},
        ItemType.NUMERIC: {"number": "12.5", "unit": "万元"},
        ItemType.MATCHING: {"pairs": {"1": "B"}},
        ItemType.SHORT_ANSWER: WRITTEN,
        ItemType.ESSAY: WRITTEN,
    }
    assert all(read_response(kind, response).answered for kind, response in given.items())
    assert "第八百四十三条。" in plain.browser.get(plain.address).text


def test_a_case_is_one_answer_of_its_parts_and_an_empty_part_is_none(plain: Plain) -> None:
    place = plain.places[ItemType.CASE]

    plain.send(**{f"case__{2}-text": TEXT})

    assert plain.kept()[ItemType.CASE].response == {"parts": [None, WRITTEN]}
    shown = plain.browser.get(plain.address).text
    assert f'name="a{place}-2-text"' in shown


SHOWN = re.compile(r'place-letter">(.)\.</span> <span class="user-data">选项(.)</span>')


@pytest.fixture
def case_of_orders(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the case ask for an order and for pairs."""
    steps = Part(ItemType.ORDERING, "第一问：排序。", kinds.OPTIONS, body=Body(order=tuple(kinds.LETTERS)))
    pairs = Part(ItemType.MATCHING, "第二问：配对。", kinds.OPTIONS, body=Body(prompts=("甲", "乙"), pairs=("C", "A")))
    monkeypatch.setitem(kinds.BODIES, ItemType.CASE, Body(parts=(steps, pairs)))


def test_the_entries_of_a_case_are_offered_in_the_order_of_the_candidates_own_paper(
    case_of_orders: None, plain: Plain
) -> None:
    del case_of_orders
    number = plain.places[ItemType.CASE]
    drawn = from_json(attempt_of(plain.candidate).order)[number - 1]

    _before, steps, pairs = re.split(rf'id="stem-{number}-[12]"', plain.browser.get(plain.address).text)
    own = drawn.part(1).letter
    plain.send(**{f"case__1-{own(key)}": str(at) for at, key in enumerate(kinds.LETTERS, start=1)})

    assert sorted(drawn.parts[0]) == sorted(drawn.parts[1]) == list(kinds.LETTERS)
    assert SHOWN.findall(steps) == list(zip(kinds.LETTERS, drawn.parts[0], strict=True))
    assert SHOWN.findall(pairs)[:4] == list(zip(kinds.LETTERS, drawn.parts[1], strict=True))
    assert plain.kept()[ItemType.CASE].response["parts"][0] == {"order": [own(key) for key in kinds.LETTERS]}


def test_what_is_sent_again_unchanged_writes_nothing_and_what_is_emptied_is_taken_back(plain: Plain) -> None:
    plain.send(essay__text=TEXT, single="A")
    plain.send(essay__text=TEXT, single="A")
    assert {one.sequence for one in plain.kept().values()} == {1}

    plain.send(single="A")

    taken_back = plain.kept()[ItemType.ESSAY]
    assert (taken_back.sequence, taken_back.response) == (2, {"text": ""})
    assert plain.kept()[ItemType.SINGLE].sequence == 1


def test_an_answer_longer_than_a_paper_takes_is_refused_and_nothing_is_written(plain: Plain) -> None:
    fields = {f"a{plain.places[ItemType.ESSAY]}-text": "字" * 20_001}

    answer = submit(plain.browser, f"{plain.address}/form", page=plain.address, **fields)

    assert answer.status_code == 422
    assert "请缩短" in answer.text
    assert plain.kept() == {}


LETTERS = "ABCD"


def test_an_order_is_given_by_numbers_and_kept_as_the_script_keeps_it(plain: Plain) -> None:
    plain.send(**{f"ordering__{letter}": str(place) for letter, place in zip(LETTERS, (2, 1, 4, 3), strict=True)})

    assert plain.kept()[ItemType.ORDERING].response == {"order": ["B", "A", "D", "C"]}
    shown = plain.browser.get(plain.address).text
    assert said("Not an order yet. Nothing counts until every entry has a place of its own.") not in shown


def test_a_place_given_twice_is_told_beside_its_line_and_nothing_typed_is_lost(plain: Plain) -> None:
    plain.send(**{f"ordering__{letter}": str(place) for letter, place in zip(LETTERS, (2, 1, 4, 3), strict=True)})

    plain.send(
        essay__text=TEXT, **{f"ordering__{letter}": place for letter, place in zip(LETTERS, "1134", strict=True)}
    )

    kept = plain.kept()
    assert kept[ItemType.ESSAY].response == WRITTEN
    assert kept[ItemType.ORDERING].response["order"] == ["B", "A", "D", "C"]
    place = plain.places[ItemType.ORDERING]
    shown = plain.browser.get(plain.address).text
    assert said("Not an order yet: question %(places)s. See beside its entries.", places=str(place)) in shown
    assert f'id="a{place}-A-error">{said("This place is given twice.")}' in shown
    assert f'id="a{place}-C-error"' not in shown
    assert said("partly answered") in plain.browser.get(f"{plain.address}/review").text

    plain.send(
        essay__text=TEXT, **{f"ordering__{letter}": place for letter, place in zip(LETTERS, "1234", strict=True)}
    )

    assert plain.kept()[ItemType.ORDERING].response == {"order": list(LETTERS)}
