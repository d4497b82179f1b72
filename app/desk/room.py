"""What the desk room gives to the house."""

from flask import Flask

from app.core.room import NavItem, Room
from app.core.text import _l
from app.desk.access import GRANTS, Permission
from app.desk.views import bp, waiting_counts
from app.web.navigation import count_with


def _start(app: Flask) -> None:
    count_with(app, waiting_counts)


room = Room(
    name="desk",
    blueprints=(bp,),
    navigation=(NavItem(_l("To do"), "desk.home", Permission.INBOX, "check", 0),),
    grants=GRANTS,
    start=_start,
)
