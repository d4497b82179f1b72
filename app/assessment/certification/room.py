"""What the certification room gives to the house."""

from app.assessment.certification import facts, judging
from app.assessment.certification.access import GRANTS, Permission
from app.assessment.certification.certified import CERTIFIED
from app.assessment.certification.desk import NOTICES, NUMBERS, expected
from app.assessment.certification.documents import ABOUT_PEOPLE, DOCUMENTS
from app.assessment.certification.jobs import CORRECTED, JOB, OF_CERTIFICATES, RELEASED
from app.assessment.certification.personal_data import MERGES, PERSONAL_DATA
from app.assessment.certification.rules import REASONS, AwardParams, sentences
from app.assessment.certification.services import AWARDED
from app.assessment.certification.states import AWARD
from app.assessment.certification.views import bp
from app.cases.kinds import RestrictionKind
from app.core.room import NavItem, Room
from app.core.text import _l
from app.rulebook.kinds import RuleKind

room = Room(
    name="certification",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("Awards of levels"), "certification.awards", Permission.DECIDE, "certificate", 40),
        NavItem(_l("My levels"), "certification.own", Permission.OWN, "rosette-discount-check", 35),
        NavItem(_l("Register of technology managers"), "certification.register", None, "users", 20),
    ),
    grants=GRANTS,
    events={
        "certification.proposed": _l("Award proposed"),
        "certification.awarded": _l("Level awarded"),
        "certification.refused": _l("Level refused"),
        "certification.transcript_asked": _l("Transcript of continuing education asked for"),
        "certification.withdrawn": _l("Level withdrawn"),
        "certification.restored": _l("Level restored"),
        "certification.suspended": _l("Level suspended"),
        "certification.reinstated": _l("Level reinstated"),
        "certification.renewed": _l("Level renewed"),
    },
    subscribers=(RELEASED, CORRECTED, *OF_CERTIFICATES, *ABOUT_PEOPLE),
    jobs=(JOB,),
    rule_kinds=(
        RuleKind(
            "award",
            _l("Award of levels"),
            AwardParams,
            sentences,
            judging.judge,
            judging.KINDS,
            REASONS,
            names_levels=True,
        ),
    ),
    facts=(facts.SOURCE,),
    certified=CERTIFIED,
    todo_kinds={"certification.decide": _l("Decide on the award of %(name)s")},
    documents=DOCUMENTS,
    todo_sources=(expected,),
    notices=NOTICES,
    home_numbers=NUMBERS,
    lifecycles=(AWARD,),
    restrictions=(RestrictionKind(AWARDED, _l("No award of a level"), "person"),),
    personal_data=PERSONAL_DATA,
    merges=MERGES,
)
