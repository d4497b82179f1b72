"""What the exams room gives to the house."""

from app.assessment.exams import base_facts, facts
from app.assessment.exams.access import GRANTS, Permission
from app.assessment.exams.desk import NOTICES, NUMBERS, expected
from app.assessment.exams.documents import DOCUMENTS
from app.assessment.exams.jobs import COLLECT, MARK, PREPARE, TELL
from app.assessment.exams.personal_data import MERGES, PERSONAL_DATA
from app.assessment.exams.queries.candidates import SIT
from app.assessment.exams.rechecks import KIND
from app.assessment.exams.rules import judging
from app.assessment.exams.rules.eligibility import REASONS
from app.assessment.exams.rules.parameters import ExamRule, sentences
from app.assessment.exams.states import CORRECTION, LATE, PAPER, SESSION
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
        "exams.answers_kept": _l("Answers came by the side door: %(merged)s merged, %(kept)s kept for a decision"),
        "exams.late_proposed": _l("Proposed whether late answers count"),
        "exams.late_decided": _l("Late answers decided by two: %(counted)s counted"),
        "exams.late_returned": _l("Proposal about late answers sent back"),
        "exams.ticket_issued": _l("Admission ticket issued"),
        "exams.ticket_used": _l("Entered with the admission ticket"),
        "exams.results_exported": _l("Results exported as %(format)s"),
    },
    jobs=(PREPARE, MARK, TELL),
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
        "exams.late": _l("Decide whether late answers count: %(session)s"),
        "exams.result": _l("Your result is released: %(session)s"),
    },
    documents=DOCUMENTS,
    todo_sources=(expected,),
    notices=NOTICES,
    home_numbers=NUMBERS,
    lifecycles=(PAPER, SESSION, CORRECTION, LATE),
    case_kinds=(KIND,),
    restrictions=(RestrictionKind(SIT, _l("No registration for an exam and no sitting"), "person"),),
    personal_data=PERSONAL_DATA,
    merges=MERGES,
)
