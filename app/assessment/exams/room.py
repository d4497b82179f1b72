"""What the exams room gives to the house."""

from app.assessment.exams import base_facts, facts
from app.assessment.exams.access import GRANTS, Permission
from app.assessment.exams.desk import NOTICES, NUMBERS, expected
from app.assessment.exams.documents import DOCUMENTS
from app.assessment.exams.jobs import COLLECT, MARK, PREPARE, REGRADE, REGRADE_APPLY, SCRIPTS, TELL
from app.assessment.exams.personal_data import MERGES, PERSONAL_DATA
from app.assessment.exams.queries.candidates import SIT
from app.assessment.exams.rechecks import KIND
from app.assessment.exams.rules import judging
from app.assessment.exams.rules.eligibility import REASONS
from app.assessment.exams.rules.parameters import ExamRule, sentences
from app.assessment.exams.services.afresh import MARK as MARK_RESTRICTION
from app.assessment.exams.states import CORRECTION, PAPER, RUN, SCRIPT, SESSION
from app.assessment.exams.views import bp, sitting_bp
from app.cases.kinds import RestrictionKind
from app.core.room import NavItem, Room
from app.core.text import _l
from app.rulebook.kinds import RuleKind

room = Room(
    name="exams",
    blueprints=(bp, sitting_bp),
    navigation=(
        NavItem(_l("Exam sessions"), "exams.sessions", Permission.VIEW, "calendar-event", 40),
        NavItem(_l("Exam papers"), "exams.blueprints", Permission.BLUEPRINT, "layout-grid", 41),
        NavItem(_l("Marking of answers"), "exams.marking", Permission.MARK, "pencil", 30),
        NavItem(_l("Exam reports"), "exams.reports", Permission.REPORTS, "chart-bar", 43),
        NavItem(_l("My exams"), "exams.mine", Permission.SIT, "pencil", 30),
    ),
    grants=GRANTS,
    events={
        "exams.blueprint_drafted": _l("Blueprint drafted"),
        "exams.paper_assembled": _l("Paper assembled"),
        "exams.paper_frozen": _l("Paper frozen"),
        "exams.session_created": _l("Session planned"),
        "exams.candidates_registered": _l("Candidates registered: %(registered)s; not registered: %(refused)s"),
        "exams.preparation_asked": _l("Preparation of %(candidates)s papers started"),
        "exams.session_prepared": _l("Every candidate's paper is prepared"),
        "exams.sitting_opened": _l("Sitting opened on a page"),
        "exams.sitting_started": _l("Sitting started"),
        "exams.sitting_submitted": _l("Sitting handed in"),
        "exams.sitting_collected": _l("Sitting collected after its time"),
        "exams.marking_asked": _l("Marking started"),
        "exams.session_marked": _l("Every sitting is marked"),
        "exams.release_proposed": _l("Release proposed"),
        "exams.release_returned": _l("Release sent back"),
        "exams.released": _l("Results released"),
        "exams.result_seen": _l("Result seen by the candidate"),
        "exams.correction_opened": _l("Correction of a result opened by an upheld recheck"),
        "exams.correction_proposed": _l("Corrected points proposed"),
        "exams.correction_returned": _l("Correction sent back"),
        "exams.result_corrected": _l("Result corrected from %(was)s to %(now)s points"),
        "exams.regrade_asked": _l("New marking proposed"),
        "exams.regrade_shown": _l("New marking worked out: %(changed)s results would change"),
        "exams.regrade_confirmed": _l("New marking confirmed"),
        "exams.regrade_returned": _l("New marking sent back"),
        "exams.regraded": _l("Marked anew: %(changed)s results changed, %(kept)s stay as they were"),
        "exams.scripts_cut": _l("Answers handed to the markers: %(scripts)s"),
        "exams.seed_added": _l("Paper of known mark added"),
        "exams.script_marked": _l("Answer marked"),
        "exams.script_given_back": _l("Answer given back unmarked"),
        "exams.script_differs": _l("Two marks differ too much; a third person decides"),
        "exams.script_decided": _l("Points of an answer decided"),
        "exams.marker_calibrated": _l("Marker calibrated"),
        "exams.marker_stopped": _l("Marker stopped; %(withdrawn)s answers are marked again"),
        "exams.fresh_mark_asked": _l("Fresh mark asked for after an upheld recheck"),
        "exams.adding_up_asked": _l("Results being added up"),
        "exams.report_exported": _l("Report exported as %(format)s"),
        "exams.results_exported": _l("Results exported as %(format)s"),
    },
    jobs=(PREPARE, MARK, TELL, REGRADE, REGRADE_APPLY, SCRIPTS),
    periodic=(COLLECT,),
    rule_kinds=(RuleKind("exam", _l("Exam"), ExamRule, sentences, judging.judge, judging.KINDS, REASONS),),
    facts=(facts.SOURCE, base_facts.SOURCE),
    todo_kinds={
        "exams.freeze": _l("Read the proof and freeze the paper: %(paper)s"),
        "exams.sit": _l("Sit the exam: %(session)s"),
        "exams.propose": _l("Look through the results and propose their release: %(session)s"),
        "exams.release": _l("Confirm the release of the results: %(session)s"),
        "exams.correct": _l("Propose the corrected points after an upheld recheck: %(session)s"),
        "exams.confirm": _l("Confirm the corrected points: %(session)s"),
        "exams.mark_answers": _l("Mark answers: level %(level)s, task %(task)s"),
        "exams.adjudicate_answers": _l("Decide answers whose two marks differ: level %(level)s, task %(task)s"),
        "exams.mark_afresh": _l("Mark an answer afresh: level %(level)s"),
        "exams.total": _l("Look through the marking and add up the results: %(session)s"),
        "exams.regrade": _l("Confirm the new marking or send it back: %(session)s"),
        "exams.result": _l("Your result is released: %(session)s"),
    },
    documents=DOCUMENTS,
    todo_sources=(expected,),
    notices=NOTICES,
    home_numbers=NUMBERS,
    lifecycles=(PAPER, SESSION, CORRECTION, RUN, SCRIPT),
    case_kinds=(KIND,),
    restrictions=(
        RestrictionKind(SIT, _l("No registration for an exam and no sitting"), "person"),
        RestrictionKind(MARK_RESTRICTION, _l("No marking of answers in exams"), "person"),
    ),
    personal_data=PERSONAL_DATA,
    merges=MERGES,
)
