"""Twenty-five voters in the same second, on the server as it is shipped: two workers of four threads each.

Every voter's vote was encrypted before, as their browsers do; all send at once, each twice, as an impatient browser
does. Beside it the same crowd opens the empty-handed page of their own account at once. On SQLite, and on PostgreSQL
where its programs are installed.
"""

import contextlib
import json
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from http.client import HTTPConnection
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from pydantic import SecretStr
from sqlalchemy import func, select

from app import create_app
from app.ballots.models import BallotVote
from app.ballots.states import Choice
from app.core import clock
from app.core.db import db, session, unit_of_work
from app.settings import Settings
from bench.figures import Figure, Figures
from scripts.processes import Installation, free_port
from tests import postgres
from tests.factories import ballots as making
from tests.factories.accounts import Member, open_session

CROWD = 25
RUNS = 3
CREATED = 201
OK = 200
KEY = "ZGVtby1rZXktZGVtby1rZXktZGVtby1rZXktZGVtby0="
Sent = tuple[str, str, dict[str, str], str | None]


def run() -> Figures:
    """Vote on three ballots with each database."""
    found, notes = {}, []
    for name, database in (("sqlite", _sqlite), ("postgresql", _postgresql)):
        with database() as settings:
            votes, pages, counted = _measured(settings)
        # the figure without a name of a database is that of the one that is shipped
        suffix = "" if name == "sqlite" else f"_{name}"
        bare = "the same crowd opening a page"
        found[f"vote_p95_ms{suffix}"] = Figure(round(_median(votes), 1), "ms", round(_median(pages), 1), bare)
        found[f"ballots_counted{suffix}"] = Figure(counted, "votes", CROWD * RUNS, "voters")
        notes.append(f"{name}: {RUNS} ballots of {CROWD} voters who all send twice at once; p95 by run {votes}")
    return Figures(found, notes)


def _median(times: Sequence[float]) -> float:
    return statistics.median(times)


@contextlib.contextmanager
def _sqlite() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="jijing-bench-") as folder:
        yield _settings(Path(folder), f"sqlite:///{folder}/bench.db")


@contextlib.contextmanager
def _postgresql() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory(prefix="jijing-bench-") as folder, postgres.server() as url:
        yield _settings(Path(folder), url)


def _settings(folder: Path, url: str) -> Settings:
    return Settings(
        _env_file=None,
        database_url=url,
        secret_key=SecretStr(f"demo-{secrets.token_hex()}"),
        field_keys=SecretStr(KEY),
        key_store=str(folder / "keys"),
        queue_path=str(folder / "jobs.db"),
        store_url=f"file:{folder}/files",
        demo=True,
    )


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "DATABASE_URL": settings.database_url,
        "SECRET_KEY": settings.secret_key.get_secret_value(),
        "FIELD_KEYS": settings.field_keys.get_secret_value(),
        "KEY_STORE": settings.key_store,
        "QUEUE_PATH": settings.queue_path,
        "STORE_URL": settings.store_url,
        "DEMO": "1",
    }


def _measured(settings: Settings) -> tuple[list[float], list[float], int]:
    """Return the p95 of the votes and of the pages of each run in milliseconds, and how many votes are kept."""
    app = create_app(settings)
    with app.app_context():
        upgrade()
        with unit_of_work():
            clock.set_clock(making.OPENS)
        houses = [making.make_open(experts=CROWD - 1, titles=("甲同志",)) for _run in range(RUNS)]  # zh: a name
        held = [_votes(house) for house in houses]
        db.session.remove()
    # outside of that context, so that each voter's page makes a token of its own
    crowds = [[_browser(app, one) for one in voters] for voters in held]
    server = Installation("127.0.0.1", free_port(), _environment(settings))
    votes, pages = [], []
    with server:
        for crowd in crowds:
            pages.append(_p95(server.port, [look for look, _vote in crowd] * 2, OK))
            votes.append(_p95(server.port, [vote for _look, vote in crowd] * 2, CREATED))
    with app.app_context():
        counted = session.scalar(select(func.count()).select_from(BallotVote)) or 0
        db.session.remove()
        db.engine.dispose()
    return votes, pages, counted


def _votes(house: making.House) -> list[tuple[str, str, str]]:
    """Return the token, the address and the vote of every voter of a ballot."""
    address = f"/ballots/{house.ballot.code}/vote"
    return [(open_session(one), address, _vote(house, one)) for one in house.voters]


def _vote(house: making.House, member: Member) -> str:
    text = making.vote_text(house, member, Choice.APPROVE)
    return json.dumps({"voter": house.voter(member).pseudonym, "vote": text})


def _browser(app: Flask, voter: tuple[str, str, str]) -> tuple[Sent, Sent]:
    """Return what a voter's browser sends to look at a page and to vote."""
    session_token, address, body = voter
    client = app.test_client()
    with client.session_transaction() as held:
        held["_user_id"] = session_token
        held["_fresh"] = True
    token = client.get("/me").text.partition('name="csrf_token"')[2].partition('value="')[2].partition('"')[0]
    found = client.get_cookie("jijing")
    if found is None or not token:
        msg = "the voter has no session"
        raise RuntimeError(msg)
    cookie = {"Cookie": f"jijing={found.value}"}
    headers = {**cookie, "Accept": "application/json", "Content-Type": "application/json", "X-CSRFToken": token}
    return ("GET", "/me", cookie, None), ("POST", address, headers, body)


def _p95(port: int, crowd: Sequence[Sent], wanted: int) -> float:
    """Let all send in the same moment; raises RuntimeError where one is answered otherwise than wanted."""
    together, answers = threading.Barrier(len(crowd)), []

    def send(method: str, path: str, headers: dict[str, str], body: str | None) -> None:
        line = HTTPConnection("127.0.0.1", port, timeout=120)
        line.connect()
        together.wait()
        began = time.perf_counter()
        line.request(method, path, body, headers)
        answer = line.getresponse()
        said = answer.read()
        answers.append((answer.status, (time.perf_counter() - began) * 1000, said[:200]))
        line.close()

    threads = [threading.Thread(target=send, args=one) for one in crowd]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    refused = [answer for answer in answers if answer[0] != wanted]
    if refused or len(answers) != len(crowd):
        msg = f"{len(refused)} of {len(crowd)} were not answered {wanted}: {refused[:2]}"
        raise RuntimeError(msg)
    return statistics.quantiles([took for _status, took, _said in answers], n=20)[-1]
