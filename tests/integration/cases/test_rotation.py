"""After a rotation of keys protected authors and people who were only named are found under the new keys alone."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.states import Role
from app.cases import services
from app.cases.models import CaseAuthor, DeclaredRelation
from app.cases.queries.relations import DECLARATION, to_people
from app.cases.services import Filing, Relative, authors
from app.cases.services.keys import RENEWALS
from app.cases.states import Relation
from app.core import rotation
from app.core.config import settings
from app.core.db import session, unit_of_work
from tests.factories.accounts import make_member
from tests.factories.cases import NOW, make_clocks, make_objection, make_publicity
from tests.rotation import NEW, with_keys


def indexes() -> set[bytes]:
    return {
        session.scalars(select(CaseAuthor.author_index)).one(),
        session.scalars(select(DeclaredRelation.name_index)).one(),
    }


def rotate() -> None:
    for column in rotation.wrapped_columns():
        with unit_of_work():
            rotation.rewrap(column, 0, 100)
    for renew in RENEWALS:
        with unit_of_work():
            last, count = renew(0, 100)
            assert count == 1
            assert renew(last or 0, 100) == (None, 0)


def test_protected_authors_and_people_who_were_named_are_found_after_a_rotation(
    app: Flask, at_time: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    del app
    make_clocks()
    at_time(NOW)
    author, expert, applicant = make_member(Role.TRAINEE), make_member(Role.MARKER), make_member(Role.TRAINEE)
    objection = make_objection(make_publicity(), author.actor)
    about = f"{expert.person.code}-{NOW.year}"
    filing = Filing("见所列人员。", declares=False, relations=[Relative(Relation.KINSHIP, applicant.person.name)])
    with unit_of_work():
        services.open_case(DECLARATION, about, filing, by=expert.actor, at=NOW)
    old = settings().field_keys.get_secret_value()
    before = (
        session.scalars(select(CaseAuthor.author_index)).one(),
        session.scalars(select(DeclaredRelation.name_index)).one(),
    )
    session.rollback()

    with_keys(monkeypatch, NEW, old)
    rotate()
    with_keys(monkeypatch, NEW)

    session.expire_all()
    after = (
        session.scalars(select(CaseAuthor.author_index)).one(),
        session.scalars(select(DeclaredRelation.name_index)).one(),
    )
    assert not set(before) & set(after)
    assert authors.is_author(objection, author.actor)
    assert [one.by for one in to_people([applicant.person.id])] == [expert.person.id]
