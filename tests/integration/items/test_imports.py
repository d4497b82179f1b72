"""Imports: nothing enters a bank unseen, all or none unless the author chooses otherwise, never twice."""

import io
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.events import Event
from app.core.files import StoredFile, load
from app.items import queries, services
from app.items.models import ItemBank, ItemImport
from app.items.rules import files
from app.items.rules.content import ItemContent
from app.items.services import ImportRefusedError
from app.items.states import READ_KINDS, Fate, FileKind, ImportState, ItemType
from tests.factories.accounts import SHANDONG
from tests.factories.items import AT, content, fill, make_author, make_bank, make_exam_body, make_reviewer
from tests.submit import submit
from tests.unit.items.samples import FIGURE, PICTURE, detailed, sample

pytestmark = pytest.mark.usefixtures("app")
BAD = "\n// [id:BAD-1]\n题干没有答案\n"


def gift(*contents: ItemContent, more: str = "") -> bytes:
    return files.write(list(contents), FileKind.GIFT) + more.encode()


def upload(client: FlaskClient, bank: ItemBank, data: bytes, name: str = "items.gift", **fields: str) -> TestResponse:
    return submit(client, f"/items/{bank.code}/import", file=(io.BytesIO(data), name), **fields)


def test_new_items_come_in_as_drafts_of_their_author() -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)

    with unit_of_work():
        report = services.import_items(bank, [content("A-1"), content("A-2")], by=author, at=AT)

    assert [one.code for one in report.imported] == ["A-1", "A-2"]
    item = queries.item(bank, "A-1")
    assert (item.author_id, item.state.value, item.number) == (author.person_id, "draft", 1)
    assert queries.content_of(item.code, item.versions[0]) == content("A-1")


def test_a_second_import_of_the_same_file_changes_nothing() -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    fill(bank, author, content("A-1"))

    with unit_of_work():
        report = services.import_items(bank, [content("A-1")], by=author, at=AT)

    assert (len(report.imported), len(report.skipped)) == (0, 1)
    assert len(queries.item(bank, "A-1").versions) == 1


def test_other_wording_of_a_draft_is_its_next_version() -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    fill(bank, author, content("A-1"))
    fill(bank, author, content("A-1", explanation="改过的解析"))

    versions = queries.item(bank, "A-1").versions

    assert [(one.number, one.explanation) for one in versions] == [
        (1, content("A-1").explanation),
        (2, "改过的解析"),
    ]
    assert [one.explanation for one in (row.version for row in queries.items(bank).rows)] == ["改过的解析"]


def test_one_item_that_cannot_be_taken_keeps_all_others_out() -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    fill(bank, author, content("A-1"), approved_by=make_reviewer(body))
    coming = [content("A-1", stem="换了说法"), content("A-2")]

    with pytest.raises(ImportRefusedError) as refused, unit_of_work():
        services.import_items(bank, coming, by=author, at=AT)

    assert [one.code for one in refused.value.report.failed] == ["A-1"]
    assert queries.count_items(bank) == 1


def test_the_good_items_come_in_where_that_was_asked_for() -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    fill(bank, author, content("A-1"), approved_by=make_reviewer(body))

    with unit_of_work():
        coming = [content("A-1", stem="换了说法"), content("A-2")]
        report = services.import_items(bank, coming, by=author, at=AT, allow_partial=True)

    assert ([one.code for one in report.imported], [one.code for one in report.failed]) == (["A-2"], ["A-1"])


def test_the_same_code_may_stand_in_another_bank() -> None:
    body = make_exam_body()
    author = make_author(body)
    for bank in (make_bank(body), make_bank(body)):
        fill(bank, author, content("A-1"))
        assert queries.count_items(bank) == 1


def test_an_upload_is_kept_and_shown_before_anything_enters(reading_english: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)
    data = gift(content("A-1"), more=BAD)

    answer = upload(client, bank, data)
    page = client.get(answer.location)

    assert answer.status_code == 302
    assert queries.count_items(bank) == 0
    assert load(session.scalars(select(StoredFile)).one()) == data
    assert "A-1" in page.text
    assert "There is no answer block in braces" in page.text
    assert "BAD-1" in page.text
    assert "A-1" not in client.get(f"{answer.location}?fate=failed").text


def test_all_or_none_is_refused_on_the_page_and_the_good_ones_may_be_chosen(
    reading_english: Callable[..., FlaskClient],
) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)
    address = upload(client, bank, gift(content("A-1"), more=BAD)).location

    refused = submit(client, f"{address}/commit", page=address, how="all")
    unsaid = submit(client, f"{address}/commit", page=address, how="some")
    assert (refused.status_code, unsaid.status_code) == (422, 422)
    assert "1 items cannot be imported" in refused.text
    assert queries.count_items(bank) == 0

    taken = submit(client, f"{address}/commit", page=address, how="good")
    assert taken.status_code == 302
    assert queries.count_items(bank) == 1
    assert "1 item entered the bank as a draft" in client.get(address).text


def test_a_second_press_takes_nothing_in_again(reading_english: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)
    address = upload(client, bank, gift(content("A-1"))).location
    page = client.get(address).text

    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    answers = [client.post(f"{address}/commit", data={"csrf_token": token, "how": "all"}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [302, 302]
    assert len(queries.item(bank, "A-1").versions) == 1
    told = session.scalars(select(Event).where(Event.kind == "items.file_imported")).all()
    assert [one.data["imported"] for one in told] == [1]


def test_what_the_bank_took_in_since_the_look_is_decided_again(reading_english: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)
    address = upload(client, bank, gift(content("A-1"), content("A-2"))).location
    fill(bank, make_author(body), content("A-1"))

    submit(client, f"{address}/commit", page=address, how="all")

    assert len(queries.item(bank, "A-1").versions) == 1
    assert queries.count_items(bank) == 2
    (one,) = queries.imports(bank)
    assert {fate.value: number for fate, number in queries.fates(one.id).items()} == {"same": 1, "new": 1}


@pytest.mark.one_database
def test_a_file_put_aside_stays_out(reading_english: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)
    address = upload(client, bank, gift(content("A-1"))).location

    for _press in range(2):
        client.get(address)
        dropped = submit(client, f"{address}/drop", page=f"/items/{bank.code}/import")
        assert dropped.status_code == 302
    late = submit(client, f"{address}/commit", page=f"/items/{bank.code}/import", how="all")

    assert late.status_code == 409
    assert session.scalars(select(ItemImport)).one().state is ImportState.DROPPED
    assert queries.count_items(bank) == 0
    assert "Put aside" in client.get(f"/items/{bank.code}").text


def test_near_duplicates_are_pointed_out(reading_english: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    stem = "技术合同经技术合同登记机构认定登记以后当事人依照规定可以申请享受的优惠政策包括下列各项中的（ ）。"
    fill(bank, make_author(body), content("OLD-1", stem=stem))
    twin = content("NEW-1", stem=stem.replace("申请", "依法"), options=content("OLD-1").options)
    client = reading_english(Role.AUTHOR, SHANDONG, body)

    page = client.get(upload(client, bank, gift(twin)).location)

    assert "Much like OLD-1" in page.text


NAMES = {FileKind.MOODLE_XML: "xml", FileKind.QTI: "zip"}


@pytest.mark.one_database
@pytest.mark.parametrize("kind", list(READ_KINDS))
def test_every_kind_of_file_is_taken(reading_english: Callable[..., FlaskClient], kind: FileKind) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)
    data = files.write([content("A-1")], kind)

    by_name = upload(client, bank, data, f"题库.{NAMES.get(kind, kind.value)}")
    by_choice = upload(client, bank, data, "题库.dat", kind=kind.value)
    unknown = upload(client, bank, data, "题库.dat")

    assert (by_name.status_code, by_choice.status_code, unknown.status_code) == (302, 302, 422)
    assert "does not say its kind" in unknown.text
    assert all(queries.fates(one.id) for one in queries.imports(bank))


@pytest.mark.one_database
def test_a_table_of_another_system_comes_in_with_what_stands_in_for_its_gaps(
    reading_english: Callable[..., FlaskClient],
) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)
    data = "题号,题目内容,选项A,选项B,标准答案,难度,分值\n1,登记由谁办理,登记机构,法院,A,易,2\n".encode("gbk")

    address = upload(client, bank, data, "旧题库.csv", module="practice", level="recall").location
    page = client.get(address)
    submit(client, f"{address}/commit", page=address, how="all")

    assert "题号" in page.text
    assert "分值" in page.text
    ((_item, version),) = queries.items(bank).rows
    assert (version.module, version.level.value, str(version.difficulty)) == ("practice", "recall", "0.800000")


def test_a_package_brings_its_pictures_and_every_type_into_the_bank(
    reading_english: Callable[..., FlaskClient],
) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)
    picture = detailed()["a picture"]
    coming = [*(sample(kind) for kind in ItemType if kind is not ItemType.SINGLE), picture]
    data = files.write(coming, FileKind.QTI3, {FIGURE.sha256: PICTURE}.__getitem__)

    address = upload(client, bank, data, "题库.zip").location
    submit(client, f"{address}/commit", page=address, how="all")

    assert {item.code: item for item in queries.contents(bank)} == {item.code: item for item in coming}
    assert load(queries.file_of(queries.item(bank, picture.code), FIGURE.sha256)) == PICTURE


@pytest.mark.one_database
def test_questions_on_one_line_keep_their_own_fate(reading_english: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)
    good = files.write([content("A-1")], FileKind.MOODLE_XML).replace(b"\n", b"")
    data = good.replace(b"</quiz>", b'<question type="calculated"/></quiz>')

    address = upload(client, bank, data, "a.xml").location
    submit(client, f"{address}/commit", page=address, how="good")

    assert queries.fates(queries.imports(bank)[0].id) == {Fate.NEW: 1, Fate.FAILED: 1}
    assert [row.item.code for row in queries.items(bank).rows] == ["A-1"]


@pytest.mark.one_database
@pytest.mark.parametrize("data", [b"", b"\xff\xff\xff"])
def test_an_upload_without_items_is_refused_or_shown_as_such(
    reading_english: Callable[..., FlaskClient], data: bytes
) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)

    answer = upload(client, bank, data)

    if data:
        assert "neither UTF-8 nor GBK" in client.get(answer.location).text
    else:
        assert answer.status_code == 422


@pytest.mark.one_database
def test_an_upload_needs_a_file(reading_english: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)

    answer = submit(reading_english(Role.AUTHOR, SHANDONG, body), f"/items/{bank.code}/import")

    assert answer.status_code == 422
    assert "Choose the file" in answer.text


@pytest.mark.one_database
def test_the_preview_costs_the_same_however_long_the_file(
    reading_english: Callable[..., FlaskClient], count_statements: Callable[[], list[str]]
) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)
    address = upload(client, bank, gift(*(content(f"A-{number}") for number in range(40)))).location

    statements = count_statements()
    client.get(address)

    assert len(statements) < 12, statements


def test_what_no_item_keeps_is_seen_before_anything_enters(reading_english: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = reading_english(Role.AUTHOR, SHANDONG, body)
    data = (
        "编号,题干,选项A,选项B,答案,模块,认知层次,难度,出题人\n"
        "A-1,问,甲,乙,A,general,recall,0.5,张三\nA-2,技术合同登记由谁办理,登记机构,法院,A,general,recall,0.5,\n"
    ).encode()

    place = upload(client, bank, data, "items.csv").location
    page, noted = (client.get(place + more).text for more in ("", "?fate=noted"))

    assert "Kept without 出题人: 张三" in page
    assert "出题人 (items: 1)" in page
    assert "Not read: the column, which says nothing that items keep: 出题人" in page
    assert ("A-1" in noted, "A-2" in noted) == (True, False)

    submit(client, f"{place}/commit", page=place, how="all")
    assert queries.count_items(bank) == 2
    assert "Kept without 出题人: 张三" in client.get(place).text
