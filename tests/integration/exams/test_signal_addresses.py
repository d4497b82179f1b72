"""The network address of a sitting lies sealed: told apart without being opened, gone with its person."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import downgrade, upgrade
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from app.assessment.exams.models import SittingSignal
from app.assessment.exams.personal_data import PERSONAL_DATA
from app.assessment.exams.queries.signals import address_of
from app.assessment.exams.services.signals import record_signals
from app.assessment.exams.services.sitting import Writer
from app.core import rotation
from app.core.config import settings
from app.core.db import session, unit_of_work
from app.core.errors import ConflictError
from tests.factories.accounts import Member
from tests.factories.exams import OPENS, House, attempt_of, make_house, make_prepared, said, sitting_of, start
from tests.rotation import NEW, with_keys

Browser = Callable[[Member], FlaskClient]
SIGNALS = {one.name: one for one in PERSONAL_DATA}["signals"]


@pytest.fixture
def house(app: Flask) -> House:
    del app
    return make_house()


@pytest.fixture
def trainees(house: House, at_time: Callable[[datetime], None]) -> list[Member]:
    """Two trainees whose sittings run."""
    _planned, found = make_prepared(house, candidates=2)
    at_time(OPENS)
    for one in found:
        start(one)
    return found


def note(trainee: Member, address: str) -> None:
    with unit_of_work():
        writer = Writer(attempt_of(trainee).code, "0123456789abcdef", trainee.actor)
        record_signals(writer, signals=(), address=address, at=OPENS)


def rows() -> list[SittingSignal]:
    session.rollback()
    return list(session.scalars(select(SittingSignal).order_by(SittingSignal.id)))


def opened() -> list[str | None]:
    return [address_of(one.address_sealed, one.address_key) for one in rows()]


def test_no_row_holds_an_address_that_can_be_read_or_compared_across_sittings(trainees: list[Member]) -> None:
    for one in trainees:
        note(one, "10.0.0.1")

    first, second = rows()

    kept = session.execute(text("SELECT address_sealed, address_key, address_index FROM sitting_signal")).all()
    assert all(b"10.0.0.1" not in bytes(part) for row in kept for part in row)
    assert first.address_index != second.address_index
    assert opened() == ["10.0.0.1", "10.0.0.1"]


def test_a_report_stays_one_statement(trainees: list[Member], count_statements: Callable[[], list[str]]) -> None:
    writer = Writer(attempt_of(trainees[0]).code, "0123456789abcdef", trainees[0].actor)
    session.rollback()
    sent = count_statements()

    for address in ("10.0.0.1", "10.0.0.1", "10.0.0.2"):
        sent.clear()
        with unit_of_work():
            record_signals(writer, signals=(), address=address, at=OPENS)
        assert [one.split()[0] for one in sent if not one.startswith(("BEGIN", "COMMIT"))] == ["WITH"]

    assert opened() == ["10.0.0.1", "10.0.0.2"]


def test_while_keys_rotate_the_same_address_is_still_the_same_and_afterwards_opens_under_the_new_key_alone(
    trainees: list[Member], monkeypatch: pytest.MonkeyPatch
) -> None:
    old = settings().field_keys.get_secret_value()
    note(trainees[0], "10.0.0.1")
    with_keys(monkeypatch, NEW, old)
    note(trainees[0], "10.0.0.1")
    note(trainees[0], "10.0.0.2")
    before = [one.address_sealed for one in rows()]
    (column,) = (one for one in rotation.wrapped_columns() if one.table.name == "sitting_signal")

    with unit_of_work():
        last, count = rotation.rewrap(column, 0, 10)
        assert rotation.rewrap(column, last or 0, 10) == (None, 0)

    with_keys(monkeypatch, NEW)
    assert count == 2
    assert opened() == ["10.0.0.1", "10.0.0.2"]
    assert [one.address_sealed for one in rows()] == before, "what was noted stays; only its key is wrapped anew"


@pytest.mark.parametrize(
    "change",
    [
        {"address_sealed": b"another"},
        {"address_index": b"i" * 32},
        {"detail": {"place": 1}},
        {"received_at": OPENS.replace(year=2020)},
        {"address_key": b"another", "page": "p"},
        {"address_key": b"another", "address_index": b"i" * 32},
    ],
)
def test_nothing_but_the_key_of_an_address_ever_changes(trainees: list[Member], change: dict[str, Any]) -> None:
    note(trainees[0], "10.0.0.1")

    with pytest.raises((ConflictError, DBAPIError), match="append-only"), unit_of_work():
        session.execute(update(SittingSignal).values(change))


def test_a_key_that_was_destroyed_does_not_come_back(trainees: list[Member]) -> None:
    note(trainees[0], "10.0.0.1")
    with unit_of_work():
        session.execute(update(SittingSignal).values(address_key=None, address_index=None))

    with pytest.raises((ConflictError, DBAPIError), match="append-only"), unit_of_work():
        session.execute(update(SittingSignal).values(address_key=b"key", address_index=b"i" * 32))


def test_an_erasure_takes_the_addresses_of_that_person_and_leaves_what_happened(
    house: House, trainees: list[Member], browser_of: Browser
) -> None:
    for one in trainees:
        note(one, "10.0.0.1")
    assert [row["address"] for row in SIGNALS.collect(trainees[0].person.id)] == ["10.0.0.1"]
    assert SIGNALS.forget is not None

    with unit_of_work():
        SIGNALS.forget(trainees[0].person.id)

    assert opened() == [None, "10.0.0.1"]
    assert [(row["kind"], row["address"]) for row in SIGNALS.collect(trainees[0].person.id)] == [("address", None)]
    ticket = sitting_of(trainees[0]).registration.code
    page = browser_of(house.examiner).get(f"/exams/sittings/{ticket}/signals")
    assert said("Erased together with the data of the person it was about.") in page.text


@pytest.mark.timeout(120)
def test_the_migration_seals_what_was_noted_and_opens_it_again(trainees: list[Member]) -> None:
    note(trainees[0], "10.0.0.1")
    note(trainees[0], "2001:db8::1")
    note(trainees[1], "10.0.0.3")
    with unit_of_work():
        gone = select(SittingSignal.id).order_by(SittingSignal.id.desc()).limit(1).scalar_subquery()
        session.execute(
            update(SittingSignal).where(SittingSignal.id == gone).values(address_key=None, address_index=None)
        )
    session.rollback()

    downgrade(revision="0054")
    plain = session.execute(text("SELECT address FROM sitting_signal ORDER BY id")).scalars().all()
    with pytest.raises((ConflictError, DBAPIError), match="append-only"):
        session.execute(text("UPDATE sitting_signal SET address = 'x'"))
    session.rollback()
    upgrade()

    assert plain == ["10.0.0.1", "2001:db8::1", ""]
    assert opened() == plain
    note(trainees[0], "2001:db8::1")
    assert len(rows()) == 3, "an address that was noted before it was sealed is known again"
    with pytest.raises((ConflictError, DBAPIError), match="append-only"), unit_of_work():
        session.execute(update(SittingSignal).values(address_sealed=b"x"))
