"""The bare limit: Flask views that do the one statement and nothing else, on the product's own connections.

No session, no permission, no token, no hooks: what is left is the server, the framework, the statement and the disk.
"""

import json
import os
import sys
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from flask import Flask, request
from sqlalchemy import Executable, update

from app.assessment.exams.models import Attempt
from app.assessment.exams.rules.tickets import digest
from app.assessment.exams.services import statements, ticket_door
from app.assessment.exams.services.answers import Answer
from app.assessment.exams.states import SubmittedHow
from app.core import db as core
from app.core.clock import real_now
from app.core.columns import new_code
from app.core.crypto import digest_token, new_token
from app.core.short_writes import short_write

HOUR = timedelta(hours=1)


def create_bare(url: str) -> Flask:
    """Build the views over a database that the product has filled."""
    holder = Flask("holder")
    core.init_app(holder, url)
    with holder.app_context():
        engine = core.db.engine
    app = Flask("bare")

    def once(statement: Executable, values: dict[str, Any]) -> Any:  # noqa: ANN401 - a row, whatever it holds
        return short_write(lambda connection: connection.execute(statement, values).first(), engine)

    @app.get("/")
    def ready() -> str:
        return "ready"

    @app.post("/bare/<int:person>/<code>/save")
    def save(person: int, code: str) -> dict[str, Any]:
        sent = json.loads(request.get_data())
        given = sent["answers"][0]
        typed = datetime.fromisoformat(given["client_at"])
        one = Answer(given["position"], given["sequence"], given["response"], given["review"], typed)
        values = statements.save_values(code, sent["page"], [one], real_now())
        row = once(statements.save(engine.dialect.name, 1, at_door=False), {**values, "person": person})
        return {"saved": [[row[0], row[1]]] if row else []}

    @app.post("/bare/<int:person>/<code>/beat")
    def beat(person: int, code: str) -> dict[str, Any]:
        values = {"sitting": code, "person": person, "at": real_now()}
        return {"holds": once(statements.beat(at_door=False), values) is not None}

    @app.post("/bare/<int:person>/<code>/start")
    def start(person: int, code: str) -> dict[str, Any]:
        return {"started": once(_start(), {"sitting": code, "person": person, "at": real_now()}) is not None}

    @app.post("/bare/<int:person>/<code>/submit")
    def submit(person: int, code: str) -> dict[str, Any]:
        return {"ended": once(_submit(), {"sitting": code, "person": person, "at": real_now()}) is not None}

    @app.post("/bare/ticket")
    def ticket() -> dict[str, Any]:
        return {"entered": once(ticket_door.entering(), _entry(request.form["ticket"])) is not None}

    return app


def _entry(ticket: str) -> dict[str, Any]:
    at = real_now()
    return {
        "session_code": new_code(),
        "token": digest_token(new_token()),
        "agent": None,
        "real_at": at,
        "at": at,
        "expires_at": at + HOUR,
        "ticket": digest(ticket),
        "early": at + HOUR,
        "late": at - HOUR,
    }


@cache
def _start() -> Executable:
    now = statements.AT
    mine = statements.whose(at_door=False)
    return (
        update(Attempt)
        .where(mine, Attempt.started_at.is_(None))
        .values(started_at=now, seen_at=now, deadline_at=now)
        .returning(Attempt.id)
    )


@cache
def _submit() -> Executable:
    now = statements.AT
    mine = statements.whose(at_door=False)
    return (
        update(Attempt)
        .where(mine, Attempt.submitted_at.is_(None))
        .values(submitted_at=now, submitted_how=SubmittedHow.CANDIDATE)
        .returning(Attempt.id)
    )


def served() -> Flask:
    """Return the application of a web worker over the database that the environment names."""
    sys.setswitchinterval(core.SHARE_SECONDS)
    return create_bare(os.environ["BARE_DATABASE_URL"])
