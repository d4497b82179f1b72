"""Closed lists and lifecycles of rounds of title evaluation and of the applications in them."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l

APPLY, ORGANISE, CONFIRM = "titles.apply", "titles.organise", "titles.confirm"
WITHDRAW = "titles.withdraw"
OBJECTION = "titles.objection_upheld"
EVIDENCE = "titles.evidence_withdrawn"
"""The reasons of a stopped application, as codes."""


class RoundState(StrEnum):
    """Where a round is; whether it still takes applications is derived from its last day."""

    PROPOSED = "proposed"
    OPEN = "open"
    REVIEW = "review"
    VOTING = "voting"
    DECIDED = "decided"


class ApplicationState(StrEnum):
    """Where an application is."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    PASSED = "passed"
    REFUSED = "refused"
    CLEARED = "cleared"
    CONFIRMED = "confirmed"
    STOPPED = "stopped"


class WithdrawalReason(StrEnum):
    """Why a title is withdrawn; a closed list, shown in the public register."""

    FALSE_PAPERS = "false_papers"
    PLAGIARISM = "plagiarism"
    IMPROPER_MEANS = "improper_means"
    PROCEDURE = "procedure"


class WithdrawalState(StrEnum):
    """Where the withdrawal of a title is; one that was set aside on appeal counts as never made."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REJECTED = "rejected"
    SET_ASIDE = "set_aside"


CHECKED = frozenset(
    {
        ApplicationState.ACCEPTED,
        ApplicationState.PASSED,
        ApplicationState.REFUSED,
        ApplicationState.CLEARED,
        ApplicationState.CONFIRMED,
        ApplicationState.STOPPED,
    }
)
"""States after the formal check: what a committee may read."""
EDITABLE = frozenset({ApplicationState.DRAFT, ApplicationState.RETURNED})
"""States in which the applicant may change the application."""
BEFORE_ACCEPTANCE = EDITABLE | {ApplicationState.SUBMITTED}
"""States in which the facts are judged anew, so that the applicant may rely on a new version of a record."""

ROUND_LABELS: dict[RoundState, Text] = {
    RoundState.PROPOSED: _l("Waits for confirmation"),
    RoundState.OPEN: _l("Open"),
    RoundState.REVIEW: _l("Under review"),
    RoundState.VOTING: _l("Vote held"),
    RoundState.DECIDED: _l("Review finished"),
}
APPLICATION_LABELS: dict[ApplicationState, Text] = {
    ApplicationState.DRAFT: _l("Draft"),
    ApplicationState.SUBMITTED: _l("Waits for the formal check"),
    ApplicationState.RETURNED: _l("Returned"),
    ApplicationState.ACCEPTED: _l("Accepted for review"),
    ApplicationState.PASSED: _l("Passed, made public"),
    ApplicationState.REFUSED: _l("Not approved"),
    ApplicationState.CLEARED: _l("Waits for the confirmation of the title"),
    ApplicationState.CONFIRMED: _l("Title confirmed"),
    ApplicationState.STOPPED: _l("Application stopped"),
}

WITHDRAWAL_LABELS: dict[WithdrawalState, Text] = {
    WithdrawalState.PROPOSED: _l("Waits for a decision"),
    WithdrawalState.IN_FORCE: _l("Title withdrawn"),
    WithdrawalState.REJECTED: _l("The title stands"),
    WithdrawalState.SET_ASIDE: _l("Set aside on appeal"),
}
WITHDRAWAL_REASONS: dict[WithdrawalReason, Text] = {
    WithdrawalReason.FALSE_PAPERS: _l("False papers were handed in"),
    WithdrawalReason.PLAGIARISM: _l("The works or results of others were passed off as one's own"),
    WithdrawalReason.IMPROPER_MEANS: _l("The title was obtained by other improper means"),
    WithdrawalReason.PROCEDURE: _l("The review broke the rules, so its result does not stand"),
}

WITHDRAWAL = Lifecycle[WithdrawalState](
    "title_withdrawal",
    WithdrawalState.PROPOSED,
    (
        Move(
            "approve",
            frozenset({WithdrawalState.PROPOSED}),
            WithdrawalState.IN_FORCE,
            CONFIRM,
            _l("Withdraw the title"),
        ),
        Move(
            "reject",
            frozenset({WithdrawalState.PROPOSED}),
            WithdrawalState.REJECTED,
            CONFIRM,
            _l("Let the title stand"),
        ),
        Move(
            "set_aside",
            frozenset({WithdrawalState.IN_FORCE}),
            WithdrawalState.SET_ASIDE,
            None,
            _l("Set the withdrawal aside on appeal"),
        ),
    ),
)
ROUND = Lifecycle[RoundState](
    "title_round",
    RoundState.PROPOSED,
    (
        Move("confirm", frozenset({RoundState.PROPOSED}), RoundState.OPEN, CONFIRM, _l("Confirm the round")),
        Move("call", frozenset({RoundState.OPEN}), RoundState.REVIEW, ORGANISE, _l("Call the meeting")),
        Move("vote", frozenset({RoundState.REVIEW}), RoundState.VOTING, ORGANISE, _l("Call the secret ballot")),
        Move("vote_again", frozenset({RoundState.VOTING}), RoundState.REVIEW, None, _l("The ballot was called off")),
        Move("decide", frozenset({RoundState.VOTING}), RoundState.DECIDED, None, _l("Take over the result")),
        Move(
            "reopen",
            frozenset({RoundState.VOTING, RoundState.DECIDED}),
            RoundState.OPEN,
            None,
            _l("Review the applications that are left"),
        ),
    ),
)
APPLICATION = Lifecycle[ApplicationState](
    "title_application",
    ApplicationState.DRAFT,
    (
        Move("submit", EDITABLE, ApplicationState.SUBMITTED, APPLY, _l("Send the application")),
        Move(
            "accept",
            frozenset({ApplicationState.SUBMITTED}),
            ApplicationState.ACCEPTED,
            ORGANISE,
            _l("Accept it for review"),
        ),
        Move(
            "give_back", frozenset({ApplicationState.SUBMITTED}), ApplicationState.RETURNED, ORGANISE, _l("Return it")
        ),
        Move(
            "pass", frozenset({ApplicationState.ACCEPTED}), ApplicationState.PASSED, None, _l("The committee approved")
        ),
        Move(
            "refuse",
            frozenset({ApplicationState.ACCEPTED}),
            ApplicationState.REFUSED,
            None,
            _l("The committee did not approve"),
        ),
        Move("clear", frozenset({ApplicationState.PASSED}), ApplicationState.CLEARED, None, _l("The publicity passed")),
        Move(
            "stop",
            frozenset({ApplicationState.PASSED, ApplicationState.CLEARED}),
            ApplicationState.STOPPED,
            None,
            _l("The result does not stand"),
        ),
        Move(
            "confirm",
            frozenset({ApplicationState.CLEARED}),
            ApplicationState.CONFIRMED,
            CONFIRM,
            _l("Confirm the title"),
        ),
        Move(
            "reopen",
            frozenset({ApplicationState.REFUSED}),
            ApplicationState.ACCEPTED,
            None,
            _l("Reopen after a recheck"),
        ),
    ),
)
