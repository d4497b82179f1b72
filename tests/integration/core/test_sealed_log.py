"""History cannot be rewritten unseen: every event is a leaf of a signed tree, and the audit finds what was touched."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app.core import merkle, notes, sealing
from app.core.audit import Check, audit
from app.core.clock import real_now
from app.core.db import db, session, unit_of_work
from app.core.events import Event, Subject, record
from app.core.sealing import LogCheckpoint, LogLeaf, LogNode
from app.core.signing import Signer, create_key

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
Run = Callable[..., Any]


@pytest.fixture(name="small_batches")
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "BATCH", 3)


def happen(count: int) -> list[Event]:
    with unit_of_work():
        return [record("bases.applied", Subject("training_base", f"b{n}"), by=None, at=AT) for n in range(count)]


def faults() -> dict[str, str]:
    return {check.name: check.detail for check in audit() if not check.passed}


def by_force(statement: str) -> None:
    """Change what the triggers protect, as somebody could who owns the database."""
    event = "event_no_update" if statement.startswith("UPDATE") else "event_no_delete"
    with db.engine.begin() as connection:
        if db.engine.dialect.name == "sqlite":
            kept = connection.scalar(text(f"SELECT sql FROM sqlite_master WHERE name = '{event}'"))
            connection.execute(text(f"DROP TRIGGER {event}"))
            connection.execute(text("PRAGMA defer_foreign_keys = 1"))
            connection.execute(text(statement))
            connection.execute(text(kept))
        else:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(statement))
            connection.execute(text("SET session_replication_role = origin"))
    session.rollback()
    session.expire_all()


@pytest.mark.usefixtures("app", "small_batches")
def test_every_event_is_sealed_once_in_batches_each_with_a_signed_root() -> None:
    happen(7)

    assert sealing.seal() == 7
    assert sealing.seal() == 0

    leaves = session.scalars(select(LogLeaf).order_by(LogLeaf.number)).all()
    assert [leaf.number for leaf in leaves] == list(range(7))
    assert [row.size for row in session.scalars(select(LogCheckpoint).order_by(LogCheckpoint.size))] == [3, 6, 7]
    assert faults() == {}


@pytest.mark.usefixtures("app", "small_batches")
def test_a_long_wait_is_sealed_without_looking_again_at_what_was_just_sealed(monkeypatch: pytest.MonkeyPatch) -> None:
    events = happen(7)
    looked: list[int] = []
    unsealed = sealing._unsealed

    def look(of: sealing.Log, after: int) -> Any:  # noqa: ANN401 - a statement
        looked.append(after)
        return unsealed(of, after)

    monkeypatch.setattr(sealing, "_unsealed", look)

    assert sealing.seal() == 7

    assert looked == [0, events[2].id, events[5].id]


@pytest.mark.usefixtures("app", "small_batches")
def test_an_event_that_commits_late_between_two_batches_is_sealed_by_the_next_call(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (first,) = happen(1)

    def numbered(place: int) -> Event:
        about = {"kind": "bases.applied", "subject_type": "training_base", "subject_code": f"n{place}"}
        return Event(id=first.id + place, **about, at=AT, recorded_at=real_now(), data={})

    with unit_of_work():
        session.add_all([numbered(2), numbered(5), numbered(9)])
    late, sign = [numbered(3)], notes.sign

    def sign_while_another_commits(head: notes.Head, signer: Signer) -> str:
        if late and head.size == 3:
            session.add(late.pop())
        return sign(head, signer)

    monkeypatch.setattr(notes, "sign", sign_while_another_commits)

    assert sealing.seal() == 4
    assert sealing.seal() == 1
    assert faults() == {}


@pytest.mark.usefixtures("app")
def test_the_tree_grows_on_from_what_was_stored() -> None:
    happen(5)
    sealing.seal()
    happen(6)
    sealing.seal()

    leaves = session.scalars(select(LogLeaf.hash).order_by(LogLeaf.number)).all()
    tree = merkle.Frontier()
    for leaf in leaves:
        tree.append(leaf)
    last = sealing.latest()
    assert last
    assert (last.size, last.root) == (11, tree.root)


@pytest.mark.usefixtures("app")
def test_an_event_that_commits_late_is_sealed_behind_later_ones() -> None:
    first = happen(3)
    with unit_of_work():
        late = Event(
            id=first[-1].id + 1, kind="bases.applied", subject_type="training_base", subject_code="late", at=AT,
            recorded_at=real_now(), data={},
        )  # fmt: skip
        later = Event(
            id=first[-1].id + 2, kind="bases.applied", subject_type="training_base", subject_code="later", at=AT,
            recorded_at=real_now(), data={},
        )  # fmt: skip
        session.add(later)
    sealing.seal()
    with unit_of_work():
        session.add(late)

    assert sealing.seal() == 1

    numbers = dict(session.execute(select(Event.subject_code, LogLeaf.number).join(LogLeaf)).all())
    assert numbers["later"] < numbers["late"]
    assert faults() == {}


@pytest.mark.usefixtures("app")
def test_what_settled_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    events = happen(4)
    monkeypatch.setattr(sealing, "SETTLED", timedelta(seconds=-5))

    sealing.seal()

    last = sealing.latest()
    assert last
    assert last.settled_id == events[-1].id
    happen(1)
    assert sealing.seal() == 1


@pytest.mark.usefixtures("app")
def test_a_batch_that_fails_seals_nothing_and_the_next_one_all(monkeypatch: pytest.MonkeyPatch) -> None:
    happen(4)
    with monkeypatch.context() as broken:
        broken.setattr(sealing, "origin", lambda _log: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            sealing.seal()

    assert session.scalars(select(LogLeaf)).all() == []
    assert sealing.seal() == 4
    assert faults() == {}


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE event SET reason = 'another' WHERE id = {id}", "was changed"),
        ("UPDATE event SET actor_id = 1 WHERE id = {id}", "was changed"),
        ("UPDATE event SET data = '{{\"points\": 60}}' WHERE id = {id}", "was changed"),
        ("DELETE FROM event WHERE id = {id}", "is missing"),
    ],
)
def test_the_audit_names_an_event_that_was_touched(statement: str, found: str) -> None:
    events = happen(5)
    sealing.seal()
    assert faults() == {}

    if statement.startswith("DELETE") and db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA foreign_keys = 0")
            connection.exec_driver_sql("DROP TRIGGER event_no_delete")
            connection.exec_driver_sql(statement.format(id=events[2].id))
            connection.invalidate()
        session.rollback()
    else:
        by_force(statement.format(id=events[2].id))

    told = faults()
    assert found in told["events"]
    assert "leaf 2" in told["events"]


@pytest.mark.usefixtures("app")
def test_a_history_computed_anew_without_the_key_is_found() -> None:
    happen(3)
    sealing.seal()
    with unit_of_work():
        forged = LogCheckpoint(
            log=sealing.AUDIT, size=99, root=b"r" * 32, frontier=b"", settled_id=0, key="z6Mk", note="a\n\nb\n",
            at=real_now(),
        )  # fmt: skip
        session.add(forged)

    assert "the signature of the root over 99 leaves does not hold" in faults()["checkpoints"]


@pytest.mark.usefixtures("app")
def test_a_root_kept_elsewhere_shows_that_the_log_was_replaced(tmp_path: Path) -> None:
    happen(3)
    sealing.seal()
    last = sealing.latest()
    assert last
    kept = last.note
    happen(2)
    sealing.seal()

    assert all(check.passed for check in audit(kept))
    stranger = notes.sign(notes.Head(sealing.origin(), 3, b"r" * 32), create_key(tmp_path, "x"))
    replaced = notes.sign(notes.Head(sealing.origin(), 3, b"r" * 32), sealing.log_signer())
    assert Check("earlier checkpoint", passed=False, detail="it is not signed by this log's key") in audit(stranger)
    assert "no longer part of it" in {check.name: check.detail for check in audit(replaced)}["earlier checkpoint"]


@pytest.mark.usefixtures("app")
def test_events_that_wait_too_long_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    happen(2)
    assert faults() == {}

    monkeypatch.setattr("app.core.audit.SEALED_WITHIN", timedelta(seconds=-5))

    assert faults() == {"sealed": "2 events were never sealed"}
    assert sealing.waiting_since() is not None


@pytest.mark.usefixtures("app")
def test_a_missing_trigger_is_told() -> None:
    with db.engine.begin() as connection:
        on = "" if db.engine.dialect.name == "sqlite" else " ON event"
        connection.execute(text(f"DROP TRIGGER event_no_update{on}"))
    try:
        assert faults() == {"triggers": "event lost the trigger against update"}
    finally:
        if db.engine.dialect.name != "sqlite":
            with db.engine.begin() as connection:
                connection.execute(
                    text(
                        "CREATE TRIGGER event_no_update BEFORE UPDATE ON event "
                        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
                    )
                )


@pytest.mark.usefixtures("app")
def test_whole_tiles_are_kept_so_that_a_proof_reads_few_rows() -> None:
    happen(600)
    sealing.seal()

    assert [(row.level, row.number) for row in session.scalars(select(LogNode))] == [(8, 0), (8, 1)]
    last = sealing.latest()
    assert last
    for code, number in session.execute(
        select(Event.code, LogLeaf.number).join(LogLeaf).where(LogLeaf.number.in_((0, 255, 256, 511, 599)))
    ):
        proof = sealing.prove(code)
        leaf = session.scalar(select(LogLeaf.hash).where(LogLeaf.number == number))
        assert proof
        assert leaf
        assert merkle.root_from_inclusion(leaf, number, proof.size, proof.path) == last.root
    assert faults() == {}


def test_the_commands_seal_show_prove_and_check(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    assert run(args=["log", "checkpoint"]).exit_code == 1
    event = happen(3)[1]

    assert json.loads(run(args=["log", "seal", "--json"]).stdout)["sealed"] == 3
    kept = tmp_path / "checkpoint"
    shown = json.loads(run(args=["log", "checkpoint", "--json", "--out", str(kept)]).stdout)
    proof = json.loads(run(args=["log", "prove", event.code, "--json"]).stdout)
    checked = run(args=["log", "audit", "--json", "--since", str(kept)])

    assert shown["size"] == 3
    assert shown["key"].startswith("localhost:8000/log/audit+")
    assert kept.read_text() == shown["checkpoint"] == proof["checkpoint"]
    assert proof["leaf"] == 1
    assert json.loads(checked.stdout)["valid"] is True
    assert run(args=["log", "prove", "nobody"]).exit_code == 1
    by_force(f"UPDATE event SET reason = 'x' WHERE id = {event.id}")
    assert run(args=["log", "audit"]).exit_code == 1
