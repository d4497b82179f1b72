"""Who declared a relation to subjects before panels and meetings, as the rooms that know whom they concern tell."""

from collections.abc import Iterable

from app.core.events import Subject
from app.core.room import rooms
from app.panels.states import Conflict

Why = tuple[Conflict, str]
"""Why somebody must not judge, and where that is known from."""
Known = tuple[int, Conflict, str]
"""The key of a person, why they must not judge, and where that is known from."""


def known_against(about: Iterable[Subject]) -> dict[Subject, dict[int, Why]]:
    """Return by subject who (by key) declared a relation to it, and why that bars them."""
    wanted: dict[str, list[str]] = {}
    for one in about:
        wanted.setdefault(one.type, []).append(one.code)
    given = {kind: give for room in rooms() for kind, give in room.declared_against.items()}
    return {
        Subject(kind, code): {person: (why, source) for person, why, source in known}
        for kind, codes in wanted.items()
        if kind in given
        for code, known in given[kind](codes).items()
    }
