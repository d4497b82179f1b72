"""A restriction is imposed and lifted by the authority of its region, for a decision that is named."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.cases.models import Restriction
from app.cases.services.restrictions import Terms, impose, lift
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError, ForbiddenError, InvalidError
from tests.factories.accounts import GUANGDONG, NATION, Member, make_person
from tests.factories.cases import NOW, make_officer, restrict

pytestmark = pytest.mark.one_database

TERMS = Terms(date(2020, 1, 1), None, "提供虚假材料。", determination="鲁科认〔2026〕3号")


@pytest.mark.parametrize(
    ("names", "terms", "field"),
    [
        ([], {}, "kinds"),
        (["exams.sit"], {"ends_on": date(2019, 12, 31)}, "ends_on"),
        (["exams.sit"], {"determination": " "}, "determination"),
        (["nothing.known"], {}, "kind"),
        (["courses.open_cohort"], {}, "kinds"),
    ],
    ids=["nothing chosen", "an end before its beginning", "no decision named", "no such door", "a door of bodies"],
)
def test_a_restriction_that_cannot_be_names_its_field_and_imposes_none(
    app: Flask, names: list[str], terms: dict[str, object], field: str
) -> None:
    del app
    person, officer = make_person(), make_officer(NATION)
    given = replace(TERMS, **terms)  # type: ignore[arg-type]

    with pytest.raises(InvalidError) as refused, unit_of_work():
        impose(names, person, given, region_code=NATION, by=officer.actor, at=NOW)

    assert refused.value.field == field
    assert session.scalars(select(Restriction)).all() == []


def test_a_restriction_is_imposed_and_lifted_by_its_own_authority_once_and_not_for_the_past(app: Flask) -> None:
    del app
    other = make_person()
    found, officer, stranger = restrict("exams.sit", make_person()), make_officer(NATION), make_officer(GUANGDONG)

    def undo(by: Member, on: date) -> None:
        lift(found, reason="整改完成。", lifted_on=on, by=by.actor, at=NOW)

    with pytest.raises(ForbiddenError), unit_of_work():
        impose(["exams.sit"], other, TERMS, region_code=NATION, by=stranger.actor, at=NOW)
    with pytest.raises(ForbiddenError), unit_of_work():
        undo(stranger, NOW.date())
    with pytest.raises(InvalidError) as refused, unit_of_work():
        undo(officer, NOW.date() - timedelta(days=1))
    assert refused.value.field == "lifted_on"
    with unit_of_work():
        undo(officer, NOW.date())
    with pytest.raises(ConflictError), unit_of_work():
        undo(officer, NOW.date())


def test_nobody_imposes_or_lifts_a_restriction_of_their_own(app: Flask, browser_of: Callable[..., FlaskClient]) -> None:
    del app
    officer, other = make_officer(NATION), make_officer(NATION)
    found = restrict("exams.sit", officer.person)

    with pytest.raises(ForbiddenError), unit_of_work():
        impose(["items.write"], officer.person, TERMS, region_code=NATION, by=officer.actor, at=NOW)
    with pytest.raises(ForbiddenError), unit_of_work():
        lift(found, reason="自行解除。", lifted_on=NOW.date(), by=officer.actor, at=NOW)

    address = f"/restrictions/{found.code}"
    assert f"{address}/lift" not in browser_of(officer).get(address).text
    assert f"{address}/lift" in browser_of(other).get(address).text


def test_the_same_restriction_is_imposed_once_and_anew_after_it_was_lifted_or_with_another_end(app: Flask) -> None:
    del app
    person, officer = make_person(), make_officer(NATION)

    def imposed(**changed: object) -> str:
        with unit_of_work():
            given = replace(TERMS, **changed)  # type: ignore[arg-type]
            return impose(["exams.sit"], person, given, region_code=NATION, by=officer.actor, at=NOW)[0].code

    first = imposed()
    assert imposed() == first
    shorter = imposed(ends_on=date(2030, 1, 1))
    assert shorter != first
    with unit_of_work():
        found = session.scalars(select(Restriction).where(Restriction.code == first)).one()
        lift(found, reason="整改完成。", lifted_on=NOW.date(), by=officer.actor, at=NOW)
    assert imposed() not in {first, shorter}
