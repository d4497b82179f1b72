"""Items name the modules that published syllabuses of their region know, in every file and on every page."""

import html
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import Organisation
from app.accounts.states import Role
from app.items import queries, services
from app.items.models import ItemBank
from app.items.rules.content import Defaults, ItemContent
from app.items.states import WRITTEN_KINDS, FileKind
from tests.factories.accounts import GUANGDONG, SHANDONG
from tests.factories.items import content, fill, make_author, make_bank, make_exam_body
from tests.factories.syllabus import OWN, levels_with, publish_syllabus
from tests.submit import submit

pytestmark = pytest.mark.usefixtures("app")
SignIn = Callable[..., FlaskClient]

RENAMED = {"code": OWN["code"], "name_zh": "谈判与签约", "name_en": "Negotiating and signing"}
TABLE = "编号,题型,题干,选项A,选项B,答案,模块,认知层次,难度系数\n"
ROW = "{code},单选题,{code}对吗（ ）。,对了,错了,A,{module},识记,0.6\n"
FILES = {
    "items.gift": "// [id:{code}] [tag:module={module}] [tag:level=recall] [tag:difficulty=0.6]\n"
    "::{code}::{code}对吗{{=对了 ~错了}}\n",
    "items.csv": TABLE + ROW,
    "items.xml": "<quiz><question type='category'><category><text>$course$/{module}</text></category></question>"
    "<question type='multichoice'><name><text>{code}</text></name><questiontext><text>{code}对吗</text></questiontext>"
    "<single>true</single><answer fraction='100'><text>对了</text></answer>"
    "<answer fraction='0'><text>错了</text></answer>"
    "<tags><tag><text>level=recall</text></tag><tag><text>difficulty=0.6</text></tag></tags></question></quiz>",
}


def regional(code: str = "N-1") -> ItemContent:
    """Return an item of the region's own module that every kind of file holds."""
    return content(code, module=OWN["code"], topic="", law="", article="", edition="", explanation="")


def bank_of(region: str = SHANDONG) -> tuple[ItemBank, Organisation]:
    """Make a bank of a body of a region."""
    body = make_exam_body(region=region)
    return make_bank(body), body


def upload(client: FlaskClient, bank: ItemBank, name: str, data: str | bytes, **fields: str) -> str:
    """Upload a file and return the page of what would become of its items."""
    given = data if isinstance(data, bytes) else data.encode()
    answer = submit(client, f"/items/{bank.code}/import", file=(io.BytesIO(given), name), **fields)
    assert answer.status_code == 302, answer.text
    return answer.location


@pytest.mark.parametrize("module", list(OWN.values()))
@pytest.mark.parametrize("name", list(FILES))
def test_a_file_names_a_module_of_its_region_by_code_or_either_name(sign_in: SignIn, name: str, module: str) -> None:
    publish_syllabus(levels_with(OWN))
    bank, body = bank_of()
    client = sign_in(Role.AUTHOR, SHANDONG, body)

    staged = upload(client, bank, name, FILES[name].format(code="N-1", module=module))
    assert submit(client, f"{staged}/commit", page=staged, how="all").status_code == 302

    (kept,) = queries.contents(bank)
    assert kept.module == OWN["code"]
    page = client.get(f"/items/{bank.code}").text
    assert page.count(OWN["name_zh"]) >= 3, "in the filter, the list and the chart"
    assert OWN["name_zh"] in client.get(f"/items/{bank.code}/item/{kept.code}").text


@pytest.mark.parametrize("kind", WRITTEN_KINDS)
def test_every_kind_of_file_brings_the_module_back(kind: FileKind) -> None:
    publish_syllabus(levels_with(OWN))
    bank, body = bank_of()
    fill(bank, make_author(body), regional())

    written = services.look_at_export(bank, kind)
    defaults = Defaults(OWN["name_zh"], "apply", "0.60", queries.words_of(bank))
    looked = services.look(bank, written.data, kind=kind, defaults=defaults)

    assert written.codes == ["N-1"]
    assert [one.reason.code for one in looked.planned if one.reason] in (["same_item"], ["same_content"])
    assert [one.content.module for one in looked.planned if one.content] == [OWN["code"]]


def test_a_table_writes_the_name_of_the_module_and_its_code_where_the_name_belongs_to_another(app: Flask) -> None:
    del app
    doubled = {"code": "second", "name_zh": OWN["name_zh"], "name_en": "Second"}
    publish_syllabus(levels_with(OWN, doubled))
    bank, body = bank_of()
    fill(bank, make_author(body), regional(), replace(regional("N-2"), module="second"), content("N-3"))

    rows = services.look_at_export(bank, FileKind.CSV).data.decode("utf-8-sig").splitlines()

    assert [(OWN["name_zh"] in row, "second" in row, "政策法规" in row) for row in rows[1:]] == [
        (True, False, False),
        (False, True, False),
        (False, False, True),
    ]


@pytest.mark.parametrize(("locale", "told"), [("zh", "name_zh"), ("en", "name_en")])
def test_an_unknown_module_is_refused_in_its_row_and_the_known_ones_are_named(
    sign_in: SignIn, locale: str, told: str
) -> None:
    levels = levels_with(OWN)
    publish_syllabus(levels)
    bank, body = bank_of()
    client = sign_in(Role.AUTHOR, SHANDONG, body)
    data = TABLE + ROW.format(code="N-1", module=OWN["name_zh"]) + ROW.format(code="N-2", module="茶艺")

    page = html.unescape(client.get(upload(client, bank, "items.csv", data), headers={"Accept-Language": locale}).text)

    assert "“茶艺”" in page
    said = page.partition("“茶艺”")[2]
    assert all(one[told] in said for one in levels[0]["modules"])
    assert [one.fate.value for one in queries.import_rows(queries.imports(bank)[0].id, "", 1).rows] == ["new", "failed"]


def test_a_module_of_another_region_is_none_of_the_banks(sign_in: SignIn) -> None:
    publish_syllabus(levels_with(OWN))
    bank, body = bank_of(GUANGDONG)
    client = sign_in(Role.AUTHOR, GUANGDONG, body)

    page = client.get(upload(client, bank, "items.csv", TABLE + ROW.format(code="N-1", module=OWN["code"]))).text

    assert "缺少模块，或模块无法识别" in page
    assert OWN["name_zh"] not in client.get(f"/items/{bank.code}/write").text


def test_an_author_writes_an_item_of_the_module_and_corrects_it_once_the_module_is_gone(sign_in: SignIn) -> None:
    publish_syllabus(levels_with(OWN))
    bank, body = bank_of()
    client = sign_in(Role.AUTHOR, SHANDONG, body)
    written = {
        "code": "N-1",
        "stem": "谈判从何开始（ ）。",
        "optionA": "准备",
        "optionB": "签字",
        "key": "A",
        "module": OWN["code"],
        "level": "recall",
        "coefficient": "0.7",
    }
    assert submit(client, f"/items/{bank.code}/write", **written).status_code == 302

    publish_syllabus(levels_with(), revision=2, starts_on=date(2025, 6, 1))
    page = client.get(f"/items/{bank.code}/item/N-1/edit").text
    assert f'<option selected value="{OWN["code"]}">{OWN["name_zh"]}</option>' in page
    corrected = {**written, "stem": "谈判从何开始？（ ）", "number": "1", "parts": ""}
    assert submit(client, f"/items/{bank.code}/item/N-1/edit", **corrected).status_code == 302

    assert [one.module for one in queries.item(bank, "N-1").versions] == [OWN["code"]] * 2
    assert OWN["name_zh"] in client.get(f"/items/{bank.code}/item/N-1").text
    listed = client.get(f"/items/{bank.code}?module={OWN['code']}").text
    assert "N-1" in listed
    assert "N-1" not in client.get(f"/items/{bank.code}?module=policy").text


def test_a_renamed_module_shows_by_its_new_name_and_is_read_by_both(sign_in: SignIn) -> None:
    publish_syllabus(levels_with(OWN))
    bank, body = bank_of()
    fill(bank, make_author(body), regional())
    publish_syllabus(levels_with(RENAMED), revision=2, starts_on=date(2025, 6, 1))

    page = sign_in(Role.AUTHOR, SHANDONG, body).get(f"/items/{bank.code}").text
    words = queries.words_of(bank)

    assert RENAMED["name_zh"] in page
    assert OWN["name_zh"] not in page
    assert {words.code_of(one[name]) for one in (OWN, RENAMED) for name in ("name_zh", "name_en")} == {OWN["code"]}


def test_the_command_takes_the_module_of_items_that_name_none_by_its_name(app: Flask, tmp_path: Path) -> None:
    publish_syllabus(levels_with(OWN))
    bank, body = bank_of()
    make_author(body)
    path = tmp_path / "items.aiken"
    path.write_text("谈判从何开始？\nA. 准备\nB. 签字\nANSWER: A\n", encoding="utf-8")
    words = ["items", "import", str(path), "--bank", bank.code, "--level", "recall", "--difficulty", "0.6", "--module"]

    refused = app.test_cli_runner().invoke(args=[*words, "茶艺"])
    taken = app.test_cli_runner().invoke(args=[*words, OWN["name_zh"]])

    assert refused.exit_code != 0
    assert OWN["name_zh"] in refused.stderr
    assert taken.exit_code == 0, taken.output
    assert [one.module for one in queries.contents(bank)] == [OWN["code"]]
