"""Banks belong to an organisation: whoever acts for another finds nothing there, and the public nothing at all."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.states import Role
from app.core import files as stored
from app.core.access import access_of
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, InvalidError, NotFoundError
from app.core.events import Event
from app.items import queries, services
from app.items.queries import Choice
from app.items.rules import files
from app.items.states import WRITTEN_KINDS, CognitiveLevel, FileKind, ItemType, Purpose
from tests.factories.accounts import SHANDONG
from tests.factories.items import AT, content, fill, make_author, make_bank, make_exam_body, make_reviewer
from tests.submit import submit
from tests.unit.items.samples import FIGURE, PICTURE, detailed, sample

pytestmark = pytest.mark.usefixtures("app")
STAFF = [Role.AUTHOR, Role.REVIEWER, Role.EXAMINER]


@pytest.mark.parametrize("role", STAFF)
def test_staff_see_the_banks_of_their_organisation_only(sign_in: Callable[..., FlaskClient], role: Role) -> None:
    body, other = make_exam_body(), make_exam_body(slug="other")
    own, foreign = make_bank(body, code="OWN"), make_bank(other, code="FOREIGN")
    fill(foreign, make_author(other), content("F-1"))
    client = sign_in(role, SHANDONG, body)

    listed = client.get("/items").text

    assert 'href="/items/OWN"' in listed
    assert "/items/FOREIGN" not in listed
    assert client.get(f"/items/{own.code}").status_code == 200
    for address in ("/items/FOREIGN", "/items/FOREIGN/item/F-1"):
        assert client.get(address).status_code == 404


@pytest.mark.one_database
def test_no_act_reaches_a_bank_of_another_organisation(sign_in: Callable[..., FlaskClient]) -> None:
    body, other = make_exam_body(), make_exam_body(slug="other")
    own, foreign = make_bank(body), make_bank(other)
    fill(foreign, make_author(other), content("F-1"))
    acts: dict[Role, list[tuple[str, dict[str, Any]]]] = {
        Role.AUTHOR: [
            ("import", {"file": (io.BytesIO(b"x"), "x.gift")}),
            ("imports/x/commit", {"how": "all"}),
            ("write", {"stem": "题干"}),
            ("item/F-1/edit", {"stem": "题干"}),
            ("item/F-1/comment", {"comment": "无"}),
        ],
        Role.REVIEWER: [
            ("approve", {"item": "F-1"}),
            ("approve-all", {"expected": "1"}),
            ("item/F-1/approve", {}),
            ("item/F-1/retire", {"reason": "无"}),
            ("item/F-1/revision", {"words": "无"}),
            ("alike", {"first": "F-1", "second": "F-1", "words": "无"}),
        ],
        Role.EXAMINER: [("export", {"kind": "gift"})],
    }
    forms = {Role.AUTHOR: f"/items/{own.code}/import", Role.REVIEWER: "/home", Role.EXAMINER: "/items/new"}

    for role, tried in acts.items():
        client = sign_in(role, SHANDONG, body)
        for path, fields in tried:
            answer = submit(client, f"/items/{foreign.code}/{path}", page=forms[role], **fields)
            assert answer.status_code == 404, path
    assert queries.item(foreign, "F-1").state.value == "draft"


@pytest.mark.one_database
def test_whoever_acts_for_no_organisation_sees_no_bank(sign_in: Callable[..., FlaskClient]) -> None:
    make_bank(make_exam_body(), code="OWN")

    assert "/items/OWN" not in sign_in(Role.AUTHOR).get("/items").text


@pytest.mark.one_database
def test_no_page_of_items_is_public(app: Flask) -> None:
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("items.")]
    declared = [access_of(app.view_functions[rule.endpoint]) for rule in rules]

    assert rules
    assert all(access is not None and access.kind == "permission" for access in declared)


@pytest.mark.one_database
def test_nothing_of_a_bank_stays_in_a_browser(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    client = sign_in(Role.EXAMINER, SHANDONG, body)

    for address in ("/items", f"/items/{bank.code}", "/items/new"):
        assert client.get(address).headers["Cache-Control"] == "no-store"


def test_an_examiner_makes_a_bank(reading_english: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    client = reading_english(Role.EXAMINER, SHANDONG, body)
    fields = {"code": "JJ-NEW", "name_zh": "新题库", "name_en": "New bank", "purpose": "exam", "reviewers": "2"}

    made = submit(client, "/items/new", **fields)
    again = submit(client, "/items/new", **fields)
    bare = submit(client, "/items/new", **{**fields, "name_zh": ""})
    small = submit(client, "/items/new", **{**fields, "code": "jj"})

    assert made.location == "/items/JJ-NEW"
    assert [answer.status_code for answer in (again, bare, small)] == [409, 422, 422]
    assert "There is a bank with the code JJ-NEW already" in again.text
    assert 'value="jj"' in small.text
    assert queries.bank_by_code("JJ-NEW").organisation_id == body.id


def test_the_service_refuses_a_taken_or_wrong_code() -> None:
    body = make_exam_body()
    make_bank(body, code="JJ-1")
    for code, refusal in (("JJ-1", ConflictError), ("j", InvalidError)):
        with pytest.raises(refusal), unit_of_work():
            services.create_bank(
                code=code, name_zh="库", name_en="Bank", organisation_id=body.id, purpose=Purpose.QUIZ, by=None, at=AT
            )


@pytest.mark.one_database
def test_an_unknown_bank_is_named_beside_the_known_ones() -> None:
    make_bank(make_exam_body(), code="JJ-1")

    with pytest.raises(NotFoundError, match="JJ-1"):
        queries.bank_by_code("JJ-2")


def test_the_grid_counts_what_is_in_use(reading_english: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank, author, reviewer = make_bank(body), make_author(body), make_reviewer(body)
    fill(bank, author, content("A-1"), content("A-2", level=CognitiveLevel.RECALL), approved_by=reviewer)
    fill(bank, author, content("A-3"), content("A-4"))
    with unit_of_work():
        services.retire(bank, queries.item(bank, "A-4"), reason="重复", by=reviewer, at=AT)

    page = reading_english(Role.AUTHOR, SHANDONG, body).get(f"/items/{bank.code}")

    assert queries.counts(bank.id) == {("policy", "apply"): 1, ("policy", "recall"): 1}
    assert (
        '<th scope="row">Policy and law</th><td class="number">1</td><td class="number">0</td><td class="number">2</td>'
        in (page.text.replace("\n", ""))
    )


def test_filters_narrow_the_list(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(
        bank,
        make_author(body),
        content("A-1", stem="百分之100%的题"),
        content("B-1", module="general", level=CognitiveLevel.RECALL),
        content("C-1", type=ItemType.MULTIPLE, topic="专利"),
    )

    def codes(choice: Choice) -> list[str]:
        return [row.item.code for row in queries.items(bank, choice).rows]

    assert codes(Choice(module="general")) == ["B-1"]
    assert codes(Choice(level="recall")) == ["B-1"]
    assert codes(Choice(type="multiple")) == ["C-1"]
    assert codes(Choice(text="0%")) == ["A-1"]
    assert codes(Choice(text="专利")) == ["C-1"]
    assert codes(Choice(text="b-1")) == ["B-1"]
    assert codes(Choice(state="approved")) == []
    page = sign_in(Role.AUTHOR, SHANDONG, body).get(f"/items/{bank.code}?module=general&state=nonsense")
    assert "B-1" in page.text
    assert "A-1" not in page.text


def test_a_long_bank_is_paged_and_costs_the_same(
    sign_in: Callable[..., FlaskClient], count_statements: Callable[[], list[str]]
) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(bank, make_author(body), *(content(f"A-{number:03d}") for number in range(60)))
    client = sign_in(Role.REVIEWER, SHANDONG, body)

    for address in ("/items", f"/items/{bank.code}?page=2", f"/items/{bank.code}/item/A-001"):
        statements = count_statements()
        statements.clear()
        page = client.get(address)
        assert page.status_code == 200
        assert len(statements) < 12, statements
    assert "A-025" in client.get(f"/items/{bank.code}?page=2").text
    assert client.get(f"/items/{bank.code}?page=99").status_code == 200


def test_an_export_gives_the_bank_back_and_is_on_record(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    fill(bank, author, content("A-1"), content("A-2"))
    client = sign_in(Role.EXAMINER, SHANDONG, body)

    whole = [kind for kind in WRITTEN_KINDS if kind is not FileKind.AIKEN]
    for kind in whole:
        answer = submit(client, f"/items/{bank.code}/export", page=f"/items/{bank.code}", kind=kind.value)
        assert files.read(answer.data, kind).items == [content("A-1"), content("A-2")]
        assert answer.headers["Cache-Control"] == "no-store"
        ending = files.ENDINGS.get(kind, kind.value)
        assert f"{bank.code}.{ending}" in answer.headers["Content-Disposition"]
    wrong = submit(client, f"/items/{bank.code}/export", page=f"/items/{bank.code}", kind="doc")

    assert wrong.status_code == 302
    told = session.scalars(select(Event).where(Event.kind == "items.exported")).all()
    assert [one.data["items"] for one in told] == [2] * len(whole)


@pytest.mark.one_database
def test_what_a_file_cannot_hold_is_shown_before_it_leaves(reading_english: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(bank, make_author(body), content("A-1"), replace(sample(ItemType.CASE), code="C-1"))
    client = reading_english(Role.EXAMINER, SHANDONG, body)
    page = f"/items/{bank.code}"

    told = submit(client, f"{page}/export", page=page, kind="gift")
    taken = submit(client, f"{page}/export", page=page, kind="gift", agreed="yes")
    lessened = submit(client, f"{page}/export", page=page, kind="aiken")

    assert "C-1" in told.text
    assert "no shared material with sub-items" in told.text
    assert [item.code for item in files.read(taken.data, FileKind.GIFT).items] == ["A-1"]
    assert "Goes out without: Code, Explanation, Module" in lessened.text
    (event,) = session.scalars(select(Event).where(Event.kind == "items.exported"))
    assert (event.data["items"], event.data["left_out"]) == (1, 1)


@pytest.mark.one_database
def test_retired_items_are_counted_before_a_file_leaves_and_go_out_where_they_are_asked_for(
    reading_english: Callable[..., FlaskClient],
) -> None:
    body = make_exam_body()
    bank, author, reviewer = make_bank(body), make_author(body), make_reviewer(body)
    fill(bank, author, content("A-1"), content("A-2"))
    with unit_of_work():
        services.retire(bank, queries.item(bank, "A-2"), reason="旧法", by=reviewer, at=AT)
    client, page = reading_english(Role.EXAMINER, SHANDONG, body), f"/items/{bank.code}"

    told = submit(client, f"{page}/export", page=page, kind="gift")
    usual = submit(client, f"{page}/export", page=page, kind="gift", agreed="yes")
    whole = submit(client, f"{page}/export", page=page, kind="gift", retired="y", agreed="yes")

    assert "Retired items, not in the file" in told.text
    assert 'name="retired"' in told.text
    taken = [[item.code for item in files.read(one.data, FileKind.GIFT).items] for one in (usual, whole)]
    assert taken == [["A-1"], ["A-1", "A-2"]]
    events = session.scalars(select(Event).where(Event.kind == "items.exported").order_by(Event.id))
    assert [(one.data["items"], one.data["retired"]) for one in events] == [(1, 1), (2, 0)]


@pytest.mark.parametrize("kind", list(ItemType))
def test_the_page_of_an_item_shows_what_it_asks_and_its_key(
    reading_english: Callable[..., FlaskClient], kind: ItemType
) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    item = sample(kind)
    fill(bank, make_author(body), item)
    page = reading_english(Role.REVIEWER, SHANDONG, body).get(f"/items/{bank.code}/item/{item.code}")

    assert page.status_code == 200
    for said in SHOWN[kind]:
        assert said in page.text
    assert ("<math" in page.text) == ("$" in item.stem)


SHOWN: dict[ItemType, tuple[str, ...]] = {
    ItemType.SINGLE: ("登记机构", "Right answer"),
    ItemType.MULTIPLE: ("登记机构", "Right answer"),
    ItemType.TRUE_FALSE: ("正确", "Right answer"),
    ItemType.BLANK: ("技术合同", "Answer key"),
    ItemType.NUMERIC: ("12.5 ± 0.1",),
    ItemType.MATCHING: ("认定登记", "登记机构"),
    ItemType.ORDERING: ("Answer key", "专利代理机构"),
    ItemType.SHORT_ANSWER: ("见办法",),
    ItemType.CASE: ("Sub-item 1: Single choice", "Sub-item 3: Essay", "Marking rubric", "要点"),
    ItemType.ESSAY: ("见办法",),
}


def test_a_picture_is_shown_to_the_organisation_of_its_item_only(reading_english: Callable[..., FlaskClient]) -> None:
    body, other = make_exam_body(), make_exam_body(slug="other")
    bank, author = make_bank(body), make_author(body)
    item = detailed()["a picture"]
    with unit_of_work():
        stored.store(PICTURE, name="figure.png", media_type="image/png")
        services.import_items(bank, [item], by=author, at=AT)
    client = reading_english(Role.REVIEWER, SHANDONG, body)
    address = f"/items/{bank.code}/item/{item.code}/files/{FIGURE.sha256}"

    assert f'src="{address}" alt="登记流程"' in client.get(f"/items/{bank.code}/item/{item.code}").text
    answer = client.get(address)
    assert (answer.data, answer.mimetype) == (PICTURE, "image/png")
    assert client.get(address[:-4] + "0000").status_code == 404
    assert reading_english(Role.REVIEWER, SHANDONG, other).get(address).status_code == 404


def test_an_item_whose_file_is_not_kept_comes_in_with_none() -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)

    with pytest.raises(InvalidError, match=r"figure\.png"), unit_of_work():
        services.import_items(bank, [detailed()["a picture"]], by=author, at=AT)


@pytest.mark.one_database
def test_every_page_speaks_english_too(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(bank, make_author(body), content("A-1"))
    fill(bank, make_author(body), content("A-1", explanation=""))
    client = sign_in(Role.REVIEWER, SHANDONG, body)
    client.set_cookie("lang", "en")

    for address in ("", f"/{bank.code}", f"/{bank.code}/item/A-1", f"/{bank.code}/approve-all"):
        assert client.get(f"/items{address}").status_code == 200
    author = sign_in(Role.AUTHOR, SHANDONG, body)
    author.set_cookie("lang", "en")
    assert "Report such items" in author.get(f"/items/{bank.code}/import").text


@pytest.mark.one_database
def test_missing_records_are_not_found(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)

    assert sign_in(Role.REVIEWER, SHANDONG, body).get(f"/items/{bank.code}/item/NONE").status_code == 404
    assert sign_in(Role.AUTHOR, SHANDONG, body).get(f"/items/{bank.code}/imports/none").status_code == 404
