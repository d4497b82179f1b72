"""Casts votes in processes that die at named points: `python -m ... JSON`, then one task a line.

One process prepares the application and forks another for each task, so that each dies by a signal of its own and the
next begins with nothing but what the dead one left in the database.
"""

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
    """Read tasks, let a process of its own cast and die for each, and write how it ended: minus the signal."""
    app = create_app(Settings(_env_file=None, **json.loads(sys.argv[1])))
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                with app.app_context():
                    cast_and_die(json.loads(line))
            finally:
                os._exit(1)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def cast_and_die(task: dict[str, Any]) -> None:
    """Cast, and die where the task says; after the commit is the point that is none of the above."""
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
