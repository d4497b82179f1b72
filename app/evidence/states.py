"""Closed lists and lifecycles of evidence, its imports and its sample audits."""

from enum import StrEnum

from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class Kind(StrEnum):
    """What a piece of evidence is."""

    CONTRACT = "contract"
    REGISTRATION = "registration"
    INVOICE = "invoice"
    RECEIPT = "receipt"
    SERVICE = "service"
    WORK = "work"
    PATENT = "patent"
    AWARD = "award"
    TRAINING = "training"


PAPERS = frozenset({Kind.REGISTRATION, Kind.INVOICE, Kind.RECEIPT})
"""What is linked to a technology contract and proves nothing without it."""


class State(StrEnum):
    """Where a record is; a checked one is never changed, only withdrawn or superseded by a new version."""

    DRAFT = "draft"
    DECLARED = "declared"
    CONFIRMED = "confirmed"
    CHECKED = "checked"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"


ENTERING, ENTERING_FOR_PEOPLE = "evidence.enter", "evidence.enter_for_people"
CHECKING, CHECKING_FOR_BODY = "evidence.check", "evidence.check_for_body"
"""What a restriction closes: entering and checking, each of a person and of an organisation."""
LIVE = frozenset({State.DECLARED, State.CONFIRMED, State.CHECKED})
"""States in which a record claims something: its share counts, its number is taken."""
OPEN = frozenset({State.DECLARED, State.CONFIRMED})
"""States that wait for a checker."""


class Entry(StrEnum):
    """The way a record came into the ledger."""

    PERSON = "person"
    ORGANISATION = "organisation"
    IMPORT = "import"
    API = "api"


class Answer(StrEnum):
    """What the counterparty said."""

    CONFIRMED = "confirmed"
    DISPUTED = "disputed"


class ImportState(StrEnum):
    """Where an import is: staged rows are taken over all or none."""

    STAGED = "staged"
    COMMITTED = "committed"
    DISCARDED = "discarded"


class Finding(StrEnum):
    """What a sample audit found of one record."""

    CONFORMS = "conforms"
    DEFECT = "defect"
    UNCLEAR = "unclear"


KIND_LABELS: dict[Kind, Text] = {
    Kind.CONTRACT: _l("Technology contract"),
    Kind.REGISTRATION: _l("Contract registration certificate"),
    Kind.INVOICE: _l("Service-fee invoice"),
    Kind.RECEIPT: _l("Bank receipt"),
    Kind.SERVICE: _l("Service rendered"),
    Kind.WORK: _l("Work"),
    Kind.PATENT: _l("Patent operated"),
    Kind.AWARD: _l("Award"),
    Kind.TRAINING: _l("Training given"),
}
STATE_LABELS: dict[State, Text] = {
    State.DRAFT: _l("Draft"),
    State.DECLARED: _l("Declared"),
    State.CONFIRMED: _l("Confirmed"),
    State.CHECKED: _l("Checked"),
    State.REJECTED: _l("Check not passed"),
    State.WITHDRAWN: _l("Withdrawn"),
    State.SUPERSEDED: _l("Superseded"),
}
FINDING_LABELS: dict[Finding, Text] = {
    Finding.CONFORMS: _l("Conforms to the papers"),
    Finding.DEFECT: _l("Does not conform"),
    Finding.UNCLEAR: _l("Cannot be decided"),
}

EVIDENCE = Lifecycle[State](
    "evidence",
    State.DRAFT,
    (
        Move("declare", frozenset({State.DRAFT}), State.DECLARED, None, _l("Declare the record")),
        Move("confirm", frozenset({State.DECLARED}), State.CONFIRMED, None, _l("Confirm")),
        Move("check", OPEN, State.CHECKED, "evidence.check", _l("Confirm the check")),
        Move("reject", OPEN, State.REJECTED, None, _l("Reject the record")),
        Move(
            "withdraw",
            LIVE,
            State.WITHDRAWN,
            None,
            _l("Withdraw the record"),
        ),
        Move("supersede", LIVE, State.SUPERSEDED, None, _l("Supersede by the new version")),
    ),
)

IMPORT = Lifecycle[ImportState](
    "evidence_import",
    ImportState.STAGED,
    (
        Move("commit", frozenset({ImportState.STAGED}), ImportState.COMMITTED, "evidence.enter", _l("Take over")),
        Move("discard", frozenset({ImportState.STAGED}), ImportState.DISCARDED, "evidence.enter", _l("Discard")),
    ),
)
