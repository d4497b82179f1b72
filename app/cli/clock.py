"""`clock set`, `advance`, `reset` and `show`: domain time of a demo."""

from datetime import datetime, timedelta

import click
from flask.cli import AppGroup

from app.core import clock
from app.core.calendar import add_working_days, published
from app.core.commands import answer, refusals, with_json
from app.core.db import unit_of_work

group = AppGroup("clock", help="Domain time of a demo; refused in production.")
FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]


@group.command("set")
@click.argument("instant", type=click.DateTime(FORMATS))
@with_json
def set_to(instant: datetime, *, as_json: bool) -> None:
    """Set the clock to a day or an instant; without a zone it is Shanghai time."""
    _move(instant if instant.tzinfo else instant.replace(tzinfo=clock.SHANGHAI), as_json=as_json)


@group.command("advance")
@click.argument("days", type=click.IntRange(min=0), default=0)
@click.option("--hours", type=click.IntRange(min=0), default=0)
@click.option("--minutes", type=click.IntRange(min=0), default=0)
@click.option("--working-days", type=click.IntRange(min=0), default=0, help="Count only days on which offices work.")
@with_json
def advance(days: int, hours: int, minutes: int, working_days: int, *, as_json: bool) -> None:
    """Let days pass, and hours, minutes or working days."""
    now = clock.now()
    today = clock.day_of(now)
    passed = add_working_days(today, working_days, published()).day - today
    _move(now + passed + timedelta(days=days, hours=hours, minutes=minutes), as_json=as_json)


@group.command("reset")
@with_json
def reset(*, as_json: bool) -> None:
    """Go back to real time."""
    _move(clock.real_now(), as_json=as_json)


@group.command("show")
@with_json
def show(*, as_json: bool) -> None:
    """Print domain time."""
    _tell(as_json=as_json)


def _move(instant: datetime, *, as_json: bool) -> None:
    with refusals(), unit_of_work():
        clock.set_clock(instant)
    _tell(as_json=as_json)


def _tell(*, as_json: bool) -> None:
    now = clock.now().astimezone(clock.SHANGHAI)
    answer({"now": now.isoformat(timespec="seconds")}, now.isoformat(" ", "minutes"), as_json=as_json)
