"""What the desk room gives to the house."""

from flask import Flask

from app.core.room import NavItem, Room, listen
from app.core.text import _l
from app.desk.access import GRANTS, Permission
from app.desk.commands import group
from app.desk.jobs import REINDEXING
from app.desk.people import DOCUMENTS, JOINED
from app.desk.personal import NOTICES
from app.desk.personal_data import MERGES, PERSONAL_DATA, UNTOLD
from app.desk.post import POST
from app.desk.rights import SUBSCRIBERS, expected
from app.desk.services import documents, notices
from app.desk.views import bp, unread_notices, waiting_counts
from app.web.navigation import count_with, offer_account_link


def _start(app: Flask) -> None:
    count_with(app, waiting_counts)
    listen(app, documents.listeners)
    listen(app, notices.listeners)
    app.add_template_global(unread_notices)
    offer_account_link(app, NavItem(_l("Notices"), "desk.notices", None, "bell"))
    offer_account_link(app, NavItem(_l("Who looked me up"), "desk.looks", None, "eye"))


room = Room(
    name="desk",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("To do"), "desk.home", Permission.INBOX, "check", 0),
        NavItem(_l("Access log"), "desk.access_log", Permission.AUDIT, "eye", 70),
    ),
    grants=GRANTS,
    todo_kinds={
        "accounts.claim": _l("Check the document of whoever claims a record"),
        "accounts.erasure": _l("Decide on a request for erasure"),
        "accounts.name": _l("Decide on the correction of a name"),
        "accounts.merge": _l("Confirm that two records are one person"),
        "accounts.order": _l("Carry out or refuse an order of another administrator"),
    },
    subscribers=(*SUBSCRIBERS, JOINED),
    todo_sources=(expected,),
    documents=DOCUMENTS,
    notices=NOTICES,
    jobs=(REINDEXING,),
    periodic=(POST,),
    commands=(group,),
    start=_start,
    personal_data=PERSONAL_DATA,
    untold=UNTOLD,
    merges=MERGES,
)
