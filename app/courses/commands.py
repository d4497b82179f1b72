"""`courses load PATH`: a course from its folder."""

import json
from pathlib import Path

import click
from flask.cli import AppGroup

from app.accounts.actors import actor_of
from app.accounts.models import Membership
from app.accounts.queries import account_by_name, members
from app.accounts.states import Role
from app.core import clock
from app.core.access import Actor
from app.core.commands import refuse, with_json
from app.core.db import unit_of_work
from app.core.errors import DomainError, NotFoundError
from app.core.text import _l
from app.courses import services

group = AppGroup("courses", help="Courses: load them from their folders.")
PATH = click.Path(exists=True, file_okay=False, path_type=Path)


@group.command("load")
@click.argument("path", type=PATH)
@click.option("--by", help="Mail address of the author whose organisation keeps the quizzes.")
@with_json
def load(path: Path, by: str | None, *, as_json: bool) -> None:
    """Load a course folder; a second run changes only what differs."""
    try:
        with unit_of_work():
            course = services.load_course(path, by=_author(by), at=clock.now())
    except DomainError as error:
        refuse(str(error))
    click.echo(json.dumps({"code": course.code}) if as_json else course.code)


def _author(name: str | None) -> Actor:
    """Return the author named by a mail address, else the first author in force."""
    found = _memberships(name)
    if not found:
        raise NotFoundError(_l("There is no item author with an organisation. Name one with --by."))
    return actor_of(found[0].person, found[0])


def _memberships(name: str | None) -> list[Membership]:
    held = members(Role.AUTHOR, on=clock.today())
    usable = [row for row in held if row.organisation_id is not None]
    if name is None:
        return usable
    account = account_by_name(name)
    return [row for row in usable if account is not None and row.person_id == account.person_id]
