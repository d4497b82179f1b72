"""What the rulebook gives to the house."""

from flask import Flask

from app.core.room import NavItem, Room, Subscriber
from app.core.text import _l
from app.rulebook import queries, stated
from app.rulebook.access import GRANTS, Permission
from app.rulebook.commands import group
from app.rulebook.desk import NOTICES, expected
from app.rulebook.documents import DOCUMENTS
from app.rulebook.jobs import JOBS
from app.rulebook.kinds import RuleKind
from app.rulebook.personal_data import MERGES, PERSONAL_DATA
from app.rulebook.queries.holidays import ENTERED
from app.rulebook.rules import holiday_packs
from app.rulebook.rules.conditions import Conditions, judge
from app.rulebook.services.recounting import STAYS, recount_after
from app.rulebook.states import PACK
from app.rulebook.views import bp
from app.rulebook.views.words import pack_name


def _start(app: Flask) -> None:
    app.add_template_global(pack_name)


room = Room(
    name="rulebook",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("Rules"), "rulebook.packs", Permission.PROPOSE, "book", 80),
        NavItem(_l("Rules"), "rulebook.packs", None, "book", 80),
    ),
    grants=GRANTS,
    events={
        "rulebook.drafted": _l("Draft stored"),
        "rulebook.proposed": _l("Proposed for publication"),
        "rulebook.published": _l("Confirmed and published"),
        "rulebook.returned": _l("Returned to its draft"),
        "rulebook.withdrawn": _l("Withdrawn"),
        ENTERED: _l("Holidays of %(year)s entered: %(free)s free days, %(working)s make-up days"),
        STAYS: _l("Counted anew with the holidays of %(year)s (%(source)s) it would end on %(counted)s: %(due)s stays"),
        "rulebook.replay_asked": _l("Decisions of %(year)s replayed under this pack"),
    },
    subscribers=(Subscriber(ENTERED, "rulebook.recount_after", recount_after),),
    todo_kinds={"rulebook.confirm": _l("Confirm the rule pack: %(pack)s")},
    rule_kinds=(
        RuleKind(
            holiday_packs.KIND,
            _l("Holidays of a year"),
            holiday_packs.YearOfHolidays,
            holiday_packs.sentences,
            national=True,
        ),
        RuleKind(
            "criteria", _l("Conditions of recognition"), Conditions, queries.sentences_of_criteria, judge, proven=True
        ),
    ),
    facts=(stated.SOURCE,),
    jobs=JOBS,
    documents=DOCUMENTS,
    todo_sources=(expected,),
    notices=NOTICES,
    lifecycles=(PACK,),
    commands=(group,),
    personal_data=PERSONAL_DATA,
    merges=MERGES,
    start=_start,
)
