"""The processes of one running installation: the web server and the job runner, started and stopped together."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from scripts.places import BIN, ROOT, search_path, stop

READY_SECONDS = 60.0
GRACE_SECONDS = 15.0
LOOK_SECONDS = 0.1
OK = 200
WEB = "wsgi:served"
"""What makes the application of a web worker."""


@dataclass
class Installation:
    """Web and jobs at one address with their own settings; use as a context manager, which waits until ready."""

    host: str
    port: int
    settings: Mapping[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The address people open; a name, because did:web knows no number."""
        return f"http://localhost:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The environment its processes and commands run in."""
        address = os.environ.get("PUBLIC_URL", self.url)
        return {**os.environ, "PATH": search_path(), "PUBLIC_URL": address, **self.settings}

    def __enter__(self) -> Self:
        """Start both processes and wait until the readiness page answers 200."""
        refuse_taken_port(self.host, self.port)
        try:
            self._start("web", *web_command(self.host, self.port))
            self._start("jobs", BIN / "flask", "--app", "wsgi", "jobs", "run")
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop both processes."""
        self.stop()

    def run(self, *command: object) -> int:
        """Run a command beside the processes, with the same settings; return its exit code."""
        return subprocess.run([str(word) for word in command], cwd=ROOT, env=self.environment, check=False).returncode

    def stop(self) -> None:
        """Ask all processes to end what they do, then end those that do not."""
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        until = time.monotonic() + GRACE_SECONDS
        for process in self.processes.values():
            try:
                process.wait(max(0.0, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.processes.clear()

    def ended(self) -> str | None:
        """Name a process that ended by itself, with its exit code."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                return f"the {name} process ended with exit code {process.returncode}"
        return None

    def _start(self, name: str, *command: object) -> None:
        """Start a process in its own session, so that Ctrl-C reaches it through us alone."""
        self.processes[name] = subprocess.Popen(
            [str(word) for word in command], cwd=ROOT, env=self.environment, start_new_session=True
        )

    def _wait_until_ready(self) -> None:
        host = "127.0.0.1" if self.host in {"0.0.0.0", "::"} else self.host  # noqa: S104 - compared, not bound
        until = time.monotonic() + READY_SECONDS
        answer = "no answer"
        while time.monotonic() < until:
            if reason := self.ended():
                stop(f"{reason}.")
            answer = answer_of(f"http://{host}:{self.port}/readyz")
            if answer == str(OK):
                return
            time.sleep(LOOK_SECONDS)
        stop(f"the server was not ready after {READY_SECONDS:.0f} seconds: {answer}")


def refuse_taken_port(host: str, port: int) -> None:
    """Stop with a way out when another program listens already."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            stop(f"{host}:{port} cannot be used ({error.strerror}); choose another: make run PORT={port + 1}")


def free_port() -> int:
    """Return a port of this machine that nothing uses at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def on_stop_signals() -> None:
    """Turn SIGTERM into the same exception as Ctrl-C, so that one way leads out."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(0))


def web_command(host: str, port: int, target: str = WEB) -> list[str]:
    """Return the command that serves an application: two workers of four threads, each made by the target's factory.

    It writes no line of a request, so that no log joins a person to a ballot by the time of a vote.
    """
    options = shlex.split(
        "--interface wsgi --workers 2 --blocking-threads 4 --no-ws --no-access-log --log-level warning "
        "--respawn-failed-workers --workers-kill-timeout 10 --factory"
    )
    return [str(BIN / "granian"), *options, "--host", host, "--port", str(port), target]


def answer_of(url: str) -> str:
    """Return the status of an address, or why there is none."""
    try:
        with urllib.request.urlopen(url, timeout=5) as response:  # noqa: S310 - our own address
            return str(response.status)
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read(500).decode(errors='replace')}"
    except OSError as error:
        return str(error)
