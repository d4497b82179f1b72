"""What the panels room gives to the house."""

from app.core.room import NavItem, Room
from app.core.text import _l
from app.panels.access import GRANTS, Permission
from app.panels.commands import group
from app.panels.declared import SUBSCRIBERS
from app.panels.desk import NOTICES, expected
from app.panels.documents import ABOUT_PEOPLE, DOCUMENTS
from app.panels.jobs import UNITS
from app.panels.personal_data import PERSONAL_DATA
from app.panels.queries.scope import recused_codes
from app.panels.rules.parameters import CommitteeRules, Rubric, committee_sentences, rubric_sentences
from app.panels.services.merging import MERGES
from app.panels.states import COMMITTEE, EXPERT, MEETING, PANEL, SEAT
from app.panels.views import bp
from app.rulebook.kinds import RuleKind

GROUP = _l("Experts and meetings")

room = Room(
    name="panels",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("Panels"), "panels.panels", Permission.VIEW, "stack-2", 15, GROUP),
        NavItem(_l("Committees"), "panels.committees", Permission.VIEW, "users", 16, GROUP),
        NavItem(_l("Meetings"), "panels.meetings", Permission.VIEW, "calendar-event", 17, GROUP),
        NavItem(_l("Expert pools"), "panels.pools", Permission.POOLS, "school", 17, GROUP),
        NavItem(_l("Nominate experts"), "panels.nominations", Permission.NOMINATE, "plus", 60, GROUP),
        NavItem(_l("My terms as expert"), "panels.own_entries", Permission.SIT, "certificate", 18, GROUP),
    ),
    grants=GRANTS,
    events={
        "panels.pool_opened": _l("Expert pool opened"),
        "panels.nominated": _l("Nominated"),
        "panels.accepted": _l("Nomination accepted"),
        "panels.declined": _l("Nomination declined"),
        "panels.admitted": _l("Admitted to the pool"),
        "panels.refused": _l("Admission refused"),
        "panels.suspended": _l("Suspended"),
        "panels.reinstated": _l("Suspension ended"),
        "panels.committee_prepared": _l("Committee prepared"),
        "panels.members_set": _l("%(count)s members set"),
        "panels.committee_filed": _l("Committee filed"),
        "panels.planned": _l("Panel planned"),
        "panels.share_committed": _l("Committed to a secret"),
        "panels.population_published": _l("Population of %(count)s experts published"),
        "panels.secret_revealed": _l("Secret revealed"),
        "panels.drawn": _l("Panel drawn"),
        "panels.started_over": _l("Attempt void, started over"),
        "panels.recused": _l("Recusal recorded"),
        "panels.same_person": _l("A declaration by name: it is the same person, who stays recused"),
        "panels.another_person": _l("A declaration by name: another person is meant, and the expert may judge"),
        "panels.relation_late": _l("A member who has voted declared a relation to a case; the vote stands"),
        "panels.came_back": _l("An expert who was not recused after all stands in the order of the draw again"),
        "panels.passed_over": _l("A substitute who may not serve was passed over"),
        "panels.replaced": _l("Seat taken over by the next substitute"),
        "panels.meeting_called": _l("Meeting called"),
        "panels.item_added": _l("Item added to the agenda"),
        "panels.came": _l("An expert signed in"),
        "panels.left": _l("An expert left"),
        "panels.meeting_opened": _l("Meeting opened with %(present)s of %(members)s members"),
        "panels.meeting_closed": _l("Meeting closed"),
        "panels.opinion_given": _l("Opinion on an item written down"),
        "panels.result_recorded": _l("Result of an item recorded"),
        "panels.minutes_signed": _l("Minutes signed"),
        "panels.minutes_sealed": _l("Minutes sealed"),
        "panels.round_opened": _l("Scoring opened"),
        "panels.scored": _l("Scores submitted"),
        "panels.scores_complete": _l("All scores submitted"),
        "panels.correction_asked": _l("Correction of a score asked for"),
        "panels.correction_approved": _l("Correction of a score approved"),
        "panels.correction_refused": _l("Correction of a score refused"),
        "panels.seat_empty": _l("Seat empty: no substitute keeps the quotas"),
    },
    todo_kinds={
        "panels.answer": _l("Answer your nomination to %(pool)s"),
        "panels.admit": _l("Decide on the admission of a nominated expert"),
        "panels.file": _l("File the committee %(committee)s"),
        "panels.reveal": _l("Reveal your secret for the draw of %(panel)s"),
        "panels.attend": _l("Attend the meeting %(meeting)s"),
        "panels.sign": _l("Sign the minutes of %(meeting)s"),
        "panels.score": _l("Score %(case)s"),
        "panels.commit": _l("A panel waits for your commitment to a secret"),
        "panels.settle": _l("A declaration gives a name alone: say whether it means whom the case concerns"),
        "panels.declare": _l("You were drawn for %(panel)s: look for conflicts of interest"),
    },
    todo_sources=(expected,),
    periodic=(UNITS,),
    notices=NOTICES,
    subscribers=(*SUBSCRIBERS, *ABOUT_PEOPLE),
    documents=DOCUMENTS,
    rule_kinds=(
        RuleKind("committee_rules", _l("Committees and draws"), CommitteeRules, committee_sentences),
        RuleKind("rubric", _l("Rubric"), Rubric, rubric_sentences),
    ),
    recused_codes=(recused_codes,),
    lifecycles=(EXPERT, COMMITTEE, PANEL, SEAT, MEETING),
    commands=(group,),
    personal_data=PERSONAL_DATA,
    merges=MERGES,
)
