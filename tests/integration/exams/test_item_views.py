"""Every type of item is shown in full to each audience: proof with and without key, print, judges, their files."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import partial

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.assessment.exams.models import ItemFlag, Paper, Script
from app.assessment.exams.queries import papers as papers_queries
from app.assessment.exams.queries import standards as standards_queries
from app.assessment.exams.services import sealing
from app.assessment.exams.services import standards as services
from app.core import files
from app.core.db import session, unit_of_work
from app.items.states import CognitiveLevel, ItemType
from app.panels.models.draws import Panel
from app.panels.queries import draws
from app.panels.queries import pools as pool_queries
from tests.factories import exams as factories
from tests.factories import kinds
from tests.factories import marking as marking_factory
from tests.factories.accounts import Member, make_member
from tests.factories.exams import (
    CLOSES,
    MODULES,
    NOW,
    OPENS,
    House,
    attempt_of,
    make_house,
    make_paper,
    make_prepared,
    said,
    start,
)
from tests.factories.marking import calibrate, claim, make_written
from tests.factories.panels import acting, draw, make_experts, make_office
from tests.factories.pictures import png
from tests.factories.statistics import make_marked

pytestmark = pytest.mark.one_database

Browser = Callable[[Member], FlaskClient]
CELLS = {(module, level.value): 1 for module in MODULES for level in CognitiveLevel}
SEEN = (
    "<math", "第一问：选择一项。", "第二问：说明理由。", "<table", "技术咨询", "选项D", 'alt="流程图"', "材料附件",
)  # fmt: skip
"""What every reader sees: a formula, the sub-items, the table, prompts, options, a picture, an attachment."""
KEYED = ("12.5 ± 0.1", "参考答案", "论据", "充分")
"""What only who reads the key sees: tolerance, reference, rubric and its guidance."""


@pytest.fixture
def stored(app: Flask) -> list[str]:
    del app
    with unit_of_work():
        picture = files.store(png(), name="figure.png", media_type="image/png")
        attached = files.store(b"%PDF-1.7 annex", name="annex.pdf", media_type="application/pdf")
        return [picture.sha256, attached.sha256]


@pytest.fixture
def house(stored: list[str], monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(factories, "CELLS", CELLS)
    monkeypatch.setattr(factories, "make_draft", partial(factories.make_draft, cells=CELLS, cut_score=Decimal(24)))
    case = f"{kinds.STEMS[ItemType.CASE]}\n\n![流程图](stored:{stored[0]})\n\n[材料附件](stored:{stored[1]})"
    monkeypatch.setitem(kinds.STEMS, ItemType.CASE, case)
    monkeypatch.setitem(kinds.STEMS, ItemType.NUMERIC, "求 $\\frac{a}{b}$ 的值。")
    return make_house(per_cell=1, of_types=list(ItemType))


def test_the_proof_shows_every_type_with_its_key_and_hides_the_key_when_asked(
    house: House, browser_of: Browser
) -> None:
    address = f"/exams/papers/{make_paper(house).code}"
    browser = browser_of(house.examiner)

    keyed, blind = browser.get(address).text, browser.get(f"{address}?key=no").text

    assert [text for text in (*SEEN, *KEYED) if text not in keyed] == []
    assert [text for text in SEEN if text not in blind] == []
    assert [text for text in KEYED if text in blind] == []
    assert said("Right answer") not in blind


def test_the_print_has_every_type_without_key_a_sheet_for_it_and_the_key_apart(
    house: House, browser_of: Browser
) -> None:
    address = f"/exams/papers/{make_paper(house).code}/print"
    browser = browser_of(house.examiner)

    paper, sheet, key = (browser.get(address, query_string={"part": part}).text for part in ("paper", "sheet", "key"))

    assert [text for text in SEEN if text not in paper] == []
    assert [text for text in KEYED if text in paper + sheet] == []
    assert [text for text in (*KEYED, "技术开发") if text not in key] == []
    assert sheet.count("printed-ruled") > 1
    assert said("Give the unit of measure with your number.") in paper


def test_files_of_a_paper_go_to_who_reads_it_and_to_nobody_once_it_is_sealed(
    house: House, browser_of: Browser, stored: list[str]
) -> None:
    paper = make_paper(house)
    picture, attached = (f"/exams/papers/{paper.code}/files/{digest}" for digest in stored)
    with unit_of_work():
        other = files.store(b"elsewhere", name="x.txt", media_type="text/plain").sha256
    browser = browser_of(house.examiner)

    shown, sent = browser.get(picture), browser.get(attached)
    elsewhere = browser.get(f"/exams/papers/{paper.code}/files/{other}")
    strangers = [browser_of(make_house().examiner), browser_of(make_member(Role.INVIGILATOR, organisation=house.body))]

    assert f'src="{picture}"' in browser.get(f"/exams/papers/{paper.code}").text
    assert (shown.status_code, shown.mimetype, shown.data) == (200, "image/png", png())
    assert sent.headers["Content-Disposition"] == "attachment"
    assert elsewhere.status_code == 404
    assert [one.get(picture).status_code for one in strangers] == [404, 403]
    seal(paper, house)
    assert browser.get(picture).status_code == 403


def test_files_of_a_paper_go_to_its_candidate_while_the_sitting_runs_and_to_nobody_else(
    house: House, browser_of: Browser, at_time: Callable[[datetime], None], stored: list[str]
) -> None:
    _planned, (mine, other) = make_prepared(house, candidates=2)
    address = f"/sit/{attempt_of(mine).code}"
    picture, attached = (f"{address}/files/{digest}" for digest in stored)
    with unit_of_work():
        elsewhere = files.store(b"elsewhere", name="x.txt", media_type="text/plain").sha256
    browser = browser_of(mine)
    at_time(OPENS)
    before = browser.get(picture)
    start(mine)

    page, shown, sent = browser.get(address).text, browser.get(picture), browser.get(attached)

    assert [text for text in SEEN if text not in page] == []
    assert f'src="{picture}"' in page
    assert f'href="{attached}"' in page
    assert (shown.status_code, shown.mimetype, shown.data) == (200, "image/png", png())
    assert sent.headers["Content-Disposition"] == "attachment"
    refused = [before, browser.get(f"{address}/files/{elsewhere}"), browser_of(other).get(picture)]
    at_time(CLOSES)
    assert [one.status_code for one in (*refused, browser.get(picture))] == [404] * 4


def test_files_of_a_question_go_to_its_marker(
    stored: list[str], browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(marking_factory, "STEM", f"请论述。\n\n![流程图](stored:{stored[0]})")
    made = make_written()
    calibrate(made, made.essay, made.one)
    code = session.get_one(Script, claim(made.essay, made.one).script_id).code
    picture = f"/exams/scripts/{code}/files/{stored[0]}"
    browser = browser_of(made.one)

    assert f'src="{picture}"' in browser.get(f"/exams/scripts/{code}").text
    assert browser.get(picture).data == png()
    assert browser.get(f"/exams/scripts/{code}/files/{stored[1]}").status_code == 404
    assert browser_of(made.two).get(picture).status_code == 404


def test_files_of_a_flagged_item_go_to_the_reviewers_of_its_bank(
    stored: list[str], browser_of: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factories, "STEM", f"下列哪一项正确？\n\n![流程图](stored:{stored[0]})")
    marked = make_marked((12, 11, 10, 9, 8, 3), pack={"least_persons": 4})
    flag = session.scalars(select(ItemFlag)).first()
    assert flag
    picture = f"/exams/flags/items/{flag.code}/files/{stored[0]}"
    browser = browser_of(make_member(Role.REVIEWER, organisation=marked.house.body))

    assert f'src="{picture}"' in browser.get(f"/exams/flags/items/{flag.code}").text
    assert browser.get(picture).data == png()
    assert browser.get(f"/exams/flags/items/{flag.code}/files/{stored[1]}").status_code == 404
    assert browser_of(make_member(Role.REVIEWER, organisation=make_house().body)).get(picture).status_code == 404


def seal(paper: Paper, house: House) -> None:
    with unit_of_work():
        found = papers_queries.paper(paper.code, house.examiner.actor)
        sealing.sign_paper(found, by=house.examiner.actor, at=NOW)
    with unit_of_work():
        found = papers_queries.paper(paper.code, house.examiner2.actor)
        sealing.freeze_paper(found, by=house.examiner2.actor, at=NOW)


def test_a_judge_reads_every_type_with_its_key_and_files(house: House, browser_of: Browser, stored: list[str]) -> None:
    office, paper = make_office(), make_paper(house)
    make_experts(office, 4)
    with unit_of_work():
        found = papers_queries.paper(paper.code, house.examiner.actor)
        given = services.Study(found, None, pool_queries.pool_for("370000"), 2)
        study = services.plan(found.blueprint, given, by=house.examiner.actor, at=NOW)
    panel = session.scalars(select(Panel)).one()
    draw(panel, office)
    judge = acting(draws.seated(panel.id)[0].expert)
    with unit_of_work():
        services.open_round(standards_queries.study(study.code, house.examiner.actor), by=house.examiner.actor, at=NOW)
    browser = browser_of(judge)

    page = browser.get(f"/exams/standards/{study.code}/estimates").text
    picture = browser.get(f"/exams/standards/{study.code}/files/{stored[0]}")

    assert [text for text in (*SEEN, *KEYED) if text not in page] == []
    assert (picture.status_code, picture.mimetype) == (200, "image/png")
    assert browser_of(house.examiner).get(f"/exams/standards/{study.code}/files/{stored[0]}").status_code == 403
