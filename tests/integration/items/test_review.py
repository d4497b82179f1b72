"""Review: what one person wrote another approves, one by one or a whole list."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app.accounts.states import Role
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError
from app.desk.queries import todos_of
from app.items import queries, services
from app.items.models import ItemVersion
from app.items.queries import Choice
from app.items.rules.bodies import Body, Number
from app.items.states import ItemState, ItemType
from tests.factories.accounts import SHANDONG, make_member
from tests.factories.items import AT, content, fill, make_author, make_bank, make_exam_body, make_reviewer
from tests.page_lint import lint_page
from tests.submit import submit
from tests.unit.items.samples import sample

pytestmark = pytest.mark.usefixtures("app")
ENGLISH = {"Accept-Language": "en"}


def test_an_author_may_not_approve_their_own_item() -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    fill(bank, author, content("A-1"))

    with pytest.raises(ForbiddenError, match="A-1"), unit_of_work():
        services.approve(bank, queries.items_by_codes(bank, {"A-1"}), by=author, at=AT)

    assert queries.counts(bank.id) == {}


def test_who_wrote_a_later_version_may_not_approve_it_either() -> None:
    body = make_exam_body()
    bank, first, second = make_bank(body), make_author(body), make_author(body)
    fill(bank, first, content("A-1"))
    fill(bank, second, content("A-1", stem="换了说法的题干"))

    with pytest.raises(ForbiddenError), unit_of_work():
        services.approve(bank, queries.items_by_codes(bank, {"A-1"}), by=second, at=AT)


def test_the_database_refuses_an_author_who_approves() -> None:
    body = make_exam_body()
    bank, author = make_bank(body), make_author(body)
    fill(bank, author, content("A-1"))

    with pytest.raises(IntegrityError):
        session.execute(
            text("UPDATE item SET state = 'approved', approved_by_id = author_id, approved_at = created_at")
        )
    session.rollback()


def test_an_approved_item_counts_for_the_blueprint_and_closes_what_waited() -> None:
    body = make_exam_body()
    bank, author, reviewer = make_bank(body), make_author(body), make_reviewer(body)
    fill(bank, author, content("A-1"), content("A-2", module="general"))
    assert len(todos_of(reviewer)) == 1

    with unit_of_work():
        services.approve(bank, queries.items_by_codes(bank, {"A-1", "A-2"}), by=reviewer, at=AT)

    assert queries.counts(bank.id) == {("policy", "apply"): 1, ("general", "apply"): 1}
    assert [one.stem for one in queries.contents(bank)] == [content("A-1").stem, content("A-2").stem]
    assert todos_of(reviewer) == []


def test_a_whole_list_is_approved_only_while_it_is_as_long_as_confirmed() -> None:
    body = make_exam_body()
    bank, author, reviewer = make_bank(body), make_author(body), make_reviewer(body)
    fill(bank, author, content("A-1"), content("A-2"))

    with pytest.raises(ConflictError), unit_of_work():
        services.approve_choice(bank, Choice(), expected=1, by=reviewer, at=AT)
    with unit_of_work():
        done = services.approve_choice(bank, Choice(), expected=2, by=reviewer, at=AT)

    assert done.approved == 2


def test_a_retired_item_leaves_the_blueprint_but_its_versions_stay() -> None:
    body = make_exam_body()
    bank, author, reviewer = make_bank(body), make_author(body), make_reviewer(body)
    fill(bank, author, content("A-1"), approved_by=reviewer)
    assert len(queries.contents(bank)) == 1

    with unit_of_work():
        services.retire(bank, queries.item(bank, "A-1"), reason="法条已修订", by=reviewer, at=AT)

    assert queries.contents(bank) == []
    assert session.scalars(select(ItemVersion.stem)).all() == [content("A-1").stem]
    with pytest.raises(ConflictError), unit_of_work():
        services.approve(bank, [queries.item(bank, "A-1")], by=reviewer, at=AT)


def test_a_reviewer_approves_one_item_on_its_page(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(bank, make_author(body), content("A-1"))
    client = sign_in(Role.REVIEWER, SHANDONG, body)

    address = f"/items/{bank.code}/item/A-1"
    page = client.get(address)
    answer = submit(client, f"{address}/approve", page=address)

    assert "第A-1号" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert answer.status_code == 302
    assert queries.item(bank, "A-1").state is ItemState.APPROVED


def test_ticked_items_are_approved_without_scripts(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(bank, make_author(body), *(content(f"A-{number}") for number in range(1, 4)))
    client = sign_in(Role.REVIEWER, SHANDONG, body)

    submit(client, f"/items/{bank.code}/approve", page=f"/items/{bank.code}", item=["A-1", "A-3"])
    nothing = submit(client, f"/items/{bank.code}/approve", page=f"/items/{bank.code}")

    assert nothing.status_code == 302
    assert [queries.item(bank, f"A-{number}").state for number in range(1, 4)] == [
        ItemState.APPROVED,
        ItemState.DRAFT,
        ItemState.APPROVED,
    ]


def test_a_filtered_list_is_approved_after_its_number_was_confirmed(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(bank, make_author(body), content("A-1"), content("B-1", module="general"))
    client = sign_in(Role.REVIEWER, SHANDONG, body)

    listed = client.get(f"/items/{bank.code}?module=general")
    asked = client.get(f"/items/{bank.code}/approve-all?module=general")
    answer = submit(client, f"/items/{bank.code}/approve-all?module=general", expected="1")

    assert "approve-all?module=general" in listed.text
    assert 'name="expected" value="1"' in asked.text
    assert answer.status_code == 302
    assert queries.item(bank, "B-1").state is ItemState.APPROVED
    assert queries.item(bank, "A-1").state is ItemState.DRAFT
    assert "expected" not in client.get(f"/items/{bank.code}/approve-all?module=general").text


@pytest.mark.one_database
def test_an_item_is_retired_with_a_reason_only(sign_in: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    fill(bank, make_author(body), content("A-1"))
    client = sign_in(Role.REVIEWER, SHANDONG, body)

    address = f"/items/{bank.code}/item/A-1"
    bare = submit(client, f"{address}/retire", page=address, reason="")
    told = submit(client, f"{address}/retire", page=address, reason="法条已修订")

    assert (bare.status_code, told.status_code) == (422, 302)
    assert "法条已修订" in client.get(address).text


@pytest.mark.one_database
def test_an_author_sees_why_they_cannot_approve(browser_of: Callable[..., FlaskClient]) -> None:
    body = make_exam_body()
    bank = make_bank(body)
    both = make_member(Role.REVIEWER, SHANDONG, body)
    fill(bank, replace(both.actor, role=Role.AUTHOR.value), content("A-1"))

    page = browser_of(both).get(f"/items/{bank.code}/item/A-1")
    listed = browser_of(both).get(f"/items/{bank.code}")

    assert f"/items/{bank.code}/item/A-1/approve" not in page.text
    assert 'type="checkbox"' not in listed.text


def test_an_english_page_marks_the_name_it_waits_for_and_a_unit_as_what_people_typed(
    sign_in: Callable[..., FlaskClient],
) -> None:
    body = make_exam_body()
    bank, author, reviewer = make_bank(body), make_author(body), make_reviewer(body)
    amount = Body(numbers=(Number(Decimal("12.5")),), unit="万元")
    fill(bank, author, replace(sample(ItemType.NUMERIC, body=amount), code="N-1"))
    with unit_of_work():
        services.ask_revision(bank, queries.item(bank, "N-1"), words="请改题干。", by=reviewer, at=AT)

    page = sign_in(Role.EXAMINER, SHANDONG, body).get(f"/items/{bank.code}/item/N-1", headers=ENGLISH).text

    assert lint_page(page, "en") == []
