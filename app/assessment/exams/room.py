"""What the exams room gives to the house."""

from app.assessment.exams import administration_desk, base_facts, conduct_cases, desk_marking, facts
from app.assessment.exams.access import GRANTS, Permission
from app.assessment.exams.administration_data import ADMINISTRATION_DATA
from app.assessment.exams.administration_states import CHANGE, CONDUCT, EXTRA_TIME
from app.assessment.exams.assembling import ASSEMBLE, OPEN
from app.assessment.exams.commands import group
from app.assessment.exams.desk import NOTICES, NUMBERS, expected
from app.assessment.exams.documents import DOCUMENTS
from app.assessment.exams.jobs import COLLECT, MARK, PREPARE, REGRADE, REGRADE_APPLY, SCRIPTS, TELL
from app.assessment.exams.personal_data import MERGES, PERSONAL_DATA
from app.assessment.exams.printing import PRINT
from app.assessment.exams.queries.candidates import SIT
from app.assessment.exams.rechecks import KIND
from app.assessment.exams.rules import conduct, judging
from app.assessment.exams.rules.eligibility import REASONS
from app.assessment.exams.rules.parameters import ExamRule, sentences
from app.assessment.exams.services.afresh import MARK as MARK_RESTRICTION
from app.assessment.exams.services.conduct import void_marked
from app.assessment.exams.services.freezing import refuse_retirement
from app.assessment.exams.states import CORRECTION, LATE, PAPER, RUN, SCRIPT, SESSION
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
        NavItem(_l("Marking of answers"), "exams.marking", Permission.MARK, "pencil", 30),
        NavItem(_l("Exam reports"), "exams.reports", Permission.REPORTS, "chart-bar", 43),
        NavItem(_l("Venues"), "exams.venues", Permission.ORGANISE, "building", 42),
        NavItem(_l("My exams"), "exams.mine", Permission.SIT, "pencil", 30),
    ),
    grants=GRANTS,
    events={
        "exams.blueprint_drafted": _l("Blueprint drafted"),
        "exams.paper_assembled": _l("Paper assembled"),
        "exams.paper_frozen": _l("Paper frozen and sealed"),
        "exams.paper_signed": _l("Paper signed by the first person"),
        "exams.paper_returned": _l("Signed paper sent back"),
        "exams.papers_asked": _l("Assembly of %(papers)s parallel papers started"),
        "exams.item_replaced": _l("Item of place %(place)s replaced by an equivalent"),
        "exams.opening_asked": _l("Opening of the sealed paper asked for"),
        "exams.opening_refused": _l("Opening of the sealed paper refused or taken back"),
        "exams.paper_opened": _l("Sealed paper opened"),
        "exams.enemies_declared": _l("Two items declared not to stand together"),
        "exams.enemies_withdrawn": _l("Two items may stand together again"),
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
        "exams.ticket_used": _l("Entered with the admission ticket"),
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
        "exams.seb_required": _l("Safe Exam Browser required"),
        "exams.seb_waived": _l("Any browser allowed again"),
        "exams.results_exported": _l("Results exported as %(format)s"),
        "exams.venue_added": _l("Venue added"),
        "exams.room_added": _l("Room with %(seats)s seats added"),
        "exams.session_arranged": _l("How the session is held was set: %(rooms)s rooms, %(seats)s seats"),
        "exams.seats_given": _l("Seats given: %(seats)s"),
        "exams.session_changed": _l("Times of the session changed"),
        "exams.change_asked": _l("Emergency change asked for"),
        "exams.change_approved": _l("Emergency change approved by a second person"),
        "exams.change_refused": _l("Emergency change refused"),
        "exams.candidate_registered": _l("Candidate registered"),
        "exams.registration_withdrawn": _l("Registration withdrawn"),
        "exams.tickets_asked": _l("Printing of %(tickets)s tickets started"),
        "exams.ticket_issued": _l("Ticket issued"),
        "exams.tickets_downloaded": _l("Tickets downloaded"),
        "exams.identity_checked": _l("Identity checked at the door"),
        "exams.identity_mismatch": _l("Identity does not match"),
        "exams.extra_time_asked": _l("%(minutes)s extra minutes asked for %(candidates)s candidates"),
        "exams.extra_time_approved": _l("%(minutes)s extra minutes approved; %(running)s sittings run"),
        "exams.extra_time_refused": _l("Extra time refused"),
        "exams.extra_time_revoked": _l("Extra time taken back"),
        "exams.room_paused": _l("Room paused: %(sittings)s sittings stand still"),
        "exams.room_resumed": _l("Room resumed: %(sittings)s sittings go on"),
        "exams.candidate_moved": _l("Candidate moved to another machine"),
        "exams.all_collected": _l("All collected: %(sittings)s sittings"),
        "exams.incident": _l("Incident entered in the log"),
        "exams.incident_entered": _l("Incident entered"),
        "exams.conduct_recorded": _l("Conduct recorded by an invigilator"),
        "exams.conduct_signed": _l("Conduct record signed by the witness"),
        "exams.conduct_notified": _l("Notice of the consequence given; statement until %(until)s"),
        "exams.conduct_heard": _l("Statement of the candidate received"),
        "exams.conduct_referred": _l("Conduct record put before the authority"),
        "exams.conduct_upheld": _l("Consequence in force: %(voided)s results void"),
        "exams.conduct_dismissed": _l("Conduct record dismissed"),
        "exams.conduct_reversed": _l("Consequence undone: %(restored)s results count again"),
    },
    subscribers=(
        Subscriber("items.retired", "exams.refuse_retirement", refuse_retirement, now=True),
        Subscriber("exams.session_marked", "exams.void_marked", void_marked, now=True),
    ),
    jobs=(PREPARE, MARK, TELL, PRINT, REGRADE, REGRADE_APPLY, SCRIPTS, ASSEMBLE),
    periodic=(COLLECT, OPEN),
    rule_kinds=(
        RuleKind("exam", _l("Exam"), ExamRule, sentences, judging.judge, judging.KINDS, REASONS),
        RuleKind(
            conduct.KIND,
            _l("Exam discipline"),
            conduct.ConductRule,
            conduct.sentences,
            conduct.judge,
            conduct.KINDS,
            conduct.REASONS,
        ),
    ),
    facts=(facts.SOURCE, base_facts.SOURCE),
    todo_kinds={
        "exams.sign": _l("Read the proof and sign the paper: %(paper)s"),
        "exams.freeze": _l("Read the proof and freeze the paper: %(paper)s"),
        "exams.open": _l("Confirm or refuse the opening of the sealed paper: %(paper)s"),
        "exams.sit": _l("Sit the exam: %(session)s"),
        "exams.propose": _l("Look through the results and propose their release: %(session)s"),
        "exams.release": _l("Confirm the release of the results: %(session)s"),
        "exams.correct": _l("Propose the corrected points after an upheld recheck: %(session)s"),
        "exams.confirm": _l("Confirm the corrected points: %(session)s"),
        "exams.late": _l("Decide whether late answers count: %(session)s"),
        "exams.mark_answers": _l("Mark answers: level %(level)s, task %(task)s"),
        "exams.adjudicate_answers": _l("Decide answers whose two marks differ: level %(level)s, task %(task)s"),
        "exams.mark_afresh": _l("Mark an answer afresh: level %(level)s"),
        "exams.total": _l("Look through the marking and add up the results: %(session)s"),
        "exams.regrade": _l("Confirm the new marking or send it back: %(session)s"),
        "exams.result": _l("Your result is released: %(session)s"),
        "exams.extra_time": _l("Decide on extra time as the second person: %(session)s"),
        "exams.change": _l("Decide on an emergency change as the second person: %(session)s"),
        "exams.witness": _l("Sign a conduct record as its witness: %(session)s"),
        "exams.notify": _l("Give notice of the consequence of a conduct record: %(session)s"),
        "exams.hear": _l("Say what you have to say to a record of your conduct: %(session)s"),
        "exams.refer": _l("Put a conduct record before the authority once the candidate was heard: %(session)s"),
    },
    documents=DOCUMENTS,
    todo_sources=(expected, desk_marking.expected, administration_desk.expected),
    notices=(*NOTICES, *administration_desk.NOTICES),
    home_numbers=NUMBERS,
    lifecycles=(PAPER, SESSION, CORRECTION, LATE, RUN, SCRIPT, EXTRA_TIME, CHANGE, CONDUCT),
    case_kinds=(KIND, conduct_cases.KIND),
    restrictions=(
        RestrictionKind(SIT, _l("No registration for an exam and no sitting"), "person"),
        RestrictionKind(MARK_RESTRICTION, _l("No marking of answers in exams"), "person"),
    ),
    personal_data=(*PERSONAL_DATA, *ADMINISTRATION_DATA),
    merges=MERGES,
    commands=(group,),
)
