"""What the exams room gives to the house."""

from app.assessment.exams import base_facts, facts
from app.assessment.exams.access import GRANTS, Permission
from app.assessment.exams.commands import group
from app.assessment.exams.desk import NOTICES, NUMBERS, expected
from app.assessment.exams.documents import DOCUMENTS
from app.assessment.exams.jobs import COLLECT, COMPARE, MARK, PREPARE, STATISTICS, TELL
from app.assessment.exams.personal_data import MERGES, PERSONAL_DATA
from app.assessment.exams.queries.candidates import SIT
from app.assessment.exams.rechecks import KIND
from app.assessment.exams.rules import judging, statistics_rule
from app.assessment.exams.rules.eligibility import REASONS
from app.assessment.exams.rules.parameters import ExamRule, sentences
from app.assessment.exams.services.statistics import after_marking
from app.assessment.exams.states import CORRECTION, ITEM_FLAG, PAPER, SESSION, SIMILARITY
from app.assessment.exams.views import bp, sitting_bp
from app.cases.kinds import RestrictionKind
from app.core.room import NavItem, Room, Subscriber
from app.core.text import _l
from app.rulebook.kinds import RuleKind

room = Room(
    name="exams",
    blueprints=(bp, sitting_bp),
    navigation=(
        NavItem(_l("Exam sessions"), "exams.sessions", Permission.VIEW, "calendar-event", 40),
        NavItem(_l("Exam papers"), "exams.blueprints", Permission.BLUEPRINT, "layout-grid", 41),
        NavItem(_l("My exams"), "exams.mine", Permission.SIT, "pencil", 30),
        NavItem(_l("Similar sittings"), "exams.similar", Permission.SIMILARITY, "users", 42),
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
        "exams.results_exported": _l("Results exported as %(format)s"),
        "exams.statistics_asked": _l("Statistics asked for"),
        "exams.statistics_computed": _l("Statistics of %(persons)s sittings computed; items flagged: %(flagged)s"),
        "exams.statistics_refused": _l("No statistics could be computed"),
        "exams.item_flagged": _l("Flagged by the statistics of a session (%(reasons)s)"),
        "exams.item_flag_decided": _l("Flag of the statistics decided"),
        "exams.similarity_asked": _l("Comparison of all answers asked for"),
        "exams.similarity_computed": _l("%(pairs)s pairs of sittings compared, %(listed)s listed"),
        "exams.similarity_refused": _l("The answers could not be compared"),
        "exams.similarity_opinion": _l("Opinion of the expert group given"),
        "exams.similarity_confirmed": _l("Similarity confirmed by the expert group"),
        "exams.similarity_dismissed": _l("Pair dismissed by the expert group"),
    },
    jobs=(PREPARE, MARK, TELL, STATISTICS, COMPARE),
    periodic=(COLLECT,),
    rule_kinds=(
        RuleKind("exam", _l("Exam"), ExamRule, sentences, judging.judge, judging.KINDS, REASONS),
        RuleKind(
            statistics_rule.KIND,
            _l("Exam statistics and answer similarity"),
            statistics_rule.StatisticsRule,
            statistics_rule.sentences,
        ),
    ),
    subscribers=(Subscriber("exams.session_marked", "exams.statistics_after_marking", after_marking, now=True),),
    facts=(facts.SOURCE, base_facts.SOURCE),
    todo_kinds={
        "exams.freeze": _l("Read the proof and freeze the paper: %(paper)s"),
        "exams.sit": _l("Sit the exam: %(session)s"),
        "exams.propose": _l("Look through the results and propose their release: %(session)s"),
        "exams.release": _l("Confirm the release of the results: %(session)s"),
        "exams.correct": _l("Propose the corrected points after an upheld recheck: %(session)s"),
        "exams.confirm": _l("Confirm the corrected points: %(session)s"),
        "exams.result": _l("Your result is released: %(session)s"),
        "exams.flagged_items": _l("Look at the items that the statistics flagged: %(session)s"),
        "exams.similarity": _l("Give your opinion on similar sittings: %(session)s"),
    },
    documents=DOCUMENTS,
    todo_sources=(expected,),
    notices=NOTICES,
    home_numbers=NUMBERS,
    lifecycles=(PAPER, SESSION, CORRECTION, ITEM_FLAG, SIMILARITY),
    case_kinds=(KIND,),
    restrictions=(RestrictionKind(SIT, _l("No registration for an exam and no sitting"), "person"),),
    personal_data=PERSONAL_DATA,
    merges=MERGES,
    commands=(group,),
)
