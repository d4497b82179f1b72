"""What the bases room gives to the house."""

from app.bases import facts
from app.bases.access import GRANTS, Permission
from app.bases.certificates import CERTIFICATES, CERTIFIED
from app.bases.complaints import KIND as COMPLAINT
from app.bases.complaints import SUBSCRIBERS
from app.bases.desk import NOTICES, NUMBERS, expected
from app.bases.documents import DOCUMENTS
from app.bases.personal_data import PERSONAL_DATA
from app.bases.queries import TYPE, declared_against
from app.bases.rules import KIND, InspectionRules, sentences
from app.bases.services import APPLYING
from app.bases.states import BASE
from app.bases.views import bp
from app.cases.kinds import RestrictionKind
from app.core.room import NavItem, Room
from app.core.text import _l
from app.rulebook.kinds import RuleKind

room = Room(
    name="bases",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("Training bases"), "bases.register", Permission.DECIDE, "building", 30),
        NavItem(_l("Training bases"), "bases.register", None, "building", 30),
    ),
    grants=GRANTS,
    events={
        "bases.inspection_asked": _l("On-site inspection asked for"),
        "bases.applied": _l("Applied for accreditation"),
        "bases.accredited": _l("Accredited"),
        "bases.renewed": _l("New period of accreditation set"),
        "bases.refused": _l("Application refused"),
        "bases.suspended": _l("Accreditation suspended"),
        "bases.reinstated": _l("Accreditation reinstated"),
        "bases.exited": _l("Exit decided"),
        "bases.reopened": _l("Application open again after an upheld appeal"),
        "bases.restored": _l("Accreditation restored after an upheld appeal"),
        "bases.publicity_passed": _l("Publicity period passed: %(objections)s objections and leads, %(upheld)s upheld"),
    },
    subscribers=(*SUBSCRIBERS, *CERTIFICATES),
    todo_kinds={
        "bases.decide": _l("Decide on the accreditation of %(base)s"),
        "bases.reconsider": _l("An objection was upheld: look at the accreditation of %(base)s again"),
    },
    facts=(facts.SOURCE,),
    certified=(CERTIFIED,),
    rule_kinds=(RuleKind(KIND, _l("Inspection of bases"), InspectionRules, sentences),),
    documents=DOCUMENTS,
    todo_sources=(expected,),
    notices=NOTICES,
    home_numbers=NUMBERS,
    lifecycles=(BASE,),
    case_kinds=(COMPLAINT,),
    restrictions=(RestrictionKind(APPLYING, _l("No accreditation may be applied for"), "organisation"),),
    declared_against={TYPE: declared_against},
    scored={TYPE: "inspection"},
    personal_data=PERSONAL_DATA,
)
