"""kill -9 loses and doubles no vote, and twenty-five voters in one second all get in."""

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from http.client import HTTPConnection
from subprocess import PIPE
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pydantic import SecretStr
from sqlalchemy import select
from werkzeug.serving import ThreadedWSGIServer

from app.ballots.models import Ballot, BallotVote
from app.ballots.states import BallotState, Choice
from app.core.db import session
from app.settings import ROOT, Settings
from tests.factories import ballots as make
from tests.factories.accounts import Member
from tests.integration.ballots.crashing import POINTS

BrowserOf = Callable[[Member], FlaskClient]
CROWD = 25
KEPT = "after the commit"


def votes(house: make.House) -> list[str]:
    session.rollback()
    return sorted(session.scalars(select(BallotVote.content).where(BallotVote.ballot_id == house.ballot.id)))


def _told(settings: Settings) -> dict[str, object]:
    given = {name: getattr(settings, name) for name in ("database_url", "secret_key", "field_keys", "key_store")}
    given |= {"store_url": settings.store_url, "public_url": settings.public_url, "testing": True, "demo": True}
    return {key: one.get_secret_value() if isinstance(one, SecretStr) else one for key, one in given.items()}


@pytest.fixture(name="crashing")
def _crashing(app: Flask, settings: Settings) -> Iterator[subprocess.Popen[str]]:
    """Give the line to a process that lets others cast on the database of the test and die."""
    del app
    command = [sys.executable, "-m", "tests.integration.ballots.crashing", json.dumps(_told(settings))]
    with subprocess.Popen(command, cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True, bufsize=1) as process:
        yield process


@pytest.mark.timeout(300)
def test_a_vote_is_whole_or_not_there_wherever_the_process_dies(crashing: subprocess.Popen[str]) -> None:
    """At each point the process of another voter dies, and the same vote is sent again."""
    points = (*POINTS, KEPT)
    house = make.make_open(experts=len(points) - 1, titles=("甲同志",))
    kept: set[str] = set()
    for voter, point in zip(house.voters, points, strict=True):
        text = make.vote_text(house, voter, Choice.APPROVE)

        died = _cast_and_die(crashing, house, voter, text, point)

        assert died == -signal.SIGKILL, point
        assert votes(house) == sorted(kept | ({text} if point == KEPT else set())), point
        make.cast(house, voter, text=text)
        kept.add(text)
        assert votes(house) == sorted(kept), point


def _cast_and_die(crashing: subprocess.Popen[str], house: make.House, voter: Member, text: str, point: str) -> int:
    task = {
        "membership": voter.membership.id,
        "ballot": house.ballot.id,
        "voter": house.voter(voter).id,
        "vote": text,
        "at": make.OPENS.isoformat(),
        "point": point,
    }
    session.rollback()
    assert crashing.stdin
    assert crashing.stdout
    crashing.stdin.write(json.dumps(task) + "\n")
    return int(crashing.stdout.readline())


class _LikeTheProduct(ThreadedWSGIServer):
    """Eight requests at a time, as two workers of four threads take them; the others wait."""

    request_queue_size = 128
    seats = threading.BoundedSemaphore(8)

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
