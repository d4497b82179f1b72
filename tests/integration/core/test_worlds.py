"""A world that was built before comes back as it was built, and as nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app import create_app
from app.accounts.models import Person
from app.accounts.states import Role
from app.core import clock, files, post
from app.core.db import db, session, unit_of_work
from app.core.files import StoredFile
from app.settings import Settings
from tests.conftest import _empty
from tests.factories.accounts import Member, make_member, make_person
from tests.worlds import built_once, worlds

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
CONTENT = b"a file of a world"


@built_once
def make_pair(role: Role) -> tuple[Member, Member]:
    with unit_of_work():
        files.store(CONTENT, name="a.txt", media_type="text/plain")
    post.send(post.Letter("a@demo.example", "Subject", "Body", "world"))
    return make_member(role), make_member(role)


@built_once
def make_third(pair: tuple[Member, Member]) -> tuple[Member, Member]:
    return pair[0], make_member(Role.AUTHOR)


@pytest.fixture
def next_test(app: Flask) -> Callable[[], None]:
    """Give what stands between two tests."""
    del app

    def begin() -> None:
        session.remove()
        _empty()
        post.empty_memory()
        worlds.begin(None)

    return begin


def people() -> int:
    return session.scalar(select(func.count()).select_from(Person)) or 0


def test_what_a_test_did_to_its_world_is_gone_with_it(next_test: Callable[[], None]) -> None:
    first, _other = make_pair(Role.TRAINEE)
    code, name = first.person.code, first.person.name
    with unit_of_work():
        session.execute(update(Person).values(name="改名"))
    stored = session.scalars(select(StoredFile)).one()
    files.path_of(stored.sha256).unlink()
    make_person()

    next_test()
    again, other = make_pair(Role.TRAINEE)

    assert (again.person.code, again.person.name, again.actor) == (code, name, first.actor)
    assert again.person is session.get_one(Person, again.person.id)
    assert other.person.code != code
    assert people() == 2
    assert files.load(session.scalars(select(StoredFile)).one()) == CONTENT
    assert len(post.in_memory()) == 1
    with unit_of_work():
        again.person.name = "新名"
    assert session.scalar(select(Person.name).where(Person.code == code)) == "新名"


def test_a_world_on_a_world_comes_back_with_it(next_test: Callable[[], None]) -> None:
    _first, third = make_third(make_pair(Role.AUTHOR))
    code = third.person.code

    next_test()
    pair = make_pair(Role.AUTHOR)
    first, again = make_third(pair)

    assert again.person.code == code
    assert first.person is pair[0].person
    assert make_third(pair)[1].person.code != code, "the second on top is another"
    assert people() == 4


def test_after_any_other_write_and_for_other_arguments_it_is_built_anew(next_test: Callable[[], None]) -> None:
    code = make_pair(Role.TRAINEE)[0].person.code

    next_test()
    stranger = make_person()
    assert make_pair(Role.TRAINEE)[0].person.code != code
    assert session.get(Person, stranger.id) is not None
    assert people() == 3

    next_test()
    assert make_pair(Role.LECTURER)[0].person.code != code


def test_what_a_test_patched_is_in_its_world_and_in_no_other(
    next_test: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    code = make_pair(Role.TRAINEE)[0].person.code
    next_test()
    worlds.begin(monkeypatch)
    monkeypatch.setattr("tests.factories.accounts.SURNAMES", "欧" * 10)

    assert make_pair(Role.TRAINEE)[0].person.name.startswith("欧")

    next_test()
    assert make_pair(Role.TRAINEE)[0].person.code == code


def test_the_clock_of_a_world_goes_on_from_where_it_stood(
    next_test: Callable[[], None], at_time: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_time(AT)
    code = make_pair(Role.TRAINEE)[0].person.code
    later = clock.real_now() + timedelta(hours=1)

    next_test()
    at_time(AT)
    monkeypatch.setattr("tests.worlds.real_now", lambda: later)
    monkeypatch.setattr("app.core.clock.real_now", lambda: later)
    assert make_pair(Role.TRAINEE)[0].person.code == code
    assert AT <= clock.now() < AT + timedelta(minutes=1)


def test_a_world_of_another_database_is_kept_nowhere(
    app: Flask, settings: Settings, next_test: Callable[[], None], tmp_path: Path
) -> None:
    other = create_app(settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/other.db"}))
    with other.app_context():
        db.create_all()
        code = make_pair(Role.EMPLOYER)[0].person.code
        session.remove()
        db.engine.dispose()

    next_test()
    assert app.name == other.name
    assert make_pair(Role.EMPLOYER)[0].person.code != code
    assert people() == 2
