"""The settable clock, calendar published, and files by content hash."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.states import Role
from app.core import calendar, clock, files
from app.core.access_log import AccessLook, Purpose, looked_up
from app.core.db import session, unit_of_work
from app.core.errors import ForbiddenError, InvalidError, TooLargeError
from app.core.events import Subject
from app.core.uploads import media_type_of
from app.settings import Settings
from tests.factories.accounts import Member, make_member

MOMENT = datetime(2025, 1, 31, 20, tzinfo=UTC)


def test_domain_time_moves_and_security_time_does_not(at_time: Callable[[datetime], None]) -> None:
    at_time(MOMENT)

    assert abs(clock.now() - MOMENT) < timedelta(seconds=5)
    assert clock.real_now() > datetime(2026, 1, 1, tzinfo=UTC)
    assert clock.clock_was_moved()


def test_the_date_is_that_of_shanghai(at_time: Callable[[datetime], None]) -> None:
    at_time(MOMENT)

    assert clock.today() == date(2025, 2, 1)
    assert clock.day_of(MOMENT) == date(2025, 2, 1)


def test_production_refuses_to_move_the_clock_and_ignores_a_moved_one(
    settings: Settings, at_time: Callable[[datetime], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    at_time(MOMENT)
    monkeypatch.setattr(settings, "testing", False)
    monkeypatch.setattr(settings, "demo", False)

    with pytest.raises(ForbiddenError), unit_of_work():
        clock.set_clock(MOMENT)
    assert abs(clock.now() - clock.real_now()) < timedelta(seconds=5)


@pytest.mark.usefixtures("app")
def test_the_clock_was_not_moved_at_first() -> None:
    assert not clock.clock_was_moved()


@pytest.mark.usefixtures("app")
def test_an_authority_can_override_a_day() -> None:
    day = date(2030, 5, 6)
    with unit_of_work():
        session.add(calendar.CalendarOverride(day=day, working=False, source="通知"))

    assert calendar.published() == calendar.Published({day: False})


@pytest.mark.usefixtures("app")
def test_a_year_that_was_entered_is_read_with_the_overrides() -> None:
    row = {"source": "通知（示例）", "notice": "示例〔2090〕1号", "sample": True, "entered_at": MOMENT}
    with unit_of_work():
        session.add(calendar.CalendarYear(year=2091, **row))

    assert calendar.published() == calendar.Published({}, frozenset({2091}))


@pytest.mark.usefixtures("app")
def test_the_same_content_is_kept_once_and_read_back_whole() -> None:
    with unit_of_work():
        first = files.store(b"content", name="a.txt", media_type="text/plain")
        again = files.store(b"content", name="b.txt", media_type="text/plain")

    assert first.id == again.id
    assert files.load(first) == b"content"


@pytest.mark.usefixtures("app")
def test_several_contents_are_kept_together_each_once() -> None:
    with unit_of_work():
        known = files.store(b"known", name="a.txt", media_type="text/plain")
        given = [("b.txt", b"known"), ("c.txt", b"first"), ("d.txt", b"second"), ("e.txt", b"first")]
        keys = files.store_all(given, media_type="text/plain")
        none = files.store_all([], media_type="text/plain")

    assert (keys[0], keys[1] == keys[3], len(set(keys)), none) == (known.id, True, 3, [])
    assert [files.load(session.get_one(files.StoredFile, key)) for key in keys] == [data for _name, data in given]


@pytest.mark.usefixtures("app")
def test_a_file_changed_on_disk_is_not_given_out() -> None:
    with unit_of_work():
        stored = files.store(b"true", name="a.txt", media_type="text/plain")
    path = files.path_of(stored.sha256)
    path.write_bytes(b"false")

    with pytest.raises(RuntimeError, match="changed on disk"):
        files.load(stored)
    path.unlink()


def test_uploads_are_limited_and_may_not_be_empty(app: Flask) -> None:
    assert files.read_limited(BytesIO(b"abc"), 3) == b"abc"
    with pytest.raises(TooLargeError):
        files.read_limited(BytesIO(b"abcd"), 3)
    with app.test_request_context(), pytest.raises(InvalidError) as refused:
        files.read_limited(BytesIO(b""), 3)
    assert refused.value.field == "file"


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("data", "media_type"),
    [(b"%PDF-1.7", "application/pdf"), (b"\x89PNG\r\n\x1a\n0", "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg")],
)
def test_scans_are_known_by_how_they_begin_and_nothing_else_is_attached(data: bytes, media_type: str) -> None:
    assert media_type_of(data) == media_type
    for other in (b"", data[1:], b"<html>" + data):
        with pytest.raises(InvalidError) as refused:
            media_type_of(other)
        assert refused.value.field == "file"


@pytest.mark.usefixtures("app")
def test_a_look_at_oneself_and_a_look_of_the_public_leave_no_row() -> None:
    viewer, other = make_member(Role.REGULATOR), make_member(Role.TRAINEE)
    record = Subject("person", other.person.code)

    def look(*people: Member, by: Member | None) -> list[int]:
        whose = [one.person.id for one in people]
        looked_up(whose, by=by.actor if by else None, purpose=Purpose.EXAMINATION, record=record)
        return list(session.scalars(select(AccessLook.person_id)))

    assert look(other, by=None) == []
    assert look(viewer, by=viewer) == []
    assert look(viewer, other, other, by=viewer) == [other.person.id]
