"""The process whose forks are job runners that die: it starts once for a test, and knows nothing of what they did."""

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from flask import Flask
from pydantic import SecretStr

from app.core.db import db, session
from app.settings import ROOT


class RunAndDie(Protocol):
    """Lets a runner die at each point, one after another, and tells how each ended: the number of its signal, or 0.

    `withdrawn` names a request whose fact is taken back once the runner of a point is dead.
    """

    def __call__(self, points: Sequence[str], withdrawn: dict[str, str] | None = None) -> dict[str, int]: ...


@contextmanager
def runners_of(app: Flask, folder: Path) -> Iterator[RunAndDie]:
    """Start the process on the database of an application; what it says goes into a file of the folder."""
    log = folder / "runners.log"
    command = [sys.executable, "-m", "tests.integration.credentials.dying", json.dumps(_told(app))]
    with (
        log.open("wb") as told,
        subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=told, text=True
        ) as process,
    ):
        tasks, answers = process.stdin, process.stdout
        assert tasks is not None
        assert answers is not None

        def run(points: Sequence[str], withdrawn: dict[str, str] | None = None) -> dict[str, int]:
            session.rollback()
            db.engine.dispose()
            tasks.write(json.dumps({"points": list(points), "withdrawn": withdrawn or {}}) + "\n")
            tasks.flush()
            answer = answers.readline()
            assert answer, log.read_text("utf-8")
            session.expire_all()
            return dict(json.loads(answer))

        try:
            yield run
        finally:
            tasks.close()


def _told(app: Flask) -> dict[str, object]:
    settings = app.extensions["settings"]
    given = {name: getattr(settings, name) for name in ("database_url", "secret_key", "field_keys", "key_store")}
    given |= {"store_url": settings.store_url, "public_url": settings.public_url, "testing": True, "demo": True}
    given["tsa_url"] = settings.tsa_url
    return {key: one.get_secret_value() if isinstance(one, SecretStr) else one for key, one in given.items()}
