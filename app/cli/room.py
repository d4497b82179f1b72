"""What the cli room gives to the house."""

from app.cli import calendar, clock, keys, log, people, regions, users, work
from app.cli.demo import commands as demo
from app.core.room import Room
from app.core.sealing import SEALER

room = Room(
    name="cli",
    commands=(
        regions.group,
        users.users,
        users.roles,
        keys.group,
        calendar.group,
        clock.group,
        work.group,
        people.group,
        demo.group,
        log.group,
    ),
    periodic=(SEALER,),
)
