"""The server that the product starts writes no line that joins a person to a ballot by the time of the request."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.places import ROOT
from scripts.processes import answer_of, free_port, web_command

PROGRAM = "tests.integration.ballots.plain:make"
VOTE = "/ballots/b7/vote"
SECONDS = 60

pytestmark = pytest.mark.one_database


def served(more: Sequence[str], log: Path) -> str:
    """Serve one request of a voter as the product is served, and return all that the server wrote."""
    port = free_port()
    command = [*web_command("127.0.0.1", port, PROGRAM), *more]
    # Whoever sets the server's own variable does not make it talk either
    environment = {**os.environ, "GRANIAN_ACCESS_LOG_ENABLED": "true", "PYTHONPATH": str(ROOT)}
    with log.open("wb") as out, subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out) as server:
        try:
            end = time.monotonic() + SECONDS
            while (answer := answer_of(f"http://127.0.0.1:{port}{VOTE}")) != "201":
                assert time.monotonic() < end, answer
                time.sleep(0.1)
        finally:
            server.terminate()
    return log.read_text("utf-8")


def test_no_line_tells_of_a_request(tmp_path: Path) -> None:
    assert VOTE not in served((), tmp_path / "log")


def test_a_server_that_is_told_to_write_requests_would_be_noticed(tmp_path: Path) -> None:
    assert VOTE in served(("--access-log", "--log-level", "info"), tmp_path / "log")
