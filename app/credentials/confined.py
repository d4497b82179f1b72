"""Hands hostile files to the program that reads them under limits; a file that costs too much costs nobody else."""

import atexit
import contextlib
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from threading import BoundedSemaphore, Lock

from app.core.columns import JsonObject
from app.core.errors import UnavailableError
from app.core.text import _l
from app.credentials.rules.document import DocumentError

PROGRAM = Path(__file__).with_name("confined_worker.py")
AT_ONCE = 2
"""How many files one process reads at once. There is no limit of the machine beside it: it runs one web and one job
process unless its operator starts more, each file costs six seconds of one processor at most, and its memory is bounded
by the program that reads it. Whoever starts more workers gives them processors and memory for two readers each."""
WAIT_SECONDS = 60
LONGEST_ANSWER = 4 * 1024 * 1024
CHUNK = 64 * 1024


class Reader:
    """The reading program of one process, started when the first file comes."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._free = BoundedSemaphore(AT_ONCE)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0

    def ask(self, task: str, raw: bytes) -> JsonObject:
        """Return what the program read; raises DocumentError with the code of its refusal.

        A file that spends its seconds or its memory is refused as too much work. Raises
        UnavailableError where the program cannot be started or too many files wait.
        """
        if not self._free.acquire(timeout=WAIT_SECONDS):
            raise _busy()
        try:
            found = self._exchange(task, raw)
        except OSError as error:
            raise _busy() from error
        finally:
            self._free.release()
        if not found:
            raise DocumentError("too-much-work")
        answer: JsonObject = json.loads(found)
        if "refused" in answer:
            raise DocumentError(answer["refused"])
        return answer

    def _exchange(self, task: str, raw: bytes) -> bytes:
        mine, theirs = socket.socketpair()
        with mine:
            with theirs:
                socket.send_fds(self._open(), [b"f"], [theirs.fileno()])
            mine.settimeout(WAIT_SECONDS)
            # A child that was ended for its cost reads no further, which shows in its missing answer.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                mine.sendall(task.encode() + b"\n" + raw)
                mine.shutdown(socket.SHUT_WR)
            return _all_of(mine)

    def _open(self) -> socket.socket:
        """Return the control socket of a living program of this very process, started where there is none."""
        with self._lock:
            alive = self._process is not None and self._owner == os.getpid() and self._process.poll() is None
            if not alive or self._control is None:
                self._start()
            if self._control is None:
                raise _busy()
            return self._control

    def _start(self) -> None:
        if self._control is not None and self._owner == os.getpid():
            self._control.close()
        self._control, theirs = socket.socketpair()
        self._owner = os.getpid()
        with theirs:
            # No environment: settings and secrets are none of its business.
            self._process = subprocess.Popen(  # noqa: S603 - our own program, without words from outside
                [sys.executable, "-I", str(PROGRAM)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,
            )

    def close(self) -> None:
        """End the program of this process; it ends by itself, too, when this process does."""
        with self._lock:
            if self._control is not None:
                self._control.close()
            if self._process is not None and self._owner == os.getpid():
                self._process.wait(timeout=WAIT_SECONDS)
            self._process = self._control = None


def _all_of(line: socket.socket) -> bytes:
    found = bytearray()
    with contextlib.suppress(ConnectionResetError):
        while chunk := line.recv(CHUNK):
            found += chunk
            if len(found) > LONGEST_ANSWER:
                raise DocumentError("too-much-work")
    return bytes(found)


def _busy() -> UnavailableError:
    return UnavailableError(_l("Files cannot be read at the moment. Try again in a minute, or check by number."))


reader = Reader()
atexit.register(reader.close)
