"""The life of an award of a level."""

from enum import StrEnum

from app.core.states import Lifecycle, Move
from app.core.text import _l


class AwardState(StrEnum):
    """Where an award is; whether it has expired is derived from its dates."""

    PROPOSED = "proposed"
    AWARDED = "awarded"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


AWARD = Lifecycle[AwardState](
    "award",
    AwardState.PROPOSED,
    (
        Move(
            "award",
            frozenset({AwardState.PROPOSED}),
            AwardState.AWARDED,
            "certification.decide",
            _l("Award the level"),
        ),
        Move(
            "refuse",
            frozenset({AwardState.PROPOSED}),
            AwardState.REFUSED,
            "certification.decide",
            _l("Refuse the level"),
        ),
        Move(
            "withdraw",
            frozenset({AwardState.AWARDED}),
            AwardState.WITHDRAWN,
            "credentials.revoke",
            _l("Withdraw the level"),
        ),
        Move(
            "restore",
            frozenset({AwardState.WITHDRAWN}),
            AwardState.AWARDED,
            None,
            _l("Restore the level"),
        ),
    ),
)
