"""Pictures, attachments and cases are written on the page step by step, without a script; nothing typed is lost."""

import html
import io
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.core.db import session
from app.core.events import Event
from app.items import queries
from app.items.demo import bars
from app.items.models import BankFile, ItemBank
from app.items.rules.content import ItemContent
from app.items.rules.enclosures import digest_of
from app.items.rules.tables import cells_of, sub_cells_of
from app.items.states import ItemType
from tests.factories.accounts import SHANDONG
from tests.factories.items import fill, make_author, make_bank, make_exam_body
from tests.submit import submit
from tests.unit.items.samples import sample

pytestmark = [pytest.mark.usefixtures("app"), pytest.mark.one_database]
CHART = bars((40, 80))
DIGEST = digest_of(CHART)
GIVEN = {
    "code": "P-1",
    "stem": "图中哪一年的许可费更高（ ）。",
    "optionA": "第一年",
    "optionB": "第二年",
    "key": "B",
    "module": "policy",
    "level": "recall",
    "coefficient": "0.7",
}
SHOWS = "两年许可费 [柱形图]"
SignIn = Callable[..., FlaskClient]


def png() -> tuple[io.BytesIO, str]:
    return io.BytesIO(CHART), "chart.png"


def errors_of(page: str) -> dict[str, str]:
    """Return what the page says beside each field."""
    found = re.findall(r'<p class="error" id="([\w-]+)-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return {name: html.unescape(told) for name, told in found}


def written_in(page: str, name: str) -> str:
    """Return what a text field of the page holds."""
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    assert found is not None, name
    return html.unescape(found[1]).lstrip()


def content_in(bank: ItemBank, code: str) -> ItemContent:
    session.expire_all()
    return queries.content_of(code, queries.item(bank, code).versions[-1])


def author_of(sign_in: SignIn) -> tuple[FlaskClient, ItemBank]:
    body = make_exam_body()
    bank = make_bank(body)
    return sign_in(Role.AUTHOR, SHANDONG, body), bank


def test_a_picture_is_added_to_the_text_that_shows_it_and_kept_with_the_draft(sign_in: SignIn) -> None:
    client, bank = author_of(sign_in)
    address = f"/items/{bank.code}/write?type=single"

    added = submit(client, address, **GIVEN, act="attach", enclosed=png(), shows=SHOWS, stands="optionA")
    assert added.status_code == 200
    option = written_in(added.text, "optionA")
    assert option == f"第一年\n\n![两年许可费 (柱形图)](stored:{DIGEST})"
    assert written_in(added.text, "stem") == GIVEN["stem"], "nothing that was typed is lost"
    kept = submit(client, address, **{**GIVEN, "optionA": option})

    assert kept.status_code == 302
    (file,) = content_in(bank, "P-1").body.files
    assert (file.sha256, file.name, file.media_type) == (DIGEST, "chart.png", "image/png")
    assert 'alt="两年许可费 (柱形图)"' in client.get(kept.location).text
    shown = client.get(f"/items/{bank.code}/item/P-1/files/{DIGEST}")
    assert (shown.status_code, shown.data) == (200, CHART)


def test_a_file_chosen_with_the_draft_itself_comes_in_with_it(sign_in: SignIn) -> None:
    client, bank = author_of(sign_in)
    table = (io.BytesIO("年,费\n1,40\n".encode()), "费用表.csv")

    kept = submit(client, f"/items/{bank.code}/write?type=single", **GIVEN, enclosed=table, shows="", stands="stem")

    assert kept.status_code == 302
    found = content_in(bank, "P-1")
    assert f"[费用表.csv](stored:{found.body.files[0].sha256})" in found.stem


def test_a_picture_without_words_and_a_strange_file_are_refused_beside_the_field(sign_in: SignIn) -> None:
    client, bank = author_of(sign_in)
    address = f"/items/{bank.code}/write?type=single"
    script = (io.BytesIO(b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), "a.svg")
    asked = {**GIVEN, "stands": "stem", "shows": "图"}

    refused = [
        submit(client, address, **{**asked, "shows": " "}, act="attach", enclosed=png()),
        submit(client, address, **asked, act="attach", enclosed=script),
        submit(client, address, **asked, act="attach"),
        submit(client, address, **{**asked, "stands": "nowhere"}, act="attach", enclosed=png()),
        submit(client, address, **{**GIVEN, "stem": f"看图 ![ ](stored:{DIGEST})"}),
    ]

    assert [one.status_code for one in refused[:-1]] == [422] * 4
    told = [set(errors_of(one.text)) for one in refused]
    assert told == [{"shows"}, {"enclosed"}, {"enclosed"}, {"stands"}, {"stem"}]
    assert all(GIVEN["optionB"] in one.text for one in refused)
    assert session.scalars(select(BankFile)).all() == []


def test_a_text_shows_no_file_of_another_bank(sign_in: SignIn) -> None:
    client, bank = author_of(sign_in)
    other, theirs = author_of(sign_in)
    submit(
        other,
        f"/items/{theirs.code}/write?type=single",
        **GIVEN,
        act="attach",
        enclosed=png(),
        shows="图",
        stands="stem",
    )

    tried = submit(client, f"/items/{bank.code}/write?type=single", **{**GIVEN, "stem": f"看图 ![图](stored:{DIGEST})"})

    assert (tried.status_code, set(errors_of(tried.text))) == (422, {"stem"})
    assert client.get(f"/items/{theirs.code}/write").status_code == 404


def test_the_same_file_is_added_to_a_bank_once_and_with_an_event(sign_in: SignIn) -> None:
    client, bank = author_of(sign_in)
    address = f"/items/{bank.code}/write?type=single"

    for _ in range(2):
        submit(client, address, **GIVEN, act="attach", enclosed=png(), shows="图", stands="stem")

    assert len(session.scalars(select(BankFile)).all()) == 1
    (event,) = session.scalars(select(Event).where(Event.kind == "items.file_added"))
    assert (event.subject_code, event.data["sha256"]) == (bank.code, DIGEST)


def form_of(item: ItemContent) -> dict[str, str]:
    """Return what the page posts of a case."""
    words = {"module": item.module, "level": item.level.value, "read": "y" if item.source_read else ""}
    cells = {name: text for name, text in {**cells_of(item), **words}.items() if name not in {"type", "credit"}}
    posted = {**cells, "parts": ",".join(one.type for one in item.body.parts)}
    for number, (part, one) in enumerate(zip(item.body.parts, sub_cells_of(item), strict=True), 1):
        posted |= {f"part{number}-{name}": text for name, text in one.items() if name not in {"type", "case"}}
        posted[f"part{number}-credit"] = part.body.credit.value if part.body.credit else ""
    return posted


def test_a_case_is_written_on_the_page_with_its_sub_items(sign_in: SignIn) -> None:
    client, bank = author_of(sign_in)
    item = replace(sample(ItemType.CASE), code="C-1")
    address = f"/items/{bank.code}/write?type=case"

    assert 'name="part1-stem"' in client.get(address).text
    kept = submit(client, address, **form_of(item))

    assert kept.status_code == 302
    assert content_in(bank, "C-1") == item


def test_sub_items_are_added_and_dropped_without_losing_what_was_typed(sign_in: SignIn) -> None:
    client, bank = author_of(sign_in)
    address = f"/items/{bank.code}/write?type=case"
    typed = {
        **form_of(replace(sample(ItemType.CASE), code="C-1")),
        "stem": "共用材料一段。",
        "part1-stem": "第一小题。",
    }
    number = len(typed["parts"].split(","))

    more = submit(client, address, **typed, act="add", sub_type="essay").text
    less = submit(client, address, **typed, act="drop-1").text

    assert (f'name="part{number + 1}-rubric"' in more, f'name="part{number}-stem"' in less) == (True, False)
    assert (written_in(more, "stem"), written_in(more, "part1-stem")) == ("共用材料一段。", "第一小题。")
    assert written_in(less, "part1-stem") == typed["part2-stem"]
    assert queries.count_items(bank) == 0, "nothing is kept before it is asked for"


def test_what_is_typed_for_a_file_stays_and_moves_with_the_sub_item_it_stands_in(sign_in: SignIn) -> None:
    client, bank = author_of(sign_in)
    address = f"/items/{bank.code}/write?type=case"
    typed = {**form_of(replace(sample(ItemType.CASE), code="C-1")), "shows": SHOWS, "stands": "part2-stem"}

    more = submit(client, address, **typed, act="add", sub_type="essay").text
    moved = submit(client, address, **typed, act="drop-1").text
    gone = submit(client, address, **typed, act="drop-2").text

    assert all(f'value="{SHOWS}"' in page for page in (more, moved, gone))
    places = [re.findall(r'<option selected value="([\w-]+-?stem|stem)"', page) for page in (more, moved, gone)]
    assert places == [["part2-stem"], ["part1-stem"], ["stem"]]


def test_a_file_chosen_before_a_sub_item_is_added_comes_into_the_text(sign_in: SignIn) -> None:
    client, bank = author_of(sign_in)
    address = f"/items/{bank.code}/write?type=case"
    typed = {**form_of(replace(sample(ItemType.CASE), code="C-1")), "act": "add", "sub_type": "essay"}

    more = submit(client, address, **typed, enclosed=png(), shows="图", stands="part1-stem")
    bare = submit(client, address, **typed, enclosed=png(), shows="", stands="part1-stem")

    assert f"![图](stored:{DIGEST})" in written_in(more.text, "part1-stem")
    assert (bare.status_code, set(errors_of(bare.text))) == (422, {"shows"})


def test_what_is_wrong_with_a_sub_item_is_told_beside_its_field(sign_in: SignIn) -> None:
    client, bank = author_of(sign_in)
    item = replace(sample(ItemType.CASE), code="C-1")
    wrong = {**form_of(item), "part1-stem": " ", "part2-points": "许多"}

    told = submit(client, f"/items/{bank.code}/write?type=case", **wrong)
    bare = submit(client, f"/items/{bank.code}/write?type=case", **{**form_of(item), "parts": ""})

    assert told.status_code == 422
    assert set(errors_of(told.text)) == {"part1-stem", "part2-points"}
    assert set(errors_of(bare.text)) == {"stem"}


def test_the_next_version_of_a_case_changes_its_sub_items_and_the_one_before_stays(sign_in: SignIn) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    item = replace(sample(ItemType.CASE), code="C-1")
    fill(bank, make_author(body), item)
    client, address = sign_in(Role.AUTHOR, SHANDONG, body), f"/items/{bank.code}/item/C-1/edit"

    shown = written_in(client.get(address).text, "part1-stem")
    posted = {**form_of(item), "number": "1"}
    del posted["code"]
    same = submit(client, address, **posted)
    kept = submit(client, address, **{**posted, "part1-stem": "改过的小题。"})
    late = submit(client, address, **{**posted, "part1-stem": "旧标签页里的小题。"})

    assert shown == item.body.parts[0].stem
    assert (same.status_code, kept.status_code, late.status_code) == (422, 302, 409)
    session.expire_all()
    before, now = (queries.content_of("C-1", one) for one in queries.item(bank, "C-1").versions)
    assert before == item
    assert now.body.parts[0].stem == "改过的小题。"
    assert now.body.parts[1:] == item.body.parts[1:]


def test_a_picture_stands_in_a_sub_item(sign_in: SignIn) -> None:
    client, bank = author_of(sign_in)
    address = f"/items/{bank.code}/write?type=case"
    typed = form_of(replace(sample(ItemType.CASE), code="C-1"))

    added = submit(client, address, **typed, act="attach", enclosed=png(), shows="图", stands="part1-stem")
    text = written_in(added.text, "part1-stem")
    kept = submit(client, address, **{**typed, "part1-stem": text})

    assert kept.status_code == 302
    found = content_in(bank, "C-1")
    assert DIGEST in [one.sha256 for one in found.body.files]
    assert f"![图](stored:{DIGEST})" in found.body.parts[0].stem


def test_who_may_not_write_items_adds_no_file(sign_in: SignIn) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = sign_in(Role.REVIEWER, SHANDONG, body)

    assert client.post(f"/items/{bank.code}/write?type=single", data={"act": "attach"}).status_code == 403
