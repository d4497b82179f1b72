"""Two reviewers: a version is used when both accept it, goes back when one asks for a revision, and stays as it was."""

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from app.desk.queries import todos_of
from app.items import queries, services
from app.items.models import ItemBank, ItemVersion
from app.items.rules.bodies import Option
from app.items.rules.editing import fields_of
from app.items.rules.tables import cells_of, read_cells, sub_cells_of
from app.items.states import ItemState, ItemType
from tests.factories.accounts import SHANDONG
from tests.factories.exams import said
from tests.factories.items import AT, content, fill, make_author, make_bank, make_exam_body, make_reviewer
from tests.submit import submit
from tests.unit.items.samples import sample

pytestmark = pytest.mark.usefixtures("app")


def _state(bank: ItemBank, code: str = "A-1") -> ItemState:
    session.expire_all()
    return queries.item(bank, code).state


def test_an_item_is_approved_by_the_second_reviewer_only() -> None:
    body = make_exam_body()
    bank, first, second = make_bank(body, reviewers=2), make_reviewer(body), make_reviewer(body)
    fill(bank, make_author(body), content("A-1"))

    with unit_of_work():
        half = services.approve(bank, [queries.item(bank, "A-1")], by=first, at=AT)
    assert (half.accepted, half.approved, _state(bank)) == (1, 0, ItemState.DRAFT)
    with pytest.raises(ConflictError, match="A-1"), unit_of_work():
        services.approve(bank, [queries.item(bank, "A-1")], by=first, at=AT)
    assert queries.approvable(bank, first) == []

    with unit_of_work():
        services.approve(bank, [queries.item(bank, "A-1")], by=second, at=AT)
    assert _state(bank) is ItemState.APPROVED


def test_a_new_version_needs_both_reviewers_again() -> None:
    body = make_exam_body()
    bank, first, second = make_bank(body, reviewers=2), make_reviewer(body), make_reviewer(body)
    author = make_author(body)
    fill(bank, author, content("A-1"))
    with unit_of_work():
        services.approve(bank, [queries.item(bank, "A-1")], by=first, at=AT)
    fill(bank, author, content("A-1", stem="改过的题干，选出正确的一项（ ）。"))

    with unit_of_work():
        services.approve(bank, [queries.item(bank, "A-1")], by=second, at=AT)
    assert _state(bank) is ItemState.DRAFT
    with unit_of_work():
        services.approve(bank, [queries.item(bank, "A-1")], by=first, at=AT)
    assert _state(bank) is ItemState.APPROVED


def test_an_item_sent_back_waits_on_its_authors_desk_until_the_next_version() -> None:
    body = make_exam_body()
    bank, author, reviewer = make_bank(body), make_author(body), make_reviewer(body)
    fill(bank, author, content("A-1"))

    with unit_of_work():
        services.ask_revision(bank, queries.item(bank, "A-1"), words="乙项有歧义", by=reviewer, at=AT)
    assert _state(bank) is ItemState.REVISION
    assert [todo.kind for todo in todos_of(author)] == ["items.revise"]
    with pytest.raises(ConflictError), unit_of_work():
        services.approve(bank, [queries.item(bank, "A-1")], by=make_reviewer(body), at=AT)
    with pytest.raises(ConflictError), unit_of_work():
        services.ask_revision(bank, queries.item(bank, "A-1"), words="再改", by=reviewer, at=AT)

    cells = {**cells_of(content("A-1")), "stem": "没有歧义的题干（ ）。"}
    with unit_of_work():
        written = services.Written(ItemType.SINGLE, cells)
        services.save_item(bank, written, item=queries.item(bank, "A-1"), by=author, at=AT)
    assert _state(bank) is ItemState.DRAFT
    assert todos_of(author) == []


def test_an_approved_item_goes_back_and_its_used_version_stays() -> None:
    body = make_exam_body()
    bank, author, reviewer = make_bank(body), make_author(body), make_reviewer(body)
    fill(bank, author, content("A-1"), approved_by=reviewer)

    with unit_of_work():
        services.ask_revision(bank, queries.item(bank, "A-1"), words="法条已修订", by=make_reviewer(body), at=AT)
    assert queries.counts(bank.id) == {}
    fill(bank, author, content("A-1", law="新法", stem="按新法作答（ ）。"), approved_by=make_reviewer(body))

    stems = session.scalars(select(ItemVersion.stem).order_by(ItemVersion.number)).all()
    assert stems == [content("A-1").stem, "按新法作答（ ）。"]
    assert queries.counts(bank.id) == {("policy", "apply"): 1}
    with pytest.raises(DBAPIError):
        session.execute(text("UPDATE item_review SET opinion = 'revise', words = 'x'"))
    session.rollback()


def test_the_author_neither_accepts_nor_sends_back_what_they_wrote() -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    fill(bank, author, content("A-1"))

    with pytest.raises(ForbiddenError), unit_of_work():
        services.ask_revision(bank, queries.item(bank, "A-1"), words="改", by=author, at=AT)


@pytest.mark.one_database
@pytest.mark.parametrize("kind", list(ItemType))
def test_what_the_page_shows_of_a_type_reads_back_as_the_same_item(kind: ItemType) -> None:
    item = sample(kind)
    shown = {name: text for name, text in cells_of(item).items() if name in {*fields_of(kind), "code", "type"}}

    assert read_cells(shown, sub_items=sub_cells_of(item), known=item.body.files) == item


@pytest.mark.one_database
def test_a_draft_is_written_on_the_page_and_a_wrong_one_keeps_what_was_typed(
    sign_in: Callable[..., FlaskClient],
) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = sign_in(Role.AUTHOR, SHANDONG, body)
    address = f"/items/{bank.code}/write?type=single"
    given = {
        "code": "W-1",
        "stem": "技术合同认定登记由谁办理（ ）。",
        "optionA": "登记机构",
        "optionB": "公证处",
        "key": "D",
        "module": "policy",
        "level": "recall",
        "coefficient": "0.7",
    }

    wrong = submit(client, address, **given)
    assert wrong.status_code == 422
    assert "登记机构" in wrong.text
    assert 'id="key-error"' in wrong.text
    again = submit(client, address, **{**given, "key": "A"})
    twice = submit(client, address, **{**given, "key": "A", "stem": "另一个题干（ ）。"})

    assert (again.status_code, twice.status_code) == (302, 422)
    assert 'id="code-error"' in twice.text
    assert queries.content_of("W-1", queries.item(bank, "W-1").versions[-1]).key == {"A"}


@pytest.mark.one_database
def test_a_draft_that_says_nearly_what_another_says_is_kept_with_a_warning(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(bank, make_author(body), content("A-1"))
    client = sign_in(Role.AUTHOR, SHANDONG, body)
    cells = {**cells_of(content("A-1")), "module": "policy", "level": "apply", "key": "B", "read": "y"}
    other = {
        **cells,
        "code": "F-1",
        "stem": "技术转移机构的服务收入如何核算（ ）。",
        "optionA": "按实际成本加成",
        "optionB": "按市价",
    }

    near = submit(
        client, f"/items/{bank.code}/write?type=single", **{**cells, "code": "N-1", "stem": cells["stem"] + "甲"}
    )
    warned = html.unescape(client.get(near.location).text)
    far = submit(client, f"/items/{bank.code}/write?type=single", **other)

    assert (near.status_code, far.status_code) == (302, 302)
    warning = said("Nearly the same wording: %(items)s. Look whether they ask the same.").partition("%(items)s")[0]
    assert f"{warning}A-1 (" in warned
    assert warning not in html.unescape(client.get(far.location).text)


def errors_of(page: str) -> dict[str, str]:
    """Return what the page says beside each field."""
    found = re.findall(r'<p class="error" id="(\w+)-error">.*?<span>(.*?)</span>', page, re.DOTALL)
    return {name: html.unescape(told) for name, told in found}


@pytest.mark.one_database
def test_the_page_tells_everything_that_is_wrong_at_once_each_beside_its_field(
    sign_in: Callable[..., FlaskClient],
) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(bank, make_author(body), content("A-1"))
    client = sign_in(Role.AUTHOR, SHANDONG, body)
    given = {
        "code": "A-1",
        "stem": " ",
        "optionA": "登记机构",
        "optionB": "登记机构",
        "optionC": "长" * 4001,
        "optionE": "税务机关 $y^$",
        "key": "子丑",
        "explanation": "因为 $x^$",
        "coefficient": "九成",
        "topic": "题" * 201,
        "module": "policy",
        "level": "recall",
    }

    answer = submit(client, f"/items/{bank.code}/write?type=single", **given)

    assert answer.status_code == 422
    told = errors_of(answer.text)
    assert set(told) == {
        *("code", "stem", "optionB", "optionC", "optionD", "optionE"),
        *("key", "explanation", "coefficient", "topic"),
    }
    assert "x^" in told["explanation"]
    assert "y^" in told["optionE"]
    summary = answer.text[answer.text.index("error-summary") :]
    assert all(f'href="#{name}"' in summary for name in told)
    shown = html.unescape(answer.text)
    assert all(text in shown for name, text in given.items() if name not in {"stem", "optionC"})
    assert list(told) == [name for name in ("code", *fields_of(ItemType.SINGLE)) if name in told], "in their order"
    assert len(queries.item(bank, "A-1").versions) == 1


@pytest.mark.one_database
def test_each_number_unit_and_tolerance_that_cannot_be_read_is_told(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = sign_in(Role.AUTHOR, SHANDONG, body)
    given = {
        "stem": "多少？",
        "key": "十二###3###百",
        "tolerance": "不大",
        "unit": "5m",
        "units": "mm=细",
        "module": "policy",
        "level": "recall",
        "coefficient": "0.5",
    }

    told = errors_of(submit(client, f"/items/{bank.code}/write?type=numeric", **given).text)

    assert set(told) == {"key", "tolerance", "units"}
    assert all(part in told["key"] for part in ("十二", "百"))


def test_the_next_version_is_written_on_the_page_and_a_second_tab_is_told(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = sign_in(Role.AUTHOR, SHANDONG, body)
    fill(bank, make_author(body), content("A-1"))
    address = f"/items/{bank.code}/item/A-1/edit"
    cells = {**cells_of(content("A-1")), "module": "policy", "level": "apply", "read": "y", "number": "1"}
    cells.pop("code")

    same = submit(client, address, **cells)
    kept = submit(client, address, **{**cells, "stem": "新的题干（ ）。"})
    late = submit(client, address, **{**cells, "stem": "旧标签页里的题干（ ）。"})

    assert (same.status_code, kept.status_code, late.status_code) == (422, 302, 409)
    assert "旧标签页里的题干" in late.text
    assert [one.stem for one in queries.item(bank, "A-1").versions] == [content("A-1").stem, "新的题干（ ）。"]


def test_reviews_and_comments_stand_on_the_page(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body, reviewers=2)
    fill(bank, make_author(body), content("A-1"))
    client = sign_in(Role.REVIEWER, SHANDONG, body)
    address = f"/items/{bank.code}/item/A-1"

    empty = submit(client, f"{address}/comment", page=address, comment=" ")
    submit(client, f"{address}/comment", page=address, comment="出处请补全条款")
    submit(client, f"{address}/approve", page=address)
    page = client.get(address)
    bare = submit(client, f"{address}/revision", page=address, words="")
    submit(client, f"{address}/revision", page=address, words="选项长短悬殊")

    assert (empty.status_code, bare.status_code) == (422, 422)
    assert "出处请补全条款" in page.text
    assert f"{address}/approve" not in page.text
    assert "选项长短悬殊" in client.get(address).text
    assert _state(bank) is ItemState.REVISION


def test_items_that_look_alike_are_listed_until_somebody_tells_them_apart(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    options = tuple(Option(letter, f"选项{letter}的完整说法") for letter in "ABCD")
    stem = "关于技术合同认定登记的条件与程序，下列说法正确的是（ ）。"
    fill(
        bank,
        author,
        content("A-1", stem=stem, options=options),
        content("A-2", stem=stem.replace("条件", "时限"), options=options),
        content("B-1"),
    )
    client = sign_in(Role.REVIEWER, SHANDONG, body)
    address = f"/items/{bank.code}/alike"

    assert [(one.first.code, one.second.code) for one in queries.alike(bank)] == [("A-1", "A-2")]
    bare = submit(client, address, first="A-1", second="A-2", words="")
    strange = submit(client, address, first="A-1", second="X-9", words="不同")
    submit(client, address, first="A-2", second="A-1", words="一问条件，一问时限")
    again = client.get(address)

    assert (bare.status_code, strange.status_code) == (422, 404)
    assert "A-2" not in again.text
    one = queries.item(bank, "A-1")
    with pytest.raises(InvalidError), unit_of_work():
        services.clear_alike(bank, one, one, words="同", by=make_reviewer(body), at=AT)
    fill(bank, author, content("A-2", stem=stem.replace("条件", "期限"), options=options))
    assert [(one.first.code, one.second.code) for one in queries.alike(bank)] == [("A-1", "A-2")]


def test_every_pair_is_reached_page_by_page_and_a_refused_note_stays_beside_its_pair(
    sign_in: Callable[..., FlaskClient],
) -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    options = tuple(Option(letter, f"选项{letter}的完整说法") for letter in "ABCD")
    stems = [f"关于技术合同认定登记的{word}与程序，下列说法正确的是（ ）。" for word in "甲乙丙丁戊"]
    fill(bank, author, *(content(f"A-{n}", stem=stem, options=options) for n, stem in enumerate(stems, 1)))
    pairs = queries.alike(bank)
    client = sign_in(Role.REVIEWER, SHANDONG, body)
    address = f"/items/{bank.code}/alike"
    last = pairs[-1]

    first, second, beyond = (client.get(f"{address}?page={page}").text for page in (1, 2, 99))
    refused = submit(client, f"{address}?page=2", first=last.first.code, second=last.second.code, words="")

    form = f'name="first" value="{last.first.code}"><input type="hidden" name="second" value="{last.second.code}"'
    assert [page.count('class="asked-beside"') for page in (first, second, beyond)] == [8, 2, 2]
    assert len(pairs) == 10
    assert [form in page for page in (first, second, refused.text)] == [False, True, True]
    assert refused.status_code == 422
    assert 'aria-invalid="true"' in refused.text


def test_items_are_compared_again_once_a_wording_changed_and_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    options = tuple(Option(letter, f"选项{letter}的完整说法") for letter in "ABCD")
    stem = "关于技术经纪合同登记的材料与时限，下列说法正确的是（ ）。"
    fill(bank, author, content("A-1", stem=stem, options=options), content("A-2", stem=f"{stem}二", options=options))
    assert len(queries.alike(bank)) == 1

    with monkeypatch.context() as patched:
        patched.setattr("app.items.queries.review.wordings", None)
        assert len(queries.alike(bank)) == 1
    fill(bank, author, content("A-2", stem="技术转移机构的服务事项有哪些（ ）。", options=options))

    assert queries.alike(bank) == []
