"""Many small meetings that vote, with real ciphertexts made fast, and everything that a thief of the server gets."""

import logging
import random
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection, inspect, text

from app.ballots import services
from app.ballots.models import Ballot, BallotTrustee, BallotVote, BallotVoter
from app.ballots.queries.counting import manifest_of
from app.ballots.rules import proofs
from app.ballots.rules.group import ORDER, Point
from app.ballots.rules.keys import election_of
from app.ballots.rules.tally import Counts
from app.ballots.rules.votes import Election, Vote, digest, make_vote
from app.ballots.services.deciding import decide
from app.ballots.states import BallotState, Choice
from app.core.db import db, session, unit_of_work
from app.rulebook.models import RulePack
from tests.factories import ballots as make
from tests.factories.accounts import Member
from tests.integration.ballots.attacker import TRANSACTION, Loot

VOTERS = 11
LIKELY = (Choice.APPROVE,) * 5 + (Choice.OBJECT,) * 3 + (Choice.ABSTAIN,) * 2
Leak = Callable[[BallotVote, Choice], None]
Pad = Callable[[Choice], str]


class Known(Point):
    """A point whose logarithm the test knows (`raw`), so that OpenSSL computes what the product computes, and fast."""

    def __add__(self, other: Point) -> "Known":
        return Known((self.raw + other.raw) % ORDER)

    def __sub__(self, other: Point) -> "Known":
        return Known((self.raw - other.raw) % ORDER)

    def __mul__(self, factor: int) -> "Known":
        return Known(self.raw * factor % ORDER)

    @property
    def identity(self) -> bool:
        return bool(self.raw == 0)

    @cached_property
    def text(self) -> str:
        public = ec.derive_private_key(self.raw, ec.SECP256R1()).public_key()
        return public.public_bytes(Encoding.X962, PublicFormat.CompressedPoint).hex()


@contextmanager
def known_generator() -> Iterator[None]:
    """Let the encryption multiply by known logarithms for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proofs, "GENERATOR", Known(1))
        yield


@dataclass
class Season:
    """The meetings that were held, who chose what by the hash of the vote, and what was logged.

    `segment` names the segment of PostgreSQL's log in which the first of them began.
    """

    segment: str = ""
    truth: dict[str, str] = field(default_factory=dict)
    logs: list[str] = field(default_factory=list)


class _Kept(logging.Handler):
    def __init__(self, season: Season) -> None:
        super().__init__(logging.DEBUG)
        self.season = season

    def emit(self, record: logging.LogRecord) -> None:
        self.season.logs.append(record.getMessage())


def hold(number: int, *, leak: Leak | None = None, pad: Pad | None = None, seed: int = 1) -> Season:
    """Let so many meetings of eleven voters vote in an order of their own; a leak is told each vote.

    Every other vote is closed and counted, so that the thief sees running and decided ones.
    """
    season, chance = Season(_segment(session.connection())), random.Random(seed)
    _hasten()
    people, pack = make.make_people(VOTERS - 1), make.make_pack()
    handler, root = _Kept(season), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        with known_generator():
            for place in range(number):
                counted = _meeting(season, people, pack, chance, leak=leak, pad=pad)
                if place % 2:
                    counted()
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
    return season


def _hasten() -> None:
    """Let SQLite write without waiting for the disk, as the test's PostgreSQL does: nobody pulls the plug here."""
    session.rollback()
    if db.engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        connection.cursor().execute("PRAGMA synchronous = OFF")
        connection.close()


def _meeting(
    season: Season,
    people: tuple[Member, list[Member]],
    pack: RulePack,
    chance: random.Random,
    *,
    leak: Leak | None,
    pad: Pad | None,
) -> Callable[[], None]:
    """Let everybody vote; return how the votes are counted."""
    found, election = _keyed(people, pack)
    members = [people[0], *people[1]]
    chance.shuffle(members)
    voters = {one.person_id: one for one in session.query(BallotVoter).filter_by(ballot_id=found.id)}
    code, said = found.questions[0].code, dict.fromkeys(Choice, 0)
    # Out of the session, so that they are not read anew for every vote
    for one in (found, *voters.values()):
        session.expunge(one)
    for place, member in enumerate(members):
        choice = chance.choice(LIKELY)
        voter = voters[member.person.id]
        sent = make_vote(election, voter.pseudonym, {code: choice}) + (pad(choice) if pad else "")
        vote = Vote(sent, digest(sent), voter.pseudonym, election.fingerprint, {code: ()})
        at, begun = make.OPENS + timedelta(seconds=20 * place), perf_counter()
        with unit_of_work():
            row = services.cast(found, voter, vote=vote, by=member.actor, at=at)
            if leak is not None:
                leak(row, choice)
        season.truth[row.hash] = choice.value
        said[choice] += 1
        season.logs.append(_access(found.code, at, 1000 * (perf_counter() - begun)))
    return partial(_count, found, people[0], {code: said})


def _access(code: str, at: datetime, milliseconds: float) -> str:
    """Return the line of a request as granian writes it where it is told to, which the product's command forbids."""
    return f'[{at}] 127.0.0.1 - "POST /ballots/{code}/vote HTTP/1.1" 201 {milliseconds:.3f}'


def _count(found: Ballot, chair: Member, sums: dict[str, Counts]) -> None:
    """Close the vote and open its sums; what two trustees hand in looks like any points and scalars."""
    with unit_of_work():
        services.close_vote(found, by=chair.actor, at=make.CLOSES)
        standing = session.get_one(Ballot, found.id)
        for one in standing.trustees[:2]:
            one.opening = {
                "shares": [Known(proofs.draw()).text for _ in Choice],
                "proof": [f"{proofs.draw():064x}"] * 2,
            }
            one.opened_at = make.CLOSES
        decide(standing, sums, at=make.CLOSES)


def _keyed(people: tuple[Member, list[Member]], pack: RulePack) -> tuple[Ballot, Election]:
    """Call a ballot and put a key in place whose logarithm is known; the ceremony has tests of its own."""
    found = make.make_called(titles=("甲同志",), people=people, pack=pack).ballot
    secret = proofs.draw()
    with unit_of_work():
        found = session.get_one(Ballot, found.id)
        for one in session.query(BallotTrustee).filter_by(ballot_id=found.id):
            one.exchange, one.exchange_proof = Known(proofs.draw()).text, "0" * 128
            first = Known(secret if one.place == 1 else proofs.draw()).text
            one.dealt = {"commitments": [first, Known(proofs.draw()).text], "proof": [], "shares": {}}
        session.flush()
        election = election_of(manifest_of(found))
        found.key, found.fingerprint = election.key.text, election.fingerprint
        found.state, found.opened_at, found.closes_at = BallotState.OPEN, make.OPENS, make.CLOSES
    return found, Election(election.ballot, election.fingerprint, Known(secret))


def loot(season: Season, folder: Path) -> Loot:
    """Take the database in the order of its pages, its write-ahead log, a backup, and the logs.

    On PostgreSQL each row comes with the transaction that wrote it, which every version of a row carries. Votes of an
    earlier season are left out: nobody tells the thief anything about them.
    """
    tables, on_sqlite = {}, db.engine.dialect.name == "sqlite"
    with db.engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            order = _page_order(connection, name) if on_sqlite else " ORDER BY taken.ctid"
            also = "" if on_sqlite else f', xmin::text::bigint AS "{TRANSACTION}"'
            query = text(f'SELECT *{also} FROM "{name}" AS taken{order}')
            tables[name] = [dict(row) for row in connection.execute(query).mappings()]
        tables["ballot_vote"] = [row for row in tables["ballot_vote"] if row["hash"] in season.truth]
        filled = [name for name, rows in tables.items() if rows]
        files = _sqlite_files(folder) if on_sqlite else _postgresql_files(connection, season.segment, filled)
    return Loot(tables, season.logs, files)


def _page_order(connection: Connection, name: str) -> str:
    """Return the order of the pages: by row id, or by the key in a table that has none."""
    made = str(connection.scalar(text("SELECT sql FROM sqlite_master WHERE name = :name"), {"name": name}))
    return "" if "WITHOUT ROWID" in made.upper() else " ORDER BY rowid"


def _sqlite_files(folder: Path) -> dict[str, bytes]:
    path = Path(str(db.engine.url.database))
    with sqlite3.connect(path) as source, sqlite3.connect(folder / "backup.db") as target:
        source.backup(target)
    log = Path(f"{path}-wal")
    return {
        "database": path.read_bytes(),
        "write-ahead log": log.read_bytes() if log.exists() else b"",
        "backup": (folder / "backup.db").read_bytes(),
    }


def _segment(connection: Connection) -> str:
    """Name the segment of the write-ahead log that is written now; SQLite has one file for all."""
    if connection.dialect.name == "sqlite":
        return ""
    return str(connection.scalar(text("SELECT pg_walfile_name(pg_current_wal_lsn())")))


def _postgresql_files(connection: Connection, first: str, tables: Iterable[str]) -> dict[str, bytes]:
    """Read the log since the season began, the files of the tables that hold rows, and what `pg_dump` would copy."""
    where = Path(str(connection.scalar(text("SHOW data_directory"))))
    last = _segment(connection)
    segments = sorted(one for one in (where / "pg_wal").iterdir() if first <= one.name <= last)
    log = b"".join(one.read_bytes() for one in segments)
    connection.execute(text("CHECKPOINT"))
    paths = [connection.scalar(text("SELECT pg_relation_filepath(:name)"), {"name": one}) for one in tables]
    driver: Any = connection.connection.driver_connection
    backup = []
    for one in tables:
        with driver.cursor().copy(f'COPY "{one}" TO STDOUT') as copied:
            backup += [bytes(part) for part in copied]
    return {
        "tables": b"".join((where / str(one)).read_bytes() for one in paths),
        "write-ahead log": log,
        "backup": b"".join(backup),
    }
