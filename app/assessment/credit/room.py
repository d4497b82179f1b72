"""What the credit room gives to the house."""

from app.assessment.credit.access import GRANTS, Permission
from app.assessment.credit.commands import COMMANDS
from app.assessment.credit.declared import CASE_KINDS
from app.assessment.credit.desk import NOTICES, NUMBERS, expected
from app.assessment.credit.documents import ABOUT_PEOPLE, DOCUMENTS
from app.assessment.credit.ended_evidence import SUBSCRIBERS
from app.assessment.credit.jobs import JOB
from app.assessment.credit.personal_data import MERGES, PERSONAL_DATA
from app.assessment.credit.queries import ratings, records
from app.assessment.credit.queries.records import facts
from app.assessment.credit.reports import CERTIFIED, REPORTS
from app.assessment.credit.rules import periods, rating
from app.assessment.credit.states import DOUBT, GRAVITY_LABELS, RECORD, REPAIR
from app.assessment.credit.views import bp
from app.core.room import NavItem, Room
from app.core.text import _l
from app.evidence.kinds import UseKind
from app.rulebook.facts import FactKind, FactSource, FactType
from app.rulebook.kinds import RuleKind

COUNTED = _l("confirmed records that are used on the day, as known then")
FACTS = FactSource(
    _l("Credit"),
    (
        FactKind(
            rating.NEGATIVE,
            _l("Negative credit records, %(parameter)s"),
            FactType.COUNT,
            COUNTED,
            unit=_l("records"),
            parameter=_l("class"),
            parameters={one.value: label for one, label in GRAVITY_LABELS.items()},
        ),
        FactKind(rating.POSITIVE, _l("Positive credit records"), FactType.COUNT, COUNTED, unit=_l("records")),
    ),
    facts,
)

GROUP = _l("Evidence and credit")

room = Room(
    name="credit",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("Credit records"), "credit.desk", Permission.READ, "list-check", 44, GROUP),
        NavItem(_l("Rating cycles"), "credit.cycles", Permission.RECORD, "refresh", 45, GROUP),
        NavItem(_l("My credit"), "credit.mine", Permission.OWN, "scale", 36),
        NavItem(_l("Dishonesty list"), "credit.published", None, "speakerphone", 42),
    ),
    grants=GRANTS,
    events={
        "credit.entered": _l("Credit record entered"),
        "credit.confirmed": _l("Credit record confirmed by a second officer"),
        "credit.rejected": _l("Credit record not confirmed"),
        "credit.corrected": _l("Credit record replaced by a correction"),
        "credit.withdrawn": _l("Credit record withdrawn"),
        "credit.doubted": _l("Evidence behind the record was withdrawn or replaced: officers look again"),
        "credit.doubt_proposed": _l("Proposed what becomes of the record without the evidence"),
        "credit.doubt_returned": _l("Proposal not agreed to: officers look again"),
        "credit.stands": _l("The record stands after a second look by two officers"),
        "credit.repair_asked": _l("Credit repair applied for"),
        "credit.repair_refused": _l("Credit repair refused"),
        "credit.repaired": _l("Credit repaired: no longer published or used"),
        "credit.rated": _l("Credit rated: grade %(grade)s"),
        "credit.report_asked": _l("Credit report asked for"),
        "credit.review_upheld": _l("Review of a rating upheld: to be rated again"),
        "credit.cycle_started": _l("Rating cycle started: %(people)s people"),
        "credit.cycle_ended": _l("Rating cycle ended: %(people)s people rated"),
        "credit.exported": _l("List of credit records exported"),
    },
    subscribers=(*SUBSCRIBERS, *REPORTS, *ABOUT_PEOPLE),
    jobs=(JOB,),
    rule_kinds=(
        RuleKind(
            rating.KIND,
            _l("Credit rating"),
            rating.RatingParams,
            rating.sentences,
            rating.judge,
            reasons=rating.REASONS,
            proven=True,
        ),
        RuleKind(
            periods.KIND,
            _l("Credit repair"),
            periods.RepairParams,
            periods.sentences,
            periods.judge,
            periods.KINDS,
            periods.REASONS,
        ),
    ),
    facts=(FACTS,),
    certified=(CERTIFIED,),
    todo_kinds={
        "credit.confirm": _l("Confirm a credit record as the second officer: %(conduct)s"),
        "credit.repair": _l("Decide on an application for credit repair: %(conduct)s"),
        "credit.look_again": _l("Look again at a credit record whose evidence ended: %(conduct)s"),
        "credit.decide_doubt": _l("Decide as the second officer on a credit record whose evidence ended: %(conduct)s"),
        "credit.rerate": _l("Rate a person again"),
    },
    todo_sources=(expected,),
    evidence_uses={
        records.TYPE: UseKind(
            _l("Credit record"),
            "/credit/records/{code}",
            _l("Two officers look at the record again: it is corrected, withdrawn or stands."),
        ),
        ratings.TYPE: UseKind(
            _l("Credit rating"),
            "/credit/mine",
            _l("The rating is made again without it, and a credit report that is wrong now is taken back."),
        ),
    },
    notices=NOTICES,
    home_numbers=NUMBERS,
    documents=DOCUMENTS,
    lifecycles=(RECORD, REPAIR, DOUBT),
    personal_data=PERSONAL_DATA,
    merges=MERGES,
    case_kinds=CASE_KINDS,
    commands=COMMANDS,
)
