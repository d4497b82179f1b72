"""Closed lists and lifecycles of the panels room."""

from enum import StrEnum

from app.accounts.rules.bodies import Alike
from app.accounts.states import Kin
from app.cases.states import BY_NAME, DECLARED
from app.core.errors import Text
from app.core.states import Lifecycle, Move
from app.core.text import _l


class ExpertState(StrEnum):
    """Where an expert of a pool is; whether the term has run out is derived from its dates."""

    NOMINATED = "nominated"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    REFUSED = "refused"
    ADMITTED = "admitted"
    SUSPENDED = "suspended"


class Field(StrEnum):
    """What an expert judges by profession."""

    TRANSFER = "technology_transfer"
    ENGINEERING = "engineering"
    PROPERTY = "intellectual_property"
    FINANCE = "finance"
    LAW = "law"
    EDUCATION = "education"


FIELD_LABELS: dict[str, Text] = {
    Field.TRANSFER: _l("Technology transfer"),
    Field.ENGINEERING: _l("Engineering"),
    Field.PROPERTY: _l("Intellectual property"),
    Field.FINANCE: _l("Finance and investment"),
    Field.LAW: _l("Law"),
    Field.EDUCATION: _l("Education and training"),
}


class Title(StrEnum):
    """The title an expert holds."""

    FULL_SENIOR = "full_senior"
    SENIOR = "senior"
    INTERMEDIATE = "intermediate"


TITLE_LABELS: dict[str, Text] = {
    Title.FULL_SENIOR: _l("Full senior"),
    Title.SENIOR: _l("Associate senior"),
    Title.INTERMEDIATE: _l("Intermediate"),
}


class Composition(StrEnum):
    """Whether a committee reviews a whole series or one specialty of it."""

    SERIES = "series"
    SPECIALTY = "specialty"


COMPOSITION_LABELS: dict[str, Text] = {
    Composition.SERIES: _l("Whole series"),
    Composition.SPECIALTY: _l("One specialty"),
}


class CommitteeState(StrEnum):
    """Whether a committee is filed; whether the filing still holds is derived from its dates."""

    DRAFT = "draft"
    FILED = "filed"


class PanelState(StrEnum):
    """Where a draw is: commitments, then the published population with the reveals, then the panel."""

    PLANNED = "planned"
    PUBLISHED = "published"
    DRAWN = "drawn"


class SeatState(StrEnum):
    """What the draw and later recusals made of an expert of the population."""

    SEATED = "seated"
    SUBSTITUTE = "substitute"
    RECUSED = "recused"


class MeetingState(StrEnum):
    """The order of business of a meeting, up to minutes that can no longer change."""

    CALLED = "called"
    OPEN = "open"
    CLOSED = "closed"
    SIGNED = "signed"
    SEALED = "sealed"


class Conflict(StrEnum):
    """Why an expert must not judge a subject."""

    UNIT = "unit"
    KINSHIP = "kinship"
    COAUTHOR = "coauthor"
    STUDENT = "student"
    CONTRACT = "contract"
    DECLARED = "declared"
    IMPOSED = "imposed"


CONFLICT_LABELS: dict[str, Text] = {
    Conflict.UNIT: _l("Same unit"),
    Conflict.KINSHIP: _l("Kinship"),
    Conflict.COAUTHOR: _l("Joint authorship"),
    Conflict.STUDENT: _l("Teacher and student"),
    Conflict.CONTRACT: _l("Business or contract"),
    Conflict.DECLARED: _l("Declared by the expert"),
    Conflict.IMPOSED: _l("Imposed by the office"),
}
NOT_SERVING = "not-serving"
SOURCE_LABELS: dict[str, Text] = {
    "membership": _l("Both hold a role in one organisation"),
    "pool_expert.unit": _l("The unit that the expert gave for the pool"),
    "pool_expert.unit_written": _l("The unit that the expert gave for the pool, its name written otherwise"),
    "pool_expert.unit_part": _l("The unit that the expert gave for the pool belongs to the same whole by its name"),
    "organisation.whole": _l("Belongs to the body of which the organisation concerned is a part"),
    "organisation.part": _l("Belongs to a part of the organisation concerned"),
    "organisation.sibling": _l("Belongs to another part of the body above the organisation concerned"),
    "cohort": _l("Taught them in a cohort"),
    "evidence.work": _l("Both recorded the same work"),
    "evidence.contract": _l("Both recorded the same contract or patent"),
    "evidence.parties": _l("Works for a party of a contract"),
    "evidence.parties_written": _l("Works for a party of a contract, its name written otherwise"),
    "evidence.parties_part": _l("Works for the same whole as a party of a contract, by the names"),
    "evidence.party_code": _l("Holds a role in a party of a contract, by its credit code"),
    "title_application.person": _l("Is the applicant"),
    DECLARED: _l("Declaration of impartiality of the expert"),
    BY_NAME: _l("Declaration of impartiality: the same name, without a number"),
    NOT_SERVING: _l("Could not serve when a seat fell free: suspended, restricted, or the term was over"),
}
"""Where a conflict is known from, as the rooms name it; what people wrote as a reason stands as it is."""
UNIT_SOURCES = {
    Alike.SAME: "pool_expert.unit",
    Alike.WRITTEN: "pool_expert.unit_written",
    Alike.PART: "pool_expert.unit_part",
}
PARTY_SOURCES = {
    Alike.SAME: "evidence.parties",
    Alike.WRITTEN: "evidence.parties_written",
    Alike.PART: "evidence.parties_part",
}
"""Where it is known from that an expert works for a body or a party, by how its name was written."""
KIN_SOURCES = {
    Kin.WHOLE: "organisation.whole",
    Kin.PART: "organisation.part",
    Kin.SIBLING: "organisation.sibling",
}
"""Where it is known from that an expert belongs to a body above, below or beside one concerned."""

EXPERT = Lifecycle[ExpertState](
    "pool_expert",
    ExpertState.NOMINATED,
    (
        Move("accept", frozenset({ExpertState.NOMINATED}), ExpertState.ACCEPTED, None, _l("Accept the nomination")),
        Move("decline", frozenset({ExpertState.NOMINATED}), ExpertState.DECLINED, None, _l("Decline the nomination")),
        Move("admit", frozenset({ExpertState.ACCEPTED}), ExpertState.ADMITTED, "panels.admit", _l("Admit to the pool")),
        Move("refuse", frozenset({ExpertState.ACCEPTED}), ExpertState.REFUSED, "panels.admit", _l("Refuse admission")),
        Move("suspend", frozenset({ExpertState.ADMITTED}), ExpertState.SUSPENDED, "panels.admit", _l("Suspend")),
        Move(
            "reinstate",
            frozenset({ExpertState.SUSPENDED}),
            ExpertState.ADMITTED,
            "panels.admit",
            _l("End the suspension"),
        ),
        Move(
            "nominate_again",
            frozenset({ExpertState.DECLINED, ExpertState.REFUSED, ExpertState.ADMITTED}),
            ExpertState.NOMINATED,
            "panels.nominate",
            _l("Nominate again"),
        ),
    ),
)
COMMITTEE = Lifecycle[CommitteeState](
    "committee",
    CommitteeState.DRAFT,
    (
        Move("file", frozenset({CommitteeState.DRAFT}), CommitteeState.FILED, "panels.admit", _l("File the committee")),
        Move(
            "renew",
            frozenset({CommitteeState.FILED}),
            CommitteeState.DRAFT,
            "panels.organise",
            _l("Prepare a new filing"),
        ),
    ),
)
PANEL = Lifecycle[PanelState](
    "panel",
    PanelState.PLANNED,
    (
        Move(
            "publish",
            frozenset({PanelState.PLANNED}),
            PanelState.PUBLISHED,
            "panels.organise",
            _l("Publish the population"),
        ),
        Move("draw", frozenset({PanelState.PUBLISHED}), PanelState.DRAWN, None, _l("Draw the panel")),
        Move(
            "start_over",
            frozenset({PanelState.PUBLISHED}),
            PanelState.PLANNED,
            "panels.organise",
            _l("Void this attempt and start over"),
        ),
    ),
)
SEAT = Lifecycle[SeatState](
    "panel_seat",
    SeatState.SUBSTITUTE,
    (
        Move("seat", frozenset({SeatState.SUBSTITUTE}), SeatState.SEATED, "panels.organise", _l("Take the seat")),
        Move(
            "recuse",
            frozenset({SeatState.SEATED, SeatState.SUBSTITUTE}),
            SeatState.RECUSED,
            "panels.organise",
            _l("Recuse from the panel"),
        ),
        Move(
            "come_back",
            frozenset({SeatState.RECUSED}),
            SeatState.SUBSTITUTE,
            None,
            _l("Back among the substitutes: another person was meant"),
        ),
    ),
)
MEETING = Lifecycle[MeetingState](
    "meeting",
    MeetingState.CALLED,
    (
        Move("open", frozenset({MeetingState.CALLED}), MeetingState.OPEN, "panels.organise", _l("Open the meeting")),
        Move("close", frozenset({MeetingState.OPEN}), MeetingState.CLOSED, "panels.organise", _l("Close the meeting")),
        Move("sign", frozenset({MeetingState.CLOSED}), MeetingState.SIGNED, "panels.sit", _l("Sign the minutes")),
        Move("seal", frozenset({MeetingState.SIGNED}), MeetingState.SEALED, "panels.organise", _l("Seal the minutes")),
    ),
)
