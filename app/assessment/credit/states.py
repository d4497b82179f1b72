"""Closed lists of the credit room, and the lives of a record and of an application for repair."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class Polarity(StrEnum):
    """Whether a record speaks for a person or against them."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class Gravity(StrEnum):
    """The classes of dishonest conduct (NDRC Order 36, in force from 2026-04-01)."""

    MINOR = "minor"
    ORDINARY = "ordinary"
    SERIOUS = "serious"


POLARITY_LABELS: dict[Polarity, Text] = {
    Polarity.POSITIVE: _l("Positive record"),
    Polarity.NEGATIVE: _l("Negative record"),
}
GRAVITY_LABELS: dict[Gravity, Text] = {
    Gravity.MINOR: _l("Minor"),
    Gravity.ORDINARY: _l("Ordinary"),
    Gravity.SERIOUS: _l("Serious"),
}


class RecordState(StrEnum):
    """Where a record is; whether it is published or has run out is derived from its dates."""

    ENTERED = "entered"
    REJECTED = "rejected"
    CONFIRMED = "confirmed"
    CORRECTED = "corrected"
    WITHDRAWN = "withdrawn"
    REPAIRED = "repaired"


STATE_LABELS: dict[RecordState, Text] = {
    RecordState.ENTERED: _l("Waiting for the second officer"),
    RecordState.REJECTED: _l("Not confirmed"),
    RecordState.CONFIRMED: _l("Confirmed"),
    RecordState.CORRECTED: _l("Replaced by a correction"),
    RecordState.WITHDRAWN: _l("Record withdrawn"),
    RecordState.REPAIRED: _l("Repaired"),
}
STATE_TONES: dict[RecordState, str] = {
    RecordState.ENTERED: "waiting",
    RecordState.REJECTED: "done",
    RecordState.CONFIRMED: "info",
    RecordState.CORRECTED: "done",
    RecordState.WITHDRAWN: "done",
    RecordState.REPAIRED: "good",
}
KNOWN_STATES = (RecordState.CONFIRMED, RecordState.CORRECTED, RecordState.WITHDRAWN, RecordState.REPAIRED)
"""States of records that were confirmed once, and so were known from then on."""
WORK = "credit.record"
RECORD = Lifecycle[RecordState](
    "credit_record",
    RecordState.ENTERED,
    (
        Move("confirm", frozenset({RecordState.ENTERED}), RecordState.CONFIRMED, WORK, _l("Confirm the record")),
        Move("reject", frozenset({RecordState.ENTERED}), RecordState.REJECTED, WORK, _l("Do not confirm the record")),
        Move("correct", frozenset({RecordState.CONFIRMED}), RecordState.CORRECTED, None, _l("Replace the record")),
        Move(
            "withdraw",
            frozenset({RecordState.CONFIRMED, RecordState.REPAIRED}),
            RecordState.WITHDRAWN,
            None,
            _l("Withdraw the credit record"),
        ),
        Move("repair", frozenset({RecordState.CONFIRMED}), RecordState.REPAIRED, WORK, _l("Grant the repair")),
    ),
)


class RepairState(StrEnum):
    """Where an application for credit repair is."""

    APPLIED = "applied"
    GRANTED = "granted"
    REFUSED = "refused"


REPAIR_LABELS: dict[RepairState, Text] = {
    RepairState.APPLIED: _l("Repair applied for"),
    RepairState.GRANTED: _l("Repair granted"),
    RepairState.REFUSED: _l("Repair refused"),
}
REPAIR = Lifecycle[RepairState](
    "credit_repair",
    RepairState.APPLIED,
    (
        Move("grant", frozenset({RepairState.APPLIED}), RepairState.GRANTED, WORK, _l("Grant the repair")),
        Move("refuse", frozenset({RepairState.APPLIED}), RepairState.REFUSED, WORK, _l("Refuse the repair")),
    ),
)


class DoubtState(StrEnum):
    """Where the second look at a record is whose evidence was withdrawn or replaced."""

    OPEN = "open"
    PROPOSED = "proposed"
    SETTLED = "settled"


class Proposal(StrEnum):
    """What becomes of a record whose evidence ended; a correction is entered as one and settles the doubt as well."""

    WITHDRAW = "withdraw"
    KEEP = "keep"


DOUBT_LABELS: dict[DoubtState, Text] = {
    DoubtState.OPEN: _l("Evidence behind it ended"),
    DoubtState.PROPOSED: _l("Waits for the second officer"),
    DoubtState.SETTLED: _l("Settled"),
}
PROPOSAL_LABELS: dict[Proposal, Text] = {
    Proposal.WITHDRAW: _l("Withdraw the credit record"),
    Proposal.KEEP: _l("Let the record stand, on the new version of the evidence where there is one"),
}
DOUBT = Lifecycle[DoubtState](
    "credit_doubt",
    DoubtState.OPEN,
    (
        Move("propose", frozenset({DoubtState.OPEN}), DoubtState.PROPOSED, WORK, _l("Propose what becomes of it")),
        Move("approve", frozenset({DoubtState.PROPOSED}), DoubtState.SETTLED, WORK, _l("Agree as the second officer")),
        Move("return", frozenset({DoubtState.PROPOSED}), DoubtState.OPEN, WORK, _l("Do not agree")),
        Move(
            "lapse",
            frozenset({DoubtState.OPEN, DoubtState.PROPOSED}),
            DoubtState.SETTLED,
            None,
            _l("The record ended otherwise"),
        ),
    ),
)
