"""The kinds of rules that rooms declare."""

from app.core.errors import InvalidError
from app.core.room import rooms
from app.core.text import _l
from app.rulebook.kinds import RuleKind


def kinds() -> dict[str, RuleKind]:
    """Return every kind of rule that a room declares, by name."""
    return {kind.name: kind for room in rooms() for kind in room.rule_kinds}


def kind(name: str) -> RuleKind:
    """Return a declared kind; raises InvalidError for any other."""
    found = kinds().get(name)
    if found is None:
        raise InvalidError(
            _l(
                "There is no kind of rule “%(kind)s”. Use one of: %(kinds)s.",
                kind=name,
                kinds=", ".join(sorted(kinds())),
            ),
            field="file",
        )
    return found
