"""What the titles room gives to the house."""

from app.assessment.titles import facts, wording
from app.assessment.titles.access import GRANTS, Permission
from app.assessment.titles.certificates import CERTIFICATES, CERTIFIED
from app.assessment.titles.commands import group
from app.assessment.titles.desk import NOTICES, expected
from app.assessment.titles.documents import ABOUT_PEOPLE, DOCUMENTS
from app.assessment.titles.experts import declared_against, offered
from app.assessment.titles.outcomes import SUBSCRIBERS
from app.assessment.titles.personal_data import CONSENTS, MERGES, PERSONAL_DATA
from app.assessment.titles.queries import TYPE
from app.assessment.titles.rechecks import APPEAL_KIND, KIND
from app.assessment.titles.rules import (
    INTEGRITY,
    REASONS,
    SCHEME,
    VOTE_FACTS,
    TitleIntegrity,
    TitleScheme,
    integrity_sentences,
    judge,
)
from app.assessment.titles.services.doors import APPLYING
from app.assessment.titles.states import APPLICATION, ROUND, WITHDRAWAL
from app.assessment.titles.views import bp
from app.cases.kinds import RestrictionKind
from app.core.room import NavItem, Room
from app.core.text import _l
from app.evidence.kinds import UseKind
from app.rulebook.kinds import RuleKind

room = Room(
    name="titles",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("Title evaluation"), "titles.rounds", Permission.READ, "certificate", 36),
        NavItem(_l("Register of titles"), "titles.register", None, "certificate", 21),
    ),
    grants=GRANTS,
    events={
        "titles.round_proposed": _l("Round proposed"),
        "titles.round_confirmed": _l("Round confirmed and open"),
        "titles.round_called": _l("Meeting called with %(applications)s applications"),
        "titles.round_voting": _l("Secret ballot called"),
        "titles.round_vote_called_off": _l("The ballot was called off"),
        "titles.round_decided": _l("Result of the ballot taken over"),
        "titles.started": _l("Application begun"),
        "titles.evidence_renewed": _l("Relies on new versions of its records: %(taken)s"),
        "titles.submitted": _l("Application sent"),
        "titles.accepted": _l("Accepted for review"),
        "titles.returned": _l("Returned by the formal check, for the %(returns)s. time"),
        "titles.passed": _l("Passed: %(approve)s of %(attending)s attending approved"),
        "titles.refused": _l("Not passed: %(approve)s of %(attending)s attending approved"),
        "titles.cleared": _l("Publicity passed without an upheld objection"),
        "titles.stopped": _l("Stopped after the vote"),
        "titles.confirmed": _l("Title confirmed under the number %(number)s"),
        "titles.reopened": _l("Reopened after a recheck"),
        "titles.withdrawal_proposed": _l("Withdrawal of the title %(number)s proposed"),
        "titles.withdrawal_approved": _l("Withdrawal of the title %(number)s decided"),
        "titles.withdrawal_rejected": _l("Withdrawal turned down: the title %(number)s stands"),
        "titles.withdrawal_set_aside": _l("Withdrawal of the title %(number)s set aside on appeal"),
        "titles.withdrawn": _l("Title %(number)s withdrawn"),
        "titles.restored": _l("Title %(number)s stands again"),
    },
    subscribers=(*SUBSCRIBERS, *CERTIFICATES, *ABOUT_PEOPLE),
    documents=DOCUMENTS,
    rule_kinds=(
        RuleKind(SCHEME, _l("Title scheme"), TitleScheme, wording.sentences, judge, VOTE_FACTS, REASONS, proven=True),
        RuleKind(INTEGRITY, _l("What follows a withdrawn title"), TitleIntegrity, integrity_sentences),
    ),
    facts=(facts.SOURCE,),
    certified=(CERTIFIED,),
    todo_kinds={
        "titles.confirm_round": _l("Confirm the round %(round)s"),
        "titles.check": _l("Check the application of %(name)s"),
        "titles.correct": _l("Correct your application in %(round)s"),
        "titles.confirm": _l("Confirm the title of %(name)s"),
        "titles.decide_withdrawal": _l("Decide on the withdrawal of the title of %(name)s"),
    },
    todo_sources=(expected,),
    notices=NOTICES,
    lifecycles=(ROUND, APPLICATION, WITHDRAWAL),
    personal_data=PERSONAL_DATA,
    consents=CONSENTS,
    merges=MERGES,
    case_kinds=(KIND, APPEAL_KIND),
    panel_cases=(offered,),
    evidence_uses={
        TYPE: UseKind(
            _l("Application for a title"),
            "/titles/applications/{code}",
            _l("A result that is not confirmed yet is stopped. Before the vote the record proves nothing any more."),
        )
    },
    declared_against={TYPE: declared_against},
    scored={TYPE: "title"},
    restrictions=(RestrictionKind(APPLYING, _l("No title may be applied for"), "person"),),
    commands=(group,),
)
