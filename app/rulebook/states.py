"""Closed lists and the lifecycle of rule packs."""

from enum import StrEnum

from app.core.states import Lifecycle, Move
from app.core.text import _l


class Tag(StrEnum):
    """How sure the rule is: issued by an authority, or a sample to be set by one."""

    OFFICIAL = "official"
    SAMPLE = "sample"


class PackState(StrEnum):
    """Where a pack is in its life."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


PACK = Lifecycle[PackState](
    "rule_pack",
    PackState.DRAFT,
    (
        Move(
            "propose",
            frozenset({PackState.DRAFT}),
            PackState.PROPOSED,
            "rulebook.propose",
            _l("Propose for publication"),
        ),
        Move(
            "publish",
            frozenset({PackState.PROPOSED}),
            PackState.PUBLISHED,
            "rulebook.publish",
            _l("Confirm and publish"),
        ),
        Move(
            "return",
            frozenset({PackState.PROPOSED}),
            PackState.DRAFT,
            "rulebook.publish",
            _l("Return to draft"),
        ),
        Move(
            "withdraw",
            frozenset({PackState.DRAFT, PackState.PROPOSED}),
            PackState.WITHDRAWN,
            "rulebook.propose",
            _l("Withdraw the draft"),
        ),
    ),
)
