"""Pages of titles send at most ten statements, however many applications there are."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.core.db import db
from tests.factories.accounts import Member
from tests.factories.titles import Scene, hold_meeting, make_accepted, make_applicant

pytestmark = pytest.mark.one_database

MOST = 10


@pytest.fixture
def sent(app: Flask) -> Iterator[list[str]]:
    del app
    kept: list[str] = []

    def keep(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            kept.append(statement)

    event.listen(db.engine, "before_cursor_execute", keep)
    yield kept
    event.remove(db.engine, "before_cursor_execute", keep)


def test_pages_keep_to_ten_statements(
    scene: Scene, sent: list[str], browser_of: Callable[[Member], FlaskClient]
) -> None:
    people = [make_applicant() for _ in range(3)]
    one, *_others = [make_accepted(scene, who) for who in people]
    hold_meeting(scene)
    office, mine = browser_of(scene.office.secretary), browser_of(people[0])
    counted = {}
    for client, url in (
        (office, "/titles/rounds"),
        (office, f"/titles/rounds/{scene.round_code}"),
        (office, f"/titles/applications/{one.code}"),
        (mine, "/titles/rounds"),
        (mine, f"/titles/applications/{one.code}"),
    ):
        sent.clear()
        assert client.get(url).status_code == 200
        counted[url] = len(sent)
    assert max(counted.values()) <= MOST, counted
