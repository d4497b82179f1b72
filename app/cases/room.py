"""What the case room gives to the house."""

from app.cases.access import GRANTS, Permission
from app.cases.declared import CASE_KINDS
from app.cases.desk import NOTICES, expected
from app.cases.documents import ABOUT_PEOPLE, DOCUMENTS
from app.cases.doors import RESTRICTIONS, SUBSCRIBERS
from app.cases.jobs import CLOCKS, DECLARATIONS, FILE, OLDER, RISING
from app.cases.personal_data import PERSONAL_DATA, UNTOLD
from app.cases.rules.clocks import CaseClock, sentences
from app.cases.services.erasing import ERASED_EVENT, destroy_contents
from app.cases.services.merging import MERGES
from app.cases.services.recounting import COUNTED_DAYS
from app.cases.states import CASE
from app.cases.views import bp
from app.core.room import NavItem, Room, Subscriber
from app.core.text import _l
from app.rulebook.kinds import RuleKind

GROUP = _l("Cases and restrictions")

room = Room(
    name="cases",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("Cases to handle"), "cases.desk", Permission.HANDLE, "list-check", 60, GROUP),
        NavItem(_l("Restrictions"), "cases.register", Permission.RESTRICT, "lock", 61, GROUP),
        NavItem(_l("My cases"), "cases.mine", Permission.MINE, "scale", 62, GROUP),
        NavItem(_l("Public notices"), "cases.board", None, "speakerphone", 40),
    ),
    grants=GRANTS,
    events={
        "cases.raised": _l("Case raised"),
        "cases.passed_up": _l("Passed to the authority above: everybody here had a hand in the decision complained of"),
        "cases.filed": _l("Declaration put on file"),
        "cases.accepted": _l("Case accepted"),
        "cases.declined": _l("Case not accepted"),
        "cases.asked": _l("Materials asked for; the clock stands still"),
        "cases.unanswered": _l("The materials did not come by %(due)s; the authority was told"),
        "cases.supplied": _l("Materials supplied; the clock runs on"),
        "cases.resumed": _l("Examination goes on without the materials"),
        "cases.decided": _l("Case decided"),
        "cases.withdrawn": _l("Case withdrawn"),
        "cases.notified": _l("Notice sent"),
        "cases.delivered": _l("Delivery of a notice recorded"),
        "cases.escalated": _l("Clock ran out on %(due)s; the superior authority was told"),
        "cases.author_revealed": _l("Protected author revealed to the handling officer"),
        "cases.exhibit_read": _l("Exhibit opened"),
        "cases.file_asked": _l("Court-ready file asked for"),
        "cases.file_downloaded": _l("Court-ready file downloaded"),
        ERASED_EVENT: _l("What was written in the case was erased with the data of a person"),
        "cases.exported": _l("List of cases exported"),
        "cases.recounted": _l(
            "Clock counted anew with the holidays of %(year)s (%(source)s): last day %(due)s, before %(was)s"
        ),
        "cases.supply_recounted": _l(
            "Materials may be supplied until %(due)s, before %(was)s: counted anew with the holidays of %(year)s "
            "(%(source)s)"
        ),
        "cases.delivery_recounted": _l(
            "A notice counts as delivered on %(due)s, before %(was)s: counted anew with the holidays of %(year)s "
            "(%(source)s)"
        ),
        "cases.appeal_recounted": _l(
            "The decision may be taken further until %(due)s, before %(was)s: counted anew with the holidays of "
            "%(year)s (%(source)s)"
        ),
        "cases.period_recounted": _l(
            "Period counted anew with the holidays of %(year)s (%(source)s): ends %(due)s, before %(was)s"
        ),
        # told before every room counted its days anew by the rulebook
        "cases.recount_stays": _l("Counted anew, it would have ended on %(counted)s, which has passed: %(due)s stays"),
        "cases.publicity_opened": _l("Publicity period opened"),
        "cases.publicity_revoked": _l("Public notice taken off the board"),
        "cases.publicity_corrected": _l("Corrected notice opened in place of one that was taken off the board"),
        "cases.publicity_left_off": _l("Public notice left off the board: what it announced ended some other way"),
        "cases.publicity_ended": _l("Publicity period passed"),
        "cases.objection_upheld": _l("Objection upheld"),
        "cases.relations_declared": _l("Named %(count)s people or bodies in the declaration"),
        "cases.declaration_asked": _l("Declaration of impartiality asked for"),
        "cases.restricted": _l("Restriction imposed"),
        "cases.restriction_lifted": _l("Restriction lifted"),
    },
    subscribers=(
        *SUBSCRIBERS,
        Subscriber(ERASED_EVENT, "cases.destroy_contents", destroy_contents),
        *ABOUT_PEOPLE,
    ),
    jobs=(FILE,),
    periodic=(CLOCKS, RISING, DECLARATIONS, OLDER),
    rule_kinds=(RuleKind("case_clock", _l("Clocks of cases and publicity"), CaseClock, sentences),),
    counted_days=COUNTED_DAYS,
    todo_kinds={
        "cases.accept": _l("Accept or decline a case: %(about)s"),
        "cases.decide": _l("Decide a case: %(about)s"),
        "cases.supply": _l("Supply materials for your case: %(about)s"),
        "cases.unanswered": _l("Materials did not come in time; wait or go on without them: %(about)s"),
        "cases.read": _l("Read a notice: %(about)s"),
        "cases.overdue": _l("A case is overdue below you: %(about)s"),
        "cases.correct": _l("Open a corrected public notice: %(title)s"),
        "cases.declare": _l("Make your declaration of impartiality for %(year)s"),
    },
    todo_sources=(expected,),
    notices=NOTICES,
    documents=DOCUMENTS,
    lifecycles=(CASE,),
    case_kinds=CASE_KINDS,
    restrictions=RESTRICTIONS,
    personal_data=PERSONAL_DATA,
    untold=UNTOLD,
    merges=MERGES,
)
