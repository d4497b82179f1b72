"""Closed lists and lifecycles of the administration of sessions: doors, extra time, changes, incidents, conduct."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class Check(StrEnum):
    """What the identity check at the door found last."""

    CHECKED = "checked"
    MISMATCH = "mismatch"


class Standing(StrEnum):
    """Where a candidate stands on the invigilator's board; derived, never stored."""

    ABSENT = "absent"
    SEATED = "seated"
    SIGNED_IN = "signed_in"
    WORKING = "working"
    SILENT = "silent"
    PAUSED = "paused"
    SUBMITTED = "submitted"
    COLLECTED = "collected"


STANDING_LABELS: dict[str, Text] = {
    Standing.ABSENT: _l("Not here yet"),
    Standing.SEATED: _l("At the seat"),
    Standing.SIGNED_IN: _l("Has signed in"),
    Standing.WORKING: _l("Working"),
    Standing.SILENT: _l("Silent for over 90 seconds"),
    Standing.PAUSED: _l("Paused"),
    Standing.SUBMITTED: _l("Handed in"),
    Standing.COLLECTED: _l("Collected"),
}


class AskState(StrEnum):
    """Where an ask that a second person decides is: extra time, or a change while editing is frozen."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    REVOKED = "revoked"


ASK_LABELS: dict[str, Text] = {
    AskState.ASKED: _l("Waiting for a second person"),
    AskState.APPROVED: _l("Approved by a second person"),
    AskState.REFUSED: _l("Refused by a second person"),
    AskState.REVOKED: _l("Revoked"),
}


class WaitState(StrEnum):
    """Where a place on the waiting list of a full session is."""

    WAITING = "waiting"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    LEFT = "left"
    CLOSED = "closed"


WAIT_LABELS: dict[str, Text] = {
    WaitState.WAITING: _l("On the waiting list"),
    WaitState.OFFERED: _l("Seat offered"),
    WaitState.ACCEPTED: _l("Seat taken"),
    WaitState.DECLINED: _l("Seat declined"),
    WaitState.LAPSED: _l("Offer lapsed"),
    WaitState.LEFT: _l("Left the list"),
    WaitState.CLOSED: _l("List closed"),
}


class RevocationReason(StrEnum):
    """Why the exam body revokes a registration before the exam."""

    FALSE_PAPERS = "false_papers"
    CONDITIONS = "conditions"
    IDENTITY = "identity"
    TWICE = "twice"
    BARRED = "barred"


REVOCATION_LABELS: dict[RevocationReason, Text] = {
    RevocationReason.FALSE_PAPERS: _l("False or altered papers"),
    RevocationReason.CONDITIONS: _l("A condition of the registration is not met"),
    RevocationReason.IDENTITY: _l("The identity is not proved"),
    RevocationReason.TWICE: _l("Registered more than once"),
    RevocationReason.BARRED: _l("Kept from exams by a decision in force"),
}


class IncidentKind(StrEnum):
    """What kind of thing went wrong in a room."""

    TECHNICAL = "technical"
    POWER = "power"
    NETWORK = "network"
    HEALTH = "health"
    IDENTITY = "identity"
    CONDUCT = "conduct"
    OTHER = "other"


INCIDENT_LABELS: dict[str, Text] = {
    IncidentKind.TECHNICAL: _l("Device or software"),
    IncidentKind.POWER: _l("Power"),
    IncidentKind.NETWORK: _l("Network"),
    IncidentKind.HEALTH: _l("Health"),
    IncidentKind.IDENTITY: _l("Identity"),
    IncidentKind.CONDUCT: _l("Conduct"),
    IncidentKind.OTHER: _l("Other"),
}


class ConductState(StrEnum):
    """Where a conduct record is, from the invigilator's hand to the decision of the authority."""

    RECORDED = "recorded"
    SIGNED = "signed"
    NOTIFIED = "notified"
    REFERRED = "referred"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    REVERSED = "reversed"


CONDUCT_LABELS: dict[str, Text] = {
    ConductState.RECORDED: _l("Waiting for the witness"),
    ConductState.SIGNED: _l("Signed by both"),
    ConductState.NOTIFIED: _l("Notice given, candidate may speak"),
    ConductState.REFERRED: _l("Before the authority"),
    ConductState.UPHELD: _l("Consequence in force"),
    ConductState.DISMISSED: _l("Dismissed"),
    ConductState.REVERSED: _l("Undone on appeal"),
}

INVIGILATE = "exams.watch"
ORGANISE = "exams.organise"
SIT = "exams.sit"

EXTRA_TIME = Lifecycle[AskState](
    "extra_time",
    AskState.ASKED,
    (
        Move("approve", frozenset({AskState.ASKED}), AskState.APPROVED, ORGANISE, _l("Approve the extra time")),
        Move("refuse", frozenset({AskState.ASKED}), AskState.REFUSED, ORGANISE, _l("Refuse the extra time")),
        Move(
            "revoke",
            frozenset({AskState.ASKED, AskState.APPROVED}),
            AskState.REVOKED,
            INVIGILATE,
            _l("Revoke the extra time"),
        ),
    ),
)

CHANGE = Lifecycle[AskState](
    "session_change",
    AskState.ASKED,
    (
        Move("approve", frozenset({AskState.ASKED}), AskState.APPROVED, ORGANISE, _l("Approve the emergency change")),
        Move("refuse", frozenset({AskState.ASKED}), AskState.REFUSED, ORGANISE, _l("Refuse the emergency change")),
    ),
)

CONDUCT = Lifecycle[ConductState](
    "conduct_record",
    ConductState.RECORDED,
    (
        Move("sign", frozenset({ConductState.RECORDED}), ConductState.SIGNED, INVIGILATE, _l("Sign as the witness")),
        Move(
            "notify",
            frozenset({ConductState.SIGNED}),
            ConductState.NOTIFIED,
            ORGANISE,
            _l("Give notice of the consequence"),
        ),
        Move(
            "refer",
            frozenset({ConductState.NOTIFIED}),
            ConductState.REFERRED,
            ORGANISE,
            _l("Put the record before the authority"),
        ),
        Move(
            "uphold",
            frozenset({ConductState.REFERRED, ConductState.DISMISSED}),
            ConductState.UPHELD,
            None,
            _l("Put the consequence in force"),
        ),
        Move(
            "dismiss",
            frozenset({ConductState.SIGNED, ConductState.NOTIFIED, ConductState.REFERRED}),
            ConductState.DISMISSED,
            None,
            _l("Dismiss the record"),
        ),
        Move("reverse", frozenset({ConductState.UPHELD}), ConductState.REVERSED, None, _l("Undo the consequence")),
    ),
)

WAIT = Lifecycle[WaitState](
    "waiting_place",
    WaitState.WAITING,
    (
        Move("offer", frozenset({WaitState.WAITING}), WaitState.OFFERED, None, _l("Offer the free seat to the next")),
        Move(
            "accept",
            frozenset({WaitState.WAITING, WaitState.OFFERED}),
            WaitState.ACCEPTED,
            SIT,
            _l("Take the seat that is offered"),
        ),
        Move("decline", frozenset({WaitState.OFFERED}), WaitState.DECLINED, SIT, _l("Decline the seat")),
        Move("lapse", frozenset({WaitState.OFFERED}), WaitState.LAPSED, None, _l("Let an unanswered offer lapse")),
        Move("leave", frozenset({WaitState.WAITING}), WaitState.LEFT, SIT, _l("Leave the waiting list")),
        Move(
            "close",
            frozenset({WaitState.WAITING, WaitState.OFFERED}),
            WaitState.CLOSED,
            None,
            _l("Close the list as the papers are prepared"),
        ),
    ),
)
