"""The life of a training base: from its application to its exit."""

from enum import StrEnum

from app.core.states import Lifecycle, Move
from app.core.text import _l


class BaseState(StrEnum):
    """Where a base is in its life; whether an accreditation has run out is derived from its dates."""

    APPLIED = "applied"
    ACCREDITED = "accredited"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    EXITED = "exited"


BASE = Lifecycle[BaseState](
    "training_base",
    BaseState.APPLIED,
    (
        Move(
            "accredit",
            frozenset({BaseState.APPLIED}),
            BaseState.ACCREDITED,
            "bases.decide",
            _l("Accredit the base"),
        ),
        Move(
            "refuse",
            frozenset({BaseState.APPLIED}),
            BaseState.REFUSED,
            "bases.decide",
            _l("Refuse the application"),
        ),
        Move(
            "apply_again",
            frozenset({BaseState.REFUSED, BaseState.EXITED}),
            BaseState.APPLIED,
            "bases.apply",
            _l("Apply again"),
        ),
        Move(
            "renew",
            frozenset({BaseState.ACCREDITED}),
            BaseState.ACCREDITED,
            "bases.decide",
            _l("Set a new period of accreditation"),
        ),
        Move(
            "suspend",
            frozenset({BaseState.ACCREDITED}),
            BaseState.SUSPENDED,
            "bases.decide",
            _l("Suspend the accreditation"),
        ),
        Move(
            "reinstate",
            frozenset({BaseState.SUSPENDED}),
            BaseState.ACCREDITED,
            "bases.decide",
            _l("Reinstate the accreditation"),
        ),
        Move(
            "reopen",
            frozenset({BaseState.REFUSED}),
            BaseState.APPLIED,
            None,
            _l("Open the application again after an upheld appeal"),
        ),
        Move(
            "restore",
            frozenset({BaseState.SUSPENDED, BaseState.EXITED}),
            BaseState.ACCREDITED,
            None,
            _l("Restore the accreditation after an upheld appeal"),
        ),
        Move(
            "exit",
            frozenset({BaseState.ACCREDITED, BaseState.SUSPENDED}),
            BaseState.EXITED,
            "bases.decide",
            _l("Order the base to exit"),
        ),
    ),
)
