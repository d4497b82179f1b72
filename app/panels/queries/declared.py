"""Who declared a relation to subjects before panels and meetings, as the rooms that know whom they concern tell."""

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select

from app.cases.states import BY_NAME
from app.core.db import session
from app.core.events import Subject
from app.core.room import rooms
from app.panels.models.draws import Recusal
from app.panels.queries import scope
from app.panels.states import Conflict

Why = tuple[Conflict, str]
"""Why somebody must not judge, and where that is known from."""
Known = tuple[int, Conflict, str]
"""The key of a person, why they must not judge, and where that is known from."""


def known_against(about: Iterable[Subject]) -> dict[Subject, dict[int, Why]]:
    """Return by subject who (by key) declared a relation to it, and why that bars them.

    What rests on a name alone gives way to what is sure, and is left out where the office found another person.
    """
    wanted: dict[str, list[str]] = {}
    for one in about:
        wanted.setdefault(one.type, []).append(one.code)
    given = {kind: give for room in rooms() for kind, give in room.declared_against.items()}
    told = {
        Subject(kind, code): sorted(known, key=lambda one: one[2] != BY_NAME)
        for kind, codes in wanted.items()
        if kind in given
        for code, known in given[kind](codes).items()
    }
    others = _found_to_be_others(wanted)
    return {
        about: {
            person: (why, source)
            for person, why, source in known
            if source != BY_NAME or (person, about.code) not in others
        }
        for about, known in told.items()
    }


def _found_to_be_others(wanted: Mapping[str, Collection[str]]) -> set[tuple[int, str]]:
    """Return who (by key) was found to mean somebody else than a subject (its code) concerns."""
    codes = {code for codes in wanted.values() for code in codes}
    query = select(Recusal.person_id, Recusal.subject_code).where(Recusal.subject_code.in_(codes), ~scope.holds())
    return {(person, code) for person, code in session.execute(query)} if codes else set()
