"""Whoever steals the server guesses votes no better than chance, and would notice a leak at once.

On both databases, because a thief of each finds other things: on SQLite pages in the order of writing and one
write-ahead log that is written over; on PostgreSQL pages in any order, the transaction of each row, and a log of all.
"""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app.ballots.models import BallotVote
from app.ballots.states import Choice
from app.core import events
from app.core.db import db, session
from app.core.events import Subject
from tests.factories import ballots as make
from tests.integration.ballots.attacker import Score, attack, observe
from tests.integration.ballots.meetings import Leak, hold, loot

pytestmark = pytest.mark.usefixtures("app")
MEETINGS = 200
LEAKY = 15
CERTAIN = 0.95
LOG = logging.getLogger("ballots")


@pytest.mark.timeout(300)
def test_a_thief_of_the_server_guesses_no_better_than_chance(tmp_path: Path) -> None:
    """Of a hundred honest runs one lies above the band; two in a row do not."""
    first = _score(1, tmp_path)
    score = _score(2, tmp_path) if first.beats_chance else first

    assert not score.beats_chance, f"{score.accuracy:.3f} above {score.chance:.3f} by {score.trait}"


def _score(run: int, folder: Path) -> Score:
    season = hold(MEETINGS, seed=run)
    return attack(observe(loot(season, folder)), season.truth)


def test_a_second_season_is_judged_by_its_own_votes(tmp_path: Path) -> None:
    """Whatever an earlier one left behind: so the first may be tried again."""
    hold(2, seed=1)
    season = hold(2, seed=2)

    assert set(observe(loot(season, tmp_path)).hashes) == set(season.truth)


@pytest.fixture(name="box")
def _box() -> Iterator[None]:
    """A ballot box as one would build it first: choices without names, one row a vote."""
    with db.engine.begin() as connection:
        number = "INTEGER PRIMARY KEY" if db.engine.dialect.name == "sqlite" else "SERIAL PRIMARY KEY"
        connection.execute(text(f"CREATE TABLE box (id {number}, ballot_id BIGINT, choice TEXT)"))
    yield
    session.remove()
    with db.engine.begin() as connection:
        connection.execute(text("DROP TABLE box"))


def _anonymous_row(row: BallotVote, choice: Choice) -> None:
    given = {"ballot": row.ballot_id, "choice": choice.value}
    session.execute(text("INSERT INTO box (ballot_id, choice) VALUES (:ballot, :choice)"), given)


def _logged(row: BallotVote, choice: Choice) -> None:
    code = session.execute(text("SELECT code FROM ballot WHERE id = :id"), {"id": row.ballot_id}).scalar()
    LOG.info("a vote was cast on %s: %s", code, choice.value)


def _audited(row: BallotVote, choice: Choice) -> None:
    code = session.execute(text("SELECT code FROM ballot WHERE id = :id"), {"id": row.ballot_id}).scalar()
    # An event of the kind that an eager audit trail would keep, near the row in the same transaction
    events.record("ballots.cast", Subject("vote", str(code)), by=None, at=make.OPENS, data={"said": choice.value})


def _finds(leak: Leak | None, folder: Path, pad: Callable[[Choice], str] | None = None) -> float:
    season = hold(LEAKY, leak=leak, pad=pad)
    return attack(observe(loot(season, folder)), season.truth).accuracy


@pytest.mark.usefixtures("box")
def test_choices_kept_without_names_in_the_order_of_casting_are_found(tmp_path: Path) -> None:
    """The rows beside the votes, both by their ids; on PostgreSQL by their transactions too."""
    assert _finds(_anonymous_row, tmp_path) >= CERTAIN


def test_a_log_line_without_a_name_is_found(tmp_path: Path) -> None:
    """The lines beside the votes by their ids: nothing in either database knows of them."""
    assert _finds(_logged, tmp_path) >= CERTAIN


def test_ballots_whose_size_tells_their_choice_are_found(tmp_path: Path) -> None:
    """The size of the column, whatever the order."""
    assert _finds(None, tmp_path, pad=lambda choice: " " * list(Choice).index(choice)) >= CERTAIN


def test_a_talkative_audit_trail_is_found(tmp_path: Path) -> None:
    """The events beside the votes, both by their ids or by their times; on PostgreSQL by their transactions too."""
    assert _finds(_audited, tmp_path) >= CERTAIN
