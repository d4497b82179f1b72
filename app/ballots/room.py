"""What the ballots room gives to the house."""

from app.ballots.access import GRANTS, Permission
from app.ballots.commands import group
from app.ballots.desk import NOTICES, expected
from app.ballots.jobs import RESTRICTIONS, SUBSCRIBERS
from app.ballots.personal_data import PERSONAL_DATA
from app.ballots.rules.parameters import BallotRules, sentences
from app.ballots.services.calling import KIND
from app.ballots.services.merging import MERGES
from app.ballots.states import BALLOT, SERVE
from app.ballots.views import bp
from app.cases.kinds import RestrictionKind
from app.core.room import NavItem, Room
from app.core.text import _l
from app.rulebook.kinds import RuleKind

GROUP = _l("Experts and meetings")

room = Room(
    name="ballots",
    blueprints=(bp,),
    navigation=(
        NavItem(_l("Secret ballots"), "ballots.index", Permission.VOTE, "mail-opened", 45, GROUP),
        NavItem(_l("Secret ballots"), "ballots.index", Permission.WATCH, "mail-opened", 45, GROUP),
    ),
    grants=GRANTS,
    events={
        "ballots.called": _l("Ballot called: %(voters)s voters"),
        "ballots.trustee_joined": _l("Trustee %(place)s joined"),
        "ballots.trustee_dealt": _l("Trustee %(place)s sent the sealed shares"),
        "ballots.trustee_confirmed": _l("Trustee %(place)s confirmed their share"),
        "ballots.complained": _l("Trustee %(place)s could not use a share"),
        "ballots.keyed": _l("The key is complete"),
        "ballots.restarted": _l("The key is made again"),
        "ballots.attendance": _l("Attendance recorded: %(attending)s voters"),
        "ballots.proxy": _l("An absent voter named a proxy"),
        "ballots.proxy_ended": _l("A voter has no proxy any more"),
        "ballots.recused": _l("A voter was recused from a question"),
        "ballots.readmitted": _l("A voter who was not recused after all may vote on a question again"),
        "ballots.recusal_stands": _l(
            "A voter was not recused after all; the vote was open, so the ballot stays as it is unless it is called off"
        ),
        "ballots.opened": _l("Vote opened"),
        "ballots.closed": _l("Vote closed with %(votes)s votes; the list is fixed"),
        "ballots.trustee_opened": _l("Trustee %(place)s opened their part of the tally"),
        "ballots.trustee_barred": _l("Trustee %(place)s may not serve now and takes part in nothing"),
        "ballots.trustee_free": _l("Trustee %(place)s may serve again"),
        "ballots.decided": _l("Tally open and decided"),
        "ballots.called_off": _l("Ballot called off"),
    },
    subscribers=SUBSCRIBERS,
    periodic=(RESTRICTIONS,),
    rule_kinds=(RuleKind(KIND, _l("Secret ballot"), BallotRules, sentences),),
    todo_kinds={
        "ballots.key": _l("Make your part of the key: %(ballot)s"),
        "ballots.open": _l("The key is complete, open the vote: %(ballot)s"),
        "ballots.restart": _l("A share did not fit, start the key over: %(ballot)s"),
        "ballots.vote": _l("Vote: %(ballot)s"),
        "ballots.vote_for": _l("Vote for who named you as proxy: %(ballot)s"),
        "ballots.held_up": _l("Too few trustees may act, decide what becomes of the ballot: %(ballot)s"),
        "ballots.tally": _l("Open your part of the tally: %(ballot)s"),
    },
    todo_sources=(expected,),
    notices=NOTICES,
    restrictions=(RestrictionKind(SERVE, _l("No service as an expert"), "person"),),
    lifecycles=(BALLOT,),
    commands=(group,),
    personal_data=PERSONAL_DATA,
    merges=MERGES,
)
