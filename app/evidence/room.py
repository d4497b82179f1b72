"""What the evidence room gives to the house."""

from app.cases.kinds import RestrictionKind
from app.core.room import NavItem, Room, Subscriber
from app.core.text import _l
from app.evidence import facts
from app.evidence.access import GRANTS, Permission
from app.evidence.desk import NOTICES, expected
from app.evidence.documents import ABOUT_PEOPLE, DOCUMENTS
from app.evidence.jobs import send_link
from app.evidence.personal_data import PERSONAL_DATA, UNTOLD
from app.evidence.rules.params import CheckParams, sentences
from app.evidence.services.merging import MERGES
from app.evidence.services.recounting import CHECK
from app.evidence.states import CHECKING, CHECKING_FOR_BODY, ENTERING, ENTERING_FOR_PEOPLE, EVIDENCE, IMPORT
from app.evidence.views import bp
from app.rulebook.kinds import RuleKind

GROUP = _l("Evidence and credit")

room = Room(
    name="evidence",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("My evidence"), "evidence.mine", Permission.OWN, "archive", 25),
        NavItem(_l("Evidence of our people"), "evidence.institution", Permission.ENTER, "archive", 40),
        NavItem(_l("Check evidence"), "evidence.queue", Permission.CHECK, "archive", 45, GROUP),
        NavItem(_l("Sample audits"), "evidence.audits", Permission.AUDIT, "filter", 46, GROUP),
    ),
    grants=GRANTS,
    events={
        "evidence.declared": _l("Evidence declared"),
        "evidence.accepted": _l("Confirmed by the person"),
        "evidence.declined": _l("Declined by the person"),
        "evidence.attached": _l("File attached"),
        "evidence.linked": _l("Linked to its contract"),
        "evidence.unlinked": _l("Parted from its contract"),
        "evidence.counterparty_asked": _l("Counterparty asked"),
        "evidence.counterparty_confirmed": _l("Confirmed by the counterparty"),
        "evidence.counterparty_disputed": _l("Disputed by the counterparty"),
        "evidence.checked": _l("Evidence checked"),
        "evidence.check_recounted": _l(
            "To be checked by %(due)s, before %(was)s: counted anew with the holidays of %(year)s (%(source)s)"
        ),
        "evidence.rejected": _l("Evidence rejected"),
        "evidence.withdrawn": _l("Evidence withdrawn"),
        "evidence.superseded": _l("Superseded by a new version"),
        "evidence.used": _l("Relied on"),
        "evidence.released": _l("No longer relied on"),
        "evidence.import_staged": _l("Evidence file uploaded: %(good)s good rows, %(bad)s with problems"),
        "evidence.import_committed": _l("Evidence file taken over: %(count)s records"),
        "evidence.import_discarded": _l("Evidence file discarded"),
        "evidence.sample_drawn": _l("Sample of %(size)s records drawn"),
        "evidence.sample_assigned": _l("Drawn record given to an officer"),
        "evidence.sample_found": _l("Finding recorded"),
        "evidence.sample_confirmed": _l("Finding confirmed"),
    },
    todo_kinds={
        "evidence.accept": _l("Confirm what was entered for you: %(title)s"),
        "evidence.check": _l("Check the evidence %(title)s"),
        "evidence.look_again": _l("Look again at %(title)s: its papers no longer match"),
        "evidence.disputed": _l("The counterparty disputes %(title)s"),
        "evidence.sample": _l("Look at the records drawn for you in a sample audit"),
        "evidence.second": _l("Confirm findings of a sample audit as the second officer"),
    },
    todo_sources=(expected,),
    notices=NOTICES,
    subscribers=(
        Subscriber("evidence.counterparty_asked", "evidence.send_link", send_link, outside=True),
        *ABOUT_PEOPLE,
    ),
    documents=DOCUMENTS,
    rule_kinds=(RuleKind("evidence_checks", _l("Checks of evidence"), CheckParams, sentences),),
    counted_days=(CHECK,),
    facts=(facts.SOURCE,),
    restrictions=(
        RestrictionKind(ENTERING, _l("No evidence may be entered, nor confirmed as one's own"), "person"),
        RestrictionKind(CHECKING, _l("No evidence may be checked or audited"), "person"),
        RestrictionKind(
            ENTERING_FOR_PEOPLE, _l("No evidence may be entered or imported for its people"), "organisation"
        ),
        RestrictionKind(CHECKING_FOR_BODY, _l("No evidence may be checked or audited by its staff"), "organisation"),
    ),
    lifecycles=(EVIDENCE, IMPORT),
    personal_data=PERSONAL_DATA,
    untold=UNTOLD,
    merges=MERGES,
    key_purposes={Permission.ENTER: _l("Enter evidence of our people")},
)
