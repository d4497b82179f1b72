"""kill -9 loses and doubles no vote, and twenty-five voters in one second all get in."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from pydantic import SecretStr
from sqlalchemy import select
from werkzeug.serving import ThreadedWSGIServer

from app import create_app
from app.ballots.models import Ballot, BallotVote
from app.ballots.states import BallotState, Choice
from app.core.db import db, session
from app.settings import ROOT, Settings
from tests.factories import ballots as make
from tests.factories.accounts import Member
from tests.integration.ballots.crashing import POINTS
from tests.postgres import new_database

BrowserOf = Callable[[Member], FlaskClient]
CROWD = 25
KEPT = "after the commit"


def votes(house: make.House) -> list[str]:
    session.rollback()
    return list(session.scalars(select(BallotVote.content).where(BallotVote.ballot_id == house.ballot.id)))


def _told(settings: Settings) -> dict[str, object]:
    given = {name: getattr(settings, name) for name in ("database_url", "secret_key", "field_keys", "key_store")}
    given |= {"store_url": settings.store_url, "public_url": settings.public_url, "testing": True, "demo": True}
    return {key: one.get_secret_value() if isinstance(one, SecretStr) else one for key, one in given.items()}


@pytest.fixture(name="own")
def _own(settings: Settings, database_url: str, tmp_path: Path) -> Iterator[Settings]:
    """Give the settings of a database that several processes share."""
    if database_url.startswith("postgresql"):
        with new_database(database_url, "crashed") as url:
            yield settings.model_copy(update={"database_url": url})
    else:
        yield settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/crashed.db"})


@pytest.mark.timeout(300)
def test_a_vote_is_whole_or_not_there_wherever_the_process_dies(own: Settings) -> None:
    with create_app(own).app_context():
        upgrade()
        for point in (*POINTS, KEPT):
            house = make.make_open(experts=2, titles=("甲同志",))
            text = make.vote_text(house, house.chair, Choice.APPROVE)

            died = _cast_and_die(own, house, text, point)

            assert died.returncode == -signal.SIGKILL, died.stderr
            assert votes(house) == ([text] if point == KEPT else []), point
            make.cast(house, house.chair, text=text)
            assert votes(house) == [text], point
        session.remove()
        db.engine.dispose()


def _cast_and_die(own: Settings, house: make.House, text: str, point: str) -> subprocess.CompletedProcess[str]:
    task = {
        "settings": _told(own),
        "membership": house.chair.membership.id,
        "ballot": house.ballot.id,
        "voter": house.voter(house.chair).id,
        "vote": text,
        "at": make.OPENS.isoformat(),
        "point": point,
    }
    session.rollback()
    command = [sys.executable, "-m", "tests.integration.ballots.crashing", json.dumps(task)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


class _LikeTheProduct(ThreadedWSGIServer):
    """Four requests at a time, as two workers of two threads take them; the others wait."""

    request_queue_size = 128
    seats = threading.BoundedSemaphore(4)

    def process_request_thread(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as socketserver
        with self.seats:
            super().process_request_thread(request, client_address)


@pytest.fixture(name="port")
def _port(app: Flask) -> Iterator[int]:
    server = _LikeTheProduct("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.timeout(300)
def test_twenty_five_voters_in_the_same_second_all_vote_once(
    port: int, browser_of: BrowserOf, at_time: Callable[[datetime], None]
) -> None:
    """Every voter sends twice at once, as an impatient browser does."""
    house = make.make_open(experts=CROWD - 1, titles=("甲同志",))
    at_time(make.OPENS)
    address, sent = f"/ballots/{house.ballot.code}/vote", []
    for place, member in enumerate(house.voters):
        choice = (Choice.APPROVE, Choice.OBJECT, Choice.ABSTAIN)[place % 3]
        voter = house.voter(member).pseudonym
        body = json.dumps({"voter": voter, "vote": make.vote_text(house, member, choice)})
        cookie = browser_of(member).get_cookie("jijing")
        assert cookie
        sent += [(cookie.value, body)] * 2
    session.rollback()
    together, answers = threading.Barrier(len(sent)), []

    def vote(cookie: str, body: str) -> None:
        together.wait()
        line = HTTPConnection("127.0.0.1", port, timeout=120)
        headers = {"Cookie": f"jijing={cookie}", "Content-Type": "application/json", "Accept": "application/json"}
        line.request("POST", address, body, headers)
        answer = line.getresponse()
        answers.append((answer.status, answer.read()))
        line.close()

    crowd = [threading.Thread(target=vote, args=one) for one in sent]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()

    assert [status for status, _body in answers] == [201] * 2 * CROWD, answers
    assert len(votes(house)) == CROWD
    make.open_tally(make.close(house, at=make.OPENS))
    session.rollback()
    found = session.get_one(Ballot, house.ballot.id)
    assert found.state is BallotState.DECIDED
    assert (found.questions[0].approve, found.questions[0].object, found.questions[0].abstain) == (9, 8, 8)
