"""Job runners that die at named points, one after another, until a batch is issued: `python -m ... JSON`.

One process prepares the application and forks a runner for each point, so that each dies by a signal of its own and the
next begins with nothing but what the dead one left in the database. It reads a task a line and answers each in a line.
"""

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import configure_mappers

from app import create_app
from app.core import clock, jobs
from app.core.db import db, session, unit_of_work
from app.credentials import paper, services
from app.credentials.models import CertificateRequest
from app.credentials.services import bulk, completing, linting, log, notifying, publishing, rendering, signing, storing
from app.credentials.states import RevocationReason
from app.settings import Settings

ROWS = 3
"""A chunk of few rows, so that a small batch has several."""


def main() -> None:
    """Prepare what every runner begins with, and do the tasks; no paper is drawn."""
    for module in (linting, log, notifying, publishing, signing, storing):
        vars(module)["CHUNK"] = ROWS
    rendering.WITHOUT_PAPER = bulk.AT_A_TIME = ROWS
    completing.AT_ONCE = 1
    paper.available = lambda: False
    app = create_app(Settings(_env_file=None, **json.loads(sys.argv[1])))
    configure_mappers()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(one_after_another(app, json.loads(line))) + "\n")
        sys.stdout.flush()


def one_after_another(app: Flask, task: dict[str, Any]) -> dict[str, int]:
    """Fork a runner for each point and return how each ended: the number of its signal, or 0.

    `withdrawn` names a request whose fact is taken back once the runner of a point is dead.
    """
    settings = app.extensions["settings"]
    ends = {}
    for point in task["points"]:
        dying = settings.model_copy(update={"failpoint": point})
        ends[point] = in_a_process_of_its_own(app, dying, work)
        code = task.get("withdrawn", {}).get(point)
        if code:
            assert in_a_process_of_its_own(app, settings, partial(withdraw, code)) == 0
    return ends


def in_a_process_of_its_own(app: Flask, settings: Settings, act: Callable[[], None]) -> int:
    """Do something in a fork that begins with no connection; return how it ended."""
    child = os.fork()
    if not child:
        app.extensions["settings"] = settings
        with app.app_context():
            act()
            db.session.remove()
            db.engine.dispose()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def work() -> None:
    """Do what is due until nothing is."""
    while jobs.work():
        pass


def withdraw(code: str) -> None:
    """Take the fact of a request back."""
    with unit_of_work():
        request = session.scalars(select(CertificateRequest).where(CertificateRequest.code == code)).one()
        services.withdraw(request, reason=RevocationReason.FACT_CORRECTED, at=clock.now())


if __name__ == "__main__":
    main()
