"""Casts one vote in a process of its own and kills it at a named point: `python -m ... JSON`."""

import json
import os
import signal
import sys
from datetime import datetime
from typing import Any

from sqlalchemy import event

from app import create_app
from app.accounts.actors import actor_of
from app.accounts.models import Membership, Person
from app.ballots import services
from app.ballots.models import Ballot, BallotVoter
from app.core.db import db, session, unit_of_work
from app.settings import Settings


def die() -> None:
    """End as a power cut does."""
    os.kill(os.getpid(), signal.SIGKILL)


def before_insert(*given: Any) -> None:  # noqa: ANN401 - what SQLAlchemy passes
    """Die when the vote is about to be written."""
    if "INSERT INTO ballot_vote" in given[2]:
        die()


def after_insert(*given: Any) -> None:  # noqa: ANN401 - what SQLAlchemy passes
    """Die when the vote is written and not committed."""
    if "INSERT INTO ballot_vote" in given[2]:
        die()


def after_todo(*given: Any) -> None:  # noqa: ANN401 - what SQLAlchemy passes
    """Die when all is written and not committed."""
    if "UPDATE todo" in given[2]:
        die()


def at_commit(_connection: object) -> None:
    """Die when the commit begins, if this transaction wrote."""
    if session().info.get("writing"):
        die()


POINTS = {
    "before the insert": ("before_cursor_execute", before_insert),
    "after the insert": ("after_cursor_execute", after_insert),
    "after the to-do": ("after_cursor_execute", after_todo),
    "at the commit": ("commit", at_commit),
}


def main() -> None:
    """Read the task, cast, and die where it says; after the commit is the point that is none of the above."""
    task = json.loads(sys.argv[1])
    with create_app(Settings(_env_file=None, **task["settings"])).app_context():
        membership = session.get_one(Membership, task["membership"])
        actor = actor_of(session.get_one(Person, membership.person_id), membership)
        found, voter = session.get_one(Ballot, task["ballot"]), session.get_one(BallotVoter, task["voter"])
        vote = services.read(found, voter, task["vote"])
        if task["point"] in POINTS:
            name, handler = POINTS[task["point"]]
            event.listen(db.engine, name, handler)
        with unit_of_work():
            services.cast(found, voter, vote=vote, by=actor, at=datetime.fromisoformat(task["at"]))
        die()


if __name__ == "__main__":
    main()
