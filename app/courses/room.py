"""What the courses room gives to the house."""

from app.cases.kinds import RestrictionKind
from app.core.room import NavItem, Room
from app.core.text import _l
from app.courses import base_facts, facts
from app.courses.access import GRANTS, Permission
from app.courses.commands import group
from app.courses.desk import NOTICES, NUMBERS, expected
from app.courses.documents import ABOUT_PEOPLE, DOCUMENTS
from app.courses.jobs import JOBS
from app.courses.personal_data import MERGES, PERSONAL_DATA
from app.courses.queries.certificates import CERTIFIED
from app.courses.rules.syllabus import Syllabus, sentences
from app.courses.services.cohorts import OPEN
from app.courses.services.enrolments import ENROL
from app.courses.states import COHORT, ENROLMENT, ROSTER
from app.courses.views import bp
from app.rulebook.kinds import RuleKind

room = Room(
    name="courses",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("My courses"), "courses.my_courses", Permission.LEARN, "school", 10),
        NavItem(_l("Cohorts"), "courses.cohorts", Permission.VIEW, "users", 20),
    ),
    grants=GRANTS,
    events={
        "courses.course_loaded": _l("Course loaded"),
        "courses.cohort_planned": _l("Cohort planned"),
        "courses.cohort_opened": _l("Cohort opened"),
        "courses.cohort_closed": _l("Cohort closed"),
        "courses.roster_staged": _l("Roster uploaded: %(good)s good rows, %(bad)s with problems"),
        "courses.roster_committed": _l("Roster taken over"),
        "courses.roster_discarded": _l("Roster discarded"),
        "courses.invited": _l("Invited to a cohort"),
        "courses.enrolled": _l("Enrolment confirmed"),
        "courses.withdrawn": _l("Withdrawn from the cohort"),
        "courses.quiz_answered": _l("Quiz of lesson %(position)s answered"),
        "courses.hours_collected": _l("Class hours collected in lesson %(position)s"),
        "courses.completed": _l("Training completed"),
        "courses.certificates_asked": _l("Certificates asked for: %(count)s"),
    },
    todo_kinds={
        "courses.open": _l("Open the cohort %(cohort)s"),
        "courses.enrol": _l("Confirm your enrolment in %(cohort)s"),
        "courses.study": _l("Study the course %(course)s"),
    },
    rule_kinds=(RuleKind("syllabus", _l("Training syllabus"), Syllabus, sentences, names_levels=True),),
    facts=(facts.SOURCE, base_facts.SOURCE),
    certified=(CERTIFIED,),
    subscribers=ABOUT_PEOPLE,
    documents=DOCUMENTS,
    todo_sources=(expected,),
    notices=NOTICES,
    home_numbers=NUMBERS,
    lifecycles=(COHORT, ENROLMENT, ROSTER),
    personal_data=PERSONAL_DATA,
    merges=MERGES,
    jobs=JOBS,
    restrictions=(
        RestrictionKind(ENROL, _l("No enrolment in a cohort"), "person"),
        RestrictionKind(OPEN, _l("No cohort may be planned or opened"), "organisation"),
    ),
    commands=(group,),
)
